/* SPDX-License-Identifier: GPL-3.0-or-later
 * A flash that can lose power in any operation. */
#include "flash_host.h"
#include <stdlib.h>
#include <string.h>
#include "flash_port.h"
#include "layout.h"

enum { WORDS = LAYOUT_FLASH_SIZE / LAYOUT_WORD };

jmp_buf flash_host_power;
static uint8_t cells[LAYOUT_FLASH_SIZE];
static uint8_t bad[WORDS], worn[WORDS];
static uint32_t protect_addr, protect_size;
static uint64_t ops, cut_op;
static enum flash_host_outcome cut_outcome;
static unsigned cut_variant, violations;
static uint64_t noise;

static uint32_t offset_of(uint32_t addr) { return addr - LAYOUT_FLASH_BASE; }
static bool inside(uint32_t addr, uint32_t n)
{
    return offset_of(addr) <= LAYOUT_FLASH_SIZE && n <= LAYOUT_FLASH_SIZE - offset_of(addr);
}

void flash_host_boot(void) { protect_size = 0; }

void flash_host_reset(void)
{
    memset(cells, 0xFF, sizeof cells);
    memset(bad, 0, sizeof bad);
    memset(worn, 0, sizeof worn);
    violations = 0;
    flash_host_boot();
    flash_host_cut(0, FLASH_HOST_BEFORE, 0);
}

uint8_t *flash_host_at(uint32_t addr) { return cells + offset_of(addr); }

void flash_host_load(uint32_t addr, const void *bytes, size_t n)
{
    memcpy(flash_host_at(addr), bytes, n);
    memset(bad + offset_of(addr) / LAYOUT_WORD, 0, (n + LAYOUT_WORD - 1) / LAYOUT_WORD);
}

void flash_host_set_bad(uint32_t addr, bool is_bad) { bad[offset_of(addr) / LAYOUT_WORD] = is_bad; }
void flash_host_wear(uint32_t addr, bool is_worn) { worn[offset_of(addr) / LAYOUT_WORD] = is_worn; }

void flash_host_cut(uint64_t op, enum flash_host_outcome outcome, unsigned variant)
{
    ops = 0;
    cut_op = op;
    cut_outcome = outcome;
    cut_variant = variant;
    noise = 0x9E3779B97F4A7C15u * (op + 1) + (uint64_t)outcome * 0x100000001B3u + variant;
}

uint64_t flash_host_ops(void) { return ops; }
unsigned flash_host_violations(void) { return violations; }

static uint64_t next_noise(void)
{
    noise ^= noise << 13;
    noise ^= noise >> 7;
    noise ^= noise << 17;
    return noise;
}

static bool cut_now(void) { return ++ops == cut_op; }

static _Noreturn void power_gone(void)
{
    cut_op = 0;
    longjmp(flash_host_power, 1);
}

/* A mask of the bits that took, of the 64 that were to be programmed. */
static uint64_t torn_mask(const uint8_t *word)
{
    uint64_t zeros = 0;
    for (int i = 0; i < 8; i++)
        zeros |= (uint64_t)(uint8_t)~word[i] << 8 * i;
    switch (cut_variant) {
    case 0:
        return 0xFFFFFFFFu; /* the low half */
    case 1:
        return 0xFFFFFFFFu << 16 << 16;
    case 2:
        return zeros & (zeros - 1); /* all but one */
    case 3:
        return zeros & (0 - zeros); /* one */
    default:
        return next_noise() & (cut_variant % 2 == 0 ? next_noise() : UINT64_MAX);
    }
}

static void tear_word(uint32_t at, const uint8_t *word)
{
    const uint64_t took = torn_mask(word);
    if (cut_outcome == FLASH_HOST_BEFORE)
        return;
    for (int i = 0; i < 8; i++)
        cells[at + (uint32_t)i] &= cut_outcome == FLASH_HOST_AFTER ? word[i] : (uint8_t)(word[i] | (uint8_t) ~(took >> 8 * i));
    bad[at / LAYOUT_WORD] = cut_outcome == FLASH_HOST_ECC;
}

static void erase_word(uint32_t at)
{
    memset(cells + at, 0xFF, LAYOUT_WORD);
    bad[at / LAYOUT_WORD] = 0;
}

/* Shapes of a page that lost power in its erase. Word 0 is what owners of two pages fear for, so several shapes differ in it. */
static void tear_erase_word(uint32_t page, uint32_t i)
{
    const uint32_t at = page + i * LAYOUT_WORD;
    const bool half = i < LAYOUT_PAGE / LAYOUT_WORD / 2;
    switch (cut_variant) {
    case 0: /* the upper half is gone */
        if (!half)
            erase_word(at);
        return;
    case 1: /* the lower half is gone */
        if (half)
            erase_word(at);
        return;
    case 2: /* only word 0 is left */
        if (i != 0)
            erase_word(at);
        return;
    case 3: /* everything but one word in the middle */
        if (i != 100)
            erase_word(at);
        return;
    default: /* bits on their way to 1, at random */
        for (uint32_t b = 0; b < LAYOUT_WORD; b++)
            cells[at + b] |= (uint8_t)(next_noise() >> 24);
        bad[at / LAYOUT_WORD] = cut_outcome == FLASH_HOST_ECC && next_noise() % 4 == 0;
    }
}

static void tear_erase(uint32_t page)
{
    if (cut_outcome == FLASH_HOST_BEFORE)
        return;
    for (uint32_t i = 0; i < LAYOUT_PAGE / LAYOUT_WORD; i++) {
        if (cut_outcome == FLASH_HOST_AFTER)
            erase_word(page + i * LAYOUT_WORD);
        else
            tear_erase_word(page, i);
    }
    if (cut_outcome == FLASH_HOST_ECC && cut_variant < 4)
        bad[page / LAYOUT_WORD + (cut_variant == 3 ? 100 : 0)] = 1;
}

int flash_port_read(uint32_t addr, void *to, uint32_t n)
{
    int result = FLASH_PORT_OK;
    if (!inside(addr, n))
        abort(); /* on the chip: a bus fault */
    memcpy(to, flash_host_at(addr), n);
    for (uint32_t w = offset_of(addr) / LAYOUT_WORD; n > 0 && w <= (offset_of(addr) + n - 1) / LAYOUT_WORD; w++)
        if (bad[w])
            result = FLASH_PORT_ECC;
    return result;
}

void flash_port_protect(uint32_t addr, uint32_t size)
{
    protect_addr = addr;
    protect_size = size;
}

static bool denied(uint32_t addr, uint32_t size)
{
    if (addr % size != 0 || !inside(addr, size) || offset_of(addr) < LAYOUT_BOOT_SIZE)
        return true;
    if (addr - protect_addr >= protect_size)
        return false;
    violations++;
    return true;
}

int flash_port_program(uint32_t addr, const void *word)
{
    const uint32_t at = offset_of(addr);
    if (denied(addr, LAYOUT_WORD))
        return FLASH_PORT_DENIED;
    for (uint32_t i = 0; i < LAYOUT_WORD; i++) {
        if (cells[at + i] == 0xFF && !bad[at / LAYOUT_WORD])
            continue;
        violations++;
        return FLASH_PORT_FAULT; /* PROGERR */
    }
    if (cut_now()) {
        tear_word(at, word);
        power_gone();
    }
    memcpy(cells + at, word, LAYOUT_WORD);
    if (worn[at / LAYOUT_WORD])
        cells[at + 3] ^= 0x10;
    return FLASH_PORT_OK;
}

int flash_port_erase(uint32_t addr)
{
    if (denied(addr, LAYOUT_PAGE))
        return FLASH_PORT_DENIED;
    if (cut_now()) {
        tear_erase(offset_of(addr));
        power_gone();
    }
    for (uint32_t at = 0; at < LAYOUT_PAGE; at += LAYOUT_WORD)
        erase_word(offset_of(addr) + at);
    return FLASH_PORT_OK;
}

struct flash_host_snapshot flash_host_save(uint32_t addr, uint32_t size)
{
    struct flash_host_snapshot s = {addr, size, malloc(size), malloc(size / LAYOUT_WORD)};
    if (s.bytes == NULL || s.bad == NULL)
        abort();
    memcpy(s.bytes, flash_host_at(addr), size);
    memcpy(s.bad, bad + offset_of(addr) / LAYOUT_WORD, size / LAYOUT_WORD);
    return s;
}

void flash_host_restore(const struct flash_host_snapshot *s)
{
    memcpy(flash_host_at(s->addr), s->bytes, s->size);
    memcpy(bad + offset_of(s->addr) / LAYOUT_WORD, s->bad, s->size / LAYOUT_WORD);
}

void flash_host_drop(struct flash_host_snapshot *s)
{
    free(s->bytes);
    free(s->bad);
    *s = (struct flash_host_snapshot){0};
}
