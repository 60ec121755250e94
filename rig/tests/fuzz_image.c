/* SPDX-License-Identifier: GPL-3.0-or-later
 * Fuzz target: image parser and mutations. Byte 0 picks the mutation, byte 1 its options, the rest is the image. What is signed anew
 * must read and verify. */
#include "base/buf.h"
#include "base/crypto.h"
#include "scenario/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct crypto_key *key;
static uint8_t public[32];

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    char path[] = "/tmp/otarig-key-XXXXXX"; /* the private key of RFC 8032, section 7.1, test 1 */
    int fd = mkstemp(path);
    if (fd < 0)
        abort();
    dprintf(fd, "-----BEGIN %s KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END %s KEY-----\n",
            "PRIVATE",
            "PRIVATE");
    close(fd);
    key = crypto_key_open(path, NULL);
    unlink(path);
    if (!key)
        abort();
    crypto_key_public(key, public);
    return 0;
}

static void set_options(struct image_mutation *m, uint8_t choice)
{
    static const char *const texts[] = {"rev-b", "1.2.3+4", "good-key", "own"};
    for (size_t i = 0; m->row->options[i].name; i++) {
        const struct option_row *o = &m->row->options[i];
        struct option_value *v = &m->value[i];
        v->row = o;
        v->given = choice >> i & 1;
        v->number = o->low + choice * 8u;
        if (o->high && v->number > o->high)
            v->number = o->high;
        v->text = o->words ? o->words[0] : texts[choice >> 6];
    }
}

static void must_verify(const struct buf *b)
{
    struct image_info i;
    if (image_parse((const uint8_t *)b->data, b->size, &i, NULL) || image_check(&i, public))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const again[] = {"hardware", "version", "counter", "vector", "pad", "too-large"};
    struct image_info i;
    if (n < 2)
        return 0;
    if (image_parse(data + 2, n - 2, &i, NULL) == 0)
        image_check(&i, public);
    size_t rows = 0;
    while (image_mutation_row(rows))
        rows++;
    if (rows == 0)
        abort();
    struct image_mutation m = {.row = image_mutation_row(data[0] % rows)};
    struct image_keys keys = {.good = key, .wrong = key, .folder = "/nowhere", .slot_size = 512};
    struct buf out = {0};
    set_options(&m, data[1]);
    if (image_mutate(data + 2, n - 2, &m, 1, &keys, n, &out, NULL) == 0)
        for (size_t k = 0; k < sizeof again / sizeof again[0]; k++)
            if (strcmp(m.row->name, again[k]) == 0)
                must_verify(&out);
    buf_free(&out);
    return 0;
}
