/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A device and its server in one process, for tests of the update agent: the bootloader's decision, the application's agent,
 * flash that loses power at any operation (port/host), and a server that answers honestly or by the fault that a test sets.
 * Time is a number that steps.
 */
#ifndef APP_TESTS_WORLD_H
#define APP_TESTS_WORLD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "agent.h"
#include "reason.h"
#include "select.h"

struct world_file {
    uint8_t bytes[3 * MANIFEST_CHUNK];
    size_t size;
};

/* How an image differs from a good one. */
struct world_recipe {
    const char *version;
    uint32_t counter;
    uint8_t salt;         /* another content under the same version */
    const char *hardware; /* NULL: this one */
    bool unsigned_, wrong_key, flipped;
    bool next_key;        /* signed with the key of set 2 */
};

/* An image for slot, signed with the test key. */
void world_make(struct world_file *f, const struct world_recipe *r, uint8_t slot);

struct world_fault {
    bool link_down;                 /* connections do not come to be */
    unsigned skip;                  /* image responses that stay honest first */
    unsigned times;                 /* image responses that the fault acts on, then it is over; 0: for ever */
    uint32_t cut_at;                /* != 0: the connection is lost after so many body bytes */
    bool drip;                      /* a chunk takes 29 s, and no silence is longer than 7 s */
    bool dates_fail;                /* the dates of the server's certificate, for a calendar that is more than a day off */
    uint32_t flip_at;               /* != 0: this byte of the file arrives wrong */
    int status;                     /* != 0: instead of the image */
    bool ignore_range;
    int length_off;                 /* added to Content-Length */
    bool telemetry_fails;           /* 503 */
    const char *manifest;           /* != NULL: instead of the manifest */
    bool wrong_file_hash;           /* in the manifest */
};

/* How the manifest differs from an honest one. */
struct world_lie {
    bool unsigned_, wrong_key, broken_signature; /* envelope without signatures; by a stranger; signed, then changed */
    uint32_t number;                /* != 0: instead of the server's */
    uint32_t time, expires;         /* != 0: instead of now and now + a week */
    bool no_nonce;
    const char *hardware;
    bool empty;                     /* 204 */
};

/* The server's key set: the good key alone (1), or the next one, and the good one revoked (2 and higher). */
struct world_keys {
    unsigned number;                /* of /keys.json; 0: there is none */
    unsigned spoken_of;             /* in manifests; 0: number */
    bool old_signs;                 /* manifests are signed with the good key all the same */
    bool wrong_root, broken, unsigned_;
    const char *instead;            /* != NULL: this answer */
};

/* The delta beside the image for slot b, from base. */
struct world_delta {
    bool offered;
    uint8_t bytes[4096], base[32], sha256[32]; /* as the manifest tells them */
    size_t size;
    uint32_t flip_at, cut_at;       /* != 0: this byte arrives wrong; the connection is lost after so many */
    int status;                     /* != 0: instead of it */
    unsigned times, requests;       /* times: responses that the fault acts on, then it is over; 0: for ever */
};

struct world {
    struct world_delta delta;
    struct world_file *offered[2];  /* per slot; NULL: nothing to offer */
    struct world_recipe promise;    /* version and counter that the manifest tells */
    struct world_fault fault;
    struct world_lie lie;
    struct world_keys keys;
    unsigned keys_requests;
    const char *action;             /* NULL: "update" when the device's version is another, else "none" */
    uint32_t number;                /* of manifests: world_offer raises it */
    unsigned manifest_requests;
    uint32_t body_sent;             /* image bytes handed to the device */
    unsigned image_requests;
    unsigned undated_requests, undated_others; /* over connections whose dates are bad: for manifests and key sets; for anything else */
    uint32_t last_from;
    struct { char stage[16], version[16], cause[24]; } told[64];
    unsigned tellings;
    char name[32];                  /* of the device, as its first start drew it */
    bool renamed;                   /* it had another one later */
};
extern struct world world;

/* A factory-new device: v1 of slot a confirmed, nothing else in flash. The world is forgotten. */
void world_factory(void);
void world_offer(const struct world_recipe *r); /* makes and offers both slots' files */
uint32_t world_time(void);      /* the server's clock, seconds since 1970 */
void world_pass(uint32_t s);    /* so many seconds pass while the device is off; its calendar runs on */

enum world_end { WORLD_RESET, WORLD_TIME, WORLD_STOPPED };
struct world_boot {
    enum select_why why;  /* SELECT_NOTHING: in recovery */
    uint8_t slot;
    bool confirmed;       /* as the application found itself */
    uint32_t release;
    enum world_end end;
};
/* One boot: bootloader, then the application for at most ms milliseconds or until stop (NULL: never) is true. A power cut armed
 * by the test longjmps to flash_host_power. sick: the image never tells. */
struct world_boot world_boot(enum reason reason, uint32_t ms, bool (*stop)(void), bool sick);
/* Boots again and again until the running image is confirmed, all is told, and its release is this, or for most boots. The
 * number of boots, 0 when it never came to that. */
unsigned world_run_until(enum reason reason, uint32_t release, unsigned most);
bool world_confirmed(uint32_t release); /* the running image, in this boot */

bool world_told(const char *stage, const char *version);
unsigned world_told_times(const char *stage, const char *version);
const char *world_cause(const char *stage, const char *version); /* told with it, or "" */
bool world_printed(const char *text); /* on the console since world_factory */
extern struct agent world_agent;
extern struct device world_device;
#endif
