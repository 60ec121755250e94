/* SPDX-License-Identifier: GPL-3.0-or-later
 * Errors carried by value to the caller. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

int err_set(struct err *e, int code, const char *format, ...)
{
    if (!e || e->code)
        return code;
    e->code = code;
    va_list ap;
    va_start(ap, format);
    vsnprintf(e->text, sizeof e->text, format, ap);
    va_end(ap);
    return code;
}

int err_exit_code(int code)
{
    switch (code) {
    case RIG_OK: return 0;
    case RIG_EINPUT: return 4;
    case RIG_EBENCH: return 2;
    default: return 3;
    }
}
