/* SPDX-License-Identifier: GPL-3.0-or-later
 * SLIP behind `otarig sim --uart1 slip`. */
#include "cmd/sim_slip.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/file.h"
#include "base/rng.h"
#include "cmd/sim_options.h"
#include "net/net.h"
#include "scenario/image.h"
#include "server/server.h"
#include "server/tls.h"
#include "sim/chip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_HTTP = 80, PORT_HTTPS = 443, PEM_MOST = 65536, SLIP_END = 0xc0, OFFERS_MOST = 8, FILE_MOST = 4 << 20, FRAME_MOST = 65536 };

struct sim_slip {
    struct chip *chip;
    struct net *net;
    struct server *server;
    struct certs *certs;
    struct tls *tls;
    unsigned uart;
    struct buf frame;
    bool whole;
    struct buf bytes[OFFERS_MOST];
    char *slot[OFFERS_MOST];
    size_t files;
};

static void to_device(void *ctx, const uint8_t *bytes, size_t n)
{
    struct sim_slip *s = ctx;
    chip_uart_send(s->chip, s->uart, bytes, n, chip_uart_baud(s->chip, s->uart));
}

static void noise(void *ctx, const char *what)
{
    (void)ctx;
    fprintf(stderr, "otarig sim: SLIP: %s\n", what);
}

static void served(void *ctx, const struct server_event *ev)
{
    (void)ctx;
    if (ev->kind == SERVER_RESPONSE)
        fprintf(stderr, "otarig sim: %s %s: %d, %llu bytes, %s\n", ev->method, ev->path, ev->status, (unsigned long long)ev->sent, ev->end);
    if (ev->kind == SERVER_BAD_REQUEST)
        fprintf(stderr, "otarig sim: bad request: %s\n", ev->what);
}

static void shaken(void *ctx, const struct tls_event *ev)
{
    (void)ctx;
    fprintf(stderr, "otarig sim: TLS connection %u: %s, %s%s%s\n", ev->n, ev->version ? ev->version : "no version", ev->end,
            ev->alert ? " " : "", ev->alert ? ev->alert : "");
}

static int read_offer(struct sim_slip *s, const char *arg, struct image_info *info, struct err *e)
{
    const char *at = strrchr(arg, '@');
    if (!at || !at[1] || s->files == OFFERS_MOST)
        return err_set(e, RIG_EINPUT, "--offer %s: expected FILE@SLOT, such as v2-b.bin@b, at most %d times", arg, OFFERS_MOST);
    char *path = mem_printf("%.*s", (int)(at - arg), arg);
    struct buf *bytes = &s->bytes[s->files];
    int r = file_read(path, FILE_MOST, bytes, e);
    free(path);
    if (r)
        return r;
    s->slot[s->files++] = mem_str(at + 1);
    return image_parse((const uint8_t *)bytes->data, bytes->size, info, e);
}

static int offer(struct sim_slip *s, const char *const *offers, size_t count, struct err *e)
{
    struct server_file files[OFFERS_MOST];
    struct image_info info = {0};
    for (size_t i = 0; i < count; i++) {
        int r = read_offer(s, offers[i], &info, e);
        if (r)
            return r;
        const char *at = strrchr(offers[i], '@');
        files[i] = (struct server_file){s->slot[i], mem_printf("%.*s", (int)(at - file_base(offers[i])), file_base(offers[i])),
                                        (const uint8_t *)s->bytes[i].data, s->bytes[i].size};
    }
    struct server_offer o = {.version = info.version_text, .hardware = info.hardware, .security_counter = info.counter, .files = files,
                             .count = count};
    if (count)
        server_offer(s->server, &o);
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)files[i].name);
    return 0;
}

static int make_certs(struct sim_slip *s, const struct sim_options *o, struct err *e)
{
    struct buf cert = {0}, key = {0};
    int r = o->ca_cert ? file_read(o->ca_cert, PEM_MOST, &cert, e) : 0;
    if (!r && o->ca_key)
        r = file_read(o->ca_key, PEM_MOST, &key, e);
    struct certs_config cc = {.host = o->host, .calendar_s = o->calendar, .seeded = true, .seed = rng_mix(o->seed, 4, 0)};
    if (o->ca_cert) {
        cc.ca_cert = buf_text(&cert);
        cc.ca_key = buf_text(&key);
    }
    if (!r && !(s->certs = certs_new(&cc, e)))
        r = e->code;
    buf_free(&cert);
    buf_free(&key);
    return r;
}

static int start_tls(struct sim_slip *s, const struct sim_options *o, struct stream_handler *handler, struct err *e)
{
    struct tls_config tc = {.seeded = true, .seed = rng_mix(o->seed, 5, 0), .ctx = s, .event = shaken};
    if (make_certs(s, o, e))
        return e->code;
    tc.certs = s->certs;
    s->tls = tls_new(&tc, handler, e);
    if (!s->tls)
        return e->code;
    tls_handler(s->tls, handler);
    return 0;
}

static int read_sign(const char *file, struct server_keys *keys, struct err *e)
{
    struct crypto_key *key = file ? crypto_key_open(file, e) : NULL;
    if (!key)
        return file ? e->code : 0;
    keys->have = crypto_key_seed(key, keys->good);
    crypto_key_free(key);
    return keys->have ? 0 : err_set(e, RIG_EINPUT, "%s: holds no Ed25519 seed", file);
}

struct sim_slip *sim_slip_open(struct chip *chip, unsigned uart, const struct sim_options *o, struct err *e)
{
    uint64_t seed = o->seed;
    struct sim_slip *s = mem_new(sizeof *s);
    struct server_config sc = {.seed = rng_mix(seed, 3, 0), .ctx = s, .event = served, .calendar_s = o->calendar};
    struct net_config nc = {.rig = {10, 0, 0, 1}, .device = {10, 0, 0, 2}, .port = o->tls ? PORT_HTTPS : PORT_HTTP, .mtu = 1500,
                            .seed = rng_mix(seed, 2, 0), .ctx = s, .send = to_device, .noise = noise};
    struct stream_handler handler;
    s->chip = chip;
    s->uart = uart;
    int r = read_sign(o->sign, &sc.keys, e);
    s->server = server_new(&sc);
    server_handler(s->server, &handler);
    if (!r && (!o->tls || !start_tls(s, o, &handler, e)))
        s->net = net_new(&nc, &handler, e);
    if (!s->net || offer(s, o->offer, o->offers, e)) {
        sim_slip_close(s);
        return NULL;
    }
    return s;
}

void sim_slip_close(struct sim_slip *s)
{
    if (!s)
        return;
    net_free(s->net);
    tls_free(s->tls);
    certs_free(s->certs);
    server_free(s->server);
    for (size_t i = 0; i < OFFERS_MOST; i++) {
        buf_free(&s->bytes[i]);
        free(s->slot[i]);
    }
    buf_free(&s->frame);
    free(s);
}

void sim_slip_byte(struct sim_slip *s, uint8_t byte)
{
    if (s->frame.size < FRAME_MOST)
        buf_char(&s->frame, (char)byte);
    if (byte == SLIP_END && s->frame.size > 1) {
        s->whole = true;
        chip_stop(s->chip);
    }
}

void sim_slip_work(struct sim_slip *s)
{
    uint64_t now = chip_now(s->chip);
    if (s->whole) {
        net_receive(s->net, (const uint8_t *)s->frame.data, s->frame.size, now);
        buf_clear(&s->frame);
        s->whole = false;
    }
    net_tick(s->net, now);
    server_tick(s->server, now);
}

uint64_t sim_slip_next(const struct sim_slip *s)
{
    uint64_t n = net_next(s->net), v = server_next(s->server);
    return n < v ? n : v;
}
