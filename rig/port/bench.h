/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A bench is a set of ports on one clock. The engine is one loop on one thread over bench_next(); it never knows which bench it has.
 * Any port may be absent (NULL): what is there is the bench's capability set. A driver is one file and one row of drivers.c.
 * Times are in ns of the bench's clock, which starts at 0 with each bench_open.
 */
#ifndef PORT_BENCH_H
#define PORT_BENCH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/option.h"
#include "base/shape.h"

struct bench;
struct json;
struct err;

#define BENCH_NEVER UINT64_MAX

enum bench_kind {
    BENCH_DEADLINE,    /* the time asked for has come */
    BENCH_BYTE,        /* a byte of the console, in value (only while it is asked for) */
    BENCH_LINE,        /* a console line (text, without its line end) */
    BENCH_RESET,       /* the device restarted itself: text is software, watchdog, … (only benches that can see it) */
    BENCH_CUT,         /* the armed operation was reached: power is off now; op tells what the cut left */
    BENCH_OP,          /* a non-volatile operation in the watched range */
    BENCH_REQUEST,     /* HTTP request arrived */
    BENCH_RESPONSE,    /* HTTP response is over */
    BENCH_TOLD,        /* telemetry: json */
    BENCH_BAD_REQUEST, /* what the server could not read: text */
    BENCH_TLS,         /* a TLS handshake is over, or an alert ended a connection behind it */
    BENCH_BYTES,       /* the device has taken the watched number of body bytes */
    BENCH_LINK,        /* the link's shape acted on a packet, for the first time in this way since it was set: text says how, way which */
    BENCH_ACCESS,      /* outside what is modelled: addr, pc, text */
    BENCH_FLASH_ERROR, /* the controller refused: addr, pc, value */
    BENCH_CPU_FAULT,   /* text: hard, lockup, nmi-ecc, bkpt; pc */
    BENCH_DEAD,        /* nothing can ever happen again without a reset */
    BENCH_BROKEN,      /* a bench fault: text is the reason code, never the device's doing */
};

struct bench_op {
    uint64_t index;       /* from 1, since power was first switched on */
    bool erase;
    uint32_t addr, size;  /* absolute address */
    uint32_t pc;
    uint64_t t;
    const char *outcome;  /* of a cut: before, torn, ecc, partial, after; NULL: whole */
    unsigned torn;        /* bits, of outcome torn */
};

struct bench_event {
    enum bench_kind kind;
    uint64_t t;
    char text[512]; /* bounded; longer console lines are cut */
    struct bench_op op;
    uint32_t addr, pc, value;
    bool write;
    /* HTTP */
    unsigned request;
    int status;
    bool ranged;
    uint64_t from, length, sent;
    char method[8], path[160], file[64], end[16], attack[128];
    /* TLS: request is the number of the connection, method the version, path the name that the client asked for; end and attack as above */
    char alert[40];
    unsigned way;      /* BENCH_LINK: SHAPE_TO_DEVICE, SHAPE_FROM_DEVICE */
    struct json *told; /* BENCH_TOLD: the receiver frees it */
};

/* What the server offers. Strings and bytes outlive the offer. */
struct bench_image { const char *slot, *name; const uint8_t *bytes; size_t size; };
struct bench_delta { const char *slot, *base_sha256, *name; const uint8_t *bytes; size_t size; };
struct bench_offer {
    const char *version, *hardware;
    uint32_t security_counter, chunk_size;
    const struct bench_image *files;
    size_t count;
    const char *action; /* update, rollback, pause, none */
    unsigned keyset;    /* 1, 2 */
    const struct bench_delta *deltas;
    size_t delta_count;
    const struct bench_offer *other; /* another genuine release, for attacks that mix; NULL: none */
};
struct bench_rule {
    const char *attack, *path, *device; /* path, device NULL: any */
    struct option_value value[OPTION_MOST];
    unsigned request, times;   /* 0: every one; 0: always */
};

struct port_power {
    const char *name;
    void (*on)(struct bench *b);
    void (*off)(struct bench *b, struct bench_op *op); /* op->index 0: none was under way */
    unsigned (*rail_mv)(struct bench *b);
    /* Arms a cut in the index-th operation; index 0 disarms. NULL: the bench cannot. outcome NULL: drawn. */
    void (*arm)(struct bench *b, uint64_t index, const char *outcome, unsigned torn);
};
struct port_reset { const char *name; void (*pulse)(struct bench *b); };
struct port_console {
    const char *name;
    void (*send)(struct bench *b, const void *bytes, size_t n);
    void (*raw)(struct bench *b, bool on); /* BENCH_BYTE for each byte, too; NULL: the bench cannot */
};
struct port_link {
    const char *name;
    void (*shape)(struct bench *b, const struct shape *shape); /* from now on; all zero: good */
    /* Packets so far, of a direction, and on how many of them a shape acted. */
    void (*counts)(struct bench *b, unsigned way, uint64_t *packets, uint64_t *acted);
};
struct port_rtc { /* the device's battery-backed clock; Unix seconds */
    const char *name;
    uint64_t (*date)(struct bench *b);              /* what time it really is */
    void (*set)(struct bench *b, uint64_t unix_s);
    void (*drift)(struct bench *b, int32_t ppm);    /* runs so much too fast */
    void (*battery)(struct bench *b, bool there);   /* without one the clock is lost when the supply goes */
};
struct port_server {
    const char *name;
    void (*offer)(struct bench *b, const struct bench_offer *offer); /* NULL: nothing */
    void (*rule)(struct bench *b, const struct bench_rule *rule);
    void (*honest)(struct bench *b);                    /* forgets every rule */
    uint64_t (*body)(struct bench *b);                  /* image body bytes that the device has taken */
    void (*watch_body)(struct bench *b, uint64_t bytes); /* BENCH_BYTES once body() reaches it; BENCH_NEVER: off */
    void (*hold_body)(struct bench *b, uint64_t bytes);  /* body() will not pass it, so that a fault is exact; BENCH_NEVER: off */
};
enum bench_damage { BENCH_DAMAGE_ZERO, BENCH_DAMAGE_RANDOM, BENCH_DAMAGE_ECC, BENCH_DAMAGE_ERASE };
struct port_nvm {
    const char *name;
    uint64_t (*ops)(struct bench *b);
    const uint8_t *(*bytes)(struct bench *b, uint32_t addr, size_t n); /* NULL outside; physical content */
    void (*watch)(struct bench *b, uint32_t addr, uint32_t size);      /* BENCH_OP for operations in it; size 0: off */
    uint32_t (*pc)(struct bench *b); /* latest program counter seen in flash */
    /* The content changes as by age, no operation is counted. seed: of what it becomes. NULL: the bench cannot. */
    void (*damage)(struct bench *b, uint32_t addr, uint32_t n, enum bench_damage how, uint64_t seed);
    /* Every operation since the start is told too (a reference run, a replay). NULL: stop. */
    void (*log)(struct bench *b, void (*told)(void *ctx, const struct bench_op *op), void *ctx);
};

struct bench {
    const char *name;
    const struct port_power *power;
    const struct port_reset *reset;
    const struct port_console *console;
    const struct port_link *link;
    const struct port_rtc *rtc;
    const struct port_server *server;
    const struct port_nvm *nvm;
    void (*unique_id)(struct bench *b, const uint32_t id[3]); /* of the chip, from its next start on; NULL: it has the one it has */
    uint64_t (*now)(struct bench *b);
    uint64_t (*instructions)(struct bench *b); /* executed by the device so far; NULL: the bench cannot see it */
    /* The next event, or BENCH_DEADLINE at the deadline. */
    void (*next)(struct bench *b, uint64_t deadline, struct bench_event *ev);
    void (*close)(struct bench *b);
};

/* What a trial wants of its bench. */
struct bench_wish {
    uint64_t seed; /* of everything the bench draws */
    bool tls;      /* the device's build that speaks TLS, and a server that does */
};

/* Opens a fresh bench for one trial. NULL with a message when it cannot. */
struct bench_opener {
    void *ctx;
    struct bench *(*open)(void *ctx, const struct bench_wish *wish, struct err *e);
};
#endif
