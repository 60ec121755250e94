/* SPDX-License-Identifier: GPL-3.0-or-later
 * The planted bugs: how it is known that the rig would have noticed. */
#include "report/part.h"

#include "base/buf.h"
#include "base/json.h"
#include "report/html.h"


/* `caught` is the word of whoever ran the bug: an alarm by a law that it breaks (expected_law may name several, any will do). Another
 * law's alarm may be luck. */
static bool caught(const struct json *bug)
{
    return json_bool(bug, "caught", false);
}

static const char *law_or_dash(const struct json *bug, const char *key)
{
    const char *law = json_str_or(bug, key, "");
    return *law ? law : "\xe2\x80\x93";
}

static void cell_count(struct buf *out, const struct json *bug, const char *key)
{
    buf_str(out, "<td class=\"n\">");
    if (json_has(bug, key) && json_int(bug, key, 0) > 0)
        html_count(out, (uint64_t)json_int(bug, key, 0));
    else
        buf_str(out, "&ndash;");
    buf_str(out, "</td>");
}

static void row(struct buf *out, const struct json *bug)
{
    bool alarm = *json_str_or(bug, "law", "") != 0;
    buf_str(out, "<tr><th scope=\"row\">");
    html_text(out, json_str_or(bug, "name", "?"));
    buf_str(out, "</th><td>");
    part_tag(out, caught(bug) ? PART_HELD : PART_VIOLATED, caught(bug) ? "caught" : alarm ? "other law" : "missed");
    buf_str(out, "</td><td>");
    html_text(out, law_or_dash(bug, "law"));
    buf_str(out, "</td><td>");
    html_text(out, law_or_dash(bug, "expected_law"));
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
        n += caught(b);
    return n;
}

void part_bugs(struct buf *out, const struct page *page)
{
    const struct json *bugs = page->bugs;
    if (!json_count(bugs))
        return;
    size_t found = part_bugs_caught(bugs), all = json_count(bugs);
    buf_str(out, "<section id=\"bugs\">\n<h2>Planted bugs: would the rig have noticed?</h2>\n<p>");
    buf_printf(out, "%zu of %zu firmwares with a known way to brick a fleet were caught, each by the law it breaks. ", found, all);
    buf_str(out, found == all ? "" : "<strong>A bug that is missed means that a clean result above proves less than it says.</strong> ");
    buf_str(out, "They are the firmware under test with one patch each, built and run the same way.</p>\n"
                 "<div class=\"wide\"><table><thead><tr><th scope=\"col\">Planted bug</th><th scope=\"col\">Result</th>"
                 "<th scope=\"col\">Law that caught it</th><th scope=\"col\">Law it breaks</th>"
                 "<th scope=\"col\" class=\"n\">First caught at trial</th><th scope=\"col\" class=\"n\">Trials run</th>"
                 "<th scope=\"col\">Run</th></tr></thead><tbody>\n");
    for (const struct json *b = json_first(bugs); b; b = json_next(b))
        row(out, b);
    buf_str(out, "</tbody></table></div>\n</section>\n");
}
