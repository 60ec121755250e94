/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every encoding class of ARMv7E-M with FPv4-SP as a pattern, written from the architecture manual and independent of the decoder.
 */
#ifndef TESTS_ORACLE_CLASSES_H
#define TESTS_ORACLE_CLASSES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CLASS_MEM = 1,      /* accesses memory at base register n (or SP) */
    CLASS_STORE = 2,
    CLASS_ALIGNED = 4,  /* its address must be word aligned whatever CCR says */
    CLASS_FP = 8,
    CLASS_BRANCH = 16,  /* may change PC: last in an IT block */
    CLASS_NO_IT = 32,
    CLASS_SP = 64,      /* base register is SP */
    CLASS_OWN = 128,    /* not for the oracle: checked on its own (WFI …) */
    CLASS_EXCL = 256,   /* the local monitor matters */
};

/* Pattern: 0 and 1 fixed; - should be 0 and + should be 1, or UNPREDICTABLE; a letter: a bit of that field, most significant first.
 * rules, separated by spaces: "r:dnm" 13 or 15 in d, n or m is UNPREDICTABLE; "p:" 15; "s:" 13; "e:dn" equal fields; "w:nt" equal
 * when field w is 1; "x:d" 15 is another class; "z:l" 0 is UNPREDICTABLE. check: the rest: 0 sound, 1 UNPREDICTABLE, 2 another class. */
struct encoding;
struct encoding_class {
    const char *name, *pattern, *rules;
    unsigned flags;
    int (*check)(const struct encoding *e);
};

/* One instruction and its class */
struct encoding {
    const struct encoding_class *c;
    uint32_t bits; /* as the manual prints it: 16 bits, or first halfword in the upper half */
};

extern const struct encoding_class encoding_classes[];
extern const size_t encoding_classes_n;

bool encoding_wide(const struct encoding_class *c);
void encoding_pattern(const struct encoding_class *c, uint32_t *mask, uint32_t *value); /* of the fixed bits */
uint32_t encoding_should(const struct encoding_class *c, uint32_t bits);                /* bits with every - and + as it should be */
bool encoding_has(const struct encoding *e, char field);
uint32_t encoding_field(const struct encoding *e, char field); /* 0 when it has none */
int encoding_check(const struct encoding *e); /* 0 sound, 1 UNPREDICTABLE or UNDEFINED, 2 belongs to another class */
/* The class of an encoding; NULL: none, it is UNDEFINED. */
const struct encoding_class *encoding_find(uint32_t bits, bool wide);

#endif
