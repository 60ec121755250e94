/* SPDX-License-Identifier: GPL-3.0-or-later
 * Memory that lives and dies together: what was read from one file. */
#ifndef SCENARIO_STORE_H
#define SCENARIO_STORE_H
#include <stddef.h>

struct store;

struct store *store_new(void);
void store_free(struct store *s); /* with all that came from it; NULL is fine */
void *store_room(struct store *s, size_t size); /* zeroed */
const char *store_text(struct store *s, const char *text);
const char *store_bytes(struct store *s, const char *bytes, size_t n); /* n bytes and a NUL */
const char *store_printf(struct store *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
#endif
