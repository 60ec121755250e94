/* SPDX-License-Identifier: GPL-3.0-or-later
 * Mutations of images: one row and one small function each.
 *
 * Method. A mutation spoils exactly one thing. Where the spoiled thing stands under the signature, the image is signed anew with the good
 * key, so that the device can refuse it for that one reason only; a refusal for the wrong reason is then a finding, not luck.
 */
#include "scenario/image.h"

#include "base/crypto.h"
#include "base/err.h"
#include "base/file.h"
#include "base/rng.h"
#include "scenario/image_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_MOST = 16 << 20, PAYLOAD_VECTORS = 8 };

/* One mutation at work: data is the image, edited in place. */
struct work {
    struct buf *data;
    const struct image_mutation *m;
    const struct image_keys *keys;
    struct rng rng;
    struct err *e;
};

/* --- values, with the defaults of the rows --- */

static bool given(const struct work *w, const char *name)
{
    return option_given(w->m->row->options, w->m->value, name);
}

static const char *text(const struct work *w, const char *name)
{
    return option_text(w->m->row->options, w->m->value, name);
}

static uint64_t number(const struct work *w, const char *name)
{
    return option_number(w->m->row->options, w->m->value, name);
}

static bool word_is(const struct work *w, const char *name, const char *word)
{
    return option_is(w->m->row->options, w->m->value, name, word);
}

static int refuse(struct work *w, const char *why)
{
    return err_set(w->e, RIG_EINPUT, "mutation '%s': %s", w->m->row->name, why);
}

/* --- taking the image apart and back --- */

static int split(struct work *w, struct image_parts *p)
{
    struct err why = {0};
    if (image_parts_split((const uint8_t *)w->data->data, w->data->size, p, &why) == 0)
        return 0;
    return refuse(w, why.text);
}

/* Ends an edit: p is freed in any case. */
static int join(struct work *w, struct image_parts *p, bool sign)
{
    int rc = sign ? image_parts_sign(p, w->keys->good, w->keys->good, w->e) : 0;
    if (rc == 0 && !image_parts_fit(p))
        rc = refuse(w, "the TLVs would be larger than their 16-bit size can say");
    if (rc == 0) {
        buf_clear(w->data);
        image_parts_join(p, w->data);
    }
    image_parts_free(p);
    return rc;
}

/* --- the mutations --- */

/* Bytes of the file that a word of `where` names. */
static int region(struct work *w, size_t *from, size_t *to)
{
    struct image_info i;
    struct err why = {0};
    *from = 0;
    *to = w->data->size;
    if (word_is(w, "where", "file"))
        return 0;
    if (image_parse((const uint8_t *)w->data->data, w->data->size, &i, &why))
        return refuse(w, why.text);
    if (word_is(w, "where", "header")) {
        *to = IMAGE_HEADER_SIZE;
    } else if (word_is(w, "where", "payload")) {
        *from = i.hdr_size;
        *to = (size_t)i.hdr_size + i.img_size;
    } else if (word_is(w, "where", "tlvs")) {
        *from = (size_t)i.hdr_size + i.img_size;
        *to = i.size;
    } else {
        const uint8_t *p = word_is(w, "where", "digest") ? i.digest : i.signature;
        if (!p)
            return refuse(w, "the image has no such entry");
        *from = (size_t)(p - i.bytes);
        *to = *from + (word_is(w, "where", "digest") ? IMAGE_DIGEST_SIZE : IMAGE_SIGNATURE_SIZE);
    }
    return 0;
}

/* Distinct bits, so that count bits do differ: Floyd's sampling would need a set, and a map of the region is small. */
static int flip_bits(struct work *w)
{
    size_t from, to;
    uint64_t count = number(w, "count");
    if (region(w, &from, &to))
        return RIG_EINPUT;
    if (count > (to - from) * 8)
        return refuse(w, "more bits than there are");
    uint8_t *flips = mem_new(to - from);
    for (uint64_t left = count; left;) {
        uint64_t bit = rng_below(&w->rng, (to - from) * 8);
        uint8_t mask = (uint8_t)(1u << (bit % 8));
        left -= !(flips[bit / 8] & mask);
        flips[bit / 8] |= mask;
    }
    for (size_t i = from; i < to; i++)
        w->data->data[i] = (char)((uint8_t)w->data->data[i] ^ flips[i - from]);
    free(flips);
    return 0;
}

static int truncate_file(struct work *w)
{
    uint64_t keep = given(w, "bytes") ? number(w, "bytes") : w->data->size * number(w, "keep") / 10000;
    if (!given(w, "bytes") && !given(w, "keep"))
        return refuse(w, "how much? say keep (a percentage) or bytes");
    if (keep >= w->data->size)
        return refuse(w, "nothing would be missing");
    w->data->size = (size_t)keep;
    w->data->data[keep] = '\0';
    return 0;
}

static int unsign(struct work *w)
{
    struct image_parts p;
    if (split(w, &p))
        return RIG_EINPUT;
    if (!word_is(w, "part", "keyhash"))
        image_parts_set(&p.plain, IMAGE_TLV_ED25519, NULL, 0);
    if (!word_is(w, "part", "signature"))
        image_parts_set(&p.plain, IMAGE_TLV_KEYHASH, NULL, 0);
    return join(w, &p, false);
}

/* The named key: one of the two that are always there, or a PEM file, which *opened then owns. */
static const struct crypto_key *find_key(struct work *w, struct crypto_key **opened)
{
    if (word_is(w, "key", "good-key"))
        return w->keys->good;
    if (word_is(w, "key", "wrong-key"))
        return w->keys->wrong;
    if (word_is(w, "key", "next-key"))
        return w->keys->next;
    char *path = file_join(w->keys->folder ? w->keys->folder : ".", text(w, "key"));
    *opened = crypto_key_open(path, w->e);
    free(path);
    return *opened;
}

static int sign(struct work *w)
{
    struct image_parts p;
    struct crypto_key *opened = NULL;
    const struct crypto_key *key = find_key(w, &opened);
    int rc = split(w, &p);
    if (rc == 0) {
        rc = image_parts_sign(&p, key, word_is(w, "keyhash", "good") ? w->keys->good : key, w->e);
        if (rc)
            image_parts_free(&p);
        else
            rc = join(w, &p, false);
    }
    crypto_key_free(opened);
    return rc;
}

static int hardware(struct work *w)
{
    struct image_parts p;
    const char *id = text(w, "id");
    size_t n = id ? strlen(id) : 0;
    if (n == 0 || n > IMAGE_HARDWARE_MOST)
        return refuse(w, "the hardware id has 1 to 63 characters");
    if (split(w, &p))
        return RIG_EINPUT;
    image_parts_set(&p.protect, IMAGE_TLV_HARDWARE, id, n);
    return join(w, &p, true);
}

static int version(struct work *w)
{
    struct image_parts p;
    struct image_version v;
    const char *to = text(w, "to");
    if (!to || !image_version_read(to, &v))
        return refuse(w, "a version is like 1.2.3 or 1.2.3+4");
    if (split(w, &p))
        return RIG_EINPUT;
    uint8_t *at = (uint8_t *)p.head.data + IMAGE_AT_VERSION;
    at[0] = v.major;
    at[1] = v.minor;
    image_parts_put16(at + 2, v.revision);
    image_parts_put32(at + 4, v.build);
    return join(w, &p, true);
}

static int counter(struct work *w)
{
    struct image_parts p;
    uint8_t value[4];
    if (!given(w, "to"))
        return refuse(w, "to what?");
    image_parts_put32(value, (uint32_t)number(w, "to"));
    if (split(w, &p))
        return RIG_EINPUT;
    image_parts_set(&p.protect, IMAGE_TLV_COUNTER, value, sizeof value);
    return join(w, &p, true);
}

static const struct { const char *name; uint8_t at, size; } header_fields[] = {
    {"magic", 0, 4}, {"load-addr", IMAGE_AT_LOAD, 4}, {"hdr-size", IMAGE_AT_HDR_SIZE, 2}, {"protect-size", IMAGE_AT_PROTECT, 2},
    {"img-size", IMAGE_AT_SIZE, 4}, {"flags", IMAGE_AT_FLAGS, 4}, {NULL, 0, 0},
};

static int lie(struct work *w)
{
    uint8_t *head = (uint8_t *)w->data->data;
    bool any = false;
    if (w->data->size < IMAGE_HEADER_SIZE)
        return refuse(w, "the file has no header left");
    for (size_t i = 0; header_fields[i].name; i++) {
        if (!given(w, header_fields[i].name))
            continue;
        any = true;
        if (header_fields[i].size == 2)
            image_parts_put16(head + header_fields[i].at, (uint16_t)number(w, header_fields[i].name));
        else
            image_parts_put32(head + header_fields[i].at, (uint32_t)number(w, header_fields[i].name));
    }
    return any ? 0 : refuse(w, "which field?");
}

/* Signed: digest and signature are made over the lying bytes, at the place where the honest header ends what is hashed. */
static int header(struct work *w)
{
    struct image_info i;
    struct err why = {0};
    if (!number(w, "signed"))
        return lie(w);
    if (image_parse((const uint8_t *)w->data->data, w->data->size, &i, &why))
        return refuse(w, why.text);
    if (!i.digest || !i.signature || !w->keys->good)
        return refuse(w, "to be signed it needs a signed image and the good key");
    if (lie(w))
        return RIG_EINPUT;
    size_t digest = (size_t)(i.digest - i.bytes), signature = (size_t)(i.signature - i.bytes);
    uint8_t *b = (uint8_t *)w->data->data;
    crypto_sha256(b, i.hashed, b + digest);
    return crypto_sign(w->keys->good, b + digest, IMAGE_DIGEST_SIZE, b + signature)
               ? 0 : err_set(w->e, RIG_EINTERNAL, "libcrypto would not sign");
}

static int vector(struct work *w)
{
    struct image_parts p;
    if (split(w, &p))
        return RIG_EINPUT;
    if (p.payload.size < PAYLOAD_VECTORS) {
        image_parts_free(&p);
        return refuse(w, "the payload has no vector table");
    }
    uint8_t *table = (uint8_t *)p.payload.data; /* ARMv7-M B1.5.3: initial stack pointer, then the reset vector */
    if (given(w, "stack"))
        image_parts_put32(table, (uint32_t)number(w, "stack"));
    if (given(w, "reset") || !given(w, "stack"))
        image_parts_put32(table + 4, (uint32_t)number(w, "reset"));
    return join(w, &p, true);
}

/* Grows the payload with seeded bytes, not 0xff: what looks erased might never be written. */
static int grow(struct work *w, uint64_t size)
{
    struct image_parts p;
    if (size <= w->data->size)
        return refuse(w, "the image is that large already");
    if (size > SIZE_MOST)
        return refuse(w, "more than 16 MiB");
    if (split(w, &p))
        return RIG_EINPUT;
    for (uint64_t more = size - w->data->size; more; more--)
        buf_char(&p.payload, (char)rng_u64(&w->rng));
    return join(w, &p, true);
}

static int pad(struct work *w)
{
    return given(w, "to") ? grow(w, number(w, "to")) : refuse(w, "to what size?");
}

static int too_large(struct work *w)
{
    if (w->keys->slot_size == 0)
        return refuse(w, "the size of the slot is not known");
    return grow(w, w->keys->slot_size + number(w, "by"));
}

/* The digest is wrong and, if signed, the signature over the wrong digest is right: only who hashes the image notices. */
static int digest(struct work *w)
{
    struct image_info i;
    struct err why = {0};
    if (image_parse((const uint8_t *)w->data->data, w->data->size, &i, &why))
        return refuse(w, why.text);
    if (!i.digest)
        return refuse(w, "the image has no digest");
    uint8_t *b = (uint8_t *)w->data->data, *d = b + (i.digest - i.bytes);
    d[rng_below(&w->rng, IMAGE_DIGEST_SIZE)] ^= (uint8_t)(1u << rng_below(&w->rng, 8));
    if (!number(w, "signed"))
        return 0;
    if (!i.signature || !w->keys->good)
        return refuse(w, "to be signed it needs a signed image and the good key");
    return crypto_sign(w->keys->good, d, IMAGE_DIGEST_SIZE, b + (i.signature - i.bytes))
               ? 0 : err_set(w->e, RIG_EINTERNAL, "libcrypto would not sign");
}

/* --- the table --- */

static const char *const places[] = {"file", "header", "payload", "tlvs", "digest", "signature", NULL};
static const char *const parts[] = {"signature", "keyhash", "both", NULL};
static const char *const keyhashes[] = {"own", "good", NULL};

#define OWNER(row_name, row_help, row_example, ...) \
    {row_name, row_help, (const struct option_row[]){__VA_ARGS__, {.name = NULL}}, row_example}

static const struct { struct option_owner row; int (*apply)(struct work *w); } table[] = {
    {OWNER("flip-bits", "flips so many distinct bits", "{of: v2, mutate: flip-bits, count: 3}",
           {"count", "how many", OPTION_COUNT, false, "1", NULL, 1, 1 << 20},
           {"where", "in which part of the file", OPTION_WORD, false, "file", places, 0, 0}), flip_bits},
    {OWNER("truncate", "keeps only the front of the file", "{of: v2, truncate: 60%}",
           {"keep", "share of the file that is kept", OPTION_PERCENT, false, NULL, NULL, 0, 9999},
           {"bytes", "bytes that are kept, instead of keep", OPTION_BYTES, false, NULL, NULL, 0, SIZE_MOST}), truncate_file},
    {OWNER("unsign", "takes out the signature", "{of: v2, mutate: unsign}",
           {"part", "the signature, the key hash, or both", OPTION_WORD, false, "signature", parts, 0, 0}), unsign},
    {OWNER("sign", "signs with another key", "{of: v2, sign: wrong-key}",
           {"key", "wrong-key, good-key, or a PEM file (Ed25519)", OPTION_TEXT, false, "wrong-key", NULL, 0, 0},
           {"keyhash", "names the signing key (own) or claims the good one", OPTION_WORD, false, "own", keyhashes, 0, 0}), sign},
    {OWNER("hardware", "is for another hardware; signed anew, so that only this is wrong", "{of: v2, hardware: rev-b}",
           {"id", "the hardware id", OPTION_TEXT, true, NULL, NULL, 0, 0}), hardware},
    {OWNER("version", "has another version; signed anew", "{of: v2, version: 0.9.0}",
           {"to", "MAJOR.MINOR.REVISION, or with +BUILD", OPTION_TEXT, true, NULL, NULL, 0, 0}), version},
    {OWNER("counter", "has another security counter; signed anew", "{of: v2, counter: 0}",
           {"to", "the counter", OPTION_COUNT, true, NULL, NULL, 0, UINT32_MAX}), counter},
    {OWNER("header", "has a header that lies", "{of: v2, header: {magic: 0}}",
           {"magic", "0x96f3b83d when honest", OPTION_COUNT, false, NULL, NULL, 0, UINT32_MAX},
           {"load-addr", "address for which it is linked", OPTION_COUNT, false, NULL, NULL, 0, UINT32_MAX},
           {"hdr-size", "bytes before the payload", OPTION_COUNT, false, NULL, NULL, 0, UINT16_MAX},
           {"protect-size", "bytes of protected TLVs", OPTION_COUNT, false, NULL, NULL, 0, UINT16_MAX},
           {"img-size", "bytes of payload", OPTION_COUNT, false, NULL, NULL, 0, UINT32_MAX},
           {"flags", "MCUboot's IMAGE_F_…", OPTION_COUNT, false, NULL, NULL, 0, UINT32_MAX},
           {"signed", "digest and signature are made over the lie", OPTION_BOOL, false, "false", NULL, 0, 0}), header},
    {OWNER("vector", "has a vector table that leads nowhere; signed anew", "{of: v2, vector: 0}",
           {"reset", "the reset vector", OPTION_COUNT, false, "0", NULL, 0, UINT32_MAX},
           {"stack", "the initial stack pointer", OPTION_COUNT, false, NULL, NULL, 0, UINT32_MAX}), vector},
    {OWNER("pad", "is larger; signed anew", "{of: v2, pad: 300KiB}",
           {"to", "size of the whole file", OPTION_BYTES, true, NULL, NULL, 1, SIZE_MOST}), pad},
    {OWNER("too-large", "does not fit the slot; signed anew", "{of: v2, mutate: too-large}",
           {"by", "bytes more than the slot has", OPTION_BYTES, false, "4096", NULL, 1, SIZE_MOST / 2}), too_large},
    {OWNER("digest", "carries a digest that is not its own", "{of: v2, mutate: digest}",
           {"signed", "the signature fits the wrong digest", OPTION_BOOL, false, "true", NULL, 0, 0}), digest},
};

enum { ROWS = sizeof table / sizeof table[0] };

const struct option_owner *image_mutation_row(size_t i)
{
    return i < ROWS ? &table[i].row : NULL;
}

static int apply(struct work *w)
{
    for (size_t i = 0; i < ROWS; i++)
        if (w->m->row == &table[i].row)
            return table[i].apply(w);
    return err_set(w->e, RIG_EINTERNAL, "a mutation that is not in the table");
}

int image_mutate(const uint8_t *in, size_t n, const struct image_mutation *m, size_t count, const struct image_keys *keys, uint64_t seed,
                 struct buf *out, struct err *e)
{
    struct buf data = {0};
    int rc = 0;
    buf_add(&data, in, n);
    for (size_t i = 0; i < count && rc == 0; i++) {
        struct work w = {.data = &data, .m = &m[i], .keys = keys, .e = e};
        rng_seed(&w.rng, seed, i);
        rc = apply(&w);
    }
    if (rc == 0)
        buf_add(out, data.data, data.size);
    buf_free(&data);
    return rc;
}
