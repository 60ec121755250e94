/* SPDX-License-Identifier: GPL-3.0-or-later
 * The second opinion on instructions: Unicorn's Cortex-M4, behind an interface without its types. Tests only.
 */
#ifndef TESTS_ORACLE_H
#define TESTS_ORACLE_H
#include <stdbool.h>
#include <stdint.h>

/* What an instruction can change, but for memory. apsr: NZCVQ and GE. */
struct machine {
    uint32_t r[16];
    uint32_t apsr, fpscr;
    uint32_t s[32];
};

struct oracle;
enum oracle_end { ORACLE_OK, ORACLE_FAULT, ORACLE_SVC, ORACLE_BKPT, ORACLE_EXC_RETURN };

struct oracle *oracle_new(void); /* aborts when the library refuses */
void oracle_free(struct oracle *o);
void oracle_map(struct oracle *o, uint32_t addr, uint32_t size, void *mem, bool writable); /* multiples of 4096 */
void oracle_forget(struct oracle *o, uint32_t addr, uint32_t size);                        /* code there changed */
void oracle_set(struct oracle *o, const struct machine *m, bool fp);
void oracle_get(struct oracle *o, struct machine *m, bool fp);
enum oracle_end oracle_step(struct oracle *o, uint32_t pc, unsigned n); /* n instructions from pc */
const char *oracle_error(const struct oracle *o);                       /* of the last step */

/* For the speed comparison: runs from pc until the program reaches until; with a hook that counts every instruction, or without. */
uint64_t oracle_run(struct oracle *o, uint32_t pc, uint32_t until, bool count);

#endif
