/* SPDX-License-Identifier: GPL-3.0-or-later
 * Unicorn 2 as a Cortex-M4, behind oracle.h.
 */
#include "tests/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

struct oracle {
    uc_engine *uc;
    int interrupt; /* number of the last one; -1 none */
    uc_err error;
    uint32_t cpsr; /* mode bits to keep */
};

static void check(uc_err e, const char *what)
{
    if (e == UC_ERR_OK)
        return;
    fprintf(stderr, "oracle: %s: %s\n", what, uc_strerror(e));
    abort();
}

static void on_interrupt(uc_engine *uc, uint32_t number, void *user)
{
    struct oracle *o = user;
    o->interrupt = (int)number;
    uc_emu_stop(uc);
}

struct oracle *oracle_new(void)
{
    struct oracle *o = calloc(1, sizeof *o);
    uc_hook hook;
    if (!o)
        abort();
    check(uc_open(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, &o->uc), "open");
    check(uc_ctl_set_cpu_model(o->uc, UC_CPU_ARM_CORTEX_M4), "model");
    check(uc_hook_add(o->uc, &hook, UC_HOOK_INTR, (void *)on_interrupt, o, 1, 0), "hook");
    check(uc_reg_read(o->uc, UC_ARM_REG_CPSR, &o->cpsr), "mode");
    o->cpsr &= ~0xfe0ffc00u;
    return o;
}

void oracle_free(struct oracle *o)
{
    if (o)
        uc_close(o->uc);
    free(o);
}

void oracle_map(struct oracle *o, uint32_t addr, uint32_t size, void *mem, bool writable)
{
    check(uc_mem_map_ptr(o->uc, addr, size, writable ? UC_PROT_READ | UC_PROT_WRITE : UC_PROT_READ | UC_PROT_EXEC, mem), "map");
}

void oracle_forget(struct oracle *o, uint32_t addr, uint32_t size)
{
    check(uc_ctl_remove_cache(o->uc, (uint64_t)addr, (uint64_t)addr + size), "forget");
}

static void transfer(struct oracle *o, struct machine *m, bool fp, bool write)
{
    static int id[16 + 33];
    void *value[16 + 33];
    uint32_t cpsr = o->cpsr | (m->apsr & 0xf80f0000);
    for (int k = 0; k < 15; k++) {
        id[k] = k < 13 ? UC_ARM_REG_R0 + k : k == 13 ? UC_ARM_REG_SP : UC_ARM_REG_LR;
        value[k] = &m->r[k];
    }
    id[15] = UC_ARM_REG_CPSR;
    value[15] = &cpsr;
    for (int k = 0; k < 32; k++) {
        id[16 + k] = UC_ARM_REG_S0 + k;
        value[16 + k] = &m->s[k];
    }
    id[48] = UC_ARM_REG_FPSCR;
    value[48] = &m->fpscr;
    int n = fp ? 49 : 16;
    check(write ? uc_reg_write_batch(o->uc, id, value, n) : uc_reg_read_batch(o->uc, id, value, n), "registers");
    if (!write)
        m->apsr = cpsr & 0xf80f0000;
}

void oracle_set(struct oracle *o, const struct machine *m, bool fp)
{
    struct machine copy = *m;
    transfer(o, &copy, fp, true);
}

void oracle_get(struct oracle *o, struct machine *m, bool fp)
{
    transfer(o, m, fp, false);
    check(uc_reg_read(o->uc, UC_ARM_REG_PC, &m->r[15]), "pc");
}

enum oracle_end oracle_step(struct oracle *o, uint32_t pc, unsigned n)
{
    o->interrupt = -1;
    o->error = uc_emu_start(o->uc, pc | 1, 0xfffffffe, 0, n);
    if (o->interrupt == 2)
        return ORACLE_SVC;
    if (o->interrupt == 7)
        return ORACLE_BKPT;
    /* a branch into nowhere, or into an XN region (interrupt 3), was executed all the same; it is the next instruction that cannot be
     * fetched */
    if (o->interrupt >= 0 && o->interrupt != 3)
        return o->interrupt == 8 ? ORACLE_EXC_RETURN : ORACLE_FAULT;
    bool done = o->error == UC_ERR_OK || o->error == UC_ERR_FETCH_UNMAPPED || o->error == UC_ERR_FETCH_PROT;
    return done ? ORACLE_OK : ORACLE_FAULT;
}

const char *oracle_error(const struct oracle *o) { return uc_strerror(o->error); }

static void on_code(uc_engine *uc, uint64_t addr, uint32_t size, void *user)
{
    (void)uc, (void)addr, (void)size;
    ++*(uint64_t *)user;
}

uint64_t oracle_run(struct oracle *o, uint32_t pc, uint32_t until, bool count)
{
    uint64_t n = 0;
    uc_hook hook = 0;
    if (count)
        check(uc_hook_add(o->uc, &hook, UC_HOOK_CODE, (void *)on_code, &n, 1, 0), "hook");
    check(uc_emu_start(o->uc, pc | 1, until, 0, 0), "run");
    if (count)
        check(uc_hook_del(o->uc, hook), "unhook");
    return n;
}
