/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values with units, as an option's row describes them. Exact: no floating point. */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H
#include "base/option.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;

/* Reads text after row into *number (and *word for words and texts). Units: time ns us ms s m h d; bytes B kB KiB MB MiB GB GiB or none;
 * percent % or none. False, with what was expected in why ("expected a time such as 300ms or 2.5s"), when it is
 * not one, is out of the row's bounds, or is finer than the unit of option.h. */
bool value_read(const struct option_row *row, const char *text, uint64_t *number, const char **word, struct buf *why);
/* The canonical text of a value: "300ms", "4096", "60%", "true", a word. Appends. */
void value_print(const struct option_row *row, uint64_t number, const char *word, struct buf *out);
/* "a time", "a number of bytes", … */
const char *value_type_name(enum option_type type);
#endif
