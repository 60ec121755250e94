/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The trust of trust.h.
 */
#include "trust.h"
#include <string.h>
#include "key.h"

uint32_t trust_number(void)
{
    return 1;
}

enum envelope_key trust_publisher(const uint8_t keyid[32], uint8_t public_key[32])
{
    if (memcmp(keyid, key_hash, sizeof key_hash) != 0)
        return ENVELOPE_UNKNOWN;
    memcpy(public_key, key_public, sizeof key_public);
    return ENVELOPE_TRUSTED;
}
