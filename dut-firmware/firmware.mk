# SPDX-License-Identifier: GPL-3.0-or-later
# The reference device's firmware: included by the top Makefile.
#     make firmware                              build/firmware/: boot.bin, v1-a.bin, v1-b.bin, …, factory.hex; tls/: the same for the product with
#                                                TLS; ca/: the test CA
#     make firmware FW_SRC=DIR FW_OUT=DIR        the same from another copy of dut-firmware/ (a patched one)
#     VERSIONS="1.0.0 2.0.0" COUNTERS="1 1" IMAGE_KB=100 SIGNING_KEY=FILE ROOT_KEY=FILE

BUILD ?= build
FW_DIR := dut-firmware
FW_SRC ?= $(FW_DIR)
FW_OUT ?= $(BUILD)/firmware
SIGNING_KEY ?= fixtures/keys/test-ed25519.pem
ROOT_KEY ?= fixtures/keys/root-ed25519.pem
FW_TP := $(BUILD)/firmware/third-party
FW_TOOLS := $(BUILD)/firmware/tools
HOSTCC ?= $(CC)
FW_DEPS ?= $(if $(wildcard rig/tests/install-packages),$(BUILD)/deps.stamp)

.PHONY: firmware firmware-test firmware-sources flash firmware-fuzz

FW_TOOL_SRCS := $(addprefix $(FW_DIR)/tools/,mkimage.c mkimage_sign.c mkimage_verify.c mkimage_hex.c signer.c blob.c)
$(FW_TOOLS)/mkimage: $(FW_TOOL_SRCS) $(wildcard $(FW_DIR)/tools/*.h) | $(FW_DEPS)
	@mkdir -p $(@D)
	@$(HOSTCC) -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror $(FW_TOOL_SRCS) -lcrypto -o $@

$(FW_TOOLS)/mkdelta: $(wildcard $(FW_DIR)/tools/mkdelta*.[ch]) $(addprefix $(FW_DIR)/tools/,signer.c signer.h blob.c blob.h) | $(FW_DEPS)
	@mkdir -p $(@D)
	@$(HOSTCC) -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror $(filter %.c,$^) -lcrypto -o $@

$(FW_TOOLS)/mkca: $(FW_DIR)/tools/mkca.c | $(FW_DEPS)
	@mkdir -p $(@D)
	@$(HOSTCC) -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror $< -lcrypto -o $@

# Third-party sources: fetched once, kept under ~/.cache/otarig, unpacked here.
$(FW_TP)/src/%/.unpacked: $(FW_DIR)/sources.lock | $(FW_DEPS)
	@mkdir -p $(FW_TP)/src
	@$(FW_DIR)/tools/fetch-sources $* $(FW_TP)/src/$* && touch $@
firmware-sources: $(FW_TP)/src/lwip/.unpacked $(FW_TP)/src/libsodium/.unpacked $(FW_TP)/src/wolfssl/.unpacked

# The objects of lwIP and wolfSSL serve every tree that configures them the same way.
fw_third = $(if $(shell diff -rq $(FW_DIR)/app/$(1) $(FW_SRC)/app/$(1) 2>&1),$(abspath $(FW_OUT)),$(abspath $(FW_TP))/obj)/$(1)
FW_MAKE = $(MAKE) --no-print-directory -C $(FW_SRC) -f build.mk COMMON=$(abspath $(FW_OUT)) TP=$(abspath $(FW_TP)) \
	TOOLS=$(abspath $(FW_TOOLS)) KEY=$(abspath $(SIGNING_KEY)) ROOT=$(abspath $(ROOT_KEY)) LWIP_OBJ=$(call fw_third,lwip) \
	WOLFSSL_OBJ=$(call fw_third,wolfssl) HOSTCC='$(HOSTCC)'

firmware: firmware-sources $(FW_TOOLS)/mkimage $(FW_TOOLS)/mkdelta $(FW_TOOLS)/mkca ## build the reference device's firmware (with TLS: tls/)
	@+$(FW_MAKE) OUT=$(abspath $(FW_OUT)) all
	@+$(FW_MAKE) OUT=$(abspath $(FW_OUT))/tls TRANSPORT=tls all

flash: firmware ## write the factory-new firmware to a NUCLEO-L476RG (OpenOCD, or st-flash)
	@if command -v openocd >/dev/null 2>&1; then \
		openocd -f interface/stlink.cfg -f target/stm32l4x.cfg -c 'program $(FW_OUT)/factory.hex verify reset exit'; \
	elif command -v st-flash >/dev/null 2>&1; then st-flash --reset --format ihex write $(FW_OUT)/factory.hex; \
	else echo "make flash: needs openocd or st-flash" >&2; exit 1; fi

include $(FW_DIR)/tests/tests.mk
