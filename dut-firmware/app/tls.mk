# SPDX-License-Identifier: GPL-3.0-or-later
# The parts of wolfSSL that the application with TLS is linked with, relative to the unpacked source tree.
WOLFSSL_SRCS := $(addprefix src/,internal.c keys.c ssl.c tls.c tls13.c wolfio.c) $(addprefix wolfcrypt/src/,aes.c asn.c ecc.c hash.c hmac.c \
	kdf.c memory.c random.c sha256.c sp_cortexm.c sp_int.c wc_port.c wolfmath.c)
# The first path is relative to dut-firmware/; $(WOLFSSL_DIR) is the unpacked tree.
WOLFSSL_CFLAGS = -DWOLFSSL_USER_SETTINGS -Iapp/wolfssl -I$(WOLFSSL_DIR)
