/* SPDX-License-Identifier: GPL-3.0-or-later
 * Envelopes: what is signed, and by whom (dut-firmware/README.md, "Manifest"). Ed25519 (RFC 8032) over the exact bytes of the value of
 * "signed"; a key's id is the SHA-256 of the key as SubjectPublicKeyInfo (RFC 8410), as in images. */
#ifndef SERVER_SIGNER_H
#define SERVER_SIGNER_H
#include <stdbool.h>
#include <stdint.h>

struct buf;
struct server_keys;

enum signer_key { SIGNER_GOOD, SIGNER_NEXT, SIGNER_WRONG, SIGNER_ROOT, SIGNER_KEYS };
enum { SIGNER_MOST = 4 };
struct signer_by { enum signer_key key; bool broken; /* one bit of the signature is flipped */ };

struct signer {
    uint8_t seed[SIGNER_KEYS][32];
    char key[SIGNER_KEYS][65], id[SIGNER_KEYS][65]; /* public key and its id in hex */
};

struct signer *signer_new(const struct server_keys *keys); /* freed by free() */
/* {"signatures":[…],"signed":TEXT} */
void signer_envelope(const struct signer *s, const struct signer_by *by, unsigned count, const struct buf *text, struct buf *out);

#endif
