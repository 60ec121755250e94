/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The world of world.h.
 */
#include "world_image.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "clock.h"
#include "flash_host.h"
#include "flash_port.h"
#include "key.h"
#include "layout.h"
#include "platform.h"
#include "platform_host.h"
#include "reason.h"
#include "release.h"
#include "rtc_host.h"
#include "settings.h"
#include "signer.h"

struct world world;
struct agent world_agent;
struct device world_device;
static struct settings settings;
static struct world_file files[2];
static uint32_t now_ms, passed_s; /* of both; the device's calendar is rtc_host's */
enum { START_S = 1767225600 + 30 * 86400 }; /* 2026-01-31 */

uint32_t world_time(void)
{
    return START_S + passed_s + now_ms / 1000;
}

void world_pass(uint32_t s)
{
    passed_s += s;
    rtc_host_set(world_time());
}

/* --- the server --- */

struct connection {
    enum transport_state state;
    char in[1024];
    size_t in_size;
    uint8_t out[32768];
    size_t out_size, out_at;
    size_t body_at;
    uint32_t drip_ms;        /* != 0: the body drips since then */
    enum cause cause;
    bool undated;
    bool image, lost_behind; /* lost_behind: broken when out is drained */
};
static struct connection c;

static void hex(char *out, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sprintf(out + 2 * i, "%02x", bytes[i]);
}

static size_t put_delta(char *out, size_t cap, uint8_t slot)
{
    char base[65], sum[65];
    if (!world.delta.offered || slot != 1)
        return 0;
    hex(base, world.delta.base, 32);
    hex(sum, world.delta.sha256, 32);
    return (size_t)snprintf(out, cap, ",\"delta\":{\"base\":\"%s\",\"url\":\"/image/x.delta\",\"size\":%zu,\"sha256\":\"%s\"}", base,
                            world.delta.size, sum);
}

/* The file's members of a manifest. */
static size_t put_offer(char *out, size_t cap, uint8_t slot)
{
    const struct world_file *f = world.offered[slot];
    uint8_t digest[32];
    char text[65];
    signer_sha256(f->bytes, f->size, digest);
    digest[0] ^= world.fault.wrong_file_hash;
    hex(text, digest, 32);
    size_t n = (size_t)snprintf(out, cap,
        ",\"version\":\"%s\",\"security_counter\":%u,\"slot\":\"%c\",\"url\":\"/image/x-%c.bin\",\"size\":%zu,"
        "\"sha256\":\"%s\",\"chunk_size\":4096,\"chunks\":[", world.promise.version, (unsigned)world.promise.counter, 'a' + slot,
        'a' + slot, f->size, text);
    for (size_t at = 0; at < f->size; at += MANIFEST_CHUNK) {
        signer_sha256(f->bytes + at, f->size - at < MANIFEST_CHUNK ? f->size - at : MANIFEST_CHUNK, digest);
        hex(text, digest, 32);
        n += (size_t)snprintf(out + n, cap - n, "%s\"%s\"", at ? "," : "", text);
    }
    n += (size_t)snprintf(out + n, cap - n, "]");
    return n + put_delta(out + n, cap - n, slot);
}

/* The value of a parameter of the request, up to the next & or space. */
static const char *parameter(const char *name, char *out, size_t cap)
{
    const char *at = strstr(c.in, name);
    size_t n = 0;
    for (at = at ? at + strlen(name) : ""; *at && *at != '&' && *at != ' ' && n + 1 < cap; at++)
        out[n++] = *at;
    out[n] = '\0';
    return out;
}

static const char *action_for_device(uint8_t slot)
{
    char version[16];
    if (world.action)
        return world.action;
    parameter("&version=", version, sizeof version);
    return world.offered[slot] && strcmp(version, world.promise.version) != 0 ? "update" : "none";
}

static void make_signed(char *out, size_t cap, uint8_t slot)
{
    const struct world_lie *l = &world.lie;
    const char *action = action_for_device(slot);
    uint32_t time = l->time ? l->time : world_time();
    char nonce[32];
    size_t n = (size_t)snprintf(out, cap,
        "{\"type\":\"manifest\",\"schema\":2,\"hardware\":\"%s\",\"manifest_version\":%u,\"time\":%u,\"expires\":%u,\"action\":\"%s\",\"keys\":%u",
        l->hardware ? l->hardware : "nucleo-l476rg", (unsigned)(l->number ? l->number : world.number), (unsigned)time,
        (unsigned)(l->expires ? l->expires : time + 7 * 86400), action,
        world.keys.spoken_of ? world.keys.spoken_of : world.keys.number ? world.keys.number : 1);
    if (!l->no_nonce)
        n += (size_t)snprintf(out + n, cap - n, ",\"nonce\":\"%s\"", parameter("&nonce=", nonce, sizeof nonce));
    if (world.offered[slot] && (strcmp(action, "update") == 0 || strcmp(action, "rollback") == 0))
        n += put_offer(out + n, cap - n, slot);
    snprintf(out + n, cap - n, "}");
}

static size_t envelope(char *out, size_t cap, char *body, const struct signer *by, bool none, const char *spoilt)
{
    char keyid[65], text[129];
    uint8_t id[32], signature[64];
    if (!signer_sign(by, (const uint8_t *)body, strlen(body), signature))
        exit(2);
    if (spoilt)
        *strstr(body, spoilt) ^= 0x20; /* still JSON, and one byte differs */
    world_id(by, id);
    hex(keyid, id, 32);
    hex(text, signature, 64);
    if (none)
        return (size_t)snprintf(out, cap, "{\"signatures\":[],\"signed\":%s}", body);
    return (size_t)snprintf(out, cap, "{\"signatures\":[{\"keyid\":\"%s\",\"sig\":\"%s\"}],\"signed\":%s}\n", keyid, text, body);
}

static size_t make_manifest(char *out, size_t cap, uint8_t slot)
{
    const struct world_lie *l = &world.lie;
    bool next = world.keys.number >= 2 && !world.keys.old_signs;
    char body[6000];
    make_signed(body, sizeof body, slot);
    return envelope(out, cap, body, world_key(l->wrong_key ? OTA_WRONG_KEY : next ? OTA_NEXT_KEY : OTA_TEST_KEY), l->unsigned_,
                    l->broken_signature ? "manifest_version" : NULL);
}

static size_t make_keys(char *out, size_t cap)
{
    const struct world_keys *k = &world.keys;
    const struct signer *good = world_key(OTA_TEST_KEY);
    char body[512], key[65], revoked[65];
    uint8_t raw[32], id[32];
    signer_public(k->number >= 2 ? world_key(OTA_NEXT_KEY) : good, raw);
    world_id(good, id);
    hex(key, raw, 32);
    hex(revoked, id, 32);
    snprintf(body, sizeof body, "{\"type\":\"keys\",\"schema\":2,\"keyset\":%u,\"keys\":[\"%s\"],\"revoked\":[%s%s%s]}", k->number, key,
             k->number >= 2 ? "\"" : "", k->number >= 2 ? revoked : "", k->number >= 2 ? "\"" : "");
    return envelope(out, cap, body, world_key(k->wrong_root ? OTA_WRONG_KEY : OTA_ROOT_KEY), k->unsigned_, k->broken ? "keyset" : NULL);
}

static void answer(int status, const char *more, const void *body, size_t n, long length)
{
    c.out_size = (size_t)snprintf((char *)c.out, sizeof c.out, "HTTP/1.1 %d X\r\nServer: test\r\n%sContent-Length: %ld\r\n\r\n", status,
                                  more, length);
    if (n > 0)
        memcpy(c.out + c.out_size, body, n);
    c.body_at = c.out_size;
    c.out_size += n;
}

static void serve_manifest(void)
{
    char text[8192];
    uint8_t slot = strstr(c.in, "slot=a") ? 0 : 1;
    world.manifest_requests++;
    world.undated_requests += c.undated;
    if (world.fault.manifest) {
        answer(200, "", world.fault.manifest, strlen(world.fault.manifest), (long)strlen(world.fault.manifest));
    } else if (world.lie.empty) {
        c.out_size = (size_t)sprintf((char *)c.out, "HTTP/1.1 204 No Content\r\n\r\n");
    } else {
        size_t n = make_manifest(text, sizeof text, slot);
        answer(200, "", text, n, (long)n);
    }
}

static void serve_keys(void)
{
    char text[2048];
    world.keys_requests++;
    world.undated_requests += c.undated;
    if (!world.keys.number) {
        answer(404, "", "", 0, 0);
        return;
    }
    size_t n = world.keys.instead ? (size_t)snprintf(text, sizeof text, "%s", world.keys.instead) : make_keys(text, sizeof text);
    answer(200, "", text, n, (long)n);
}

/* The fault that acts on this response, or none. */
static struct world_fault acting(void)
{
    const struct world_fault none = {0};
    struct world_fault f = world.fault;
    if (f.skip > 0) {
        world.fault.skip--;
        return none;
    }
    if (f.times == 1)
        world.fault = none;
    else if (f.times > 1)
        world.fault.times--;
    return f;
}

static void serve_delta(void)
{
    struct world_delta *d = &world.delta, f = *d;
    d->requests++;
    if (d->times > 0 && --d->times == 0)
        d->flip_at = d->cut_at = (uint32_t)(d->status = 0);
    if (f.status) {
        answer(f.status, "", "", 0, 0);
        return;
    }
    if (f.flip_at)
        f.bytes[f.flip_at] ^= 0x20;
    answer(200, "", f.bytes, f.cut_at ? f.cut_at : f.size, (long)f.size);
    c.lost_behind = f.cut_at != 0;
}

static void serve_image(void)
{
    struct world_fault f = acting();
    const struct world_file *file = world.offered[strstr(c.in, "-a.bin") ? 0 : 1];
    const char *range = strstr(c.in, "Range: bytes=");
    uint32_t from = range ? (uint32_t)atol(range + 13) : 0;
    uint8_t body[sizeof file->bytes];
    char more[64] = "";
    if (!file || f.status) {
        answer(f.status ? f.status : 404, "Retry-After: 1\r\n", "", 0, 0);
        return;
    }
    world.image_requests++;
    world.undated_others += c.undated;
    world.last_from = from;
    if (f.ignore_range)
        from = 0, range = NULL;
    memcpy(body, file->bytes, file->size);
    if (f.flip_at)
        body[f.flip_at] ^= 0x20;
    if (range)
        sprintf(more, "Content-Range: bytes %u-%zu/%zu\r\n", (unsigned)from, file->size - 1, file->size);
    answer(range ? 206 : 200, more, body + from, file->size - from, (long)(file->size - from) + f.length_off);
    if (f.cut_at && f.cut_at < file->size - from) {
        c.out_size -= file->size - from - f.cut_at;
        c.lost_behind = true;
    }
    c.image = true;
    c.drip_ms = f.drip ? now_ms : 0;
}

static void member(const char *name, char *out, size_t cap)
{
    char key[24];
    size_t n = 0;
    snprintf(key, sizeof key, "\"%s\":\"", name);
    const char *at = strstr(c.in, key);
    for (at = at ? at + strlen(key) : ""; *at && *at != '"' && n + 1 < cap; at++)
        out[n++] = *at;
    out[n] = '\0';
}

static void serve_telemetry(void)
{
    if (world.fault.telemetry_fails) {
        answer(503, "", "", 0, 0);
        return;
    }
    if (world.tellings < sizeof world.told / sizeof *world.told) {
        member("stage", world.told[world.tellings].stage, sizeof world.told[0].stage);
        member("version", world.told[world.tellings].version, sizeof world.told[0].version);
        member("cause", world.told[world.tellings].cause, sizeof world.told[0].cause);
    }
    world.tellings++;
    world.undated_others += c.undated;
    c.out_size = (size_t)sprintf((char *)c.out, "HTTP/1.1 204 No Content\r\n\r\n");
}

/* Is the request whole? Its body ends where the telemetry's object ends. */
static void serve(void)
{
    const char *body = strstr(c.in, "\r\n\r\n");
    const char *length = strstr(c.in, "Content-Length: ");
    if (!body || c.out_size > 0 || (length && strlen(body + 4) < (size_t)atol(length + 16)))
        return;
    if (strncmp(c.in, "GET /manifest.json?", 19) == 0)
        serve_manifest();
    else if (strncmp(c.in, "GET /keys.json ", 15) == 0)
        serve_keys();
    else if (strncmp(c.in, "GET /image/x.delta ", 19) == 0)
        serve_delta();
    else if (strncmp(c.in, "GET /image/", 11) == 0)
        serve_image();
    else if (strncmp(c.in, "POST /telemetry ", 16) == 0)
        serve_telemetry();
    else
        answer(400, "", "", 0, 0);
}

static bool calendar_is_off(void)
{
    uint32_t here = clock_now(), there = world_time();
    return (here > there ? here - there : there - here) > 86400;
}

static bool wire_open(void *ctx, enum transport_use use)
{
    (void)ctx;
    memset(&c, 0, sizeof c);
    c.state = world.fault.link_down ? TRANSPORT_CONNECTING : TRANSPORT_OPEN;
    if (world.fault.dates_fail && use == TRANSPORT_FULL && calendar_is_off()) {
        c.state = TRANSPORT_BROKEN;
        c.cause = CAUSE_TLS_NOT_YET;
    }
    c.undated = use == TRANSPORT_UNDATED;
    return true;
}

static enum transport_state wire_state(void *ctx)
{
    (void)ctx;
    if (c.state == TRANSPORT_OPEN && c.out_size > 0 && c.out_at == c.out_size)
        return c.lost_behind ? TRANSPORT_BROKEN : TRANSPORT_ENDED;
    return c.state;
}

static size_t wire_write(void *ctx, const void *bytes, size_t n)
{
    (void)ctx;
    if (n > sizeof c.in - 1 - c.in_size)
        n = sizeof c.in - 1 - c.in_size;
    memcpy(c.in + c.in_size, bytes, n);
    c.in_size += n;
    c.in[c.in_size] = '\0';
    serve();
    return n;
}

/* Bytes of out that the device can have by now. */
static size_t arrived(void)
{
    const uint32_t chunk_ms = 29000, byte_ms = 7000, ms = now_ms - c.drip_ms;
    if (c.drip_ms == 0)
        return c.out_size;
    size_t n = c.body_at + ms / chunk_ms * MANIFEST_CHUNK + ms % chunk_ms / byte_ms;
    return n < c.out_size ? n : c.out_size;
}

static size_t wire_read(void *ctx, void *bytes, size_t n)
{
    (void)ctx;
    size_t left = arrived() - c.out_at;
    n = n < left ? n : left;
    memcpy(bytes, c.out + c.out_at, n);
    c.out_at += n;
    world.body_sent += c.image ? (uint32_t)n : 0;
    return n;
}

static void wire_close(void *ctx, bool orderly)
{
    (void)ctx;
    (void)orderly;
    memset(&c, 0, sizeof c);
}

static enum cause wire_cause(void *ctx)
{
    (void)ctx;
    return c.cause;
}

static const struct transport wire = {.connect_ms = 6000, .cause = wire_cause, .open = wire_open, .state = wire_state,
                                      .write = wire_write, .read = wire_read, .close = wire_close};

/* --- the device --- */

void world_offer(const struct world_recipe *r)
{
    world.promise = *r;
    world.number++;
    for (uint8_t slot = 0; slot < 2; slot++) {
        world_make(&files[slot], r, slot);
        world.offered[slot] = &files[slot];
    }
}

void world_factory(void)
{
    static struct world_file v1;
    static bool made;
    const struct world_recipe r = {.version = "1.0.0", .counter = 1};
    struct bootlog log;
    struct image_info info;
    struct keyset keys;
    if (!made)
        world_make(&v1, &r, 0);
    made = true;
    memset(&world, 0, sizeof world);
    world.number = 1;
    passed_s = now_ms = 0;
    rtc_host_set(world_time());
    clock_floor(0);
    flash_host_reset();
    platform_host_reset();
    flash_host_load(LAYOUT_SLOT_A_BASE, v1.bytes, v1.size);
    bootlog_open(&log);
    keyset_open(&keys);
    if (image_verify(LAYOUT_SLOT_A_BASE, LAYOUT_SLOT_SIZE, &keys, &info, NULL) != IMAGE_VALID ||
        bootlog_confirm(&log, 0, bootlog_tag(info.digest), 1) != RECLOG_OK)
        exit(2);
    flash_host_cut(0, FLASH_HOST_BEFORE, 0);
}

static void know_device(const struct select_choice *choice, enum reason reason, uint8_t attempt, uint32_t floor)
{
    const struct image_info *info = &choice->slot[choice->chosen].info;
    world_device = (struct device){.id = settings.id, .release = release_of(&info->version), .image = bootlog_tag(info->digest),
                                   .boot = {.reason = (uint8_t)reason, .slot = choice->chosen, .attempt = attempt, .floor = floor,
                                            .confirmed = choice->confirmed, .counter = info->counter, .version = info->version}};
    memcpy(world_device.boot.digest, info->digest, sizeof info->digest);
    world_device.file_size = info->total;
    memcpy(world_device.file, choice->slot[choice->chosen].file, sizeof world_device.file);
}

static enum world_end run_app(uint32_t ms, bool (*stop)(void), bool sick)
{
    const uint32_t start = now_ms;
    agent_init(&world_agent, &world_device, &wire, now_ms);
    while (now_ms - start < ms) {
        if (sick ? agent_step_sick(&world_agent, now_ms) : agent_step(&world_agent, now_ms))
            return WORLD_RESET;
        if (stop && stop())
            return WORLD_STOPPED;
        uint32_t idle = agent_idle_ms(&world_agent, now_ms);
        now_ms += sick ? 100 : idle > 100 ? 100 : idle > 0 ? idle : c.state == TRANSPORT_CONNECTING ? 50 : 1;
    }
    return WORLD_TIME;
}

struct world_boot world_boot(enum reason reason, uint32_t ms, bool (*stop)(void), bool sick)
{
    static struct bootlog log;
    static struct select_choice choice;
    static struct keyset keys;
    static uint32_t noise;
    const uint32_t unique_id[3] = {1, 2, 3};
    memset(&c, 0, sizeof c);
    flash_host_boot();
    bootlog_open(&log);
    keyset_open(&keys);
    select_run(&choice, &log, &keys);
    if (choice.why == SELECT_NOTHING)
        return (struct world_boot){.why = SELECT_NOTHING};
    int attempt = select_commit(&choice, &log);
    flash_port_protect(LAYOUT_SLOT_BASE(choice.chosen), LAYOUT_SLOT_SIZE);
    settings_open(&settings, unique_id, ++noise);
    if (world.name[0] == '\0')
        snprintf(world.name, sizeof world.name, "%s", settings.name);
    world.renamed |= strcmp(world.name, settings.name) != 0;
    know_device(&choice, reason, (uint8_t)(attempt > 0 ? attempt : 0), log.floor);
    struct world_boot b = {.why = choice.why, .slot = choice.chosen, .confirmed = choice.confirmed, .release = world_device.release};
    b.end = run_app(ms, stop, sick);
    return b;
}

bool world_confirmed(uint32_t release)
{
    return world_device.release == release && !world_agent.trial && world_agent.phase == AGENT_WAIT &&
           (world_agent.reached & ~(unsigned)world_agent.progress.told) == 0;
}

static uint32_t wanted;

static bool wanted_confirmed(void)
{
    return world_confirmed(wanted);
}

unsigned world_run_until(enum reason reason, uint32_t release, unsigned most)
{
    wanted = release;
    for (unsigned boots = 1; boots <= most; boots++, reason = REASON_SOFTWARE) {
        struct world_boot b = world_boot(reason, 600000, wanted_confirmed, false);
        if (b.why == SELECT_NOTHING)
            return 0;
        if (b.end == WORLD_STOPPED)
            return boots;
    }
    return 0;
}

/* --- what the server knows --- */

unsigned world_told_times(const char *stage, const char *version)
{
    unsigned n = 0;
    for (unsigned i = 0; i < world.tellings && i < sizeof world.told / sizeof *world.told; i++)
        n += strcmp(world.told[i].stage, stage) == 0 && strcmp(world.told[i].version, version) == 0;
    return n;
}

bool world_told(const char *stage, const char *version)
{
    return world_told_times(stage, version) > 0;
}

const char *world_cause(const char *stage, const char *version)
{
    for (unsigned i = 0; i < world.tellings && i < sizeof world.told / sizeof *world.told; i++)
        if (strcmp(world.told[i].stage, stage) == 0 && strcmp(world.told[i].version, version) == 0)
            return world.told[i].cause;
    return "";
}

bool world_printed(const char *text)
{
    return strstr(platform_host_console(), text) != NULL;
}
