/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the files of the core call in each other (sim/cpu*.c only).
 */
#ifndef SIM_CPU_PARTS_H
#define SIM_CPU_PARTS_H
#include "sim/cpu_priv.h"

/* --- cpu_mem.c: memory as an instruction sees it. On a fault c->fault is set and 0 returned. --- */
enum access { ACCESS_OK, ACCESS_MPU, ACCESS_BUS, ACCESS_ALIGN };
enum { MEM_ALIGNED = 1, MEM_USER = 2 }; /* flags: must be aligned whatever CCR says; as if unprivileged */
uint32_t cpu_load(struct cpu *c, uint32_t addr, unsigned size, unsigned flags);
bool cpu_store(struct cpu *c, uint32_t addr, unsigned size, uint32_t value, unsigned flags);
/* One naturally aligned access without recording a fault (stacking, vectors). */
enum access cpu_raw_load(struct cpu *c, uint32_t addr, unsigned size, bool priv, uint32_t *value);
enum access cpu_raw_store(struct cpu *c, uint32_t addr, unsigned size, bool priv, uint32_t value);
bool cpu_load_many(struct cpu *c, uint32_t addr, unsigned n, uint32_t *words);  /* word aligned only */
bool cpu_store_many(struct cpu *c, uint32_t addr, unsigned n, const uint32_t *words);
void cpu_mem_flush(struct cpu *c); /* empties all slots */
void cpu_mem_fill_code(struct cpu *c, uint32_t addr, struct code *code);

/* --- cpu_code.c: decoded pages --- */
/* Code at c->pc with *ip the instruction there, decoded on demand; NULL: the fetch faulted (c->fault). */
struct code *cpu_code_at(struct cpu *c, struct insn **ip);
/* Decodes the entry ip of a kept page. False: this one cannot be kept; go through cpu_code_once. */
bool cpu_code_decode(struct cpu *c, struct code *code, struct insn *ip);
struct code *cpu_code_once(struct cpu *c, struct insn **ip);
void cpu_code_written(struct cpu *c, uint32_t addr, unsigned size); /* the guest wrote there */
void cpu_code_forget(struct cpu *c, struct page *p);
void cpu_code_flush_stale(struct cpu *c);
void cpu_code_relink(struct cpu *c); /* after pages were mapped elsewhere */

/* --- cpu_mpu.c --- */
/* May an access of that kind go there? *whole: the answer holds for the whole page. */
enum mpu_kind { MPU_READ, MPU_WRITE, MPU_FETCH };
bool cpu_mpu_allows(const struct cpu *c, uint32_t addr, enum mpu_kind kind, bool priv, bool *whole);
void cpu_mpu_view(struct cpu *c); /* after a change of privilege, priority or MPU registers */
bool cpu_mpu_register(struct cpu *c, uint32_t addr, uint32_t *value, bool write);

/* --- cpu_exc.c --- */
void cpu_exc_update(struct cpu *c); /* recomputes the execution priority */
void cpu_exc_pend(struct cpu *c, unsigned number);
unsigned cpu_exc_best(const struct cpu *c); /* highest priority pending exception; 0 none */
bool cpu_exc_preempts(const struct cpu *c);
void cpu_exc_take(struct cpu *c, uint32_t return_pc); /* enters the best pending one */
/* A fault of the instruction at c->pc: sets status bits, marks the exception in c->fault. */
void cpu_exc_raise(struct cpu *c, unsigned number, uint32_t cfsr);
void cpu_exc_fault(struct cpu *c, uint32_t return_pc); /* takes the exception in c->fault, or locks up */
void cpu_exc_return(struct cpu *c, uint32_t exc_return);
/* Marks a fault of stacking or lazy FP preservation as pending, escalated as needed (B1.5.10). */
void cpu_exc_derived(struct cpu *c, unsigned number, uint32_t cfsr);
bool cpu_exc_deliverable(const struct cpu *c, unsigned fault); /* enabled, and of higher priority than what runs */
void cpu_exc_deactivate(struct cpu *c, unsigned number);
void cpu_exc_lockup(struct cpu *c);
void cpu_exc_pass(struct cpu *c, unsigned cycles); /* time that is no instruction */
static inline bool cpu_bit(const uint32_t *map, unsigned n) { return map[n / 32] >> n % 32 & 1; }
static inline void cpu_bit_set(uint32_t *map, unsigned n, bool on)
{
    map[n / 32] = (map[n / 32] & ~(1u << n % 32)) | (uint32_t)on << n % 32;
}
void cpu_exc_sync_call(struct cpu *c, unsigned number, uint32_t return_pc); /* SVC, DebugMonitor */
bool cpu_exc_wakes(const struct cpu *c); /* would end WFI */
int cpu_exc_group_priority(const struct cpu *c, unsigned number);
void cpu_exc_select_sp(struct cpu *c, unsigned control); /* writes CONTROL.SPSEL as the mode allows */
/* What a boundary between instructions wants done: a reason to leave, or -1 to go on at c->pc. */
int cpu_exc_boundary(struct cpu *c);

/* --- cpu_scs.c, cpu_systick.c: registers; addr is word aligned, lanes says which bytes a store carries --- */
uint32_t cpu_scs_load(struct cpu *c, uint32_t addr);
void cpu_scs_store(struct cpu *c, uint32_t addr, uint32_t value, uint32_t lanes);
void cpu_scs_reset(struct cpu *c);
bool cpu_nvic_register(struct cpu *c, uint32_t addr, uint32_t *value, uint32_t lanes); /* lanes 0: a read */
bool cpu_debug_register(struct cpu *c, uint32_t addr, uint32_t *value, uint32_t lanes);
uint32_t cpu_systick_load(struct cpu *c, uint32_t addr);
void cpu_systick_store(struct cpu *c, uint32_t addr, uint32_t value);
void cpu_systick_sync(struct cpu *c); /* brings it up to c->cycles */

/* --- execution --- */
enum cpu_why cpu_exec(struct cpu *c);
void cpu_dsp(struct cpu *c, const struct insn *i);
void cpu_fp(struct cpu *c, const struct insn *i);           /* may fault */
bool cpu_fp_allowed(const struct cpu *c);                     /* CPACR */
bool cpu_fp_ready(struct cpu *c);                            /* ExecuteFPCheck (B1.5.7); false: fault raised */
void cpu_extended_load(struct cpu *c, const struct insn *i, uint32_t *branch); /* LDX; *branch: what went to PC, if it did */
void cpu_extended_store(struct cpu *c, const struct insn *i);
void cpu_mrs(struct cpu *c, const struct insn *i);
void cpu_msr(struct cpu *c, const struct insn *i);
void cpu_cps(struct cpu *c, const struct insn *i);
bool cpu_divide_by_zero(struct cpu *c); /* true: trapped */

/* Little-endian memory, whatever the host */
static inline uint32_t le16(const uint8_t *p) { return p[0] | (uint32_t)p[1] << 8; }
static inline uint32_t le32(const uint8_t *p) { return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }
static inline void put16(uint8_t *p, uint32_t v) { p[0] = (uint8_t)v; p[1] = (uint8_t)(v >> 8); }
static inline void put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
}

#endif
