/* SPDX-License-Identifier: GPL-3.0-or-later
 * The inside of a virtual bench: shared by virtual.c (the chip, and the loop) and virtual_net.c (the network and the server). */
#ifndef DRV_VIRTUAL_PARTS_H
#define DRV_VIRTUAL_PARTS_H
#include "base/buf.h"
#include "drv/virtual.h"

struct err;

struct virtual_queued {
    struct bench_event ev;
    struct virtual_queued *next;
};

struct virtual {
    struct bench b; /* first: the ports get a struct bench */
    const struct virtual_config *config;
    struct chip *chip;
    struct net *net;
    struct server *server;
    struct certs *certs; /* of TLS, else NULL, */
    struct tls *tls;     /* this too */
    struct virtual_queued *first, **last;
    struct buf line, slip;
    bool frame;
    struct shape shape;
    unsigned impaired[SHAPE_WAYS]; /* bits of what was told since the shape was set */
    uint64_t body_watch;
    uint32_t watch_addr, watch_size, pc;
    void (*log)(void *ctx, const struct bench_op *op);
    void *log_ctx;
    bool dead_told, raw;
};

/* virtual.c */
struct virtual *virtual_of(struct bench *b);
struct bench_event *virtual_push(struct virtual *v, enum bench_kind kind, uint64_t t); /* to be filled in */
void virtual_text(char *to, size_t room, const char *from);                            /* NULL: "" */
/* virtual_net.c */
int virtual_net_start(struct virtual *v, const struct bench_wish *wish, struct err *e); /* plugs in the ports, too */
void virtual_net_work_off(struct virtual *v);                 /* what the device sent, and what is due; there may be no network */
uint64_t virtual_net_next(const struct virtual *v, uint64_t deadline); /* when it is next needed, at most the deadline */
void virtual_net_stop(struct virtual *v);
#endif
