# SPDX-License-Identifier: GPL-3.0-or-later
# lwIP's sources for the rig, relative to the unpacked tree $(LWIP_DIR). timeouts.c is left out: net.c runs TCP's timers itself.
LWIP_HOST_SRCS := $(addprefix src/core/,def.c inet_chksum.c init.c ip.c mem.c memp.c netif.c pbuf.c tcp.c tcp_in.c tcp_out.c \
  ipv4/icmp.c ipv4/ip4.c ipv4/ip4_addr.c)
