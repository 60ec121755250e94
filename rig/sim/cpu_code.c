/* SPDX-License-Identifier: GPL-3.0-or-later
 * Decoded pages: made on first touch, forgotten when their memory changes.
 *
 * Method: code that was decoded is kept per page. A page that holds such code loses its quick way for stores, so that a program which
 * overwrites itself is seen; so do its twins, pages that show the same memory at another address. Nothing is forgotten while an
 * instruction is under way, since that instruction's own entry may be among it: it is marked stale and goes before the next one.
 */
#include "sim/cpu_parts.h"

#include <stdlib.h>
#include <string.h>

static struct page *page_at(const struct cpu *c, uint32_t addr) { return c->slot[addr >> PAGE_SHIFT].page; }
static bool direct(const struct page *p) { return p && p->mem && !p->slow && (p->flags & CPU_MAP_X); }

/* --- forgetting --- */
static void link_twins(struct cpu *c, struct page *p)
{
    if (p->twin)
        return;
    p->twin = p;
    for (struct page *q = c->pages; q; q = q->next)
        if (q != p && p->mem && q->mem == p->mem) {
            q->twin = p->twin;
            p->twin = q;
        }
}

static void watch(struct cpu *c, struct page *p)
{
    p->decoded = true;
    link_twins(c, p);
    struct page *q = p;
    do {
        q->watched = true;
        c->slot[q->base >> PAGE_SHIFT].w = NULL;
        q = q->twin;
    } while (q != p);
}

void cpu_code_relink(struct cpu *c)
{
    for (struct page *p = c->pages; p; p = p->next) {
        p->twin = NULL;
        p->watched = false;
    }
    for (struct page *p = c->pages; p; p = p->next)
        if (p->decoded)
            watch(c, p);
}

static void clear(struct page *p)
{
    memset(p->code->insn, 0, sizeof p->code->insn);
    p->code->insn[PAGE_HALFWORDS].op = OP_PAGE_END;
    p->code->insn[PAGE_HALFWORDS + 1].op = OP_PAGE_END;
    p->code->stale = false;
    p->decoded = false;
    bool any = false;
    for (struct page *q = p->twin; q && q != p; q = q->twin)
        any = any || q->decoded;
    for (struct page *q = p->twin; q && q != p; q = q->twin)
        q->watched = any;
    p->watched = any;
}

void cpu_code_forget(struct cpu *c, struct page *p)
{
    if (!p || !p->decoded)
        return;
    if (c->running) {
        p->code->stale = true;
        cpu_attend(c, ATTN_STALE);
    } else
        clear(p);
}

void cpu_code_flush_stale(struct cpu *c)
{
    for (struct page *p = c->pages; p; p = p->next)
        if (p->code && p->code->stale)
            clear(p);
}

/* Does anything decoded in p cover the bytes at offset? An instruction may begin one halfword earlier. */
static bool covers(const struct page *p, uint32_t offset, unsigned size)
{
    unsigned first = offset / 2 ? offset / 2 - 1 : 0, last = (offset + size - 1) / 2;
    for (unsigned k = first; k <= last && k < PAGE_HALFWORDS; k++)
        if (p->code->insn[k].op != OP_DECODE)
            return true;
    return false;
}

void cpu_code_written(struct cpu *c, uint32_t addr, unsigned size)
{
    struct page *p = page_at(c, addr), *q = p;
    do {
        if (q->decoded && covers(q, addr & PAGE_MASK, size))
            cpu_code_forget(c, q);
        q = q->twin;
    } while (q && q != p);
}

/* --- decoding --- */

/* May code be fetched there at all (B3.1: the system address map's XN regions; B3.5: MPU)? */
static bool executable(struct cpu *c, uint32_t pc, bool *whole)
{
    *whole = true;
    bool xn = pc >> 29 == 2 || pc >= 0xa0000000;
    if (xn || (c->view && !cpu_mpu_allows(c, pc, MPU_FETCH, cpu_privileged(c), whole))) {
        cpu_exc_raise(c, EXC_MEM, CFSR_IACCVIOL);
        return false;
    }
    return true;
}

/* A 32-bit instruction across the page's end is kept when its second half cannot change unseen. */
static const uint8_t *second_half(const struct cpu *c, uint32_t pc, const struct page *p)
{
    if ((pc & PAGE_MASK) != CPU_PAGE - 2)
        return p->mem + (pc & PAGE_MASK) + 2;
    struct page *after = page_at(c, pc + 2);
    return !c->view && direct(after) && !(after->flags & CPU_MAP_W) ? after->mem : NULL;
}

bool cpu_code_decode(struct cpu *c, struct code *code, struct insn *ip)
{
    struct page *p = page_at(c, code->base);
    uint32_t pc = code->base + (uint32_t)(ip - code->insn) * 2, raw;
    if (code == &c->once || !direct(p))
        return false;
    raw = le16(p->mem + (pc & PAGE_MASK));
    if (cpu_decode_wide(raw)) {
        const uint8_t *second = second_half(c, pc, p);
        if (!second)
            return false;
        raw = raw << 16 | le16(second);
    }
    if (!p->decoded)
        watch(c, p);
    cpu_decode(ip, pc, raw, true);
    return true;
}

static bool fetch(struct cpu *c, uint32_t pc, uint32_t *halfword)
{
    struct page *p = page_at(c, pc);
    uint16_t h = 0;
    bool whole;
    if (!executable(c, pc, &whole))
        return false;
    if (direct(p))
        *halfword = le16(p->mem + (pc & PAGE_MASK));
    else if (c->ops->fetch(c->ctx, pc, &h) == CPU_BUS_OK)
        *halfword = h;
    else {
        cpu_exc_raise(c, EXC_BUS, CFSR_IBUSERR);
        return false;
    }
    return true;
}

struct code *cpu_code_once(struct cpu *c, struct insn **ip)
{
    uint32_t raw, second;
    if (!fetch(c, c->pc, &raw))
        return NULL;
    if (cpu_decode_wide(raw)) {
        if (!fetch(c, c->pc + 2, &second))
            return NULL;
        raw = raw << 16 | second;
    }
    c->once.base = c->pc;
    cpu_decode(&c->once.insn[0], c->pc, raw, false);
    c->once.insn[1].op = c->once.insn[2].op = OP_PAGE_END;
    *ip = &c->once.insn[0];
    return &c->once;
}

static struct code *room(struct page *p)
{
    if (!p->code && (p->code = malloc(sizeof *p->code))) {
        p->code->base = p->base;
        clear(p);
    }
    return p->code;
}

struct code *cpu_code_at(struct cpu *c, struct insn **ip)
{
    struct page *p = page_at(c, c->pc);
    bool whole;
    if (!executable(c, c->pc, &whole))
        return NULL;
    if (!whole || !direct(p) || !room(p))
        return cpu_code_once(c, ip);
    cpu_mem_fill_code(c, c->pc, p->code);
    *ip = &p->code->insn[(c->pc & PAGE_MASK) >> 1];
    return p->code;
}
