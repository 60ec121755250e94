# SPDX-License-Identifier: GPL-3.0-or-later
# The parts of lwIP that the application is linked with, relative to the unpacked source tree, and how they are compiled.
LWIP_SRCS := $(addprefix src/core/,init.c def.c inet_chksum.c ip.c mem.c memp.c netif.c pbuf.c tcp.c tcp_in.c tcp_out.c timeouts.c \
	ipv4/icmp.c ipv4/ip4.c ipv4/ip4_addr.c)
# The first two paths are relative to dut-firmware/; $(LWIP_DIR) is the unpacked tree.
LWIP_CFLAGS = -Iapp/lwip -Iapp/lwip/arch -I$(LWIP_DIR)/src/include
