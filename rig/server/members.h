/* SPDX-License-Identifier: GPL-3.0-or-later
 * A JSON object as an ordered list of names and raw values, so that an attack can make of it what no printer would: a member twice,
 * a number of a thousand digits, half a string. */
#ifndef SERVER_MEMBERS_H
#define SERVER_MEMBERS_H
#include <stddef.h>
#include <stdint.h>

struct buf;
struct member { char *name, *value; /* the value as it stands in the text */ };
struct members { struct member *item; size_t count; };

/* Sets the first of that name, or adds it behind the others. Text goes into quotes as it is. */
void members_raw(struct members *m, const char *name, const char *value);
void members_number(struct members *m, const char *name, uint64_t value);
void members_text(struct members *m, const char *name, const char *value);
void members_again(struct members *m, const char *name, const char *value); /* adds even when there is one already; raw */
char *members_get(const struct members *m, const char *name); /* the raw value, which may be changed in place; NULL when absent */
void members_remove(struct members *m, const char *name);
void members_print(const struct members *m, struct buf *out); /* {"name":value,…} */
void members_free(struct members *m);

#endif
