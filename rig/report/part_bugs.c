/* SPDX-License-Identifier: GPL-3.0-or-later
 * The planted bugs: how it is known that the rig would have noticed. */
#include "report/part.h"

#include "base/buf.h"
#include "base/json.h"
#include "report/html.h"

#include <string.h>

/* Caught, and by the law that the bug breaks: another law's alarm may be luck. */
static bool right(const struct json *bug)
{
    const char *law = json_str_or(bug, "law", ""), *expected = json_str(bug, "expected_law");
    return json_bool(bug, "caught", false) && (!expected || !strcmp(law, expected));
}

static void cell_count(struct buf *out, const struct json *bug, const char *key)
{
    buf_str(out, "<td class=\"n\">");
    if (json_has(bug, key) && json_int(bug, key, -1) >= 0)
        html_count(out, (uint64_t)json_int(bug, key, 0));
    else
        buf_str(out, "&ndash;");
    buf_str(out, "</td>");
}

static void row(struct buf *out, const struct json *bug)
{
    bool caught = json_bool(bug, "caught", false);
    buf_str(out, "<tr><th scope=\"row\">");
    html_text(out, json_str_or(bug, "name", "?"));
    buf_str(out, "</th><td>");
    part_tag(out, right(bug) ? PART_HELD : PART_VIOLATED, right(bug) ? "caught" : caught ? "other law" : "missed");
    buf_str(out, "</td><td>");
    html_text(out, json_str_or(bug, "law", "\xe2\x80\x93"));
    buf_str(out, "</td><td>");
    html_text(out, json_str_or(bug, "expected_law", "\xe2\x80\x93"));
    buf_str(out, "</td>");
    cell_count(out, bug, "trials_needed");
    cell_count(out, bug, "trials");
    buf_str(out, "<td class=\"hash\">");
    html_text(out, json_str_or(bug, "run", ""));
    buf_str(out, "</td></tr>\n");
}

size_t part_bugs_caught(const struct json *bugs)
{
    size_t n = 0;
    for (const struct json *b = json_first(bugs); b; b = json_next(b))
        n += right(b);
    return n;
}

void part_bugs(struct buf *out, const struct page *page)
{
    const struct json *bugs = page->bugs;
    if (!json_count(bugs))
        return;
    size_t caught = part_bugs_caught(bugs), all = json_count(bugs);
    buf_str(out, "<section id=\"bugs\">\n<h2>Planted bugs: would the rig have noticed?</h2>\n<p>");
    buf_printf(out, "%zu of %zu firmwares with a known way to brick a fleet were caught, each by the law it breaks. ", caught, all);
    buf_str(out, caught == all ? "" : "<strong>A bug that is missed means that a clean result above proves less than it says.</strong> ");
    buf_str(out, "They are the firmware under test with one patch each, built and run the same way.</p>\n"
                 "<div class=\"wide\"><table><thead><tr><th scope=\"col\">Planted bug</th><th scope=\"col\">Result</th>"
                 "<th scope=\"col\">Law that caught it</th><th scope=\"col\">Law it breaks</th>"
                 "<th scope=\"col\" class=\"n\">First caught at trial</th><th scope=\"col\" class=\"n\">Trials run</th>"
                 "<th scope=\"col\">Run</th></tr></thead><tbody>\n");
    for (const struct json *b = json_first(bugs); b; b = json_next(b))
        row(out, b);
    buf_str(out, "</tbody></table></div>\n</section>\n");
}
