/* SPDX-License-Identifier: GPL-3.0-or-later
 * The language of scenarios: what SCENARIOS promises is read, and every mistake has its place and the nearest right word. */
#include "tests/scratch.h"

#include "cmd/words.h"
#include "base/value.h"
#include "server/server.h"

#define MS UINT64_C(1000000)
#define HEAD "schema: 1\nclaim: A claim.\ngiven: {installed: v1, offered: v2}\n" /* three lines */

static struct mistakes mistakes;
static struct scenario *scenario;

/* Reads text as scenarios/x.yaml; NULL with mistakes. */
static struct scenario *load(const char *text)
{
    scenario_free(scenario);
    mistake_free(&mistakes);
    scratch_put("scenarios/x.yaml", text);
    char *path = scratch_path("scenarios/x.yaml");
    scenario = scenario_load(path, NULL, &words_scenario, &mistakes);
    free(path);
    return scenario;
}

static struct scenario *good(const char *text)
{
    if (!load(text))
        fail_msg("%s", buf_text(&mistakes.text));
    return scenario;
}

/* The mistakes hold "x.yaml:PLACE: …why…" in one line. */
static void told(const char *place, const char *why)
{
    struct buf text = {0};
    buf_str(&text, buf_text(&mistakes.text));
    for (char *line = strtok(text.data, "\n"); line; line = strtok(NULL, "\n")) {
        const char *at = strstr(line, "x.yaml:");
        if (at && strncmp(at + 7, place, strlen(place)) == 0 && at[7 + strlen(place)] == ':' && strstr(line, why)) {
            buf_free(&text);
            return;
        }
    }
    buf_free(&text);
    fail_msg("expected %s: … %s, got:\n%s", place, why, buf_text(&mistakes.text));
}

/* The @ in text stands before what is wrong, and is taken out. */
static void wrong(const char *text, const char *why)
{
    struct buf clean = {0};
    char place[32];
    const char *mark = strchr(text, '@');
    unsigned line = 1, column = 1;
    for (const char *p = text; p < mark; p++) {
        column = *p == '\n' ? 1 : column + 1;
        line += *p == '\n';
    }
    buf_add(&clean, text, (size_t)(mark - text));
    buf_str(&clean, mark + 1);
    snprintf(place, sizeof place, "%u:%u", line, column);
    assert_null(load(buf_text(&clean)));
    buf_free(&clean);
    told(place, why);
}

static const struct scenario_fault *fault(const char *one)
{
    struct buf text = {0};
    buf_printf(&text, HEAD "fault: %s\n", one);
    good(buf_text(&text));
    buf_free(&text);
    return &scenario->cases[0].fault[0];
}

static void wrong_fault(const char *one, const char *why)
{
    struct buf text = {0};
    buf_printf(&text, HEAD "fault: %s\n", one);
    wrong(buf_text(&text), why);
    buf_free(&text);
}

/* --- what is there --- */

static void the_example_of_the_language_reads_as_it_says(void **state)
{
    (void)state;
    good("schema: 1\n"
         "claim: Power cut at any moment of an update leaves a device that boots, and the next update succeeds.\n"
         "tags: [power, release-gate]\n"
         "given:   {installed: v1, offered: v2}\n"
         "repeat:  1000\n"
         "fault:\n"
         "  - at:  {random: flash-op, during: update}\n"
         "    do:  power-cut\n"
         "    off: {random: [20ms, 5s]}\n"
         "expect:\n"
         "  version:    [v1, v2]\n"
         "  eventually: {version: v2, updates: 2}\n"
         "  boot-reason: power-on\n");
    const struct scenario_case *c = &scenario->cases[0];
    const struct scenario_fault *f = &c->fault[0];
    assert_string_equal(scenario->id, "x");
    assert_int_equal(scenario->repeat, 1000);
    assert_int_equal(scenario->tags, 2);
    assert_string_equal(scenario->tag[1], "release-gate");
    assert_int_equal(scenario->count, 1);
    assert_int_equal(c->faults, 1);
    assert_int_equal(f->at.at, SCENARIO_AT_RANDOM_OP);
    assert_int_equal(f->at.phase, SCENARIO_UPDATE);
    assert_string_equal(f->does->name, "power-cut");
    assert_true(f->value[0].random);
    assert_int_equal(f->value[0].low, 20 * MS);
    assert_int_equal(f->value[0].high, 5000 * MS);
    assert_int_equal(c->expect.versions, 2);
    assert_string_equal(c->expect.version[1].text, "v2");
    assert_string_equal(c->expect.eventually.text, "v2");
    assert_int_equal(c->expect.updates, 2);
    assert_string_equal(c->expect.boot_reason, "power-on");
    assert_true(c->expect.final_cycle);
    assert_int_equal(strlen(scenario->sha256), 64);
}

static void what_is_not_said_has_its_default(void **state)
{
    (void)state;
    good(HEAD);
    assert_int_equal(scenario->repeat, 1);
    assert_int_equal(scenario->cases[0].faults, 0);
    assert_false(scenario->cases[0].expect.refused);
    assert_null(scenario->cases[0].expect.eventually.text);
    const struct scenario_fault *f = fault("{at: {time: 2.5s}, do: power-cut}");
    assert_int_equal(f->value[0].low, 1000 * MS);
    assert_false(f->value[0].given);
    f = fault("{at: {random: byte}, do: link-down}");
    assert_int_equal(f->at.phase, SCENARIO_ANY);
    assert_int_equal(f->value[0].low, 5000 * MS);
}

static void every_trigger_reads(void **state)
{
    (void)state;
    static const struct { const char *text; enum scenario_at at; uint64_t number; } triggers[] = {
        {"{time: 2.5s}", SCENARIO_AT_TIME, 2500 * MS},
        {"{random: time, during: any}", SCENARIO_AT_RANDOM_TIME, 0},
        {"{random: flash-op, during: write}", SCENARIO_AT_RANDOM_OP, 0},
        {"{random: byte, during: download}", SCENARIO_AT_RANDOM_BYTE, 0},
        {"{random: boot, during: update}", SCENARIO_AT_RANDOM_BOOT, 0},
        {"{percent: 60}", SCENARIO_AT_PERCENT, 6000},
        {"{byte: 4KiB}", SCENARIO_AT_BYTE, 4096},
        {"{event: update.verified, delay: 3ms, occurrence: 2}", SCENARIO_AT_EVENT, 0},
        {"{flash-op: 137, outcome: torn-2}", SCENARIO_AT_OP, 137},
        {"{edge: marker0, delay: 40us}", SCENARIO_AT_EDGE, 0},
        {"{every: 300ms, times: 4}", SCENARIO_AT_EVERY, 300 * MS},
        {"{boot: 2}", SCENARIO_AT_BOOT, 2},
        {"{request: 2, path: /image}", SCENARIO_AT_REQUEST, 2},
    };
    for (size_t i = 0; i < sizeof triggers / sizeof *triggers; i++) {
        char text[160];
        snprintf(text, sizeof text, "{at: %s, do: power-cut}", triggers[i].text);
        const struct scenario_fault *f = fault(text);
        assert_int_equal(f->at.at, triggers[i].at);
        if (triggers[i].number)
            assert_int_equal(f->at.number.low, triggers[i].number);
    }
    const struct scenario_trigger *t = &fault("{at: {event: update.verified, delay: 3ms, occurrence: 2}, do: power-cut}")->at;
    assert_string_equal(t->event, "update.verified");
    assert_int_equal(t->delay.low, 3 * MS);
    assert_int_equal(t->occurrence, 2);
    t = &fault("{at: {flash-op: 137, outcome: torn-2}, do: power-cut}")->at;
    assert_string_equal(t->outcome, "torn");
    assert_int_equal(t->torn, 2);
    assert_int_equal(fault("{at: {every: 300ms, times: 4}, do: power-cut}")->at.times, 4);
    assert_string_equal(fault("{at: {request: 2, path: /image}, do: reset-pin}")->at.path, "/image");
    t = &fault("{at: {flash-op: {random: [1, 500]}}, do: power-cut}")->at;
    assert_true(t->number.random && t->number.low == 1 && t->number.high == 500);
}

/* The examples in the tables are what `otarig list` shows people: each must read. */
static void every_example_of_the_tables_reads(void **state)
{
    (void)state;
    const struct option_owner *o;
    char text[512];
    for (size_t i = 0; (o = scenario_fault_kind(i)); i++)
        assert_string_equal(fault(o->example)->does->name, o->name);
    for (size_t i = 0; (o = scenario_trigger_kind(i)); i++) {
        snprintf(text, sizeof text, "{at: %s, do: power-cut}", o->example);
        assert_int_equal(fault(text)->at.at, i);
    }
    for (size_t i = 0; (o = server_attack(i)); i++) {
        snprintf(text, sizeof text, "{at: {request: 1}, %s", o->example + 1);
        assert_ptr_equal(fault(text)->attack, o);
    }
    for (size_t i = 0; (o = image_mutation_row(i)); i++) {
        snprintf(text, sizeof text, "schema: 1\nclaim: c\ngiven: {installed: v1, offered: %s}\n", o->example);
        good(text);
        assert_int_equal(scenario->cases[0].offered.mutations, 1);
        assert_ptr_equal(scenario->cases[0].offered.mutation[0].row, o);
    }
}

static void defaults_read(const struct option_owner *o)
{
    for (size_t i = 0; o->options && o->options[i].name; i++) {
        const struct option_row *row = &o->options[i];
        struct buf why = {0};
        uint64_t number;
        const char *word;
        if (row->otherwise && !value_read(row, row->otherwise, &number, &word, &why))
            fail_msg("%s: default of %s: %s", o->name, row->name, buf_text(&why));
        buf_free(&why);
    }
}

static void every_default_of_the_tables_reads(void **state)
{
    (void)state;
    for (size_t i = 0; scenario_fault_kind(i); i++)
        defaults_read(scenario_fault_kind(i));
    for (size_t i = 0; scenario_trigger_kind(i); i++)
        defaults_read(scenario_trigger_kind(i));
    for (size_t i = 0; server_attack(i); i++)
        defaults_read(server_attack(i));
    for (size_t i = 0; image_mutation_row(i); i++)
        defaults_read(image_mutation_row(i));
    for (size_t i = 0; words_bench.driver(i); i++)
        defaults_read(&words_bench.driver(i)->owner);
}

static void an_attack_brings_its_own_options(void **state)
{
    (void)state;
    const struct scenario_fault *f = fault("{at: {request: 2, path: /image}, do: serve, attack: truncate, at-byte: 40000, times: 2}");
    size_t i = 0;
    assert_string_equal(f->attack->name, "truncate");
    while (strcmp(f->attack->options[i].name, "at-byte") != 0)
        i++;
    assert_int_equal(f->attack_value[i].low, 40000);
    assert_true(f->attack_value[i].given);
    assert_int_equal(f->value[1].low, 2);
}

static void faults_after_a_boot_hit_the_recovery(void **state)
{
    (void)state;
    good(HEAD "fault:\n"
              "  - at: {random: flash-op}\n"
              "    do: power-cut\n"
              "    after-boot:\n"
              "      - {at: {time: 10ms}, do: power-cut}\n"
              "      - {at: {boot: 1}, do: reset-pin}\n"
              "  - after-boot: {at: {every: 20ms}, do: power-cut}\n");
    const struct scenario_case *c = &scenario->cases[0];
    assert_int_equal(c->faults, 4);
    assert_false(c->fault[0].in_recovery);
    assert_true(c->fault[1].in_recovery && c->fault[2].in_recovery && c->fault[3].in_recovery);
    assert_string_equal(c->fault[2].does->name, "reset-pin");
}

static void an_image_is_a_name_a_file_or_a_mutation(void **state)
{
    (void)state;
    good("schema: 1\nclaim: c\ngiven: {installed: v1, offered: {of: v2, mutate: flip-bits, count: 3, variant: 7}}\n");
    const struct scenario_image *image = &scenario->cases[0].offered;
    assert_string_equal(image->name, "v2");
    assert_string_equal(image->mutation[0].row->name, "flip-bits");
    assert_int_equal(image->mutation[0].value[0].number, 3);
    assert_int_equal(image->variant, 7);
    assert_string_equal(image->text, "v2+flip-bits(count=3)#7");
    good("schema: 1\nclaim: c\ngiven: {installed: v1, offered: {of: v2, truncate: 60%, header: {magic: 0}}}\n");
    image = &scenario->cases[0].offered;
    assert_int_equal(image->mutations, 2);
    assert_int_equal(image->mutation[0].value[0].number, 6000);
    assert_string_equal(image->mutation[1].row->name, "header");
    /* too much for a percentage: bytes */
    good("schema: 1\nclaim: c\ngiven: {installed: v1, offered: {of: v2, truncate: 4096}}\n");
    assert_true(scenario->cases[0].offered.mutation[0].value[1].given);
    assert_int_equal(scenario->cases[0].offered.mutation[0].value[1].number, 4096);
    good("schema: 1\nclaim: c\ngiven: {installed: v1, offered: {of: v2, mutate: [unsign, {counter: 0}]}}\n");
    assert_int_equal(scenario->cases[0].offered.mutations, 2);
    good("schema: 1\nclaim: c\ngiven: {installed: v1, offered: ../other/fw.bin}\n");
    char *path = scratch_path("scenarios/../other/fw.bin");
    assert_string_equal(scenario->cases[0].offered.file[0], path);
    free(path);
}

/* --- mistakes --- */

static void a_mistake_in_the_head_has_its_place_and_the_right_word(void **state)
{
    (void)state;
    wrong("schema: 1\n@clam: x\ngiven: {installed: v1, offered: v2}\n", "did you mean \"claim\"?");
    told("1:1", "\"claim\" is missing");
    wrong("schema: @2\nclaim: c\ngiven: {installed: v1, offered: v2}\n", "too large");
    wrong("@schema: 1\nclaim: c\n", "\"given\" is missing");
    wrong("schema: 1\nclaim: c\ngiven: @{installed: v1}\n", "\"offered\" is missing");
    wrong("schema: 1\nclaim: c\ngiven: @v1\n", "expected a map");
    wrong("schema: 1\nclaim: @[a]\ngiven: {installed: v1, offered: v2}\n", "expected a single value, found a list");
    wrong(HEAD "repeat: @0\n", "too small");
    wrong(HEAD "repeat: @many\n", "expected a whole number");
    wrong(HEAD "tags: @{a: b}\n", "tags");
}

static void a_mistake_in_a_fault_has_its_place_and_the_right_word(void **state)
{
    (void)state;
    wrong_fault("{at: {time: 1s}, do: @power-cutt}", "did you mean \"power-cut\"?");
    wrong_fault("{at: {time: 1s}, do: power-cut, @of: 1s}", "did you mean \"off\"?");
    wrong_fault("{at: {time: 1s}, do: power-cut, off: @20}", "the unit is missing");
    wrong_fault("{at: {time: 1s}, do: power-cut, off: @20 mss}", "did you mean \"ms\"?");
    wrong_fault("{at: {time: 1s}, do: power-cut, off: {random: @[5s, 20ms]}}", "lower end");
    wrong_fault("{at: {time: 1s}, do: power-cut, off: @{randm: [5s, 20ms]}}", "{random: [low, high]}");
    wrong_fault("{at: {time: 1s}, do: power-cut, off: @{random: [5s]}}", "{random: [low, high]}");
    wrong_fault("{at: {random: @flash-ops}, do: power-cut}", "did you mean \"flash-op\"?");
    wrong_fault("{at: {random: flash-op, during: @writing}, do: power-cut}", "did you mean \"write\"?");
    wrong_fault("{at: {@tim: 1s}, do: power-cut}", "did you mean \"time\"?");
    wrong_fault("{at: {time: 1s, @percent: 4}, do: power-cut}", "one trigger only");
    wrong_fault("{at: {time: 1s, @occurence: 4}, do: power-cut}", "not known");
    wrong_fault("{at: @{}, do: power-cut}", "a trigger is missing");
    wrong_fault("{at: @1s, do: power-cut}", "expected a map");
    wrong_fault("{at: {event: @update.verifed}, do: power-cut}", "did you mean \"update.verified\"?");
    wrong_fault("{at: {flash-op: 3, outcome: @tron}, do: power-cut}", "did you mean \"torn\"?");
    wrong_fault("{at: {flash-op: 3, outcome: @torn-99}, do: power-cut}", "1 to 64");
    wrong_fault("{at: @{flash-op: 3, outcome: ecc}, do: reset-pin}", "only a power-cut");
    wrong_fault("{at: {percent: @120}, do: power-cut}", "too large");
    wrong_fault("@{do: power-cut}", "\"at\" is missing");
    wrong_fault("@{at: {time: 1s}}", "\"do\" is missing");
    wrong_fault("@{at: {time: 1s}, do: serve}", "\"attack\" is missing");
    wrong_fault("{at: {time: 1s}, do: serve, attack: @truncat}", "did you mean \"truncate\"?");
    wrong_fault("{at: {time: 1s}, do: serve, attack: truncate, @at-bite: 4}", "did you mean \"at-byte\"?");
    wrong_fault("[@x]", "expected a map");
    wrong_fault("{at: {time: 1s}, do: power-cut, after-boot: [{@after-boot: [], at: {time: 1s}, do: power-cut}]}", "no meaning");
}

static void a_mistake_in_expectations_has_its_place(void **state)
{
    (void)state;
    wrong(HEAD "expect: {@versoin: v1}\n", "did you mean \"version\"?");
    wrong(HEAD "expect: {boot-reason: @poweron}\n", "did you mean \"power-on\"?");
    wrong(HEAD "expect: {eventually: @{updates: 2}}\n", "\"version\" is missing");
    wrong(HEAD "expect: {refused: true, cause: @\"bad-(hash\"}\n", "regular expression");
    wrong(HEAD "expect: {refused: true, cause: @\"a{1300}\"}\n", "multiply");
    wrong(HEAD "expect: @{cause: bad-hash}\n", "refused: true");
    wrong(HEAD "fault: {at: {time: 1s}, do: power-cut}\nexpect: @{cause: bad-hash}\n", "refused: true");
    good(HEAD "fault: {at: {time: 1s}, do: link-down}\nexpect: {cause: timeout}\n");
    wrong(HEAD "expect: {final-cycle: @perhaps}\n", "true or false");
    wrong(HEAD "waive: {@L99: \"worn out on purpose\"}\n", "L99");
    wrong(HEAD "waive: {@R1: \"no rail to measure here\"}\n", "cannot be waived");
    wrong(HEAD "waive: {L4: @no}\n", "reason in words");
    good(HEAD "waive: {L4: \"the slot is worn out on purpose\"}\n");
    assert_string_equal(scenario->cases[0].expect.waive[0].law, "L4");
}

static void a_mistake_in_an_image_has_its_place(void **state)
{
    (void)state;
    wrong("schema: 1\nclaim: c\ngiven: {installed: v1, offered: {of: v2, mutate: @flip-bit}}\n", "did you mean \"flip-bits\"?");
    wrong("schema: 1\nclaim: c\ngiven: {installed: v1, offered: {of: v2, mutate: flip-bits, @cont: 3}}\n", "did you mean");
    wrong("schema: 1\nclaim: c\ngiven: {installed: v1, offered: {of: v2, @trunkate: 60%}}\n", "did you mean \"truncate\"?");
    wrong("schema: 1\nclaim: c\ngiven: {installed: v1, offered: @{truncate: 60%}}\n", "\"of\" is missing");
    wrong("schema: 1\nclaim: c\ngiven: {installed: v1, offered: {of: v2, header: {@magik: 0}}}\n", "did you mean \"magic\"?");
    wrong("schema: 1\nclaim: c\ngiven: {installed: v1, offered: @{of: v2, file: x.bin}}\n", "not both");
}

static const char *only_v1_and_v2(const void *ctx, size_t i)
{
    (void)ctx;
    return i < 2 ? (const char *const[]){"v1", "v2"}[i] : NULL;
}

static void names_of_images_are_checked_where_the_profile_is_known(void **state)
{
    (void)state;
    struct scenario_words words = words_scenario;
    struct mistakes m = {0};
    char *path = scratch_path("scenarios/x.yaml");
    words.image = only_v1_and_v2;
    scratch_put("scenarios/x.yaml", "schema: 1\nclam: c\ngiven: {installed: v1, offered: v22}\nexpect: {version: v3, eventually: v1}\n");
    assert_null(scenario_load(path, NULL, &words, &m));
    assert_non_null(strstr(buf_text(&m.text), "x.yaml:3:33: image \"v22\" is not known, did you mean \"v2\"?"));
    assert_non_null(strstr(buf_text(&m.text), "x.yaml:4:19: image \"v3\""));
    assert_int_equal(m.count, 4); /* and claim is missing, clam unknown */
    mistake_free(&m);
    free(path);
}

static void all_mistakes_of_a_file_are_told_at_once(void **state)
{
    (void)state;
    assert_null(load("schema: 1\nclam: c\ngiven: {installed: v1, offerd: v2}\nrepeat: -3\nfault: {at: {time: 1}, do: power-cut}\n"));
    told("2:1", "claim");
    told("3:24", "offered");
    told("4:9", "negative");
    told("5:20", "unit");
    assert_int_equal(mistakes.count, 6); /* and that claim and offered are missing */
}

/* --- matrix --- */

static void axes_are_crossed_and_put_in(void **state)
{
    (void)state;
    good(HEAD "matrix: {percent: [10, 50, 90], gap: [2s, 15s]}\n"
              "fault: {at: {percent: $percent}, do: link-down, for: $gap}\n");
    static const uint64_t percents[] = {1000, 5000, 9000};
    assert_int_equal(scenario->count, 6);
    for (size_t i = 0; i < 6; i++) {
        const struct scenario_fault *f = &scenario->cases[i].fault[0];
        assert_int_equal(f->at.number.low, percents[i / 2]);
        assert_int_equal(f->value[0].low, (i % 2 ? 15000 : 2000) * MS);
        assert_string_equal(scenario->cases[i].value[1], i % 2 ? "15s" : "2s");
    }
    good("schema: 1\nclaim: c\nmatrix: {o: [v2, {of: v2, truncate: 10%}]}\ngiven: {installed: v1, offered: $o}\n");
    assert_int_equal(scenario->cases[0].offered.mutations, 0);
    assert_int_equal(scenario->cases[1].offered.mutations, 1);
    good(HEAD "matrix: {n: [1, 2]}\nexpect: {refused: true, cause: \"^a-$n-$|b$\"}\n");
    assert_string_equal(scenario->cases[1].expect.cause, "^a-2-$|b$");
}

static void a_mistake_in_the_matrix_has_its_place(void **state)
{
    (void)state;
    wrong(HEAD "matrix: {percent: [10]}\nfault: {at: {percent: @$percnt}, do: power-cut}\n", "did you mean \"percent\"?");
    wrong(HEAD "matrix: {percent: [10, @200]}\nfault: {at: {percent: $percent}, do: power-cut}\n", "too large");
    wrong(HEAD "matrix: {@percent: [10]}\nfault: {at: {percent: 10}, do: power-cut}\n", "nothing uses $percent");
    wrong(HEAD "matrix: {percent: @10}\nfault: {at: {percent: $percent}, do: power-cut}\n", "list of values");
    wrong(HEAD "fault: {at: {percent: @$percent}, do: power-cut}\n", "axis");
    struct buf text = {0};
    buf_str(&text, HEAD "matrix: {a: [");
    for (int i = 0; i < 20; i++)
        buf_printf(&text, "%s%d", i ? ", " : "", i + 1);
    buf_str(&text, "], b: @[1s,2s,3s,4s,5s,6s,7s,8s,9s,10s,11s,12s,13s]}\nfault: {at: {boot: $a, delay: $b}, do: power-cut}\n");
    wrong(buf_text(&text), "more than 256 combinations");
    buf_free(&text);
}

/* --- include --- */

static void included_keys_are_defaults(void **state)
{
    (void)state;
    scratch_put("scenarios/common/base.yaml", "schema: 1\nclaim: From below.\nrepeat: 7\ngiven: {installed: v1, offered: v2}\n"
                                              "expect: {version: v1, refused: true}\n");
    good("include: common/base.yaml\nclaim: Its own.\ngiven: {offered: v3}\nexpect: {version: v2}\n");
    assert_string_equal(scenario->claim, "Its own.");
    assert_int_equal(scenario->repeat, 7);
    assert_string_equal(scenario->cases[0].installed.name, "v1");
    assert_string_equal(scenario->cases[0].offered.name, "v3");
    assert_true(scenario->cases[0].expect.refused);
    assert_int_equal(scenario->cases[0].expect.versions, 1);
    assert_string_equal(scenario->cases[0].expect.version[0].text, "v2");
    scratch_put("scenarios/common/more.yaml", "repeat: 9\n");
    good("include: [common/base.yaml, common/more.yaml]\n"); /* later ones override earlier ones */
    assert_int_equal(scenario->repeat, 9);
}

static void what_is_included_is_part_of_the_hash(void **state)
{
    (void)state;
    char before[65];
    scratch_put("scenarios/common/base.yaml", HEAD);
    snprintf(before, sizeof before, "%s", good("include: common/base.yaml\n")->sha256);
    scratch_put("scenarios/common/base.yaml", HEAD "repeat: 2\n");
    assert_string_not_equal(before, good("include: common/base.yaml\n")->sha256);
}

static void an_include_never_leads_out_of_the_scenarios_folder(void **state)
{
    (void)state;
    scratch_put("outside.yaml", HEAD);
    wrong("include: @../outside.yaml\n", "leads out of the scenarios folder");
    char *link = scratch_path("scenarios/link.yaml"), *target = scratch_path("outside.yaml");
    assert_int_equal(symlink(target, link), 0);
    wrong("include: @link.yaml\n", "leads out of the scenarios folder");
    wrong("include: @/etc/hostname\n", "relative");
    wrong("include: @nowhere.yaml\n", "No such file");
    wrong("include: @{a: b}\n", "expected a file or a list of files");
    unlink(link);
    free(link);
    free(target);
}

static void a_circle_of_includes_is_told_with_its_way(void **state)
{
    (void)state;
    scratch_put("scenarios/a.yaml", "include: b.yaml\n");
    scratch_put("scenarios/b.yaml", "include: x.yaml\n");
    assert_null(load("include: a.yaml\n"));
    const char *text = buf_text(&mistakes.text);
    assert_non_null(strstr(text, "scenarios/b.yaml:1:10"));
    const char *x = strstr(text, "x.yaml → "), *a = x ? strstr(x, "a.yaml → ") : NULL, *b = a ? strstr(a, "b.yaml → ") : NULL;
    assert_non_null(b ? strstr(b, "x.yaml\n") : NULL);
}

/* --- sets --- */

static void a_folder_is_read_by_path_and_common_is_for_include(void **state)
{
    (void)state;
    scratch_put("set/scenarios/b/two.yaml", HEAD);
    scratch_put("set/scenarios/a/one.yaml", HEAD);
    scratch_put("set/scenarios/common/part.yaml", "repeat: 2\n");
    char *folder = scratch_path("set/scenarios"), *file = scratch_path("set/scenarios/a/one.yaml");
    char *paths[] = {folder, file};
    struct scenario_set set;
    struct mistakes m = {0};
    assert_int_equal(scenario_set_load(&set, paths, 2, &words_scenario, &m), 0);
    assert_int_equal(set.count, 2); /* the file named twice counts once */
    assert_string_equal(set.item[0]->id, "a/one");
    assert_string_equal(set.item[1]->id, "b/two");
    scenario_set_free(&set);
    scratch_put("set/scenarios/b/two.yaml", "schema: 1\n");
    scratch_put("set/scenarios/a/one.yaml", "schema: 1\n");
    assert_int_equal(scenario_set_load(&set, paths, 1, &words_scenario, &m), RIG_EINPUT);
    assert_int_equal(set.count, 0);
    assert_int_equal(m.count, 4); /* of both files */
    scenario_set_free(&set);
    mistake_free(&m);
    free(folder);
    free(file);
}

static void every_scenario_of_the_house_reads(void **state)
{
    (void)state;
    char *paths[] = {(char[]){"scenarios"}};
    struct scenario_set set;
    struct mistakes m = {0};
    scenario_set_load(&set, paths, 1, &words_scenario, &m);
    if (m.count)
        fail_msg("%s", buf_text(&m.text));
    assert_true(set.count >= 12);
    scenario_set_free(&set);
    mistake_free(&m);
}

static int close_all(void **state)
{
    scenario_free(scenario);
    mistake_free(&mistakes);
    return scratch_close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_language_reads_as_it_says),
        cmocka_unit_test(what_is_not_said_has_its_default),
        cmocka_unit_test(every_trigger_reads),
        cmocka_unit_test(every_example_of_the_tables_reads),
        cmocka_unit_test(every_default_of_the_tables_reads),
        cmocka_unit_test(an_attack_brings_its_own_options),
        cmocka_unit_test(faults_after_a_boot_hit_the_recovery),
        cmocka_unit_test(an_image_is_a_name_a_file_or_a_mutation),
        cmocka_unit_test(a_mistake_in_the_head_has_its_place_and_the_right_word),
        cmocka_unit_test(a_mistake_in_a_fault_has_its_place_and_the_right_word),
        cmocka_unit_test(a_mistake_in_expectations_has_its_place),
        cmocka_unit_test(a_mistake_in_an_image_has_its_place),
        cmocka_unit_test(names_of_images_are_checked_where_the_profile_is_known),
        cmocka_unit_test(all_mistakes_of_a_file_are_told_at_once),
        cmocka_unit_test(axes_are_crossed_and_put_in),
        cmocka_unit_test(a_mistake_in_the_matrix_has_its_place),
        cmocka_unit_test(included_keys_are_defaults),
        cmocka_unit_test(what_is_included_is_part_of_the_hash),
        cmocka_unit_test(an_include_never_leads_out_of_the_scenarios_folder),
        cmocka_unit_test(a_circle_of_includes_is_told_with_its_way),
        cmocka_unit_test(a_folder_is_read_by_path_and_common_is_for_include),
        cmocka_unit_test(every_scenario_of_the_house_reads),
    };
    return cmocka_run_group_tests(tests, scratch_open, close_all);
}
