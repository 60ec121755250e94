/* SPDX-License-Identifier: GPL-3.0-or-later
 * The attack on delta images (attack_delta.c). */
#ifndef SERVER_ATTACK_DELTA_H
#define SERVER_ATTACK_DELTA_H
#include "server/attacks.h"

enum { ATTACK_DELTA_ROWS = 1 };
const struct attack *attack_delta_at(size_t i); /* NULL behind the last */

#endif
