/* SPDX-License-Identifier: GPL-3.0-or-later
 * Where the oracle (Unicorn 2.0.1) differs from the architecture, by name and with the reason. A mask must not hide more than it says.
 */
#include "tests/oracle_case.h"

#include <string.h>

static bool unaligned(const struct trial *t)
{
    return (t->e.c->flags & CLASS_ALIGNED) && t->our_end == END_FAULT && (t->cfsr & 1 << 24) && t->their_end != END_FAULT;
}

static bool unaligned_pc(const struct trial *t)
{
    return (t->e.c->flags & CLASS_BRANCH) && encoding_field(&t->e, 't') == 15 && t->our_end == END_FAULT && (t->cfsr & 1 << 24)
        && t->their_end != END_FAULT;
}

/* The directed mode is the only reason: nothing but the destination differs. */
static bool fixed_rounding(const struct trial *t)
{
    return !strcmp(t->e.c->name, "vcvt-from-fixed") && (t->before.fpscr >> 22 & 3) && t->ours.fpscr == t->theirs.fpscr;
}

/* Both products 0x40000000: their sum leaves 32 bits, and a negative accumulator brings it back. */
static bool smlad_q(const struct trial *t)
{
    uint32_t a = encoding_field(&t->e, 'a');
    return !strcmp(t->e.c->name, "smlad") && t->before.r[encoding_field(&t->e, 'n')] == 0x80008000
        && t->before.r[encoding_field(&t->e, 'm')] == 0x80008000 && a != 15 && t->before.r[a] >> 31
        && (t->ours.apsr ^ t->theirs.apsr) == 1u << 27 && !memcmp(t->ours.r, t->theirs.r, sizeof t->ours.r);
}

static bool even_target(const struct trial *t) { return t->even && (t->e.c->flags & CLASS_BRANCH); }

static bool exc_return(const struct trial *t)
{
    return (t->e.c->flags & CLASS_BRANCH) && t->our_end == END_OK && t->their_end == END_OTHER && t->ours.r[15] >> 24 == 0xff;
}

/* Everything agrees but bits 1:0 of r13. */
static bool sp_bits(const struct trial *t)
{
    struct machine a = t->ours, b = t->theirs;
    if (t->our_end != END_OK || t->their_end != END_OK || a.r[13] != (b.r[13] & ~3u) || a.r[13] == b.r[13])
        return false;
    b.r[13] = a.r[13];
    return !memcmp(a.r, b.r, sizeof a.r) && a.apsr == b.apsr;
}

const struct oracle_mask oracle_masks[] = {
    {"unaligned-multiple", "LDM, LDRD, LDREX, VLDR … at an unaligned address do not fault in the oracle (A3.2.1: they must)", unaligned},
    {"even-target", "a branch that clears EPSR.T ends the oracle's run; here INVSTATE comes with the next instruction (A4.1.1)",
     even_target},
    {"exc-return-thread", "the oracle takes 0xFFxxxxxx for EXC_RETURN in thread mode too, where it is an address (B1.5.8)", exc_return},
    {"sp-low-bits", "bits 1:0 of SP can be written in the oracle; they are RAZ/WI (B1.4.7)", sp_bits},
    {"unaligned-pc", "LDR of PC from an unaligned address is UNPREDICTABLE (A7.7.43): UNALIGNED here, done in the oracle", unaligned_pc},
    {"fixed-rounding", "VCVT from fixed point rounds to nearest (A7.7.229); the oracle takes FPSCR's mode", fixed_rounding},
    {"smlad-q", "SMLAD sets Q when the exact sum of all three overflows (A7.7.145); the oracle looks at the products first", smlad_q},
};
const size_t oracle_masks_n = sizeof oracle_masks / sizeof *oracle_masks;

int trial_mask(const struct trial *t)
{
    for (size_t k = 0; k < oracle_masks_n; k++)
        if (oracle_masks[k].is(t))
            return (int)k;
    return -1;
}
