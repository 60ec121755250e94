/* SPDX-License-Identifier: GPL-3.0-or-later
 * Manifests and key sets. */
#include "server/manifest.h"

#include "base/crypto.h"
#include "server/exchange.h"
#include "server/offer.h"
#include "server/request.h"
#include "server/site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUERY_MOST = 128 };

static bool is_plain(const char *text)
{
    return strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._+-") == strlen(text);
}

/* What the device says of itself; "" when it does not, or not in plain characters: it is repeated in JSON. */
static const char *asked(const struct exchange *x, const char *name, char out[QUERY_MOST])
{
    if (!request_query(x->path, name, out, QUERY_MOST) || !is_plain(out))
        out[0] = '\0';
    return out;
}

/* --- which file --- */

const struct offer_file *manifest_file(const struct offer *o, const struct exchange *x)
{
    char hardware[QUERY_MOST], slot[QUERY_MOST];
    if (request_query(x->path, "hw", hardware, sizeof hardware) && strcmp(hardware, o->hardware) != 0)
        return NULL;
    if (!request_query(x->path, "slot", slot, sizeof slot))
        slot[0] = '\0';
    return offer_by_slot(o, slot);
}

bool manifest_wanted(const struct offer *o, const struct exchange *x)
{
    char version[QUERY_MOST];
    bool back = strcmp(o->action, "rollback") == 0;
    if (!back && strcmp(o->action, "update") != 0)
        return false;
    if (!request_query(x->path, "version", version, sizeof version))
        return true;
    return back ? strcmp(o->version, version) != 0 : offer_is_newer(o, version);
}

/* The file for the device that asks, NULL when there is nothing for it. */
static const struct offer_file *choose(const struct offer *o, const struct exchange *x)
{
    return o && (x->force || manifest_wanted(o, x)) ? manifest_file(o, x) : NULL;
}

/* --- members --- */

static void add_hashes(struct members *m, const struct buf *hex)
{
    struct buf list = {0};
    for (size_t at = 0; at < hex->size; at += 64)
        buf_printf(&list, "%s\"%.64s\"", at ? "," : "[", hex->data + at);
    buf_str(&list, hex->size ? "]" : "[]");
    members_raw(m, "chunks", buf_text(&list));
    buf_free(&list);
}

static void add_file(struct members *m, const char *name, size_t size, const char *sha256, uint32_t chunk_size, const struct buf *chunks)
{
    char *url = mem_printf("/image/%s", name);
    members_text(m, "url", url);
    members_number(m, "size", size);
    members_text(m, "sha256", sha256);
    members_number(m, "chunk_size", chunk_size);
    add_hashes(m, chunks);
    free(url);
}

void manifest_describe(struct manifest *m, const char *name, const uint8_t *bytes, size_t size, uint32_t chunk_size)
{
    char hex[65];
    struct buf chunks = {0};
    crypto_sha256_hex(bytes, size, hex);
    offer_chunks(bytes, size, chunk_size, &chunks);
    add_file(&m->members, name, size, hex, chunk_size, &chunks);
    buf_free(&chunks);
}

static void add_release(struct members *m, const struct offer *o, const struct offer_file *f)
{
    members_text(m, "version", o->version);
    members_number(m, "security_counter", o->security_counter);
    members_text(m, "slot", f->slot);
    add_file(m, f->name, f->size, f->sha256, o->chunk_size, &f->chunks);
}

void manifest_offer(struct manifest *m, const struct offer *o, const struct offer_file *f)
{
    m->file = f;
    m->delta = NULL;
    members_remove(&m->members, "delta");
    if (m->enveloped)
        members_text(&m->members, "action", "update");
    add_release(&m->members, o, f);
}

void manifest_delta(struct manifest *m, const struct offer_file *d, const char *base)
{
    char *value = mem_printf("{\"base\":\"%s\",\"url\":\"/image/%s\",\"size\":%zu,\"sha256\":\"%s\"}", base, d->name, d->size, d->sha256);
    members_raw(&m->members, "delta", value);
    m->delta = d;
    free(value);
}

void manifest_withdraw(struct manifest *m, const char *action)
{
    static const char *const names[] = {"version", "security_counter", "slot", "url", "size", "sha256", "chunk_size", "chunks", "delta"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        members_remove(&m->members, names[i]);
    members_text(&m->members, "action", action);
    m->file = m->delta = NULL;
}

/* A pause that an attack forces into an offer is an update. */
static const char *action_of(const struct offer *o, const struct offer_file *f)
{
    bool paused = o && strcmp(o->action, "pause") == 0;
    if (!f)
        return paused ? "pause" : "none";
    return strcmp(o->action, "rollback") == 0 ? "rollback" : "update";
}

void manifest_name(struct manifest *m, const char *device)
{
    const char *url = members_get(&m->members, "url");
    size_t n = url ? strlen(url) : 0;
    if (n < 3 || strncmp(url, "\"/image/", 8) != 0 || strpbrk(url, "?#\\") || !is_plain(device))
        return;
    char *named = mem_printf("%.*s?device=%s\"", (int)n - 1, url, device);
    members_raw(&m->members, "url", named);
    free(named);
}

void manifest_times(struct manifest *m, uint64_t time, uint64_t expires)
{
    members_number(&m->members, "time", time);
    members_number(&m->members, "expires", expires);
}

/* The device's own word for its hardware is repeated when there is nothing for it: it is signed all the same. */
static void add_hardware(struct members *m, const struct offer *o, const struct offer_file *f, const struct exchange *x)
{
    char hardware[QUERY_MOST];
    asked(x, "hw", hardware);
    members_text(m, "hardware", o && (f || !*hardware) ? o->hardware : hardware);
}

static void make_signed(const struct site *s, const struct exchange *x, struct manifest *out)
{
    const struct offer *o = s->offer;
    struct members *m = &out->members;
    char text[QUERY_MOST];
    unsigned keyset = o ? o->keyset : 1;
    members_text(m, "type", "manifest");
    members_number(m, "schema", 2);
    add_hardware(m, o, out->file, x);
    members_number(m, "manifest_version", s->number);
    manifest_times(out, site_time(s), site_time(s) + s->lifetime_s);
    members_text(m, "action", action_of(o, out->file));
    members_number(m, "keys", keyset);
    if (*asked(x, "nonce", text))
        members_text(m, "nonce", text);
    if (out->file)
        add_release(m, o, out->file);
    const struct offer_file *d = out->file ? offer_delta(o, out->file->slot, asked(x, "base", text)) : NULL;
    if (d)
        manifest_delta(out, d, d->base);
    out->enveloped = true;
    out->by[out->signatures++].key = keyset == 2 ? SIGNER_NEXT : SIGNER_GOOD;
}

bool manifest_make(const struct site *s, const struct exchange *x, struct manifest *out)
{
    *out = (struct manifest){.file = choose(s->offer, x)};
    if (s->signer && !(s->offer && s->offer->no_signature)) {
        make_signed(s, x, out);
        return true;
    }
    if (!out->file)
        return false;
    members_number(&out->members, "schema", 1);
    members_text(&out->members, "hardware", s->offer->hardware);
    add_release(&out->members, s->offer, out->file);
    return true;
}

void manifest_make_keys(const struct site *s, struct manifest *out)
{
    bool next = s->offer && s->offer->keyset == 2;
    const struct signer *k = s->signer;
    char *keys = mem_printf("[\"%s\"]", k->key[next ? SIGNER_NEXT : SIGNER_GOOD]);
    char *revoked = next ? mem_printf("[\"%s\"]", k->id[SIGNER_GOOD]) : mem_str("[]");
    *out = (struct manifest){.enveloped = true, .is_keys = true, .signatures = 1, .by[0].key = SIGNER_ROOT};
    members_text(&out->members, "type", "keys");
    members_number(&out->members, "schema", 2);
    members_number(&out->members, "keyset", next ? 2 : 1);
    members_raw(&out->members, "keys", keys);
    members_raw(&out->members, "revoked", revoked);
    free(keys);
    free(revoked);
}

void manifest_print(const struct manifest *m, const struct signer *s, const struct buf *text, struct buf *out)
{
    if (m->enveloped && s)
        signer_envelope(s, m->by, m->signatures, text, out);
    else
        buf_add(out, buf_text(text), text->size);
}

void manifest_free(struct manifest *m)
{
    members_free(&m->members);
}
