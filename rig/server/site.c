/* SPDX-License-Identifier: GPL-3.0-or-later
 * A server's files: those offered, and those that attacks made. */
#include "server/site.h"

#include "base/crypto.h"
#include "server/offer.h"

#include <stdlib.h>
#include <string.h>

enum { MADE_MOST = 16 }; /* the oldest goes when a client draws one after another */

struct site_file {
    struct offer_file file;
    uint8_t *bytes;
    struct site_file *next;
};

uint64_t site_time(const struct site *s)
{
    return s->calendar_s + s->now / 1000000000;
}

static void file_free(struct site_file *f)
{
    free(f->file.slot);
    free(f->file.name);
    free(f->bytes);
    free(f);
}

static void drop_oldest(struct site *s)
{
    struct site_file **p = &s->made;
    for (int i = 0; *p; i++, p = &(*p)->next)
        if (i == MADE_MOST) {
            file_free(*p);
            *p = NULL;
            return;
        }
}

const struct offer_file *site_make(struct site *s, const char *name, const uint8_t *bytes, size_t size)
{
    char hex[65];
    crypto_sha256_hex(bytes, size, hex);
    for (const struct site_file *f = s->made; f; f = f->next)
        if (strcmp(f->file.sha256, hex) == 0)
            return &f->file;
    struct site_file *f = mem_new(sizeof *f);
    f->bytes = mem_new(size + 1);
    memcpy(f->bytes, bytes, size);
    f->file = (struct offer_file){.slot = mem_str(""), .name = mem_printf("%.8s-%s", hex, name), .bytes = f->bytes, .size = size};
    memcpy(f->file.sha256, hex, sizeof hex);
    f->next = s->made;
    s->made = f;
    drop_oldest(s);
    return &f->file;
}

const struct offer_file *site_file(const struct site *s, const char *name)
{
    for (const struct site_file *f = s->made; f; f = f->next)
        if (strcmp(f->file.name, name) == 0)
            return &f->file;
    return s->offer ? offer_by_name(s->offer, name) : NULL;
}

void site_forget(struct site *s)
{
    while (s->made) {
        struct site_file *f = s->made;
        s->made = f->next;
        file_free(f);
    }
    s->redirects = false;
}
