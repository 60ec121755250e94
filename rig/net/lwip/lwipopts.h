/* SPDX-License-Identifier: GPL-3.0-or-later
 * lwIP 2.1 for the rig's end of the SLIP link: one thread, raw API, IPv4 and TCP only, static pools.
 *
 * Pools are static so that lwip_init() makes a used stack new again: each trial starts from the same state, whatever ran before in
 * this process. lwIP's own timers are left out; net.c runs TCP's on the bench's clock, exact to the nanosecond.
 */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_TIMERS 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_STATS 0

#define MEM_ALIGNMENT 8
#define MEM_LIBC_MALLOC 0
#define MEMP_MEM_MALLOC 0
#define MEM_SIZE (4 * 1024 * 1024) /* untouched pages cost nothing */
#define MEMP_NUM_TCP_PCB 64        /* each boot of the device may leave a half-open one behind, until keep-alive finds out */
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define MEMP_NUM_TCP_SEG 4096
#define MEMP_NUM_PBUF 256
#define PBUF_POOL_SIZE 256
#define PBUF_POOL_BUFSIZE 1536

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
#define LWIP_HAVE_LOOPIF 0
#define LWIP_NETIF_LOOPBACK 0
#define IP_REASSEMBLY 0
#define IP_FRAG 0
#define IP_FORWARD 0

#define LWIP_TCP 1
#define LWIP_ALTCP 0
#define TCP_MSS 1460 /* the most; the link's MTU and the peer's option make it smaller */
#define TCP_CALCULATE_EFF_SEND_MSS 1
#define TCP_WND (16 * TCP_MSS)
#define TCP_SND_BUF (16 * TCP_MSS)
#define TCP_SND_QUEUELEN 64
#define TCP_QUEUE_OOSEQ 0 /* 2.1.3 asserts when a SYN overlaps what is queued (tcp_in.c, tcp_receive): a device must not end the rig */
#define LWIP_TCP_KEEPALIVE 1
#define LWIP_TCP_RTO_TIME 1000 /* ms before a round trip was measured (RFC 6298, 2.1) */
#define TCP_MAXRTX 8           /* gives a silent peer up after some four minutes */
#define TCP_MSL 2000UL         /* ms: no router on this link can hold a segment for long */
#define LWIP_CHKSUM_ALGORITHM 2

#define LWIP_RAND() net_lwip_random()
#define LWIP_HOOK_TCP_ISN(local, local_port, remote, remote_port) net_lwip_random()

#endif
