/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What stands around everything that the server signs (README.md, "Signed answers"):
 *
 *     {"signatures":[{"keyid":"H64","sig":"H128"}, …],"signed":{…}}
 *
 * Each signature is an Ed25519 signature (RFC 8032, pure) of the bytes of the value of "signed" exactly as they came, from its
 * brace to its brace: nothing is written anew before it is checked, so no two readers can differ about what was signed. Nothing
 * inside "signed" is looked at before one signature by a trusted key has proved right.
 */
#ifndef APP_ENVELOPE_H
#define APP_ENVELOPE_H
#include <stddef.h>
#include <stdint.h>
#include "cause.h"

#define ENVELOPE_SIGNATURES_MOST 4u /* each costs a verification: what a server may ask of a device is bounded */

enum envelope_key { ENVELOPE_UNKNOWN, ENVELOPE_TRUSTED, ENVELOPE_REVOKED };

/* What the device thinks of the key named keyid (SHA-256 of its SubjectPublicKeyInfo DER); its raw public key when trusted. */
typedef enum envelope_key envelope_key_fn(const uint8_t keyid[32], uint8_t public_key[32]);

/* What was signed, within the text that was read, and the signature that proved right. */
struct envelope {
    const char *body;
    size_t size;
    uint8_t signature[64];
};

/* Reads n bytes of text and checks the signatures. CAUSE_NONE and *e, or CAUSE_BAD_MANIFEST (no JSON, or not this form),
 * CAUSE_UNSIGNED (an object without signatures), CAUSE_BAD_SIGNATURE (by a trusted key, and wrong), CAUSE_REVOKED_KEY (no trusted
 * key, a revoked one), CAUSE_WRONG_KEY (none that is known). */
enum cause envelope_open(struct envelope *e, const char *text, size_t n, envelope_key_fn *key);
#endif
