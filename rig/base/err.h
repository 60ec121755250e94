/* SPDX-License-Identifier: GPL-3.0-or-later
 * Errors: a function returns 0 or a negative RIG_E…; the message is written once, where the error is raised. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum {
    RIG_OK = 0,
    RIG_ENOMEM = -1,
    RIG_EINPUT = -2,   /* what a person or a file said is wrong: exit code 4 */
    RIG_EIO = -3,      /* the host failed us: file, disk, socket */
    RIG_EBENCH = -4,   /* the bench misbehaves: exit code 2 */
    RIG_EINTERNAL = -5 /* a bug of ours: exit code 3 */
};

struct err {
    int code;       /* RIG_E… of the message, 0 when empty */
    char text[1024]; /* one or more lines, no newline at the end */
};

/* Writes the message unless one is there already (the first is the cause); returns code. e may be NULL. */
int err_set(struct err *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Exit code of DESIGN.md for a RIG_E… code. */
int err_exit_code(int code);

#endif
