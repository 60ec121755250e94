/* SPDX-License-Identifier: GPL-3.0-or-later
 * Which keys may sign images and manifests. Set 1 is built in (key.h); later ones are documents signed by the root key
 * (`GET /keys.json`: README.md), kept in flash at LAYOUT_KEYS_BASE. The app fetches and stores them, the bootloader reads them.
 * (Method: top of keyset.c.)
 */
#ifndef OTA_KEYSET_H
#define OTA_KEYSET_H
#include <stdbool.h>
#include <stdint.h>

#define KEYSET_KEYS_MOST 4u
#define KEYSET_REVOKED_MOST 8u
#define KEYSET_RETIRED_MOST 8u   /* keys of earlier sets that are remembered */
#define KEYSET_TEXT_MOST 1024u   /* bytes of a signed document */

enum keyset_result {
    KEYSET_OK = 0,
    KEYSET_BAD = -1,           /* not such a document, or one that leaves no key to trust */
    KEYSET_BAD_SIGNATURE = -2, /* not by the root key */
    KEYSET_OLD = -3,           /* its number is not higher than the present one's */
    KEYSET_FLASH = -4,         /* the flash would not take it: the old set still counts */
};

struct keyset {
    uint32_t number;
    uint8_t keys, revoked_keys, retired_keys;
    int8_t page;                                /* that it was read from; -1: built in */
    uint8_t key[KEYSET_KEYS_MOST][32];          /* raw public keys, as listed: keyset_find() leaves out what is revoked */
    uint8_t id[KEYSET_KEYS_MOST][32];           /* SHA-256 of their SubjectPublicKeyInfo DER */
    uint8_t revoked[KEYSET_REVOKED_MOST][32];   /* ids */
    uint8_t retired[KEYSET_RETIRED_MOST][32];   /* raw keys that were trusted once, newest first */
};

/* Reads the stored set and checks the root's signature (1.4 million instructions; none when nothing is stored); the built-in one
 * when there is none that is good. Writes nothing. */
void keyset_open(struct keyset *k);

/* The raw key of this id when it is trusted: listed (or built in, in set 1) and not revoked. Else NULL. */
const uint8_t *keyset_find(const struct keyset *k, const uint8_t id[32]);
bool keyset_revoked(const struct keyset *k, const uint8_t id[32]);
/* The raw key of this id when it is or ever was trusted: to recognise an image that proved itself before its key was revoked. */
const uint8_t *keyset_known(const struct keyset *k, const uint8_t id[32]);

/* Checks n bytes of a document (the exact bytes of "signed") and the root's signature over them, stores them, and updates *k. After
 * a negative result *k is as before. A power cut leaves the old set or the new one. */
int keyset_store(struct keyset *k, const char *text, uint32_t n, const uint8_t signature[64]);

/* Makes the second copy that a cut or a worn word left missing; writes nothing when it is there. To be called once at start. */
void keyset_mend(const struct keyset *k);

/* SHA-256 of an Ed25519 key's SubjectPublicKeyInfo DER (RFC 8410). */
void keyset_id(const uint8_t raw[32], uint8_t id[32]);

#endif
