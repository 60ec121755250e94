/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parts of the agent (agent.c, agent_tell.c, agent_fail.c, agent_offer.c) call of each other.
 */
#ifndef APP_AGENT_PARTS_H
#define APP_AGENT_PARTS_H
#include "agent.h"

#define AGENT_BIT(stage) (1u << (stage)) /* in agent.reached and progress.told */

/* agent.c */
void agent_wait(struct agent *a, uint32_t now_ms, uint32_t ms); /* decide again in ms milliseconds */
/* Sends the request of size bytes in a->text; phase says who takes the answer. */
void agent_exchange(struct agent *a, enum agent_phase phase, size_t size, uint32_t now_ms);
uint32_t agent_held(const struct agent *a);   /* bytes of the offered image in the free slot, verified; 0 without an offer */
bool agent_leaving(const struct agent *a);    /* this run has activated another image */

/* agent_tell.c: console and telemetry */
void agent_tell_print(const struct report *r, uint32_t offset); /* offset: bytes held; 0: not known, left out but for started */
/* The update of a->progress has come to stage s: said on the console once per run, to the server until it answers. */
void agent_tell_reach(struct agent *a, enum stage s);
bool agent_tell_next(const struct agent *a, struct report *r); /* the oldest thing that the server does not know; false: it knows all */
void agent_tell_begin(struct agent *a, uint32_t now_ms);       /* a->telling */
void agent_tell_step(struct agent *a, uint32_t now_ms);

/* agent_fail.c: what goes wrong */
void agent_fail_print(uint32_t wait_ms, enum cause cause);
/* Gives up what is under way; the next try comes later each time, at least at_least_ms from now. */
void agent_fail_retry(struct agent *a, enum cause cause, uint32_t at_least_ms, uint32_t now_ms);
/* An offer of this release (0: not known) cannot be had now. Reported once per row of equal failures; then tried again. */
void agent_fail_trouble(struct agent *a, uint32_t release, enum cause cause, uint32_t retry_after_s, uint32_t now_ms);
/* The image of the accepted offer is no good, whoever sends it: recorded, told, and tried again only when the offer's gate
 * opens. */
void agent_fail_refuse(struct agent *a, enum cause cause, uint32_t now_ms);

/* agent_answer.c: documents into a->text */
struct answer {
    enum { ANSWER_MORE, ANSWER_WHOLE, ANSWER_FAILED } state;
    enum cause cause;     /* of ANSWER_FAILED; CAUSE_FREEZE for 204, CAUSE_BAD_MANIFEST when it is too long */
    uint32_t retry_after; /* seconds; 0: the server did not say */
};
struct answer agent_answer_step(struct agent *a, uint32_t now_ms);

/* agent_offer.c: manifests */
void agent_offer_ask(struct agent *a, uint32_t now_ms);      /* begins a check, now or when the server is to be asked again */
void agent_offer_question(struct agent *a, uint32_t now_ms); /* goes on with the check under way */
void agent_offer_step(struct agent *a, uint32_t now_ms);

/* agent_time.c: the calendar. wanted: the dates of the server's certificate fail, and nobody has asked since the last wait. */
bool agent_time_wanted(const struct agent *a, enum cause cause);
void agent_time_ask(struct agent *a, enum cause why, uint32_t now_ms);
void agent_time_step(struct agent *a, uint32_t now_ms);
void agent_time_keys_step(struct agent *a, uint32_t now_ms);

/* agent_keys.c: key sets. c: what was found of the manifest. */
bool agent_keys_wanted(const struct agent *a, enum cause c);
void agent_keys_ask(struct agent *a, enum cause why, uint32_t now_ms);
void agent_keys_step(struct agent *a, uint32_t now_ms);
void agent_keys_taken(struct agent *a); /* another set is in force: what was found good by the old one has to be checked again */
#endif
