/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Flash operations as they happen on the chip: what takes time, which bank is busy meanwhile, who must wait, and what a cut
 * tears.
 *
 * Read-while-write (RM0351 §3.3.2): an access to the bank under operation stalls until the operation is over. Time goes on
 * meanwhile: bytes arrive, the watchdog runs. Two ways lead there. Code that starts an operation on the bank it runs from stops
 * at its next fetch: the core is put on hold after the store, and chip_run moves time, so that it can stop at any moment. An
 * access from elsewhere (RAM, the other bank) meets a page that the core must ask for (the veil) and waits inside the callback,
 * in the middle of an instruction.
 */
#include "sim/chip_priv.h"
#include "sim/nvm.h"

#include <string.h>

enum { PAGE = 2048, BANK = 512 * 1024, SIZE = 1024 * 1024, BANK_PAGES = BANK / PAGE };

uint32_t chip_nvm_offset(const struct chip *c, uint32_t addr)
{
    uint32_t offset = addr - CHIP_FLASH;
    if (offset >= SIZE) {
        if (addr >= CHIP_ALIAS_SIZE || c->mem_mode != 0)
            return UINT32_MAX;
        offset = addr;
    }
    return c->bank_swap ? offset ^ BANK : offset;
}

static unsigned bank_of(uint32_t offset)
{
    return offset >= NVM_OTP ? 0 : offset / BANK; /* OTP lies in bank 1 */
}

/* Banks under operation: bit 0, bit 1. */
static unsigned busy_banks(const struct chip *c)
{
    if (!c->op_busy)
        return 0;
    return 1u << bank_of(c->op.addr) | (c->op.size > BANK ? 2u : 0);
}

bool chip_nvm_busy(const struct chip *c, uint32_t addr)
{
    uint32_t offset = chip_nvm_offset(c, addr);
    return offset != UINT32_MAX && busy_banks(c) >> bank_of(offset) & 1;
}

/* --- what the core keeps per page --- */

static void slow(struct chip *c, uint32_t offset, uint32_t size, bool on)
{
    uint32_t seen = c->bank_swap ? offset ^ BANK : offset;
    cpu_page_slow(c->cpu, CHIP_FLASH + seen, size, on);
    if (c->mem_mode == 0)
        cpu_page_slow(c->cpu, seen, size, on);
}

static void forget(struct chip *c, uint32_t offset, uint32_t size)
{
    uint32_t seen = c->bank_swap ? offset ^ BANK : offset;
    cpu_invalidate(c->cpu, CHIP_FLASH + seen, size);
    if (c->mem_mode == 0)
        cpu_invalidate(c->cpu, seen, size);
}

void chip_nvm_sync(struct chip *c)
{
    if (c->synced == flash_version(c->flash))
        return;
    for (uint32_t i = 0; i < SIZE / PAGE; i++) {
        uint64_t v = flash_page_version(c->flash, i) + 1; /* 0 in page_synced: nothing known */
        if (c->page_synced[i] == v)
            continue;
        c->page_synced[i] = v;
        c->page_slow[i] = flash_page_flawed(c->flash, i);
        slow(c, i * PAGE, PAGE, c->page_slow[i] || c->veil[i]);
        forget(c, i * PAGE, PAGE);
    }
    c->synced = flash_version(c->flash);
}

/* Before an operation: every page of its bank asks first. The veil stays when the operation is over, and a page drops it at its
 * next access (unveil): between two operations of a download few pages are looked at, and marking 256 each time would cost more
 * than all the rest. */
static void veil_bank(struct chip *c, unsigned b)
{
    if (!c->veiled[b]) {
        memset(c->veil + b * BANK_PAGES, 1, BANK_PAGES);
        slow(c, b * BANK, BANK, true);
        c->veiled[b] = true;
    }
    for (unsigned i = 0; i < c->lifted_n[b]; i++) {
        c->veil[c->lifted[b][i]] = 1;
        slow(c, c->lifted[b][i] * (uint32_t)PAGE, PAGE, true);
    }
    c->lifted_n[b] = 0;
}

static void unveil(struct chip *c, uint32_t offset)
{
    uint32_t page = offset / PAGE;
    unsigned b = page / BANK_PAGES;
    if (offset >= SIZE || !c->veil[page])
        return;
    c->veil[page] = 0;
    c->lifted[b][c->lifted_n[b]++] = (uint16_t)page;
    if (!c->page_slow[page])
        slow(c, page * PAGE, PAGE, false);
}

static void veil(struct chip *c, unsigned banks)
{
    for (unsigned b = 0; b < 2; b++)
        if (banks >> b & 1)
            veil_bank(c, b);
}

/* One word of a page changed by the controller: cheaper than a sync of all pages. */
static void sync_op(struct chip *c)
{
    uint32_t page = c->op.addr / PAGE;
    if (c->op.addr < SIZE && c->op.kind == FLASH_PROGRAM && c->synced + 1 == flash_version(c->flash)
        && flash_page_flawed(c->flash, page) == c->page_slow[page]) {
        c->page_synced[page] = flash_page_version(c->flash, page) + 1;
        c->synced = flash_version(c->flash);
        forget(c, c->op.addr, 8);
        return;
    }
    chip_nvm_sync(c);
}

/* --- the life of an operation --- */

static struct flash *array_of(struct chip *c, uint32_t offset, uint32_t *inside)
{
    *inside = offset >= NVM_OTP ? offset - NVM_OTP : offset;
    return offset >= NVM_OTP ? c->otp : c->flash;
}

static void arm(struct chip *c)
{
    if (c->armed && c->op.index == c->armed && c->op.time_ns > 1) {
        c->cut_due = c->op.start_ns + 1 + rng_below(&c->cut_rng, c->op.time_ns - 1);
        chip_replan(c, c->cut_due);
    }
}

void nvm_start(struct periph *p, enum flash_kind kind, uint32_t offset, uint32_t size, const uint8_t *data, uint64_t ns)
{
    struct chip *c = p->chip;
    uint32_t inside;
    struct flash *f = array_of(c, offset, &inside);
    c->op = (struct flash_op){.index = ++c->ops,
                              .kind = kind,
                              .addr = offset,
                              .size = size,
                              .start_ns = chip_now(c),
                              .time_ns = ns,
                              .pc = c->in_cpu ? cpu_pc(c->cpu) : 0};
    memset(c->op_data, 0xff, sizeof c->op_data);
    if (data)
        memcpy(c->op_data, data, kind == FLASH_ROW ? 8 : size);
    memcpy(c->op.old, flash_bytes(f) + inside, 8);
    memcpy(c->op.new_, c->op_data, 8);
    c->op_busy = true;
    if (c->in_cpu && chip_nvm_busy(c, cpu_pc(c->cpu))) {
        c->hold = true; /* nothing runs until the end: marks would only cost time */
        cpu_stop(c->cpu);
    } else {
        veil(c, busy_banks(c));
    }
    arm(c);
    if (c->hooks.flash_op)
        c->hooks.flash_op(c->hooks.ctx, &c->op);
}

void nvm_row_word(struct periph *p, unsigned index, const uint8_t *word)
{
    memcpy(p->chip->op_data + index * 8, word, 8);
}

static void over(struct chip *c)
{
    c->op_busy = false;
    c->cut_due = PERIPH_NEVER;
}

void nvm_finish(struct periph *p)
{
    struct chip *c = p->chip;
    uint32_t inside;
    if (!c->op_busy)
        return;
    struct flash *f = array_of(c, c->op.addr, &inside);
    if (c->op.kind == FLASH_PROGRAM || c->op.kind == FLASH_ROW)
        for (uint32_t i = 0; i < c->op.size; i += 8)
            flash_program(f, inside + i, c->op_data + i);
    else
        flash_erase(f, inside, c->op.size);
    over(c);
    sync_op(c);
}

void chip_nvm_tear(struct chip *c, enum flash_outcome force, unsigned bits)
{
    struct flash_op inner = c->op;
    c->cut_op = c->op_busy ? c->op : (struct flash_op){0};
    c->cut_outcome = FLASH_DONE;
    c->cut_torn = 0;
    if (!c->op_busy)
        return;
    struct flash *f = array_of(c, c->op.addr, &inner.addr);
    bool erase = c->op.kind == FLASH_ERASE || c->op.kind == FLASH_MASS_ERASE;
    c->cut_outcome = flash_cut(f, &inner, erase ? NULL : c->op_data, force, bits, &c->cut_rng, &c->cut_torn);
    over(c);
    chip_nvm_sync(c);
}

void chip_nvm_cut(struct chip *c)
{
    chip_nvm_tear(c, c->armed_force, c->armed_bits);
    c->armed = 0;
    c->armed_ns = c->cut_due = PERIPH_NEVER;
    c->cut_done = true;
    chip_off(c);
}

void chip_nvm_wait(struct chip *c)
{
    if (c->in_event || !c->in_cpu)
        return;
    while (c->op_busy && c->powered && !c->restart && c->next_due != PERIPH_NEVER) {
        uint64_t due = c->next_due, to = ticks_cycle(&c->ticks, due), now = cpu_cycles(c->cpu);
        if (to > now)
            cpu_stall(c->cpu, to - now);
        chip_events(c, due);
    }
}

bool nvm_busy(const struct periph *p)
{
    return p->chip->op_busy;
}

bool nvm_wait(struct periph *p)
{
    chip_nvm_wait(p->chip);
    return p->chip->powered && !p->chip->restart;
}

bool nvm_blank(const struct periph *p, uint32_t offset)
{
    uint32_t inside;
    struct flash *f = array_of(p->chip, offset, &inside);
    return flash_blank(f, inside);
}

void nvm_error(struct periph *p, uint32_t sr_bits, uint32_t offset)
{
    struct chip *c = p->chip;
    uint32_t pc = c->in_cpu ? cpu_pc(c->cpu) : 0;
    if (c->hooks.flash_error && chip_first(c, rng_mix(pc, sr_bits, 0xf1a5)))
        c->hooks.flash_error(c->hooks.ctx, sr_bits, CHIP_FLASH + offset, pc);
}

void nvm_option_swap(struct periph *p, bool bank2)
{
    struct chip *c = p->chip;
    uint32_t sp;
    memcpy(&sp, flash_bytes(c->flash) + BANK, sizeof sp); /* the bootloader looks at the initial SP: AN2606 §"Dual bank boot" */
    c->bank_swap = bank2 && (sp - CHIP_SRAM1 <= CHIP_SRAM1_SIZE || sp - CHIP_SRAM2 <= CHIP_SRAM2_SIZE);
}

/* --- reads that need a look --- */

enum cpu_bus chip_nvm_load(struct chip *c, uint32_t addr, unsigned size, uint32_t *value)
{
    bool otp = addr - CHIP_OTP < CHIP_OTP_SIZE;
    uint32_t offset = otp ? addr - CHIP_FLASH : chip_nvm_offset(c, addr), inside;
    struct flash *f = array_of(c, offset, &inside);
    if (busy_banks(c) >> bank_of(offset) & 1)
        chip_nvm_wait(c);
    if (!c->powered || c->restart || inside + size > flash_family_of(f)->size)
        return CPU_BUS_OK;
    if (!(busy_banks(c) >> bank_of(offset) & 1)) /* it may be, for an access that could not wait: DMA, a debugger */
        unveil(c, offset);
    uint8_t *p = flash_bytes(f) + inside;
    *value = 0;
    for (unsigned i = 0; i < size; i++)
        *value |= (uint32_t)p[i] << 8 * i;
    if (c->flashctl)
        flashctl_ecc(c->flashctl, offset, flash_ecc_at(f, inside));
    if ((inside & 7) + size > 8)
        flashctl_ecc(c->flashctl, offset + size - 1, flash_ecc_at(f, inside + size - 1));
    return CPU_BUS_OK;
}
