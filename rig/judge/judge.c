/* SPDX-License-Identifier: GPL-3.0-or-later
 * The table of laws, and one trial judged by all of them.
 *
 * Method. Each law reads the trial's records from first to last and answers by itself; none knows of the others. What joins them
 * is done here: a law that the device's log cannot show or that does not apply is left out; a waived one keeps its answer but
 * does not count; where the bench was unsound, what a law concludes from something that was *not* seen becomes inconclusive,
 * because the bench may have missed it, while what was seen stands. Of several broken laws the root is the one that broke first,
 * and those that brick or subvert a device (rank 0) come before the others. */
#include "judge/judge.h"

#include "base/json.h"
#include "judge/laws.h"
#include "record/header.h"
#include "record/journal.h"

#include <stdio.h>
#include <string.h>

static const struct law laws[JUDGE_LAWS] = {
    {"L1", "boots", "After power returns, the device reaches its running application within its boot deadline.", false, 0, NULL,
     law_boots},
    {"L2", "known", "It runs the old or the new version, or one that the scenario allows, and is what it says it is.", false, 0,
     NULL, law_known},
    {"L3", "genuine", "The running image was legitimately offered or installed; attack content never runs, not once.", false, 0,
     NULL, law_genuine},
    {"L4", "updatable", "A following good update succeeds.", false, 0, NULL, law_updatable},
    {"L5", "monotonic", "The security counter never decreases, under any cut.", false, 0, NULL, law_monotonic},
    {"L6", "honest reason", "The reported boot reason is what the rig did.", false, 1, NULL, law_reason},
    {"L7", "late confirm",
     "An image is confirmed only after its health check, and unconfirmed images are left after the allowed attempts.", false, 0,
     NULL, law_late},
    {"L8", "refused", "An attack is refused before its image is activated, and the refusal is reported with its cause.", false, 0,
     law_refused_applies, law_refused},
    {"L9", "resume", "A resumed download asks only for what is missing; verified chunks are not fetched again.", false, 0, NULL,
     law_resume},
    {"L10", "data kept", "Settings and identity survive.", false, 1, NULL, law_kept},
    {"L11", "bounded", "Recovery takes a bounded number of boots and time; no endless loop, no unbounded download or retry.",
     false, 1, NULL, law_bounded},
    {"L12", "told",
     "The server learns of each stage: started, downloaded, verified, installed, booted, confirmed, failed, rolled back.", false,
     1, NULL, law_told},
    {"R1", "real cut", "Every planned fault happened, and each power cut took the rail below the device's reset level.", true, 1,
     law_cut_applies, law_cut},
    {"R2", "sound bench", "The bench itself worked: no port lost, nothing unwritten, no reference run that failed.", true, 1,
     NULL, law_bench},
};

const struct law *judge_law(size_t i)
{
    return i < JUDGE_LAWS ? &laws[i] : NULL;
}

size_t judge_law_index(const char *id)
{
    size_t i = 0;
    while (i < JUDGE_LAWS && strcmp(laws[i].id, id) != 0)
        i++;
    return i;
}

static void ask(const struct law_case *c, const struct law *law, struct law_result *r)
{
    *r = (struct law_result){.state = LAW_HELD, .kind = ""};
    if ((!law->rig && !header_law_shown(c->header, law->id)) || (law->applies && !law->applies(c)))
        r->state = LAW_NOT_APPLICABLE;
    else
        law->judge(c, r);
}

/* The answer of the rig's laws that makes silence worthless; NULL when the bench was sound. */
static const struct law_result *doubt(const struct judge_result *out)
{
    const struct law_result *cut = &out->law[judge_law_index("R1")], *bench = &out->law[judge_law_index("R2")];
    if (bench->state == LAW_INCONCLUSIVE)
        return bench;
    /* A fault that did not happen leaves the rest as it was seen. */
    return cut->state == LAW_INCONCLUSIVE && strcmp(cut->kind, "fault-not-delivered") != 0 ? cut : NULL;
}

static void distrust(const struct law_result *bench, struct law_result *r)
{
    char why[LAW_WHY];
    if (r->state != LAW_VIOLATED || !r->absence)
        return;
    r->state = LAW_INCONCLUSIVE;
    r->kind = "unsound-bench";
    snprintf(why, sizeof why, "%.250s The bench cannot be trusted here (%.40s).", r->why, bench->kind);
    memcpy(r->why, why, sizeof why);
}

static bool comes_first(const struct judge_result *out, size_t a, size_t b)
{
    const struct law_result *x = &out->law[a], *y = &out->law[b];
    if (x->state != y->state)
        return x->state == LAW_VIOLATED;
    if (x->state == LAW_VIOLATED && laws[a].rank != laws[b].rank)
        return laws[a].rank < laws[b].rank;
    /* Of inconclusive ones the rig's own tell why. */
    if (x->state == LAW_INCONCLUSIVE && laws[a].rig != laws[b].rig)
        return laws[a].rig;
    return x->at != y->at ? x->at < y->at : a < b;
}

static void sum_up(struct judge_result *out)
{
    size_t held = 0;
    out->root = JUDGE_LAWS;
    for (size_t i = 0; i < JUDGE_LAWS; i++) {
        enum law_state s = out->law[i].state;
        held += s == LAW_HELD && !laws[i].rig;
        if ((s == LAW_VIOLATED || s == LAW_INCONCLUSIVE) && (out->root == JUDGE_LAWS || comes_first(out, i, out->root)))
            out->root = i;
    }
    if (out->root < JUDGE_LAWS)
        out->outcome = out->law[out->root].state;
    else
        out->outcome = held ? LAW_HELD : LAW_INCONCLUSIVE; /* a trial in which nothing could be judged proves nothing */
}

void judge_trial(const struct header *h, const struct journal_trial *trial, struct judge_result *out)
{
    struct header_scenario scenario;
    header_given(&h->scenario[trial->scenario], trial->count ? json_get(trial->event[0].json, "given") : NULL, &scenario);
    const struct law_case c = {
        .header = h, .scenario = &scenario, .trial = trial, .complete = header_sees_resets(h)};
    for (size_t i = 0; i < JUDGE_LAWS; i++)
        ask(&c, &laws[i], &out->law[i]);
    const struct law_result *bench = doubt(out);
    for (size_t i = 0; i < JUDGE_LAWS; i++) {
        struct law_result *r = &out->law[i];
        if (bench && !laws[i].rig)
            distrust(bench, r);
        if (!laws[i].rig && (r->state == LAW_VIOLATED || r->state == LAW_INCONCLUSIVE) && header_waived(c.scenario, laws[i].id))
            r->state = LAW_WAIVED;
    }
    sum_up(out);
}
