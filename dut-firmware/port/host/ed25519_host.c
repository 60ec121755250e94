/* SPDX-License-Identifier: GPL-3.0-or-later
 * ed25519.h on the host, by OpenSSL. */
#include "ed25519.h"
#include "signer.h"

bool ed25519_verify(const uint8_t signature[64], const void *message, uint32_t n, const uint8_t public_key[32])
{
    return signer_verify(public_key, message, n, signature);
}
