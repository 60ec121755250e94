/* SPDX-License-Identifier: GPL-3.0-or-later
 * Speed of the core on SHA-256, beside the oracle's with and without a hook on every instruction: ratios of one run on one machine.
 * Exit 1: a digest is wrong, or the core is slower than the oracle with hooks.
 */
#include "base/crypto.h"
#include "sim/cpu.h"
#include "tests/bench_cpu_guest.h"
#include "tests/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FLASH = 0x08000000, FLASH_SIZE = 0x80000, RAM = 0x20000000, RAM_SIZE = 0x10000, MESSAGE = FLASH + 0x10000, LENGTH = 256 * 1024,
       BLOCKS = LENGTH / 64 + 1, STOP = FLASH + 0x8000, RUNS = 5 };
enum { OTARIG, HOOKED, PLAIN, CONTENDERS };

static uint8_t *flash, *ram[2]; /* the core's, the oracle's */
static struct cpu *core;
static struct oracle *oracle[2]; /* translated code keeps its hooks: one each */
static uint64_t instructions;

static enum cpu_bus no_load(void *ctx, uint32_t addr, unsigned size, uint32_t *value)
{
    (void)ctx, (void)addr, (void)size, (void)value;
    return CPU_BUS_ERROR;
}
static enum cpu_bus no_store(void *ctx, uint32_t addr, unsigned size, uint32_t value)
{
    (void)ctx, (void)addr, (void)size, (void)value;
    return CPU_BUS_ERROR;
}
static enum cpu_bus no_fetch(void *ctx, uint32_t addr, uint16_t *halfword)
{
    (void)ctx, (void)addr, (void)halfword;
    return CPU_BUS_ERROR;
}

/* Processor time: what other processes do meanwhile does not count. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void prepare(void)
{
    static const struct cpu_bus_ops ops = {no_load, no_store, no_fetch};
    flash = aligned_alloc(4096, FLASH_SIZE + 2 * RAM_SIZE);
    core = cpu_new(&ops, NULL, NULL, 82, 4);
    if (!flash || !core)
        abort();
    memset(flash, 0, FLASH_SIZE + 2 * RAM_SIZE);
    ram[0] = flash + FLASH_SIZE;
    ram[1] = ram[0] + RAM_SIZE;
    memcpy(flash, bench_guest, sizeof bench_guest);
    memcpy(flash + (STOP - FLASH), "\x00\xbe\x00\xbe", 4); /* BKPT */
    uint8_t *m = flash + (MESSAGE - FLASH);
    for (uint32_t k = 0; k < LENGTH; k++)
        m[k] = (uint8_t)(k * 7 + (k >> 8));
    m[LENGTH] = 0x80; /* padding: FIPS 180-4, 5.1.1 */
    m[LENGTH + 61] = (uint8_t)(LENGTH * 8 >> 16);
    cpu_map(core, FLASH, FLASH_SIZE, flash, CPU_MAP_R | CPU_MAP_X);
    cpu_map(core, RAM, RAM_SIZE, ram[0], CPU_MAP_R | CPU_MAP_W);
    for (unsigned k = 0; k < 2; k++) {
        oracle[k] = oracle_new();
        oracle_map(oracle[k], FLASH, FLASH_SIZE, flash, false);
        oracle_map(oracle[k], RAM, RAM_SIZE, ram[1], true);
    }
}

static void first_state(uint8_t *memory)
{
    static const uint32_t h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    for (unsigned k = 0; k < 32; k++)
        memory[k] = (uint8_t)(h[k / 4] >> 8 * (k % 4));
}

/* Seconds of one digest */
static double once(unsigned who)
{
    struct machine m = {.r = {RAM, MESSAGE, BLOCKS, [13] = RAM + RAM_SIZE, [14] = STOP | 1}};
    first_state(ram[who != OTARIG]);
    if (who != OTARIG) {
        struct oracle *o = oracle[who == HOOKED];
        oracle_set(o, &m, false);
        double t = now();
        oracle_run(o, FLASH, STOP, who == HOOKED);
        return now() - t;
    }
    cpu_reset(core, FLASH + 0xc000);
    for (unsigned k = 0; k < 15; k++)
        cpu_set_reg(core, k, m.r[k]);
    cpu_set_reg(core, 15, FLASH);
    uint64_t before = cpu_instructions(core);
    double t = now();
    cpu_run(core, UINT64_MAX);
    t = now() - t;
    instructions = cpu_instructions(core) - before;
    return t;
}

static bool right(unsigned who)
{
    uint8_t want[32], got[32];
    const uint8_t *h = ram[who != OTARIG];
    crypto_sha256(flash + (MESSAGE - FLASH), LENGTH, want);
    for (unsigned k = 0; k < 32; k++)
        got[k] = h[(k & ~3u) + 3 - k % 4];
    return !memcmp(got, want, 32);
}

int main(void)
{
    static const char *const name[CONTENDERS] = {"otarig", "Unicorn, a hook on every instruction", "Unicorn, no hooks"};
    double best[CONTENDERS] = {1e9, 1e9, 1e9};
    bool good = true;
    prepare();
    memcpy(flash + 0xc000, (const uint8_t[]){0, 0, 1, 0x20, 1, 0, 0, 8}, 8); /* vectors */
    for (unsigned run = 0; run < RUNS; run++)
        for (unsigned who = 0; who < CONTENDERS; who++) { /* in turn, so that a busy moment hits all */
            double t = once(who);
            best[who] = t < best[who] ? t : best[who];
            good = good && right(who);
        }
    printf("SHA-256 of %d KB, %.1f M instructions, best of %d\n", LENGTH / 1024, (double)instructions / 1e6, RUNS);
    for (unsigned who = 0; who < CONTENDERS; who++)
        printf("%s: %.1f MIPS\n", name[who], (double)instructions / best[who] / 1e6);
    printf("otarig against Unicorn with hooks: %.2f times as fast; without: %.2f\n", best[HOOKED] / best[OTARIG],
           best[PLAIN] / best[OTARIG]);
    if (!good)
        puts("bench_cpu: a digest is wrong");
    cpu_free(core);
    oracle_free(oracle[0]);
    oracle_free(oracle[1]);
    free(flash);
    return !good || best[HOOKED] < best[OTARIG];
}
