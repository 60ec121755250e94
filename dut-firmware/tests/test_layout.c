/* SPDX-License-Identifier: GPL-3.0-or-later
 * The memory map stands in layout.h; the rig's device profile repeats it, because the rig shares no header with the firmware.
 * They must agree. */
#include <stdlib.h>
#include "check.h"
#include "layout.h"

static const char profile[] = "fixtures/duts/nucleo-l476rg.yaml";

struct range {
    unsigned long base, size;
};

/* Reads "- {name: NAME, base: 0x…, size: nKiB" from the profile. */
static struct range find(const char *name)
{
    char line[512], wanted[64];
    struct range r = {0, 0};
    FILE *f = fopen(profile, "r");
    assert_non_null(f);
    snprintf(wanted, sizeof wanted, "{name: %s,", name);
    while (fgets(line, sizeof line, f) != NULL) {
        const char *at = strstr(line, wanted), *base = at ? strstr(at, "base:") : NULL, *size = at ? strstr(at, "size:") : NULL;
        if (base == NULL || size == NULL)
            continue;
        r.base = strtoul(base + 5, NULL, 0);
        r.size = strtoul(size + 5, NULL, 0) * (strstr(size, "KiB") != NULL ? 1024 : 1);
    }
    fclose(f);
    return r;
}

static void the_device_profile_has_the_firmwares_memory_map(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct range range;
    } map[] = {{"boot", {LAYOUT_BOOT_BASE, LAYOUT_BOOT_SIZE}},
               {"log", {LAYOUT_LOG_BASE, LAYOUT_LOG_SIZE}},
               {"settings", {LAYOUT_SETTINGS_BASE, LAYOUT_SETTINGS_SIZE}},
               {"download", {LAYOUT_DOWNLOAD_BASE, LAYOUT_DOWNLOAD_SIZE}},
               {"keys", {LAYOUT_KEYS_BASE, LAYOUT_KEYS_SIZE}},
               {"fresh", {LAYOUT_FRESH_BASE, LAYOUT_FRESH_SIZE}},
               {"a", {LAYOUT_SLOT_A_BASE, LAYOUT_SLOT_SIZE}},
               {"b", {LAYOUT_SLOT_B_BASE, LAYOUT_SLOT_SIZE}}};
    for (size_t i = 0; i < sizeof map / sizeof *map; i++) {
        const struct range r = find(map[i].name);
        assert_int_equal(r.base, map[i].range.base);
        assert_int_equal(r.size, map[i].range.size);
    }
}

static void regions_do_not_overlap(void **state)
{
    (void)state;
    static const struct range r[] = {{LAYOUT_BOOT_BASE, LAYOUT_BOOT_SIZE},         {LAYOUT_LOG_BASE, LAYOUT_LOG_SIZE},
                                     {LAYOUT_SETTINGS_BASE, LAYOUT_SETTINGS_SIZE}, {LAYOUT_DOWNLOAD_BASE, LAYOUT_DOWNLOAD_SIZE},
                                     {LAYOUT_KEYS_BASE, LAYOUT_KEYS_SIZE},
                                     {LAYOUT_FRESH_BASE, LAYOUT_FRESH_SIZE},
                                     {LAYOUT_SLOT_A_BASE, LAYOUT_SLOT_SIZE},       {LAYOUT_SLOT_B_BASE, LAYOUT_SLOT_SIZE}};
    for (size_t i = 0; i < sizeof r / sizeof *r; i++) {
        assert_int_equal(r[i].base % LAYOUT_PAGE, 0);
        assert_int_equal(r[i].size % LAYOUT_PAGE, 0);
        assert_true(r[i].base + r[i].size <= (unsigned long)LAYOUT_FLASH_BASE + LAYOUT_FLASH_SIZE);
        if (i > 0)
            assert_true(r[i - 1].base + r[i - 1].size <= r[i].base);
    }
    assert_true(LAYOUT_SLOT_A_BASE + LAYOUT_SLOT_SIZE <=
                LAYOUT_FLASH_BASE + LAYOUT_BANK_SIZE); /* slot a in bank 1, slot b in bank 2 */
    assert_int_equal(LAYOUT_SLOT_B_BASE, LAYOUT_FLASH_BASE + LAYOUT_BANK_SIZE);
}

CHECK_MAIN(CLAIM(the_device_profile_has_the_firmwares_memory_map), CLAIM(regions_do_not_overlap))
