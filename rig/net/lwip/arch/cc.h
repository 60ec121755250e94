/* SPDX-License-Identifier: GPL-3.0-or-later
 * lwIP's port to the host: its types come from stdint.h, its byte order from endian.h, its random numbers from net.c. */
#ifndef ARCH_CC_H
#define ARCH_CC_H
#include <endian.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

uint32_t net_lwip_random(void); /* the next number of the net's seed */

#define LWIP_PLATFORM_DIAG(x) \
    do {                      \
    } while (0)
/* A broken assertion is a bug of ours, never the device's doing: what comes in is checked before. */
#define LWIP_PLATFORM_ASSERT(x)                                                         \
    do {                                                                                \
        fprintf(stderr, "otarig: lwIP: %s (%s:%d)\n", x, __FILE__, __LINE__);           \
        abort();                                                                        \
    } while (0)

#endif
