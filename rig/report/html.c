/* SPDX-License-Identifier: GPL-3.0-or-later
 * Text and numbers as HTML. */
#include "report/html.h"

#include "base/buf.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Length of the well-formed UTF-8 sequence at p (RFC 3629: no overlong forms, no surrogates), 0 when there is none. */
static size_t utf8_length(const unsigned char *p, size_t n, uint32_t *point)
{
    static const struct { unsigned char mask, lead; uint32_t least; } form[] = {
        {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    for (size_t i = 0; i < 3; i++) {
        size_t length = i + 2;
        if ((p[0] & form[i].mask) != form[i].lead || length > n)
            continue;
        uint32_t v = p[0] & (unsigned char)~form[i].mask;
        for (size_t k = 1; k < length; k++) {
            if ((p[k] & 0xc0) != 0x80)
                return 0;
            v = v << 6 | (p[k] & 0x3f);
        }
        *point = v;
        return v >= form[i].least && v <= 0x10ffff && (v < 0xd800 || v > 0xdfff) ? length : 0;
    }
    return 0;
}

/* Characters that are right in UTF-8 and yet make a line look like another: C1 controls, bidi, zero width, BOM, non-characters. */
static bool deceives(uint32_t c)
{
    return (c >= 0x80 && c < 0xa0) || c == 0x61c || c == 0xad || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
}

static void plain_byte(struct buf *out, unsigned char c)
{
    switch (c) {
    case '&': buf_str(out, "&amp;"); break;
    case '<': buf_str(out, "&lt;"); break;
    case '>': buf_str(out, "&gt;"); break;
    case '"': buf_str(out, "&quot;"); break;
    case '\'': buf_str(out, "&#39;"); break;
    case '\t': buf_char(out, ' '); break;
    default:
        if (c < 0x20 || c == 0x7f)
            buf_printf(out, "\\x%02x", c);
        else
            buf_char(out, (char)c);
    }
}

void html_text_n(struct buf *out, const char *text, size_t n, size_t most)
{
    const unsigned char *p = (const unsigned char *)text;
    for (size_t i = 0; i < n;) {
        if (i >= most) {
            buf_str(out, "…");
            return;
        }
        uint32_t point = 0;
        size_t length = p[i] < 0x80 ? 0 : utf8_length(p + i, n - i, &point);
        if (p[i] < 0x80)
            plain_byte(out, p[i]);
        else if (!length)
            buf_printf(out, "\\x%02x", p[i]);
        else if (deceives(point))
            buf_printf(out, "\\u%04" PRIx32, point);
        else
            buf_add(out, p + i, length);
        i += length ? length : 1;
    }
}

void html_text(struct buf *out, const char *text)
{
    if (text)
        html_text_n(out, text, strlen(text), SIZE_MAX);
}

void html_count(struct buf *out, uint64_t n)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, n);
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            buf_char(out, ',');
        buf_char(out, digits[i]);
    }
}

void html_plural(struct buf *out, uint64_t n, const char *one, const char *many)
{
    html_count(out, n);
    buf_char(out, ' ');
    buf_str(out, n == 1 ? one : many);
}

void html_time(struct buf *out, int64_t ns)
{
    static const struct { int64_t ns; const char *unit; } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "µs"}};
    if (ns < 0) {
        buf_str(out, "−");
        ns = ns == INT64_MIN ? INT64_MAX : -ns;
    }
    for (size_t i = 0; i < 3; i++) {
        if (ns < units[i].ns)
            continue;
        double v = (double)ns / (double)units[i].ns;
        buf_printf(out, "%.*f %s", v < 9.995 ? 2 : v < 99.95 ? 1 : 0, v, units[i].unit);
        return;
    }
    buf_printf(out, "%" PRId64 " %s", ns, ns ? "ns" : "s");
}

/* Two significant digits, rounded up: "below 0.30 %" must not claim more than was shown. */
void html_percent(struct buf *out, double share)
{
    double percent = share * 100;
    int digits = percent < 0.01 ? 4 : percent < 0.1 ? 3 : percent < 1 ? 2 : percent < 10 || percent > 99 ? 1 : 0;
    double scale = 1;
    for (int i = 0; i < digits; i++)
        scale *= 10;
    double units = percent * scale - 1e-9;
    uint64_t up = units <= 0 ? 0 : (uint64_t)units + 1;
    double shown = (double)up / scale;
    buf_printf(out, "%.*f&nbsp;%%", digits, shown > 100 ? 100 : shown);
}
