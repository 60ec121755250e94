/* SPDX-License-Identifier: GPL-3.0-or-later
 * The HTML page: reports/template/report.html with its {{markers}} filled in. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

struct buf;
struct err;
struct page;

/* Appends the page. RIG_EINTERNAL when the template has a marker that no part fills. */
int page_render(const struct page *page, struct buf *out, struct err *e);

#endif
