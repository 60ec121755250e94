/* SPDX-License-Identifier: GPL-3.0-or-later
 * The decoded instruction and the list of operations the interpreter knows. Private to sim/cpu*.c.
 */
#ifndef SIM_CPU_OPS_H
#define SIM_CPU_OPS_H
#include <stdbool.h>
#include <stdint.h>

/* One decoded instruction; what the fields hold depends on op. Zeroed: not decoded yet. */
struct insn {
    uint16_t op;  /* enum cpu_op */
    uint8_t len;  /* halfwords to the next instruction */
    uint8_t it;   /* enum cpu_it */
    uint8_t rd, rn, rm, ra;
    uint8_t x, y, z, spare; /* sub-operation, shift type, flags */
    uint32_t imm;
};

enum cpu_it { IT_ANY, IT_LAST, IT_NEVER }; /* where in an IT block an instruction may stand */

/* Second operands of a data-processing instruction: immediate, register, register shifted by a constant (five kinds); then with the
 * flags set: immediate, register, any shift. The order is that of enum cpu_shape. */
#define CPU_OPS_SHAPES(X, N) X(N##_I) X(N##_R) X(N##_LSL) X(N##_LSR) X(N##_ASR) X(N##_ROR) X(N##_RRX) X(N##S_I) X(N##S_R) X(N##S_X)
enum cpu_shape { SHAPE_I, SHAPE_R, SHAPE_LSL, SHAPE_LSR, SHAPE_ASR, SHAPE_ROR, SHAPE_RRX, SHAPE_SI, SHAPE_SR, SHAPE_SX };
enum cpu_shift { SHIFT_LSL, SHIFT_LSR, SHIFT_ASR, SHIFT_ROR, SHIFT_RRX };

#define CPU_OPS_ALU(X) \
    CPU_OPS_SHAPES(X, AND) CPU_OPS_SHAPES(X, BIC) CPU_OPS_SHAPES(X, ORR) CPU_OPS_SHAPES(X, ORN) CPU_OPS_SHAPES(X, EOR) \
    CPU_OPS_SHAPES(X, ADD) CPU_OPS_SHAPES(X, ADC) CPU_OPS_SHAPES(X, SBC) CPU_OPS_SHAPES(X, SUB) CPU_OPS_SHAPES(X, RSB) \
    X(CMP_I) X(CMP_R) X(CMP_X) X(CMN_I) X(CMN_R) X(CMN_X) X(TST_I) X(TST_R) X(TST_X) X(TEQ_I) X(TEQ_R) X(TEQ_X) \
    X(MOV_I) X(MOVS_I) X(MOV_R) X(MOVS_R) X(MVN_I) X(MVNS_I) X(MVN_R) X(MVNS_R) X(MVN_X) X(MVNS_X) \
    X(LSL_I) X(LSR_I) X(ASR_I) X(ROR_I) X(RRX) X(LSLS_I) X(LSRS_I) X(ASRS_I) X(RORS_I) X(RRXS) \
    X(LSL_R) X(LSR_R) X(ASR_R) X(ROR_R) X(LSLS_R) X(LSRS_R) X(ASRS_R) X(RORS_R) \
    X(MOVT) X(SP_ALU) X(MOV_SP) X(ADD_PC) X(MOV_PC) X(MUL) X(MULS) X(MLA) X(MLS) X(UMULL) X(SMULL) X(UMLAL) X(SMLAL) \
    X(UDIV) X(SDIV) X(SXTB) X(SXTH) X(UXTB) X(UXTH) X(BFI) X(SBFX) X(UBFX) X(CLZ) X(RBIT) X(REV) X(REV16) X(REVSH) X(DSP)

#define CPU_OPS_MEMORY(X) \
    X(LDR_I) X(LDRB_I) X(LDRH_I) X(LDRSB_I) X(LDRSH_I) X(LDR_R) X(LDRB_R) X(LDRH_R) X(LDRSB_R) X(LDRSH_R) X(LDR_LIT) \
    X(STR_I) X(STRB_I) X(STRH_I) X(STR_R) X(STRB_R) X(STRH_R) X(LDX) X(STX) \
    X(LDR_WB) X(LDRB_WB) X(LDRH_WB) X(STR_WB) X(STRB_WB) X(STRH_WB) X(LDRD) X(STRD) X(LDM) X(STM) \
    X(LDREX) X(STREX) X(CLREX) X(TBB) X(TBH)

#define CPU_OPS_CONTROL(X) \
    X(B) X(BF) X(BL) X(BX) X(BLX) X(BEQ) X(BNE) X(BCS) X(BCC) X(BMI) X(BPL) X(BVS) X(BVC) X(BHI) X(BLS) X(BGE) X(BLT) X(BGT) X(BLE) \
    X(BCF) X(CBZ) X(CBNZ) X(CBF) X(IT) X(NOP) X(WFE) X(WFI) X(SEV) X(CPS) X(MRS) X(MSR) X(SVC) X(BKPT) X(FP) X(NOCP)

#define CPU_OPS(X) X(DECODE) X(PAGE_END) X(UNDEF) CPU_OPS_ALU(X) CPU_OPS_MEMORY(X) CPU_OPS_CONTROL(X)
#define CPU_OP_ENUM(N) OP_##N,
enum cpu_op { CPU_OPS(CPU_OP_ENUM) OP_COUNT };

/* x of LDX, STX (memory accesses with anything out of the ordinary) */
enum { MEM_WORD = 0, MEM_BYTE = 1, MEM_HALF = 2, MEM_SIZE = 3, MEM_SIGNED = 4, MEM_POST = 8, MEM_WBACK = 16, MEM_UNPRIV = 32, MEM_REG = 64,
       MEM_LIT = 128 };
/* x of LDM, STM, LDRD, STRD, VLDM, VSTM */
enum { LDM_WBACK = 1, LDM_DB = 2, LDM_POST = 4, LDM_LIT = 8 };

/* x of DSP */
enum cpu_dsp {
    DSP_PKHBT, DSP_PKHTB, DSP_SSAT, DSP_USAT, DSP_SSAT16, DSP_USAT16, DSP_EXT16, DSP_QADD, DSP_SEL, DSP_SMLAXY, DSP_SMLAW, DSP_SMLAD,
    DSP_SMLSD, DSP_SMMLA, DSP_SMMLS, DSP_USADA8, DSP_SMLALXY, DSP_SMLALD, DSP_SMLSLD, DSP_UMAAL,
    DSP_PARALLEL = 64, /* + 6 bits: unsigned, kind (plain, Q, H), operation */
};

/* x of FP: S registers in rd, rn, rm (0..31); core registers in ra, rn */
enum cpu_fp {
    FP_UNDEF, FP_VMLA, FP_VMLS, FP_VNMLA, FP_VNMLS, FP_VMUL, FP_VNMUL, FP_VADD, FP_VSUB, FP_VDIV, FP_VFMA, FP_VFMS, FP_VFNMA, FP_VFNMS,
    FP_MOVI, FP_MOVR, FP_ABS, FP_NEG, FP_SQRT, FP_FROM_HALF, FP_TO_HALF, FP_CMP, FP_FROM_INT, FP_TO_INT, FP_FROM_FIX, FP_TO_FIX,
    FP_GET, FP_SET, FP_GET2, FP_SET2, FP_VMRS, FP_VMSR, FP_VLDR, FP_VSTR, FP_VLDM, FP_VSTM,
};

/* Decodes the instruction at pc: raw is the halfword, or first << 16 | second when cpu_decode_wide(first). local: branches inside
 * the page of pc may be stored as distances (a cached page). Everything UNDEFINED or UNPREDICTABLE becomes OP_UNDEF. */
bool cpu_decode_wide(uint32_t first);
void cpu_decode(struct insn *i, uint32_t pc, uint32_t raw, bool local);
/* Parts of it, each in its own file */
void cpu_decode_narrow(struct insn *i, uint32_t pc, uint32_t hw, bool local);
void cpu_decode_memory(struct insn *i, uint32_t pc, uint32_t w);  /* 32-bit loads and stores */
void cpu_decode_data(struct insn *i, uint32_t pc, uint32_t w);    /* 32-bit data processing */
void cpu_decode_coproc(struct insn *i, uint32_t pc, uint32_t w);  /* coprocessors, floating point */
void cpu_decode_branch(struct insn *i, enum cpu_op near, enum cpu_op far, uint32_t pc, uint32_t target, bool local);

/* bits [low, low+n) of v */
static inline uint32_t bits(uint32_t v, unsigned low, unsigned n) { return v >> low & ((1u << n) - 1); }
static inline uint32_t ror32(uint32_t v, unsigned n) { return v >> (n & 31) | v << (-n & 31); }
static inline int32_t sext(uint32_t v, unsigned n) { return (int32_t)(v << (32 - n)) >> (32 - n); }
static inline unsigned popcount(uint32_t v) { unsigned n = 0; for (; v; v &= v - 1) n++; return n; }

#endif
