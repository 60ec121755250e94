/* SPDX-License-Identifier: GPL-3.0-or-later
 * The report as a whole: the page and the JUnit document over a small journal and a verdict built by hand, then the same from a run
 * folder by the real judge. */
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "report/html.h"
#include "report/junit.h"
#include "report/page.h"
#include "report/part.h"
#include "report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define H64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char header[] =
    "{\"ev\":\"run\",\"schema\":1,\"otarig\":\"0.1.0\",\"source\":\"" H64 "\",\"plan_id\":\"" H64 "\",\"seed\":\"123\","
    "\"dut\":{\"name\":\"a <b>board</b>\",\"profile\":\"p.yaml\",\"profile_sha256\":\"" H64 "\",\"laws\":[\"L1\",\"L2\",\"L4\"],"
    "\"deadlines\":{\"boot_ms\":3000,\"update_ms\":60000,\"confirm_ms\":15000,\"settle_ms\":500},\"attempts\":3,\"max_boots\":8,"
    "\"slots\":[{\"name\":\"a\",\"base\":\"0x08020000\",\"size\":393216}],\"regions\":[]},"
    "\"images\":[{\"name\":\"v1\",\"file\":\"v1-a.bin\",\"slot\":\"a\",\"sha256\":\"" H64 "\",\"digest\":\"" H64 "\",\"version\":\"1.0.0\","
    "\"counter\":1,\"genuine\":true},{\"name\":\"v2\",\"file\":\"v2-b.bin\",\"slot\":\"b\",\"sha256\":\"" H64 "\",\"digest\":\"" H64 "\","
    "\"version\":\"2.0.0\",\"counter\":1,\"genuine\":true}],\"flash\":{\"file\":\"factory.hex\",\"sha256\":\"" H64 "\"},"
    "\"bench\":{\"name\":\"virtual\",\"chip\":\"STM32L476\",\"power\":\"sim\",\"reset_mv\":1700},"
    "\"scenarios\":[{\"n\":0,\"id\":\"power/p2-erase-write\",\"file\":\"f\",\"sha256\":\"" H64 "\",\"claim\":\"A claim & <i>more</i>.\",\"tags\":[],"
    "\"installed\":\"v1\",\"offered\":\"v2\",\"first\":1,\"trials\":3,\"expect\":{\"versions\":[\"1.0.0\",\"2.0.0\"]},\"waive\":{},\"faults\":\"-\"},"
    "{\"n\":1,\"id\":\"image/i8-wrong-key\",\"file\":\"f\",\"sha256\":\"" H64 "\",\"claim\":\"Another.\",\"tags\":[],\"installed\":\"v1\","
    "\"offered\":\"v2\",\"first\":4,\"trials\":1,\"expect\":{\"versions\":[\"1.0.0\"]},\"waive\":{\"L4\":\"on purpose\"},\"faults\":\"-\"}]}\n";

static const char events[] =
    "{\"ev\":\"reference\",\"id\":\"v1>v2\",\"scenarios\":[0],\"phases\":[{\"name\":\"write\",\"t0\":0,\"t1\":9,\"op0\":1,\"op1\":100,\"byte0\":0,"
    "\"byte1\":9},{\"name\":\"activate\",\"t0\":9,\"t1\":10,\"op0\":101,\"op1\":104,\"byte0\":0,\"byte1\":0}],\"ops\":[],\"end_t\":10,\"boots\":2,"
    "\"fetched\":9}\n"
    "{\"ev\":\"trial\",\"t\":0,\"n\":1,\"scenario\":0,\"k\":0,\"matrix\":{},\"faults\":[]}\n"
    "{\"ev\":\"power\",\"t\":0,\"on\":true,\"why\":\"start\"}\n"
    "{\"ev\":\"fault\",\"t\":1000000000,\"i\":0,\"do\":\"power-cut\",\"delivered\":true,\"phase\":\"write\",\"op\":50,\"kind\":\"program\","
    "\"addr\":\"0x08081000\",\"region\":\"slot-b\",\"outcome\":\"torn-7\",\"off_ms\":400}\n"
    "{\"ev\":\"end\",\"t\":2000000000,\"why\":\"done\",\"boots\":2,\"fetched\":9,\"ops\":104,\"updates\":1,\"ms\":2000}\n"
    "{\"ev\":\"trial\",\"t\":0,\"n\":2,\"scenario\":0,\"k\":1,\"matrix\":{},\"faults\":[]}\n"
    "{\"ev\":\"power\",\"t\":0,\"on\":true,\"why\":\"start\"}\n"
    "{\"ev\":\"fault\",\"t\":1000000000,\"i\":0,\"do\":\"power-cut\",\"delivered\":true,\"phase\":\"activate\",\"op\":102,\"kind\":\"program\","
    "\"addr\":\"0x08010018\",\"region\":\"log\",\"outcome\":\"ecc\"}\n"
    "{\"ev\":\"power\",\"t\":1000000000,\"on\":false,\"why\":\"fault\"}\n"
    "{\"ev\":\"rail\",\"t\":1000000000,\"mv\":0}\n"
    "{\"ev\":\"power\",\"t\":1050000000,\"on\":true,\"why\":\"fault\"}\n"
    "{\"ev\":\"reset\",\"t\":1050000000,\"cause\":\"power-on\",\"by\":\"rig\"}\n"
    "{\"ev\":\"faults-over\",\"t\":1050000000}\n"
    "{\"ev\":\"console\",\"t\":1100000000,\"line\":\"</pre><script>alert('x')</script>\\u001b[31m\\u202egnirts\"}\n"
    "{\"ev\":\"timeout\",\"t\":4100000000,\"waiting\":\"running\",\"ms\":3000}\n"
    "{\"ev\":\"end\",\"t\":4100000000,\"why\":\"timeout\",\"boots\":1,\"fetched\":0,\"ops\":102,\"updates\":0,\"ms\":4100}\n"
    "{\"ev\":\"trial\",\"t\":0,\"n\":3,\"scenario\":0,\"k\":2,\"matrix\":{},\"faults\":[]}\n"
    "{\"ev\":\"bench\",\"t\":5,\"reason\":\"rail-not-down\",\"detail\":\"2100 mV\"}\n"
    "{\"ev\":\"end\",\"t\":6,\"why\":\"bench\",\"boots\":1,\"fetched\":0,\"ops\":1,\"updates\":0,\"ms\":0}\n"
    "{\"ev\":\"trial\",\"t\":0,\"n\":4,\"scenario\":1,\"k\":0,\"matrix\":{},\"faults\":[]}\n"
    "{\"ev\":\"end\",\"t\":6,\"why\":\"done\",\"boots\":1,\"fetched\":0,\"ops\":1,\"updates\":0,\"ms\":0}\n";

/* A run folder, the journal read from it, and a verdict as the judge would make it of these four trials. */
struct world {
    char folder[64];
    struct journal *journal;
    struct facts facts;
    struct verdict verdict;
    struct verdict_scenario scenario[2];
    struct verdict_finding finding[2];
    struct verdict_phase phase[2];
    struct verdict_trial trial[4];
    struct page page;
};

static void put(const char *folder, const char *name, const char *text)
{
    char *path = file_join(folder, name);
    assert_int_equal(file_write(path, text, strlen(text), NULL), 0);
    free(path);
}

static void take_away(const char *folder, const char *name)
{
    char *path = file_join(folder, name);
    unlink(path);
    free(path);
}

static void judge_by_hand(struct world *w)
{
    const size_t boots = judge_law_index("L1"), updatable = judge_law_index("L4"), sound = judge_law_index("R2");
    w->scenario[0] = (struct verdict_scenario){.planned = 3, .held = 1, .violated = 1, .inconclusive = 1, .outcome = VERDICT_VIOLATED,
                                               .upper = 0.9747};
    w->scenario[0].law[boots][LAW_HELD] = w->scenario[0].law[boots][LAW_VIOLATED] = 1;
    w->scenario[0].law[sound][LAW_INCONCLUSIVE] = 1;
    w->scenario[1] = (struct verdict_scenario){.planned = 1, .held = 1, .outcome = VERDICT_HELD, .upper = 0.95};
    w->scenario[1].law[boots][LAW_HELD] = w->scenario[1].law[updatable][LAW_WAIVED] = 1;
    w->finding[0] = (struct verdict_finding){.state = LAW_VIOLATED, .law = boots, .scenario = 0, .kind = "silent",
                                             .why = (char *)"No <word> came.",
                                             .count = 1, .roots = 1, .first = 2, .line = {15, 16}, .lines = 2, .trial = {2}, .trials = 1};
    w->finding[1] = (struct verdict_finding){.state = LAW_INCONCLUSIVE, .law = sound, .scenario = 0, .kind = "rail-not-down",
                                             .why = (char *)"The rail stayed up.", .count = 1, .roots = 1, .first = 3, .line = {19},
                                             .lines = 1, .trial = {3}, .trials = 1};
    w->phase[0] = (struct verdict_phase){(char *)"write", 1, 1, 1, 0, 0.95};
    w->phase[1] = (struct verdict_phase){(char *)"activate", 1, 1, 1, 1, 1};
    static const enum law_state outcome[] = {LAW_HELD, LAW_VIOLATED, LAW_INCONCLUSIVE, LAW_HELD};
    for (size_t i = 0; i < 4; i++)
        w->trial[i] = (struct verdict_trial){i + 1, i == 3, 1, outcome[i], JUDGE_LAWS};
    w->verdict = (struct verdict){VERDICT_VIOLATED, 4, 2, 1, 1, 0, 0.8647, w->scenario, 2, w->finding, 2, w->phase, 2, w->trial, 4, NULL};
}

static int world_open(void **state)
{
    struct world *w = mem_new(sizeof *w);
    const struct journal_trial *t;
    strcpy(w->folder, "/tmp/otarig-report-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    char *text = mem_printf("%s%s", header, events);
    put(w->folder, "journal.jsonl", text);
    free(text);
    struct err e = {0};
    if (journal_read(w->folder, &w->journal, &e))
        fail_msg("%s", e.text);
    facts_open(&w->facts);
    for (size_t i = 0; i < journal_top_count(w->journal); i++)
        facts_reference(&w->facts, journal_top(w->journal, i)->json);
    while (journal_next_trial(w->journal, &t, &e) == 1)
        facts_block(&w->facts, t->all, t->event[0].line, t->n == 2, t->n == 1 || t->n == 4);
    assert_int_equal(e.code, 0);
    judge_by_hand(w);
    w->page = (struct page){w->journal, journal_header(w->journal), &w->verdict, &w->facts, NULL, NULL};
    *state = w;
    return 0;
}

static int world_close(void **state)
{
    static const char *const files[] = {"journal.jsonl", "run.json", "bugs.json", "report.html", "junit.xml", "verdict.json"};
    struct world *w = *state;
    facts_close(&w->facts);
    journal_free(w->journal);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        take_away(w->folder, files[i]);
    assert_int_equal(rmdir(w->folder), 0);
    free(w);
    return 0;
}

static char *page_of(const struct page *page)
{
    struct buf b = {0};
    struct err e = {0};
    assert_int_equal(page_render(page, &b, &e), 0);
    char *text = mem_str(buf_text(&b));
    buf_free(&b);
    return text;
}

static char *junit_of(const struct page *page)
{
    struct buf b = {0};
    junit_render(page, &b);
    char *text = mem_str(buf_text(&b));
    buf_free(&b);
    return text;
}

static bool is_void(const char *name)
{
    return !strcmp(name, "meta") || !strcmp(name, "br");
}

/* Every element that is opened is closed in order, entities are whole: a page for which no browser has to guess. */
static void assert_nested(const char *text)
{
    char open[64][24];
    size_t depth = 0;
    for (const char *p = strchr(text, '<'); p; p = strchr(p + 1, '<')) {
        char name[24];
        const char *end = strchr(p, '>');
        assert_non_null(end);
        if (p[1] == '!' || p[1] == '?')
            continue;
        bool closing = p[1] == '/';
        size_t n = strcspn(p + 1 + closing, " />");
        assert_true(n > 0 && n < sizeof name);
        memcpy(name, p + 1 + closing, n);
        name[n] = 0;
        if (closing) {
            assert_true(depth > 0);
            assert_string_equal(open[--depth], name);
        } else if (end[-1] != '/' && !is_void(name)) {
            assert_true(depth < 64);
            snprintf(open[depth++], sizeof open[0], "%s", name);
        }
    }
    assert_int_equal(depth, 0);
}

static size_t occurrences(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *p = strstr(text, word); p; p = strstr(p + 1, word))
        n++;
    return n;
}

static void the_page_is_well_nested_and_leaves_no_marker(void **state)
{
    struct world *w = *state;
    char *page = page_of(&w->page);
    assert_nested(page);
    assert_null(strstr(page, "{{"));
    assert_int_equal(strncmp(page, "<!DOCTYPE html>", 15), 0);
    free(page);
}

static void the_page_loads_nothing_and_runs_nothing(void **state)
{
    struct world *w = *state;
    static const char *const never[] = {"<script", "src=", "@import", "url(", "http://", "https://", "<link", "onload=", "<iframe",
                                        "javascript:"};
    char *page = page_of(&w->page);
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        assert_null(strstr(page, never[i]));
    assert_non_null(strstr(page, "Content-Security-Policy"));
    assert_non_null(strstr(page, "prefers-color-scheme: dark"));
    free(page);
}

static void hostile_text_stays_text_wherever_it_comes_from(void **state)
{
    struct world *w = *state;
    char *page = page_of(&w->page);
    assert_non_null(strstr(page, "&lt;/pre&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\\x1b[31m\\u202egnirts")); /* console */
    assert_non_null(strstr(page, "a &lt;b&gt;board&lt;/b&gt;"));   /* device name */
    assert_non_null(strstr(page, "A claim &amp; &lt;i&gt;more"));  /* claim */
    assert_non_null(strstr(page, "No &lt;word&gt; came."));        /* law's sentence */
    free(page);
}

static void a_finding_stands_before_everything_but_the_verdict(void **state)
{
    struct world *w = *state;
    char *page = page_of(&w->page);
    const char *verdict = strstr(page, "NO-GO</p>"), *finding = strstr(page, "id=\"findings\""), *claims = strstr(page, "id=\"claims\"");
    assert_true(verdict && finding && claims && verdict < finding && finding < claims);
    free(page);
}

static void a_finding_says_law_kind_fault_lines_and_how_to_see_it_again(void **state)
{
    struct world *w = *state;
    char *page = page_of(&w->page);
    assert_non_null(strstr(page, "build/otarig replay RUN/2<"));
    assert_non_null(strstr(page, "power-cut during activate, program in log at 0x08010018, left ecc, flash operation 102"));
    assert_non_null(strstr(page, "<code>journal.jsonl</code> line 15, 16"));
    assert_non_null(strstr(page, "<span><i>15</i>{&quot;ev&quot;:&quot;console&quot;"));
    assert_non_null(strstr(page, "<span class=\"cited\"><i>1.100 s</i>&lt;/pre&gt;"));
    free(page);
}

static void failing_and_passing_trials_have_a_picture_each(void **state)
{
    struct world *w = *state;
    char *page = page_of(&w->page);
    assert_int_equal(occurrences(page, ">Fault</text>"), 2);
    assert_non_null(strstr(page, "aria-label=\"Trial 2 on the bench"));
    assert_non_null(strstr(page, "aria-label=\"Trial 1 of power/p2-erase-write"));
    free(page);
}

static void the_bound_of_a_phase_speaks_of_its_own_trials(void **state)
{
    struct world *w = *state;
    char *page = page_of(&w->page);
    assert_non_null(strstr(page, "0 of 1, so below 95&nbsp;% at 95&nbsp;%"));
    assert_non_null(strstr(page, "<strong>1</strong> of 1<"));
    free(page);
}

static void an_inconclusive_trial_is_told_apart_from_a_violation(void **state)
{
    struct world *w = *state;
    char *page = page_of(&w->page);
    const char *section = strstr(page, "id=\"inconclusive\"");
    assert_non_null(section);
    assert_non_null(strstr(section, "rail-not-down"));
    assert_int_equal(occurrences(page, "<article class=\"finding\">"), 1);
    free(page);
}

static void a_clean_run_says_go_and_has_no_findings(void **state)
{
    struct world *w = *state;
    w->verdict.outcome = VERDICT_HELD;
    w->verdict.findings = 0;
    char *page = page_of(&w->page);
    assert_non_null(strstr(page, ">GO</p>"));
    assert_null(strstr(page, "id=\"findings\""));
    assert_null(strstr(page, "id=\"inconclusive\""));
    assert_nested(page);
    free(page);
}

static struct json *parsed(const char *text)
{
    struct json *j = json_parse(text, strlen(text), NULL);
    assert_non_null(j);
    return j;
}

static void run_json_names_the_folder_of_the_replay_command(void **state)
{
    struct world *w = *state;
    struct json *info = parsed("{\"folder\":\"reports/out/my run/x\",\"host\":\"<h>\",\"seconds\":12}");
    w->page.info = info;
    char *page = page_of(&w->page);
    assert_non_null(strstr(page, "build/otarig replay &#39;reports/out/my run/x/2&#39;")); /* quoted for the shell */
    assert_non_null(strstr(page, "&lt;h&gt;"));
    free(page);
    json_free(info);
}

static void a_missed_bug_weakens_the_verdict_on_the_first_screen(void **state)
{
    struct world *w = *state;
    struct json *bugs = parsed("[{\"name\":\"one\",\"law\":\"L1\",\"expected_law\":\"L1\",\"trials_needed\":7,\"trials\":9,\"caught\":true},"
                               "{\"name\":\"two\",\"law\":\"L4\",\"expected_law\":\"L3\",\"trials\":9,\"caught\":false},"
                               "{\"name\":\"three\",\"law\":\"\",\"expected_law\":\"L7\",\"trials\":9,\"caught\":false}]");
    w->page.bugs = bugs;
    assert_int_equal(part_bugs_caught(bugs), 1);
    char *page = page_of(&w->page);
    assert_true(strstr(page, "Not every planted bug was caught") < strstr(page, "id=\"findings\""));
    assert_non_null(strstr(page, "1 of 3 firmwares"));
    assert_non_null(strstr(page, "other law"));
    assert_non_null(strstr(page, "missed"));
    assert_nested(page);
    free(page);
    json_free(bugs);
}

static void junit_gives_failures_to_the_device_and_errors_to_the_bench(void **state)
{
    struct world *w = *state;
    char *xml = junit_of(&w->page);
    assert_nested(xml);
    assert_non_null(strstr(xml, "<testsuites name=\"otarig\" tests=\"6\" failures=\"1\" errors=\"1\" skipped=\"1\">"));
    assert_int_equal(occurrences(xml, "<failure "), 1);
    assert_int_equal(occurrences(xml, "<error "), 1);
    assert_non_null(strstr(xml, "<failure type=\"silent\" message=\"No &lt;word&gt; came.\""));
    assert_non_null(strstr(xml, "<error type=\"rail-not-down\""));
    for (const char *c = strstr(xml, "<testcase"); c; c = strstr(c + 1, "<testcase")) {
        const char *end = strstr(c, "</testcase>"), *failure = strstr(c, "<failure"), *error = strstr(c, "<error");
        assert_false(failure && error && failure < end && error < end);
    }
    free(xml);
}

static void a_law_broken_of_the_rig_is_an_error_never_a_failure(void **state)
{
    struct world *w = *state;
    w->finding[1].state = LAW_VIOLATED;
    char *xml = junit_of(&w->page);
    assert_int_equal(occurrences(xml, "<failure "), 1);
    assert_int_equal(occurrences(xml, "<error "), 1);
    free(xml);
}

static void trials_that_never_ended_are_an_error(void **state)
{
    struct world *w = *state;
    w->scenario[1].planned = 5;
    char *xml = junit_of(&w->page);
    assert_non_null(strstr(xml, "<error type=\"unfinished\" message=\"1 of 5 trials ended\"/>"));
    free(xml);
}

static void the_same_journal_gives_the_same_bytes(void **state)
{
    struct world *w = *state;
    struct report *a = NULL, *b = NULL;
    struct buf one = {0}, two = {0};
    struct err e = {0};
    if (report_open(w->folder, NULL, &a, &e) || report_open(w->folder, NULL, &b, &e))
        fail_msg("%s", e.text);
    assert_int_equal(report_html(a, &one, &e), 0);
    assert_int_equal(report_html(b, &two, &e), 0);
    assert_true(one.size == two.size && !memcmp(one.data, two.data, one.size));
    assert_nested(buf_text(&one));
    assert_null(strstr(buf_text(&one), w->folder)); /* a copy of the folder gives the same page */
    buf_free(&one);
    buf_free(&two);
    report_close(a);
    report_close(b);
}

static void a_silent_device_is_no_go_by_the_real_judge(void **state)
{
    struct world *w = *state;
    struct report *r = NULL;
    struct buf html = {0};
    struct err e = {0};
    assert_int_equal(report_open(w->folder, NULL, &r, &e), 0);
    assert_int_equal(report_verdict(r)->outcome, VERDICT_VIOLATED);
    assert_int_equal(report_html(r, &html, &e), 0);
    assert_non_null(strstr(buf_text(&html), "NO-GO</p>"));
    assert_non_null(strstr(buf_text(&html), "RUN/2<"));
    buf_free(&html);
    report_close(r);
}

static void three_files_are_written_whole(void **state)
{
    struct world *w = *state;
    struct report *r = NULL;
    struct err e = {0};
    static const char *const files[] = {"report.html", "junit.xml", "verdict.json"};
    assert_int_equal(report_open(w->folder, NULL, &r, &e), 0);
    assert_int_equal(report_write(r, &e), 0);
    report_close(r);
    for (size_t i = 0; i < 3; i++) {
        char *path = file_join(w->folder, files[i]);
        struct buf b = {0};
        assert_int_equal(file_read(path, 1 << 24, &b, &e), 0);
        assert_true(b.size > 100 && b.data[b.size - 1] == '\n');
        buf_free(&b);
        free(path);
    }
}

static void bad_files_beside_the_journal_are_named(void **state)
{
    struct world *w = *state;
    struct report *r = NULL;
    struct err e = {0};
    put(w->folder, "run.json", "{\"date\": ");
    assert_int_equal(report_open(w->folder, NULL, &r, &e), RIG_EINPUT);
    assert_non_null(strstr(e.text, "run.json"));
    take_away(w->folder, "run.json");
    put(w->folder, "bugs.json", "{}");
    e = (struct err){0};
    assert_int_equal(report_open(w->folder, NULL, &r, &e), RIG_EINPUT);
    assert_non_null(strstr(e.text, "bugs.json"));
    e = (struct err){0};
    assert_int_equal(report_open("/nonexistent/run", NULL, &r, &e), RIG_EINPUT);
    assert_null(r);
}

int main(void)
{
#define in_world(f) cmocka_unit_test_setup_teardown(f, world_open, world_close)
    const struct CMUnitTest tests[] = {
        in_world(the_page_is_well_nested_and_leaves_no_marker),
        in_world(the_page_loads_nothing_and_runs_nothing),
        in_world(hostile_text_stays_text_wherever_it_comes_from),
        in_world(a_finding_stands_before_everything_but_the_verdict),
        in_world(a_finding_says_law_kind_fault_lines_and_how_to_see_it_again),
        in_world(failing_and_passing_trials_have_a_picture_each),
        in_world(the_bound_of_a_phase_speaks_of_its_own_trials),
        in_world(an_inconclusive_trial_is_told_apart_from_a_violation),
        in_world(a_clean_run_says_go_and_has_no_findings),
        in_world(run_json_names_the_folder_of_the_replay_command),
        in_world(a_missed_bug_weakens_the_verdict_on_the_first_screen),
        in_world(junit_gives_failures_to_the_device_and_errors_to_the_bench),
        in_world(a_law_broken_of_the_rig_is_an_error_never_a_failure),
        in_world(trials_that_never_ended_are_an_error),
        in_world(the_same_journal_gives_the_same_bytes),
        in_world(a_silent_device_is_no_go_by_the_real_judge),
        in_world(three_files_are_written_whole),
        in_world(bad_files_beside_the_journal_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
