/* SPDX-License-Identifier: GPL-3.0-or-later
 * The few shapes of the report's pictures, as inline SVG. */
#include "report/svg.h"

#include "base/buf.h"
#include "report/html.h"

#include <stddef.h>

void svg_open(struct buf *out, double width, double height, const char *title)
{
    buf_printf(out, "<svg class=\"chart\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"", width, height);
    html_text(out, title);
    buf_str(out, "\">\n");
}

void svg_close(struct buf *out)
{
    buf_str(out, "</svg>\n");
}

static void finish(struct buf *out, const char *element, const char *tip)
{
    if (!tip || !*tip) {
        buf_str(out, "/>\n");
        return;
    }
    buf_str(out, "><title>");
    html_text(out, tip);
    buf_printf(out, "</title></%s>\n", element);
}

void svg_rect(struct buf *out, double x, double y, double width, double height, const char *class, const char *tip)
{
    buf_printf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"%s\"", x, y, width, height, class);
    finish(out, "rect", tip);
}

void svg_line(struct buf *out, double x0, double y0, double x1, double y1, const char *class)
{
    buf_printf(out, "<path d=\"M%.1f %.1fL%.1f %.1f\" class=\"%s\"/>\n", x0, y0, x1, y1, class);
}

void svg_text(struct buf *out, double x, double y, enum svg_anchor anchor, const char *class, const char *text)
{
    static const char *const anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
    buf_printf(out, "<text x=\"%.1f\" y=\"%.1f\"%s class=\"%s\">", x, y, anchors[anchor], class);
    html_text(out, text);
    buf_str(out, "</text>\n");
}

void svg_mark(struct buf *out, enum svg_shape shape, double x, double y, const char *class, const char *tip)
{
    static const char *const path[] = {
        [SVG_DOT] = "m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z",
        [SVG_SQUARE] = "m-4 -4h8v8h-8z",
        [SVG_DIAMOND] = "m0 -6l6 6l-6 6l-6 -6z",
        [SVG_DOWN] = "m-6 -5h12l-6 11z",
        [SVG_TICK] = "m-0.75 -5h1.5v10h-1.5z",
    };
    buf_printf(out, "<path d=\"M%.1f %.1f%s\" class=\"%s\"", x, y, path[shape], class);
    finish(out, "path", tip);
}

double svg_text_width(const char *text)
{
    double width = 0;
    for (size_t i = 0; text[i]; i++)
        width += (text[i] & 0xc0) == 0x80 ? 0 : 6.1;
    return width;
}
