/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about program files: what is read from good ones, what is said about bad ones, and that no mutation of one crashes. */
#include "base/err.h"
#include "base/rng.h"
#include "sim/flash.h"
#include "sim/loader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct loader_image image;
static struct err e;

static int parse(const void *bytes, size_t n, const char *name)
{
    loader_free(&image);
    e = (struct err){0};
    return loader_parse(bytes, n, name, 0x08000000, &image, &e);
}

static void refused(const void *bytes, size_t n, const char *name, const char *said)
{
    assert_int_equal(parse(bytes, n, name), RIG_EINPUT);
    if (!strstr(e.text, said))
        fail_msg("\"%s\" does not say \"%s\"", e.text, said);
    assert_int_equal(image.parts, 0);
}

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v & 0xffff);
    put16(p + 2, v >> 16);
}

/* An ARM program of two segments: 8 bytes at 0x08000000, 4 bytes linked to SRAM and loaded behind them. */
enum { ELF_SIZE = 52 + 3 * 32 + 12 };
static void make_elf(uint8_t f[ELF_SIZE])
{
    memset(f, 0, ELF_SIZE);
    memcpy(f, "\177ELF\1\1\1", 7);
    put16(f + 16, 2);
    put16(f + 18, 40);
    put32(f + 24, 0x08000101);
    put32(f + 28, 52);
    put16(f + 40, 52);
    put16(f + 42, 32);
    put16(f + 44, 3);
    static const uint32_t seg[3][5] = {
        {148, 0x08000000, 0x08000000, 8, 8}, {156, 0x20000000, 0x08000008, 4, 16}, {0, 0x20000010, 0x20000010, 0, 64}};
    for (unsigned i = 0; i < 3; i++) {
        uint8_t *h = f + 52 + 32 * i;
        put32(h, 1);
        for (unsigned k = 0; k < 5; k++)
            put32(h + 4 + 4 * k, seg[i][k]);
    }
    memcpy(f + 148, "\x00\x80\x01\x20\x01\x01\x00\x08" "DATA", 12);
}

static void an_elf_loads_its_segments_at_their_load_addresses(void **state)
{
    (void)state;
    uint8_t f[ELF_SIZE];
    make_elf(f);
    assert_int_equal(parse(f, sizeof f, "a.elf"), 0);
    assert_int_equal(image.format, LOADER_ELF);
    assert_int_equal(image.entry, 0x08000101);
    assert_int_equal(image.parts, 1); /* adjoining segments are one run */
    assert_int_equal(image.part[0].addr, 0x08000000);
    assert_int_equal(image.part[0].n, 12);
    assert_memory_equal(image.part[0].bytes + 8, "DATA", 4);
}

static void bad_elf_files_are_refused_with_the_reason(void **state)
{
    (void)state;
    uint8_t f[ELF_SIZE];
    make_elf(f);
    refused(f, 30, "a.elf", "cut off");
    refused(f, ELF_SIZE - 5, "a.elf", "beyond the end");
    f[4] = 2;
    refused(f, sizeof f, "a.elf", "not a 32-bit");
    make_elf(f);
    put16(f + 18, 62);
    refused(f, sizeof f, "a.elf", "machine 62");
    make_elf(f);
    put16(f + 44, 0);
    refused(f, sizeof f, "a.o", "linked");
    make_elf(f);
    put16(f + 44, 0xffff);
    refused(f, sizeof f, "a.elf", "65535 program headers");
    make_elf(f);
    put32(f + 28, 0xfffffff0);
    refused(f, sizeof f, "a.elf", "do not fit");
    make_elf(f);
    put32(f + 52 + 4, 0xfffffffc);
    refused(f, sizeof f, "a.elf", "beyond the end");
    make_elf(f);
    put32(f + 52 + 12, 0xfffffffc);
    refused(f, sizeof f, "a.elf", "wraps");
    refused("text", 4, "a.elf", "not an ELF");
}

static void hex_records_load_with_their_base(void **state)
{
    (void)state;
    static const char text[] =
        ":020000040800F2\r\n:0400000001020304F2\r\n:0400040005060708DE\r\n:02000000AABB99\n:020000021000EC\n:01000000EE11\n"
        ":0400000508000101ED\n:00000001FF\n";
    assert_int_equal(parse(text, sizeof text - 1, "a.hex"), 0);
    assert_int_equal(image.format, LOADER_HEX);
    assert_int_equal(image.parts, 3);
    assert_int_equal(image.part[0].addr, 0x08000000);
    assert_memory_equal(image.part[0].bytes, "\1\2\3\4\5\6\7\10", 8);
    assert_int_equal(image.part[1].addr, 0x08000000);
    assert_int_equal(image.part[2].addr, 0x10000);
    assert_int_equal(image.entry, 0x08000101);
}

static void bad_hex_files_are_refused_with_their_line(void **state)
{
    (void)state;
    static const struct { const char *text, *said; } bad[] = {
        {":00000001FF\n:00000001FF\n", "a.hex:2: a record behind the end"},
        {":0400000001020304F3\n", "a.hex:1: wrong checksum"},
        {":04000000010203F6\n", "a.hex:1: the record's length"},
        {":0400\n", "a.hex:1: the record's length"},
        {":04000000010203G4F2\n", "a.hex:1: not a pair"},
        {":0400000001020304F\n", "a.hex:1: not a pair"},
        {":0400000001020304F2\n", "cut off"},
        {"\n\nS00600004844521B\n", "a.hex:3: a line that does not start"},
        {":0000000AF6\n", "unknown record type"},
        {":01000004FFFC\n", "wrong length"},
        {":0100000155A9\n", "an end record with data"},
        {":00000001FF\n", "nothing to load"},
        {":02000004FFFFFC\n:04FFFE0001020304F5\n:00000001FF\n", "a.hex:2: data wrap"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refused(bad[i].text, strlen(bad[i].text), "a.hex", bad[i].said);
    refused("", 0, "a.hex", "empty");
}

static void anything_else_is_a_binary_at_its_address(void **state)
{
    (void)state;
    e = (struct err){0};
    loader_free(&image);
    assert_int_equal(loader_parse("\x00\x80\x01\x20", 4, "a.bin", 0x08020000, &image, &e), 0);
    assert_int_equal(image.format, LOADER_BIN);
    assert_int_equal(image.part[0].addr, 0x08020000);
    assert_int_equal(image.part[0].n, 4);
}

static void file_at_address_is_split(void **state)
{
    (void)state;
    char path[] = "/tmp/otarig-loader-XXXXXX", spec[64];
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "wb");
    assert_non_null(f);
    fwrite("data", 1, 4, f);
    fclose(f);
    loader_free(&image);
    e = (struct err){0};
    snprintf(spec, sizeof spec, "%s@0x08020000", path);
    assert_int_equal(loader_read(spec, &image, &e), 0);
    assert_int_equal(image.part[0].addr, 0x08020000);
    loader_free(&image);
    snprintf(spec, sizeof spec, "%s@here", path);
    assert_int_equal(loader_read(spec, &image, &e), RIG_EINPUT);
    assert_non_null(strstr(e.text, "not an address"));
    remove(path);
    e = (struct err){0};
    assert_int_equal(loader_read(path, &image, &e), RIG_EINPUT);
}

static void parts_go_into_flash_and_keep_their_neighbours(void **state)
{
    (void)state;
    struct flash *flash = flash_new(&flash_stm32l4);
    uint8_t f[ELF_SIZE];
    make_elf(f);
    flash_load(flash, 100, (const uint8_t *)"keep", 4);
    assert_int_equal(parse(f, sizeof f, "a.elf"), 0);
    assert_int_equal(loader_flash(&image, "a.elf", flash, 0x08000000, &e), 0);
    assert_memory_equal(flash_bytes(flash), "\x00\x80\x01\x20\x01\x01\x00\x08" "DATA", 12);
    assert_memory_equal(flash_bytes(flash) + 100, "keep", 4);
    flash_free(flash);
}

static void a_part_outside_flash_is_refused_and_nothing_is_written(void **state)
{
    (void)state;
    struct flash *flash = flash_new(&flash_stm32l4);
    uint8_t f[ELF_SIZE];
    make_elf(f);
    put32(f + 52 + 32 + 12, 0x20000000);
    assert_int_equal(parse(f, sizeof f, "a.elf"), 0);
    assert_int_equal(loader_flash(&image, "a.elf", flash, 0x08000000, &e), RIG_EINPUT);
    assert_non_null(strstr(e.text, "0x20000000"));
    assert_true(flash_blank(flash, 0));
    loader_free(&image);
    e = (struct err){0};
    assert_int_equal(loader_parse("12345678", 8, "a.bin", 0x080FFFFC, &image, &e), 0);
    assert_int_equal(loader_flash(&image, "a.bin", flash, 0x08000000, &e), RIG_EINPUT);
    flash_free(flash);
}

/* Under ASan: no byte changed, taken away or cut off may lead outside the input. */
static void mutated_files_never_lead_outside(void **state)
{
    (void)state;
    static const char hex[] = ":020000040800F2\r\n:0400000001020304F2\r\n:0400000508000101ED\n:00000001FF\n";
    struct rng rng;
    rng_seed(&rng, 1, 99);
    unsigned good = 0, bad = 0;
    for (unsigned i = 0; i < 20000; i++) {
        uint8_t base[ELF_SIZE];
        bool elf = i & 1;
        size_t n = elf ? ELF_SIZE : sizeof hex - 1;
        make_elf(base);
        uint8_t *f = malloc(n); /* of the exact size, so that ASan sees one byte too many */
        memcpy(f, elf ? base : (const uint8_t *)hex, n);
        for (uint64_t k = rng_below(&rng, 4); k-- > 0;)
            f[rng_below(&rng, n)] = (uint8_t)rng_u64(&rng);
        size_t cut = rng_below(&rng, 8) ? n : rng_below(&rng, n + 1);
        uint8_t *exact = malloc(cut ? cut : 1);
        memcpy(exact, f, cut);
        int r = parse(exact, cut, "a");
        good += r == 0;
        bad += r != 0;
        assert_true(r == 0 || (r == RIG_EINPUT && e.text[0] && !image.parts));
        free(exact);
        free(f);
    }
    assert_true(good > 1000 && bad > 1000);
}

static int clean(void **state)
{
    (void)state;
    loader_free(&image);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_elf_loads_its_segments_at_their_load_addresses),
        cmocka_unit_test(bad_elf_files_are_refused_with_the_reason),
        cmocka_unit_test(hex_records_load_with_their_base),
        cmocka_unit_test(bad_hex_files_are_refused_with_their_line),
        cmocka_unit_test(anything_else_is_a_binary_at_its_address),
        cmocka_unit_test(file_at_address_is_split),
        cmocka_unit_test(parts_go_into_flash_and_keep_their_neighbours),
        cmocka_unit_test(a_part_outside_flash_is_refused_and_nothing_is_written),
        cmocka_unit_test(mutated_files_never_lead_outside),
    };
    return cmocka_run_group_tests_name("loader", tests, NULL, clean);
}
