/* SPDX-License-Identifier: GPL-3.0-or-later
 * Whole files, folders and paths. */
#ifndef BASE_FILE_H
#define BASE_FILE_H
#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

/* Appends the file's bytes to out. More than limit bytes is RIG_EINPUT, what the host refuses RIG_EINPUT with its reason. */
int file_read(const char *path, size_t limit, struct buf *out, struct err *e);
/* Writes beside the target, syncs, renames: the file is the old or the new one, never half. */
int file_write(const char *path, const void *bytes, size_t n, struct err *e);
int file_make_folder(const char *path, struct err *e); /* with its parents; there already is success */
bool file_is_folder(const char *path);
bool file_exists(const char *path);
/* All files below a folder (or the file itself) whose name ends in suffix, sorted by path bytes. NULL-terminated; the caller frees
 * with file_list_free. NULL with a message when path cannot be read. */
char **file_list(const char *path, const char *suffix, struct err *e);
void file_list_free(char **list);
char *file_join(const char *folder, const char *name); /* name alone when it is absolute; the caller frees */
char *file_folder(const char *path);                    /* "." for a bare name; the caller frees */
const char *file_base(const char *path);                /* behind the last slash */

#endif
