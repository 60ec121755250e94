/* SPDX-License-Identifier: GPL-3.0-or-later
 * Journals for tests, written as a story. */
#include "journal_story.h"

#include "base/buf.h"
#include "base/json.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

const char *story_signer = "";
const char story_cut[] = "[{\"do\":\"power-cut\",\"at\":\"flash-op\"}]";

const char story_good[] = "0 offer version=2.0.0 image=v2 good=true\n"
                          "0 power on=true why=start\n"
                          "0 reset cause=power-on by=rig\n"
                          "50 dut reset reason=power-on\n"
                          "60 dut boot slot=a version=1.0.0 digest=D1 attempt=0 counter=1 confirmed=1\n"
                          "100 dut running slot=a version=1.0.0 digest=D1 reason=power-on confirmed=1\n"
                          "100 exec slot=a image=v1 digest=D1\n"
                          "110 dut settings id=0042 name=lamp\n"
                          "200 http n=1 method=GET path=/manifest.json status=200\n"
                          "210 dut stage stage=started version=2.0.0 offset=0\n"
                          "220 told stage=started version=2.0.0\n"
                          "300 held slot=b file=v2-b.bin bytes=0 from=0\n"
                          "400 dut chunk index=0 offset=4096\n"
                          "500 dut chunk index=1 offset=8192\n"
                          "510 fault i=0 do=power-cut delivered=true phase=write op=1100\n"
                          "510 power on=false why=fault\n"
                          "510 rail mv=0\n"
                          "1000 power on=true why=fault\n"
                          "1000 reset cause=power-on by=rig\n"
                          "1000 faults-over\n"
                          "1050 dut reset reason=power-on\n"
                          "1060 dut boot slot=a version=1.0.0 digest=D1 attempt=0 counter=1 confirmed=1\n"
                          "1100 dut running slot=a version=1.0.0 digest=D1 reason=power-on confirmed=1\n"
                          "1100 exec slot=a image=v1 digest=D1\n"
                          "1110 dut settings id=0042 name=lamp\n"
                          "1200 dut resume version=2.0.0 offset=8192\n"
                          "1210 held slot=b file=v2-b.bin bytes=8200 from=8192\n"
                          "1500 http n=2 method=GET path=/image/v2-b.bin file=v2-b.bin from=8192 ranged=true status=206 "
                          "length=90000 sent=90000 end=complete\n"
                          "1510 dut stage stage=downloaded version=2.0.0 offset=98192\n"
                          "1520 told stage=downloaded version=2.0.0\n"
                          "1600 dut stage stage=verified version=2.0.0 offset=98192\n"
                          "1610 told stage=verified version=2.0.0\n"
                          "1700 dut stage stage=installed version=2.0.0 offset=98192\n"
                          "1705 told stage=installed version=2.0.0\n"
                          "1710 reset cause=software by=device\n"
                          "1760 dut reset reason=software\n"
                          "1770 dut boot slot=b version=2.0.0 digest=D2 attempt=1 counter=2 confirmed=0\n"
                          "1800 dut running slot=b version=2.0.0 digest=D2 reason=software confirmed=0\n"
                          "1800 exec slot=b image=v2 digest=D2\n"
                          "1810 dut settings id=0042 name=lamp\n"
                          "1900 dut stage stage=booted version=2.0.0\n"
                          "1910 told stage=booted version=2.0.0\n"
                          "1950 dut stage stage=confirmed version=2.0.0\n"
                          "1960 told stage=confirmed version=2.0.0\n"
                          "8000 cycle\n"
                          "8000 power on=false why=cycle\n"
                          "8000 rail mv=0\n"
                          "8500 power on=true why=cycle\n"
                          "8500 reset cause=power-on by=rig\n"
                          "8550 dut reset reason=power-on\n"
                          "8560 dut boot slot=b version=2.0.0 digest=D2 attempt=0 counter=2 confirmed=1\n"
                          "8600 dut running slot=b version=2.0.0 digest=D2 reason=power-on confirmed=1\n"
                          "8600 exec slot=b image=v2 digest=D2\n"
                          "8610 dut settings id=0042 name=lamp\n"
                          "10000 end why=done run=2.0.0 boots=4 fetched=98192 ops=12000 updates=1\n";

static const char *digest_of(const char *short_name)
{
    static char text[65];
    memset(text, short_name[1] == 'X' ? 'e' : short_name[1], 64);
    return text;
}

static bool is_digest(const char *v)
{
    return v[0] == 'D' && v[1] && !v[2];
}

static bool is_number(const char *v)
{
    char *end;
    strtoll(v, &end, 10);
    return end != v && !*end;
}

static void add_member(struct json *j, const char *key, const char *value, bool text)
{
    if (strcmp(key, "run") == 0) {
        struct json *running = json_object();
        json_add_str(running, "version", value);
        json_add(j, "running", running);
    } else if (is_digest(value)) {
        json_add_str(j, key, digest_of(value));
    } else if (text || (!is_number(value) && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)) {
        json_add_str(j, key, value);
    } else if (is_number(value)) {
        json_add_int(j, key, strtoll(value, NULL, 10));
    } else {
        json_add_bool(j, key, value[0] == 't');
    }
}

static void add_line(struct buf *out, char *line)
{
    struct json *j = json_object();
    char *save, *at = strtok_r(line, " ", &save), *ev = strtok_r(NULL, " ", &save);
    assert_non_null(ev);
    json_add_int(j, "t", strtoll(at, NULL, 10) * 1000000);
    json_add_str(j, "ev", ev);
    bool dut = strcmp(ev, "dut") == 0;
    if (dut)
        json_add_str(j, "kind", strtok_r(NULL, " ", &save));
    for (char *word; (word = strtok_r(NULL, " ", &save));) {
        char *split = word + strcspn(word, "=:");
        assert_true(*split);
        bool text = dut || *split == ':'; /* consoles give text, whatever it looks like */
        *split = 0;
        add_member(j, word, split + 1, text);
    }
    char *printed = json_print(j);
    buf_printf(out, "%s\n", printed);
    free(printed);
    json_free(j);
}

void story_lines(struct buf *out, const char *story)
{
    char *copy = mem_str(story), *save;
    for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        add_line(out, line);
    free(copy);
}

static void image(struct buf *out, const char *name, char slot, const char *digest, const char *version, int counter,
                  bool genuine)
{
    buf_printf(out, "{\"name\":\"%s\",\"file\":\"%s-%c.bin\",\"slot\":\"%c\",\"sha256\":\"%s\",", name, name, slot, slot,
               digest_of(digest));
    buf_printf(out, "\"digest\":\"%s\",\"version\":\"%s\",\"counter\":%d,\"signer\":\"%s\",\"genuine\":%s}", digest_of(digest), version,
               counter, genuine ? story_signer : "", genuine ? "true" : "false");
}

void story_header(struct buf *out, const char *offered, uint64_t trials, const char *expect, const char *waive)
{
    buf_str(out, "{\"ev\":\"run\",\"schema\":1,\"otarig\":\"0.1.0\",\"source\":\"s\",\"plan_id\":\"p\",\"seed\":\"1\",\"dut\":{"
                 "\"name\":\"lamp\","
                 "\"deadlines\":{\"boot_ms\":3000,\"update_ms\":60000,\"confirm_ms\":20000,\"settle_ms\":5000},\"attempts\":3,"
                 "\"max_boots\":8,"
                 "\"slots\":[{\"name\":\"a\",\"base\":\"0x08020000\",\"size\":393216}]},\"images\":[");
    image(out, "v1", 'a', "D1", "1.0.0", 1, true);
    buf_char(out, ',');
    image(out, "v2", 'b', "D2", "2.0.0", 2, true);
    buf_char(out, ',');
    image(out, "v3", 'a', "D3", "3.0.0", 3, true);
    buf_char(out, ',');
    image(out, "v2-unsigned", 'b', "D2", "2.0.0", 2, false);
    buf_char(out, ',');
    image(out, "v2x", 'b', "DX", "2.0.0", 2, false);
    buf_printf(out,
               "],\"bench\":{\"name\":\"virtual\",\"chip\":\"STM32L476\",\"power\":\"sim\",\"reset_mv\":1700},\"scenarios\":[{"
               "\"n\":0,"
               "\"id\":\"power/p2\",\"file\":\"p2.yaml\",\"claim\":\"It comes "
               "back.\",\"installed\":\"v1\",\"offered\":\"%s\",\"first\":1,"
               "\"trials\":%llu,\"expect\":%s,\"waive\":%s}]}\n",
               offered, (unsigned long long)trials, expect, waive);
}

void story_trial(struct buf *out, uint64_t n, const char *faults, const char *story)
{
    buf_printf(out, "{\"ev\":\"trial\",\"n\":%llu,\"scenario\":0,\"k\":%llu,\"matrix\":{},\"faults\":%s}\n",
               (unsigned long long)n, (unsigned long long)n - 1, faults);
    story_lines(out, story);
}

char *story_edit(const char *story, const char *from, const char *to)
{
    const char *at = strstr(story, from);
    if (!at || strstr(at + 1, from))
        fail_msg("\"%s\" stands %s in the story", from, at ? "more than once" : "nowhere");
    return mem_printf("%.*s%s%s", (int)(at - story), story, to, at + strlen(from));
}

char *story_edit_free(char *story, const char *from, const char *to)
{
    char *edited = story_edit(story, from, to);
    free(story);
    return edited;
}

char *story_file(const void *bytes, size_t n)
{
    char *path = mem_str("/tmp/otarig-journal-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    close(fd);
    return path;
}

void story_forget(char *path)
{
    unlink(path);
    free(path);
}
