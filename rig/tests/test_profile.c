/* SPDX-License-Identifier: GPL-3.0-or-later
 * Device profiles and bench files: the reference device's lines are understood, another firmware needs only another file,
     and what cannot
 * be right is told with its place. */
#include "tests/scratch.h"

#include "base/json.h"
#include "cmd/words.h"
#include "scenario/profile.h"
#include "scenario/schema.h"

static const char reference[] = "fixtures/duts/nucleo-l476rg.yaml";
static struct mistakes mistakes;
static struct profile *profile;

static struct profile *load(const char *path)
{
    profile_free(profile);
    mistake_free(&mistakes);
    return profile = profile_load(path, &mistakes);
}

static struct profile *good(const char *path)
{
    if (!load(path))
        fail_msg("%s", buf_text(&mistakes.text));
    return profile;
}

static struct profile *load_text(const char *text)
{
    scratch_put("p.yaml", text);
    char *path = scratch_path("p.yaml");
    load(path);
    free(path);
    return profile;
}

/* A line's kind and fields as JSON. */
static char *said(const char *line)
{
    struct profile_event ev;
    if (!profile_match(profile, line, &ev))
        return mem_str("nothing");
    struct json *j = json_object();
    json_add_str(j, "kind", ev.kind->name);
    profile_event_add(&ev, j);
    char *text = json_print(j);
    json_free(j);
    return text;
}

static void says(const char *line, const char *expected)
{
    char *text = said(line);
    assert_string_equal(text, expected);
    free(text);
}

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* --- the reference device --- */

static void lines_of_the_reference_device_are_understood(void **state)
{
    (void)state;
    good(reference);
    says("@ota ev=reset reason=power-on csr=0x0c000000", "{\"kind\":\"reset\",\"reason\":\"power-on\"}");
    says("@ota ev=reset reason=window-watchdog csr=0x40000000", "{\"kind\":\"reset\",\"reason\":\"watchdog\"}");
    says("@ota ev=slot slot=a state=valid version=1.0.0 counter=1 digest=" DIGEST,
         "{\"kind\":\"slot\",\"slot\":\"a\",\"state\":\"valid\",\"version\":\"1.0.0\",\"counter\":1,\"digest\":\"" DIGEST "\"}");
    says("@ota ev=slot slot=b state=empty", "{\"kind\":\"slot\",\"slot\":\"b\",\"state\":\"empty\"}");
    says("@ota ev=decision slot=a why=confirmed attempt=0",
        "{\"kind\":\"decision\",\"slot\":\"a\",\"why\":\"confirmed\",\"attempt\":0}");
    says("@ota ev=rollback slot=b version=2.0.0 cause=attempts",
         "{\"kind\":\"rollback\",\"slot\":\"b\",\"version\":\"2.0.0\",\"cause\":\"attempts\"}");
    says("@ota ev=boot slot=a version=1.0.0 digest=" DIGEST " attempt=2 counter=1 confirmed=0",
         "{\"kind\":\"boot\",\"slot\":\"a\",\"version\":\"1.0.0\",\"digest\":\"" DIGEST "\",\"attempt\":2,\"counter\":1,\"confirmed\":false}");
    says("@ota ev=recovery cause=bad-magic", "{\"kind\":\"recovery\",\"cause\":\"bad-magic\"}");
    says("@ota ev=running slot=a version=1.0.0 digest=" DIGEST " reason=power-on confirmed=1",
         "{\"kind\":\"running\",\"slot\":\"a\",\"version\":\"1.0.0\",\"digest\":\"" DIGEST "\",\"reason\":\"power-on\",\"confirmed\":true}");
    says("@ota ev=settings id=D1 name=pump boots=4", "{\"kind\":\"settings\",\"id\":\"D1\",\"name\":\"pump\"}");
    says("@ota ev=resume version=2.0.0 offset=8192", "{\"kind\":\"resume\",\"version\":\"2.0.0\",\"offset\":8192}");
    says("@ota ev=stage stage=started version=2.0.0 offset=0",
        "{\"kind\":\"stage\",\"stage\":\"started\",\"version\":\"2.0.0\",\"offset\":0}");
    says("@ota ev=stage stage=failed version=2.0.0 cause=bad-hash",
         "{\"kind\":\"stage\",\"stage\":\"failed\",\"version\":\"2.0.0\",\"cause\":\"bad-hash\"}");
    says("@ota ev=chunk index=3 offset=16384", "{\"kind\":\"chunk\",\"index\":3,\"offset\":16384}");
    says("@ota ev=retry wait=2000 cause=no-server", "{\"kind\":\"retry\",\"wait\":2000,\"cause\":\"no-server\"}");
    says("@ota ev=fault kind=hard pc=0x08020200 lr=0x0 cfsr=0x0 hfsr=0x0",
        "{\"kind\":\"fault\",\"fault\":\"hard\",\"pc\":\"0x08020200\"}");
}

static void other_lines_are_comments(void **state)
{
    (void)state;
    static const char *const lines[] = {"", "hello", "@ota", "@ota ev=", "@ota ev=unknown x=1", " @ota ev=recovery",
        "@ota ev=boot slot=a",
                                        "@ota ev=chunk index=x offset=1"};
    good(reference);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        says(lines[i], "nothing");
}

static void a_hostile_line_stays_within_its_fields(void **state)
{
    (void)state;
    struct buf line = {0};
    struct profile_event ev;
    good(reference);
    buf_str(&line, "@ota ev=reset reason=");
    for (int i = 0; i < 400; i++)
        buf_char(&line, 'r');
    assert_true(profile_match(profile, buf_text(&line), &ev));
    assert_int_equal(strlen(profile_event_get(&ev, "reason")), sizeof ev.value[0] - 1);
    buf_free(&line);
    says("@ota ev=chunk index=99999999999999999999 offset=1",
        "{\"kind\":\"chunk\",\"index\":\"99999999999999999999\",\"offset\":1}");
}

/* The firmware's memory map is in one place; the rig shares no header with it, so this reads it as text. */
static uint32_t layout(const char *text, const char *name)
{
    char key[64];
    snprintf(key, sizeof key, "#define %s ", name);
    const char *at = strstr(text, key);
    if (!at)
        fail_msg("dut-firmware/shared/layout.h has no %s", name);
    return at ? (uint32_t)strtoul(at + strlen(key), NULL, 0) : 0;
}

static void the_profile_has_the_memory_map_of_the_firmware(void **state)
{
    (void)state;
    static const struct { const char *name, *macro; } regions[] = {{"boot", "LAYOUT_BOOT"}, {"log", "LAYOUT_LOG"},
                                                                    {"settings", "LAYOUT_SETTINGS"}, {"download", "LAYOUT_DOWNLOAD"},
                                                                    {"keys", "LAYOUT_KEYS"}, {"fresh", "LAYOUT_FRESH"}};
    struct buf text = {0};
    struct err e = {0};
    char macro[64];
    assert_int_equal(file_read("dut-firmware/shared/layout.h", 1 << 20, &text, &e), 0);
    good(reference);
    assert_int_equal(profile->regions, sizeof regions / sizeof *regions);
    for (size_t i = 0; i < profile->regions; i++) {
        assert_string_equal(profile->region[i].name, regions[i].name);
        snprintf(macro, sizeof macro, "%s_BASE", regions[i].macro);
        assert_int_equal(profile->region[i].base, layout(buf_text(&text), macro));
        snprintf(macro, sizeof macro, "%s_SIZE", regions[i].macro);
        assert_int_equal(profile->region[i].size, layout(buf_text(&text), macro));
    }
    assert_int_equal(profile->slots, layout(buf_text(&text), "LAYOUT_SLOTS"));
    assert_int_equal(profile->slot[0].base, layout(buf_text(&text), "LAYOUT_SLOT_A_BASE"));
    assert_int_equal(profile->slot[1].base, layout(buf_text(&text), "LAYOUT_SLOT_B_BASE"));
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(profile->slot[i].size, layout(buf_text(&text), "LAYOUT_SLOT_SIZE"));
    snprintf(macro, sizeof macro, "\"%s\"", profile->hardware);
    assert_non_null(strstr(buf_text(&text), macro));
    buf_free(&text);
}

static void addresses_are_found_in_their_slot_or_region(void **state)
{
    (void)state;
    good(reference);
    assert_string_equal(profile_slot_at(profile, 0x08020000)->name, "a");
    assert_string_equal(profile_slot_at(profile, 0x0807ffff)->name, "a");
    assert_string_equal(profile_slot_at(profile, 0x08080000)->name, "b");
    assert_null(profile_slot_at(profile, 0x0801ffff));
    assert_null(profile_slot_at(profile, 0x080e0000));
    assert_string_equal(profile_region_at(profile, 0x08010fff)->name, "log");
    assert_null(profile_region_at(profile, 0x20000000));
}

static void the_reference_device_can_show_every_law(void **state)
{
    (void)state;
    const char *law[PROFILE_LAWS];
    good(reference);
    assert_int_equal(profile_laws(profile, law), 14);
}

/* --- another firmware --- */

#define MCUBOOT \
    "schema: 1\nname: board\nhardware: board\nchip: any\n" \
    "memory:\n  regions: {name: boot, base: 0, size: 48KiB, class: boot}\n" \
    "  slots:\n    - {name: '0', base: 0x10000, size: 128KiB}\n    - {name: '1', base: 0x30000, size: 128KiB}\n" \
    "factory: {installed: old, flash: {file: f.bin, at: 0}}\n" \
    "images:\n  old: {version: 1.2.3, '0': a.bin}\n" \
    "deadlines: {boot: 1s, update: 1m, confirm: 1m}\n" \
    "console:\n  uart: 1\n  patterns:\n" \
    "    - {kind: reset, match: 'rst:0x[0-9a-f]+ \\((?<reason>[A-Z0-9_]+)\\)'}\n" \
    "    - {kind: slot, match: '(I|<inf> mcuboot): Image version: v(?<version>[0-9.]+)', set: {slot: '0', state: readable}}\n" \
    "    - {kind: boot, match: '(I|<inf> mcuboot): Jumping to the first image slot', set: {slot: '0'}}\n" \
    "    - {kind: recovery, match: 'E: Unable to find bootable image', set: {cause: no-image}}\n" \
    "    - {kind: running, match: '^\\*\\*\\* Booting Zephyr OS build (?<version>\\S+)'}\n" \
    "reasons: {POWERON_RESET: power-on, SW_RESET: software}\n"

static void another_firmware_needs_only_a_profile(void **state)
{
    (void)state;
    const char *law[PROFILE_LAWS];
    if (!load_text(MCUBOOT))
        fail_msg("%s", buf_text(&mistakes.text));
    says("rst:0x1 (POWERON_RESET),boot:0x13", "{\"kind\":\"reset\",\"reason\":\"power-on\"}");
    says("rst:0x7 (TG0WDT_SYS_RESET),boot:0x13", "{\"kind\":\"reset\",\"reason\":\"TG0WDT_SYS_RESET\"}");
    says("[00:00:00.005,000] <inf> mcuboot: Image version: v1.2.3",
         "{\"kind\":\"slot\",\"slot\":\"0\",\"state\":\"readable\",\"version\":\"1.2.3\"}");
    says("I: Jumping to the first image slot", "{\"kind\":\"boot\",\"slot\":\"0\"}");
    says("E: Unable to find bootable image", "{\"kind\":\"recovery\",\"cause\":\"no-image\"}");
    says("*** Booting Zephyr OS build v3.5.0 ***", "{\"kind\":\"running\",\"version\":\"v3.5.0\"}");
    size_t laws = profile_laws(profile, law);
    assert_int_equal(laws, 7); /* L1 L2 L6 L8 L11 R1 R2: no digest, counter, confirmation, chunks, settings, telemetry */
    assert_string_equal(law[0], "L1");
    assert_string_equal(law[2], "L6");
    assert_int_equal(profile->attempts, 3);
    assert_int_equal(profile->deadline.settle_ms, 2000);
    assert_int_equal(profile->console.baud, 115200);
    assert_int_equal(profile->update.chunk, 4096);
    assert_int_equal(profile->network.uart, 0);
}

/* --- mistakes --- */

/* The example with one text replaced; the @ in the new one stands before what is wrong. */
static void wrong(const char *was, const char *is, const char *why)
{
    struct buf text = {0};
    char place[32];
    const char *at = strstr(MCUBOOT, was), *mark = strchr(is, '@');
    assert_true(at && mark);
    buf_add(&text, MCUBOOT, (size_t)(at - MCUBOOT));
    buf_add(&text, is, (size_t)(mark - is));
    unsigned line = 1, column = 1;
    for (size_t i = 0; i < text.size; i++) {
        column = text.data[i] == '\n' ? 1 : column + 1;
        line += text.data[i] == '\n';
    }
    buf_str(&text, mark + 1);
    buf_str(&text, at + strlen(was));
    assert_null(load_text(buf_text(&text)));
    buf_free(&text);
    snprintf(place, sizeof place, "p.yaml:%u:%u: ", line, column);
    const char *told = strstr(buf_text(&mistakes.text), place);
    if (!told || !strstr(told, why))
        fail_msg("expected %s… %s, got:\n%s", place, why, buf_text(&mistakes.text));
}

static void what_cannot_be_right_is_told_with_its_place(void **state)
{
    (void)state;
    wrong("hardware: board", "@hardwear: board", "did you mean \"hardware\"?");
    wrong("{name: '1', base: 0x30000", "@{name: '1', base: 0x2ffff", "overlaps 0");
    wrong("{name: '1', base: 0x30000", "@{name: '0', base: 0x30000", "given twice");
    wrong("{name: '1', base: 0x30000, size: 128KiB}", "@{name: '1', base: 0xfffffff0, size: 128KiB}", "32-bit");
    wrong("class: boot", "class: @bot", "did you mean \"boot\"?");
    wrong("size: 48KiB", "size: @48KB", "unknown unit");
    wrong("kind: reset", "kind: @reest", "did you mean \"reset\"?");
}

static void a_bad_pattern_is_told_with_its_place(void **state)
{
    (void)state;
    wrong("match: 'E: Unable", "match: @'(E: Unable", "pattern");
    wrong("match: 'E: Unable", "match: @'(?<cauze>E): Unable", "did you mean \"cause\"?");
    wrong("match: 'E: Unable", "match: @'a{1300}E: Unable", "multiply to more than");
    wrong("set: {cause:", "set: {@casue:", "did you mean \"cause\"?");
    wrong("{kind: recovery, match:", "{kind: recovery, @mtach:", "did you mean \"match\"?");
    wrong("power-on, SW", "@poweron, SW", "did you mean \"power-on\"?");
    wrong("installed: old", "installed: @odl", "did you mean \"old\"?");
    wrong("version: 1.2.3", "version: @1.2", "such as 1.2.3");
    wrong("'0': a.bin", "@'2': a.bin", "slot");
    wrong("boot: 1s, update", "boot: @1, update", "the unit is missing");
    wrong("reasons: {POW", "network: @{uart: 1, rig: 10.0.0.1, device: 10.0.0.2}\nreasons: {POW", "is the console's");
    wrong("reasons: {POW", "network: {uart: 2, rig: @10.0.0.256, device: 10.0.0.2}\nreasons: {POW", "IPv4");
    wrong("reasons: {POW", "next: @new\nreasons: {POW", "\"new\" is not known");
}

static void a_device_that_never_says_that_it_runs_is_refused(void **state)
{
    (void)state;
    char *text = mem_str(MCUBOOT), *at = strstr(text, "kind: running");
    memcpy(at, "kind: resume ", 13);
    assert_null(load_text(text));
    assert_non_null(strstr(buf_text(&mistakes.text), "none is of kind running"));
    free(text);
}

/* --- bench files --- */

static struct bench_file *bench(const char *text)
{
    scratch_put("b.yaml", text);
    char *path = scratch_path("b.yaml");
    mistake_free(&mistakes);
    struct bench_file *b = bench_file_load(path, &words_bench, &mistakes);
    free(path);
    return b;
}

static void bench_wrong(const char *text, const char *why)
{
    assert_null(bench(text));
    if (!strstr(buf_text(&mistakes.text), why))
        fail_msg("expected %s, got:\n%s", why, buf_text(&mistakes.text));
}

static void a_bench_can_do_what_its_drivers_can(void **state)
{
    (void)state;
    struct bench_file *b = bench("schema: 1\nname: x\nreset-mv: 1700\npower: sim\nlink: {driver: slip}\n");
    assert_non_null(b);
    assert_string_equal(b->can[0], "power-cut");
    bool link_down = false;
    for (size_t i = 0; b->can[i]; i++) {
        link_down |= strcmp(b->can[i], "link-down") == 0;
        assert_string_not_equal(b->can[i], "serve"); /* no server was named */
    }
    assert_true(link_down);
    assert_null(b->port[BENCH_FILE_NVM].driver);
    bench_file_free(b);
    mistake_free(&mistakes);
    b = bench_file_load("fixtures/benches/virtual.yaml", &words_bench, &mistakes);
    assert_non_null(b);
    assert_int_equal(b->reset_mv, 1700);
    bench_file_free(b);
}

static void every_capability_is_a_word_of_the_language(void **state)
{
    (void)state;
    const struct bench_file_driver *d;
    for (size_t i = 0; (d = words_bench.driver(i)); i++)
        for (const char *const *can = d->can; *can; can++) {
            bool known = strcmp(*can, "fleet") == 0; /* a key of the scenario itself */
            for (size_t k = 0; scenario_fault_kind(k); k++)
                known = known || strcmp(scenario_fault_kind(k)->name, *can) == 0;
            for (size_t k = 0; scenario_trigger_kind(k); k++)
                known = known || strcmp(scenario_trigger_kind(k)->name, *can) == 0;
            if (!known)
                fail_msg("%s %s offers %s", bench_file_port_name(d->port), d->owner.name, *can);
        }
}

static void a_mistake_in_a_bench_file_has_its_place(void **state)
{
    (void)state;
    bench_wrong("schema: 1\nname: x\nreset-mv: 1700\n", ":1:1: key \"power\" is missing");
    bench_wrong("schema: 1\nname: x\nreset-mv: 1700\npower: simm\n", ":4:8: power \"simm\" is not known, did you mean \"sim\"?");
    bench_wrong("schema: 1\nname: x\nreset-mv: 1700\npower: {driver: sim, line: 4}\n",
        ":4:22: driver: option \"line\" is not known");
    bench_wrong("schema: 1\nname: x\nreset-mv: 1700\npower: {line: 4}\n", ":4:8: power: key \"driver\" is missing");
    bench_wrong("schema: 1\nname: x\npower: sim\n", "\"reset-mv\" is missing");
    bench_wrong("schema: 1\nname: x\nreset-mv: 1700\npwoer: sim\n", ":4:1: key \"pwoer\" is not known, did you mean \"power\"?");
}

static void schemas_of_profile_and_bench_have_their_keys(void **state)
{
    (void)state;
    struct err e = {0};
    struct json *p = schema_make("profile", &words_scenario, &words_bench, &e), *b = schema_make("bench", &words_scenario,
        &words_bench, &e);
    const struct json *keys = json_get(p, "properties");
    assert_true(json_has(json_get(json_get(keys, "console"), "properties"), "patterns"));
    assert_true(json_has(json_get(keys, "deadlines"), "properties"));
    keys = json_get(b, "properties");
    for (size_t i = 0; bench_file_port_name(i); i++)
        assert_true(json_has(json_get(keys, bench_file_port_name(i)), "anyOf"));
    json_free(p);
    json_free(b);
}

static int close_all(void **state)
{
    profile_free(profile);
    mistake_free(&mistakes);
    return scratch_close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_the_reference_device_are_understood),
        cmocka_unit_test(other_lines_are_comments),
        cmocka_unit_test(a_hostile_line_stays_within_its_fields),
        cmocka_unit_test(the_profile_has_the_memory_map_of_the_firmware),
        cmocka_unit_test(addresses_are_found_in_their_slot_or_region),
        cmocka_unit_test(the_reference_device_can_show_every_law),
        cmocka_unit_test(another_firmware_needs_only_a_profile),
        cmocka_unit_test(what_cannot_be_right_is_told_with_its_place),
        cmocka_unit_test(a_bad_pattern_is_told_with_its_place),
        cmocka_unit_test(a_device_that_never_says_that_it_runs_is_refused),
        cmocka_unit_test(a_bench_can_do_what_its_drivers_can),
        cmocka_unit_test(every_capability_is_a_word_of_the_language),
        cmocka_unit_test(a_mistake_in_a_bench_file_has_its_place),
        cmocka_unit_test(schemas_of_profile_and_bench_have_their_keys),
    };
    return cmocka_run_group_tests(tests, scratch_open, close_all);
}
