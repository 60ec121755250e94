/* SPDX-License-Identifier: GPL-3.0-or-later
 * Images: read with strict bounds, verified, and spoiled in exactly one way. The honest image is laid out here by hand. */
#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"
#include "scenario/image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { HDR = 64, PAYLOAD = 200, IMAGE_MOST = 1024, SLOT = 4096 };

static struct crypto_key *good, *wrong;
static uint8_t good_public[32];
static struct image_keys keys;
static uint8_t honest[IMAGE_MOST];
static size_t honest_size;

/* --- the world --- */

/* The private keys of RFC 8032, section 7.1, tests 1 and 2. */
static const char *const pem_body[2] = {"MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g",
                                        "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7"};

static void write_pem(char *path, const char *body)
{
    int fd = mkstemp(path);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    assert_non_null(f);
    fprintf(f, "-----BEGIN %s KEY-----\n%s\n-----END %s KEY-----\n", "PRIVATE", body, "PRIVATE");
    fclose(f);
}

static struct crypto_key *key(int i)
{
    char path[] = "/tmp/otarig-key-XXXXXX";
    struct err e = {0};
    write_pem(path, pem_body[i]);
    struct crypto_key *k = crypto_key_open(path, &e);
    unlink(path);
    assert_non_null(k);
    return k;
}

static size_t put(uint8_t *at, const void *bytes, size_t n)
{
    memcpy(at, bytes, n);
    return n;
}

static size_t entry(uint8_t *at, uint8_t type, const void *value, uint8_t n)
{
    const uint8_t head[4] = {type, 0, n, 0};
    return put(at, head, 4) + put(at + 4, value, n);
}

static void lay_out(void)
{
    static const uint8_t header[32] = {0x3d, 0xb8, 0xf3, 0x96, 0, 0, 2, 8, HDR, 0, 29, 0, PAYLOAD, 0, 0, 0, 0, 1, 0, 0, 2, 1, 0x34, 0x12};
    static const uint8_t vectors[8] = {0, 0x80, 0, 0x20, 0x41, 0, 2, 8}, counter[4] = {7};
    uint8_t digest[32], keyhash[32], signature[64];
    uint8_t *p = honest + put(honest, header, sizeof header);
    memset(p, 0xff, HDR - 32);
    p = honest + HDR;
    for (int i = 0; i < PAYLOAD; i++)
        p[i] = (uint8_t)(i * 37);
    put(p, vectors, sizeof vectors);
    p += PAYLOAD;
    p += put(p, "\x08\x69\x1d\x00", 4);
    p += entry(p, 0x50, counter, 4);
    p += entry(p, 0xa0, "nucleo-l476rg", 13);
    crypto_sha256(honest, (size_t)(p - honest), digest);
    image_keyhash(good_public, keyhash);
    assert_true(crypto_sign(good, digest, 32, signature));
    p += put(p, "\x07\x69\x90\x00", 4);
    p += entry(p, 0x10, digest, 32);
    p += entry(p, 0x01, keyhash, 32);
    p += entry(p, 0x24, signature, 64);
    honest_size = (size_t)(p - honest);
}

static int setup(void **state)
{
    (void)state;
    good = key(0);
    wrong = key(1);
    crypto_key_public(good, good_public);
    keys = (struct image_keys){.good = good, .wrong = wrong, .folder = "/tmp", .slot_size = SLOT};
    lay_out();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    crypto_key_free(good);
    crypto_key_free(wrong);
    return 0;
}

/* A copy of exactly n bytes, so that a read behind them is seen by the sanitizer. */
static int parse_copy(const void *bytes, size_t n, struct image_info *i, uint8_t **copy)
{
    struct err e = {0};
    *copy = malloc(n ? n : 1);
    assert_non_null(*copy);
    memcpy(*copy, bytes, n);
    int rc = image_parse(*copy, n, i, &e);
    assert_int_equal(rc == 0, e.text[0] == '\0');
    return rc;
}

/* Cause word of the bytes: what image_parse or image_check says, "good" when nothing. */
static const char *verdict(const void *bytes, size_t n)
{
    struct image_info i;
    uint8_t *copy;
    const char *cause = parse_copy(bytes, n, &i, &copy) ? "unreadable" : image_check(&i, good_public);
    free(copy);
    return cause ? cause : "good";
}

static const struct option_owner *row(const char *name)
{
    for (size_t i = 0; image_mutation_row(i); i++)
        if (strcmp(image_mutation_row(i)->name, name) == 0)
            return image_mutation_row(i);
    fail_msg("no mutation %s", name);
    return NULL;
}

static void option(struct image_mutation *m, const char *name, uint64_t number, const char *text)
{
    for (size_t i = 0; m->row->options[i].name; i++) {
        const struct option_row *r = &m->row->options[i];
        if (strcmp(r->name, name) == 0) {
            m->value[i] = (struct option_value){r, true, number, text};
            return;
        }
    }
    fail_msg("%s has no option %s", m->row->name, name);
}

static int mutate_with(const struct image_mutation *m, size_t count, uint64_t seed, struct buf *out, struct err *e)
{
    return image_mutate(honest, honest_size, m, count, &keys, seed, out, e);
}

/* One mutation with one option (or none, name NULL), seed 1. */
static struct buf mutated(const char *mutation, const char *name, uint64_t number, const char *text)
{
    struct image_mutation m = {.row = row(mutation)};
    struct buf out = {0};
    struct err e = {0};
    if (name)
        option(&m, name, number, text);
    if (mutate_with(&m, 1, 1, &out, &e))
        fail_msg("%s", e.text);
    return out;
}

static void expect_verdict(const char *cause, struct buf b)
{
    assert_string_equal(cause, verdict(b.data, b.size));
    buf_free(&b);
}

/* --- reading --- */

static void an_honest_image_reads_and_verifies(void **state)
{
    (void)state;
    struct image_info i;
    assert_int_equal(0, image_parse(honest, honest_size, &i, NULL));
    assert_int_equal(0x08020000, i.load_addr);
    assert_int_equal(0x100, i.flags);
    assert_int_equal(HDR, i.hdr_size);
    assert_int_equal(PAYLOAD, i.img_size);
    assert_string_equal("2.1.4660", i.version_text);
    assert_true(i.has_counter);
    assert_int_equal(7, i.counter);
    assert_string_equal("nucleo-l476rg", i.hardware);
    assert_int_equal(HDR + PAYLOAD + 29, i.hashed);
    assert_int_equal(honest_size, i.size);
    assert_null(image_check(&i, good_public));
}

static void the_keyhash_is_that_of_the_der_that_openssl_writes(void **state)
{
    (void)state;
    /* openssl pkey -pubout -outform DER | sha256sum, for the key of RFC 8032 test 1 */
    static const uint8_t by_openssl[32] = {0x06, 0xe3, 0xfd, 0x8f, 0xda, 0x29, 0xbb, 0x60, 0xab, 0x59, 0x55, 0x7d, 0xe6, 0x1e, 0xdb, 0x0a,
                                           0xec, 0xdb, 0x23, 0x11, 0x34, 0xbe, 0x30, 0xe7, 0x5b, 0x45, 0x5f, 0x8e, 0x1b, 0x79, 0x2f, 0xa9};
    uint8_t hash[32];
    image_keyhash(good_public, hash);
    assert_memory_equal(by_openssl, hash, 32);
}

static void every_shorter_file_is_refused(void **state)
{
    (void)state;
    for (size_t n = 0; n < honest_size; n++)
        assert_string_equal("unreadable", verdict(honest, n));
}

static void bytes_behind_the_image_do_not_matter(void **state)
{
    (void)state;
    uint8_t longer[IMAGE_MOST];
    memset(longer, 0xff, sizeof longer);
    memcpy(longer, honest, honest_size);
    assert_string_equal("good", verdict(longer, sizeof longer));
}

/* No bit of an image is without guard, the entry types and lengths of the unprotected area included. */
static void every_flipped_bit_is_noticed(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < honest_size * 8; bit++) {
        honest[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        if (strcmp(verdict(honest, honest_size), "good") == 0)
            fail_msg("bit %zu", bit);
        honest[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
}

static void lying_sizes_are_refused_by_name(void **state)
{
    (void)state;
    static const struct { size_t at; uint16_t value; const char *named; } lies[] = {
        {0, 0, "magic"}, {8, 31, "hdr_size"}, {8, 0xffff, "hdr_size"}, {12, 0xffff, "img_size"}, {14, 0xffff, "img_size"},
        {12, PAYLOAD + 1, "protected TLVs"}, {10, 28, "protect_tlv_size"}, {10, 0, "TLVs"}, {HDR + PAYLOAD + 2, 3, "protected TLVs"},
        {HDR + PAYLOAD + 2, 0xffff, "protected TLVs"}, {HDR + PAYLOAD + 6, 5, "security counter"},
        {HDR + PAYLOAD + 14, 14, "entry 0xa0"}, {HDR + PAYLOAD + 29 + 2, 0x91, "TLVs"}, {HDR + PAYLOAD + 29 + 2, 0x8f, "entry 0x24"},
        {HDR + PAYLOAD + 29 + 6, 31, "SHA-256"}, {HDR + PAYLOAD + 29 + 40, 0x10, "SHA-256"}};
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        uint8_t image[IMAGE_MOST];
        struct image_info info;
        struct err e = {0};
        memcpy(image, honest, honest_size);
        image[lies[i].at] = (uint8_t)lies[i].value;
        image[lies[i].at + 1] = (uint8_t)(lies[i].value >> 8);
        assert_int_equal(RIG_EINPUT, image_parse(image, honest_size, &info, &e));
        if (!strstr(e.text, lies[i].named))
            fail_msg("lie %zu: '%s' does not name %s", i, e.text, lies[i].named);
    }
}

static void versions_are_read_strictly(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "1", "1.2", "1.2.", "256.0.0", "1.2.65536", "1.2.3+", "1.2.3+4294967296", "1.2.3 ", "v1.2.3",
                                      "1..3"};
    struct image_version v;
    assert_true(image_version_read("255.0.65535+4294967295", &v));
    assert_int_equal(255, v.major);
    assert_int_equal(0, v.minor);
    assert_int_equal(65535, v.revision);
    assert_int_equal(UINT32_MAX, v.build);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (image_version_read(bad[i], &v))
            fail_msg("'%s' is no version", bad[i]);
}

/* --- mutations --- */

static void flipped_bits_are_as_many_as_asked(void **state)
{
    (void)state;
    for (unsigned count = 1; count < 300; count += 37) {
        struct buf b = mutated("flip-bits", "count", count, NULL);
        unsigned differ = 0;
        assert_int_equal(honest_size, b.size);
        for (size_t i = 0; i < b.size; i++)
            differ += (unsigned)__builtin_popcount((uint8_t)b.data[i] ^ honest[i]);
        assert_int_equal(count, differ);
        buf_free(&b);
    }
}

static void flipped_bits_stay_in_their_part(void **state)
{
    (void)state;
    const struct { const char *where; size_t from, to; } part[] = {
        {"header", 0, 32}, {"payload", HDR, HDR + PAYLOAD}, {"tlvs", HDR + PAYLOAD, honest_size},
        {"digest", HDR + PAYLOAD + 29 + 8, HDR + PAYLOAD + 29 + 40}, {"signature", honest_size - 64, honest_size}};
    for (size_t k = 0; k < sizeof part / sizeof part[0]; k++) {
        struct image_mutation m = {.row = row("flip-bits")};
        struct buf b = {0};
        option(&m, "count", 60, NULL);
        option(&m, "where", 0, part[k].where);
        assert_int_equal(0, mutate_with(&m, 1, 5, &b, NULL));
        for (size_t i = 0; i < b.size; i++)
            if ((i < part[k].from || i >= part[k].to) && (uint8_t)b.data[i] != honest[i])
                fail_msg("%s: byte %zu", part[k].where, i);
        buf_free(&b);
    }
}

static void the_seed_alone_decides(void **state)
{
    (void)state;
    struct image_mutation m[2] = {{.row = row("flip-bits")}, {.row = row("flip-bits")}};
    struct buf a = {0}, b = {0}, c = {0};
    assert_int_equal(0, mutate_with(m, 2, 9, &a, NULL));
    assert_int_equal(0, mutate_with(m, 2, 9, &b, NULL));
    assert_int_equal(0, mutate_with(m, 2, 10, &c, NULL));
    assert_memory_equal(a.data, b.data, honest_size);
    assert_memory_not_equal(a.data, c.data, honest_size);
    assert_memory_not_equal(a.data, honest, honest_size); /* the second draws other bits than the first */
    buf_free(&a);
    buf_free(&b);
    buf_free(&c);
}

static void each_mutation_is_refused_for_its_own_cause(void **state)
{
    (void)state;
    expect_verdict("unreadable", mutated("truncate", "keep", 6000, NULL));
    expect_verdict("unreadable", mutated("truncate", "bytes", 20, NULL));
    expect_verdict("unsigned", mutated("unsign", NULL, 0, NULL));
    expect_verdict("unsigned", mutated("unsign", "part", 0, "keyhash"));
    expect_verdict("wrong-key", mutated("sign", "key", 0, "wrong-key"));
    expect_verdict("wrong-key", mutated("sign", NULL, 0, NULL));
    expect_verdict("good", mutated("sign", "key", 0, "good-key"));
    expect_verdict("bad-signature", mutated("sign", "keyhash", 0, "good"));
    expect_verdict("unreadable", mutated("header", "magic", 0, NULL));
    expect_verdict("bad-hash", mutated("header", "load-addr", 0, NULL));
    expect_verdict("bad-hash", mutated("digest", NULL, 0, NULL));
    expect_verdict("bad-hash", mutated("digest", "signed", 0, NULL));
}

static void truncated_keeps_the_share_of_the_front(void **state)
{
    (void)state;
    struct buf b = mutated("truncate", "keep", 6000, NULL);
    assert_int_equal(honest_size * 6 / 10, b.size);
    assert_memory_equal(honest, b.data, b.size);
    buf_free(&b);
}

static void what_the_signature_covers_is_signed_anew(void **state)
{
    (void)state;
    struct image_info i;
    struct buf b = mutated("hardware", "id", 0, "rev-b");
    assert_int_equal(0, image_parse((uint8_t *)b.data, b.size, &i, NULL));
    assert_string_equal("rev-b", i.hardware);
    assert_int_equal(7, i.counter);
    expect_verdict("good", b);
    b = mutated("version", "to", 0, "0.9.1+5");
    assert_int_equal(0, image_parse((uint8_t *)b.data, b.size, &i, NULL));
    assert_string_equal("0.9.1+5", i.version_text);
    expect_verdict("good", b);
    b = mutated("counter", "to", 3, NULL);
    assert_int_equal(0, image_parse((uint8_t *)b.data, b.size, &i, NULL));
    assert_int_equal(3, i.counter);
    expect_verdict("good", b);
    b = mutated("vector", "reset", 0x12345678, NULL);
    assert_memory_equal("\x78\x56\x34\x12", b.data + HDR + 4, 4);
    assert_memory_equal(honest + HDR, b.data + HDR, 4);
    assert_memory_equal(honest + HDR + 8, b.data + HDR + 8, PAYLOAD - 8);
    expect_verdict("good", b);
    b = mutated("vector", "stack", 0x40000000, NULL);
    assert_memory_equal("\0\0\0\x40", b.data + HDR, 4);
    assert_memory_equal(honest + HDR + 4, b.data + HDR + 4, 4);
    expect_verdict("good", b);
}

static void a_grown_image_is_sound_and_exactly_as_large_as_asked(void **state)
{
    (void)state;
    struct buf b = mutated("pad", "to", 2000, NULL);
    assert_int_equal(2000, b.size);
    expect_verdict("good", b);
    b = mutated("too-large", NULL, 0, NULL);
    assert_int_equal(SLOT + 4096, b.size);
    expect_verdict("good", b);
    b = mutated("too-large", "by", 1, NULL);
    assert_int_equal(SLOT + 1, b.size);
    expect_verdict("good", b);
}

/* The lie stands, and digest and signature are over the lying bytes. */
static void a_signed_lie_is_signed(void **state)
{
    (void)state;
    struct image_mutation m = {.row = row("header")};
    struct buf b = {0};
    uint8_t digest[32];
    option(&m, "magic", 0x11223344, NULL);
    option(&m, "signed", 1, NULL);
    assert_int_equal(0, mutate_with(&m, 1, 1, &b, NULL));
    assert_memory_equal("\x44\x33\x22\x11", b.data, 4);
    crypto_sha256(b.data, HDR + PAYLOAD + 29, digest);
    assert_memory_equal(digest, b.data + HDR + PAYLOAD + 29 + 8, 32);
    assert_true(crypto_verify(good_public, digest, 32, (uint8_t *)b.data + b.size - 64));
    buf_free(&b);
    m = (struct image_mutation){.row = row("header")};
    option(&m, "load-addr", 0x08080000, NULL);
    option(&m, "signed", 1, NULL);
    assert_int_equal(0, mutate_with(&m, 1, 1, &b, NULL));
    expect_verdict("good", b);
}

static void a_key_file_signs(void **state)
{
    (void)state;
    char path[] = "/tmp/otarig-key-XXXXXX";
    write_pem(path, pem_body[1]);
    expect_verdict("wrong-key", mutated("sign", "key", 0, path + 5)); /* relative to the folder */
    unlink(path);
}

static void mutations_act_one_after_the_other(void **state)
{
    (void)state;
    struct image_mutation m[2] = {{.row = row("version")}, {.row = row("sign")}};
    struct buf b = {0};
    struct image_info i;
    option(&m[0], "to", 0, "9.9.9");
    assert_int_equal(0, mutate_with(m, 2, 1, &b, NULL));
    assert_int_equal(0, image_parse((uint8_t *)b.data, b.size, &i, NULL));
    assert_string_equal("9.9.9", i.version_text);
    expect_verdict("wrong-key", b);
}

static void refuses(const struct image_mutation *m, size_t count, const char *named)
{
    struct buf b = {0};
    struct err e = {0};
    buf_str(&b, "kept");
    assert_int_equal(RIG_EINPUT, mutate_with(m, count, 1, &b, &e));
    if (!strstr(e.text, named))
        fail_msg("'%s' does not name %s", e.text, named);
    assert_string_equal("kept", b.data);
    buf_free(&b);
}

static void what_does_not_apply_is_refused_by_name(void **state)
{
    (void)state;
    struct image_mutation broken[2] = {{.row = row("truncate")}, {.row = row("hardware")}};
    option(&broken[0], "keep", 5000, NULL);
    option(&broken[1], "id", 0, "rev-b");
    refuses(broken, 2, "hardware");
    struct image_mutation m = {.row = row("hardware")};
    refuses(&m, 1, "1 to 63");
    m = (struct image_mutation){.row = row("version")};
    option(&m, "to", 0, "two");
    refuses(&m, 1, "1.2.3");
    m = (struct image_mutation){.row = row("truncate")};
    refuses(&m, 1, "how much");
    option(&m, "bytes", honest_size, NULL);
    refuses(&m, 1, "missing");
    m = (struct image_mutation){.row = row("sign")};
    option(&m, "key", 0, "no-such-file.pem");
    refuses(&m, 1, "no-such-file.pem");
    m = (struct image_mutation){.row = row("header")};
    refuses(&m, 1, "which field");
    m = (struct image_mutation){.row = row("pad")};
    option(&m, "to", 10, NULL);
    refuses(&m, 1, "that large already");
    m = (struct image_mutation){.row = row("flip-bits")};
    option(&m, "count", honest_size * 8 + 1, NULL);
    refuses(&m, 1, "more bits");
}

static void missing_keys_and_slot_are_told(void **state)
{
    (void)state;
    struct image_keys none = {0};
    struct image_keys all = keys;
    struct image_mutation m = {.row = row("sign")};
    keys = none;
    refuses(&m, 1, "key");
    m.row = row("too-large");
    refuses(&m, 1, "slot");
    keys = all;
}

/* What the language shows and completes: each row has help, an example that names it, and few enough options. */
static void rows_are_complete(void **state)
{
    (void)state;
    for (size_t i = 0; image_mutation_row(i); i++) {
        const struct option_owner *r = image_mutation_row(i);
        size_t n = 0;
        assert_non_null(r->help);
        assert_non_null(strstr(r->example, r->name));
        for (; r->options[n].name; n++)
            assert_true(r->options[n].type != OPTION_WORD || r->options[n].words);
        assert_in_range(n, 1, OPTION_MOST);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_honest_image_reads_and_verifies),
        cmocka_unit_test(the_keyhash_is_that_of_the_der_that_openssl_writes),
        cmocka_unit_test(every_shorter_file_is_refused),
        cmocka_unit_test(bytes_behind_the_image_do_not_matter),
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(lying_sizes_are_refused_by_name),
        cmocka_unit_test(versions_are_read_strictly),
        cmocka_unit_test(flipped_bits_are_as_many_as_asked),
        cmocka_unit_test(flipped_bits_stay_in_their_part),
        cmocka_unit_test(the_seed_alone_decides),
        cmocka_unit_test(each_mutation_is_refused_for_its_own_cause),
        cmocka_unit_test(truncated_keeps_the_share_of_the_front),
        cmocka_unit_test(what_the_signature_covers_is_signed_anew),
        cmocka_unit_test(a_grown_image_is_sound_and_exactly_as_large_as_asked),
        cmocka_unit_test(a_signed_lie_is_signed),
        cmocka_unit_test(a_key_file_signs),
        cmocka_unit_test(mutations_act_one_after_the_other),
        cmocka_unit_test(what_does_not_apply_is_refused_by_name),
        cmocka_unit_test(missing_keys_and_slot_are_told),
        cmocka_unit_test(rows_are_complete),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
