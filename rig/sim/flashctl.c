/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The flash interface's registers and sequences (RM0351 §3.3.5 to §3.3.8, §3.7): keys, errors, page, bank and option operations,
 * standard and fast programming, ECC findings. The arrays and the time an operation takes are chip_nvm.c's.
 *
 * Fast programming: the manual says that data must follow each other without a gap (MISSERR) but not how long a gap may be. Here
 * each of a row's 32 double words must be there when its 1/32 of the row's time begins.
 */
#include "sim/models.h"
#include "sim/nvm.h"

#include <string.h>

enum { ACR = 0x00, PDKEYR = 0x04, KEYR = 0x08, OPTKEYR = 0x0C, SR = 0x10, CR = 0x14, ECCR = 0x18, OPTR = 0x20,
       PCROP1SR = 0x24, PCROP1ER = 0x28, WRP1AR = 0x2C, WRP1BR = 0x30, PCROP2SR = 0x44, PCROP2ER = 0x48, WRP2AR = 0x4C,
       WRP2BR = 0x50, REGS = WRP2BR / 4 + 1 };
enum { EOP = 1 << 0, OPERR = 1 << 1, PROGERR = 1 << 3, WRPERR = 1 << 4, PGAERR = 1 << 5, SIZERR = 1 << 6, PGSERR = 1 << 7,
       MISERR = 1 << 8, FASTERR = 1 << 9, RDERR = 1 << 14, OPTVERR = 1 << 15, BSY = 1 << 16, FLAGS = 0xC3FB,
       BLOCKING = PROGERR | WRPERR | PGAERR | SIZERR | PGSERR | MISERR | FASTERR };
enum { PG = 1 << 0, PER = 1 << 1, MER1 = 1 << 2, MER2 = 1 << 15, STRT = 1 << 16, OPTSTRT = 1 << 17, FSTPG = 1 << 18,
       EOPIE = 1 << 24, ERRIE = 1 << 25, OBL_LAUNCH = 1 << 27, OPTLOCK = 1 << 30, ANY_MODE = PG | PER | MER1 | MER2 | FSTPG };
#define LOCK 0x80000000u
#define ECC_FLAGS 0xC0000000u
enum { ECCIE = 1 << 24, PAGE = 2048, BANK = 512 * 1024, SIZE = 1024 * 1024, ROW_WORDS = 32, FAST_LIMIT_NS = 7000000 };
enum { OPT_BFB2 = 1 << 20 };

enum keys { KEYS_NONE, KEYS_FIRST, KEYS_DEAD }; /* dead: a wrong key; until the next reset */
enum doing { IDLE, PROGRAMMING, ROWING, ERASING, OPTIONS };

struct flashctl {
    uint32_t reg[REGS];
    uint32_t option[REGS];     /* as programmed; survives everything */
    bool options_set;
    enum keys keys, optkeys, pdkeys;
    enum doing doing;
    bool half;                 /* the lower word of a double word is latched */
    uint32_t half_at;          /* its array offset */
    uint8_t word[8];
    uint64_t end;              /* of the operation */
    unsigned row_words;
    uint32_t row_at;
    uint64_t row_start, fast_since;
    uint8_t mass_erased;       /* bank n was mass-erased and not programmed by double words since */
};

static struct flashctl *of(const struct periph *p)
{
    return p->state;
}

static uint32_t *reg(struct flashctl *f, unsigned offset)
{
    return &f->reg[offset / 4];
}

static void interrupt(struct periph *p)
{
    struct flashctl *f = of(p);
    uint32_t sr = *reg(f, SR), cr = *reg(f, CR), ecc = *reg(f, ECCR);
    periph_irq(p, p->site->irq, (sr & EOP && cr & EOPIE) || (sr & OPERR && cr & ERRIE) || (ecc & 1 << 30 && ecc & ECCIE));
}

static void error(struct periph *p, uint32_t bits, uint32_t offset)
{
    struct flashctl *f = of(p);
    *reg(f, SR) |= bits | (*reg(f, CR) & ERRIE ? OPERR : 0);
    f->half = false;
    nvm_error(p, bits, offset);
    interrupt(p);
}

/* --- protection --- */

static bool in_wrp(const struct flashctl *f, unsigned wrp, unsigned page)
{
    uint32_t v = f->reg[wrp / 4], start = v & 0xff, end = v >> 16 & 0xff;
    return start <= end && page >= start && page <= end;
}

static bool protected(const struct flashctl *f, uint32_t offset)
{
    unsigned page = offset % BANK / PAGE;
    if (offset >= SIZE)
        return false;
    return offset < BANK ? in_wrp(f, WRP1AR, page) || in_wrp(f, WRP1BR, page)
                         : in_wrp(f, WRP2AR, page) || in_wrp(f, WRP2BR, page);
}

static bool bank_protected(const struct flashctl *f, unsigned bank)
{
    for (uint32_t at = 0; at < BANK; at += PAGE)
        if (protected(f, bank * BANK + at))
            return true;
    return false;
}

/* --- operations --- */

static void begin(struct periph *p, enum doing what, uint64_t ns)
{
    struct flashctl *f = of(p);
    f->doing = what;
    *reg(f, SR) |= BSY;
    f->end = periph_now(p) + ns;
    periph_due(p, f->end);
}

static void end(struct periph *p, bool good)
{
    struct flashctl *f = of(p);
    f->doing = IDLE;
    *reg(f, SR) &= ~(uint32_t)BSY;
    *reg(f, CR) &= ~(uint32_t)(STRT | OPTSTRT);
    if (good && *reg(f, CR) & EOPIE)
        *reg(f, SR) |= EOP;
    interrupt(p);
}

/* The slice of a row's time in which double word n must have arrived. */
static uint64_t row_deadline(const struct flashctl *f, unsigned n)
{
    return f->row_start + (uint64_t)flash_stm32l4.row_ns * n / ROW_WORDS;
}

static void program(struct periph *p, uint32_t offset)
{
    struct flashctl *f = of(p);
    static const uint8_t zero[8];
    if (protected(f, offset)) {
        error(p, WRPERR, offset);
        return;
    }
    if (!nvm_blank(p, offset) && memcmp(f->word, zero, 8) != 0) {
        error(p, PROGERR, offset);
        return;
    }
    if (offset < SIZE)
        f->mass_erased &= (uint8_t)~(1u << offset / BANK);
    begin(p, PROGRAMMING, flash_stm32l4.program_ns);
    nvm_start(p, FLASH_PROGRAM, offset, 8, f->word, flash_stm32l4.program_ns);
}

static void row_start(struct periph *p, uint32_t offset)
{
    struct flashctl *f = of(p);
    uint32_t row = offset & ~255u;
    if (offset >= SIZE || !(f->mass_erased >> offset / BANK & 1)) {
        error(p, PGSERR, offset);
        return;
    }
    if (periph_now(p) - f->fast_since > FAST_LIMIT_NS || protected(f, offset)) {
        error(p, protected(f, offset) ? WRPERR | FASTERR : FASTERR, offset);
        return;
    }
    f->row_start = periph_now(p);
    f->row_at = row;
    f->row_words = 1;
    begin(p, ROWING, flash_stm32l4.row_ns);
    periph_due(p, row_deadline(f, 1));
    uint8_t data[8];
    memcpy(data, f->word, 8);
    nvm_start(p, FLASH_ROW, row, 256, data, flash_stm32l4.row_ns);
}

/* A further double word of a row under way. */
static void row_next(struct periph *p, uint32_t offset)
{
    struct flashctl *f = of(p);
    if (offset != f->row_at + f->row_words * 8) {
        error(p, PGAERR | FASTERR, offset);
        return;
    }
    nvm_row_word(p, f->row_words++, f->word);
}

static void latched(struct periph *p, uint32_t offset)
{
    struct flashctl *f = of(p);
    if (!(*reg(f, CR) & FSTPG))
        program(p, offset);
    else if (f->doing == ROWING)
        row_next(p, offset);
    else if (offset % 256)
        error(p, PGAERR | FASTERR, offset); /* a row starts at its start */
    else
        row_start(p, offset);
}

/* What is wrong with a store before its data are looked at. */
static uint32_t sequence_error(const struct flashctl *f, unsigned size)
{
    uint32_t cr = f->reg[CR / 4];
    if (size != 4)
        return SIZERR;
    if (f->reg[SR / 4] & BLOCKING || !(cr & (PG | FSTPG)) || cr & (PER | MER1 | MER2))
        return PGSERR;
    return (cr & (PG | FSTPG)) == (PG | FSTPG) ? PGSERR : 0;
}

void flashctl_write(struct periph *p, uint32_t offset, unsigned size, uint32_t value)
{
    struct flashctl *f = of(p);
    if (nvm_busy(p) && !(f->doing == ROWING && *reg(f, CR) & FSTPG) && !nvm_wait(p))
        return; /* RM0351 §3.3.7: the bus stalls */
    uint32_t bits = sequence_error(f, size);
    if (!bits && (offset % 4 || (f->half ? offset != f->half_at + 4 : offset % 8 != 0)))
        bits = PGAERR | (*reg(f, CR) & FSTPG ? FASTERR : 0);
    if (bits) {
        error(p, bits, offset);
        return;
    }
    uint8_t *to = f->word + (f->half ? 4 : 0);
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
    f->half = !f->half;
    f->half_at = offset;
    if (!f->half)
        latched(p, offset - 4);
}

static void erase_page(struct periph *p)
{
    struct flashctl *f = of(p);
    uint32_t cr = *reg(f, CR), offset = (cr >> 11 & 1) * BANK + (cr >> 3 & 0xff) * PAGE;
    if (protected(f, offset)) {
        error(p, WRPERR, offset);
        return;
    }
    begin(p, ERASING, flash_stm32l4.erase_ns);
    nvm_start(p, FLASH_ERASE, offset, PAGE, NULL, flash_stm32l4.erase_ns);
}

static void erase_banks(struct periph *p)
{
    struct flashctl *f = of(p);
    uint32_t cr = *reg(f, CR);
    unsigned first = cr & MER1 ? 0 : 1, banks = (cr & MER1 ? 1 : 0) + (cr & MER2 ? 1 : 0);
    if (bank_protected(f, first) || (banks == 2 && bank_protected(f, 1))) {
        error(p, WRPERR, first * BANK);
        return;
    }
    f->mass_erased |= (uint8_t)((banks == 2 ? 3u : 1u) << first);
    begin(p, ERASING, flash_stm32l4.mass_erase_ns);
    nvm_start(p, FLASH_MASS_ERASE, first * BANK, banks * BANK, NULL, flash_stm32l4.mass_erase_ns);
}

static void start(struct periph *p)
{
    struct flashctl *f = of(p);
    uint32_t mode = *reg(f, CR) & ANY_MODE;
    *reg(f, CR) |= STRT;
    if (*reg(f, SR) & BLOCKING)
        error(p, PGSERR, 0);
    else if (mode == PER)
        erase_page(p);
    else if (mode && !(mode & ~(uint32_t)(MER1 | MER2)))
        erase_banks(p);
    else
        error(p, PGSERR, 0);
    if (f->doing == IDLE)
        *reg(f, CR) &= ~(uint32_t)STRT;
}

static void row_event(struct periph *p)
{
    struct flashctl *f = of(p);
    uint64_t now = periph_now(p);
    if (now >= f->end || *reg(f, SR) & FASTERR) {
        nvm_finish(p); /* what had not arrived stays blank */
        end(p, !(*reg(f, SR) & FASTERR));
        return;
    }
    unsigned slice = f->row_words;
    if (slice < ROW_WORDS && now >= row_deadline(f, slice)) {
        error(p, MISERR | FASTERR, f->row_at + slice * 8);
        nvm_finish(p);
        end(p, false);
        return;
    }
    periph_due(p, slice < ROW_WORDS ? row_deadline(f, slice) : f->end);
}

static void options_done(struct flashctl *f)
{
    memcpy(f->option, f->reg, sizeof f->option);
}

static void event(struct periph *p)
{
    struct flashctl *f = of(p);
    switch (f->doing) {
    case ROWING: row_event(p); return;
    case OPTIONS: options_done(f); break;
    case PROGRAMMING:
    case ERASING: nvm_finish(p); break;
    case IDLE: return;
    }
    end(p, true);
}

/* --- ECC --- */

void flashctl_ecc(struct periph *p, uint32_t offset, enum flash_ecc state)
{
    struct flashctl *f = of(p);
    if (state == FLASH_ECC_OK)
        return;
    if (!(*reg(f, ECCR) & ECC_FLAGS)) { /* RM0351 §3.3.2: the address is of the first error since the flags were cleared */
        bool otp = offset >= NVM_OTP;
        uint32_t at = (otp ? offset - NVM_OTP + 0x7000 : offset % BANK) & ~7u;
        *reg(f, ECCR) = (*reg(f, ECCR) & ECCIE) | at | (!otp && offset >= BANK ? 1u << 19 : 0) | (otp ? 1u << 20 : 0);
    }
    *reg(f, ECCR) |= state == FLASH_ECC_DOUBLE ? 1u << 31 : 1u << 30;
    if (state == FLASH_ECC_DOUBLE)
        periph_nmi(p);
    interrupt(p);
}

/* --- registers --- */

static bool is_option(uint32_t o)
{
    return (o >= OPTR && o <= WRP1BR) || (o >= PCROP2SR && o <= WRP2BR);
}

/* One key of a pair. Wrong or superfluous: locked until the next reset, and a bus error (RM0351 §3.3.5). True: the pair is
 * complete. */
static bool key(struct periph *p, enum keys *at, uint32_t value, uint32_t first, uint32_t second, bool locked)
{
    if (*at == KEYS_NONE && value == first && locked) {
        *at = KEYS_FIRST;
        return false;
    }
    if (*at == KEYS_FIRST && value == second) {
        *at = KEYS_NONE;
        return true;
    }
    *at = KEYS_DEAD;
    periph_fail(p);
    return false;
}

static void load_options(struct periph *p)
{
    struct flashctl *f = of(p);
    for (unsigned o = OPTR; o <= WRP2BR; o += 4)
        if (is_option(o))
            f->reg[o / 4] = f->option[o / 4];
    nvm_option_swap(p, *reg(f, OPTR) & OPT_BFB2);
}

static uint32_t load(struct periph *p, uint32_t o)
{
    struct flashctl *f = of(p);
    if (o == CR && f->doing != IDLE)
        nvm_wait(p); /* "no wait state when no Flash memory operation is on going" */
    if (o == KEYR || o == OPTKEYR || o == PDKEYR)
        return 0;
    if (o <= ECCR || is_option(o))
        return *reg(f, o);
    periph_odd(p, "reserved");
    return 0;
}

static void store_cr(struct periph *p, uint32_t value, uint32_t mask)
{
    struct flashctl *f = of(p);
    if (f->doing == ROWING && *reg(f, CR) & FSTPG && !(value & mask & FSTPG))
        f->half = false; /* leaving fast mode in mid-row: the row runs to its MISSERR */
    else if (f->doing != IDLE && !nvm_wait(p))
        return;
    if (*reg(f, CR) & LOCK)
        return;
    uint32_t cr = periph_merge(*reg(f, CR), value, mask, 0x0704FFFF & ~0x7000u);
    bool fast = cr & FSTPG && !(*reg(f, CR) & FSTPG);
    if (!(cr & (PG | FSTPG)))
        f->half = false;
    *reg(f, CR) = cr;
    if (fast)
        f->fast_since = periph_now(p);
    value &= mask;
    if (value & STRT && f->doing == IDLE)
        start(p);
    if (value & OPTSTRT && !(*reg(f, CR) & OPTLOCK) && f->doing == IDLE) {
        *reg(f, CR) |= OPTSTRT;
        begin(p, OPTIONS, (uint64_t)flash_stm32l4.erase_ns + flash_stm32l4.program_ns);
    }
    if (value & OBL_LAUNCH && !(*reg(f, CR) & OPTLOCK))
        periph_restart(p, CHIP_RESET_OPTION);
    *reg(f, CR) |= value & (OPTLOCK | LOCK);
    if (value & LOCK)
        *reg(f, CR) |= OPTLOCK;
    interrupt(p);
}

static void store_sr(struct periph *p, uint32_t value)
{
    *reg(of(p), SR) &= ~(value & FLAGS);
    interrupt(p);
}

static void store(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct flashctl *f = of(p);
    switch (o) {
    case ACR: *reg(f, ACR) = periph_merge(*reg(f, ACR), value, mask, 0x7F07); break;
    case PDKEYR: key(p, &f->pdkeys, value, 0x04152637, 0xFAFBFCFD, true); break;
    case KEYR:
        if (key(p, &f->keys, value, 0x45670123, 0xCDEF89AB, *reg(f, CR) & LOCK))
            *reg(f, CR) &= ~LOCK;
        else if (f->keys == KEYS_DEAD)
            *reg(f, CR) |= LOCK;
        break;
    case OPTKEYR:
        if (key(p, &f->optkeys, value, 0x08192A3B, 0x4C5D6E7F, *reg(f, CR) & OPTLOCK) && !(*reg(f, CR) & LOCK))
            *reg(f, CR) &= ~(uint32_t)OPTLOCK;
        break;
    case SR: store_sr(p, value & mask); break;
    case CR: store_cr(p, value, mask); break;
    case ECCR:
        *reg(f, ECCR) = periph_merge(*reg(f, ECCR), value, mask, ECCIE) & ~(value & mask & ECC_FLAGS);
        if (!(*reg(f, ECCR) & 1u << 31))
            periph_nmi_clear(p);
        interrupt(p);
        break;
    default:
        if (!is_option(o))
            periph_odd(p, "reserved");
        else if (!(*reg(f, CR) & OPTLOCK))
            *reg(f, o) = periph_merge(*reg(f, o), value, mask, 0xffffffff);
        break;
    }
    if (is_option(o) && (o == PCROP1SR || o == PCROP2SR))
        periph_odd(p, "unmodelled"); /* PCROP areas are stored, not enforced */
}

static void reset(struct periph *p, enum periph_reset how)
{
    struct flashctl *f = of(p);
    struct flashctl old = *f;
    if (how == PERIPH_RCC && f->doing != IDLE)
        return; /* FLASHRST in an operation: the manual forbids it; the operation goes on */
    static const struct flashctl fresh = {.reg = {[ACR / 4] = 0x600, [CR / 4] = LOCK | OPTLOCK}};
    *f = fresh;
    periph_nmi_clear(p);
    f->mass_erased = old.mass_erased;
    memcpy(f->option, old.option, sizeof f->option);
    f->options_set = true;
    if (!old.options_set) { /* as shipped: RDP level 0, both banks, software watchdogs, no protection */
        f->option[OPTR / 4] = 0xFFEFF8AA;
        f->option[PCROP1SR / 4] = f->option[PCROP2SR / 4] = 0xFFFFFFFF;
        f->option[PCROP1ER / 4] = f->option[PCROP2ER / 4] = 0xFFFF0000 & 0x7FFFFFFF;
        f->option[WRP1AR / 4] = f->option[WRP1BR / 4] = f->option[WRP2AR / 4] = f->option[WRP2BR / 4] = 0xFF00FFFF;
    }
    load_options(p);
}

uint32_t flashctl_option(const struct periph *p, uint32_t offset)
{
    return of(p)->option[offset / 4];
}

unsigned flashctl_latency(const struct periph *p)
{
    return of(p)->reg[ACR / 4] & 7;
}

const struct periph_model flashctl_model = {
    .name = "flashctl", .state = sizeof(struct flashctl), .reset = reset, .load = load, .store = store, .event = event};
