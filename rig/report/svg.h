/* SPDX-License-Identifier: GPL-3.0-or-later
 * The few shapes of the report's pictures, as inline SVG 1.1. Colour comes from classes in report.css, so that light, dark and print
 * share one picture. Lengths are user units of the viewBox (one CSS pixel at full width). */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

struct buf;

enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };
enum svg_shape { SVG_DOT, SVG_SQUARE, SVG_DIAMOND, SVG_DOWN, SVG_TICK };

/* title is what a screen reader says; escaped here, like every text below. */
void svg_open(struct buf *out, double width, double height, const char *title);
void svg_close(struct buf *out);
void svg_rect(struct buf *out, double x, double y, double width, double height, const char *class, const char *tip);
void svg_line(struct buf *out, double x0, double y0, double x1, double y1, const char *class);
void svg_text(struct buf *out, double x, double y, enum svg_anchor anchor, const char *class, const char *text);
void svg_mark(struct buf *out, enum svg_shape shape, double x, double y, const char *class, const char *tip);
/* Width that the page's font needs for text at 11 px: an estimate on the large side, so that labels do not touch. */
double svg_text_width(const char *text);

#endif
