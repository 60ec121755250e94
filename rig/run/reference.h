/* SPDX-License-Identifier: GPL-3.0-or-later
 * What an undisturbed run showed: when each phase was, and every operation on non-volatile memory. Random triggers draw from it,
 * so that they fall where something happens. */
#ifndef RUN_REFERENCE_H
#define RUN_REFERENCE_H
#include "run/phase.h"

struct buf;
struct json;
struct profile;

struct reference_op { uint64_t index, t; uint32_t addr; uint8_t phase; bool erase, payload; };
struct reference_span { uint8_t phase; uint64_t t0, t1, byte0, byte1; };

struct reference {
    bool complete; /* it ended as it should: the image confirmed, or given up */
    uint64_t end_t, bytes, boots, boot_ns; /* until the end of the update; boot_ns: from power-on to running */
    struct reference_span *span;
    size_t spans;
    struct reference_op *op;
    size_t ops;
};

void reference_free(struct reference *r);
/* While a reference run goes on. */
void reference_enter(struct reference *r, enum phase p, uint64_t t, uint64_t bytes);
void reference_add_op(struct reference *r, const struct reference_op *op);
void reference_close(struct reference *r, uint64_t t, uint64_t bytes);

/* The draw mapped onto what phase covers. False when it covers nothing. */
bool reference_pick_op(const struct reference *r, enum scenario_phase phase, uint64_t draw, uint64_t *index);
bool reference_pick_time(const struct reference *r, enum scenario_phase phase, uint64_t draw, uint64_t *t);
bool reference_pick_byte(const struct reference *r, uint64_t draw, uint64_t *byte);
uint64_t reference_ops_after(const struct reference *r, enum scenario_phase phase, uint64_t index);

/* Across processes: bytes of one host to the same host. */
void reference_pack(const struct reference *r, struct buf *out);
bool reference_unpack(struct reference *r, const void *bytes, size_t n);
/* The journal's event (record/events.md). */
struct json *reference_json(const struct reference *r, const char *id, const struct profile *p);
#endif
