/* SPDX-License-Identifier: GPL-3.0-or-later
 * Journal lines out of bench events. */
#include "run/note.h"

#include "base/buf.h"
#include "base/json.h"
#include "port/bench.h"

#include <stdio.h>
#include <stdlib.h>

struct json *note_new(const char *ev, uint64_t t)
{
    struct json *j = json_object();
    json_add_int(j, "t", (int64_t)t);
    json_add_str(j, "ev", ev);
    return j;
}

void note_add(struct buf *out, struct json *event)
{
    char *line = json_print(event);
    buf_str(out, line);
    buf_char(out, '\n');
    free(line);
    json_free(event);
}

void note_power(struct buf *out, uint64_t t, int on, const char *why)
{
    struct json *j = note_new("power", t);
    json_add_bool(j, "on", on != 0);
    json_add_str(j, "why", why);
    note_add(out, j);
}

void note_rail(struct buf *out, uint64_t t, unsigned mv)
{
    struct json *j = note_new("rail", t);
    json_add_int(j, "mv", mv);
    note_add(out, j);
}

void note_reset(struct buf *out, uint64_t t, const char *cause, const char *by)
{
    struct json *j = note_new("reset", t);
    json_add_str(j, "cause", cause);
    json_add_str(j, "by", by);
    note_add(out, j);
}

void note_simple(struct buf *out, uint64_t t, const char *ev)
{
    note_add(out, note_new(ev, t));
}

void note_timeout(struct buf *out, uint64_t t, const char *waiting, uint64_t limit_ns)
{
    struct json *j = note_new("timeout", t);
    json_add_str(j, "waiting", waiting);
    json_add_int(j, "ms", (int64_t)(limit_ns / 1000000));
    note_add(out, j);
}

void note_bench_fault(struct buf *out, uint64_t t, const char *reason, const char *detail)
{
    struct json *j = note_new("bench", t);
    json_add_str(j, "reason", reason);
    json_add_str(j, "detail", detail);
    note_add(out, j);
}

static void add_text(struct json *j, const char *key, const char *text)
{
    if (text[0])
        json_add_str(j, key, text);
}

void note_response(struct buf *out, const struct bench_event *ev, uint64_t asked, bool delta)
{
    struct json *j = note_new("http", ev->t);
    json_add_int(j, "n", ev->request);
    if (asked)
        json_add_int(j, "asked", (int64_t)asked);
    add_text(j, "method", ev->method);
    add_text(j, "path", ev->path);
    add_text(j, "file", ev->file);
    if (delta)
        json_add_bool(j, "delta", true);
    json_add_int(j, "from", (int64_t)ev->from);
    json_add_bool(j, "ranged", ev->ranged);
    json_add_int(j, "status", ev->status);
    json_add_int(j, "length", (int64_t)ev->length);
    json_add_int(j, "sent", (int64_t)ev->sent);
    add_text(j, "end", ev->end);
    add_text(j, "attack", ev->attack);
    note_add(out, j);
}

void note_tls(struct buf *out, const struct bench_event *ev)
{
    struct json *j = note_new("tls", ev->t);
    json_add_int(j, "n", ev->request);
    add_text(j, "version", ev->method);
    add_text(j, "host", ev->path);
    add_text(j, "end", ev->end);
    add_text(j, "alert", ev->alert);
    add_text(j, "attack", ev->attack);
    note_add(out, j);
}

void note_told(struct buf *out, const struct bench_event *ev)
{
    static const char *const keys[] = {"stage", "version", "running", "slot", "reason", "cause"};
    struct json *j = note_new("told", ev->t);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        json_add_str(j, keys[i], json_str(ev->told, keys[i]));
    note_add(out, j);
}

void note_oddity(struct buf *out, const struct bench_event *ev)
{
    const char *names[] = {[BENCH_ACCESS] = "access", [BENCH_FLASH_ERROR] = "flash-error", [BENCH_CPU_FAULT] = "cpu-fault",
                           [BENCH_BAD_REQUEST] = "bad-request"};
    struct json *j = note_new(names[ev->kind], ev->t);
    if (ev->kind == BENCH_CPU_FAULT)
        json_add_str(j, "kind", ev->text);
    if (ev->kind == BENCH_ACCESS || ev->kind == BENCH_BAD_REQUEST)
        json_add_str(j, "why", ev->text);
    if (ev->kind == BENCH_ACCESS || ev->kind == BENCH_FLASH_ERROR)
        json_add_hex(j, "addr", ev->addr);
    if (ev->kind == BENCH_FLASH_ERROR)
        json_add_hex(j, "sr", ev->value);
    if (ev->kind == BENCH_ACCESS) {
        json_add_bool(j, "write", ev->write);
        json_add_hex(j, "value", ev->value);
    }
    if (ev->kind != BENCH_BAD_REQUEST)
        json_add_hex(j, "pc", ev->pc);
    note_add(out, j);
}

void note_write_running(struct buf *out, const struct bench_op *op, const char *slot)
{
    struct json *j = note_new("write-running", op->t);
    json_add_int(j, "op", (int64_t)op->index);
    json_add_str(j, "kind", op->erase ? "erase" : "program");
    json_add_hex(j, "addr", op->addr);
    json_add_str(j, "slot", slot);
    note_add(out, j);
}

const char *note_outcome(const struct bench_op *op, char text[16])
{
    if (!op->index || !op->outcome)
        snprintf(text, 16, "none");
    else if (op->torn)
        snprintf(text, 16, "%s-%u", op->outcome, op->torn % 1000u);
    else
        snprintf(text, 16, "%s", op->outcome);
    return text;
}
