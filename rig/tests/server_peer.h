/* SPDX-License-Identifier: GPL-3.0-or-later
 * A client of the update server over a stream in memory: what the server wrote, byte for byte, and what it told. */
#ifndef TESTS_SERVER_PEER_H
#define TESTS_SERVER_PEER_H
#include "base/buf.h"
#include "base/stream.h"
#include "server/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { FILE_SIZE = 10000, CHUNK = 4096, EVENTS = 64 };
#define SECOND UINT64_C(1000000000)
#define CALENDAR UINT64_C(1782907200) /* Wed, 01 Jul 2026 12:00:00 GMT */

/* What the server told, copied. */
struct peer_seen {
    enum server_event_kind kind;
    unsigned n;
    char method[16], path[160], device[32], file[64], end[16], attack[160], what[64], stage[32];
    bool ranged;
    uint64_t from, length, sent;
    int status;
};

extern struct peer {
    struct stream s; /* the connection at hand */
    bool open, closed, reset;
    size_t room, unacked;
    struct buf out;  /* all that the server wrote on it */
    struct server *server;
    struct stream_handler handler;
    struct peer_seen seen[EVENTS];
    size_t seen_count;
    uint64_t now;
    /* v2-a.bin, v2-b.bin; the other release has v1-a.bin and v1-b.bin; the delta leads from a file whose hash is 64 times "1" */
    uint8_t file_a[FILE_SIZE], file_b[FILE_SIZE / 2], old_a[FILE_SIZE], old_b[FILE_SIZE / 2], delta[500];
    char sha_a[65];
    bool quiet;      /* events are not kept */
} peer;

int peer_setup(void **state);        /* unsigned manifests of version 2.0.0, seed 7 */
int peer_setup_signed(void **state); /* signed ones, a calendar, the other release 1.0.0, a delta */
int peer_teardown(void **state);
#define PEER_CLAIM(f) cmocka_unit_test_setup_teardown(f, peer_setup, peer_teardown)
#define PEER_SIGNED(f) cmocka_unit_test_setup_teardown(f, peer_setup_signed, peer_teardown)

void peer_event(void *ctx, const struct server_event *ev);
void peer_start(const struct server_config *config); /* another server instead */
extern const struct server_keys peer_keys; /* seeds that begin with 1 (root), 2 (good), 3 (next), 4 (wrong) */

/* --- the server's side --- */
void peer_offer_version(const char *version);
void peer_offer(const char *version, const char *action, unsigned keyset); /* with the other release and the delta */
/* One rule with at most one option, on every request. */
void peer_attack(const char *name, const char *option, uint64_t number, const char *text);
void peer_rule_for(struct server_rule *r, const char *attack, const char *option, uint64_t number, const char *text);
/* The same from words: "truncate at-byte=5000 for=3s"; values as in a scenario. */
void peer_rule(const char *words);

/* --- the client's side --- */
void peer_dial(void);
void peer_say_n(const void *p, size_t n);
void peer_say(const char *text);
void peer_listen_to(size_t most); /* takes what is there until the server has no more to say; at most so many bytes */
void peer_hear(void);
void peer_hang_up(enum stream_end how);
void peer_ask(const char *request);
void peer_get(const char *path, const char *headers);
int peer_status(void);
const char *peer_body(size_t *n);
const char *peer_header(const char *name); /* its value in a static buffer; NULL when absent */
void peer_header_is(const char *name, const char *value);
void peer_body_is(const void *bytes, size_t n);
const struct peer_seen *peer_last_of(enum server_event_kind kind);
const char *peer_delivered(void);          /* attacks on the last response */
struct json *peer_manifest_now(void);      /* as an old device on slot b sees it; the caller frees */
/* The bytes that are signed in the answer at hand, into a static buffer; checks the envelope's form. */
const char *peer_signed(void);
/* Is the n-th signature of the answer at hand good, by this key; false also when its keyid is another's. */
bool peer_signed_by(size_t n, const uint8_t seed[32]);
#endif
