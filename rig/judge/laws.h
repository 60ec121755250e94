/* SPDX-License-Identifier: GPL-3.0-or-later
 * The laws' functions, for the table in judge.c: one pair per file law_NAME.c (applies only where not every trial is concerned).
 */
#ifndef JUDGE_LAWS_H
#define JUDGE_LAWS_H
#include "judge/law.h"

void law_boots(const struct law_case *c, struct law_result *r);     /* L1 */
void law_known(const struct law_case *c, struct law_result *r);     /* L2 */
void law_genuine(const struct law_case *c, struct law_result *r);   /* L3 */
void law_updatable(const struct law_case *c, struct law_result *r); /* L4 */
void law_monotonic(const struct law_case *c, struct law_result *r); /* L5 */
void law_reason(const struct law_case *c, struct law_result *r);    /* L6 */
void law_late(const struct law_case *c, struct law_result *r);      /* L7 */
bool law_refused_applies(const struct law_case *c);
void law_refused(const struct law_case *c, struct law_result *r);   /* L8, with the two parts that follow */
bool law_attack_applies(const struct law_case *c);                  /* is a cause expected of what was done to a good image? */
void law_attack(const struct law_case *c, struct law_result *r);
bool law_stopped(const struct law_case *c, struct law_result *r);   /* false: nothing was paused or called back */
void law_resume(const struct law_case *c, struct law_result *r);    /* L9 */
void law_kept(const struct law_case *c, struct law_result *r);      /* L10 */
void law_bounded(const struct law_case *c, struct law_result *r);   /* L11 */
void law_told(const struct law_case *c, struct law_result *r);      /* L12 */
bool law_cut_applies(const struct law_case *c);
void law_cut(const struct law_case *c, struct law_result *r);       /* R1 */
void law_bench(const struct law_case *c, struct law_result *r);     /* R2 */

#endif
