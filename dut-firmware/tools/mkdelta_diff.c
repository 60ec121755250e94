/* SPDX-License-Identifier: GPL-3.0-or-later
 * Differences after Percival, "Naive differences of executable code" (2003): the target is covered by regions that resemble a
 * region of the base. A region is found by an exact match in the sorted suffixes of the base, and grows to both sides for as long
 * as more than half of its bytes agree: code that has moved differs in its addresses, in few bytes at a time, so its difference
 * is almost all zeros. */
#include <stdlib.h>
#include <string.h>
#include "mkdelta.h"

struct work {
    const uint8_t *base, *target;
    uint32_t base_size, target_size;
    const uint32_t *order;
};

struct match {
    uint32_t at, length; /* in the base */
};

static uint32_t common(const struct work *w, uint32_t base_at, uint32_t target_at)
{
    uint32_t n = 0;
    while (base_at + n < w->base_size && target_at + n < w->target_size && w->base[base_at + n] == w->target[target_at + n])
        n++;
    return n;
}

static bool before(const struct work *w, uint32_t suffix, uint32_t target_at)
{
    const uint32_t a = w->base_size - suffix, b = w->target_size - target_at, n = a < b ? a : b;
    const int order = memcmp(w->base + suffix, w->target + target_at, n);
    return order < 0 || (order == 0 && a < b);
}

/* The longest match of what stands at target_at, anywhere in the base. */
static struct match find(const struct work *w, uint32_t target_at)
{
    uint32_t low = 0, high = w->base_size + 1;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (before(w, w->order[middle], target_at))
            low = middle + 1;
        else
            high = middle;
    }
    struct match best = {0, 0};
    for (uint32_t i = low > 0 ? low - 1 : 0; i <= low && i <= w->base_size; i++) {
        const uint32_t n = common(w, w->order[i], target_at);
        if (n > best.length)
            best = (struct match){w->order[i], n};
    }
    return best;
}

static bool agrees(const struct work *w, int64_t base_at, uint32_t target_at)
{
    return base_at >= 0 && base_at < w->base_size && w->base[base_at] == w->target[target_at];
}

/* How far a region that starts at (base, target) goes before most of its bytes differ. */
static uint32_t grow_forward(const struct work *w, uint32_t base, uint32_t target, uint32_t limit)
{
    uint32_t best = 0;
    int64_t agree = 0, most = 0;
    for (uint32_t i = 0; target + i < limit && base + i < w->base_size; i++) {
        agree += w->base[base + i] == w->target[target + i] ? 1 : -1;
        if (agree > most) {
            most = agree;
            best = i + 1;
        }
    }
    return best;
}

static uint32_t grow_backward(const struct work *w, uint32_t base, uint32_t target, uint32_t limit)
{
    uint32_t best = 0;
    int64_t agree = 0, most = 0;
    for (uint32_t i = 1; target >= limit + i && base >= i; i++) {
        agree += w->base[base - i] == w->target[target - i] ? 1 : -1;
        if (agree > most) {
            most = agree;
            best = i;
        }
    }
    return best;
}

/* Both regions want the n bytes of the target that end where the left one ends: where is the cut that agrees best? */
static uint32_t divide(const struct work *w, uint32_t n, uint32_t left_base, uint32_t right_base, uint32_t target)
{
    uint32_t best = 0;
    int64_t gain = 0, most = 0;
    for (uint32_t i = 0; i < n; i++) {
        gain += w->base[left_base + i] == w->target[target + i];
        gain -= w->base[right_base + i] == w->target[target + i];
        if (gain > most) {
            most = gain;
            best = i + 1;
        }
    }
    return best;
}

/* A region of the target whose first bytes are told by differences to the base at base, the rest as they are. */
struct region {
    uint32_t base, target, alike;
};

static void emit(const struct work *w, const struct region *r, uint32_t end, uint32_t next_base, struct blob *out)
{
    const uint32_t extra = end - r->target - r->alike;
    const int64_t seek = (int64_t)next_base - (r->base + r->alike);
    mkdelta_number(out, r->alike);
    mkdelta_number(out, extra);
    mkdelta_number(out, (uint32_t)(seek < 0 ? -seek * 2 - 1 : seek * 2));
    for (uint32_t i = 0; i < r->alike; i++)
        blob_append_le(out, (uint8_t)(w->target[r->target + i] - w->base[r->base + i]), 1);
    blob_append(out, w->target + r->target + r->alike, extra);
}

/* The next place from at on whose match is worth a region of its own: clearly longer than what the present alignment gives. */
static struct match next_match(const struct work *w, uint32_t *at, int64_t shift)
{
    struct match m = {0, 0};
    uint32_t scored = *at;
    int64_t score = 0; /* bytes of [*at, scored) that agree in the present alignment */
    for (; *at < w->target_size; (*at)++) {
        m = find(w, *at);
        for (; scored < *at + m.length; scored++)
            score += agrees(w, (int64_t)scored + shift, scored);
        if (m.length > 0 && (m.length == score || m.length > score + 8))
            return m;
        score -= agrees(w, (int64_t)*at + shift, *at);
        if (scored <= *at) {
            scored = *at + 1;
            score = 0;
        }
    }
    return (struct match){0, 0};
}

void mkdelta_diff(const struct blob *base, const struct blob *target, struct blob *out)
{
    struct work w = {base->bytes, target->bytes, (uint32_t)base->size, (uint32_t)target->size, NULL};
    uint32_t *order = mkdelta_sort(base->bytes, w.base_size);
    struct region now = {0, 0, 0}, held = {0, 0, 0};
    uint32_t at = 0, held_end = 0;
    bool holds = false;
    w.order = order;
    while (now.target < w.target_size) {
        const int64_t shift = (int64_t)now.base - now.target;
        struct match m = next_match(&w, &at, shift);
        while (at < w.target_size && (int64_t)at + shift == m.at) { /* the present alignment, gone on with */
            at += m.length;
            m = next_match(&w, &at, shift);
        }
        uint32_t ahead = grow_forward(&w, now.base, now.target, at);
        uint32_t back = at < w.target_size ? grow_backward(&w, m.at, at, now.target) : 0;
        if (now.target + ahead > at - back) {
            const uint32_t overlap = now.target + ahead - (at - back);
            const uint32_t keep = divide(&w, overlap, now.base + ahead - overlap, m.at - back, at - back);
            ahead -= overlap - keep;
            back -= keep;
        }
        now.alike = ahead;
        const struct region next = {at < w.target_size ? m.at - back : now.base + ahead, at - back, 0};
        if (!holds || next.target > now.target) { /* an empty record is worth its bytes only as the first */
            if (holds)
                emit(&w, &held, held_end, now.base, out);
            held = now;
            held_end = next.target;
            holds = true;
        }
        now = next;
        at += m.length;
    }
    emit(&w, &held, held_end, held.base + held.alike, out);
    free(order);
}
