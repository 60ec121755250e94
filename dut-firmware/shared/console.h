/* SPDX-License-Identifier: GPL-3.0-or-later
 * Lines of README.md's console protocol, built key by key: no printf, no buffers. Each call queues its bytes at once
 * (platform.h), so a line begun must be ended by the same flow of control; not from interrupts.
 *
 *     console_event("boot"); console_word("slot", "a"); console_version("version", &v); console_end();
 */
#ifndef OTA_CONSOLE_H
#define OTA_CONSOLE_H
#include <stdint.h>
#include "image.h"

void console_event(const char *name);                 /* "@ota ev=NAME" */
void console_word(const char *key, const char *word); /* " key=word": word without spaces; NULL or "" prints "-" */
void console_number(const char *key, uint32_t n);     /* decimal */
void console_hex(const char *key, uint32_t n);        /* 0x and 8 digits */
void console_bytes(const char *key, const uint8_t *bytes, uint32_t n); /* hex digits */
void console_version(const char *key, const struct image_version *v);  /* 1.2.3 (and +build when it is not 0) */
void console_slot(const char *key, uint8_t slot);                      /* a, b */
void console_end(void);                                                /* CR LF */
void console_comment(const char *text);                                /* a whole line that is not an event: "# text" */

#endif
