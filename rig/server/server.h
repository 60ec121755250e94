/* SPDX-License-Identifier: GPL-3.0-or-later
 * The update server: HTTP/1.1 over byte streams (base/stream.h), honest until a fault rule says otherwise.
 * Well-behaved servers refuse to misbehave, so responses are our own bytes; requests are parsed by http-parser.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H
#include <stdbool.h>
#include "base/option.h"
#include "base/stream.h"

struct server;
struct json;
struct tls_faults;

/* One image file as offered for one slot. Bytes belong to the caller and outlive the offer. */
struct server_file { const char *slot, *name; const uint8_t *bytes; size_t size; };
/* A way from the file whose SHA-256 is base_sha256 (64 hex digits) to the one offered for the slot. */
struct server_delta { const char *slot, *base_sha256, *name; const uint8_t *bytes; size_t size; };
struct server_offer {
    const char *version, *hardware;
    uint32_t security_counter, chunk_size;
    const struct server_file *files;
    size_t count;
    const char *action; /* update, rollback, pause, none; NULL: update */
    unsigned keyset;    /* 0, 1: signed by the good key; 2: by the next one, and /keys.json revokes the good one */
    const struct server_delta *deltas;
    size_t delta_count;
    const struct server_offer *other; /* another genuine release, for attacks that mix; its own other is not looked at. May be NULL */
    bool no_signature;  /* manifests of schema 1 although there are keys */
};

/* Ed25519 seeds (RFC 8032, 5.1.5). have false: manifests are of schema 1, without an envelope. */
struct server_keys { bool have; uint8_t root[32], good[32], next[32], wrong[32]; };

enum server_event_kind { SERVER_REQUEST, SERVER_RESPONSE, SERVER_TOLD, SERVER_BAD_REQUEST };
struct server_event {
    enum server_event_kind kind;
    unsigned n;                 /* number of the request, from 1 */
    const char *method, *path;  /* path with its query */
    const char *device;         /* its id, NULL when it is not known */
    const char *file;           /* name of the image file asked for, of a response: served; or NULL */
    uint64_t from;              /* first byte of the range asked for; 0 without one */
    bool ranged;
    int status;                 /* of the response */
    uint64_t length, sent;      /* body bytes announced (the honest number where a lie is none), and taken by the peer's TCP (acked) */
    const char *end;            /* SERVER_RESPONSE: complete, cut-short, reset, peer-closed, peer-reset, timed-out */
    /* SERVER_RESPONSE: name of the attack that acted on it and reached the peer, or NULL; several with + between */
    const char *attack;
    const struct json *told;    /* SERVER_TOLD: the telemetry object */
    const char *what;           /* SERVER_BAD_REQUEST: why */
};

/* The table of attacks: one row each in attacks.c. Also what `list attacks` shows and what scenarios may name. */
const struct option_owner *server_attack(size_t i); /* NULL behind the last */
/* Where it acts (manifest, headers, body, connection, TLS) and where too or NULL, its row of SCENARIOS.md, and its name in TUF or
 * Uptane or NULL. */
struct server_attack_facts { const char *place, *place_too, *catalogue, *tuf; };
void server_attack_facts(size_t i, struct server_attack_facts *out); /* i: of an attack that there is */

/* Byte positions are those of the response's body as the client sees it (of a range: from its first byte).
 * A rule: attack with its values acts on the request-th matching request (0: every one) whose path starts with path (NULL: any). */
struct server_rule {
    const char *attack;
    struct option_value value[OPTION_MOST]; /* in the order of the attack's rows */
    unsigned request;
    const char *path;
    /* Only requests of this device; NULL: any. It says who it is in the query or the telemetry; manifests lead to images with it in the
     * path; else it is who spoke before on the connection, or the only one who ever spoke. */
    const char *device;
    unsigned times; /* how often it acts; 0: always (of a request by number: that one; above 1: and those behind it) */
};

struct server_config {
    uint64_t seed;
    void *ctx;
    void (*event)(void *ctx, const struct server_event *ev);
    /* Before an answer is made; it may offer something else, and add and clear rules. device: NULL when it is not known. May be NULL */
    void (*asked)(void *ctx, const char *device);
    struct server_keys keys;
    uint64_t calendar_s;  /* Unix time at now_ns 0; 0: there is no calendar and no Date header */
    uint32_t lifetime_s;  /* of signed manifests; 0: a day */
    /* Limits, 0: none. Connections beyond are answered 503; a peer that neither speaks nor listens, and a request that does not become
     * whole, are given up. */
    unsigned connections_most;
    uint64_t idle_ns, request_ns;
    size_t write_most; /* bytes of a body in one write; 0: 2048, of which a device's link takes a few at a time */
};

struct server *server_new(const struct server_config *config);
void server_free(struct server *s);
void server_handler(struct server *s, struct stream_handler *out);
/* Copied but for the bytes; NULL: nothing to offer. Every call raises the number of the manifest, which begins with 1. */
void server_offer(struct server *s, const struct server_offer *offer);
void server_rule_add(struct server *s, const struct server_rule *rule);
/* What the rules say of the n-th TLS connection (tls.h): rules of attacks on the handshake count connections where others count
 * requests. */
void server_connection(struct server *s, unsigned n, struct tls_faults *out);
void server_rules_clear(struct server *s);
uint64_t server_body_sent(const struct server *s); /* image body bytes acked since server_new */
/* Sends no more image bytes than make server_body_sent that many, so that they can be cut off there. UINT64_MAX, at first: any. */
void server_body_hold(struct server *s, uint64_t bytes);
/* Slow attacks wait: when to call server_tick next, UINT64_MAX when never. Times in ns. */
void server_tick(struct server *s, uint64_t now_ns);
uint64_t server_next(const struct server *s);
#endif
