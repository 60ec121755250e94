/* SPDX-License-Identifier: GPL-3.0-or-later
 * The parts of mkdelta: suffix order, differences, packing. The format stands in app/delta.h; it is written down a second time
 * here, shared with no firmware source. */
#ifndef TOOLS_MKDELTA_H
#define TOOLS_MKDELTA_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "blob.h"

enum { MKDELTA_HEADER = 44, MKDELTA_WINDOW = 2048 };

/* The suffixes of n bytes in lexical order: n + 1 indices, the empty suffix first. The caller frees. Aborts when memory is out. */
uint32_t *mkdelta_sort(const uint8_t *bytes, uint32_t n);

/* Appends the records (control, difference, extra, interleaved) that make target from base. */
void mkdelta_diff(const struct blob *base, const struct blob *target, struct blob *out);

/* Appends the n bytes, packed: runs of zeros, repetitions within the window, literals. */
void mkdelta_pack(const uint8_t *bytes, size_t n, struct blob *out);

/* An unsigned number in groups of seven bits, least first. */
void mkdelta_number(struct blob *out, uint32_t value);

#endif
