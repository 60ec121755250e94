/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Flash physics: what operations do to the array, and what a power cut leaves of them.
 *
 * Method
 * ------
 * The array is what a reader sees (bytes) plus, for each program unit ("word", 64 bits on STM32L4), the state of its ECC: good,
 * one bit corrected (data read true, ECCC), or a double error (data read as they are, ECCD and NMI). No code words are computed:
 * which bits of the eight ECC cells took is as unknown as which data bits did, so the state itself is drawn. That keeps the model
 * honest about the only thing that firmware can observe, and free of a claim about ST's undocumented code.
 *
 * Cells are programmed from 1 to 0 and erased back to 1, a page at a time. A word may be programmed once after an erase: the ECC
 * of new data over old would be wrong. Two data values are exceptions, and both are in the manual or follow from it: all zeros
 * may be written over anything (RM0351 §3.3.7, PROGERR) because all 72 cells then end at 0, which is a valid code word; so this
 * also heals a word whose ECC was bad. All ones changes no cell and leaves a blank word blank.
 *
 * A cut in a program operation leaves one of
 *   before   nothing was written yet;
 *   torn     some, not all, of the bits to be cleared were; ECC holds by luck or corrects (drawn evenly): silent corruption;
 *   ecc      some bits were cleared and ECC sees a double error: every read raises NMI until the page is erased (or zeros
 *            are written);
 *   after    the operation was over in substance.
 * There is no link to *when* in the operation the cut came: tunnelling is over in the first part of the 82 us, verify and
 * shut-down follow, and the charge pump's fall is longer than either. Position in time is therefore not used as evidence of the
 * outcome; the weights are the family's (a bench measures them) and the draw comes from the trial's seed.
 * A row (32 words) is written word by word: the cut hits one of them, those before it are whole, those behind it blank.
 *
 * A cut in an erase leaves before, after, or partial: the page's cells are on their way up. Each page gets its own progress (the
 * share of 0-bits that already read 1), each word its own mix, and the ECC of a mixed word is almost always bad, sometimes
 * correctable, rarely good. A word that reads all ones may still have a bad ECC: it looks blank and traps (the case that blank
 * checks by reading miss). A mass erase lifts all pages of the bank at once, so all are partial, each to its own degree.
 *
 * Weak cells (reads that differ from read to read), wear and stuck bits are further states of a word: they will join enum
 * flash_ecc's array, not another one. */
#include "sim/flash.h"

#include "base/rng.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* DS10198 rev 7, table 61 (typical values); weights: see Method. */
const struct flash_family flash_stm32l4 = {
    .name = "stm32l4", .word = 8, .page = 2048, .bank = 512 * 1024, .size = 1024 * 1024, .ecc = true, .erased = 0xff,
    .program_ns = 81690, .row_ns = 1910000, .erase_ns = 22020000, .mass_erase_ns = 22130000,
    .program_weight = {.before = 20, .torn = 30, .ecc = 30, .after = 20},
    .erase_weight = {.before = 20, .partial = 60, .after = 20},
};

struct flash {
    const struct flash_family *family;
    uint8_t *bytes;         /* family->size */
    uint8_t *ecc;           /* enum flash_ecc of each word */
    uint64_t *page_version; /* of each page */
    uint16_t *page_flaws;   /* words of the page whose state is not FLASH_ECC_OK */
    uint64_t version;
};

static uint32_t pages(const struct flash *f)
{
    return f->family->size / f->family->page;
}

static void touch(struct flash *f, uint32_t offset)
{
    f->page_version[offset / f->family->page] = ++f->version;
}

struct flash *flash_new(const struct flash_family *family)
{
    struct flash *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->family = family;
    f->bytes = malloc(family->size);
    f->ecc = calloc(family->size / family->word, 1);
    f->page_version = calloc(pages(f), sizeof *f->page_version);
    f->page_flaws = calloc(pages(f), sizeof *f->page_flaws);
    if (!f->bytes || !f->ecc || !f->page_version || !f->page_flaws) {
        flash_free(f);
        return NULL;
    }
    memset(f->bytes, family->erased, family->size);
    f->version = 1;
    return f;
}

void flash_free(struct flash *f)
{
    if (!f)
        return;
    free(f->bytes);
    free(f->ecc);
    free(f->page_version);
    free(f->page_flaws);
    free(f);
}

uint8_t *flash_bytes(struct flash *f)
{
    return f->bytes;
}

const struct flash_family *flash_family_of(const struct flash *f)
{
    return f->family;
}

uint64_t flash_version(const struct flash *f)
{
    return f->version;
}

uint64_t flash_page_version(const struct flash *f, uint32_t page)
{
    return page < pages(f) ? f->page_version[page] : 0;
}

bool flash_page_flawed(const struct flash *f, uint32_t page)
{
    return page < pages(f) && f->page_flaws[page];
}

enum flash_ecc flash_ecc_at(const struct flash *f, uint32_t offset)
{
    return offset < f->family->size ? (enum flash_ecc)f->ecc[offset / f->family->word] : FLASH_ECC_OK;
}

void flash_set_ecc(struct flash *f, uint32_t offset, enum flash_ecc state)
{
    if (offset >= f->family->size)
        return;
    uint8_t *now = &f->ecc[offset / f->family->word];
    uint16_t *flaws = &f->page_flaws[offset / f->family->page];
    *flaws = (uint16_t)(*flaws - (*now != FLASH_ECC_OK) + (state != FLASH_ECC_OK));
    *now = (uint8_t)state;
    touch(f, offset);
}

static bool all(const uint8_t *p, uint32_t n, uint8_t value)
{
    for (uint32_t i = 0; i < n; i++)
        if (p[i] != value)
            return false;
    return true;
}

bool flash_blank(const struct flash *f, uint32_t offset)
{
    if (offset >= f->family->size)
        return false;
    offset -= offset % f->family->word;
    return flash_ecc_at(f, offset) == FLASH_ECC_OK && all(f->bytes + offset, f->family->word, f->family->erased);
}

bool flash_program(struct flash *f, uint32_t offset, const uint8_t *word)
{
    uint32_t n = f->family->word;
    if (offset >= f->family->size)
        return false;
    offset -= offset % n;
    if (!flash_blank(f, offset) && !all(word, n, 0))
        return false;
    memcpy(f->bytes + offset, word, n);
    flash_set_ecc(f, offset, FLASH_ECC_OK);
    return true;
}

static void erase_page(struct flash *f, uint32_t page)
{
    uint32_t size = f->family->page, words = size / f->family->word;
    memset(f->bytes + page * size, f->family->erased, size);
    memset(f->ecc + page * words, FLASH_ECC_OK, words);
    f->page_flaws[page] = 0;
    touch(f, page * size);
}

void flash_erase(struct flash *f, uint32_t offset, uint32_t size)
{
    uint32_t page = f->family->page, total = f->family->size;
    if (offset >= total || !size)
        return;
    uint32_t last = size > total - offset ? total - 1 : offset + size - 1;
    for (uint32_t i = offset / page; i <= last / page; i++)
        erase_page(f, i);
}

static unsigned bits_of(const uint8_t *p, uint32_t n)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < n; i++)
        for (uint8_t b = p[i]; b; b &= (uint8_t)(b - 1))
            count++;
    return count;
}

/* Keeps `keep` of the bits set in mask, drawn without preference, and clears the others. */
static void choose_bits(uint8_t *mask, uint32_t n, unsigned keep, struct rng *rng)
{
    unsigned left = bits_of(mask, n);
    for (uint32_t bit = 0; bit < n * 8 && left; bit++) {
        if (!(mask[bit / 8] & (1u << bit % 8)))
            continue;
        if (rng_below(rng, left) < keep)
            keep--;
        else
            mask[bit / 8] &= (uint8_t)~(1u << bit % 8);
        left--;
    }
}

/* Clears some of the bits that programming `data` would clear; returns how many. want 0: drawn, at least one, not all if there
 * are two. */
static unsigned tear(struct flash *f, uint32_t offset, const uint8_t *data, unsigned want, struct rng *rng)
{
    uint8_t mask[32];
    uint32_t n = f->family->word;
    assert(n <= sizeof mask);
    for (uint32_t i = 0; i < n; i++)
        mask[i] = f->bytes[offset + i] & (uint8_t)~data[i];
    unsigned change = bits_of(mask, n);
    if (!change)
        return 0;
    if (!want)
        want = change == 1 ? 1 : 1 + (unsigned)rng_below(rng, change - 1);
    if (want > change)
        want = change;
    choose_bits(mask, n, want, rng);
    for (uint32_t i = 0; i < n; i++)
        f->bytes[offset + i] &= (uint8_t)~mask[i];
    touch(f, offset);
    return want;
}

static enum flash_outcome draw_program(const struct flash_family *y, struct rng *rng)
{
    uint64_t ecc = y->ecc ? y->program_weight.ecc : 0;
    uint64_t n = (uint64_t)y->program_weight.before + y->program_weight.torn + ecc + y->program_weight.after,
             r = rng_below(rng, n);
    if (r < y->program_weight.before)
        return FLASH_BEFORE;
    r -= y->program_weight.before;
    if (r < y->program_weight.torn)
        return FLASH_TORN;
    r -= y->program_weight.torn;
    return r < ecc ? FLASH_ECC : FLASH_AFTER;
}

static enum flash_outcome draw_erase(const struct flash_family *y, struct rng *rng)
{
    uint64_t n = (uint64_t)y->erase_weight.before + y->erase_weight.partial + y->erase_weight.after, r = rng_below(rng, n);
    if (r < y->erase_weight.before)
        return FLASH_BEFORE;
    return r - y->erase_weight.before < y->erase_weight.partial ? FLASH_PARTIAL : FLASH_AFTER;
}

static enum flash_outcome cut_word(struct flash *f, uint32_t offset, const uint8_t *data, enum flash_outcome outcome,
                                   unsigned torn_bits, struct rng *rng, unsigned *torn)
{
    if (outcome == FLASH_BEFORE)
        return outcome;
    if (outcome == FLASH_AFTER) {
        flash_program(f, offset, data);
        return outcome;
    }
    unsigned took = tear(f, offset, data, outcome == FLASH_TORN ? torn_bits : 0, rng);
    if (!took)
        return FLASH_AFTER; /* there was nothing to write */
    if (outcome == FLASH_ECC && f->family->ecc) {
        flash_set_ecc(f, offset, FLASH_ECC_DOUBLE);
        return FLASH_ECC;
    }
    if (f->family->ecc)
        flash_set_ecc(f, offset, rng_below(rng, 2) ? FLASH_ECC_CORRECTED : FLASH_ECC_OK);
    *torn = took;
    return FLASH_TORN;
}

static enum flash_outcome cut_program(struct flash *f, const struct flash_op *op, const uint8_t *data, enum flash_outcome outcome,
                                      unsigned torn_bits, struct rng *rng, unsigned *torn)
{
    uint32_t n = f->family->word, words = op->size / n, hit = 0;
    if (words > 1 && outcome != FLASH_BEFORE)
        hit = outcome == FLASH_AFTER ? words - 1 : (uint32_t)rng_below(rng, words);
    for (uint32_t i = 0; i < hit; i++)
        flash_program(f, op->addr + i * n, data + i * n);
    return cut_word(f, op->addr + hit * n, data + hit * n, outcome, torn_bits, rng, torn);
}

/* Random bits of which progress in 256 are ones. */
static uint8_t dense(struct rng *rng, unsigned progress)
{
    uint64_t r = rng_u64(rng);
    uint8_t mask = 0;
    for (int i = 0; i < 8; i++) /* from the least significant bit up: an OR or an AND halves the distance to 1 or to 0 */
        mask = progress >> i & 1 ? mask | (uint8_t)(r >> 8 * i) : mask & (uint8_t)(r >> 8 * i);
    return mask;
}

static enum flash_ecc mixed_ecc(struct rng *rng, bool blank)
{
    uint64_t r = rng_below(rng, 8);
    if (blank)
        return r < 2 ? FLASH_ECC_DOUBLE : FLASH_ECC_OK;
    return r < 6 ? FLASH_ECC_DOUBLE : r < 7 ? FLASH_ECC_CORRECTED : FLASH_ECC_OK;
}

static void half_erase_page(struct flash *f, uint32_t page, struct rng *rng)
{
    uint32_t n = f->family->word, size = f->family->page;
    unsigned progress = 1 + (unsigned)rng_below(rng, 255);
    for (uint32_t at = page * size; at < (page + 1) * size; at += n) {
        uint8_t *p = f->bytes + at, moved = 0;
        if (flash_blank(f, at))
            continue;
        for (uint32_t i = 0; i < n; i++) {
            uint8_t up = p[i] | dense(rng, progress);
            moved |= up ^ p[i];
            p[i] = up;
        }
        if (moved && f->family->ecc)
            flash_set_ecc(f, at, mixed_ecc(rng, all(p, n, f->family->erased)));
    }
    touch(f, page * size);
}

enum flash_outcome flash_cut(struct flash *f, const struct flash_op *op, const uint8_t *data, enum flash_outcome outcome,
                             unsigned torn_bits, struct rng *rng, unsigned *torn)
{
    unsigned none = 0;
    torn = torn ? torn : &none;
    *torn = 0;
    assert(op->addr < f->family->size && op->size <= f->family->size - op->addr);
    if (op->kind == FLASH_PROGRAM || op->kind == FLASH_ROW) {
        if (outcome == FLASH_DONE)
            outcome = draw_program(f->family, rng);
        return cut_program(f, op, data, outcome == FLASH_PARTIAL ? FLASH_TORN : outcome, torn_bits, rng, torn);
    }
    if (outcome == FLASH_DONE)
        outcome = draw_erase(f->family, rng);
    if (outcome == FLASH_BEFORE)
        return outcome;
    if (outcome == FLASH_AFTER) {
        flash_erase(f, op->addr, op->size);
        return outcome;
    }
    for (uint32_t page = op->addr / f->family->page; page <= (op->addr + op->size - 1) / f->family->page; page++)
        half_erase_page(f, page, rng);
    return FLASH_PARTIAL;
}

bool flash_load(struct flash *f, uint32_t offset, const uint8_t *bytes, size_t n)
{
    if (offset > f->family->size || n > f->family->size - offset)
        return false;
    if (!n)
        return true;
    flash_erase(f, offset, (uint32_t)n);
    memcpy(f->bytes + offset, bytes, n);
    return true;
}

void flash_rot(struct flash *f, uint32_t offset, uint32_t n, enum flash_rot how, struct rng *r)
{
    for (uint32_t i = 0; i < n && offset + i < f->family->size && offset + i >= offset; i++) {
        uint8_t *byte = &f->bytes[offset + i];
        if (how == FLASH_ROT_ECC) {
            flash_set_ecc(f, offset + i, FLASH_ECC_DOUBLE);
            continue;
        }
        *byte = how == FLASH_ROT_ZERO ? 0 : how == FLASH_ROT_ERASED ? f->family->erased : (uint8_t)rng_u64(r);
        flash_set_ecc(f, offset + i, FLASH_ECC_OK);
    }
}

bool flash_copy(struct flash *to, const struct flash *from)
{
    if (to->family != from->family)
        return false;
    memcpy(to->bytes, from->bytes, from->family->size);
    memcpy(to->ecc, from->ecc, from->family->size / from->family->word);
    memcpy(to->page_flaws, from->page_flaws, pages(from) * sizeof *to->page_flaws);
    to->version++;
    for (uint32_t i = 0; i < pages(to); i++)
        to->page_version[i] = to->version;
    return true;
}

const char *flash_outcome_name(enum flash_outcome o)
{
    static const char *const name[] = {"done", "before", "torn", "ecc", "partial", "after"};
    return (unsigned)o < sizeof name / sizeof *name ? name[o] : "?";
}

const char *flash_kind_name(enum flash_kind k)
{
    static const char *const name[] = {"program", "row", "erase", "mass-erase"};
    return (unsigned)k < sizeof name / sizeof *name ? name[k] : "?";
}
