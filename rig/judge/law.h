/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a law is, what it looks at, and what it answers. A new law is one file law_NAME.c and one row in judge.c. */
#ifndef JUDGE_LAW_H
#define JUDGE_LAW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct header;
struct header_scenario;
struct journal_event;
struct journal_trial;

enum law_state {
    LAW_NOT_APPLICABLE,
    LAW_HELD,
    LAW_WAIVED,       /* the scenario says why it does not count; the kind and the sentence tell what was seen */
    LAW_INCONCLUSIVE, /* the trial cannot tell */
    LAW_VIOLATED,
};
enum { LAW_STATES = LAW_VIOLATED + 1, LAW_LINES = 8, LAW_WHY = 400 };

/* One trial with all that it is judged against. Nothing else may influence a law. */
struct law_case {
    const struct header *header;
    const struct header_scenario *scenario;
    const struct journal_trial *trial;
    bool complete; /* the bench saw every reset and every byte: what is not in the journal did not happen */
};

struct law_result {
    enum law_state state;
    const char *kind;       /* stable word, "" when held or not applicable */
    char why[LAW_WHY];      /* one sentence with figures; "" when held */
    size_t line[LAW_LINES]; /* of the journal, ascending: what the sentence stands on */
    size_t lines;
    size_t at;              /* line at which the law was broken: the earliest broken law is the root */
    bool absence;           /* stands on something that was not seen: worth nothing when the bench was unsound */
};

struct law {
    const char *id, *title, *sentence;
    bool rig;       /* R…: about the bench, never the device */
    unsigned rank;  /* 0: what bricks or subverts a device is named before the rest (1) */
    bool (*applies)(const struct law_case *c); /* NULL: to every trial */
    /* Starts with LAW_HELD in r and leaves it so, or calls one of the three below. */
    void (*judge)(const struct law_case *c, struct law_result *r);
};

/* The first answer counts: later ones leave r as it is. at: the record at which it happened. */
void law_violated(struct law_result *r, const struct journal_event *at, const char *kind, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void law_missing(struct law_result *r, const struct journal_event *at, const char *kind, const char *format, ...)
    __attribute__((format(printf, 4, 5))); /* violated by absence */
void law_unclear(struct law_result *r, const struct journal_event *at, const char *kind, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void law_none(struct law_result *r); /* not applicable after all */
void law_cite(struct law_result *r, const struct journal_event *event); /* NULL adds nothing */
const char *law_state_name(enum law_state s); /* "held", "violated", … */

#endif
