/* SPDX-License-Identifier: GPL-3.0-or-later
 * IPv4 datagrams as bytes (RFC 791, RFC 9293): what is wrong with them, and changes that keep their checksums right. */
#ifndef NET_DATAGRAM_H
#define NET_DATAGRAM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DATAGRAM_IP_HEADER = 20, DATAGRAM_TCP_HEADER = 20, DATAGRAM_TCP = 6, DATAGRAM_ICMP = 1 };

uint16_t datagram_be16(const uint8_t *p);
void datagram_number(uint8_t *f, uint16_t id); /* sets the identification, and the header's checksum */
/* What is wrong with a frame for this address, NULL when nothing: then it is ICMP or TCP, and whole. */
const char *datagram_flaw(const uint8_t *f, size_t size, const uint8_t to[4]);

/* These take frames without flaw, but for the address; others are left alone. */
/* lwIP 2.1.3 takes an MSS option of any segment, and a segment size that shrinks in mid-connection breaks its assertions. Options behind
 * the SYN that were not negotiated mean nothing (RFC 9293, 3.2): they become no-operations. */
void datagram_drop_late_options(uint8_t *f, size_t size);
/* A SYN's MSS option says at most this. */
void datagram_clamp_mss(uint8_t *f, size_t size, uint16_t most);
/* Flips one bit of what TCP carries, which bit by draw, and makes the checksum right again. False: it carries nothing. */
bool datagram_flip_unseen(uint8_t *f, size_t size, uint64_t draw);
#endif
