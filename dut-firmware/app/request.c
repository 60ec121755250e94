/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The requests of request.h. The device's id holds no character that a URL or JSON would have to escape (settings.h).
 */
#include "request.h"
#include "layout.h"
#include "reason.h"
#include "release.h"
#include "server.h"
#include "text.h"

static const char *slot_name(uint8_t slot)
{
    return slot == 0 ? "a" : "b";
}

static void head_end(struct text *t)
{
    text_add(t, "Host: " SERVER_HOST "\r\nUser-Agent: otarig-dut\r\nConnection: close\r\n");
}

static size_t size_of(const struct text *t)
{
    return t->full ? 0 : t->size;
}

size_t request_manifest(char *out, size_t cap, const struct device *d, uint32_t keys, const uint8_t nonce[REQUEST_NONCE])
{
    struct text t;
    char release[RELEASE_TEXT];
    text_start(&t, out, cap);
    text_add(&t, "GET /manifest.json?device=");
    text_add(&t, d->id);
    text_add(&t, "&hw=" LAYOUT_HARDWARE_ID "&slot=");
    text_add(&t, slot_name(1 - d->boot.slot));
    text_add(&t, "&version=");
    text_add(&t, release_text(d->release, release));
    text_add(&t, "&keys=");
    text_add_u32(&t, keys);
    if (d->file_size > 0) {
        text_add(&t, "&base=");
        text_add_hex(&t, d->file, sizeof d->file);
    }
    text_add(&t, "&nonce=");
    text_add_hex(&t, nonce, REQUEST_NONCE);
    text_add(&t, " HTTP/1.1\r\nAccept: application/json\r\n");
    head_end(&t);
    text_add(&t, "\r\n");
    return size_of(&t);
}

size_t request_keys(char *out, size_t cap)
{
    struct text t;
    text_start(&t, out, cap);
    text_add(&t, "GET /keys.json HTTP/1.1\r\nAccept: application/json\r\n");
    head_end(&t);
    text_add(&t, "\r\n");
    return size_of(&t);
}

size_t request_image(char *out, size_t cap, const char *url, uint32_t from)
{
    struct text t;
    text_start(&t, out, cap);
    text_add(&t, "GET ");
    text_add(&t, url);
    text_add(&t, " HTTP/1.1\r\n");
    head_end(&t);
    if (from > 0) {
        text_add(&t, "Range: bytes=");
        text_add_u32(&t, from);
        text_add(&t, "-\r\n");
    }
    text_add(&t, "\r\n");
    return size_of(&t);
}

static void member(struct text *t, const char *name, const char *value)
{
    text_add(t, "\"");
    text_add(t, name);
    text_add(t, "\":\"");
    text_add(t, value);
    text_add(t, "\"");
}

static void telemetry_body(struct text *t, const struct device *d, const struct report *r)
{
    char update[RELEASE_TEXT], running[RELEASE_TEXT];
    text_add(t, "{");
    member(t, "device", d->id);
    text_add(t, ",");
    member(t, "stage", stage_name(r->stage));
    text_add(t, ",");
    member(t, "version", r->release != 0 ? release_text(r->release, update) : "-");
    text_add(t, ",");
    member(t, "running", release_text(d->release, running));
    text_add(t, ",");
    member(t, "slot", slot_name(r->slot));
    text_add(t, ",");
    member(t, "reason", reason_name((enum reason)d->boot.reason));
    if (r->stage == STAGE_FAILED || r->stage == STAGE_ROLLED_BACK) {
        text_add(t, ",");
        member(t, "cause", cause_name(r->cause));
    }
    text_add(t, "}");
}

size_t request_telemetry(char *out, size_t cap, const struct device *d, const struct report *r)
{
    struct text t, b;
    char body[384];
    text_start(&b, body, sizeof body);
    telemetry_body(&b, d, r);
    text_start(&t, out, cap);
    text_add(&t, "POST /telemetry HTTP/1.1\r\nContent-Type: application/json\r\n");
    head_end(&t);
    text_add(&t, "Content-Length: ");
    text_add_u32(&t, (uint32_t)b.size);
    text_add(&t, "\r\n\r\n");
    text_add(&t, body);
    return b.full ? 0 : size_of(&t);
}
