/* SPDX-License-Identifier: GPL-3.0-or-later
 * The memory protection unit: eight regions with subregions (ARM DDI 0403E.e, B3.5).
 */
#include "sim/cpu_parts.h"

enum { CTRL_ENABLE = 1, CTRL_HFNMIENA = 2, CTRL_PRIVDEFENA = 4 };
enum { VIEW_ON = 1, VIEW_PRIV = 2 };
#define RASR_VALID 0x173fff3fu

static uint64_t size_of(const struct mpu_region *r) { return UINT64_C(2) << (r->rasr >> 1 & 31); }

/* Is addr in the region, and how fine is the region's grain? */
static bool covers(const struct mpu_region *r, uint32_t addr, uint64_t *grain)
{
    uint64_t size = size_of(r), base = r->rbar & ~(size - 1);
    *grain = size;
    if (addr < base || addr >= base + size)
        return false;
    if (size < 256 || !(r->rasr >> 8 & 255))
        return true;
    *grain = size / 8;
    return !(r->rasr >> 8 >> (addr - base) / *grain & 1);
}

/* Access permissions, table B3-15: bit 0 reads, bit 1 writes */
static unsigned rights(unsigned ap, bool priv)
{
    static const uint8_t privileged[8] = {0, 3, 3, 3, 0, 1, 1, 1}, user[8] = {0, 0, 1, 3, 0, 0, 1, 1};
    return priv ? privileged[ap] : user[ap];
}

bool cpu_mpu_allows(const struct cpu *c, uint32_t addr, enum mpu_kind kind, bool priv, bool *whole)
{
    uint64_t page = addr & ~(uint32_t)PAGE_MASK;
    int hit = -1;
    *whole = true;
    for (int k = 0; k < 8; k++) {
        const struct mpu_region *r = &c->mpu[k];
        uint64_t grain, size = size_of(r), base = r->rbar & ~(size - 1);
        if (!(r->rasr & 1))
            continue;
        if (covers(r, addr, &grain))
            hit = k;
        if (grain < CPU_PAGE && base < page + CPU_PAGE && page < base + size)
            *whole = false;
    }
    if (hit < 0)
        return priv && (c->mpu_ctrl & CTRL_PRIVDEFENA);
    unsigned may = rights(c->mpu[hit].rasr >> 24 & 7, priv);
    if (kind == MPU_FETCH)
        return (may & 1) && !(c->mpu[hit].rasr >> 28 & 1);
    return kind == MPU_READ ? may & 1 : may >> 1;
}

void cpu_mpu_view(struct cpu *c)
{
    bool on = (c->mpu_ctrl & CTRL_ENABLE) && (c->priority >= 0 || (c->mpu_ctrl & CTRL_HFNMIENA));
    unsigned view = on ? VIEW_ON | (cpu_privileged(c) ? VIEW_PRIV : 0) : 0;
    if (view == c->view)
        return;
    c->view = view;
    cpu_mem_flush(c);
    cpu_attend(c, ATTN_EXC); /* the code under way may have become forbidden */
}

static void set_rbar(struct cpu *c, uint32_t v)
{
    if (v & 16)
        c->mpu_rnr = v & 7;
    c->mpu[c->mpu_rnr].rbar = v & ~31u;
}

/* Registers of B3.5.4 on: 0xE000ED90..0xE000EDB8 */
bool cpu_mpu_register(struct cpu *c, uint32_t addr, uint32_t *value, bool write)
{
    unsigned which = (addr - 0xe000ed90) / 4;
    if (which > 10)
        return false;
    if (!write) {
        struct mpu_region *r = &c->mpu[c->mpu_rnr];
        *value = which == 0 ? 0x800 : which == 1 ? c->mpu_ctrl : which == 2 ? c->mpu_rnr : which & 1 ? r->rbar | c->mpu_rnr : r->rasr;
        return true;
    }
    if (which == 1)
        c->mpu_ctrl = *value & 7;
    else if (which == 2)
        c->mpu_rnr = *value & 7;
    else if (which && (which & 1))
        set_rbar(c, *value);
    else if (which)
        c->mpu[c->mpu_rnr].rasr = *value & RASR_VALID;
    cpu_mem_flush(c);
    cpu_mpu_view(c);
    cpu_attend(c, ATTN_EXC);
    return true;
}
