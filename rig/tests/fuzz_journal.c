/* SPDX-License-Identifier: GPL-3.0-or-later
 * Fuzz target: any bytes as a journal. It is read and judged, or refused with a message that names the line; resuming it never
 * makes it longer, and what a resume accepts a reader accepts. Every second input gets a good header in front, so that the blocks
 * are reached. */
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "judge/verdict.h"
#include "record/header.h"
#include "record/journal.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char good[] = "{\"ev\":\"run\",\"schema\":1,\"plan_id\":\"p\",\"dut\":{\"deadlines\":{\"boot_ms\":3000,\"confirm_"
                           "ms\":9000,\"settle_ms\":5000},\"attempts\":3,"
                           "\"max_boots\":8},\"images\":[{\"name\":\"v1\",\"digest\":\"11111111\",\"version\":\"1\",\"counter\":"
                           "1,\"genuine\":true},"
                           "{\"name\":\"v2\",\"digest\":\"22222222\",\"version\":\"2\",\"counter\":2,\"genuine\":true},{\"name\":"
                           "\"x\",\"digest\":\"33333333\","
                           "\"version\":\"2\"}],\"bench\":{\"name\":\"virtual\",\"reset_mv\":1700},\"scenarios\":[{\"id\":\"s\","
                           "\"installed\":\"v1\",\"offered\":\"v2\","
                           "\"first\":1,\"trials\":9,\"expect\":{\"versions\":[\"1\",\"2\"],\"eventually\":{\"version\":\"2\","
                           "\"updates\":1},\"boot_reason\":\"pin\","
                           "\"refused\":true,\"cause\":\"c\"},\"waive\":{\"L9\":\"w\"}},{\"id\":\"f\",\"installed\":\"v1\",\"offered\":"
                           "\"v2\",\"first\":10,\"trials\":2,\"fleet\":{\"devices\":2,\"version\":\"2\",\"back\":\"1\",\"budget\":1,"
                           "\"busy\":{\"from_ms\":1,\"for_ms\":9}},\"expect\":{\"fleet\":{\"updated\":9000,\"updated_most\":1000,"
                           "\"back\":1,\"failed\":0,\"overrun\":0,\"peak\":100,\"window_ms\":5}}}]}\n";

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz_journal: %s\n", what);
    abort();
}

static void check(int r, const struct err *e)
{
    must(r >= 0 || (e->code == r && e->text[0]), "an error without a message");
}

static void read_and_judge(const char *path)
{
    struct journal *j = NULL;
    struct verdict *v = NULL;
    struct err e = {0};
    int r = journal_read(path, &j, &e);
    if (!r)
        r = verdict_make(j, &v, &e);
    check(r, &e);
    if (!r) {
        struct json *json = verdict_json(v, j);
        free(json_print(json));
        json_free(json);
    }
    verdict_free(v);
    journal_free(j);
}

static off_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? st.st_size : 0;
}

static void resume(const char *path)
{
    struct json *header = json_parse(good, sizeof good - 2, NULL);
    struct journal_writer *w = NULL;
    struct journal *j = NULL;
    const struct journal_trial *t;
    struct err e = {0};
    off_t before = size_of(path);
    int r = journal_open_resume(path, header, &w, &e);
    uint64_t finished = 0, expected = r ? 0 : journal_finished_count(w);
    check(r, &e);
    journal_close(w);
    json_free(header);
    must(size_of(path) <= before || before < (off_t)sizeof good, "resuming made the journal longer");
    must(!r || size_of(path) == before, "a refused journal was changed");
    if (r)
        return;
    r = journal_read(path, &j, &e);
    while (!r && (r = journal_next_trial(j, &t, &e)) == 1) {
        finished += t->finished;
        r = 0;
    }
    must(r == 0 && finished == expected, "a resumed journal is not whole");
    journal_free(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("journal", MFD_CLOEXEC);
    must(fd >= 0, "no memory file");
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (size && data[0] & 1)
        must(write(fd, good, sizeof good - 1) == (ssize_t)sizeof good - 1, "cannot write");
    if (size)
        must(write(fd, data + 1, size - 1) == (ssize_t)size - 1, "cannot write");
    read_and_judge(path);
    resume(path);
    close(fd);
    return 0;
}
