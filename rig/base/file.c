/* SPDX-License-Identifier: GPL-3.0-or-later
 * Whole files, folders and paths. */
#include "base/file.h"

#include "base/buf.h"
#include "base/err.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_read(const char *path, size_t limit, struct buf *out, struct err *e)
{
    if (file_is_folder(path))
        return err_set(e, RIG_EINPUT, "%s: is a folder", path);
    FILE *f = fopen(path, "rb");
    if (!f)
        return err_set(e, RIG_EINPUT, "%s: %s", path, strerror(errno));
    char chunk[16384];
    size_t n, total = 0;
    int r = 0;
    while (!r && (n = fread(chunk, 1, sizeof chunk, f)) > 0) {
        total += n;
        if (total > limit)
            r = err_set(e, RIG_EINPUT, "%s: larger than %zu bytes", path, limit);
        else
            buf_add(out, chunk, n);
    }
    if (!r && ferror(f))
        r = err_set(e, RIG_EIO, "%s: %s", path, strerror(errno));
    fclose(f);
    return r;
}

static int write_all(int fd, const char *bytes, size_t n)
{
    while (n) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -1;
        bytes += done;
        n -= (size_t)done;
    }
    return 0;
}

int file_write(const char *path, const void *bytes, size_t n, struct err *e)
{
    char *beside = mem_printf("%s.tmp%ld", path, (long)getpid());
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), r = 0;
    if (fd < 0)
        r = err_set(e, RIG_EIO, "%s: %s", beside, strerror(errno));
    else if (write_all(fd, bytes, n) < 0 || fsync(fd) < 0)
        r = err_set(e, RIG_EIO, "%s: %s", beside, strerror(errno));
    if (fd >= 0 && close(fd) < 0 && !r)
        r = err_set(e, RIG_EIO, "%s: %s", beside, strerror(errno));
    if (!r && rename(beside, path) < 0)
        r = err_set(e, RIG_EIO, "%s: %s", path, strerror(errno));
    if (r)
        unlink(beside);
    free(beside);
    return r;
}

int file_make_folder(const char *path, struct err *e)
{
    char *p = mem_str(path);
    int r = 0;
    for (char *s = p + 1; !r; s++) {
        char c = *s;
        if (c != '/' && c != 0)
            continue;
        *s = 0;
        if (mkdir(p, 0755) < 0 && (errno != EEXIST || !file_is_folder(p)))
            r = err_set(e, RIG_EIO, "%s: %s", p, strerror(errno == EEXIST ? ENOTDIR : errno));
        *s = c;
        if (!c)
            break;
    }
    free(p);
    return r;
}

bool file_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

struct list {
    char **items;
    size_t count;
};

static void add(struct list *l, char *item)
{
    l->items = mem_grow(l->items, (l->count + 2) * sizeof *l->items);
    l->items[l->count++] = item;
    l->items[l->count] = NULL;
}

static bool ends(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);
    return n > m && strcmp(name + n - m, suffix) == 0;
}

static int walk(struct list *l, const char *folder, const char *suffix, int depth, struct err *e)
{
    DIR *d = depth > 32 ? NULL : opendir(folder);
    if (!d)
        return err_set(e, RIG_EINPUT, "%s: %s", folder, depth > 32 ? "folders nested too deep" : strerror(errno));
    int r = 0;
    for (struct dirent *entry; !r && (entry = readdir(d));) {
        if (entry->d_name[0] == '.')
            continue;
        char *path = file_join(folder, entry->d_name);
        if (file_is_folder(path))
            r = walk(l, path, suffix, depth + 1, e);
        else if (ends(entry->d_name, suffix)) {
            add(l, path);
            path = NULL;
        }
        free(path);
    }
    closedir(d);
    return r;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **file_list(const char *path, const char *suffix, struct err *e)
{
    struct list l = {mem_new(sizeof(char *)), 0};
    int r = 0;
    if (file_is_folder(path))
        r = walk(&l, path, suffix, 0, e);
    else if (file_exists(path))
        add(&l, mem_str(path));
    else
        r = err_set(e, RIG_EINPUT, "%s: %s", path, strerror(errno));
    if (r) {
        file_list_free(l.items);
        return NULL;
    }
    if (l.count)
        qsort(l.items, l.count, sizeof *l.items, by_bytes);
    return l.items;
}

void file_list_free(char **list)
{
    for (char **p = list; p && *p; p++)
        free(*p);
    free(list);
}

char *file_join(const char *folder, const char *name)
{
    if (name[0] == '/')
        return mem_str(name);
    size_t n = strlen(folder);
    return mem_printf(n && folder[n - 1] == '/' ? "%s%s" : "%s/%s", folder, name);
}

char *file_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return mem_str(".");
    return slash == path ? mem_str("/") : mem_printf("%.*s", (int)(slash - path), path);
}

const char *file_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
