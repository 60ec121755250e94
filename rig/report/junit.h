/* SPDX-License-Identifier: GPL-3.0-or-later
 * The verdict as JUnit XML: <failure> is the device's doing, <error> the bench's (or what cannot be told), never both in one case. */
#ifndef REPORT_JUNIT_H
#define REPORT_JUNIT_H

struct buf;
struct page;

/* Appends a whole document: one testsuite per scenario, one testcase per law that applied to it. Without times: they would differ from
 * run to run. */
void junit_render(const struct page *page, struct buf *out);

#endif
