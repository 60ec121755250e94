/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whose signatures the device believes: the key set that the root key signed last (shared/keyset.h), for envelopes.
 */
#ifndef APP_TRUST_H
#define APP_TRUST_H
#include "envelope.h"

uint32_t trust_number(void);     /* of the key set in force */
envelope_key_fn trust_publisher; /* keys that may sign manifests */
#endif
