/* SPDX-License-Identifier: GPL-3.0-or-later
 * Writing a journal: what was synced survives, what was torn is cut off, and nothing else ever is. */
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "journal_story.h"
#include "record/journal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

static int resume(const char *path, uint64_t trials, struct journal_writer **w, struct err *e)
{
    struct json *header = plan(trials);
    int r = journal_open_resume(path, header, w, e);
    json_free(header);
    return r;
}

static struct buf content(const char *path)
{
    struct buf b = {0};
    char chunk[4096];
    size_t n;
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(&b, chunk, n);
    fclose(f);
    return b;
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

/* --- resuming --- */

static void a_resumed_journal_goes_on_behind_the_last_whole_block(void **state)
{
    (void)state;
    char *path = fresh_path();
    struct journal_writer *w = create(path, 3);
    struct err e = {0};
    add(w, 1);
    add(w, 2);
    journal_close(w);
    struct buf two = content(path);
    FILE *f = fopen(path, "ab");
    fputs("{\"ev\":\"trial\",\"n\":3,\"scenario\":0,\"k\":2}\n{\"ev\":\"power\",\"t\":0,\"on\":true}\n{\"ev\":\"dut\",\"ki", f);
    fclose(f);
    assert_int_equal(read_all(path, &e), 2); /* a reader leaves the torn block out */
    assert_int_equal(resume(path, 3, &w, &e), 0);
    assert_int_equal(journal_finished_count(w), 2);
    assert_true(journal_finished(w, 1) && journal_finished(w, 2) && !journal_finished(w, 3) && !journal_finished(w, 4));
    struct buf cut = content(path);
    assert_int_equal(cut.size, two.size);
    assert_memory_equal(cut.data, two.data, two.size);
    add(w, 3);
    assert_true(journal_finished(w, 3));
    journal_close(w);
    assert_int_equal(read_all(path, &e), 3);
    buf_free(&two);
    buf_free(&cut);
    story_forget(path);
}

/* Killed anywhere: resumed and finished, the file is the one that an undisturbed run writes. */
static void a_journal_cut_at_any_byte_is_finished_to_the_same_bytes(void **state)
{
    (void)state;
    char *path = fresh_path();
    struct journal_writer *w = create(path, 3);
    struct err e = {0};
    for (uint64_t n = 1; n <= 3; n++)
        add(w, n);
    journal_close(w);
    struct buf whole = content(path);
    for (size_t size = 0; size <= whole.size; size += size % 7 + 1) {
        assert_int_equal(truncate(path, 0), 0);
        FILE *f = fopen(path, "wb");
        assert_int_equal(fwrite(whole.data, 1, size, f), size);
        fclose(f);
        if (resume(path, 3, &w, &e))
            fail_msg("cut at byte %zu: %s", size, e.text);
        for (uint64_t n = 1; n <= 3; n++)
            if (!journal_finished(w, n))
                add(w, n);
        journal_close(w);
        struct buf again = content(path);
        assert_int_equal(again.size, whole.size);
        assert_memory_equal(again.data, whole.data, whole.size);
        buf_free(&again);
    }
    buf_free(&whole);
    story_forget(path);
}

static void references_are_remembered_over_a_resume(void **state)
{
    (void)state;
    static const char both[] = "{\"ev\":\"reference\",\"id\":\"a\"}\n{\"t\":0,\"ev\":\"reference\",\"id\":\"b\"}\n";
    char *path = fresh_path();
    struct journal_writer *w = create(path, 1);
    struct err e = {0};
    assert_false(journal_has_reference(w, "a"));
    assert_int_equal(journal_append_block(w, both, sizeof both - 1, &e), 0);
    assert_true(journal_has_reference(w, "a") && journal_has_reference(w, "b"));
    journal_close(w);
    assert_int_equal(resume(path, 1, &w, &e), 0);
    assert_true(journal_has_reference(w, "a") && journal_has_reference(w, "b") && !journal_has_reference(w, "c"));
    journal_close(w);
    story_forget(path);
}

static void another_plan_is_refused_and_the_difference_named(void **state)
{
    (void)state;
    char *path = fresh_path();
    struct journal_writer *w = create(path, 3);
    struct err e = {0};
    add(w, 1);
    journal_close(w);
    struct buf before = content(path);
    assert_int_equal(resume(path, 4, &w, &e), RIG_EINPUT);
    assert_non_null(strstr(e.text, "scenarios"));
    struct buf after = content(path);
    assert_int_equal(before.size, after.size);
    buf_free(&before);
    buf_free(&after);
    story_forget(path);
}

static void a_foreign_file_is_never_cut(void **state)
{
    (void)state;
    static const char diary[] = "dear diary";
    struct err e = {0};
    struct journal_writer *w;
    char *path = story_file(diary, sizeof diary - 1);
    assert_int_equal(resume(path, 1, &w, &e), RIG_EINPUT);
    struct buf after = content(path);
    assert_string_equal(buf_text(&after), diary);
    buf_free(&after);
    story_forget(path);
}

static void damage_in_the_middle_is_an_error_not_an_end(void **state)
{
    (void)state;
    struct buf b = {0};
    struct err e = {0};
    struct journal_writer *w;
    story_header(&b, "v2", 2, "{}", "{}");
    story_trial(&b, 1, "[]", tale);
    buf_str(&b, "what is this?\n");
    story_trial(&b, 2, "[]", tale);
    char *path = story_file(b.data, b.size);
    assert_int_equal(resume(path, 2, &w, &e), RIG_EINPUT);
    assert_non_null(strstr(e.text, ":6:"));
    struct buf after = content(path);
    assert_int_equal(after.size, b.size);
    buf_free(&after);
    buf_free(&b);
    story_forget(path);
}

static void damage_behind_the_last_whole_block_is_cut_off(void **state)
{
    (void)state;
    static const char zeros[600]; /* what a host leaves whose power failed before the data were there */
    struct buf b = {0};
    struct err e = {0};
    struct journal_writer *w;
    story_header(&b, "v2", 2, "{}", "{}");
    story_trial(&b, 1, "[]", tale);
    size_t whole = b.size;
    buf_add(&b, zeros, sizeof zeros);
    buf_char(&b, '\n');
    char *path = story_file(b.data, b.size);
    assert_int_equal(resume(path, 2, &w, &e), 0);
    assert_int_equal(journal_finished_count(w), 1);
    journal_close(w);
    struct buf after = content(path);
    assert_int_equal(after.size, whole);
    buf_free(&after);
    buf_free(&b);
    story_forget(path);
}

static void a_journal_that_is_there_is_not_overwritten(void **state)
{
    (void)state;
    char *path = fresh_path();
    struct journal_writer *w = create(path, 1), *second;
    struct json *header = plan(1);
    struct err e = {0};
    journal_close(w);
    assert_int_equal(journal_create(path, header, &second, &e), RIG_EINPUT);
    assert_non_null(strstr(e.text, path));
    json_free(header);
    story_forget(path);
}

static void two_writers_are_one_too_many(void **state)
{
    (void)state;
    char *path = fresh_path();
    struct journal_writer *w = create(path, 1), *second;
    struct err e = {0};
    assert_int_equal(resume(path, 1, &second, &e), RIG_EINPUT);
    assert_non_null(strstr(e.text, "another run"));
    journal_close(w);
    e = (struct err){0};
    assert_int_equal(resume(path, 1, &second, &e), 0);
    journal_close(second);
    story_forget(path);
}

/* In a child, because the limit stays for the life of a process. */
static int full_disk(const char *path)
{
    struct journal_writer *w = create(path, 3);
    struct err e = {0};
    struct stat st;
    struct buf block = {0};
    add(w, 1);
    stat(path, &st);
    struct rlimit limit = {(rlim_t)st.st_size + 20, (rlim_t)st.st_size + 20};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    story_trial(&block, 2, "[]", tale);
    int r = journal_append_block(w, block.data, block.size, &e);
    bool said = strstr(e.text, path) != NULL, unfinished = !journal_finished(w, 2);
    off_t size = st.st_size;
    stat(path, &st);
    journal_close(w);
    buf_free(&block);
    return r == RIG_EIO && said && unfinished && st.st_size == size ? 0 : 1;
}

static void a_full_disk_loses_nothing(void **state)
{
    (void)state;
    char *path = fresh_path();
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(full_disk(path));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    struct err e = {0};
    assert_int_equal(read_all(path, &e), 1);
    story_forget(path);
}

static void only_whole_trials_are_appended(void **state)
{
    (void)state;
    static const char *const blocks[] = {"", "{\"ev\":\"trial\",\"n\":2,\"scenario\":0}",
                                         "{\"ev\":\"trial\",\"n\":2,\"scenario\":0}\n",
                                         "{\"ev\":\"trial\",\"n\":9,\"scenario\":0}\n{\"ev\":\"end\",\"t\":0}\n", "nonsense\n"};
    char *path = fresh_path();
    struct journal_writer *w = create(path, 2);
    add(w, 1);
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct err e = {0};
        assert_int_equal(journal_append_block(w, blocks[i], strlen(blocks[i]), &e), RIG_EINTERNAL);
    }
    struct buf again = {0};
    struct err e = {0};
    story_trial(&again, 1, "[]", tale);
    assert_int_equal(journal_append_block(w, again.data, again.size, &e), RIG_EINTERNAL);
    journal_close(w);
    buf_free(&again);
    story_forget(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_resumed_journal_goes_on_behind_the_last_whole_block),
        cmocka_unit_test(a_journal_cut_at_any_byte_is_finished_to_the_same_bytes),
        cmocka_unit_test(references_are_remembered_over_a_resume),
        cmocka_unit_test(another_plan_is_refused_and_the_difference_named),
        cmocka_unit_test(a_foreign_file_is_never_cut),
        cmocka_unit_test(damage_in_the_middle_is_an_error_not_an_end),
        cmocka_unit_test(damage_behind_the_last_whole_block_is_cut_off),
        cmocka_unit_test(a_journal_that_is_there_is_not_overwritten),
        cmocka_unit_test(two_writers_are_one_too_many),
        cmocka_unit_test(a_full_disk_loses_nothing),
        cmocka_unit_test(only_whole_trials_are_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
