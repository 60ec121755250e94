/* SPDX-License-Identifier: GPL-3.0-or-later
 * Key sets for tests, as the root would sign them. Keys are named by the path of their PEM file. */
#ifndef TESTS_KEYDOC_H
#define TESTS_KEYDOC_H
#include <stdint.h>
#include "keyset.h"

struct keydoc {
    char text[KEYSET_TEXT_MOST + 256];
    uint32_t n;
    uint8_t signature[64];
};

/* keys and revoked: paths, NULL behind the last. */
struct keydoc keydoc_make(unsigned number, const char *const *keys, const char *const *revoked);
void keydoc_add(struct keydoc *d, const char *text);
void keydoc_sign(struct keydoc *d, const char *by);
void keydoc_raw(const char *path, uint8_t raw[32]); /* public key */
void keydoc_id(const char *path, uint8_t id[32]);

#define KEYDOC_LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
