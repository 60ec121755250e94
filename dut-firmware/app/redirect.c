/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rule of redirect.h: an absolute path, or an absolute URI of our own scheme, host and port. Relative paths, "//host/path", user names
 * and fragments are not needed and not taken.
 */
#include "redirect.h"
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include "server.h"

/* What stands behind prefix in text, letters of any case (RFC 3986 §6.2.2.1); NULL when text begins otherwise. */
static const char *behind(const char *text, const char *prefix)
{
    for (; *prefix; prefix++, text++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text + ('a' - 'A')) : *text;
        if (c != *prefix)
            return NULL;
    }
    return text;
}

static bool plain(const char *path)
{
    for (; *path; path++)
        if (*path <= ' ' || *path > '~' || strchr("\"#<>\\^`{|}", *path))
            return false;
    return true;
}

const char *redirect_path(const char *location)
{
    const char *path = behind(location, SERVER_URL), *port = path ? behind(path, SERVER_URL_PORT) : NULL;
    if (!path)
        path = location;
    else if (port)
        path = port;
    return path[0] == '/' && path[1] != '/' && plain(path) ? path : NULL;
}
