/* SPDX-License-Identifier: GPL-3.0-or-later
 * What keyset.c (the flash) needs of keyset_text.c (the document, and who is trusted). */
#ifndef OTA_KEYSET_PARTS_H
#define OTA_KEYSET_PARTS_H
#include "keyset.h"

/* Checks the root's signature over n bytes of text, then reads them. KEYSET_OK and *k (page -1, nothing retired), else the cause. */
enum keyset_result keyset_text_read(struct keyset *k, const char *text, uint32_t n, const uint8_t signature[64]);
bool keyset_text_lists(const struct keyset *k, const uint8_t raw[32]); /* revoked or not */

#endif
