/* SPDX-License-Identifier: GPL-3.0-or-later
 * Method
 *
 * A record is one double word, the flash's unit of programming, so no record is ever half written by two operations; but power
 * can go inside one operation. Then the word may read as erased, as the record, as anything between (some of the bits that should
 * have become 0 did not), or as an ECC error. Three guards, for three kinds of wrong word:
 *
 *   byte 0      kind << 4 | arg
 *   byte 1      number of zero bits in the seven other bytes (Berger, 1961)
 *   bytes 2-3   CRC-16 over byte 0 and the value, started from the page's generation and the word's index
 *   bytes 4-7   value, little-endian
 *
 * - Torn: programming only clears bits, so a torn word has fewer zeros than it should, and a zero count that is torn too reads
 *   too large. The two can only agree when nothing is torn: no torn word passes, by construction and not by odds.
 * - Anything else (rot, a miscorrected ECC, a word of an older life of the page): the CRC, which is bound to the place.
 * - ECC-bad: the guarded read says so.
 *
 * A word that is not erased is never programmed again; what is neither erased nor valid is passed over. An append is read back,
 * and goes to the next word when it did not take.
 *
 * Page turnover: the other page is erased (whatever it looked like: an interrupted erase may look complete), the live records are
 * written to it from word 1, and its head (kind PAGE, value = generation) goes to word 0 last. The page with the highest valid
 * generation is the active one, so the head is the commit: before it the old page counts, with everything that was in it; after
 * it the new one, which holds the same state. The old page stays as it is until it is needed. A head that was torn is erased
 * before the next append: it must not start to read as valid one day, when the page it heads has become out of date.
 */
#include "reclog.h"
#include <stddef.h>
#include <string.h>
#include "crc.h"
#include "flash_port.h"
#include "layout.h"

enum { WORDS = LAYOUT_PAGE / LAYOUT_WORD, BAD_WORDS = 4 /* in a row, before a page is given up */ };

enum word_state { WORD_ERASED, WORD_VALID, WORD_OTHER };

static uint8_t zeros(const uint8_t word[8])
{
    unsigned n = 0;
    for (int i = 0; i < 8; i++)
        for (unsigned rest = i == 1 ? 0 : (uint8_t)~word[i]; rest != 0; rest &= rest - 1)
            n++;
    return (uint8_t)n;
}

static uint16_t check(const uint8_t word[8], uint32_t generation, uint32_t index)
{
    uint8_t place[6];
    for (int i = 0; i < 4; i++)
        place[i] = (uint8_t)(generation >> 8 * i);
    place[4] = (uint8_t)index;
    place[5] = (uint8_t)(index >> 8);
    return crc_16(crc_16(crc_16(0xFFFF, place, sizeof place), word, 1), word + 4, 4);
}

void reclog_encode(const struct reclog_record *r, uint32_t generation, uint32_t index, uint8_t word[8])
{
    word[0] = (uint8_t)(r->kind << 4 | (r->arg & 15));
    for (int i = 0; i < 4; i++)
        word[4 + i] = (uint8_t)(r->value >> 8 * i);
    uint16_t crc = check(word, generation, index);
    word[2] = (uint8_t)crc;
    word[3] = (uint8_t)(crc >> 8);
    word[1] = zeros(word);
}

static void unpack(const uint8_t word[8], struct reclog_record *r)
{
    r->kind = word[0] >> 4;
    r->arg = word[0] & 15;
    r->value = word[4] | (uint32_t)word[5] << 8 | (uint32_t)word[6] << 16 | (uint32_t)word[7] << 24;
}

bool reclog_decode(const uint8_t word[8], uint32_t generation, uint32_t index, struct reclog_record *r)
{
    unpack(word, r);
    if (r->kind == 0 || r->kind == 15)
        return false;
    if (word[1] != zeros(word))
        return false;
    return check(word, generation, index) == (uint16_t)(word[2] | word[3] << 8);
}

static uint32_t word_addr(uint32_t base, int page, uint32_t index)
{
    return base + (uint32_t)page * LAYOUT_PAGE + index * LAYOUT_WORD;
}

static bool is_erased(const uint8_t word[8])
{
    for (int i = 0; i < 8; i++)
        if (word[i] != 0xFF)
            return false;
    return true;
}

/* A head carries its own generation; any other word is held against the page's. */
static enum word_state read_word(uint32_t base, int page, uint32_t index, uint32_t generation, struct reclog_record *r)
{
    uint8_t word[8];
    if (flash_port_read(word_addr(base, page, index), word, sizeof word) != FLASH_PORT_OK)
        return WORD_OTHER;
    if (is_erased(word))
        return WORD_ERASED;
    if (index == 0) {
        unpack(word, r);
        generation = r->value;
    }
    if (!reclog_decode(word, generation, index, r))
        return WORD_OTHER;
    return (index == 0) == (r->kind == RECLOG_KIND_PAGE) ? WORD_VALID : WORD_OTHER;
}

void reclog_open(struct reclog *log, uint32_t base)
{
    *log = (struct reclog){.base = base, .page = -1, .next = 1};
    enum word_state head[2];
    for (int page = 0; page < 2; page++) {
        struct reclog_record r;
        head[page] = read_word(base, page, 0, 0, &r);
        if (head[page] == WORD_VALID && (log->page < 0 || r.value > log->generation)) {
            log->page = page;
            log->generation = r.value;
        }
    }
    int other = log->page < 0 ? 1 : 1 - log->page; /* page 0 is the first to be used, and erased then */
    log->other_doubtful = head[other] == WORD_OTHER;
    if (log->page < 0)
        return;
    for (log->next = WORDS; log->next > 1; log->next--) {
        struct reclog_record r;
        if (read_word(base, log->page, log->next - 1, log->generation, &r) != WORD_ERASED)
            break;
    }
}

void reclog_each(const struct reclog *log, void (*fn)(void *ctx, const struct reclog_record *r), void *ctx)
{
    for (uint32_t i = 1; log->page >= 0 && i < log->next; i++) {
        struct reclog_record r;
        if (read_word(log->base, log->page, i, log->generation, &r) == WORD_VALID)
            fn(ctx, &r);
    }
}

/* Programs one record and reads it back. */
static bool write_word(uint32_t base, int page, uint32_t generation, uint32_t index, const struct reclog_record *r)
{
    uint8_t word[8], back[8];
    uint32_t addr = word_addr(base, page, index);
    if (!flash_port_erased(addr, LAYOUT_WORD))
        return false;
    reclog_encode(r, generation, index, word);
    if (flash_port_program(addr, word) != FLASH_PORT_OK)
        return false;
    return flash_port_read(addr, back, sizeof back) == FLASH_PORT_OK && memcmp(back, word, sizeof word) == 0;
}

static bool erase_page(uint32_t addr)
{
    for (int tries = 0; tries < 2; tries++)
        if (flash_port_erase(addr) == FLASH_PORT_OK && flash_port_erased(addr, LAYOUT_PAGE))
            return true;
    return false;
}

/* A page in the making. */
struct fresh {
    uint32_t base, generation, next;
    int page, result;
};

static void fresh_add(void *ctx, const struct reclog_record *r)
{
    struct fresh *f = ctx;
    for (int tries = 0; f->result == RECLOG_OK && tries < BAD_WORDS; tries++) {
        if (f->next >= WORDS)
            f->result = RECLOG_FULL;
        else if (write_word(f->base, f->page, f->generation, f->next++, r))
            return;
    }
    if (f->result == RECLOG_OK)
        f->result = RECLOG_FLASH;
}

static int turn_over(struct reclog *log, reclog_live_fn *live, void *live_ctx, const struct reclog_record *r)
{
    struct fresh f = {.base = log->base, .generation = log->generation + 1, .next = 1, .page = log->page < 0 ? 0 : 1 - log->page};
    uint32_t addr = word_addr(f.base, f.page, 0);
    if (!erase_page(addr))
        return RECLOG_FLASH;
    if (live != NULL)
        live(live_ctx, fresh_add, &f);
    if (r != NULL)
        fresh_add(&f, r);
    if (f.result != RECLOG_OK)
        return f.result;
    const struct reclog_record head = {.kind = RECLOG_KIND_PAGE, .value = f.generation};
    if (!write_word(f.base, f.page, f.generation, 0, &head)) {
        erase_page(addr); /* or a head that did not read back could read as valid later */
        return RECLOG_FLASH;
    }
    log->page = f.page;
    log->generation = f.generation;
    log->next = f.next;
    return RECLOG_OK;
}

static int settle_other(struct reclog *log)
{
    int other = log->page < 0 ? 1 : 1 - log->page;
    if (log->other_doubtful && !erase_page(word_addr(log->base, other, 0)))
        return RECLOG_FLASH;
    log->other_doubtful = false;
    return RECLOG_OK;
}

int reclog_append(struct reclog *log, const struct reclog_record *r, reclog_live_fn *live, void *live_ctx)
{
    int result = settle_other(log);
    if (result != RECLOG_OK)
        return result;
    for (int tries = 0; log->page >= 0 && log->next < WORDS && tries < BAD_WORDS; tries++)
        if (write_word(log->base, log->page, log->generation, log->next++, r))
            return RECLOG_OK;
    return turn_over(log, live, live_ctx, r);
}

int reclog_compact(struct reclog *log, reclog_live_fn *live, void *live_ctx)
{
    int result = settle_other(log);
    return result != RECLOG_OK ? result : turn_over(log, live, live_ctx, NULL);
}
