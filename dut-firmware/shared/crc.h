/* SPDX-License-Identifier: GPL-3.0-or-later
 * Two CRCs, bitwise or by nibble: small, no tables to corrupt. */
#ifndef OTA_CRC_H
#define OTA_CRC_H
#include <stdint.h>

/* CRC-16/XMODEM step (polynomial 0x1021, no reflection). Start with 0 for XMODEM; the log starts with another value. */
uint16_t crc_16(uint16_t crc, const void *bytes, uint32_t n);

/* CRC-32/ISO-HDLC of a whole buffer (as zlib's crc32 from 0). To go on: pass the previous result. */
uint32_t crc_32(uint32_t crc, const void *bytes, uint32_t n);

#endif
