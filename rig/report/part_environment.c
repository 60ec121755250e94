/* SPDX-License-Identifier: GPL-3.0-or-later
 * What was tested with what: enough to run the same again, and to see that two reports speak of the same firmware. */
#include "report/part.h"

#include "base/buf.h"
#include "base/json.h"
#include "report/html.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void fact(struct buf *out, const char *name, const char *value, bool hash)
{
    if (!value || !*value)
        return;
    buf_printf(out, "<dt>%s</dt><dd%s>", name, hash ? " class=\"hash\"" : "");
    html_text(out, value);
    buf_str(out, "</dd>\n");
}

static void fact_number(struct buf *out, const char *name, const struct json *j, const char *key, const char *unit)
{
    if (!json_has(j, key))
        return;
    buf_printf(out, "<dt>%s</dt><dd>%" PRId64 " %s</dd>\n", name, json_int(j, key, 0), unit);
}

/* Any member of the bench's object that is not spelt out above: a new driver's settings appear without a change here. */
static void other_members(struct buf *out, const struct json *object, const char *const *known)
{
    for (const struct json *m = json_first(object); m; m = json_next(m)) {
        bool skip = false;
        for (size_t i = 0; known[i]; i++)
            skip = skip || !strcmp(known[i], json_key(m));
        if (skip)
            continue;
        char *text = json_value_str(m) ? mem_str(json_value_str(m)) : json_print(m);
        buf_str(out, "<dt>Bench ");
        html_text(out, json_key(m));
        buf_str(out, "</dt><dd>");
        html_text(out, text);
        buf_str(out, "</dd>\n");
        free(text);
    }
}

static void bench(struct buf *out, const struct json *run)
{
    static const char *const known[] = {"name", "chip", "reset_mv", NULL};
    const struct json *b = json_get(run, "bench"), *dut = json_get(run, "dut"), *deadline = json_get(dut, "deadlines");
    fact(out, "Bench", json_str(b, "name"), false);
    fact(out, "Chip", json_str(b, "chip"), false);
    fact_number(out, "Reset level", b, "reset_mv", "mV");
    other_members(out, b, known);
    fact(out, "Device", json_str(dut, "name"), false);
    fact(out, "Device profile", json_str(dut, "profile"), false);
    fact(out, "Profile SHA-256", json_str(dut, "profile_sha256"), true);
    fact_number(out, "Boot deadline", deadline, "boot_ms", "ms");
    fact_number(out, "Update deadline", deadline, "update_ms", "ms");
    fact_number(out, "Confirm deadline", deadline, "confirm_ms", "ms");
    fact_number(out, "Boots allowed to recover", dut, "max_boots", "");
}

static const char *label_of(const char *key)
{
    static const struct { const char *key, *label; } known[] = {
        {"date", "Date"}, {"host", "Host"}, {"system", "System"}, {"machine", "Machine"}, {"jobs", "Processes"},
        {"duration_ms", "Duration, ms"}, {"images", "Images folder"}, {"folder", "Run folder"}, {"bench", "Bench file"},
        {"trials", "Trials asked for (0: as the scenarios say)"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(key, known[i].key))
            return known[i].label;
    return key;
}

/* What the journal says already, or what is no single value. */
static bool said_already(const struct json *m)
{
    const char *key = json_key(m);
    return json_is_object(m) || json_is_array(m) || !strcmp(key, "seed") || !strcmp(key, "otarig") || !strcmp(key, "dut");
}

/* What only run.json has: the journal must not differ between two runs of one plan, so date and host cannot stand there. */
static void this_run(struct buf *out, const struct json *info)
{
    if (!info) {
        buf_str(out, "<dt>Date, host, duration</dt><dd class=\"dim\">not recorded: the run folder has no run.json</dd>\n");
        return;
    }
    for (const struct json *m = json_first(info); m; m = json_next(m)) {
        if (said_already(m))
            continue;
        char *text = json_value_str(m) ? mem_str(json_value_str(m)) : json_print(m);
        buf_str(out, "<dt>");
        html_text(out, label_of(json_key(m)));
        buf_str(out, "</dt><dd>");
        html_text(out, text);
        buf_str(out, "</dd>\n");
        free(text);
    }
}

static void image_row(struct buf *out, const char *name, const char *file, const char *version, const char *slot, const struct json *j)
{
    buf_str(out, "<tr><th scope=\"row\">");
    html_text(out, name);
    buf_str(out, "</th><td>");
    html_text(out, file);
    buf_str(out, "</td><td>");
    html_text(out, version);
    buf_str(out, "</td><td>");
    html_text(out, slot);
    buf_str(out, "</td><td class=\"hash\">");
    html_text(out, json_str_or(j, "sha256", ""));
    buf_str(out, "</td><td class=\"hash\">");
    html_text(out, json_str_or(j, "digest", "\xe2\x80\x93"));
    buf_str(out, "</td></tr>\n");
}

static void images(struct buf *out, const struct json *run)
{
    const struct json *flash = json_get(run, "flash"), *list = json_get(run, "images");
    buf_str(out, "<div class=\"wide\"><table><thead><tr><th scope=\"col\">Image</th><th scope=\"col\">File</th>"
                 "<th scope=\"col\">Version</th><th scope=\"col\">Slot</th><th scope=\"col\">SHA-256 of the file</th>"
                 "<th scope=\"col\">Image digest</th></tr></thead><tbody>\n");
    if (flash)
        image_row(out, "factory flash", json_str_or(flash, "file", "?"), "", "", flash);
    for (const struct json *i = json_first(list); i; i = json_next(i)) {
        char *name = mem_printf("%s%s", json_str_or(i, "name", "?"), json_bool(i, "genuine", true) ? "" : " (attack)");
        image_row(out, name, json_str_or(i, "file", "?"), json_str_or(i, "version", ""), json_str_or(i, "slot", ""), i);
        free(name);
    }
    buf_str(out, "</tbody></table></div>\n");
}

static void sites(struct buf *out, const struct facts *f)
{
    if (!f->sites)
        return;
    buf_str(out, "<details><summary>Accesses outside what the bench models: ");
    html_plural(out, f->sites, "site", "sites");
    buf_str(out, f->sites == FACTS_SITES ? " or more" : "");
    buf_str(out, "</summary><ul class=\"small\">");
    for (size_t i = 0; i < f->sites; i++) {
        buf_str(out, "<li><code>");
        html_text(out, f->site[i].addr);
        buf_str(out, "</code> from <code>");
        html_text(out, f->site[i].pc);
        buf_str(out, "</code> ");
        html_text(out, f->site[i].why);
        buf_str(out, ", ");
        html_plural(out, f->site[i].count, "time", "times");
        buf_str(out, "</li>");
    }
    buf_str(out, "</ul></details>\n");
}

void part_environment(struct buf *out, const struct page *page)
{
    const struct json *run = page->header->json;
    buf_str(out, "<dl class=\"facts\">\n");
    fact(out, "Plan id", json_str(run, "plan_id"), true);
    fact(out, "Seed", json_str(run, "seed"), false);
    fact(out, "Rig version", json_str(run, "otarig"), false);
    fact(out, "Rig source SHA-256", json_str(run, "source"), true);
    bench(out, run);
    this_run(out, page->info);
    buf_str(out, "</dl>\n");
    images(out, run);
    sites(out, page->facts);
}

void part_limits(struct buf *out, const struct page *page)
{
    const struct json *b = json_get(page->header->json, "bench");
    buf_str(out, "<ul class=\"limits\">\n"
                 "<li>A bound such as &ldquo;below 0.30&nbsp;% at 95&nbsp;%&rdquo; speaks of moments drawn the way the scenario draws them. "
                 "It is not the failure rate in the field: real power fails at moments of its own.</li>\n"
                 "<li>A cut that was not tried was not tried. Random trials are a sample, not an enumeration; a bound per phase counts "
                 "trials with a cut in that phase, and a trial with cuts in two phases counts in both.</li>\n"
                 "<li>The laws see what the device says on its console and tells the server, and what the bench can see. What neither "
                 "shows, no law judges.</li>\n");
    if (strcmp(json_str_or(b, "name", ""), "virtual") == 0)
        buf_str(out,
                "<li>The chip is simulated: one instruction is one clock cycle, flash takes its datasheet&rsquo;s typical times, and a "
                     "cut leaves one of the named outcomes (before, torn, ecc, partial, after). Cells that read differently from read to "
                     "read, wear, brown-outs, and slow ramps of the supply are not modelled here. A bench with the real board is what "
                     "shows that silicon agrees.</li>\n");
    buf_str(out, "<li>The radio, the real network and the real update server are not part of this run: requests are answered by the "
                 "rig&rsquo;s own server.</li>\n"
                 "<li>Inconclusive trials say nothing about the device. They count neither for it nor against it, and bounds leave them "
                 "out.</li>\n</ul>\n");
}
