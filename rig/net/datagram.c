/* SPDX-License-Identifier: GPL-3.0-or-later
 * IPv4 datagrams as bytes. */
#include "net/datagram.h"

#include <string.h>

enum { TCP_FLAGS = 13, TCP_SUM = 16, SYN = 2, OPTION_END = 0, OPTION_NOP = 1, OPTION_MSS = 2 };

uint16_t datagram_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* Ones' complement sum of RFC 1071; 0xffff over anything that carries its right checksum. */
static uint32_t sum16(const uint8_t *p, size_t n, uint32_t sum)
{
    for (; n > 1; n -= 2, p += 2)
        sum += datagram_be16(p);
    if (n)
        sum += (uint32_t)(*p << 8);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static size_t header_of(const uint8_t *f)
{
    return (size_t)(f[0] & 15) * 4;
}

/* Both addresses, protocol, length (RFC 9293, 3.1), and n bytes of TCP. */
static uint32_t tcp_sum(const uint8_t *f, size_t header, size_t n)
{
    return sum16(f + header, n, sum16(f + 12, 8, DATAGRAM_TCP + (uint32_t)n));
}

void datagram_number(uint8_t *f, uint16_t id)
{
    put16(f + 4, id);
    put16(f + 10, 0);
    put16(f + 10, ~sum16(f, DATAGRAM_IP_HEADER, 0));
}

static const char *tcp_flaw(const uint8_t *f, size_t header, size_t total)
{
    size_t n = total - header;
    if (n < DATAGRAM_TCP_HEADER)
        return "TCP: shorter than its header";
    return tcp_sum(f, header, n) == 0xffff ? NULL : "TCP: wrong checksum";
}

static const char *ip_flaw(const uint8_t *f, size_t size)
{
    if (size < DATAGRAM_IP_HEADER)
        return "shorter than an IPv4 header";
    if (f[0] >> 4 != 4)
        return "not IPv4";
    size_t header = header_of(f), total = datagram_be16(f + 2);
    if (header < DATAGRAM_IP_HEADER || total < header || total > size)
        return "IPv4: lengths do not fit the frame";
    return sum16(f, header, 0) == 0xffff ? NULL : "IPv4: wrong header checksum";
}

const char *datagram_flaw(const uint8_t *f, size_t size, const uint8_t to[4])
{
    const char *why = ip_flaw(f, size);
    if (why)
        return why;
    if (memcmp(f + 16, to, 4) != 0)
        return "IPv4: for another address";
    if (datagram_be16(f + 6) & 0x3fff)
        return "IPv4: a fragment";
    if (f[9] == DATAGRAM_ICMP)
        return NULL;
    return f[9] == DATAGRAM_TCP ? tcp_flaw(f, header_of(f), datagram_be16(f + 2)) : "IPv4: neither TCP nor ICMP";
}

/* The segment in a frame: n bytes, of which so many are headers. NULL: there is none. */
static uint8_t *segment(uint8_t *f, size_t size, size_t *n, size_t *headers)
{
    if (ip_flaw(f, size) || f[9] != DATAGRAM_TCP || datagram_be16(f + 6) & 0x3fff || tcp_flaw(f, header_of(f), datagram_be16(f + 2)))
        return NULL;
    uint8_t *tcp = f + header_of(f);
    *n = datagram_be16(f + 2) - header_of(f);
    *headers = (size_t)(tcp[12] >> 4) * 4;
    return *headers < DATAGRAM_TCP_HEADER || *headers > *n ? NULL : tcp;
}

static void sum_again(uint8_t *f, uint8_t *tcp, size_t n)
{
    put16(tcp + TCP_SUM, 0);
    put16(tcp + TCP_SUM, ~tcp_sum(f, (size_t)(tcp - f), n));
}

void datagram_drop_late_options(uint8_t *f, size_t size)
{
    size_t n, headers;
    uint8_t *tcp = segment(f, size, &n, &headers);
    if (!tcp || tcp[TCP_FLAGS] & SYN || headers == DATAGRAM_TCP_HEADER)
        return;
    memset(tcp + DATAGRAM_TCP_HEADER, OPTION_NOP, headers - DATAGRAM_TCP_HEADER);
    sum_again(f, tcp, n);
}

/* The MSS option's value, NULL when there is none. */
static uint8_t *mss_of(uint8_t *tcp, size_t headers)
{
    for (size_t i = DATAGRAM_TCP_HEADER; i < headers && tcp[i] != OPTION_END;) {
        if (tcp[i] == OPTION_NOP) {
            i++;
            continue;
        }
        size_t length = i + 1 < headers ? tcp[i + 1] : 0;
        if (length < 2 || i + length > headers)
            return NULL;
        if (tcp[i] == OPTION_MSS && length == 4)
            return tcp + i + 2;
        i += length;
    }
    return NULL;
}

void datagram_clamp_mss(uint8_t *f, size_t size, uint16_t most)
{
    size_t n, headers;
    uint8_t *tcp = segment(f, size, &n, &headers), *mss = tcp && tcp[TCP_FLAGS] & SYN ? mss_of(tcp, headers) : NULL;
    if (!mss || datagram_be16(mss) <= most)
        return;
    put16(mss, most);
    sum_again(f, tcp, n);
}

bool datagram_flip_unseen(uint8_t *f, size_t size, uint64_t draw)
{
    size_t n, headers;
    uint8_t *tcp = segment(f, size, &n, &headers);
    if (!tcp || n == headers)
        return false;
    uint64_t bit = draw % ((n - headers) * 8);
    tcp[headers + bit / 8] ^= (uint8_t)(1u << bit % 8);
    sum_again(f, tcp, n);
    return true;
}
