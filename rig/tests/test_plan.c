/* SPDX-License-Identifier: GPL-3.0-or-later
 * Plans: a trial is a function of seed,
     scenario and number alone; trials are shared out exactly; what cannot be done is refused by name. */
#include "tests/scratch.h"

#include "base/crypto.h"
#include "base/json.h"
#include "base/rng.h"
#include "cmd/words.h"
#include "plan/plan.h"
#include "scenario/image_parts.h"

static const char *const everything[] = {
    "power-cut", "reset-pin", "link-down", "serve", "time", "random-time", "random-flash-op", "random-byte", "random-boot",
        "percent",
    "byte", "event", "flash-op", "every", "boot", "request", NULL};
static const struct plan_bench bench = {"test", everything};

static struct scenario_set set;
static struct profile *profile;
static struct plan *plan;
static struct mistakes mistakes;

/* --- the world: two signed images for two slots, a profile, scenarios --- */

static void put_image(const char *name, uint8_t minor, uint32_t load, const struct crypto_key *key)
{
    uint8_t header[64] = {0}, counter[4] = {1, 0, 0, 0}, payload[300];
    struct image_parts parts = {0};
    struct buf out = {0};
    struct err e = {0};
    memset(payload, minor, sizeof payload);
    image_parts_put32(header, IMAGE_MAGIC);
    image_parts_put32(header + IMAGE_AT_LOAD, load);
    image_parts_put16(header + IMAGE_AT_HDR_SIZE, sizeof header);
    header[IMAGE_AT_VERSION] = minor;
    buf_add(&parts.head, header, sizeof header);
    buf_add(&parts.payload, payload, sizeof payload);
    image_parts_set(&parts.protect, IMAGE_TLV_COUNTER, counter, sizeof counter);
    image_parts_set(&parts.protect, IMAGE_TLV_HARDWARE, "toy", 3);
    assert_int_equal(image_parts_sign(&parts, key, key, &e), 0);
    image_parts_join(&parts, &out);
    scratch_put_bytes(name, out.data, out.size);
    image_parts_free(&parts);
    buf_free(&out);
}

static const char profile_text[] =
    "schema: 1\nname: toy\nhardware: toy\nchip: toy\n"
    "memory:\n  regions: {name: boot, base: 0, size: 4KiB, class: boot}\n"
    "  slots: [{name: a, base: 0x10000, size: 8KiB}, {name: b, base: 0x20000, size: 8KiB}]\n"
    "factory: {installed: v1, flash: {file: factory.bin, at: 0}}\n"
    "images:\n  v1: {version: 1.0.0, a: v1-a.bin, b: v1-b.bin}\n  v2: {version: 2.0.0, a: v2-a.bin, b: v2-b.bin}\n"
    "  v9: {version: 9.0.0, a: v9-a.bin}\nnext: v9\n"
    "console: {uart: 2, patterns: [{kind: running, match: 'run (?<version>\\S+)'}]}\n"
    "deadlines: {boot: 1s, update: 1m, confirm: 1m}\n";

static int world(void **state)
{
    struct err e = {0};
    char *good = realpath("fixtures/keys/test-ed25519.pem", NULL);
    struct crypto_key *key = good ? crypto_key_open(good, &e) : NULL;
    if (scratch_open(state) || !key)
        return -1;
    put_image("images/v1-a.bin", 1, 0x10000, key);
    put_image("images/v1-b.bin", 1, 0x20000, key);
    put_image("images/v2-a.bin", 2, 0x10000, key);
    put_image("images/v2-b.bin", 2, 0x20000, key);
    scratch_put("images/factory.bin", "flash");
    struct buf text = {0};
    buf_printf(&text, "%skeys: {good: %s}\n", profile_text, good);
    scratch_put("toy.yaml", buf_text(&text));
    buf_free(&text);
    crypto_key_free(key);
    free(good);
    return 0;
}

static void clear(void)
{
    plan_free(plan);
    profile_free(profile);
    scenario_set_free(&set);
    mistake_free(&mistakes);
    plan = NULL;
    profile = NULL;
}

/* Scenarios as texts by name; NULL-terminated pairs. */
static struct plan *build_with(const char *const *texts, uint64_t seed, uint64_t trials, const struct plan_bench *b)
{
    char *folder = scratch_path("scenarios"), *dut = scratch_path("toy.yaml"), *images = scratch_path("images");
    clear();
    if (file_is_folder(folder))
        nftw(folder, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    for (size_t i = 0; texts[i]; i += 2) {
        char name[80];
        snprintf(name, sizeof name, "scenarios/%s.yaml", texts[i]);
        scratch_put(name, texts[i + 1]);
    }
    if (scenario_set_load(&set, &folder, 1, &words_scenario, &mistakes) == 0)
        profile = profile_load(dut, &mistakes);
    if (profile) {
        struct plan_config config = {&set, profile, b, images, seed, trials};
        plan = plan_build(&config, &mistakes);
        if (plan)
            plan->config.images = "(was)"; /* nothing is read later */
    }
    free(folder);
    free(dut);
    free(images);
    return plan;
}

static struct plan *build(const char *const *texts, uint64_t seed, uint64_t trials)
{
    if (!build_with(texts, seed, trials, &bench))
        fail_msg("%s", buf_text(&mistakes.text));
    return plan;
}

#define HEAD "schema: 1\nclaim: c\ngiven: {installed: v1, offered: v2}\n"
#define CUT HEAD "repeat: 100\nfault: {at: {random: flash-op}, do: power-cut, off: {random: [20ms, 5s]}}\n"

static void refused(const char *text, const char *why)
{
    const char *texts[] = {"x", text, NULL};
    assert_null(build_with(texts, 1, 0, &bench));
    if (!strstr(buf_text(&mistakes.text), why))
        fail_msg("expected %s, got:\n%s", why, buf_text(&mistakes.text));
}

static struct plan_trial trial(uint64_t n)
{
    struct plan_trial t;
    assert_int_equal(plan_trial(plan, n, &t, NULL), 0);
    return t;
}

/* What of a trial does not depend on where it stands in the plan. */
static char *content(uint64_t n)
{
    struct plan_trial t = trial(n);
    struct json *j = plan_faults_json(&t);
    char *text = json_print(j), *all = mem_printf("%llu %s", (unsigned long long)t.seed, text);
    free(text);
    json_free(j);
    return all;
}

/* --- trials --- */

static void a_trial_depends_on_seed_scenario_and_number_alone(void **state)
{
    (void)state;
    const char *alone[] = {"m", CUT, NULL}, *among[] = {"a", CUT, "m", CUT, "z", CUT, NULL};
    build(alone, 7, 0);
    char *third = content(3);
    build(among, 7, 0);
    char *same = content(103), *other = content(3);
    assert_string_equal(third, same);
    assert_string_not_equal(third, other); /* another scenario draws other numbers */
    free(same);
    build(alone, 7, 5); /* fewer trials */
    same = content(3);
    assert_string_equal(third, same);
    free(same);
    build(alone, 8, 0);
    same = content(3);
    assert_string_not_equal(third, same); /* another seed */
    free(same);
    free(third);
    free(other);
}

static void a_further_fault_never_shifts_the_draws_of_the_others(void **state)
{
    (void)state;
    const char *one[] = {"m", HEAD "fault: [{at: {random: flash-op}, do: power-cut, off: {random: [20ms, 5s]}}]\n", NULL};
    const char *two[] = {"m",
        HEAD "fault: [{at: {random: flash-op}, do: power-cut, off: {random: [20ms, 5s]}}, {at: {random: time}, do: reset-pin}]\n", NULL};
    build(one, 1, 0);
    struct plan_trial t = trial(1);
    uint64_t draw = t.fault[0].draw, off = plan_number(&t.fault[0], "off", 0);
    build(two, 1, 0);
    t = trial(1);
    assert_int_equal(t.fault[0].draw, draw);
    assert_int_equal(plan_number(&t.fault[0], "off", 0), off);
    assert_int_not_equal(t.fault[1].draw, draw);
}

static void draws_stay_in_their_range_and_fill_it(void **state)
{
    (void)state;
    const char *texts[] = {"m", HEAD "repeat: 2000\nfault: {at: {random: flash-op}, do: power-cut, off: {random: [20ms, 5s]}}\n",
        NULL};
    const uint64_t low = 20000000, high = 5000000000u;
    unsigned tenth[10] = {0}, ops[10] = {0};
    build(texts, 1, 0);
    for (uint64_t n = 1; n <= plan->total; n++) {
        struct plan_trial t = trial(n);
        uint64_t off = plan_number(&t.fault[0], "off", 0);
        assert_in_range(off, low, high);
        tenth[(off - low) * 10 / (high - low + 1)]++;
        ops[plan_pick(t.fault[0].draw, 1, 10) - 1]++;
    }
    for (int i = 0; i < 10; i++) { /* 200 expected; 5 sigma is 67 */
        assert_in_range(tenth[i], 133, 267);
        assert_in_range(ops[i], 133, 267);
    }
}

static void a_pick_reaches_both_ends_and_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(plan_pick(0, 3, 9), 3);
    assert_int_equal(plan_pick(UINT64_MAX, 3, 9), 9);
    assert_int_equal(plan_pick(123, 5, 5), 5);
    assert_int_equal(plan_pick(123, 9, 3), 9);
    assert_int_equal(plan_pick(UINT64_MAX, 0, UINT64_MAX), UINT64_MAX);
    assert_int_equal(plan_pick(12345, 0, UINT64_MAX), 12345);
    assert_int_equal(plan_pick(UINT64_C(1) << 63, 0, 1), 1);
    assert_int_equal(plan_pick((UINT64_C(1) << 63) - 1, 0, 1), 0);
    struct rng r;
    rng_seed(&r, 1, 1);
    for (int i = 0; i < 10000; i++) { /* the same as long multiplication by 32-bit digits of the span says */
        uint64_t draw = rng_u64(&r), span = (rng_u64(&r) >> (i % 64)) | 1;
        uint64_t x = plan_pick(draw, 0, span - 1);
        assert_true(x < span);
        long double exact = (long double)draw * (long double)span / 18446744073709551616.0L;
        assert_true((long double)x <= exact + 1 && (long double)x >= exact - 2);
    }
}

static void faults_resolve_with_their_defaults(void **state)
{
    (void)state;
    const char *texts[] = {"m", HEAD "fault:\n  - {at: {event: update.verified, delay: 3ms}, do: power-cut}\n"
                                     "  - {at: {request: 2, path: /image}, do: serve, attack: truncate, at-byte: 40000}\n"
                                     "  - after-boot: {at: {flash-op: 5, outcome: torn-3}, do: power-cut}\n", NULL};
    build(texts, 1, 0);
    struct plan_trial t = trial(1);
    assert_int_equal(t.faults, 3);
    assert_string_equal(t.fault[0].event, "update.verified");
    assert_int_equal(t.fault[0].delay_ns, 3000000);
    assert_int_equal(plan_number(&t.fault[0], "off", 0), 1000000000);
    assert_string_equal(t.fault[1].path, "/image");
    assert_int_equal(t.fault[1].number, 2);
    assert_int_equal(plan_number(&t.fault[1], "at-byte", 0), 40000);
    assert_int_equal(plan_number(&t.fault[1], "times", 0), 1);
    assert_int_equal(plan_number(&t.fault[1], "percent", 77), 77); /* not said: the attack's own default */
    assert_true(t.fault[2].in_recovery);
    assert_string_equal(t.fault[2].outcome, "torn");
    assert_int_equal(t.fault[2].torn, 3);
    struct json *j = plan_faults_json(&t);
    char *text = json_print(j);
    assert_non_null(strstr(text,
        "{\"do\":\"serve\",\"at\":{\"request\":2,\"path\":\"/image\"},\"attack\":\"truncate\",\"times\":1,\"at-byte\":40000"));
    assert_non_null(strstr(text, "\"outcome\":\"torn-3\""));
    assert_non_null(strstr(text, "\"recovery\":true"));
    free(text);
    json_free(j);
}

/* --- counts --- */

static void every_combination_gets_its_share(void **state)
{
    (void)state;
    const char *texts[] = {"m", HEAD "repeat: 5\nmatrix: {p: [10, 50, 90]}\nfault: {at: {percent: $p}, do: power-cut}\n", NULL};
    build(texts, 1, 0);
    assert_int_equal(plan->total, 15);
    unsigned seen[3] = {0};
    for (uint64_t n = 1; n <= 15; n++)
        seen[trial(n).fault[0].number / 4000]++;
    for (int i = 0; i < 3; i++)
        assert_int_equal(seen[i], 5);
    struct plan_trial t = trial(2);
    struct json *j = plan_matrix_json(plan, &t);
    assert_string_equal(json_str(j, "p"), "50");
    json_free(j);
}

static void asked_for_trials_are_shared_out_exactly(void **state)
{
    (void)state;
    const char *texts[] = {"a", HEAD "repeat: 10\n", "b",
        HEAD "repeat: 200\nmatrix: {p: [10, 50]}\nfault: {at: {percent: $p}, do: power-cut}\n",
                           "c", HEAD "repeat: 90\n", NULL};
    static const uint64_t wishes[] = {1, 4, 5, 7, 50, 999, 1000, 100003};
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
        build(texts, 1, wishes[i]);
        uint64_t sum = 0, first = 1;
        for (size_t s = 0; s < plan->scenarios; s++) {
            assert_int_equal(plan->scenario[s].first, first);
            assert_true(plan->scenario[s].trials >= plan->scenario[s].scenario->count);
            first += plan->scenario[s].trials;
            sum += plan->scenario[s].trials;
        }
        assert_int_equal(sum, plan->total);
        assert_int_equal(sum, wishes[i] < 4 ? 4 : wishes[i]);
    }
    assert_in_range(plan->scenario[1].trials, 79900, 80100); /* 400 of 500 */
    build(texts, 1, 0);
    assert_int_equal(plan->total, 500);
}

static void a_trial_outside_the_plan_is_refused(void **state)
{
    (void)state;
    const char *texts[] = {"m", HEAD, NULL};
    struct plan_trial t;
    struct err e = {0};
    build(texts, 1, 0);
    assert_int_equal(plan_trial(plan, 0, &t, NULL), RIG_EINPUT);
    assert_int_equal(plan_trial(plan, 2, &t, &e), RIG_EINPUT);
    assert_non_null(strstr(e.text, "trials 1 to 1"));
}

/* --- images --- */

static void images_are_loaded_spoilt_and_verified(void **state)
{
    (void)state;
    const char *texts[] = {"a", HEAD, "b",
        "schema: 1\nclaim: c\ngiven: {installed: v1, offered: {of: v2, mutate: flip-bits, count: 5}}\n"
                                           "expect: {refused: true}\n", NULL};
    build(texts, 1, 0);
    const struct plan_case *honest = &plan->scenario[0].cases[0], *spoilt = &plan->scenario[1].cases[0];
    assert_ptr_equal(honest->installed, spoilt->installed); /* once per plan */
    assert_true(honest->offered->genuine);
    assert_int_equal(honest->offered->count, 2);
    assert_string_equal(honest->offered->version, "2.0.0");
    assert_int_equal(honest->offered->counter, 1);
    assert_string_equal(honest->offered->image[1]->slot, "b");
    assert_null(honest->offered->image[0]->cause);
    assert_ptr_equal(honest->eventually, honest->offered);
    assert_int_equal(honest->versions, 2);
    assert_false(spoilt->offered->genuine);
    assert_string_equal(spoilt->offered->name, "v2+flip-bits(count=5)");
    assert_ptr_equal(spoilt->eventually, honest->offered); /* what it was before it was spoilt */
    assert_int_equal(spoilt->versions, 1);
    unsigned bits = 0;
    const struct buf *a = &honest->offered->image[0]->bytes, *b = &spoilt->offered->image[0]->bytes;
    assert_int_equal(a->size, b->size);
    for (size_t i = 0; i < a->size; i++)
        bits += (unsigned)__builtin_popcount((unsigned char)(a->data[i] ^ b->data[i]));
    assert_int_equal(bits, 5);
    assert_null(honest->next); /* the profile names v9, but this build has none */
}

static void files_find_their_slot_by_their_address(void **state)
{
    (void)state;
    char *a = scratch_path("images/v2-a.bin"), *b = scratch_path("images/v2-b.bin");
    struct buf text = {0};
    buf_printf(&text, "schema: 1\nclaim: c\ngiven: {installed: v1, offered: {files: [%s, %s]}}\n", b, a);
    const char *texts[] = {"m", buf_text(&text), NULL};
    build(texts, 1, 0);
    const struct plan_set *offered = plan->scenario[0].cases[0].offered;
    assert_string_equal(offered->image[0]->slot, "b");
    assert_string_equal(offered->image[1]->slot, "a");
    assert_string_equal(offered->version, "2.0.0");
    assert_true(offered->genuine);
    buf_clear(&text);
    buf_printf(&text, "schema: 1\nclaim: c\ngiven: {installed: v1, offered: {files: [%s, %s]}}\n", a, a);
    refused(buf_text(&text), "two files for slot a");
    buf_free(&text);
    free(a);
    free(b);
}

static void what_cannot_be_is_refused_by_name(void **state)
{
    (void)state;
    refused("schema: 1\nclaim: c\ngiven: {installed: v1, offered: v22}\n",
        "x.yaml:3:33: image \"v22\" is not known, did you mean \"v2\"?");
    refused("schema: 1\nclaim: c\ngiven: {installed: v2, offered: v2}\n",
        "x.yaml:3:20: installed: a factory-new toy runs v1, not v2");
    refused("schema: 1\nclaim: c\ngiven: {installed: v1, offered: v9}\n", "v9-a.bin");
    refused(HEAD "expect: {version: v3}\n", "x.yaml:4:19: image \"v3\" is not known");
    refused(HEAD "expect: {refused: true}\n", "genuine");
    refused(HEAD "fault: {at: {time: 1s}, do: power-dip}\n",
            "x.yaml:4:8: the bench test cannot do power-dip; it can: power-cut, reset-pin, link-down, serve");
    refused(HEAD "fault: {at: {edge: m0}, do: power-cut}\n", "x.yaml:4:13: the bench test cannot do edge; it can: time");
    refused("schema: 1\nclaim: c\ngiven: {installed: v1, offered: {of: v2, sign: wrong-key}}\n", "x.yaml:3:33: image v2+sign");
    refused("schema: 1\nclaim: c\nmatrix: {o: [v2, {of: v2, mutate: unsign}]}\ngiven: {installed: v1, offered: $o}\n",
        "good and bad images");
    refused(HEAD "matrix: {r: [pin, power-on]}\nexpect: {boot-reason: $r}\n", "differs between combinations");
    refused(HEAD "repeat: 1000000\nmatrix: {p: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]}\nfault: {at: {percent: $p}, do: power-cut}\n",
            "11000000 trials");
}

static void a_check_needs_no_image_file(void **state)
{
    (void)state;
    const char *texts[] = {"x", "schema: 1\nclaim: c\ngiven: {installed: v1, offered: v9}\nfault: {at: {time: 1s}, do: clock}\n",
        NULL};
    struct mistakes m = {0};
    build_with(texts, 1, 0, &bench);
    plan_check(&set, profile, NULL, &m);
    assert_int_equal(m.count, 0);
    plan_check(&set, profile, &bench, &m);
    assert_int_equal(m.count, 1);
    assert_non_null(strstr(buf_text(&m.text), "cannot do clock"));
    mistake_free(&m);
}

/* --- the id --- */

static void the_id_is_of_everything_that_matters(void **state)
{
    (void)state;
    const char *texts[] = {"m", CUT, NULL}, *other[] = {"m", CUT "# a comment\n", NULL};
    char id[65], *path = scratch_path("images/v2-b.bin");
    snprintf(id, sizeof id, "%s", build(texts, 1, 0)->id);
    assert_string_equal(id, build(texts, 1, 0)->id);
    assert_string_not_equal(id, build(texts, 2, 0)->id);
    assert_string_not_equal(id, build(texts, 1, 50)->id);
    assert_string_not_equal(id, build(other, 1, 0)->id);
    struct buf bytes = {0};
    assert_int_equal(file_read(path, 1 << 20, &bytes, NULL), 0);
    bytes.data[100] ^= 1;
    scratch_put_bytes("images/v2-b.bin", bytes.data, bytes.size);
    /* a damaged image is no good update any more, so it may only be offered when something else follows */
    const char *bad[] = {"m", CUT "expect: {eventually: v1}\n", NULL};
    build(bad, 1, 0);
    assert_false(plan->scenario[0].cases[0].offered->genuine);
    assert_string_equal(plan->scenario[0].cases[0].offered->image[1]->cause, "bad-hash");
    snprintf(id, sizeof id, "%s", plan->id);
    bytes.data[100] ^= 3;
    scratch_put_bytes("images/v2-b.bin", bytes.data, bytes.size);
    assert_string_not_equal(id, build(bad, 1, 0)->id);
    bytes.data[100] ^= 2;
    scratch_put_bytes("images/v2-b.bin", bytes.data, bytes.size);
    buf_free(&bytes);
    free(path);
}

static void the_header_has_what_a_later_reader_needs(void **state)
{
    (void)state;
    const char *texts[] = {"m",
        CUT "expect: {version: [v1, v2], eventually: {version: v2, updates: 2}, boot-reason: power-on}\n", NULL};
    build(texts, 123, 0);
    struct json *j = plan_json(plan);
    const struct json *s = json_at(json_get(j, "scenarios"), 0), *x = json_get(s, "expect");
    assert_string_equal(json_str(j, "plan_id"), plan->id);
    assert_string_equal(json_str(j, "seed"), "123");
    assert_int_equal(json_count(json_get(j, "images")), 4);
    assert_string_equal(json_str(json_get(json_get(j, "dut"), "slots") ? json_at(json_get(json_get(j, "dut"), "slots"), 1)
        : NULL, "base"), "0x00020000");
    assert_string_equal(json_str(s, "id"), "m");
    assert_int_equal(json_int(s, "first", 0), 1);
    assert_int_equal(json_int(s, "trials", 0), 100);
    assert_string_equal(json_value_str(json_at(json_get(x, "versions"), 1)), "2.0.0");
    assert_string_equal(json_str(json_get(x, "eventually"), "version"), "2.0.0");
    assert_int_equal(json_int(json_get(x, "eventually"), "updates", 0), 2);
    assert_string_equal(json_str(s, "faults"), "power-cut at random-flash-op during any");
    json_free(j);
}

static int close_all(void **state)
{
    clear();
    return scratch_close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trial_depends_on_seed_scenario_and_number_alone),
        cmocka_unit_test(a_further_fault_never_shifts_the_draws_of_the_others),
        cmocka_unit_test(draws_stay_in_their_range_and_fill_it),
        cmocka_unit_test(a_pick_reaches_both_ends_and_nothing_else),
        cmocka_unit_test(faults_resolve_with_their_defaults),
        cmocka_unit_test(every_combination_gets_its_share),
        cmocka_unit_test(asked_for_trials_are_shared_out_exactly),
        cmocka_unit_test(a_trial_outside_the_plan_is_refused),
        cmocka_unit_test(images_are_loaded_spoilt_and_verified),
        cmocka_unit_test(files_find_their_slot_by_their_address),
        cmocka_unit_test(what_cannot_be_is_refused_by_name),
        cmocka_unit_test(a_check_needs_no_image_file),
        cmocka_unit_test(the_id_is_of_everything_that_matters),
        cmocka_unit_test(the_header_has_what_a_later_reader_needs),
    };
    return cmocka_run_group_tests(tests, world, close_all);
}
