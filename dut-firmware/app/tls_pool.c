/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pool of tls_pool.h: blocks one behind the other, first fit; neighbours that are free are joined when room is looked for. There are
 * some fifty blocks, so that walking them costs nothing beside the arithmetic of a handshake.
 */
#include "tls_pool.h"
#include <stdint.h>
#include <string.h>

struct block {
    uint32_t size; /* with this header; a multiple of 8 */
    uint32_t taken;
};
enum { HEAD = sizeof(struct block) };

#ifdef __arm__
__attribute__((section(".sram2")))
#endif
static _Alignas(8) uint8_t pool[TLS_POOL_SIZE];
static size_t used;

static struct block *at(size_t offset)
{
    return (struct block *)(void *)(pool + offset);
}

void tls_pool_reset(void)
{
    *at(0) = (struct block){.size = TLS_POOL_SIZE};
    used = 0;
}

static void join_next(size_t offset)
{
    struct block *b = at(offset);
    while (offset + b->size < TLS_POOL_SIZE && !at(offset + b->size)->taken)
        b->size += at(offset + b->size)->size;
}

static void *take(size_t offset, uint32_t size)
{
    struct block *b = at(offset);
    if (b->size - size >= 2 * HEAD) {
        *at(offset + size) = (struct block){.size = b->size - size};
        b->size = size;
    }
    b->taken = 1;
    used += b->size;
    return pool + offset + HEAD;
}

void *tls_pool_alloc(size_t n)
{
    if (n > TLS_POOL_SIZE)
        return NULL;
    uint32_t size = ((uint32_t)n + HEAD + 7) & ~7u;
    for (size_t offset = 0; offset < TLS_POOL_SIZE; offset += at(offset)->size) {
        if (at(offset)->taken)
            continue;
        join_next(offset);
        if (at(offset)->size >= size)
            return take(offset, size);
    }
    return NULL;
}

void tls_pool_free(void *p)
{
    if (!p)
        return;
    struct block *b = at((size_t)((uint8_t *)p - pool) - HEAD);
    b->taken = 0;
    used -= b->size;
}

void *tls_pool_resize(void *p, size_t n)
{
    if (!p)
        return tls_pool_alloc(n);
    const struct block *b = at((size_t)((uint8_t *)p - pool) - HEAD);
    size_t have = b->size - HEAD;
    if (n <= have)
        return p;
    void *bigger = tls_pool_alloc(n);
    if (!bigger)
        return NULL;
    memcpy(bigger, p, have);
    tls_pool_free(p);
    return bigger;
}

size_t tls_pool_used(void)
{
    return used;
}

bool tls_pool_sound(void)
{
    size_t offset = 0, sum = 0;
    while (offset < TLS_POOL_SIZE) {
        const struct block *b = at(offset);
        if (b->size < HEAD || b->size % 8 != 0)
            return false;
        sum += b->taken ? b->size : 0;
        offset += b->size;
    }
    return offset == TLS_POOL_SIZE && sum == used;
}
