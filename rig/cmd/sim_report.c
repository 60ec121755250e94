/* SPDX-License-Identifier: GPL-3.0-or-later
 * What `otarig sim` tells at the end: faults, resets, flash errors, accesses outside the model, registers. */
#include "cmd/sim_report.h"

#include "sim/cpu.h"

#include <inttypes.h>
#include <string.h>

enum { NOTES_MOST = 64 };
static const char *const reset_name[] = {"power", "pin", "software", "watchdog", "option bytes", "window watchdog"};

static void stamp(struct buf *b, uint64_t t)
{
    buf_printf(b, "%" PRIu64 ".%06" PRIu64 " s", t / 1000000000u, t / 1000 % 1000000u);
}

static void flash_op(void *ctx, const struct flash_op *op)
{
    struct sim_report *r = ctx;
    bool erase = op->kind == FLASH_ERASE || op->kind == FLASH_MASS_ERASE;
    r->programs += !erase;
    r->erases += erase;
    if (r->trace_flash)
        fprintf(stderr,
                "%6" PRIu64 ".%06" PRIu64 " flash #%" PRIu64 " %-10s 0x%08" PRIx32 " %" PRIu32 " bytes, pc 0x%08" PRIx32 "\n",
                op->start_ns / 1000000000u, op->start_ns / 1000 % 1000000u, op->index, flash_kind_name(op->kind),
                0x08000000u + op->addr, op->size, op->pc);
}

static void flash_error(void *ctx, uint32_t sr, uint32_t addr, uint32_t pc)
{
    static const struct { uint32_t bit; const char *name;
    } flag[] = {{1 << 3, "PROGERR"}, {1 << 4, "WRPERR"},  {1 << 5, "PGAERR"}, {1 << 6, "SIZERR"},  {1 << 7, "PGSERR"},
                {1 << 8, "MISERR"},  {1 << 9, "FASTERR"}, {1 << 14, "RDERR"}, {1 << 15, "OPTVERR"}};
    struct sim_report *r = ctx;
    if (r->errors++ >= NOTES_MOST)
        return;
    buf_str(&r->notes, "  flash error ");
    for (size_t i = 0; i < sizeof flag / sizeof *flag; i++)
        if (sr & flag[i].bit)
            buf_printf(&r->notes, "%s ", flag[i].name);
    buf_printf(&r->notes, "at 0x%08" PRIx32 " by pc 0x%08" PRIx32 "\n", addr, pc);
}

static void access_hook(void *ctx, const struct chip_access *a)
{
    struct sim_report *r = ctx;
    char where[48];
    if (r->accesses++ >= NOTES_MOST)
        return;
    buf_printf(&r->notes, "  %s: %s %s (0x%08" PRIx32 ")", a->why, a->write ? "write to" : "read of",
               chip_where(a->addr, where, sizeof where), a->addr);
    if (a->write)
        buf_printf(&r->notes, " value 0x%" PRIx32, a->value);
    buf_printf(&r->notes, " by pc 0x%08" PRIx32 "\n", a->pc);
}

static void reset_hook(void *ctx, enum chip_reset cause, uint64_t t)
{
    struct sim_report *r = ctx;
    if ((unsigned)cause < sizeof r->resets / sizeof *r->resets && !r->resets[cause]++) {
        buf_printf(&r->notes, "  reset by %s, first at ", reset_name[cause]);
        stamp(&r->notes, t);
        buf_char(&r->notes, '\n');
    }
}

static void fault_hook(void *ctx, enum chip_fault kind, uint32_t pc, uint64_t t)
{
    struct sim_report *r = ctx;
    struct cpu *cpu = chip_cpu(r->chip);
    r->faults[kind]++;
    if (r->faulted || (kind != CHIP_FAULT_HARD && kind != CHIP_FAULT_LOCKUP))
        return;
    r->faulted = true;
    r->fault_ns = t;
    r->fault_pc = pc;
    r->cfsr = cpu_special(cpu, CPU_CFSR);
    r->hfsr = cpu_special(cpu, CPU_HFSR);
    r->mmfar = cpu_special(cpu, CPU_MMFAR);
    r->bfar = cpu_special(cpu, CPU_BFAR);
}

void sim_report_hooks(struct sim_report *r, struct chip_hooks *hooks)
{
    hooks->ctx = r;
    hooks->flash_op = flash_op;
    hooks->flash_error = flash_error;
    hooks->access = access_hook;
    hooks->reset = reset_hook;
    hooks->fault = fault_hook;
}

/* Names of the bits of CFSR and HFSR (ARM DDI 0403E B3.2.15, B3.2.16). */
static void fault_bits(struct buf *b, uint32_t cfsr, uint32_t hfsr)
{
    static const struct {
        uint8_t bit;
        const char *name;
    } flag[] = {{0, "IACCVIOL"},  {1, "DACCVIOL"},     {3, "MUNSTKERR"}, {4, "MSTKERR"},    {5, "MLSPERR"},   {8, "IBUSERR"},
                {9, "PRECISERR"}, {10, "IMPRECISERR"}, {11, "UNSTKERR"}, {12, "STKERR"},    {13, "LSPERR"},   {16, "UNDEFINSTR"},
                {17, "INVSTATE"}, {18, "INVPC"},       {19, "NOCP"},     {24, "UNALIGNED"}, {25, "DIVBYZERO"}};
    for (size_t i = 0; i < sizeof flag / sizeof *flag; i++)
        if (cfsr >> flag[i].bit & 1)
            buf_printf(b, " %s", flag[i].name);
    if (hfsr & 2)
        buf_str(b, " VECTTBL");
    if (hfsr >> 30 & 1)
        buf_str(b, " FORCED");
    if (hfsr >> 31)
        buf_str(b, " DEBUGEVT");
}

static void print_fault(const struct sim_report *r, struct buf *b)
{
    if (!r->faulted)
        return;
    buf_printf(b, "%s  %s%s at pc 0x%08" PRIx32 ", ", r->color ? "\033[31m" : "",
               r->faults[CHIP_FAULT_LOCKUP] ? "lockup" : "hard fault", r->color ? "\033[0m" : "", r->fault_pc);
    stamp(b, r->fault_ns);
    buf_str(b, ":");
    fault_bits(b, r->cfsr, r->hfsr);
    if (r->cfsr >> 7 & 1)
        buf_printf(b, ", address 0x%08" PRIx32, r->mmfar);
    if (r->cfsr >> 15 & 1)
        buf_printf(b, ", address 0x%08" PRIx32, r->bfar);
    buf_char(b, '\n');
}

static void print_registers(const struct sim_report *r, struct buf *b)
{
    struct cpu *cpu = chip_cpu(r->chip);
    for (unsigned i = 0; i < 16; i++) {
        static const char *const name[] = {"sp", "lr", "pc"};
        char small[8];
        snprintf(small, sizeof small, "r%u", i);
        buf_printf(b, "%s%-3s %08" PRIx32 "%s", i % 8 ? " " : "  ", i < 13 ? small : name[i - 13], cpu_reg(cpu, i),
                   i % 8 == 7 ? "\n" : "");
    }
    buf_printf(b,
               "  xpsr %08" PRIx32 " msp %08" PRIx32 " psp %08" PRIx32 " control %" PRIx32 " primask %" PRIx32 " basepri %" PRIx32
               "\n",
               cpu_special(cpu, CPU_XPSR), cpu_special(cpu, CPU_MSP), cpu_special(cpu, CPU_PSP), cpu_special(cpu, CPU_CONTROL),
               cpu_special(cpu, CPU_PRIMASK), cpu_special(cpu, CPU_BASEPRI));
}

void sim_report_print(const struct sim_report *r, FILE *to)
{
    struct buf b = {0};
    uint64_t now = chip_now(r->chip);
    buf_str(&b, "  ");
    stamp(&b, now);
    buf_printf(&b,
               " of virtual time, %" PRIu64 " instructions, HCLK %" PRIu32 ".%03" PRIu32 " MHz, flash: %" PRIu64
               " programs, %" PRIu64 " erases\n",
               cpu_instructions(chip_cpu(r->chip)), chip_hclk(r->chip) / 1000000, chip_hclk(r->chip) / 1000 % 1000, r->programs,
               r->erases);
    for (unsigned i = 0; i < sizeof r->resets / sizeof *r->resets; i++)
        if (r->resets[i])
            buf_printf(&b, "  %" PRIu64 " %s by %s\n", r->resets[i], r->resets[i] == 1 ? "reset" : "resets", reset_name[i]);
    print_fault(r, &b);
    if (r->faults[CHIP_FAULT_NMI_ECC])
        buf_printf(&b, "  %" PRIu64 " reads of flash words with a double ECC error (NMI)\n", r->faults[CHIP_FAULT_NMI_ECC]);
    if (r->faults[CHIP_FAULT_BKPT])
        buf_printf(&b, "  %" PRIu64 " BKPT with no debugger\n", r->faults[CHIP_FAULT_BKPT]);
    buf_str(&b, buf_text(&r->notes));
    if (r->accesses > NOTES_MOST || r->errors > NOTES_MOST)
        buf_printf(&b, "  … %" PRIu64 " accesses and %" PRIu64 " flash errors in all, each place once\n", r->accesses, r->errors);
    print_registers(r, &b);
    fputs(buf_text(&b), to);
    buf_free(&b);
}

void sim_report_free(struct sim_report *r)
{
    buf_free(&r->notes);
}
