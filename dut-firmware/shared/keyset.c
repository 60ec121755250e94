/* SPDX-License-Identifier: GPL-3.0-or-later
 * Method
 *
 * Two flash pages, each of which can hold one set whole:
 *
 *   word 0      head, a reclog record: kind 1, value the set's number. Written last, so it is the commit; torn or ECC-bad: no head
 *   8 .. 15     bytes of the document, number of retired keys, CRC-32 of all that follows
 *   16 .. 79    the root's signature
 *   80 ..       the document, padded to a double word; then the retired keys, 32 bytes each
 *
 * A new set goes to the page that is not in use (erased first, whatever it looks like; read back before its head is written), so
 * a cut at any operation leaves the old set or the new one. When its head stands, the other page gets a copy: one bad word in
 * this region must not take the trust in the running image's key away. A cut in that is mended at the next start.
 *
 * The root's signature is checked at every reading: what stands in flash is believed no more than what comes off the wire. Only
 * the list of retired keys is the device's own; it serves to recognise an image that is confirmed already, never to install one.
 *
 * A set whose number is lower than the present one's is never stored. Should both copies be lost, the built-in set counts again:
 * a device that trusts an old key is worse than none for the owner of that key, and better than none for its user.
 */
#include <stddef.h>
#include <string.h>
#include "crc.h"
#include "flash_port.h"
#include "key.h"
#include "keyset_parts.h"
#include "layout.h"
#include "reclog.h"

enum { KIND_HEAD = 1, SIGNATURE = 64, BODY = 8, BEHIND = 16 /* what the CRC covers starts here */, TEXT = BEHIND + SIGNATURE };

struct stored {
    uint32_t number; /* of the head */
    uint16_t text_size, retired;
    uint32_t crc;
    uint8_t signature[SIGNATURE];
    char text[KEYSET_TEXT_MOST];
};

static uint32_t page_addr(int page) { return LAYOUT_KEYS_BASE + (uint32_t)page * LAYOUT_PAGE; }
static uint32_t padded(uint32_t n) { return (n + LAYOUT_WORD - 1) / LAYOUT_WORD * LAYOUT_WORD; }

/* The number in a page's head; 0: none. */
static uint32_t read_head(int page)
{
    struct reclog_record r;
    uint8_t word[LAYOUT_WORD];
    if (flash_port_read(page_addr(page), word, sizeof word) != FLASH_PORT_OK)
        return 0;
    const uint32_t value = word[4] | (uint32_t)word[5] << 8 | (uint32_t)word[6] << 16 | (uint32_t)word[7] << 24;
    return reclog_decode(word, value, 0, &r) && r.kind == KIND_HEAD ? r.value : 0;
}

/* Everything but the retired keys, which go straight into *k. */
static bool read_page(int page, struct stored *s, struct keyset *k)
{
    const uint32_t at = page_addr(page);
    uint8_t head[LAYOUT_WORD];
    s->number = read_head(page);
    if (s->number == 0 || flash_port_read(at + BODY, head, sizeof head) != FLASH_PORT_OK)
        return false;
    memcpy(&s->text_size, head, 2);
    memcpy(&s->retired, head + 2, 2);
    memcpy(&s->crc, head + 4, 4);
    if (s->text_size > sizeof s->text || s->retired > KEYSET_RETIRED_MOST)
        return false;
    const uint32_t text = padded(s->text_size), retired = s->retired * 32u;
    if (flash_port_read(at + BEHIND, s->signature, SIGNATURE) != FLASH_PORT_OK ||
        flash_port_read(at + TEXT, s->text, text) != FLASH_PORT_OK ||
        flash_port_read(at + TEXT + text, k->retired, retired) != FLASH_PORT_OK)
        return false;
    return crc_32(crc_32(crc_32(0, s->signature, SIGNATURE), s->text, text), k->retired, retired) == s->crc;
}

static bool open_page(int page, struct keyset *k)
{
    struct stored s;
    struct keyset found, retired;
    if (!read_page(page, &s, &retired) || keyset_text_read(&found, s.text, s.text_size, s.signature) != KEYSET_OK ||
        found.number != s.number)
        return false;
    memcpy(found.retired, retired.retired, sizeof found.retired);
    found.retired_keys = (uint8_t)s.retired;
    found.page = (int8_t)page;
    *k = found;
    return true;
}

static void built_in(struct keyset *k)
{
    *k = (struct keyset){.number = 1, .keys = 1, .page = -1};
    memcpy(k->key[0], key_public, 32);
    memcpy(k->id[0], key_hash, 32);
}

void keyset_open(struct keyset *k)
{
    const int newer = read_head(1) > read_head(0) ? 1 : 0;
    if (!open_page(newer, k) && !open_page(1 - newer, k))
        built_in(k);
}

static bool erase(uint32_t addr)
{
    for (int tries = 0; tries < 2; tries++)
        if (flash_port_erase(addr) == FLASH_PORT_OK && flash_port_erased(addr, LAYOUT_PAGE))
            return true;
    return false;
}

static bool write(uint32_t addr, const void *bytes, uint32_t n)
{
    uint8_t back[LAYOUT_WORD];
    const uint8_t *from = bytes;
    for (uint32_t at = 0; at < n; at += LAYOUT_WORD)
        if (flash_port_program(addr + at, from + at) != FLASH_PORT_OK ||
            flash_port_read(addr + at, back, sizeof back) != FLASH_PORT_OK || memcmp(back, from + at, sizeof back) != 0)
            return false;
    return true;
}

static bool write_head(int page, uint32_t number)
{
    uint8_t word[LAYOUT_WORD];
    reclog_encode(&(struct reclog_record){.kind = KIND_HEAD, .value = number}, number, 0, word);
    return write(page_addr(page), word, sizeof word);
}

static bool write_body(int page, const struct keyset *k, const struct stored *s)
{
    const uint32_t at = page_addr(page), text = padded(s->text_size), retired = k->retired_keys * 32u;
    const uint32_t crc = crc_32(crc_32(crc_32(0, s->signature, SIGNATURE), s->text, text), k->retired, retired);
    uint8_t head[LAYOUT_WORD] = {(uint8_t)s->text_size, (uint8_t)(s->text_size >> 8), k->retired_keys, 0};
    memcpy(head + 4, &crc, 4);
    return write(at + BODY, head, sizeof head) && write(at + BEHIND, s->signature, SIGNATURE) && write(at + TEXT, s->text, text) &&
           write(at + TEXT + text, k->retired, retired);
}

static bool write_page(int page, const struct keyset *k, const struct stored *s)
{
    if (erase(page_addr(page)) && write_body(page, k, s) && write_head(page, k->number))
        return true;
    erase(page_addr(page)); /* or a head that did not read back could read as valid later */
    return false;
}

/* The keys of the set before that the new one does not list, newest first, then those that were retired already. */
static void retire(struct keyset *k, const struct keyset *old)
{
    for (uint8_t i = 0; i < old->keys + old->retired_keys && k->retired_keys < KEYSET_RETIRED_MOST; i++) {
        const uint8_t *raw = i < old->keys ? old->key[i] : old->retired[i - old->keys];
        if (!keyset_text_lists(k, raw) && memcmp(raw, key_public, 32) != 0)
            memcpy(k->retired[k->retired_keys++], raw, 32);
    }
}

int keyset_store(struct keyset *k, const char *text, uint32_t n, const uint8_t signature[64])
{
    struct stored s = {.text_size = (uint16_t)n};
    struct keyset fresh;
    enum keyset_result result = keyset_text_read(&fresh, text, n, signature);
    if (result != KEYSET_OK)
        return result;
    if (fresh.number <= k->number)
        return KEYSET_OLD;
    memcpy(s.text, text, n);
    memcpy(s.signature, signature, SIGNATURE);
    retire(&fresh, k);
    fresh.page = (int8_t)(k->page < 0 ? 0 : 1 - k->page);
    if (!write_page(fresh.page, &fresh, &s))
        return KEYSET_FLASH;
    *k = fresh;
    write_page(1 - fresh.page, &fresh, &s); /* a page that does not take it costs the copy, not the set */
    return KEYSET_OK;
}

static bool same_pages(uint32_t n)
{
    uint8_t a[LAYOUT_WORD], b[LAYOUT_WORD];
    for (uint32_t at = 0; at < n; at += sizeof a)
        if (flash_port_read(page_addr(0) + at, a, sizeof a) != FLASH_PORT_OK ||
            flash_port_read(page_addr(1) + at, b, sizeof b) != FLASH_PORT_OK || memcmp(a, b, sizeof a) != 0)
            return false;
    return true;
}

void keyset_mend(const struct keyset *k)
{
    struct stored s;
    struct keyset retired;
    if (k->page >= 0 && read_page(k->page, &s, &retired) && !same_pages(TEXT + padded(s.text_size) + k->retired_keys * 32u))
        write_page(1 - k->page, k, &s);
}
