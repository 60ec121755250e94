/* SPDX-License-Identifier: GPL-3.0-or-later
 * Text and numbers as HTML. What the device said is hostile: nothing reaches the page except through html_text. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H
#include <stddef.h>
#include <stdint.h>

struct buf;

/* Escapes for element content and quoted attributes. Control bytes, broken UTF-8 and marks that reorder or hide text (bidi, zero
 * width, byte order) come out as visible escapes: \x1b, \u202e. NULL writes nothing. */
void html_text(struct buf *out, const char *text);
void html_text_n(struct buf *out, const char *text, size_t n, size_t most); /* an ellipsis behind most bytes */
void html_count(struct buf *out, uint64_t n); /* 12,345 */
void html_plural(struct buf *out, uint64_t n, const char *one, const char *many); /* "1 trial", "12,345 trials" */
void html_time(struct buf *out, int64_t ns);  /* 82 µs, 4.31 ms, 12.3 s; three significant digits */
void html_percent(struct buf *out, double share); /* 0.00299 is 0.30 %; rounded up, so that a bound stays one */

#endif
