/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lwIP 2.1 as this application needs it: IPv4 and TCP over SLIP, raw API, one thread (everything is called from the main loop).
 * PBUF_POOL must hold more than TCP_WND even when the data come in small segments: a pool that is too small throws segments
 * away, and the download crawls at one retransmission timeout per window.
 */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_TIMERS 1

#define MEM_ALIGNMENT 4
#ifdef TRANSPORT_TLS
#define MEM_SIZE 6144
#define PBUF_POOL_SIZE 16
#define TCP_WND (2 * TCP_MSS) /* TLS needs the room more than a serial line needs the window */
#else
#define MEM_SIZE 8192
#define PBUF_POOL_SIZE 28
#define TCP_WND (4 * TCP_MSS)
#endif
#define MEMP_NUM_TCP_PCB 6 /* one in use, the others in TIME-WAIT */
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define MEMP_NUM_TCP_SEG 16
#define MEMP_NUM_PBUF 8
#define PBUF_POOL_BUFSIZE 544

#define LWIP_IPV4 1
#define LWIP_IPV6 0
#define LWIP_ARP 0
#define LWIP_ETHERNET 0
#define LWIP_ICMP 1
#define LWIP_RAW 0
#define LWIP_UDP 0
#define LWIP_DHCP 0
#define LWIP_DNS 0
#define LWIP_IGMP 0
#define IP_REASSEMBLY 0
#define IP_FRAG 0

#define LWIP_TCP 1
#define TCP_MSS 1460 /* MTU 1500 */
#define TCP_SND_BUF (2 * TCP_MSS)
#define TCP_SND_QUEUELEN 8
#define TCP_QUEUE_OOSEQ 1
#define TCP_OOSEQ_MAX_PBUFS 12
#define LWIP_TCP_RTO_TIME 1000 /* ms: a SLIP link's round trip is milliseconds; lwIP's default of 3 s costs time on a lossy one */
#define TCP_MSL 1000UL         /* ms: ports are drawn at random, and the link has no routers that could hold old segments */

#define LWIP_NETIF_STATUS_CALLBACK 0
#define LWIP_STATS 0
#define LWIP_CHKSUM_ALGORITHM 3

/* What comes in is checked before it is used; a debug assertion that halts would be a way to stop the device from outside. */
#define LWIP_NOASSERT

#endif
