/* SPDX-License-Identifier: GPL-3.0-or-later
 * What attacks on manifests have in common: the option `signature`, and how they begin. */
#ifndef SERVER_ATTACK_SIGN_H
#define SERVER_ATTACK_SIGN_H
#include "server/attacks.h"

struct manifest;

/* The manifest at hand, to be changed, signed as the option says; NULL: there is none, or nobody could sign so. */
struct manifest *attack_sign_manifest(struct attack_call *c);
/* The same when it offers a file. */
struct manifest *attack_sign_offer(struct attack_call *c);
/* As if it had been signed before the question was asked: it cannot know the question's nonce. */
void attack_sign_stale(struct attack_call *c, struct manifest *m);
/* Another answer instead of the one that is there: what was done to that one does not reach anybody. */
void attack_sign_instead(struct attack_call *c, int status, const char *type, const char *text);

#endif
