/* SPDX-License-Identifier: GPL-3.0-or-later
 * The page's fixed text: reports/template/ as C arrays, made by embed.awk at build time. */
#ifndef REPORT_TEMPLATE_H
#define REPORT_TEMPLATE_H

extern const char template_report_css[];
extern const char template_report_html[];

#endif
