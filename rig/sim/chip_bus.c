/* SPDX-License-Identifier: GPL-3.0-or-later
 * The bus matrix: what answers at which address (RM0351 §2.2), and the reports of what nothing answers. */
#include "sim/chip_priv.h"
#include "sim/models.h"
#include "sim/nvm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SYSTEM = 0x1FFF0000, BLOCK = 1024, BLOCKS = 400 };
static const uint32_t slot_base[3] = {0x40000000, 0x48000000, 0x50000000};

static int periph_at(const struct chip *c, uint32_t addr)
{
    unsigned i = 0;
    for (unsigned k = 0; k < 3; k++) {
        uint32_t block = (addr - slot_base[k]) / BLOCK;
        if (block < BLOCKS && addr >= slot_base[k]) {
            i = c->slot[k][block];
            if (!i--)
                return -1;
            break;
        }
    }
    for (; i < chip_sites_n && chip_sites[i].base <= addr; i++)
        if (addr - chip_sites[i].base < chip_sites[i].size)
            return (int)i;
    return -1;
}

static void index_sites(struct chip *c)
{
    for (unsigned i = chip_sites_n; i-- > 0;)
        for (unsigned k = 0; k < 3; k++)
            for (uint32_t at = chip_sites[i].base; at - chip_sites[i].base < chip_sites[i].size; at += BLOCK)
                if (at >= slot_base[k] && (at - slot_base[k]) / BLOCK < BLOCKS)
                    c->slot[k][(at - slot_base[k]) / BLOCK] = (uint8_t)(i + 1);
}

/* --- reports --- */

bool chip_first(struct chip *c, uint64_t key)
{
    key |= 1; /* 0 marks a free place */
    unsigned at = (unsigned)(key * 0x9e3779b97f4a7c15u >> 32) % (2 * CHIP_SITES);
    for (; c->seen[at]; at = (at + 1) % (2 * CHIP_SITES))
        if (c->seen[at] == key)
            return false;
    if (c->seen_n == CHIP_SITES)
        return false; /* a program that walks through address space: what was told is enough */
    c->seen[at] = key;
    c->seen_n++;
    return true;
}

static void report(struct chip *c, const struct chip_access *a)
{
    if (c->hooks.access && chip_first(c, rng_mix(a->pc, a->addr, a->write)))
        c->hooks.access(c->hooks.ctx, a);
}

void chip_report(struct chip *c, uint32_t addr, bool write, unsigned size, uint32_t value, const char *why)
{
    struct chip_access a = {
        .addr = addr, .pc = c->in_cpu ? cpu_pc(c->cpu) : 0, .value = value, .write = write, .size = size, .why = why};
    report(c, &a);
}

void chip_scs(void *ctx, uint32_t addr, bool write, uint32_t value)
{
    chip_report(ctx, addr, write, 4, value, "scs");
}

void periph_odd(struct periph *p, const char *why)
{
    if (!p->chip->in_access)
        return;
    p->chip->access.why = why;
    p->chip->access.pc = p->chip->in_cpu ? cpu_pc(p->chip->cpu) : 0;
    report(p->chip, &p->chip->access);
}

void periph_fail(struct periph *p)
{
    p->chip->access_failed = p->chip->in_access;
}

/* --- system memory --- */

/* Unique id, flash size, package, calibration (RM0351 §48, DS10198 §3.15), option bytes (RM0351 §3.4.1: each word with its
 * complement). */
static uint32_t system_word(struct chip *c, uint32_t addr)
{
    if (addr >= 0x1FFF7590 && addr < 0x1FFF759C)
        return c->id[(addr - 0x1FFF7590) / 4];
    if (addr >= 0x1FFF7800 && addr < 0x1FFF7828) {
        static const uint8_t reg[] = {0x20, 0x24, 0x28, 0x2C, 0x30};
        uint32_t v = flashctl_option(c->flashctl, reg[(addr - 0x1FFF7800) / 8]);
        return addr & 4 ? ~v : v;
    }
    if (addr >= 0x1FFFF800 && addr < 0x1FFFF828) {
        static const uint8_t reg[] = {0x20, 0x44, 0x48, 0x4C, 0x50};
        uint32_t v = flashctl_option(c->flashctl, reg[(addr - 0x1FFFF800) / 8]);
        return addr & 4 ? ~v : v;
    }
    switch (addr) {
    case 0x1FFF7500: return 0;                    /* package: LQFP64 */
    case 0x1FFF75E0: return 0xFFFF0000u | 1024;   /* flash size in KB, 16 bits */
    case 0x1FFF75A8: return 1655u << 16 | 1037u;  /* VREFINT 1.212 V at 3.0 V, TS_CAL1: typical values of the data sheet */
    case 0x1FFF75C8: return 1382u << 16 | 0xFFFF; /* TS_CAL2 */
    default: return 0xFFFFFFFF;
    }
}

static enum cpu_bus system_load(struct chip *c, uint32_t addr, unsigned size, uint32_t *value)
{
    if (addr - CHIP_OTP < CHIP_OTP_SIZE)
        return chip_nvm_load(c, addr, size, value);
    bool data = addr >= 0x1FFF7400 && addr < 0x1FFF8000;
    if (!data && !(addr >= 0x1FFFF800 && addr < 0x1FFFF828))
        chip_report(c, addr, false, size, 0, "unmodelled"); /* the system bootloader */
    else
        *value = system_word(c, addr & ~3u) >> 8 * (addr & 3);
    return CPU_BUS_OK;
}

/* --- the core's callbacks --- */

static bool gone(const struct chip *c)
{
    return !c->powered || c->restart; /* the rest of an instruction that power or a reset has overtaken */
}

static enum cpu_bus nothing(struct chip *c, uint32_t addr, bool write, unsigned size, uint32_t value)
{
    bool periph = addr >= 0x40000000 && addr < 0x60000000;
    chip_report(c, addr, write, size, value, periph ? "reserved" : "bus-error");
    return periph ? CPU_BUS_OK : CPU_BUS_ERROR;
}

/* Opens an access to a peripheral; NULL when it is answered already. Polling loops come here for one register again and again. */
static struct periph *open_access(struct chip *c, uint32_t addr, bool write, unsigned size, uint32_t value, enum cpu_bus *answer)
{
    struct periph *p = c->last;
    *answer = CPU_BUS_OK;
    if (!p || addr - p->site->base >= p->site->size) {
        int i = periph_at(c, addr);
        if (i < 0) {
            *answer = nothing(c, addr, write, size, value);
            return NULL;
        }
        c->last = p = &c->periph[i];
    }
    if (!c->clocked[p->index] || !p->model) {
        chip_report(c, addr, write, size, value, c->clocked[p->index] ? "unmodelled" : "unclocked");
        return NULL;
    }
    c->access.addr = addr;
    c->access.value = value;
    c->access.write = write;
    c->access.size = size;
    c->in_access = true;
    c->access_failed = false;
    return p;
}

static enum cpu_bus close_access(struct chip *c)
{
    c->in_access = false;
    return c->access_failed ? CPU_BUS_ERROR : CPU_BUS_OK;
}

static enum cpu_bus bus_load(void *ctx, uint32_t addr, unsigned size, uint32_t *value)
{
    struct chip *c = ctx;
    enum cpu_bus answer;
    *value = 0;
    if (gone(c))
        return CPU_BUS_OK;
    if (addr < 0x40000000) {
        if (chip_nvm_offset(c, addr) != UINT32_MAX)
            return chip_nvm_load(c, addr, size, value);
        if (addr >= SYSTEM && addr < SYSTEM + 0x10000)
            return system_load(c, addr, size, value);
    }
    struct periph *p = open_access(c, addr, false, size, 0, &answer);
    if (!p)
        return answer;
    *value = p->model->load(p, (addr - p->site->base) & ~3u) >> 8 * (addr & 3);
    return close_access(c);
}

static enum cpu_bus bus_store(void *ctx, uint32_t addr, unsigned size, uint32_t value)
{
    struct chip *c = ctx;
    enum cpu_bus answer;
    if (gone(c))
        return CPU_BUS_OK;
    uint32_t offset = chip_nvm_offset(c, addr);
    if (offset == UINT32_MAX && addr - CHIP_OTP < CHIP_OTP_SIZE)
        offset = addr - CHIP_FLASH;
    if (offset != UINT32_MAX) {
        flashctl_write(c->flashctl, offset, size, value);
        return CPU_BUS_OK;
    }
    struct periph *p = open_access(c, addr, true, size, value, &answer);
    if (!p)
        return answer;
    uint32_t lanes = size == 4 ? 0xffffffffu : ((1u << 8 * size) - 1) << 8 * (addr & 3);
    p->model->store(p, (addr - p->site->base) & ~3u, value << 8 * (addr & 3), lanes);
    return close_access(c);
}

static enum cpu_bus bus_fetch(void *ctx, uint32_t addr, uint16_t *halfword)
{
    struct chip *c = ctx;
    uint32_t v = 0;
    *halfword = 0xBF00; /* NOP: what the core sees of an instruction that will not matter any more */
    if (gone(c))
        return CPU_BUS_OK;
    if (chip_nvm_offset(c, addr) == UINT32_MAX) {
        chip_report(c, addr, false, 2, 0, "bus-error");
        return CPU_BUS_ERROR; /* includes the system bootloader, which is not ours to execute */
    }
    enum cpu_bus answer = chip_nvm_load(c, addr, 2, &v);
    if (!gone(c))
        *halfword = (uint16_t)v;
    return answer;
}

const struct cpu_bus_ops chip_bus_ops = {.load = bus_load, .store = bus_store, .fetch = bus_fetch};

/* --- other bus masters: what a DMA channel can reach; never a DMA controller, or two of them could feed each other for ever ---
 */

static bool reachable(uint32_t addr, unsigned size)
{
    return addr % size == 0 && addr - 0x40020000 >= 0x800;
}

static uint8_t *sram_at(struct chip *c, uint32_t addr, unsigned size)
{
    if (addr - CHIP_SRAM1 <= CHIP_SRAM1_SIZE - size)
        return c->sram1 + (addr - CHIP_SRAM1);
    return addr - CHIP_SRAM2 <= CHIP_SRAM2_SIZE - size ? c->sram2 + (addr - CHIP_SRAM2) : NULL;
}

bool periph_bus_load(struct periph *p, uint32_t addr, unsigned size, uint32_t *value)
{
    struct chip *c = p->chip;
    uint8_t *m = sram_at(c, addr, size);
    *value = 0;
    if (m) {
        for (unsigned i = 0; i < size; i++)
            *value |= (uint32_t)m[i] << 8 * i;
        return true;
    }
    struct chip_access outer = c->access;
    bool in = c->in_access, failed = c->access_failed;
    bool good = reachable(addr, size) && bus_load(c, addr, size, value) == CPU_BUS_OK;
    *value &= size == 4 ? 0xffffffffu : (1u << 8 * size) - 1;
    c->access = outer;
    c->in_access = in;
    c->access_failed = failed;
    return good;
}

bool periph_bus_store(struct periph *p, uint32_t addr, unsigned size, uint32_t value)
{
    struct chip *c = p->chip;
    uint8_t *m = sram_at(c, addr, size);
    if (m) {
        for (unsigned i = 0; i < size; i++)
            m[i] = (uint8_t)(value >> 8 * i);
        cpu_invalidate(c->cpu, addr, size);
        return true;
    }
    struct chip_access outer = c->access;
    bool in = c->in_access, failed = c->access_failed;
    bool good =
        reachable(addr, size) && bus_store(c, addr, size, size == 4 ? value : value & ((1u << 8 * size) - 1)) == CPU_BUS_OK;
    c->access = outer;
    c->in_access = in;
    c->access_failed = failed;
    return good;
}

/* --- the map --- */

static void map_flash(struct chip *c, uint32_t base)
{
    uint32_t bank = flash_stm32l4.bank;
    uint8_t *bytes = flash_bytes(c->flash);
    cpu_map(c->cpu, base, bank, bytes + (c->bank_swap ? bank : 0), CPU_MAP_R | CPU_MAP_X);
    cpu_map(c->cpu, base + bank, bank, bytes + (c->bank_swap ? 0 : bank), CPU_MAP_R | CPU_MAP_X);
}

void chip_bus_map(struct chip *c)
{
    enum { RWX = CPU_MAP_R | CPU_MAP_W | CPU_MAP_X };
    map_flash(c, CHIP_FLASH);
    cpu_map(c->cpu, 0, CHIP_ALIAS_SIZE, NULL, 0);
    if (c->mem_mode == 0)
        map_flash(c, 0);
    else if (c->mem_mode == 3)
        cpu_map(c->cpu, 0, CHIP_SRAM1_SIZE, c->sram1, RWX);
    cpu_map(c->cpu, CHIP_SRAM1, CHIP_SRAM1_SIZE, c->sram1, RWX);
    cpu_map(c->cpu, CHIP_SRAM2, CHIP_SRAM2_SIZE, c->sram2, RWX);
    cpu_invalidate(c->cpu, 0, CHIP_ALIAS_SIZE);
    cpu_invalidate(c->cpu, CHIP_FLASH, CHIP_ALIAS_SIZE);
    c->synced = 0; /* marks go with the map */
    memset(c->veil, 0, sizeof c->veil);
    memset(c->veiled, 0, sizeof c->veiled);
    memset(c->lifted_n, 0, sizeof c->lifted_n);
    memset(c->page_synced, 0, flash_stm32l4.size / flash_stm32l4.page * sizeof *c->page_synced);
    chip_nvm_sync(c);
}

static void name_them(struct chip *c, struct periph *p)
{
    const struct periph_site *s = p->site;
    if (s->model == &rcc_model)
        c->rcc = p;
    else if (s->model == &flashctl_model)
        c->flashctl = p;
    else if (s->model == &syscfg_model)
        c->syscfg = p;
    else if (s->model == &exti_model)
        c->exti = p;
    else if (s->model == &pwr_model)
        c->pwr = p;
    else if (s->model == &rtc_model)
        c->rtc = p;
    else if (s->model == &iwdg_model)
        c->iwdg = p;
    else if (s->model == &dma_model)
        c->dma[s->unit - 1] = p;
    else if (s->model == &gpio_model)
        c->gpio[s->unit] = p;
    else if (s->model == &usart_model || s->model == &lpuart_model)
        c->uart[s->unit] = p;
}

bool chip_bus_build(struct chip *c)
{
    index_sites(c);
    c->periphs = chip_sites_n;
    for (unsigned i = 0; i < chip_sites_n; i++) {
        struct periph *p = &c->periph[i];
        *p = (struct periph){.model = chip_sites[i].model, .site = &chip_sites[i], .chip = c, .index = i};
        c->due[i] = PERIPH_NEVER;
        if (p->model && p->model->event)
            c->eventful[c->eventfuls++] = (uint8_t)i;
        if (p->model && !(p->state = calloc(1, p->model->state)))
            return false;
        name_them(c, p);
    }
    return true;
}

void chip_bus_free(struct chip *c)
{
    for (unsigned i = 1; i < CHIP_UARTS; i++)
        if (c->uart[i] && c->uart[i]->state)
            usart_free(c->uart[i]);
    for (unsigned i = 0; i < c->periphs; i++)
        free(c->periph[i].state);
}

const char *chip_where(uint32_t addr, char *text, size_t n)
{
    for (unsigned i = 0; i < chip_sites_n; i++)
        if (addr - chip_sites[i].base < chip_sites[i].size) {
            snprintf(text, n, "%s+0x%02x", chip_sites[i].name, addr - chip_sites[i].base);
            return text;
        }
    static const struct { const char *name; uint32_t base, size; } area[] = {
        {"flash alias", 0, CHIP_ALIAS_SIZE}, {"flash", CHIP_FLASH, CHIP_ALIAS_SIZE}, {"SRAM2", CHIP_SRAM2, CHIP_SRAM2_SIZE},
        {"OTP", CHIP_OTP, CHIP_OTP_SIZE}, {"system memory", SYSTEM, 0x10000}, {"SRAM1", CHIP_SRAM1, CHIP_SRAM1_SIZE},
        {"peripherals", 0x40000000, 0x20000000}, {"external memory", 0x60000000, 0x40000000}, {"core", 0xE0000000, 0x20000000}};
    for (size_t i = 0; i < sizeof area / sizeof *area; i++)
        if (addr - area[i].base < area[i].size) {
            snprintf(text, n, "%s+0x%x", area[i].name, addr - area[i].base);
            return text;
        }
    snprintf(text, n, "nothing");
    return text;
}
