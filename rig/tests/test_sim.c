/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about `otarig sim`: what it prints, what it tells, how it ends. */
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "cmd/cmd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/otarig-sim-XXXXXX";
static struct buf out, told;

/* Sends one of the process's streams into a file; returns what undoes it. */
static int divert(FILE *stream, const char *path)
{
    fflush(stream);
    int kept = dup(fileno(stream));
    assert_non_null(freopen(path, "w", stream));
    return kept;
}

static void restore(FILE *stream, int kept)
{
    fflush(stream);
    dup2(kept, fileno(stream));
    close(kept);
}

static char *in_folder(const char *name)
{
    return file_join(folder, name);
}

/* Runs `sim WORDS…`, NULL-terminated; out and told hold the two streams. */
static int sim(const char *first, ...)
{
    char *argv[24] = {(char *)"sim"}, *o = in_folder("out"), *t = in_folder("told");
    int argc = 1;
    struct err e = {0};
    va_list ap;
    va_start(ap, first);
    for (const char *word = first; word && argc < 23; word = va_arg(ap, const char *))
        argv[argc++] = (char *)word;
    va_end(ap);
    int kept_out = divert(stdout, o), kept_err = divert(stderr, t);
    int code = cmd_sim(argc, argv);
    restore(stdout, kept_out);
    restore(stderr, kept_err);
    buf_clear(&out);
    buf_clear(&told);
    assert_int_equal(file_read(o, 1 << 24, &out, &e), 0);
    assert_int_equal(file_read(t, 1 << 24, &told, &e), 0);
    free(o);
    free(t);
    return code;
}

static char *guest(const char *name)
{
    const char *guests = getenv("OTARIG_GUESTS");
    return mem_printf("%s/%s.elf", guests ? guests : "build/guests", name);
}

/* A binary of halfwords behind two vectors. */
static char *binary(const uint16_t *code, size_t n)
{
    uint16_t all[64] = {0x8000, 0x2001, 0x0009, 0x0800};
    uint8_t bytes[128];
    char *path = in_folder("program.bin");
    memcpy(all + 4, code, n * 2);
    for (size_t i = 0; i < 4 + n; i++) {
        bytes[2 * i] = (uint8_t)all[i];
        bytes[2 * i + 1] = (uint8_t)(all[i] >> 8);
    }
    assert_int_equal(file_write(path, bytes, 8 + 2 * n, NULL), 0);
    return path;
}

static void says(const struct buf *b, const char *text)
{
    if (!strstr(buf_text(b), text))
        fail_msg("no \"%s\" in:\n%s", text, buf_text(b));
}

static void a_match_ends_the_run_with_success(void **state)
{
    (void)state;
    char *path = guest("hello");
    assert_int_equal(sim("--flash", path, "--until", "^hello id=[0-9a-f]+ ", "--timeout", "1s", NULL), 0);
    says(&out, "hello id=10076415 ");
    assert_null(strstr(buf_text(&out), "size="));
    says(&told, "matched");
    says(&told, "HCLK 80.000 MHz");
    says(&told, "xpsr");
    free(path);
}

static void no_match_in_time_is_a_failure(void **state)
{
    (void)state;
    char *path = guest("hello");
    assert_int_equal(sim("--flash", path, "--until=never", "--timeout=20ms", NULL), 1);
    says(&told, "time is over");
    assert_int_equal(sim("--flash", path, "--timeout=20ms", NULL), 0);
    free(path);
}

static void a_wrong_baud_rate_shows_on_the_console(void **state)
{
    (void)state;
    char *path = guest("hello");
    assert_int_equal(sim("--flash", path, "--until", "hello", "--baud", "9600", "--timeout", "20ms", NULL), 1);
    free(path);
}

static void flash_operations_are_traced(void **state)
{
    (void)state;
    char *path = guest("flash");
    assert_int_equal(sim("--flash", path, "--trace", "flash", "--until", "^done", NULL), 0);
    says(&told, "flash #1 erase      0x08032000 2048 bytes");
    says(&told, "flash #2 program    0x08032000 8 bytes");
    says(&told, "flash error PGSERR at 0x080b2800");
    free(path);
}

static void resets_are_told_with_their_cause(void **state)
{
    (void)state;
    char *path = guest("watchdog");
    assert_int_equal(sim("--flash", path, "--until", "^fed", NULL), 0);
    says(&told, "1 reset by software");
    says(&told, "1 reset by watchdog");
    free(path);
}

static void a_fault_is_a_failure_and_is_explained(void **state)
{
    (void)state;
    static const uint16_t jump[] = {0x4801, 0x4700, 0x0000, 0x0000, 0x0001, 0x3000};
    char *path = binary(jump, 6);
    assert_int_equal(sim("--flash", path, "--timeout", "100ms", NULL), 1);
    says(&told, "IBUSERR");
    says(&told, "bus-error: read of nothing (0x30000000)");
    free(path);
}

static void an_endless_loop_ends_with_the_time(void **state)
{
    (void)state;
    static const uint16_t loop[] = {0xE7FE};
    char *path = binary(loop, 1);
    assert_int_equal(sim("--flash", path, "--timeout", "500ms", NULL), 0);
    says(&told, "0.500000 s of virtual time, 200000");
    free(path);
}

static void sleeping_for_ever_ends_early(void **state)
{
    (void)state;
    static const uint16_t wfi[] = {0xBF30, 0xE7FD};
    char *path = binary(wfi, 2);
    assert_int_equal(sim("--flash", path, "--timeout", "60min", NULL), 0);
    says(&told, "asleep with nothing that could wake it");
    free(path);
}

static void mistakes_are_usage_errors_with_a_hint(void **state)
{
    (void)state;
    static const uint16_t loop[] = {0xE7FE};
    char *path = binary(loop, 1), *elf = guest("hello"), *spec = mem_printf("%s@0x20000000", path),
         *at = mem_printf("%s@0x0", elf);
    static const struct { const char *words[6], *said; } wrong[] = {
        {{NULL}, "--flash FILE[@ADDR] is needed"},
        {{"--flash", NULL}, "--flash needs a value"},
        {{"--flash", "/nowhere.bin", NULL}, "No such file"},
        {{"--flsh", "x", NULL}, "did you mean \"--flash\"?"},
        {{"--flash", "x", "--timeout", "5", NULL}, "with its unit"},
        {{"--flash", "x", "--timeout", "99999999999999999999s", NULL}, "with its unit"},
        {{"--flash", "x", "--uart1", "modem", NULL}, "--uart1 modem"},
        {{"--flash", "x", "--hse", "1GHz", NULL}, "4MHz to 48MHz"},
        {{"--flash", "x", "--help=1", NULL}, "takes no value"},
        {{"x.elf", NULL}, "--flash x.elf"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(sim(wrong[i].words[0], wrong[i].words[1], wrong[i].words[2], wrong[i].words[3], wrong[i].words[4], NULL),
                         4);
        says(&told, wrong[i].said);
    }
    assert_int_equal(sim("--flash", path, "--until", "(", NULL), 4);
    assert_int_equal(sim("--flash", spec, NULL), 4);
    says(&told, "outside flash");
    assert_int_equal(sim("--flash", at, NULL), 4);
    says(&told, "leave out @ADDR");
    free(at);
    free(spec);
    free(elf);
    free(path);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int take_down(void **state)
{
    (void)state;
    static const char *const names[] = {"out", "told", "program.bin"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = in_folder(names[i]);
        remove(path);
        free(path);
    }
    buf_free(&out);
    buf_free(&told);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_match_ends_the_run_with_success),
        cmocka_unit_test(no_match_in_time_is_a_failure),
        cmocka_unit_test(a_wrong_baud_rate_shows_on_the_console),
        cmocka_unit_test(flash_operations_are_traced),
        cmocka_unit_test(resets_are_told_with_their_cause),
        cmocka_unit_test(a_fault_is_a_failure_and_is_explained),
        cmocka_unit_test(an_endless_loop_ends_with_the_time),
        cmocka_unit_test(sleeping_for_ever_ends_early),
        cmocka_unit_test(mistakes_are_usage_errors_with_a_hint),
    };
    return cmocka_run_group_tests_name("sim", tests, set_up, take_down);
}
