/* SPDX-License-Identifier: GPL-3.0-or-later
 * Attacks on what a manifest says, and on how it says it. */
#include "base/buf.h"
#include "server/attack_rows.h"
#include "server/attack_sign.h"
#include "server/exchange.h"
#include "server/manifest.h"
#include "server/offer.h"
#include "server/site.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- one member --- */

static bool signature(struct attack_call *c)
{
    return c->x->manifest && c->x->manifest->enveloped && attack_sign_manifest(c);
}

/* A member of an offer becomes the text or number of the option that is called the same. */
static bool say_text(struct attack_call *c, const char *member, const char *option)
{
    struct manifest *m = attack_sign_offer(c);
    if (m)
        members_text(&m->members, member, attacks_text(c, option));
    return m != NULL;
}

static bool say_number(struct attack_call *c, const char *member, const char *option)
{
    struct manifest *m = attack_sign_offer(c);
    if (m)
        members_number(&m->members, member, attacks_number(c, option));
    return m != NULL;
}

static bool wrong_version(struct attack_call *c)
{
    return say_text(c, "version", "version");
}

static bool wrong_hardware(struct attack_call *c)
{
    return say_text(c, "hardware", "hardware");
}

static bool wrong_slot(struct attack_call *c)
{
    return say_text(c, "slot", "slot");
}

static bool wrong_size(struct attack_call *c)
{
    return say_number(c, "size", "size");
}

static bool wrong_counter(struct attack_call *c)
{
    return say_number(c, "security_counter", "counter");
}

/* Any member, any value: what the others do not say. */
static bool manifest_member(struct attack_call *c)
{
    const char *name = attacks_text(c, "name"), *value = attacks_text(c, "value");
    struct manifest *m = attack_sign_manifest(c);
    if (!m || (!attacks_is(c, "how", "added") && !members_get(&m->members, name)))
        return false;
    if (attacks_is(c, "how", "missing"))
        members_remove(&m->members, name);
    else if (attacks_is(c, "how", "doubled"))
        members_again(&m->members, name, value);
    else
        members_raw(&m->members, name, value);
    return true;
}

/* --- hashes and chunks --- */

static void spoil_digit(struct attack_call *c, char *digits, size_t n)
{
    char *d = &digits[rng_below(&c->rng, n)];
    *d = *d == '0' ? '1' : '0';
}

/* Of a list of chunk hashes, as it stands in the text: [ quote 64 digits quote , … ] */
enum { CHUNK_STEP = 67 };

static size_t chunks_in(const char *list)
{
    return list ? strlen(list) / CHUNK_STEP : 0;
}

static bool wrong_hash(struct attack_call *c)
{
    struct manifest *m = attack_sign_offer(c);
    char *sha256 = m ? members_get(&m->members, "sha256") : NULL, *chunks = m ? members_get(&m->members, "chunks") : NULL;
    if (!sha256 || strlen(sha256) != 66)
        return false;
    if (attacks_is(c, "of", "image") || attacks_is(c, "of", "both"))
        spoil_digit(c, sha256 + 1, 64);
    if (chunks_in(chunks) && !attacks_is(c, "of", "image"))
        spoil_digit(c, chunks + 2 + CHUNK_STEP * rng_below(&c->rng, chunks_in(chunks)), 64);
    return true;
}

static void swap_chunks(char *list, size_t a, size_t b)
{
    char digits[64];
    memcpy(digits, list + 2 + CHUNK_STEP * a, 64);
    memcpy(list + 2 + CHUNK_STEP * a, list + 2 + CHUNK_STEP * b, 64);
    memcpy(list + 2 + CHUNK_STEP * b, digits, 64);
}

/* The first so many hashes, then again from the first. */
static void set_chunks(struct manifest *m, const char *list, size_t count)
{
    struct buf out = {0};
    size_t have = chunks_in(list);
    for (size_t i = 0; i < count; i++)
        buf_printf(&out, "%s%.66s", i ? "," : "[", list + 1 + CHUNK_STEP * (i % have));
    buf_str(&out, count ? "]" : "[]");
    members_raw(&m->members, "chunks", buf_text(&out));
    buf_free(&out);
}

/* The file in another order of chunks, whose hashes are right chunk by chunk: an image of right pieces. */
static void shuffle_file(struct attack_call *c, struct manifest *m, char *list)
{
    uint32_t chunk = c->x->site->offer->chunk_size;
    uint8_t *bytes = mem_new(m->file->size);
    memcpy(bytes, m->file->bytes, m->file->size);
    memcpy(bytes, m->file->bytes + chunk, chunk);
    memcpy(bytes + chunk, m->file->bytes, chunk);
    const struct offer_file *made = site_make(c->x->site, m->file->name, bytes, m->file->size);
    char *url = mem_printf("/image/%s", made->name);
    members_text(&m->members, "url", url);
    swap_chunks(list, 0, 1);
    free(url);
    free(bytes);
}

static bool wrong_chunks(struct attack_call *c)
{
    struct manifest *m = attack_sign_offer(c);
    char *list = m ? members_get(&m->members, "chunks") : NULL;
    size_t n = chunks_in(list), whole = m ? m->file->size / c->x->site->offer->chunk_size : 0;
    if (n < 2 || (attacks_is(c, "kind", "order") && whole < 2))
        return false;
    if (attacks_is(c, "kind", "order"))
        shuffle_file(c, m, list);
    else if (attacks_is(c, "kind", "swapped"))
        swap_chunks(list, 0, 1);
    else if (attacks_is(c, "kind", "size"))
        members_number(&m->members, "chunk_size", attacks_number(c, "chunk-size"));
    else
        set_chunks(m, list, attacks_is(c, "kind", "missing") ? n - 1 : attacks_is(c, "kind", "more") ? n + 1 :
                            attacks_is(c, "kind", "none") ? 0 : (size_t)attacks_number(c, "count"));
    return true;
}

/* --- where the image is --- */

/* The value stands in JSON: a backslash escape becomes the character that it stands for. */
static bool wrong_url(struct attack_call *c)
{
    static const struct { const char *kind, *format; } kinds[] = {
        {"other-host", "//evil.otarig.invalid%s"}, {"absolute", "http://evil.otarig.invalid%s"}, {"parent", "/image/../../..%s"},
        {"space", "/image/a b%s"}, {"crlf", "%s HTTP/1.1\\r\\nX-Smuggled: yes\\r\\n\\r\\nGET /"}, {"nul", "%s\\u0000.txt"},
        {"relative", ".%s"}, {"file", "file://%s"}, {"not-there", "/image/not-there%s"}, {"backslash", "/\\\\evil.otarig.invalid%s"}};
    struct manifest *m = attack_sign_offer(c);
    char *url = m ? mem_printf("/image/%s", m->file->name) : NULL, *wrong = NULL;
    for (size_t i = 0; m && i < sizeof kinds / sizeof kinds[0]; i++)
        if (attacks_is(c, "kind", kinds[i].kind)) {
            const char *at = strstr(kinds[i].format, "%s");
            wrong = mem_printf("%.*s%s%s", (int)(at - kinds[i].format), kinds[i].format, url, at + 2);
        }
    if (m && attacks_is(c, "kind", "long"))
        wrong = mem_printf("/image/%0*d", (int)attacks_number(c, "length"), 0);
    if (m)
        members_text(&m->members, "url", wrong ? wrong : "");
    free(wrong);
    free(url);
    return m != NULL;
}

/* --- garbage --- */

static void add_random(struct attack_call *c, struct buf *out, size_t n)
{
    while (n--)
        buf_char(out, (char)rng_u64(&c->rng));
}

static void add_times(struct buf *out, const char *text, size_t n)
{
    while (n--)
        buf_str(out, text);
}

static const struct { const char *kind, *text; } garbage_texts[] = {
    {"not-json", "{\"schema\":1,\"hardware\":nucleo,,}"},
    {"wrong-types", "{\"type\":7,\"schema\":\"2\",\"hardware\":7,\"manifest_version\":\"1\",\"time\":[],\"expires\":{},\"action\":true,"
                    "\"keys\":null,\"version\":[2,0,0],\"security_counter\":\"1\",\"slot\":{},\"url\":null,\"size\":\"many\",\"sha256\":false,"
                    "\"chunk_size\":-1,\"chunks\":\"none\"}"},
    {"huge-numbers", "{\"type\":\"manifest\",\"schema\":2,\"hardware\":\"nucleo-l476rg\",\"manifest_version\":99999999999999999999,"
                     "\"time\":18446744073709551617,\"expires\":1e400,\"action\":\"update\",\"keys\":4294967297,\"version\":\"2.0.0\","
                     "\"security_counter\":99999999999999999999,\"slot\":\"b\",\"url\":\"/image/x\",\"size\":4294967297,\"sha256\":\"\","
                     "\"chunk_size\":1e400,\"chunks\":[]}"},
    {"no-fields", "{}"}, {"empty", ""}, {"array", "[]"}, {"json-null", "null"}, {"half", "{\"schema\":2,\"hardware\":\"nucleo-l4"},
    {"bad-utf8", "{\"hardware\":\"\xc3\x28\xf8\x88\x80\x80\x80\xed\xa0\x80\",\"schema\":2}"}};

/* A JSON text that is none, or no manifest. */
static void add_garbage(struct attack_call *c, struct buf *out)
{
    size_t n = (size_t)attacks_number(c, "size");
    for (size_t i = 0; i < sizeof garbage_texts / sizeof garbage_texts[0]; i++)
        if (attacks_is(c, "kind", garbage_texts[i].kind))
            buf_str(out, garbage_texts[i].text);
    if (attacks_is(c, "kind", "deep")) {
        add_times(out, "[", n);
    } else if (attacks_is(c, "kind", "deep-object")) {
        add_times(out, "{\"a\":", n / 5 + 1);
    } else if (attacks_is(c, "kind", "random")) {
        add_random(c, out, n);
    } else if (attacks_is(c, "kind", "huge-string")) {
        buf_str(out, "{\"hardware\":\"");
        add_times(out, "A", n);
        buf_str(out, "\"}");
    } else if (attacks_is(c, "kind", "many-members")) {
        buf_char(out, '{');
        for (size_t i = 0; i < n / 10; i++)
            buf_printf(out, "%s\"m%05zu\":0", i ? "," : "", i);
        buf_char(out, '}');
    }
}

/* Keeps what is there, and spoils it. */
static bool spoil_text(struct attack_call *c, struct buf *text)
{
    char *comma;
    if (attacks_is(c, "kind", "trailing")) {
        buf_str(text, "}]garbage");
    } else if (attacks_is(c, "kind", "nul")) {
        if (text->size > 1)
            text->data[text->size / 2] = '\0';
    } else if (attacks_is(c, "kind", "duplicates") && text->size > 2) {
        struct buf twice = {0}; /* each member twice: {A} becomes {A,A} */
        buf_add(&twice, text->data, text->size - 1);
        buf_char(&twice, ',');
        buf_add(&twice, text->data + 1, text->size - 1);
        buf_free(text);
        *text = twice;
    } else if (attacks_is(c, "kind", "comma") && (comma = memchr(buf_text(text), ',', text->size))) {
        *comma = ';';
    } else {
        return false;
    }
    return true;
}

/* False: what was there is still there. */
static bool make_garbage(struct attack_call *c, struct buf *text)
{
    if (spoil_text(c, text))
        return false;
    buf_clear(text);
    add_garbage(c, text);
    return true;
}

/* Within the envelope: signed all the same. */
static bool garbage_signed(struct attack_call *c)
{
    if (!attacks_is(c, "within", "signed") || !c->x->manifest || !c->x->manifest->enveloped || !attack_sign_manifest(c))
        return false;
    make_garbage(c, c->x->signed_text);
    return true;
}

static bool garbage_manifest(struct attack_call *c)
{
    struct exchange *x = c->x;
    struct buf text = {0};
    if (!x->manifest || x->manifest->is_keys || (attacks_is(c, "within", "signed") && x->manifest->enveloped))
        return false;
    buf_add(&text, x->body ? (const char *)x->body : "", (size_t)x->size);
    if (make_garbage(c, &text))
        rules_hide(&x->site->rules, x);
    exchange_body(x, buf_text(&text), text.size);
    buf_free(&text);
    return true;
}

/* --- rows --- */

#define GARBAGE \
    WORDS("not-json", "wrong-types", "huge-numbers", "no-fields", "empty", "array", "json-null", "half", "bad-utf8", "deep", \
          "deep-object", "random", "huge-string", "many-members", "trailing", "nul", "duplicates", "comma")

static const struct attack table[] = {
    ATTACK("bad-signature", "the manifest is as it should be, but not signed by whom it should be",
           "{do: serve, attack: bad-signature, signature: wrong-key}",
           OPTIONS(ATTACK_WORD("signature", "what is wrong with it; crowd: a stranger's and a broken one; stranger-first: sound, behind a stranger's", "broken",
                               WORDS("broken", "missing", "wrong-key", "revoked", "crowd", "stranger-first"))),
           .stage = ATTACK_MEMBERS, .apply = signature, .catalogue = "I7", .tuf = "arbitrary software installation"),
    ATTACK("wrong-hash", "spoils a digit of a hash in the manifest", "{do: serve, attack: wrong-hash, of: chunk}",
           OPTIONS(ATTACK_WORD("of", "of what", "image", WORDS("image", "chunk", "both")), ATTACK_SIGNATURE), .stage = ATTACK_MEMBERS,
           .apply = wrong_hash, .catalogue = "S5"),
    ATTACK("wrong-chunks",
           "the manifest's list of chunks does not fit: too short, too long, in another order; or the file comes in another order "
           "that fits the list", "{do: serve, attack: wrong-chunks, kind: order}",
           OPTIONS(ATTACK_WORD("kind", "order: the file too; swapped: only the hashes; size: of a chunk; many: so many as count says",
                               "order",
                               WORDS("order", "swapped", "missing", "more", "none", "many", "size")),
                   ATTACK_COUNT("count", "of many: how many", "5000", 1, 20000),
                   ATTACK_BYTES("chunk-size", "of size: what it says", "0", 0, 0), ATTACK_SIGNATURE),
           .stage = ATTACK_MEMBERS, .apply = wrong_chunks, .catalogue = "S15"),
    ATTACK("wrong-size", "the manifest says another size", "{do: serve, attack: wrong-size, size: 4GiB}",
           OPTIONS({"size", "bytes", OPTION_BYTES, true, NULL, NULL, 0, 0}, ATTACK_SIGNATURE), .stage = ATTACK_MEMBERS, .apply = wrong_size,
           .catalogue = "S15"),
    ATTACK("wrong-version", "the manifest says another version", "{do: serve, attack: wrong-version, version: 9.9.9}",
           OPTIONS({"version", "MAJOR.MINOR.REVISION", OPTION_TEXT, true, NULL, NULL, 0, 0}, ATTACK_SIGNATURE), .stage = ATTACK_MEMBERS,
           .apply = wrong_version, .catalogue = "S8"),
    ATTACK("wrong-counter", "the manifest says another security counter", "{do: serve, attack: wrong-counter, counter: 99}",
           OPTIONS(ATTACK_COUNT("counter", "what it says", "0", 0, 0), ATTACK_SIGNATURE), .stage = ATTACK_MEMBERS, .apply = wrong_counter,
           .catalogue = "I12"),
    ATTACK("wrong-hardware", "the manifest is for other hardware", "{do: serve, attack: wrong-hardware, hardware: toaster}",
           OPTIONS(ATTACK_STRING("hardware", "its name", "nucleo-l476rg-b"), ATTACK_SIGNATURE), .stage = ATTACK_MEMBERS,
           .apply = wrong_hardware, .catalogue = "I6"),
    ATTACK("wrong-slot", "the manifest is for another slot", "{do: serve, attack: wrong-slot, slot: c}",
           OPTIONS(ATTACK_STRING("slot", "its name", "c"), ATTACK_SIGNATURE), .stage = ATTACK_MEMBERS, .apply = wrong_slot,
           .catalogue = "S15"),
    ATTACK("wrong-url", "the manifest leads elsewhere", "{do: serve, attack: wrong-url, kind: crlf}",
           OPTIONS(ATTACK_WORD("kind", "where to, or what it contains", "other-host",
                               WORDS("other-host", "absolute", "parent", "space", "crlf", "nul", "relative", "file", "not-there",
                                     "backslash",
                                     "long", "empty")),
                   ATTACK_COUNT("length", "of long: digits", "2000", 1, 60000), ATTACK_SIGNATURE),
           .stage = ATTACK_MEMBERS, .apply = wrong_url, .catalogue = "S15"),
    ATTACK("manifest-member", "any member of the manifest, with any value: replaced, doubled, missing, or added",
           "{do: serve, attack: manifest-member, name: size, value: 1e3}",
           OPTIONS({"name", "of the member", OPTION_TEXT, true, NULL, NULL, 0, 0},
                   ATTACK_STRING("value", "as it stands in the JSON text, with quotes where it is a string", "null"),
                   ATTACK_WORD("how", "what happens to it", "replaced", WORDS("replaced", "doubled", "missing", "added")),
                   ATTACK_SIGNATURE),
           .stage = ATTACK_MEMBERS, .apply = manifest_member, .catalogue = "S15"),
    ATTACK("garbage-manifest", "answers with what is no manifest", "{do: serve, attack: garbage-manifest, kind: deep}",
           OPTIONS(ATTACK_WORD("kind", "which garbage", "not-json", GARBAGE),
                   ATTACK_WORD("within", "the whole answer, or what is signed in it", "answer", WORDS("answer", "signed")),
                   ATTACK_BYTES("size", "of deep, deep-object, random, huge-string, many-members: about so large", "20000", 1, 1 << 20),
                   ATTACK_SIGNATURE),
           .stage = ATTACK_ANSWER, .apply = garbage_manifest, .stage_too = ATTACK_TEXT, .apply_too = garbage_signed, .catalogue = "S15",
           .place = "manifest"),
};

const struct attack *attack_manifest_at(size_t i)
{
    return i < sizeof table / sizeof table[0] ? &table[i] : NULL;
}
