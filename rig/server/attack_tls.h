/* SPDX-License-Identifier: GPL-3.0-or-later
 * Rows of the attacks on TLS, behind the others in the table (attacks.h). */
#ifndef SERVER_ATTACK_TLS_H
#define SERVER_ATTACK_TLS_H
#include "server/attacks.h"

const struct attack *attack_tls_at(size_t i); /* NULL behind the last */

#endif
