/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the chip does for its peripherals (periph.h, models.h), and what the bench does to its pins. */
#include "sim/chip_priv.h"
#include "sim/models.h"
#include "sim/nvm.h"

#include <string.h>

uint64_t periph_now(const struct periph *p)
{
    return chip_now(p->chip);
}

void periph_due(struct periph *p, uint64_t ns)
{
    uint64_t now = chip_now(p->chip) + p->chip->in_event; /* an event never leads to one of the same moment: time goes on */
    p->chip->due[p->index] = ns < now ? now : ns;
    if (ns != PERIPH_NEVER)
        chip_replan(p->chip, p->chip->due[p->index]);
}

void periph_irq(struct periph *p, unsigned irq, bool level)
{
    cpu_irq_set(p->chip->cpu, irq, level);
}

void periph_nmi(struct periph *p)
{
    struct chip *c = p->chip;
    cpu_nmi_set(c->cpu, true);
    chip_told(c, CHIP_FAULT_NMI_ECC, c->in_cpu ? cpu_pc(c->cpu) : 0);
}

void periph_nmi_clear(struct periph *p)
{
    cpu_nmi_set(p->chip->cpu, false);
}

uint32_t periph_hz(const struct periph *p, enum periph_clock which)
{
    return rcc_hz(p->chip->rcc, which);
}

uint32_t periph_uart_hz(const struct periph *p, unsigned unit)
{
    return rcc_uart_hz(p->chip->rcc, unit);
}

uint32_t periph_hse(const struct periph *p)
{
    return p->chip->hse_hz;
}

bool periph_clocked(const struct periph *p)
{
    return p->chip->clocked[p->index];
}

void periph_gates(struct periph *p)
{
    struct chip *c = p->chip;
    for (unsigned i = 0; i < c->periphs; i++) {
        const struct periph_site *s = c->periph[i].site;
        c->clocked[i] = !s->enable || rcc_enabled(c->rcc, s->enable, s->bit);
    }
}

void periph_restart(struct periph *p, enum chip_reset cause)
{
    struct chip *c = p->chip;
    if (!c->restart)
        c->restart = (int)cause + 1;
    if (c->in_cpu)
        cpu_stop(c->cpu);
}

uint64_t periph_random(struct periph *p)
{
    return rng_u64(&p->chip->dev_rng);
}

uint32_t periph_merge(uint32_t old, uint32_t value, uint32_t mask, uint32_t writable)
{
    mask &= writable;
    return (old & ~mask) | (value & mask);
}

void periph_report(struct periph *p, uint32_t offset, uint32_t value, const char *why)
{
    chip_report(p->chip, p->site->base + offset, true, 4, value, why);
}

/* --- clocks --- */

static const uint32_t frequency_limit[2][5] = { /* by wait states; RM0351 §3.3.3 table 12 */
    {16000000, 32000000, 48000000, 64000000, 80000000}, {6000000, 12000000, 18000000, 26000000, 26000000}};

void periph_clock_tree(struct periph *p, uint32_t hclk)
{
    struct chip *c = p->chip;
    if (c->powered && hclk != c->ticks.hz) {
        ticks_change(&c->ticks, cpu_cycles(c->cpu), hclk);
        chip_replan(c, c->next_due);
    }
    unsigned range = periph_voltage_range(p), ws = periph_wait_states(p);
    if (hclk > frequency_limit[range == 2][ws > 4 ? 4 : ws])
        periph_report(p, 0x08, hclk, ws < 4 ? "latency" : "clock");
    for (unsigned i = 0; i < c->periphs; i++)
        if (c->periph[i].model && c->periph[i].model->clocks)
            c->periph[i].model->clocks(&c->periph[i]);
}

void periph_reset_unit(struct periph *p, unsigned rstr, uint32_t bits)
{
    struct chip *c = p->chip;
    for (unsigned i = 0; i < c->periphs; i++) {
        struct periph *q = &c->periph[i];
        if (!q->model || !q->site->enable || q->site->enable != rstr + 0x20 || !(bits >> q->site->bit & 1))
            continue;
        c->due[i] = PERIPH_NEVER;
        q->model->reset(q, PERIPH_RCC);
    }
}

bool periph_backup_open(const struct periph *p)
{
    return pwr_backup_open(p->chip->pwr);
}

unsigned periph_voltage_range(const struct periph *p)
{
    return pwr_range(p->chip->pwr);
}

unsigned periph_wait_states(const struct periph *p)
{
    return flashctl_latency(p->chip->flashctl);
}

void periph_lsi_forced(struct periph *p)
{
    rcc_lsi_forced(p->chip->rcc);
}

uint32_t periph_rtc_hz(const struct periph *p)
{
    enum { LSE_HZ = 32768 };
    uint32_t hz = rcc_rtc_hz(p->chip->rcc);
    return p->chip->powered || hz == LSE_HZ ? hz : 0;
}

void periph_domain_reset(struct periph *p)
{
    rtc_domain_reset(p->chip->rtc);
}

/* RM0351 §5.3: with SCR.SLEEPDEEP a sleep is Stop, from which the core wakes with the clocks of its reset. Standby and Shutdown end in a
 * reset on silicon; here they are told and taken as Stop. */
bool chip_stop_mode(struct chip *c)
{
    enum { SLEEPDEEP = 4, STANDBY = 3 };
    uint64_t entered = cpu_instructions(c->cpu);
    if (!(cpu_special(c->cpu, CPU_SCR) & SLEEPDEEP))
        return false;
    if (c->stop_entered == entered)
        return true;
    c->stop_entered = entered;
    if (pwr_low_power(c->pwr) >= STANDBY)
        chip_report(c, 0xE000ED10, true, 4, cpu_special(c->cpu, CPU_SCR), "standby");
    rcc_enter_stop(c->rcc);
    return true;
}

/* --- pins --- */

bool periph_pin_af(const struct periph *p, char port, unsigned pin, unsigned af)
{
    const struct periph *g = p->chip->gpio[port - 'A'];
    return periph_clocked(g) && gpio_af(g, pin, af);
}

void periph_pin_out(struct periph *p, unsigned pin, bool level)
{
    struct chip *c = p->chip;
    if (c->hooks.gpio)
        c->hooks.gpio(c->hooks.ctx, (char)('A' + p->site->unit), pin, level, chip_now(c));
}

void periph_pin_edge(struct periph *p, unsigned pin, bool level)
{
    exti_edge(p->chip->exti, p->site->unit, pin, level);
}

unsigned periph_exti_port(const struct periph *p, unsigned line)
{
    return syscfg_exti_port(p->chip->syscfg, line);
}

void chip_gpio_in(struct chip *c, char port, unsigned pin, int level)
{
    if (port >= 'A' && port <= 'H' && pin < 16)
        gpio_drive(c->gpio[port - 'A'], pin, level);
}

/* --- DMA --- */

bool periph_dma(struct periph *p, unsigned controller, unsigned channel, unsigned select)
{
    return dma_request(p->chip->dma[controller - 1], channel, select);
}

void periph_dma_ready(struct periph *p)
{
    for (unsigned i = 1; i < CHIP_UARTS; i++)
        usart_dma(p->chip->uart[i]);
}

/* --- serial lines --- */

void periph_uart_out(struct periph *p, uint8_t byte)
{
    struct chip *c = p->chip;
    if (c->hooks.uart_tx)
        c->hooks.uart_tx(c->hooks.ctx, p->site->unit, byte, chip_now(c));
}

static struct periph *uart_of(const struct chip *c, unsigned uart)
{
    return uart < CHIP_UARTS ? c->uart[uart] : NULL;
}

uint64_t chip_uart_send(struct chip *c, unsigned uart, const uint8_t *bytes, size_t n, uint32_t baud)
{
    struct periph *p = uart_of(c, uart);
    return p && baud ? usart_send(p, bytes, n, baud) : chip_now(c);
}

size_t chip_uart_pending(const struct chip *c, unsigned uart)
{
    const struct periph *p = uart_of(c, uart);
    return p ? usart_pending(p) : 0;
}

bool chip_uart_ready(const struct chip *c, unsigned uart)
{
    const struct periph *p = uart_of(c, uart);
    return p && c->powered && usart_ready(p);
}

uint32_t chip_uart_baud(const struct chip *c, unsigned uart)
{
    const struct periph *p = uart_of(c, uart);
    return p && c->powered ? usart_baud(p) : 0;
}

void chip_uart_flush(struct chip *c, unsigned uart)
{
    struct periph *p = uart_of(c, uart);
    if (p)
        usart_flush(p);
}

void chip_uart_listen(struct chip *c, unsigned uart, uint32_t baud)
{
    struct periph *p = uart_of(c, uart);
    if (p)
        usart_listen(p, baud);
}

/* --- the rest of the board --- */

void chip_unique_id(struct chip *c, const uint32_t id[3])
{
    memcpy(c->id, id, sizeof c->id);
}

void chip_hse(struct chip *c, uint32_t hz)
{
    c->hse_hz = hz;
}

uint32_t chip_hclk(const struct chip *c)
{
    return c->ticks.hz;
}

bool periph_bank_swap(const struct periph *p)
{
    return p->chip->bank_swap;
}

void periph_event(struct periph *p)
{
    cpu_event(p->chip->cpu);
}

void periph_remap(struct periph *p, unsigned mem_mode, bool bank_swap)
{
    struct chip *c = p->chip;
    if (c->mem_mode == mem_mode && c->bank_swap == bank_swap)
        return;
    c->mem_mode = mem_mode;
    c->bank_swap = bank_swap;
    chip_bus_map(c);
}

void periph_sram2_erase(struct periph *p)
{
    memset(p->chip->sram2, 0, CHIP_SRAM2_SIZE);
    cpu_invalidate(p->chip->cpu, CHIP_SRAM2, CHIP_SRAM2_SIZE);
}
