/* SPDX-License-Identifier: GPL-3.0-or-later
 * Reading a journal: what was written is read, what is damaged is said with its line, and memory does not grow. */
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "journal_story.h"
#include "record/header.h"
#include "record/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char tale[] = "0 power on=true why=start\n5 dut running slot=a version=1.0.0 confirmed=1\n9 end why=done\n";

static struct json *plan(uint64_t trials)
{
    struct buf text = {0};
    story_header(&text, "v2", trials, "{}", "{}");
    struct json *j = json_parse(text.data, text.size - 1, NULL);
    assert_non_null(j);
    buf_free(&text);
    return j;
}

static char *fresh_path(void)
{
    char *path = story_file("", 0);
    unlink(path);
    return path;
}

static void add(struct journal_writer *w, uint64_t n)
{
    struct buf block = {0};
    struct err e = {0};
    story_trial(&block, n, "[]", tale);
    if (journal_append_block(w, block.data, block.size, &e))
        fail_msg("%s", e.text);
    buf_free(&block);
}

static struct journal_writer *create(const char *path, uint64_t trials)
{
    struct json *header = plan(trials);
    struct journal_writer *w = NULL;
    struct err e = {0};
    if (journal_create(path, header, &w, &e))
        fail_msg("%s", e.text);
    json_free(header);
    return w;
}

/* Reads all; the number of finished trials, or the error. */
static int64_t read_all(const char *path, struct err *e)
{
    struct journal *j = NULL;
    const struct journal_trial *t;
    int64_t n = 0;
    int r = journal_read(path, &j, e);
    while (!r && (r = journal_next_trial(j, &t, e)) == 1) {
        n += t->finished;
        r = 0;
    }
    journal_free(j);
    return r < 0 ? r : n;
}

/* --- what a journal says --- */

static void what_was_written_is_read(void **state)
{
    (void)state;
    char *path = fresh_path();
    struct journal_writer *w = create(path, 2);
    struct journal *j = NULL;
    struct err e = {0};
    const struct journal_trial *t;
    add(w, 1);
    assert_int_equal(journal_append_block(w, "{\"ev\":\"reference\",\"id\":\"v1>v2\"}\n", 32, &e), 0);
    add(w, 2);
    journal_close(w);
    assert_int_equal(journal_read(path, &j, &e), 0);
    assert_string_equal(journal_header(j)->scenario[0].id, "power/p2");
    assert_int_equal(journal_header(j)->boot_ms, 3000);
    assert_int_equal(journal_header(j)->reset_mv, 1700);
    assert_int_equal(journal_header(j)->slot[0].base, 0x08020000);
    assert_true(header_sees_resets(journal_header(j)));
    assert_int_equal(journal_next_trial(j, &t, &e), 1);
    assert_int_equal(t->n, 1);
    assert_int_equal(t->count, 4);
    assert_true(t->finished);
    assert_int_equal(t->event[0].line, 2);
    assert_true(journal_is(&t->event[2], "dut", "running"));
    assert_int_equal(t->event[2].t, 5000000);
    assert_int_equal(t->event[2].line, 4);
    assert_string_equal(journal_text(&t->event[2], "version"), "1.0.0");
    assert_true(journal_flag(&t->event[2], "confirmed"));
    assert_int_equal(journal_number(&t->event[2], "confirmed", 7), 1);
    assert_int_equal(json_count(t->all), 4);
    assert_int_equal(journal_next_trial(j, &t, &e), 1);
    assert_int_equal(t->event[0].line, 7);
    assert_int_equal(journal_next_trial(j, &t, &e), 0);
    assert_int_equal(journal_next_trial(j, &t, &e), 0);
    assert_int_equal(journal_top_count(j), 1);
    assert_int_equal(journal_top(j, 0)->line, 6);
    assert_int_equal(journal_rewind(j, &e), 0);
    assert_int_equal(journal_next_trial(j, &t, &e), 1);
    assert_int_equal(t->event[0].line, 2);
    assert_int_equal(journal_next_trial(j, &t, &e), 1);
    assert_int_equal(journal_top_count(j), 1);
    journal_free(j);
    story_forget(path);
}

static void unknown_records_are_kept(void **state)
{
    (void)state;
    struct buf b = {0};
    struct journal *j = NULL;
    struct err e = {0};
    const struct journal_trial *t;
    story_header(&b, "v2", 1, "{}", "{}");
    buf_str(&b, "{\"ev\":\"of-the-future\"}\n");
    story_trial(&b, 1, "[]", "1 quantum state=both\n2 end why=done\n");
    char *path = story_file(b.data, b.size);
    assert_int_equal(journal_read(path, &j, &e), 0);
    assert_int_equal(journal_top_count(j), 1);
    assert_int_equal(journal_next_trial(j, &t, &e), 1);
    assert_true(journal_is(&t->event[1], "quantum", NULL));
    journal_free(j);
    story_forget(path);
    buf_free(&b);
}

static void a_run_folder_is_read_by_its_journal(void **state)
{
    (void)state;
    char folder[] = "/tmp/otarig-run-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char *path = mem_printf("%s/journal.jsonl", folder);
    struct err e = {0};
    struct journal_writer *w = create(path, 1);
    add(w, 1);
    journal_close(w);
    assert_int_equal(read_all(folder, &e), 1);
    unlink(path);
    rmdir(folder);
    assert_int_equal(read_all(folder, &e), RIG_EINPUT);
    free(path);
}

/* --- bad input --- */

static void refused(const char *bytes, size_t n, const char *place, const char *what)
{
    struct err e = {0};
    char *path = story_file(bytes, n);
    int64_t r = read_all(path, &e);
    if (r != RIG_EINPUT || !strstr(e.text, place) || !strstr(e.text, what))
        fail_msg("%lld \"%s\", wanted \"%s\" … \"%s\"", (long long)r, e.text, place, what);
    story_forget(path);
}

static void refused_text(const char *text, const char *place, const char *what)
{
    refused(text, strlen(text), place, what);
}

static void what_is_no_journal_is_refused_at_line_1(void **state)
{
    (void)state;
    refused_text("", ":1:", "empty");
    refused_text("hello\n", ":1:", "not JSON");
    refused_text("{}\n", ":1:", "no \"run\" record");
    refused_text("[1]\n", ":1:", "not a JSON object");
    refused_text("{\"ev\":\"run\",\"schema\":1", ":1:", "cut short");
    refused_text("{\"ev\":\"run\",\"schema\":2,\"scenarios\":[]}\n", ":1:", "schema 2");
    refused_text("{\"ev\":\"run\",\"schema\":1}\n", ":1:", "scenarios");
    refused_text("{\"ev\":\"run\",\"schema\":1,\"scenarios\":[{\"id\":\"x\",\"first\":1,\"trials\":99999999999}]}\n",
                 ":1:", "trials");
    struct err e = {0};
    assert_int_equal(read_all("/nonexistent/journal.jsonl", &e), RIG_EINPUT);
}

static void refused_block(const char *block, const char *place, const char *what)
{
    struct buf b = {0};
    story_header(&b, "v2", 2, "{}", "{}");
    story_trial(&b, 1, "[]", tale); /* lines 2 to 5 */
    buf_str(&b, block);
    refused(b.data, b.size, place, what);
    buf_free(&b);
}

static void an_edited_journal_is_refused_at_its_line(void **state)
{
    (void)state;
    static const char begin[] = "{\"ev\":\"trial\",\"n\":2,\"scenario\":0,\"k\":1}\n";
    char *text = mem_printf("%s%s", begin, begin);
    refused_block(text, ":7:", "before the one above has its end");
    free(text);
    refused_block("{\"ev\":\"trial\",\"n\":1,\"scenario\":0,\"k\":0}\n", ":6:", "a second time");
    refused_block("{\"ev\":\"trial\",\"n\":3,\"scenario\":0,\"k\":0}\n", ":6:", "not one of scenario");
    refused_block("{\"ev\":\"trial\",\"n\":2,\"scenario\":1,\"k\":0}\n", ":6:", "does not have");
    refused_block("{\"ev\":\"power\",\"t\":0}\n", ":6:", "outside of a trial");
    refused_block("{\"ev\":\"end\",\"t\":0}\n", ":6:", "outside of a trial");
    refused_block("{\"t\":0}\n", ":6:", "without \"ev\"");
    refused_block("{\"ev\":7}\n", ":6:", "without \"ev\"");
    refused_block("\n", ":6:", "not JSON");
    refused_block("{\"ev\":\"run\",\"schema\":1}\n", ":6:", "second header");
    text = mem_printf("%s{\"ev\":\"power\",\"t\":900000000}\n{\"ev\":\"dead\",\"t\":799999999}\n", begin);
    refused_block(text, ":8:", "time goes back");
    free(text);
    text = mem_printf("%s{\"ev\":\"power\",\"t\":\"soon\"}\n", begin);
    refused_block(text, ":7:", "not a number");
    free(text);
    text = mem_printf("%s{\"ev\":\"power\",\"t\":-1}\n", begin);
    refused_block(text, ":7:", "time");
    free(text);
}

static void a_nul_byte_is_refused_at_its_line(void **state)
{
    (void)state;
    struct buf b = {0};
    story_header(&b, "v2", 1, "{}", "{}");
    buf_add(&b, "{\"ev\":\"tri\0al\"}\n", 16);
    refused(b.data, b.size, ":2:", "NUL");
    buf_free(&b);
}

static void a_line_of_ten_megabytes_is_refused_at_its_number(void **state)
{
    (void)state;
    struct buf b = {0};
    char *line = mem_new(10 << 20);
    memset(line, 'x', 10 << 20);
    story_header(&b, "v2", 1, "{}", "{}");
    buf_add(&b, line, 10 << 20);
    buf_char(&b, '\n');
    refused(b.data, b.size, ":2:", "10485760 bytes");
    refused(line, 10 << 20, ":1:", "10485760 bytes");
    free(line);
    buf_free(&b);
}

static void time_may_go_back_within_an_operation(void **state)
{
    (void)state;
    struct buf b = {0};
    struct journal *j = NULL;
    struct err e = {0};
    const struct journal_trial *t;
    story_header(&b, "v2", 1, "{}", "{}");
    story_trial(&b, 1, "[]", "500 console line=x\n480 write-running op=7\n600 end why=done\n");
    char *path = story_file(b.data, b.size);
    assert_int_equal(journal_read(path, &j, &e), 0);
    assert_int_equal(journal_next_trial(j, &t, &e), 1);
    assert_int_equal(t->event[2].t, 500000000);
    journal_free(j);
    story_forget(path);
    buf_free(&b);
}

static void a_torn_end_is_an_unfinished_trial(void **state)
{
    (void)state;
    struct buf b = {0};
    struct journal *j = NULL;
    struct err e = {0};
    const struct journal_trial *t;
    story_header(&b, "v2", 1, "{}", "{}");
    story_trial(&b, 1, "[]", tale);
    char *path = story_file(b.data, b.size - 1); /* even one missing newline */
    assert_int_equal(journal_read(path, &j, &e), 0);
    assert_int_equal(journal_next_trial(j, &t, &e), 1);
    assert_false(t->finished);
    assert_int_equal(t->n, 1);
    assert_int_equal(t->count, 3);
    assert_int_equal(journal_next_trial(j, &t, &e), 0);
    journal_free(j);
    story_forget(path);
    buf_free(&b);
}

/* 20,000 trials are read in the memory of one. */
static void memory_does_not_grow_with_the_journal(void **state)
{
    (void)state;
    struct buf b = {0};
    struct journal *j = NULL;
    struct err e = {0};
    const struct journal_trial *t;
    const struct journal_event *first = NULL;
    uint64_t n = 0;
    story_header(&b, "v2", 20000, "{}", "{}");
    for (uint64_t k = 1; k <= 20000; k++)
        buf_printf(&b, "{\"ev\":\"trial\",\"n\":%llu,\"scenario\":0,\"k\":%llu}\n{\"t\":1,\"ev\":\"end\"}\n",
                   (unsigned long long)k, (unsigned long long)k - 1);
    char *path = story_file(b.data, b.size);
    assert_int_equal(journal_read(path, &j, &e), 0);
    while (journal_next_trial(j, &t, &e) == 1) {
        first = first ? first : t->event;
        assert_ptr_equal(t->event, first); /* the same room, used again */
        assert_int_equal(t->event[0].line, 2 + 2 * n++);
    }
    assert_int_equal(n, 20000);
    journal_free(j);
    story_forget(path);
    buf_free(&b);
}

static void a_combination_of_the_matrix_may_have_images_and_expectations_of_its_own(void **state)
{
    (void)state;
    static const char own[] = "{\"installed\":\"tls/v1\",\"offered\":\"tls/v2\",\"expect\":{\"refused\":true,\"cause\":\"expired\"}}";
    const struct header_scenario s = {.id = "a/b", .installed = "v1", .offered = "v2", .expect = {.boot_reason = "pin"}};
    struct header_scenario out;
    header_given(&s, NULL, &out);
    assert_string_equal(out.installed, "v1");
    assert_string_equal(out.expect.boot_reason, "pin");
    struct json *given = json_parse(own, sizeof own - 1, NULL);
    header_given(&s, given, &out);
    assert_string_equal(out.id, "a/b");
    assert_string_equal(out.installed, "tls/v1");
    assert_string_equal(out.offered, "tls/v2");
    assert_true(out.expect.refused);
    assert_string_equal(out.expect.cause, "expired");
    assert_null(out.expect.boot_reason);
    json_free(given);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_combination_of_the_matrix_may_have_images_and_expectations_of_its_own),
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(unknown_records_are_kept),
        cmocka_unit_test(a_run_folder_is_read_by_its_journal),
        cmocka_unit_test(what_is_no_journal_is_refused_at_line_1),
        cmocka_unit_test(an_edited_journal_is_refused_at_its_line),
        cmocka_unit_test(a_nul_byte_is_refused_at_its_line),
        cmocka_unit_test(a_line_of_ten_megabytes_is_refused_at_its_number),
        cmocka_unit_test(time_may_go_back_within_an_operation),
        cmocka_unit_test(a_torn_end_is_an_unfinished_trial),
        cmocka_unit_test(memory_does_not_grow_with_the_journal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
