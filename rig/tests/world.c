/* SPDX-License-Identifier: GPL-3.0-or-later
 * The world of a chip test. */
#include "tests/world.h"

#include "base/err.h"
#include "sim/chip_priv.h"
#include "sim/loader.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct world world;

static void on_tx(void *ctx, unsigned uart, uint8_t byte, uint64_t t)
{
    (void)ctx;
    buf_char(uart == 2 ? &world.console : &world.console1, (char)byte);
    world.tx_at = t;
}

static void on_op(void *ctx, const struct flash_op *op)
{
    (void)ctx;
    world.ops++;
    world.op = *op;
}

static void on_error(void *ctx, uint32_t bits, uint32_t addr, uint32_t pc)
{
    (void)ctx, (void)addr, (void)pc;
    world.errors++;
    world.error_bits |= bits;
}

static void on_access(void *ctx, const struct chip_access *a)
{
    (void)ctx;
    buf_printf(&world.accesses, "%s %s 0x%08" PRIx32 "\n", a->why, a->write ? "w" : "r", a->addr);
}

static void on_reset(void *ctx, enum chip_reset cause, uint64_t t)
{
    (void)ctx, (void)t;
    world.resets[cause]++;
}

static void on_fault(void *ctx, enum chip_fault kind, uint32_t pc, uint64_t t)
{
    (void)ctx, (void)t;
    world.faults[kind]++;
    world.fault_pc = pc;
}

static void on_gpio(void *ctx, char port, unsigned pin, bool level, uint64_t t)
{
    (void)ctx, (void)level, (void)t;
    world.edges += port == 'A' && pin == 5;
}

static const struct chip_hooks hooks = {.uart_tx = on_tx, .flash_op = on_op, .flash_error = on_error, .access = on_access,
                                        .reset = on_reset, .fault = on_fault, .gpio = on_gpio};

int world_gone(void **state)
{
    (void)state;
    chip_free(world.chip);
    buf_free(&world.console);
    buf_free(&world.console1);
    buf_free(&world.accesses);
    memset(&world, 0, sizeof world);
    return 0;
}

static void halfwords(uint32_t offset, const uint16_t *code, size_t n)
{
    uint8_t bytes[256];
    for (size_t i = 0; i < n; i++) {
        bytes[2 * i] = (uint8_t)code[i];
        bytes[2 * i + 1] = (uint8_t)(code[i] >> 8);
    }
    flash_load(chip_flash(world.chip), offset, bytes, 2 * n);
}

void world_blank(uint64_t seed)
{
    world_gone(NULL);
    world.chip = chip_new(&hooks, seed);
    assert_non_null(world.chip);
}

void world_new(uint64_t seed, const uint16_t *code, size_t n)
{
    uint16_t all[128] = {0x8000, 0x2001, 0x0009, 0x0800};
    world_blank(seed);
    memcpy(all + 4, code, n * 2);
    halfwords(0, all, 4 + n);
    chip_power_on(world.chip);
}

static const uint16_t idle[] = {0xE7FE}; /* b . */

int world_idling(void **state)
{
    (void)state;
    world_new(1, idle, 1);
    return 0;
}

uint32_t world_peek(uint32_t addr)
{
    uint32_t v = 0;
    chip_bus_ops.load(world.chip, addr, 4, &v);
    return v;
}

enum cpu_bus world_poke(uint32_t addr, uint32_t v)
{
    return chip_bus_ops.store(world.chip, addr, 4, v);
}

void world_pass(uint64_t ns)
{
    uint64_t to = chip_now(world.chip) + ns;
    while (chip_now(world.chip) < to)
        chip_run(world.chip, to);
}

bool world_told(const char *what)
{
    return strstr(buf_text(&world.accesses), what) != NULL;
}

void world_unlock(void)
{
    world_poke(FLASH + 0x08, 0x45670123);
    world_poke(FLASH + 0x08, 0xCDEF89AB);
}

void world_guest(const char *name, uint64_t seed)
{
    const char *folder = getenv("OTARIG_GUESTS");
    char path[512];
    struct loader_image image;
    struct err e = {0};
    world_blank(seed);
    snprintf(path, sizeof path, "%s/%s.elf", folder ? folder : "build/guests", name);
    if (loader_read(path, &image, &e) || loader_flash(&image, path, chip_flash(world.chip), 0x08000000, &e))
        fail_msg("%s", e.text);
    loader_free(&image);
    chip_power_on(world.chip);
}

void world_said(const char *text)
{
    if (!strstr(buf_text(&world.console), text))
        fail_msg("no \"%s\" in:\n%s%s", text, buf_text(&world.console), buf_text(&world.accesses));
}

void world_clean(void)
{
    assert_string_equal(buf_text(&world.accesses), "");
    assert_int_equal(world.faults[CHIP_FAULT_HARD] + world.faults[CHIP_FAULT_LOCKUP], 0);
}
