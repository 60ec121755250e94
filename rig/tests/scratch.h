/* SPDX-License-Identifier: GPL-3.0-or-later
 * A folder of files that a test writes and throws away. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char scratch_folder[64];

static inline int scratch_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static inline int scratch_open(void **state)
{
    (void)state;
    snprintf(scratch_folder, sizeof scratch_folder, "/tmp/otarig-test-XXXXXX");
    return mkdtemp(scratch_folder) ? 0 : -1;
}

static inline int scratch_close(void **state)
{
    (void)state;
    return nftw(scratch_folder, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of a name in the folder; the caller frees. */
static inline char *scratch_path(const char *name)
{
    return file_join(scratch_folder, name);
}

static inline void scratch_put_bytes(const char *name, const void *bytes, size_t n)
{
    struct err e = {0};
    char *path = scratch_path(name), *folder = file_folder(path);
    file_make_folder(folder, &e);
    file_write(path, bytes, n, &e);
    if (e.code)
        fail_msg("%s", e.text);
    free(folder);
    free(path);
}

static inline void scratch_put(const char *name, const char *text)
{
    scratch_put_bytes(name, text, strlen(text));
}
#endif
