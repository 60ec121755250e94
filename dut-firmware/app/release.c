/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The version numbers of release.h.
 */
#include "release.h"
#include "text.h"

static uint32_t pack(uint32_t major, uint32_t minor, uint32_t revision)
{
    return major << 24 | minor << 16 | revision;
}

uint32_t release_of(const struct image_version *v)
{
    return pack(v->major, v->minor, v->revision);
}

struct image_version release_version(uint32_t release)
{
    return (struct image_version){
        .major = (uint8_t)(release >> 24), .minor = (uint8_t)(release >> 16), .revision = (uint16_t)release};
}

/* One part, up to most, ended by end. */
static bool part(const char **text, uint32_t most, char end, uint32_t *out)
{
    const char *s = *text;
    uint32_t value = 0;
    if (s[0] == '0' && s[1] != end)
        return false;
    while (*s >= '0' && *s <= '9' && value <= most)
        value = value * 10 + (uint32_t)(*s++ - '0');
    if (s == *text || *s != end || value > most)
        return false;
    *out = value;
    *text = s + 1;
    return true;
}

bool release_parse(const char *text, uint32_t *out)
{
    uint32_t major, minor, revision;
    if (!part(&text, 255, '.', &major) || !part(&text, 255, '.', &minor) || !part(&text, 65535, '\0', &revision))
        return false;
    *out = pack(major, minor, revision);
    return true;
}

const char *release_text(uint32_t release, char out[RELEASE_TEXT])
{
    struct text t;
    text_start(&t, out, RELEASE_TEXT);
    text_add_u32(&t, release >> 24);
    text_add(&t, ".");
    text_add_u32(&t, release >> 16 & 0xff);
    text_add(&t, ".");
    text_add_u32(&t, release & 0xffff);
    return out;
}
