/* SPDX-License-Identifier: GPL-3.0-or-later
 * The table of encodings (ARM DDI 0403E.e, A5, A6 and A7.7), and what reads it.
 */
#include "tests/oracle_classes.h"

#include <string.h>

#define F(c) encoding_field(e, c)

static unsigned count(uint32_t v) { return (unsigned)__builtin_popcount(v); }
static bool sp_or_pc(uint32_t v) { return v == 13 || v == 15; }

/* --- checks that rules cannot say --- */
static int add_hi(const struct encoding *e) { return F('d') == 15 && F('m') == 15; }
static int cmp_hi(const struct encoding *e) { return (F('n') < 8 && F('m') < 8) || F('n') == 15 || F('m') == 15; }
static int not_plain(const struct encoding *e) { return F('i') ? 0 : 2; } /* a shift by 0 is a move */
static int it(const struct encoding *e)
{
    if (!F('m'))
        return 2;
    return F('c') == 15 || (F('c') == 14 && count(F('m')) != 1);
}
static int hint(const struct encoding *e) { return F('h') >= 1 && F('h') <= 3 ? 2 : 0; }
static int cond(const struct encoding *e) { return F('c') >= 14 ? 2 : 0; }
static int imm_ok(const struct encoding *e) /* ThumbExpandImm: a repeated byte of 0 is UNPREDICTABLE */
{
    return (F('i') >> 10 == 0 && F('i') >> 8 && !(F('i') & 255));
}
static int arith_imm(const struct encoding *e) /* ADD, SUB: SP as destination only with SP as source */
{
    if (F('d') == 15 && F('s'))
        return 2;
    return imm_ok(e) || F('d') == 15 || F('n') == 15 || (F('d') == 13 && F('n') != 13);
}
static int logic_imm(const struct encoding *e) /* AND, EOR: Rd = 15 with S is a test */
{
    if (F('d') == 15 && F('s'))
        return 2;
    return imm_ok(e) || sp_or_pc(F('d')) || sp_or_pc(F('n'));
}
static int move_source(const struct encoding *e) /* ORR, ORN: Rn = 15 is a move */
{
    if (F('n') == 15)
        return 2;
    return imm_ok(e) || sp_or_pc(F('d')) || F('n') == 13;
}
static int arith_reg(const struct encoding *e)
{
    if (F('d') == 15 && F('s'))
        return 2;
    if (F('d') == 15 || F('n') == 15 || sp_or_pc(F('m')))
        return 1;
    return F('d') == 13 && (F('n') != 13 || F('y') || F('i') > 3);
}
static int logic_reg(const struct encoding *e)
{
    if (F('d') == 15 && F('s'))
        return 2;
    return sp_or_pc(F('d')) || sp_or_pc(F('n')) || sp_or_pc(F('m'));
}
static int or_reg(const struct encoding *e)
{
    if (F('n') == 15)
        return 2;
    return sp_or_pc(F('d')) || F('n') == 13 || sp_or_pc(F('m'));
}
static int mov_reg(const struct encoding *e)
{
    if (F('s'))
        return sp_or_pc(F('d')) || sp_or_pc(F('m'));
    return F('d') == 15 || F('m') == 15 || (F('d') == 13 && F('m') == 13);
}
static int shift_imm(const struct encoding *e)
{
    if (!F('y') && !F('i'))
        return 2;
    return sp_or_pc(F('d')) || sp_or_pc(F('m'));
}
static int add12(const struct encoding *e)
{
    if (F('n') == 15)
        return 2;
    return F('d') == 15 || (F('d') == 13 && F('n') != 13);
}
static int sat(const struct encoding *e)
{
    if (F('h') && !F('i'))
        return 2;
    return sp_or_pc(F('d')) || sp_or_pc(F('n'));
}
static int bfx(const struct encoding *e) { return F('i') + F('b') > 31; }
static int bfi(const struct encoding *e) { return F('b') < F('i'); }
static int ldm(const struct encoding *e)
{
    uint32_t list = e->bits & 0xdfff;
    return count(list) < 2 || list >> 14 == 3 || (F('w') && (list >> F('n') & 1));
}
static int stm(const struct encoding *e)
{
    uint32_t list = e->bits & 0x5fff;
    return count(list) < 2 || (F('w') && (list >> F('n') & 1));
}
static int dual(const struct encoding *e) /* STRD; P = W = 0 is elsewhere */
{
    if (!F('p') && !F('w'))
        return 2;
    return F('w') && (F('n') == F('t') || F('n') == F('u'));
}
static int load_dual(const struct encoding *e)
{
    if (!F('p') && !F('w'))
        return 2;
    return F('t') == F('u') || (F('w') && (F('n') == F('t') || F('n') == F('u') || F('n') == 15));
}
static int ldr_word(const struct encoding *e) { return F('n') == 15 ? 2 : 0; }
static int ldr_small(const struct encoding *e) { return F('n') == 15 || F('t') == 15 ? 2 : F('t') == 13; }
static int puw(const struct encoding *e) /* forms with P U W: 000, 010 undefined; 110 is the unprivileged one */
{
    unsigned form = F('p') << 2 | F('q') << 1 | F('w');
    if (form == 6)
        return 2;
    return form == 0 || form == 2 || (F('w') && F('n') == F('t'));
}
static int puw_small(const struct encoding *e)
{
    unsigned form = F('p') << 2 | F('q') << 1 | F('w');
    if (F('n') == 15 || form == 6 || (F('t') == 15 && form == 4)) /* the last: a hint */
        return 2;
    return form == 0 || form == 2 || sp_or_pc(F('t')) || (F('w') && F('n') == F('t'));
}
static int literal_small(const struct encoding *e) { return F('t') == 15 ? 2 : F('t') == 13; }
static int reg_small(const struct encoding *e)
{
    if (F('n') == 15 || F('t') == 15)
        return 2;
    return F('t') == 13 || sp_or_pc(F('m'));
}
static int reg_word(const struct encoding *e)
{
    if (F('n') == 15)
        return 2;
    return sp_or_pc(F('m'));
}
static int unpriv(const struct encoding *e) { return F('n') == 15 ? 2 : sp_or_pc(F('t')); }
static int preload_reg(const struct encoding *e) { return F('n') == 15 ? 2 : sp_or_pc(F('m')); }
static int not_literal(const struct encoding *e) { return F('n') == 15 ? 2 : 0; }
static int accumulate(const struct encoding *e) /* Ra = 15 is the form without addition, which is sound too */
{
    return F('a') == 13 || sp_or_pc(F('d')) || sp_or_pc(F('n')) || sp_or_pc(F('m'));
}
static int sysm(uint32_t m) { return !(m <= 3 || (m >= 5 && m <= 9) || (m >= 16 && m <= 20)); }
static int wait(const struct encoding *e) { return F('h') ? 0 : 2; }
static int same(const struct encoding *e) { return F('n') != F('m'); }
static int mrs(const struct encoding *e) { return F('i') == 0 ? 2 : sysm(F('i')) || sp_or_pc(F('d')); }
static int msr_apsr(const struct encoding *e) { return !F('k'); }
static int msr(const struct encoding *e)
{
    if (F('i') == 0)
        return 2;
    return sysm(F('i')) || !F('k') || (F('k') != 2 && F('i') > 3) || sp_or_pc(F('n'));
}
static int wide_hint(const struct encoding *e) { return F('h') == 2 || F('h') == 3 || F('h') == 1 ? 2 : 0; }
static int vldm(const struct encoding *e)
{
    unsigned first = F('d') << 1 | F('D'), n = F('i');
    return !n || first + n > 32;
}
static int vldm_d(const struct encoding *e)
{
    unsigned n = F('i') / 2;
    return !n || n > 16 || F('d') + n > 16;
}
static int not_pc_wback(const struct encoding *e) { return (F('w') && F('n') == 15) || vldm(e); }
static int not_pc_wback_d(const struct encoding *e) { return (F('w') && F('n') == 15) || vldm_d(e); }
static int two_singles(const struct encoding *e) { return (F('m') == 15 && F('M')) || (F('o') && F('t') == F('u')); }
static int two_words(const struct encoding *e) { return F('o') && F('t') == F('u'); }
static int vmsr(const struct encoding *e) { return sp_or_pc(F('t')); }
static int fixed(const struct encoding *e) { return (F('i') << 1 | F('j')) > (F('x') ? 32u : 16u); }
static int coproc(const struct encoding *e) { return (F('c') & 14) == 10 || F('o') < 2 || F('o') >= 0x30 ? 2 : 0; }

#define FP CLASS_FP
#define M CLASS_MEM
#define S (CLASS_MEM | CLASS_STORE)
#define AL CLASS_ALIGNED
#define BR CLASS_BRANCH
#define NI CLASS_NO_IT
#define OWN CLASS_OWN

const struct encoding_class encoding_classes[] = {
    /* --- 16 bit, A5.2 --- */
    {"lsl-imm-16", "00000iiiiimmmddd", "", 0, not_plain},
    {"movs-reg-16", "0000000000mmmddd", "", NI, NULL},
    {"lsr-imm-16", "00001iiiiimmmddd", "", 0, NULL},
    {"asr-imm-16", "00010iiiiimmmddd", "", 0, NULL},
    {"add-reg-16", "0001100mmmnnnddd", "", 0, NULL},
    {"sub-reg-16", "0001101mmmnnnddd", "", 0, NULL},
    {"add-imm3-16", "0001110iiinnnddd", "", 0, NULL},
    {"sub-imm3-16", "0001111iiinnnddd", "", 0, NULL},
    {"mov-imm8-16", "00100dddiiiiiiii", "", 0, NULL},
    {"cmp-imm8-16", "00101nnniiiiiiii", "", 0, NULL},
    {"add-imm8-16", "00110dddiiiiiiii", "", 0, NULL},
    {"sub-imm8-16", "00111dddiiiiiiii", "", 0, NULL},
    {"and-16", "0100000000mmmddd", "", 0, NULL},
    {"eor-16", "0100000001mmmddd", "", 0, NULL},
    {"lsl-reg-16", "0100000010mmmddd", "", 0, NULL},
    {"lsr-reg-16", "0100000011mmmddd", "", 0, NULL},
    {"asr-reg-16", "0100000100mmmddd", "", 0, NULL},
    {"adc-16", "0100000101mmmddd", "", 0, NULL},
    {"sbc-16", "0100000110mmmddd", "", 0, NULL},
    {"ror-reg-16", "0100000111mmmddd", "", 0, NULL},
    {"tst-16", "0100001000mmmddd", "", 0, NULL},
    {"rsb-16", "0100001001mmmddd", "", 0, NULL},
    {"cmp-16", "0100001010mmmddd", "", 0, NULL},
    {"cmn-16", "0100001011mmmddd", "", 0, NULL},
    {"orr-16", "0100001100mmmddd", "", 0, NULL},
    {"mul-16", "0100001101mmmddd", "", 0, NULL},
    {"bic-16", "0100001110mmmddd", "", 0, NULL},
    {"mvn-16", "0100001111mmmddd", "", 0, NULL},
    {"add-hi-16", "01000100dmmmmddd", "", BR, add_hi},
    {"cmp-hi-16", "01000101nmmmmnnn", "", 0, cmp_hi},
    {"mov-hi-16", "01000110dmmmmddd", "", BR, NULL},
    {"bx-16", "010001110mmmm---", "", BR, NULL},
    {"blx-16", "010001111mmmm---", "p:m", BR, NULL},
    {"ldr-lit-16", "01001tttiiiiiiii", "", 0, NULL},
    {"str-reg-16", "0101000mmmnnnttt", "", S, NULL},
    {"strh-reg-16", "0101001mmmnnnttt", "", S, NULL},
    {"strb-reg-16", "0101010mmmnnnttt", "", S, NULL},
    {"ldrsb-reg-16", "0101011mmmnnnttt", "", M, NULL},
    {"ldr-reg-16", "0101100mmmnnnttt", "", M, NULL},
    {"ldrh-reg-16", "0101101mmmnnnttt", "", M, NULL},
    {"ldrb-reg-16", "0101110mmmnnnttt", "", M, NULL},
    {"ldrsh-reg-16", "0101111mmmnnnttt", "", M, NULL},
    {"str-imm-16", "01100iiiiinnnttt", "", S, NULL},
    {"ldr-imm-16", "01101iiiiinnnttt", "", M, NULL},
    {"strb-imm-16", "01110iiiiinnnttt", "", S, NULL},
    {"ldrb-imm-16", "01111iiiiinnnttt", "", M, NULL},
    {"strh-imm-16", "10000iiiiinnnttt", "", S, NULL},
    {"ldrh-imm-16", "10001iiiiinnnttt", "", M, NULL},
    {"str-sp-16", "10010tttiiiiiiii", "", S | CLASS_SP, NULL},
    {"ldr-sp-16", "10011tttiiiiiiii", "", M | CLASS_SP, NULL},
    {"adr-16", "10100dddiiiiiiii", "", 0, NULL},
    {"add-sp-imm-16", "10101dddiiiiiiii", "", 0, NULL},
    {"add-sp-sp-16", "101100000iiiiiii", "", 0, NULL},
    {"sub-sp-sp-16", "101100001iiiiiii", "", 0, NULL},
    {"cbz-16", "101100i1iiiiinnn", "", BR | NI, NULL},
    {"cbnz-16", "101110i1iiiiinnn", "", BR | NI, NULL},
    {"sxth-16", "1011001000mmmddd", "", 0, NULL},
    {"sxtb-16", "1011001001mmmddd", "", 0, NULL},
    {"uxth-16", "1011001010mmmddd", "", 0, NULL},
    {"uxtb-16", "1011001011mmmddd", "", 0, NULL},
    {"push-16", "1011010lllllllll", "z:l", S | AL | CLASS_SP, NULL},
    {"pop-16", "1011110lllllllll", "z:l", M | AL | CLASS_SP | BR, NULL},
    {"rev-16", "1011101000mmmddd", "", 0, NULL},
    {"rev16-16", "1011101001mmmddd", "", 0, NULL},
    {"revsh-16", "1011101011mmmddd", "", 0, NULL},
    {"cps-16", "10110110011e--ii", "z:i", NI | OWN, NULL},
    {"bkpt-16", "10111110iiiiiiii", "", 0, NULL},
    {"it-16", "10111111ccccmmmm", "", NI, it},
    {"nop-16", "10111111hhhh0000", "", 0, hint},
    {"yield-16", "1011111100010000", "", OWN, NULL},
    {"wfe-16", "1011111100100000", "", OWN, NULL},
    {"wfi-16", "1011111100110000", "", OWN, NULL},
    {"stm-16", "11000nnnllllllll", "z:l", S | AL, NULL},
    {"ldm-16", "11001nnnllllllll", "z:l", M | AL, NULL},
    {"b-cond-16", "1101cccciiiiiiii", "", BR | NI, cond},
    {"svc-16", "11011111iiiiiiii", "", 0, NULL},
    {"b-16", "11100iiiiiiiiiii", "", BR, NULL},
    /* --- 32 bit loads and stores, A5.3.5 to A5.3.10 --- */
    {"stmia", "1110100010w0nnnn-l-lllllllllllll", "p:n", S | AL, stm},
    {"ldmia", "1110100010w1nnnnll-lllllllllllll", "p:n", M | AL | BR, ldm},
    {"stmdb", "1110100100w0nnnn-l-lllllllllllll", "p:n", S | AL, stm},
    {"ldmdb", "1110100100w1nnnnll-lllllllllllll", "p:n", M | AL | BR, ldm},
    {"strd", "1110100pq1w0nnnnttttuuuuiiiiiiii", "r:tu p:n", S | AL, dual},
    {"ldrd", "1110100pq1w1nnnnttttuuuuiiiiiiii", "r:tu", M | AL, load_dual},
    {"strex", "111010000100nnnnttttddddiiiiiiii", "r:dt p:n e:dn e:dt", S | AL | CLASS_EXCL, NULL},
    {"ldrex", "111010000101nnnntttt++++iiiiiiii", "r:t p:n", M | AL | CLASS_EXCL, NULL},
    {"strexb", "111010001100nnnntttt++++0100dddd", "r:dt p:n e:dn e:dt", S | CLASS_EXCL, NULL},
    {"strexh", "111010001100nnnntttt++++0101dddd", "r:dt p:n e:dn e:dt", S | AL | CLASS_EXCL, NULL},
    {"ldrexb", "111010001101nnnntttt++++0100++++", "r:t p:n", M | CLASS_EXCL, NULL},
    {"ldrexh", "111010001101nnnntttt++++0101++++", "r:t p:n", M | AL | CLASS_EXCL, NULL},
    {"tbb", "111010001101nnnn++++----0000mmmm", "s:n r:m", M | BR, NULL},
    {"tbh", "111010001101nnnn++++----0001mmmm", "s:n r:m", M | BR, NULL},
    {"strb-imm12", "111110001000nnnnttttiiiiiiiiiiii", "r:t p:n", S, NULL},
    {"strh-imm12", "111110001010nnnnttttiiiiiiiiiiii", "r:t p:n", S, NULL},
    {"str-imm12", "111110001100nnnnttttiiiiiiiiiiii", "p:tn", S, NULL},
    {"strb-imm8", "111110000000nnnntttt1pqwiiiiiiii", "r:t p:n", S, puw},
    {"strh-imm8", "111110000010nnnntttt1pqwiiiiiiii", "r:t p:n", S, puw},
    {"str-imm8", "111110000100nnnntttt1pqwiiiiiiii", "p:tn", S, puw},
    {"strbt", "111110000000nnnntttt1110iiiiiiii", "r:t p:n", S, NULL},
    {"strht", "111110000010nnnntttt1110iiiiiiii", "r:t p:n", S, NULL},
    {"strt", "111110000100nnnntttt1110iiiiiiii", "r:t p:n", S, NULL},
    {"strb-reg", "111110000000nnnntttt000000iimmmm", "r:tm p:n", S, NULL},
    {"strh-reg", "111110000010nnnntttt000000iimmmm", "r:tm p:n", S, NULL},
    {"str-reg", "111110000100nnnntttt000000iimmmm", "p:tn r:m", S, NULL},
    {"ldrb-imm12", "111110001001nnnnttttiiiiiiiiiiii", "", M, ldr_small},
    {"ldrsb-imm12", "111110011001nnnnttttiiiiiiiiiiii", "", M, ldr_small},
    {"ldrh-imm12", "111110001011nnnnttttiiiiiiiiiiii", "", M, ldr_small},
    {"ldrsh-imm12", "111110011011nnnnttttiiiiiiiiiiii", "", M, ldr_small},
    {"ldr-imm12", "111110001101nnnnttttiiiiiiiiiiii", "", M | BR, ldr_word},
    {"ldrb-imm8", "111110000001nnnntttt1pqwiiiiiiii", "", M, puw_small},
    {"ldrsb-imm8", "111110010001nnnntttt1pqwiiiiiiii", "", M, puw_small},
    {"ldrh-imm8", "111110000011nnnntttt1pqwiiiiiiii", "", M, puw_small},
    {"ldrsh-imm8", "111110010011nnnntttt1pqwiiiiiiii", "", M, puw_small},
    {"ldr-imm8", "111110000101nnnntttt1pqwiiiiiiii", "x:n", M | BR, puw},
    {"ldrbt", "111110000001nnnntttt1110iiiiiiii", "", M, unpriv},
    {"ldrsbt", "111110010001nnnntttt1110iiiiiiii", "", M, unpriv},
    {"ldrht", "111110000011nnnntttt1110iiiiiiii", "", M, unpriv},
    {"ldrsht", "111110010011nnnntttt1110iiiiiiii", "", M, unpriv},
    {"ldrt", "111110000101nnnntttt1110iiiiiiii", "", M, unpriv},
    {"ldrb-lit", "11111000q0011111ttttiiiiiiiiiiii", "", 0, literal_small},
    {"ldrsb-lit", "11111001q0011111ttttiiiiiiiiiiii", "", 0, literal_small},
    {"ldrh-lit", "11111000q0111111ttttiiiiiiiiiiii", "", 0, literal_small},
    {"ldrsh-lit", "11111001q0111111ttttiiiiiiiiiiii", "", 0, literal_small},
    {"ldr-lit", "11111000q1011111ttttiiiiiiiiiiii", "", BR, NULL},
    {"ldrb-reg", "111110000001nnnntttt000000iimmmm", "", M, reg_small},
    {"ldrsb-reg", "111110010001nnnntttt000000iimmmm", "", M, reg_small},
    {"ldrh-reg", "111110000011nnnntttt000000iimmmm", "", M, reg_small},
    {"ldrsh-reg", "111110010011nnnntttt000000iimmmm", "", M, reg_small},
    {"ldr-reg", "111110000101nnnntttt000000iimmmm", "", M | BR, reg_word},
    {"hint-imm12", "1111100h10w1nnnn1111iiiiiiiiiiii", "", 0, not_literal}, /* PLD, PLI, unallocated memory hints */
    {"hint-imm8", "1111100h00w1nnnn11111100iiiiiiii", "", 0, not_literal},
    {"hint-lit", "1111100hq0w111111111iiiiiiiiiiii", "", 0, NULL},
    {"hint-reg", "1111100h00w1nnnn1111000000iimmmm", "", 0, preload_reg},
    /* --- data processing, shifted register: A5.3.11 --- */
    {"and-reg", "11101010000snnnn-iiiddddiiyymmmm", "", 0, logic_reg},
    {"bic-reg", "11101010001snnnn-iiiddddiiyymmmm", "r:dnm", 0, NULL},
    {"orr-reg", "11101010010snnnn-iiiddddiiyymmmm", "", 0, or_reg},
    {"orn-reg", "11101010011snnnn-iiiddddiiyymmmm", "", 0, or_reg},
    {"eor-reg", "11101010100snnnn-iiiddddiiyymmmm", "", 0, logic_reg},
    {"pkh", "111010101100nnnn-iiiddddiiy0mmmm", "r:dnm", 0, NULL},
    {"add-reg", "11101011000snnnn-iiiddddiiyymmmm", "", 0, arith_reg},
    {"adc-reg", "11101011010snnnn-iiiddddiiyymmmm", "r:dnm", 0, NULL},
    {"sbc-reg", "11101011011snnnn-iiiddddiiyymmmm", "r:dnm", 0, NULL},
    {"sub-reg", "11101011101snnnn-iiiddddiiyymmmm", "", 0, arith_reg},
    {"rsb-reg", "11101011110snnnn-iiiddddiiyymmmm", "r:dnm", 0, NULL},
    {"tst-reg", "111010100001nnnn-iii1111iiyymmmm", "r:nm", 0, NULL},
    {"teq-reg", "111010101001nnnn-iii1111iiyymmmm", "r:nm", 0, NULL},
    {"cmn-reg", "111010110001nnnn-iii1111iiyymmmm", "p:n r:m", 0, NULL},
    {"cmp-reg", "111010111011nnnn-iii1111iiyymmmm", "p:n r:m", 0, NULL},
    {"mov-reg", "11101010010s1111-000dddd0000mmmm", "", 0, mov_reg},
    {"shift-imm", "11101010010s1111-iiiddddiiyymmmm", "", 0, shift_imm},
    {"mvn-reg", "11101010011s1111-iiiddddiiyymmmm", "r:dm", 0, NULL},
    /* --- modified immediate: A5.3.1 --- */
    {"and-imm", "11110i00000snnnn0iiiddddiiiiiiii", "", 0, logic_imm},
    {"bic-imm", "11110i00001snnnn0iiiddddiiiiiiii", "r:dn", 0, imm_ok},
    {"orr-imm", "11110i00010snnnn0iiiddddiiiiiiii", "", 0, move_source},
    {"orn-imm", "11110i00011snnnn0iiiddddiiiiiiii", "", 0, move_source},
    {"eor-imm", "11110i00100snnnn0iiiddddiiiiiiii", "", 0, logic_imm},
    {"add-imm", "11110i01000snnnn0iiiddddiiiiiiii", "", 0, arith_imm},
    {"adc-imm", "11110i01010snnnn0iiiddddiiiiiiii", "r:dn", 0, imm_ok},
    {"sbc-imm", "11110i01011snnnn0iiiddddiiiiiiii", "r:dn", 0, imm_ok},
    {"sub-imm", "11110i01101snnnn0iiiddddiiiiiiii", "", 0, arith_imm},
    {"rsb-imm", "11110i01110snnnn0iiiddddiiiiiiii", "r:dn", 0, imm_ok},
    {"tst-imm", "11110i000001nnnn0iii1111iiiiiiii", "r:n", 0, imm_ok},
    {"teq-imm", "11110i001001nnnn0iii1111iiiiiiii", "r:n", 0, imm_ok},
    {"cmn-imm", "11110i010001nnnn0iii1111iiiiiiii", "p:n", 0, imm_ok},
    {"cmp-imm", "11110i011011nnnn0iii1111iiiiiiii", "p:n", 0, imm_ok},
    {"mov-imm", "11110i00010s11110iiiddddiiiiiiii", "r:d", 0, imm_ok},
    {"mvn-imm", "11110i00011s11110iiiddddiiiiiiii", "r:d", 0, imm_ok},
    /* --- plain immediate: A5.3.3 --- */
    {"addw", "11110i100000nnnn0iiiddddiiiiiiii", "", 0, add12},
    {"subw", "11110i101010nnnn0iiiddddiiiiiiii", "", 0, add12},
    {"adr-add", "11110i10000011110iiiddddiiiiiiii", "r:d", 0, NULL},
    {"adr-sub", "11110i10101011110iiiddddiiiiiiii", "r:d", 0, NULL},
    {"movw", "11110i100100iiii0iiiddddiiiiiiii", "r:d", 0, NULL},
    {"movt", "11110i101100iiii0iiiddddiiiiiiii", "r:d", 0, NULL},
    {"ssat", "11110-1100h0nnnn0iiiddddii-bbbbb", "", 0, sat},
    {"ssat16", "11110-110010nnnn0000dddd00--bbbb", "r:dn", 0, NULL},
    {"usat", "11110-1110h0nnnn0iiiddddii-bbbbb", "", 0, sat},
    {"usat16", "11110-111010nnnn0000dddd00--bbbb", "r:dn", 0, NULL},
    {"sbfx", "11110-110100nnnn0iiiddddii-bbbbb", "r:dn", 0, bfx},
    {"ubfx", "11110-111100nnnn0iiiddddii-bbbbb", "r:dn", 0, bfx},
    {"bfi", "11110-110110nnnn0iiiddddii-bbbbb", "r:d s:n", 0, bfi},
    /* --- register: A5.3.12 to A5.3.15 --- */
    {"lsl-reg", "11111010000snnnn1111dddd0000mmmm", "r:dnm", 0, NULL},
    {"lsr-reg", "11111010001snnnn1111dddd0000mmmm", "r:dnm", 0, NULL},
    {"asr-reg", "11111010010snnnn1111dddd0000mmmm", "r:dnm", 0, NULL},
    {"ror-reg", "11111010011snnnn1111dddd0000mmmm", "r:dnm", 0, NULL},
    {"sxtah", "111110100000nnnn1111dddd1-iimmmm", "r:dm s:n", 0, NULL},
    {"uxtah", "111110100001nnnn1111dddd1-iimmmm", "r:dm s:n", 0, NULL},
    {"sxtab16", "111110100010nnnn1111dddd1-iimmmm", "r:dm s:n", 0, NULL},
    {"uxtab16", "111110100011nnnn1111dddd1-iimmmm", "r:dm s:n", 0, NULL},
    {"sxtab", "111110100100nnnn1111dddd1-iimmmm", "r:dm s:n", 0, NULL},
    {"uxtab", "111110100101nnnn1111dddd1-iimmmm", "r:dm s:n", 0, NULL},
#define PARALLEL(prefix, low) \
    {prefix "add8", "111110101000nnnn1111dddd" low "mmmm", "r:dnm", 0, NULL}, \
    {prefix "add16", "111110101001nnnn1111dddd" low "mmmm", "r:dnm", 0, NULL}, \
    {prefix "asx", "111110101010nnnn1111dddd" low "mmmm", "r:dnm", 0, NULL}, \
    {prefix "sub8", "111110101100nnnn1111dddd" low "mmmm", "r:dnm", 0, NULL}, \
    {prefix "sub16", "111110101101nnnn1111dddd" low "mmmm", "r:dnm", 0, NULL}, \
    {prefix "sax", "111110101110nnnn1111dddd" low "mmmm", "r:dnm", 0, NULL}
    PARALLEL("s", "0000"),
    PARALLEL("q", "0001"),
    PARALLEL("sh", "0010"),
    PARALLEL("u", "0100"),
    PARALLEL("uq", "0101"),
    PARALLEL("uh", "0110"),
    {"qadd", "111110101000nnnn1111dddd1000mmmm", "r:dnm", 0, NULL},
    {"qdadd", "111110101000nnnn1111dddd1001mmmm", "r:dnm", 0, NULL},
    {"qsub", "111110101000nnnn1111dddd1010mmmm", "r:dnm", 0, NULL},
    {"qdsub", "111110101000nnnn1111dddd1011mmmm", "r:dnm", 0, NULL},
    {"sel", "111110101010nnnn1111dddd1000mmmm", "r:dnm", 0, NULL},
#define UNARY(name, top, low) {name, "1111101010" top "nnnn1111dddd" low "mmmm", "r:dm", 0, same}
    UNARY("rev", "01", "1000"),
    UNARY("rev16", "01", "1001"),
    UNARY("rbit", "01", "1010"),
    UNARY("revsh", "01", "1011"),
    UNARY("clz", "11", "1000"),
    /* --- multiplies: A5.3.16, A5.3.17 --- */
    {"mla", "111110110000nnnnaaaadddd0000mmmm", "", 0, accumulate},
    {"mls", "111110110000nnnnaaaadddd0001mmmm", "r:adnm", 0, NULL},
    {"smlaxy", "111110110001nnnnaaaadddd00xymmmm", "", 0, accumulate},
    {"smlad", "111110110010nnnnaaaadddd000xmmmm", "", 0, accumulate},
    {"smlaw", "111110110011nnnnaaaadddd000xmmmm", "", 0, accumulate},
    {"smlsd", "111110110100nnnnaaaadddd000xmmmm", "", 0, accumulate},
    {"smmla", "111110110101nnnnaaaadddd000xmmmm", "", 0, accumulate},
    {"smmls", "111110110110nnnnaaaadddd000xmmmm", "r:adnm", 0, NULL},
    {"usada8", "111110110111nnnnaaaadddd0000mmmm", "", 0, accumulate},
    {"smull", "111110111000nnnnllllhhhh0000mmmm", "r:lhnm e:lh", 0, NULL},
    {"sdiv", "111110111001nnnn++++dddd1111mmmm", "r:dnm", 0, NULL},
    {"umull", "111110111010nnnnllllhhhh0000mmmm", "r:lhnm e:lh", 0, NULL},
    {"udiv", "111110111011nnnn++++dddd1111mmmm", "r:dnm", 0, NULL},
    {"smlal", "111110111100nnnnllllhhhh0000mmmm", "r:lhnm e:lh", 0, NULL},
    {"smlalxy", "111110111100nnnnllllhhhh10xymmmm", "r:lhnm e:lh", 0, NULL},
    {"smlald", "111110111100nnnnllllhhhh110xmmmm", "r:lhnm e:lh", 0, NULL},
    {"smlsld", "111110111101nnnnllllhhhh110xmmmm", "r:lhnm e:lh", 0, NULL},
    {"umlal", "111110111110nnnnllllhhhh0000mmmm", "r:lhnm e:lh", 0, NULL},
    {"umaal", "111110111110nnnnllllhhhh0110mmmm", "r:lhnm e:lh", 0, NULL},
    /* --- branches and control: A5.3.4 --- */
    {"b-cond", "11110scccciiiiii10j0kiiiiiiiiiii", "", BR | NI, cond},
    {"b", "11110siiiiiiiiii10j1kiiiiiiiiiii", "", BR, NULL},
    {"bl", "11110siiiiiiiiii11j1kiiiiiiiiiii", "", BR, NULL},
    {"mrs-apsr", "11110011111-++++10-0dddd00000000", "r:d", 0, NULL},
    {"msr-apsr", "11110011100-nnnn10-0kk--00000000", "r:n", 0, msr_apsr},
    {"mrs", "11110011111-++++10-0ddddiiiiiiii", "", OWN, mrs},
    {"msr", "11110011100-nnnn10-0kk--iiiiiiii", "", OWN, msr},
    {"nop", "111100111010++++10-0-000hhhhhhhh", "", OWN, wide_hint},
    {"wait", "111100111010++++10-0-000000000hh", "", OWN, wait},
    {"clrex", "111100111011++++10-0++++0010++++", "", 0, NULL},
    {"dsb", "111100111011++++10-0++++0100iiii", "", 0, NULL},
    {"dmb", "111100111011++++10-0++++0101iiii", "", 0, NULL},
    {"isb", "111100111011++++10-0++++0110iiii", "", 0, NULL},
    /* --- FPv4-SP: A6 --- */
#define ARITH(name, high, op) {name, "11101110" high "iiiiiiii1010i" op "i0iiii", "", FP, NULL}
    ARITH("vmla", "0i00", "0"),
    ARITH("vmls", "0i00", "1"),
    ARITH("vnmls", "0i01", "0"),
    ARITH("vnmla", "0i01", "1"),
    ARITH("vmul", "0i10", "0"),
    ARITH("vnmul", "0i10", "1"),
    ARITH("vadd", "0i11", "0"),
    ARITH("vsub", "0i11", "1"),
    ARITH("vdiv", "1i00", "0"),
    ARITH("vfnms", "1i01", "0"),
    ARITH("vfnma", "1i01", "1"),
    ARITH("vfma", "1i10", "0"),
    ARITH("vfms", "1i10", "1"),
#define UNOP(name, what, op) {name, "111011101i11" what "iiii1010" op "1i0iiii", "", FP, NULL}
    {"vmov-imm", "111011101i11iiiiiiii1010-0-0iiii", "", FP, NULL},
    UNOP("vmov-reg", "0000", "0"),
    UNOP("vabs", "0000", "1"),
    UNOP("vneg", "0001", "0"),
    UNOP("vsqrt", "0001", "1"),
    UNOP("vcvt-from-half", "0010", "i"),
    UNOP("vcvt-to-half", "0011", "i"),
    UNOP("vcmp", "0100", "i"),
    {"vcmp-zero", "111011101i110101iiii1010i1-0----", "", FP, NULL},
    UNOP("vcvt-from-int", "1000", "i"),
    UNOP("vcvt-to-uint", "1100", "i"),
    UNOP("vcvt-to-int", "1101", "i"),
    {"vcvt-from-fixed", "111011101d11101udddd1010x1j0iiii", "", FP, fixed},
    {"vcvt-to-fixed", "111011101d11111udddd1010x1j0iiii", "", FP, fixed},
    {"vstm-ia", "111011001Dw0nnnndddd1010iiiiiiii", "p:n", FP | S | AL, vldm},
    {"vldm-ia", "111011001Dw1nnnndddd1010iiiiiiii", "", FP | M | AL, not_pc_wback},
    {"vstm-db", "111011010D10nnnndddd1010iiiiiiii", "p:n", FP | S | AL, vldm},
    {"vldm-db", "111011010D11nnnndddd1010iiiiiiii", "p:n", FP | M | AL, vldm},
    {"vstm-ia-d", "1110110010w0nnnndddd1011iiiiiiii", "p:n", FP | S | AL, vldm_d},
    {"vldm-ia-d", "1110110010w1nnnndddd1011iiiiiiii", "", FP | M | AL, not_pc_wback_d},
    {"vstm-db-d", "111011010010nnnndddd1011iiiiiiii", "p:n", FP | S | AL, vldm_d},
    {"vldm-db-d", "111011010011nnnndddd1011iiiiiiii", "p:n", FP | M | AL, vldm_d},
    {"vstr", "11101101qi00nnnndddd1010iiiiiiii", "p:n", FP | S | AL, NULL},
    {"vldr", "11101101qi01nnnndddd1010iiiiiiii", "", FP | M | AL, NULL},
    {"vstr-d", "11101101q000nnnndddd1011iiiiiiii", "p:n", FP | S | AL, NULL},
    {"vldr-d", "11101101q001nnnndddd1011iiiiiiii", "", FP | M | AL, NULL},
    {"vmov-core", "11101110000oiiiitttt1010i--1----", "r:t", FP, NULL},
    {"vmov-word", "1110111000ioiiiitttt10110001----", "r:t", FP, NULL},
    {"vmov-2core", "11101100010ouuuutttt101000M1mmmm", "r:tu", FP, two_singles},
    {"vmov-d", "11101100010ouuuutttt10110001mmmm", "r:tu", FP, two_words},
    {"vmrs", "1110111011110001tttt1010---1----", "s:t", FP, NULL},
    {"vmsr", "1110111011100001tttt1010---1----", "", FP, vmsr},
    {"coprocessor", "111k11ooooooiiiiiiiicccciiiiiiii", "", OWN, coproc},
};
const size_t encoding_classes_n = sizeof encoding_classes / sizeof *encoding_classes;

bool encoding_wide(const struct encoding_class *c) { return strlen(c->pattern) == 32; }

static uint32_t collect(const struct encoding_class *c, char what)
{
    uint32_t v = 0;
    for (const char *p = c->pattern; *p; p++)
        v = v << 1 | (*p == what);
    return v;
}

void encoding_pattern(const struct encoding_class *c, uint32_t *mask, uint32_t *value)
{
    *value = collect(c, '1');
    *mask = *value | collect(c, '0');
}

uint32_t encoding_should(const struct encoding_class *c, uint32_t bits) { return (bits & ~collect(c, '-')) | collect(c, '+'); }

bool encoding_has(const struct encoding *e, char field) { return strchr(e->c->pattern, field) != NULL; }

uint32_t encoding_field(const struct encoding *e, char field)
{
    uint32_t v = 0;
    unsigned n = encoding_wide(e->c) ? 32 : 16;
    for (unsigned k = 0; k < n; k++)
        if (e->c->pattern[k] == field)
            v = v << 1 | (e->bits >> (n - 1 - k) & 1);
    return v;
}

static bool breaks(const struct encoding *e, char rule, const char *fields)
{
    if (rule == 'e' || rule == 'w')
        return F(fields[0]) == F(fields[1]) && (rule == 'e' || F('w'));
    for (; *fields && *fields != ' '; fields++) {
        uint32_t v = F(*fields);
        if ((rule == 'r' && sp_or_pc(v)) || (rule == 'p' && v == 15) || (rule == 's' && v == 13) || (rule == 'z' && !v)
            || (rule == 'x' && v == 15))
            return true;
    }
    return false;
}

int encoding_check(const struct encoding *e)
{
    int own = e->c->check ? e->c->check(e) : 0, bad = 0;
    if (own == 2)
        return 2;
    for (const char *r = e->c->rules; r && *r; r = strchr(r, ' ')) {
        r += *r == ' ';
        if (breaks(e, r[0], r + 2)) {
            if (r[0] == 'x')
                return 2;
            bad = 1;
        }
    }
    return bad || own || encoding_should(e->c, e->bits) != e->bits;
}

const struct encoding_class *encoding_find(uint32_t bits, bool wide)
{
    for (size_t k = 0; k < encoding_classes_n; k++) {
        struct encoding e = {&encoding_classes[k], bits};
        uint32_t mask, value;
        encoding_pattern(e.c, &mask, &value);
        if (encoding_wide(e.c) == wide && (bits & mask) == value && encoding_check(&e) != 2)
            return e.c;
    }
    return NULL;
}
