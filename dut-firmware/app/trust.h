/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whose signatures the device believes: the key set that the root key signed last (shared/keyset.h), for envelopes.
 */
#ifndef APP_TRUST_H
#define APP_TRUST_H
#include "envelope.h"
#include "keyset.h"

enum trust_result {
    TRUST_NEW,   /* it is in force now */
    TRUST_SAME,  /* it was before */
    TRUST_BAD,   /* not signed by the root, not in order, or older than the one in force */
    TRUST_FLASH, /* it cannot be stored: the old one stays in force */
};

void trust_open(void);                 /* reads the set in force; may mend its second copy */
const struct keyset *trust_keys(void); /* what images are verified with */
uint32_t trust_number(void);
envelope_key_fn trust_publisher;       /* keys that may sign manifests */
/* Takes in n bytes of an envelope with a key set. */
enum trust_result trust_take(const char *text, size_t n);
#endif
