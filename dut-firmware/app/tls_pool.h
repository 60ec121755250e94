/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The memory of one TLS connection: a pool of fixed size, so that a server that wants more than there is costs it the connection and the
 * device nothing.
 */
#ifndef APP_TLS_POOL_H
#define APP_TLS_POOL_H
#include <stdbool.h>
#include <stddef.h>

#define TLS_POOL_SIZE 24576u /* bytes; the peak of an honest connection is in README.md */

void tls_pool_reset(void);            /* forgets all blocks; before the first use, and to start over */
void *tls_pool_alloc(size_t n);       /* 8-aligned; NULL when there is no room */
void *tls_pool_resize(void *p, size_t n); /* as realloc */
void tls_pool_free(void *p);          /* takes NULL */
size_t tls_pool_used(void);           /* bytes in use with their headers */
bool tls_pool_sound(void);            /* every block adds up (tests) */
#endif
