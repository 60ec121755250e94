/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about a bad link: shares against theory, times to the nanosecond, the order of what it does. */
#include "base/buf.h"
#include "net/datagram.h"
#include "net/impair.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 40000, PACKET = 100 };
#define MS UINT64_C(1000000)

/* What came out of the link: which packet (its number is in it), when, and how it looked. */
struct out { uint32_t number; uint64_t at; bool spoilt; size_t n; uint32_t bits; /* that differ from what went in */ };
static struct {
    struct impair im;
    uint64_t now;
    struct out *out;
    size_t count;
    unsigned lost, too_large, duplicated, corrupted, reordered, delayed;
    uint8_t last[1500];
} w;

static void fill(uint8_t *p, size_t n, uint32_t number)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(i * 7);
    memcpy(p, &number, sizeof number);
}

static void passed(void *ctx, uint8_t *p, size_t n, bool spoilt)
{
    uint8_t whole[1500];
    struct out *o = &w.out[w.count++];
    (void)ctx;
    assert_true(w.count < 4 * MANY);
    memcpy(&o->number, p, sizeof o->number);
    memcpy(w.last, p, n);
    *o = (struct out){.number = o->number, .at = w.now, .spoilt = spoilt, .n = n};
    fill(whole, n, o->number);
    for (size_t i = 0; i < n; i++)
        o->bits += (uint32_t)__builtin_popcount(whole[i] ^ p[i]);
}

static void touched(void *ctx, const char *what)
{
    (void)ctx;
    w.lost += strcmp(what, "lost") == 0;
    w.too_large += strcmp(what, "too-large") == 0;
    w.duplicated += strcmp(what, "duplicated") == 0;
    w.corrupted += strcmp(what, "corrupted") == 0;
    w.reordered += strcmp(what, "reordered") == 0;
    w.delayed += strcmp(what, "delayed") == 0;
}

static void begin(uint64_t seed, const struct shape_way *shape)
{
    impair_free(&w.im);
    free(w.out);
    memset(&w, 0, sizeof w);
    w.out = calloc(4 * MANY, sizeof *w.out);
    impair_init(&w.im, seed, 1);
    w.im.pass = passed;
    w.im.touched = touched;
    impair_shape(&w.im, shape);
}

static int gone(void **state)
{
    (void)state;
    impair_free(&w.im);
    free(w.out);
    memset(&w, 0, sizeof w);
    return 0;
}

static void pass_until(uint64_t t)
{
    while (impair_next(&w.im) <= t) {
        w.now = impair_next(&w.im);
        impair_tick(&w.im, w.now);
    }
    w.now = t;
}

static void send_size(uint32_t number, size_t n)
{
    uint8_t p[1500];
    fill(p, n, number);
    impair_packet(&w.im, p, n, w.now);
}

/* count packets, one each gap_ns, and then until nothing is under way. */
static void send_many(uint32_t count, uint64_t gap_ns)
{
    for (uint32_t i = 0; i < count; i++) {
        pass_until(i * gap_ns);
        send_size(i, PACKET);
    }
    pass_until(UINT64_MAX - 1);
}

/* Within five standard deviations of n draws of p; the seed is fixed, so this is a claim, not a gamble. */
static void near(unsigned got, double p, double n)
{
    double sigma = sqrt(n * p * (1 - p));
    if (fabs(got - n * p) > 5 * sigma + 1)
        fail_msg("%u of %.0f where %.1f are expected, give or take %.1f", got, n, n * p, sigma);
}

/* --- shares --- */

static void loss_is_as_large_as_asked_for(void **state)
{
    (void)state;
    static const unsigned shares[] = {1, 100, 1000, 5000, 9999};
    for (size_t i = 0; i < 5; i++) {
        begin(i, &(struct shape_way){.loss = {shares[i], 0}});
        send_many(MANY, MS);
        near(w.lost, shares[i] / 1e4, MANY);
        assert_int_equal(w.count + w.lost, MANY);
    }
    begin(1, &(struct shape_way){.loss = {SHAPE_ALWAYS, 0}});
    send_many(1000, MS);
    assert_int_equal(w.lost, 1000);
}

/* With correlation c a loss is followed by one with probability c + (1 - c) p, and the share is still p. */
static void correlation_makes_runs_and_leaves_the_share(void **state)
{
    (void)state;
    unsigned pairs = 0;
    begin(7, &(struct shape_way){.loss = {2000, 7500}});
    send_many(MANY, MS);
    double p = 0.2, again = 0.75 + 0.25 * p, run = 1 / (1 - again);
    assert_true(fabs(w.lost - MANY * p) < 5 * sqrt(MANY * p * (1 - p) * 2 * run)); /* runs widen the spread */
    bool *there = calloc(MANY, sizeof *there);
    for (size_t i = 0; i < w.count; i++)
        there[w.out[i].number] = true;
    for (size_t i = 1; i < MANY; i++)
        pairs += !there[i - 1] && !there[i];
    free(there);
    near(pairs, again, w.lost);
}

/* Gilbert-Elliott: in the bad state for r/(p+r) of the time, bursts 1/r long. */
static void bursts_are_as_often_and_as_long_as_the_model_says(void **state)
{
    (void)state;
    unsigned bursts = 0;
    begin(3, &(struct shape_way){.burst = {.enter = 200, .leave = 2500, .in = SHAPE_ALWAYS}});
    send_many(MANY, MS);
    double p = 0.02, r = 0.25, bad = p / (p + r);
    assert_true(fabs(w.lost - MANY * bad) < 0.1 * MANY * bad);
    for (size_t i = 1; i < w.count; i++)
        bursts += w.out[i].number != w.out[i - 1].number + 1;
    double mean = (double)w.lost / bursts;
    assert_true(fabs(mean - 1 / r) < 0.1 / r);
    begin(3, &(struct shape_way){.burst = {.enter = 200, .leave = 2500, .in = 5000, .between = 100}});
    send_many(MANY, MS);
    assert_true(fabs(w.lost - MANY * (bad * 0.5 + (1 - bad) * 0.01)) < 0.1 * MANY * bad);
}

static void duplicates_come_twice_and_nothing_else_does(void **state)
{
    (void)state;
    begin(4, &(struct shape_way){.duplicate = {1000, 0}});
    send_many(MANY, MS);
    near(w.duplicated, 0.1, MANY);
    assert_int_equal(w.count, MANY + w.duplicated);
}

static void corruption_flips_one_bit_of_its_share(void **state)
{
    (void)state;
    unsigned spoilt = 0;
    begin(5, &(struct shape_way){.corrupt = {500, 0}});
    send_many(MANY, MS);
    near(w.corrupted, 0.05, MANY);
    for (size_t i = 0; i < w.count; i++) {
        spoilt += w.out[i].spoilt;
        if (w.out[i].number == i)
            assert_int_equal(w.out[i].bits, w.out[i].spoilt);
        else
            assert_true(w.out[i].spoilt); /* the flip hit the number itself */
    }
    assert_int_equal(spoilt, w.corrupted);
}

static void a_gap_lets_only_every_nth_overtake(void **state)
{
    (void)state;
    begin(6, &(struct shape_way){.delay_ns = 10 * MS, .reorder = {SHAPE_ALWAYS, 0}, .gap = 5});
    send_many(1000, MS);
    assert_int_equal(w.reordered, 200);
    for (size_t i = 0; i < w.count; i++)
        assert_int_equal(w.out[i].at, w.out[i].number * MS + (w.out[i].number % 5 == 4 ? 0 : 10 * MS));
}

/* --- times --- */

static void nothing_asked_for_is_no_link_at_all(void **state)
{
    (void)state;
    begin(1, &(struct shape_way){0});
    uint64_t untouched = w.im.rng.s[0];
    for (uint32_t i = 0; i < 1000; i++) {
        w.now = i;
        send_size(i, PACKET);
        assert_int_equal(w.count, i + 1); /* within the call */
        assert_int_equal(w.out[i].bits, 0);
    }
    assert_int_equal(impair_next(&w.im), UINT64_MAX);
    assert_int_equal(w.im.rng.s[0], untouched); /* not one draw */
    assert_int_equal(w.delayed + w.lost + w.duplicated + w.corrupted, 0);
}

static void delay_is_exact(void **state)
{
    (void)state;
    begin(1, &(struct shape_way){.delay_ns = 123456789});
    send_many(1000, 777);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(w.out[i].number, i);
        assert_int_equal(w.out[i].at, i * 777 + 123456789);
    }
}

static void rate_is_exact_and_packets_wait_for_each_other(void **state)
{
    (void)state;
    begin(1, &(struct shape_way){.rate_bps = 8000, .delay_ns = 5 * MS}); /* 1 byte a millisecond */
    send_many(50, MS);
    for (uint32_t i = 0; i < 50; i++)
        assert_int_equal(w.out[i].at, (i + 1) * PACKET * MS + 5 * MS);
    begin(1, &(struct shape_way){.rate_bps = 8000});
    send_many(5, 1000 * MS);
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(w.out[i].at, i * 1000 * MS + PACKET * MS);
}

static void a_full_queue_loses_the_newest(void **state)
{
    (void)state;
    begin(1, &(struct shape_way){.rate_bps = 1});
    send_many(1010, 0);
    assert_int_equal(w.count, 1000);
    assert_int_equal(w.lost, 10);
    assert_int_equal(w.out[999].number, 999);
}

struct moments { double mean, deviation, least, most; };

static struct moments moments(enum shape_spread how)
{
    struct moments m = {.least = 1e9, .most = -1e9};
    double sum = 0, squares = 0;
    begin(11, &(struct shape_way){.delay_ns = 1000 * MS, .jitter_ns = 100 * MS, .spread = how});
    send_many(MANY, 10000 * MS);
    for (size_t i = 0; i < w.count; i++) {
        double d = ((double)w.out[i].at - (double)w.out[i].number * 10000 * MS) / (100 * MS) - 10; /* in jitters */
        sum += d;
        squares += d * d;
        m.least = d < m.least ? d : m.least;
        m.most = d > m.most ? d : m.most;
    }
    m.mean = sum / MANY;
    m.deviation = sqrt(squares / MANY - m.mean * m.mean);
    return m;
}

static void distributions_have_the_moments_of_their_names(void **state)
{
    (void)state;
    struct moments m = moments(SHAPE_UNIFORM);
    assert_true(fabs(m.mean) < 0.015 && fabs(m.deviation - 1 / sqrt(3)) < 0.01);
    assert_true(m.least >= -1 && m.most <= 1 && m.least < -0.999 && m.most > 0.999);
    m = moments(SHAPE_NORMAL);
    assert_true(fabs(m.mean) < 0.025 && fabs(m.deviation - 1) < 0.02);
    assert_true(m.least < -3.5 && m.most > 3.5 && m.most < 4.5);
    m = moments(SHAPE_PARETO); /* (u^(-1/3) - 1.5) 4/3, cut off at 4: bounded below, long above */
    assert_true(fabs(m.least + 2.0 / 3) < 0.001 && m.most > 3.9 && m.most <= 4);
    assert_true(fabs(m.mean + 0.03) < 0.03);
}

static void the_normal_distribution_has_its_quantiles(void **state)
{
    (void)state;
    static const struct { double u, z; } known[] = {{0.5, 0.6745}, {0.3173, 1.0}, {0.1, 1.6449},
                                                     {0.0455, 2.0}, {0.01, 2.5758}, {0.001, 3.2905}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint32_t u = (uint32_t)(known[i].u * 2147483648.0);
        assert_true(fabs((double)draw_spread(SHAPE_NORMAL, 1000000, u) / 1e6 - known[i].z) < 0.01);
        assert_true(fabs((double)draw_spread(SHAPE_NORMAL, 1000000, u | 1u << 31) / 1e6 + known[i].z) < 0.01);
    }
}

static void jitter_never_leaves_before_it_came(void **state)
{
    (void)state;
    begin(2, &(struct shape_way){.delay_ns = MS, .jitter_ns = 50 * MS, .spread = SHAPE_NORMAL});
    send_many(MANY, MS);
    for (size_t i = 0; i < w.count; i++)
        assert_true(w.out[i].at >= w.out[i].number * MS);
    assert_int_equal(w.count, MANY);
}

/* --- order --- */

static void the_same_seed_does_the_same(void **state)
{
    (void)state;
    static const struct shape_way all = {.loss = {1000, 3000}, .burst = {100, 3000, 8000, 0}, .duplicate = {500, 0}, .corrupt = {500, 0},
                                         .reorder = {500, 0}, .delay_ns = 5 * MS, .jitter_ns = 4 * MS, .spread = SHAPE_PARETO,
                                         .rate_bps = 1000000};
    begin(9, &all);
    send_many(MANY, MS);
    struct out *first = w.out;
    size_t count = w.count;
    w.out = NULL;
    begin(9, &all);
    send_many(MANY, MS);
    assert_int_equal(count, w.count);
    assert_memory_equal(first, w.out, count * sizeof *first);
    begin(10, &all);
    send_many(MANY, MS);
    assert_memory_not_equal(first, w.out, count / 2 * sizeof *first);
    free(first);
}

static void a_duplicate_is_drawn_before_loss_and_either_can_be_lost(void **state)
{
    (void)state;
    begin(8, &(struct shape_way){.duplicate = {SHAPE_ALWAYS, 0}, .loss = {5000, 0}});
    send_many(MANY, MS);
    near((unsigned)w.count, 0.5, 2 * MANY);
    assert_int_equal(w.duplicated, MANY);
    unsigned both = 0;
    for (size_t i = 1; i < w.count; i++)
        both += w.out[i].number == w.out[i - 1].number;
    near(both, 0.25, MANY);
}

static void a_down_link_loses_what_is_under_way_and_what_comes(void **state)
{
    (void)state;
    begin(1, &(struct shape_way){.delay_ns = 10 * MS});
    send_size(1, PACKET);
    w.now = MS;
    impair_shape(&w.im, &(struct shape_way){.down = true, .duplicate = {SHAPE_ALWAYS, 0}});
    send_size(2, PACKET);
    impair_shape(&w.im, &(struct shape_way){.delay_ns = 10 * MS});
    send_size(3, PACKET);
    pass_until(100 * MS);
    assert_int_equal(w.count, 1);
    assert_int_equal(w.out[0].number, 3);
}

static void what_is_under_way_keeps_its_time_when_the_shape_changes(void **state)
{
    (void)state;
    begin(1, &(struct shape_way){.delay_ns = 10 * MS});
    send_size(1, PACKET);
    impair_shape(&w.im, &(struct shape_way){0});
    send_size(2, PACKET);
    pass_until(100 * MS);
    assert_int_equal(w.out[0].number, 2);
    assert_int_equal(w.out[1].at, 10 * MS);
}

/* --- on datagrams --- */

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static uint32_t sum(const uint8_t *p, size_t n, uint32_t s)
{
    for (size_t i = 0; i + 1 < n; i += 2)
        s += (uint32_t)(p[i] << 8 | p[i + 1]);
    while (s >> 16)
        s = (s & 0xffff) + (s >> 16);
    return s;
}

/* A TCP segment with an MSS option when flags say SYN, else with n (even) bytes of data. */
static size_t segment(uint8_t *f, uint8_t flags, unsigned mss, size_t n)
{
    static const uint8_t addresses[8] = {10, 0, 0, 2, 10, 0, 0, 1};
    size_t options = flags & 2 ? 8 : 0, tcp = 20 + options + n;
    memset(f, 0, 40 + options);
    f[0] = 0x45;
    put16(f + 2, (unsigned)(20 + tcp));
    f[8] = 64;
    f[9] = 6;
    memcpy(f + 12, addresses, 8);
    put16(f + 10, ~sum(f, 20, 0));
    f[32] = (uint8_t)((20 + options) / 4 << 4);
    f[33] = flags;
    if (options) {
        memcpy(f + 40, "\1\1\2\4\0\0\1\0", 8); /* two no-operations, the MSS, another, the end */
        put16(f + 44, mss);
    }
    for (size_t i = 0; i < n; i++)
        f[40 + i] = (uint8_t)(i + 1);
    put16(f + 36, ~sum(f + 20, tcp, sum(f + 12, 8, 6 + (uint32_t)tcp)));
    return 20 + tcp;
}

static const uint8_t rig[4] = {10, 0, 0, 1};

static void a_fixed_checksum_hides_the_flip_from_tcp(void **state)
{
    (void)state;
    uint8_t f[1500];
    begin(1, &(struct shape_way){.corrupt = {SHAPE_ALWAYS, 0}, .checksum_fixed = true});
    for (unsigned i = 0; i < 500; i++) {
        size_t n = segment(f, 0x18, 0, 1000);
        assert_null(datagram_flaw(f, n, rig));
        impair_packet(&w.im, f, n, 0);
        assert_null(datagram_flaw(w.last, n, rig));
        unsigned bits = 0;
        for (size_t k = 40; k < n; k++)
            bits += (unsigned)__builtin_popcount(f[k] ^ w.last[k]);
        assert_int_equal(bits, 1);
        assert_memory_equal(f, w.last, 36); /* no header changed but the checksum */
    }
    size_t n = segment(f, 0x10, 0, 0); /* carries nothing */
    impair_packet(&w.im, f, n, 0);
    assert_memory_equal(f, w.last, n);
    assert_false(w.out[500].spoilt);
}

static void a_checksum_that_is_left_shows_every_flip(void **state)
{
    (void)state;
    uint8_t f[1500];
    begin(1, &(struct shape_way){.corrupt = {SHAPE_ALWAYS, 0}});
    for (unsigned i = 0; i < 500; i++) {
        size_t n = segment(f, 0x18, 0, 100);
        impair_packet(&w.im, f, n, 0);
        assert_non_null(datagram_flaw(w.last, n, rig));
    }
}

static void an_mtu_swallows_what_is_larger_and_lowers_the_mss(void **state)
{
    (void)state;
    uint8_t f[1500];
    begin(1, &(struct shape_way){.mtu = 576});
    impair_packet(&w.im, f, segment(f, 0x18, 0, 538), 0);
    assert_int_equal(w.count, 0);
    assert_int_equal(w.too_large, 1);
    impair_packet(&w.im, f, segment(f, 0x18, 0, 536), 0);
    assert_int_equal(w.count, 1);
    size_t n = segment(f, 2, 1460, 0);
    impair_packet(&w.im, f, n, 0);
    assert_int_equal(w.last[44] << 8 | w.last[45], 536);
    assert_null(datagram_flaw(w.last, n, rig));
    n = segment(f, 2, 400, 0);
    impair_packet(&w.im, f, n, 0);
    assert_int_equal(w.last[44] << 8 | w.last[45], 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(loss_is_as_large_as_asked_for, gone),
        cmocka_unit_test_teardown(correlation_makes_runs_and_leaves_the_share, gone),
        cmocka_unit_test_teardown(bursts_are_as_often_and_as_long_as_the_model_says, gone),
        cmocka_unit_test_teardown(duplicates_come_twice_and_nothing_else_does, gone),
        cmocka_unit_test_teardown(corruption_flips_one_bit_of_its_share, gone),
        cmocka_unit_test_teardown(a_gap_lets_only_every_nth_overtake, gone),
        cmocka_unit_test_teardown(nothing_asked_for_is_no_link_at_all, gone),
        cmocka_unit_test_teardown(delay_is_exact, gone),
        cmocka_unit_test_teardown(rate_is_exact_and_packets_wait_for_each_other, gone),
        cmocka_unit_test_teardown(a_full_queue_loses_the_newest, gone),
        cmocka_unit_test_teardown(distributions_have_the_moments_of_their_names, gone),
        cmocka_unit_test_teardown(the_normal_distribution_has_its_quantiles, gone),
        cmocka_unit_test_teardown(jitter_never_leaves_before_it_came, gone),
        cmocka_unit_test_teardown(the_same_seed_does_the_same, gone),
        cmocka_unit_test_teardown(a_duplicate_is_drawn_before_loss_and_either_can_be_lost, gone),
        cmocka_unit_test_teardown(a_down_link_loses_what_is_under_way_and_what_comes, gone),
        cmocka_unit_test_teardown(what_is_under_way_keeps_its_time_when_the_shape_changes, gone),
        cmocka_unit_test_teardown(a_fixed_checksum_hides_the_flip_from_tcp, gone),
        cmocka_unit_test_teardown(a_checksum_that_is_left_shows_every_flip, gone),
        cmocka_unit_test_teardown(an_mtu_swallows_what_is_larger_and_lowers_the_mss, gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
