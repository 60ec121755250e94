/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lwIP's view of the compiler: little-endian Cortex-M4 with GCC. The types are lwIP's defaults (stdint.h).
 */
#ifndef LWIP_ARCH_CC_H
#define LWIP_ARCH_CC_H
#include <stdint.h>

#define BYTE_ORDER LITTLE_ENDIAN
#define LWIP_PLATFORM_DIAG(x) \
    do {                      \
    } while (0)
#define LWIP_PLATFORM_ASSERT(x) \
    do {                        \
    } while (0)

uint32_t entropy_u32(void); /* ../entropy.h: ports and sequence numbers must not repeat after a reboot */
#define LWIP_RAND() entropy_u32()

#endif
