/* SPDX-License-Identifier: GPL-3.0-or-later
 * Loads and stores that the interpreter's quick path does not answer: unaligned, bit-band, private peripheral bus, MPU, callbacks;
 * and the filling of the quick path's slots (ARM DDI 0403E.e, B2.3).
 */
#include "sim/cpu_parts.h"

#include <string.h>

static const uint32_t lanes_of[5] = {0, 0xff, 0xffff, 0, 0xffffffff};

void cpu_mem_flush(struct cpu *c)
{
    for (unsigned k = 0; k < c->filled_n; k++) {
        struct slot *s = &c->slot[c->filled[k]];
        s->r = NULL;
        s->w = NULL;
        s->x = NULL;
    }
    c->filled_n = 0;
}

/* Remembers that something of a slot is about to be filled. */
static struct slot *fill(struct cpu *c, uint32_t addr)
{
    struct slot *s = &c->slot[addr >> PAGE_SHIFT];
    if (!s->r && !s->w && !s->x) {
        if (c->filled_n == sizeof c->filled / sizeof *c->filled)
            cpu_mem_flush(c);
        c->filled[c->filled_n++] = addr >> PAGE_SHIFT;
    }
    return s;
}

void cpu_mem_fill_code(struct cpu *c, uint32_t addr, struct code *code) { fill(c, addr)->x = code; }

/* --- private peripheral bus: 0xE0000000..0xE00FFFFF; its upper part belongs to the chip, but for TPIU and ETM --- */
static bool is_ppb(uint32_t addr) { return addr >> 20 == 0xe00; }
static bool is_core(uint32_t addr) { return is_ppb(addr) && (addr & 0xfffff) < 0x42000; }

static enum access ppb_load(struct cpu *c, uint32_t addr, unsigned size, bool priv, uint32_t *value)
{
    if (!priv)
        return ACCESS_BUS;
    *value = cpu_scs_load(c, addr & ~3u) >> 8 * (addr & 3) & lanes_of[size];
    return ACCESS_OK;
}

static enum access ppb_store(struct cpu *c, uint32_t addr, unsigned size, bool priv, uint32_t value)
{
    if (!priv && !(addr == 0xe000ef00 && (c->ccr & CCR_USERSETMPEND)))
        return ACCESS_BUS;
    unsigned shift = 8 * (addr & 3);
    cpu_scs_store(c, addr & ~3u, value << shift, lanes_of[size] << shift);
    return ACCESS_OK;
}

/* --- bit-band (Cortex-M4 TRM, 3.7): a word of the alias is a bit of the first megabyte --- */
static bool is_alias(uint32_t addr) { return addr >> 25 == 0x11 || addr >> 25 == 0x21; }

static uint32_t alias_target(uint32_t addr, unsigned size, unsigned *bit)
{
    uint32_t offset = (addr & 0x1ffffff) >> 5;
    *bit = (addr >> 2 & 7) + 8 * (offset & (size - 1));
    return (addr & 0xf0000000) + (offset & ~(size - 1));
}

static enum access unmapped_load(struct cpu *c, uint32_t addr, unsigned size, bool priv, uint32_t *value)
{
    if (is_alias(addr)) {
        unsigned bit;
        uint32_t at = alias_target(addr, size, &bit);
        enum access a = cpu_raw_load(c, at, size, priv, value);
        *value = *value >> bit & 1;
        return a;
    }
    *value = 0;
    if (c->ops->load(c->ctx, addr, size, value) != CPU_BUS_OK)
        return ACCESS_BUS;
    *value &= lanes_of[size];
    return ACCESS_OK;
}

static enum access unmapped_store(struct cpu *c, uint32_t addr, unsigned size, bool priv, uint32_t value)
{
    if (is_alias(addr)) {
        unsigned bit;
        uint32_t at = alias_target(addr, size, &bit), old;
        enum access a = cpu_raw_load(c, at, size, priv, &old);
        return a ? a : cpu_raw_store(c, at, size, priv, (old & ~(1u << bit)) | (value & 1) << bit);
    }
    return c->ops->store(c->ctx, addr, size, value & lanes_of[size]) == CPU_BUS_OK ? ACCESS_OK : ACCESS_BUS;
}

enum access cpu_raw_load(struct cpu *c, uint32_t addr, unsigned size, bool priv, uint32_t *value)
{
    bool whole = true;
    *value = 0;
    if (is_core(addr))
        return ppb_load(c, addr, size, priv, value);
    if (is_ppb(addr) && !priv)
        return ACCESS_BUS;
    if (c->view && !cpu_mpu_allows(c, addr, MPU_READ, priv, &whole))
        return ACCESS_MPU;
    struct page *p = c->slot[addr >> PAGE_SHIFT].page;
    if (!p || !p->mem || p->slow || !(p->flags & CPU_MAP_R))
        return unmapped_load(c, addr, size, priv, value);
    if (whole && priv == cpu_privileged(c))
        fill(c, addr)->r = p->mem;
    const uint8_t *m = p->mem + (addr & PAGE_MASK);
    *value = size == 4 ? le32(m) : size == 2 ? le16(m) : *m;
    return ACCESS_OK;
}

enum access cpu_raw_store(struct cpu *c, uint32_t addr, unsigned size, bool priv, uint32_t value)
{
    bool whole = true;
    if (is_core(addr))
        return ppb_store(c, addr, size, priv, value);
    if (is_ppb(addr) && !priv)
        return ACCESS_BUS;
    if (c->view && !cpu_mpu_allows(c, addr, MPU_WRITE, priv, &whole))
        return ACCESS_MPU;
    struct page *p = c->slot[addr >> PAGE_SHIFT].page;
    if (!p || !p->mem || p->slow || !(p->flags & CPU_MAP_W))
        return unmapped_store(c, addr, size, priv, value);
    if (p->watched)
        cpu_code_written(c, addr, size);
    else if (whole && priv == cpu_privileged(c))
        fill(c, addr)->w = p->mem;
    uint8_t *m = p->mem + (addr & PAGE_MASK);
    if (size == 4)
        put32(m, value);
    else if (size == 2)
        put16(m, value);
    else
        *m = (uint8_t)value;
    return ACCESS_OK;
}

/* Turns a failed access into a fault. CCR.BFHFNMIGN: at priority -1 and -2 data bus faults do not count (B3.2.8). */
static void record(struct cpu *c, enum access a, uint32_t addr)
{
    if (a == ACCESS_MPU) {
        c->mmfar = addr;
        cpu_exc_raise(c, EXC_MEM, CFSR_DACCVIOL | CFSR_MMARVALID);
    } else if (a == ACCESS_ALIGN)
        cpu_exc_raise(c, EXC_USAGE, CFSR_UNALIGNED);
    else if (c->priority >= 0 || !(c->ccr & CCR_BFHFNMIGN)) {
        c->bfar = addr;
        cpu_exc_raise(c, EXC_BUS, CFSR_PRECISERR | CFSR_BFARVALID);
    }
}

static bool misaligned(const struct cpu *c, uint32_t addr, unsigned flags)
{
    return (flags & MEM_ALIGNED) || (c->ccr & CCR_UNALIGN_TRP) || is_ppb(addr);
}

uint32_t cpu_load(struct cpu *c, uint32_t addr, unsigned size, unsigned flags)
{
    bool priv = cpu_privileged(c) && !(flags & MEM_USER);
    uint32_t value = 0, part;
    enum access a;
    if (!(addr & (size - 1)))
        a = cpu_raw_load(c, addr, size, priv, &value);
    else if (misaligned(c, addr, flags))
        a = ACCESS_ALIGN;
    else
        for (unsigned k = 0;; k++, addr++) {
            a = cpu_raw_load(c, addr, 1, priv, &part);
            value |= part << 8 * k;
            if (a || k == size - 1)
                break;
        }
    if (a)
        record(c, a, addr);
    return a ? 0 : value;
}

bool cpu_store(struct cpu *c, uint32_t addr, unsigned size, uint32_t value, unsigned flags)
{
    bool priv = cpu_privileged(c) && !(flags & MEM_USER);
    enum access a;
    if (!(addr & (size - 1)))
        a = cpu_raw_store(c, addr, size, priv, value);
    else if (misaligned(c, addr, flags))
        a = ACCESS_ALIGN;
    else
        for (unsigned k = 0;; k++, addr++) {
            a = cpu_raw_store(c, addr, 1, priv, value >> 8 * k & 255);
            if (a || k == size - 1)
                break;
        }
    if (a)
        record(c, a, addr);
    return !c->fault;
}

bool cpu_load_many(struct cpu *c, uint32_t addr, unsigned n, uint32_t *words)
{
    const uint8_t *r = c->slot[addr >> PAGE_SHIFT].r;
    if (r && !(addr & 3) && (addr & PAGE_MASK) + 4 * n <= CPU_PAGE) {
        for (unsigned k = 0; k < n; k++)
            words[k] = le32(r + (addr & PAGE_MASK) + 4 * k);
        return true;
    }
    for (unsigned k = 0; k < n && !c->fault; k++)
        words[k] = cpu_load(c, addr + 4 * k, 4, MEM_ALIGNED);
    return !c->fault;
}

bool cpu_store_many(struct cpu *c, uint32_t addr, unsigned n, const uint32_t *words)
{
    uint8_t *w = c->slot[addr >> PAGE_SHIFT].w;
    if (w && !(addr & 3) && (addr & PAGE_MASK) + 4 * n <= CPU_PAGE) {
        for (unsigned k = 0; k < n; k++)
            put32(w + (addr & PAGE_MASK) + 4 * k, words[k]);
        return true;
    }
    for (unsigned k = 0; k < n && !c->fault; k++)
        cpu_store(c, addr + 4 * k, 4, words[k], MEM_ALIGNED);
    return !c->fault;
}

/* LDR and STR with writeback, unprivileged, literal or with SP or PC as destination (A7.7). */
static uint32_t address_of(struct cpu *c, const struct insn *i, uint32_t *moved)
{
    uint32_t base = i->x & MEM_LIT ? 0 : c->r[i->rn];
    *moved = base + (i->x & MEM_REG ? c->r[i->rm] << i->ra : i->imm);
    return i->x & MEM_POST ? base : *moved;
}

static void write_back(struct cpu *c, const struct insn *i, uint32_t moved)
{
    if ((i->x & MEM_WBACK) && !c->fault)
        c->r[i->rn] = i->rn == 13 ? moved & ~3u : moved;
}

static const uint8_t size_of[4] = {[MEM_WORD] = 4, [MEM_BYTE] = 1, [MEM_HALF] = 2, 4};

void cpu_extended_load(struct cpu *c, const struct insn *i, uint32_t *branch)
{
    uint32_t moved, at = address_of(c, i, &moved), size = size_of[i->x & MEM_SIZE];
    if (i->rd == 15 && (at & 3)) { /* a load of PC must be aligned (A7.7.43) */
        record(c, ACCESS_ALIGN, at);
        return;
    }
    uint32_t v = cpu_load(c, at, size, i->x & MEM_UNPRIV ? MEM_USER : 0);
    if (c->fault)
        return;
    write_back(c, i, moved);
    if (i->x & MEM_SIGNED)
        v = size == 1 ? (uint32_t)(int8_t)v : (uint32_t)(int16_t)v;
    if (i->rd == 15)
        *branch = v;
    else
        c->r[i->rd] = i->rd == 13 ? v & ~3u : v;
}

void cpu_extended_store(struct cpu *c, const struct insn *i)
{
    uint32_t moved, at = address_of(c, i, &moved);
    cpu_store(c, at, size_of[i->x & MEM_SIZE], c->r[i->rd], i->x & MEM_UNPRIV ? MEM_USER : 0);
    write_back(c, i, moved);
}
