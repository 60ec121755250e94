/* SPDX-License-Identifier: GPL-3.0-or-later
 * Parts of the plan that call each other. Not for the rest of the house. */
#ifndef PLAN_PLAN_PARTS_H
#define PLAN_PLAN_PARTS_H
#include "plan/plan.h"

/* The set that a reference stands for, loaded and spoilt once per plan. NULL with a mistake at the reference's place. */
const struct plan_set *plan_image_set(struct plan *p, const struct scenario_image *image, struct mistakes *m);
/* The reference as it is meant under these terms: the build that speaks TLS. Lives in the plan. */
const struct scenario_image *plan_image_under(struct plan *p, const struct scenario_image *image, const struct plan_terms *terms);
void plan_image_sign_next(struct plan *p, struct scenario_image *image); /* adds that the vendor signs it with the next key */
void plan_image_flash(struct plan *p, struct mistakes *m);
void plan_image_free(struct plan *p);
/* The number that stands for a scenario's id in every seed. */
uint64_t plan_trial_stream(const struct scenario *s);
#endif
