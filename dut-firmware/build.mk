# SPDX-License-Identifier: GPL-3.0-or-later
# Builds one tree of firmware sources (this folder, or a patched copy of it). Called by firmware.mk as
#     make -C TREE -f build.mk OUT=… TP=… TOOLS=… KEY=… ROOT=… LWIP_OBJ=… WOLFSSL_OBJ=…        (absolute paths)
# and once more with TRANSPORT=tls OUT=…/tls COMMON=… for the product with TLS: what does not depend on the transport is in COMMON.
# All sources are named relative to the tree, and dependencies relative to $(COMMON): so objects of one tree can be copied to another's
# COMMON and only what a patch touches is compiled again.

VERSIONS ?= 1.0.0 2.0.0 3.0.0
COUNTERS ?= 1 2 3
TRANSPORT ?= http
COMMON ?= $(OUT)
IMAGE_KB ?= 100
TLS_IMAGE_KB ?= 200
# The floor of the device's calendar (app/clock.c); releases say when they were built. 2026-01-01.
FW_TIME ?= 1767225600
TRANSPORT_FLAG := $(if $(filter tls,$(TRANSPORT)),-DTRANSPORT_TLS)
PAYLOAD_KB := $(if $(filter tls,$(TRANSPORT)),$(TLS_IMAGE_KB),$(IMAGE_KB))
FAILING_OF ?= 2
CROSS ?= arm-none-eabi-
HOSTCC ?= cc
LWIP_DIR := $(TP)/src/lwip
WOLFSSL_DIR := $(TP)/src/wolfssl
SODIUM := $(TP)/src/libsodium/src/libsodium

include app/lwip.mk
include app/tls.mk
-include app/app.mk

Q := $(if $(V),,@)
FW_WARN := -Wall -Wextra -Werror
ARCH := -mcpu=cortex-m4 -mthumb -mfloat-abi=soft
BASE := -std=c11 $(ARCH) -O2 -g -ffreestanding -fno-common -ffunction-sections -fdata-sections
FW_CFLAGS := $(BASE) $(FW_WARN) -Ishared -Iport/stm32l4
SODIUM_FLAGS := $(BASE) -w -DCONFIGURED=1 -DNATIVE_LITTLE_ENDIAN=1 -I$(SODIUM)/include/sodium -I$(SODIUM)/include/sodium/private
LINK := $(ARCH) -nostartfiles --specs=nano.specs -Wl,--gc-sections -Wl,--fatal-warnings -Wl,--no-warn-rwx-segments
DEP = -MMD -MP -MF $(@:.o=.d) -MT '$$(COMMON)$(patsubst $(COMMON)%,%,$@)'

SHARED_SRCS := $(filter-out shared/version.c,$(wildcard shared/*.c)) $(wildcard port/stm32l4/*.c)
BOOT_SRCS := $(wildcard boot/*.c)
APP_SRCS := $(filter-out $(if $(filter tls,$(TRANSPORT)),,app/tls%.c),$(wildcard app/*.c))
# Sources that depend on the transport: compiled once for each.
APP_EITHER := $(shell grep -lE 'TRANSPORT_TLS|"server.h"' $(APP_SRCS) 2>/dev/null)
# Sources that ask for the version or the behaviour by macro are compiled once per image, the others once.
APP_SPLIT := $(shell grep -lE '\bAPP_(VERSION|CRASH|HANG|SICK)\b' $(APP_SRCS) 2>/dev/null) shared/version.c
APP_COMMON := $(filter-out $(APP_SPLIT) $(APP_EITHER),$(APP_SRCS))
SODIUM_SRCS := $(addprefix crypto_,core/ed25519/ref10/ed25519_ref10.c hash/sha512/cp/hash_sha512_cp.c sign/ed25519/ref10/open.c \
	verify/sodium/verify.c)

obj = $(patsubst %.c,$(COMMON)/obj/%.o,$(1))
SHARED_OBJ := $(call obj,$(SHARED_SRCS)) $(COMMON)/obj/gen/key.o
BOOT_OBJ := $(call obj,$(BOOT_SRCS))
EITHER_OBJ := $(patsubst %.c,$(COMMON)/obj-$(TRANSPORT)/%.o,$(APP_EITHER))
APP_OBJ := $(call obj,$(APP_COMMON)) $(EITHER_OBJ)
SODIUM_OBJ := $(patsubst %.c,$(TP)/obj/libsodium/%.o,$(SODIUM_SRCS))
LWIP_OBJS := $(patsubst %.c,$(LWIP_OBJ)-$(TRANSPORT)/%.o,$(LWIP_SRCS))
WOLFSSL_OBJS := $(patsubst %.c,$(WOLFSSL_OBJ)/%.o,$(WOLFSSL_SRCS))
TLS_OBJ := $(if $(filter tls,$(TRANSPORT)),$(WOLFSSL_OBJS) $(COMMON)/obj/gen/ca.o)

count := $(words $(VERSIONS))
numbers := $(wordlist 1,$(count),1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
GOOD := $(addprefix v,$(numbers))
FAILING := $(if $(word $(FAILING_OF),$(VERSIONS)),$(addprefix v$(FAILING_OF)-,crash hang sick))
NAMES := $(GOOD) $(FAILING)
IMAGES := $(foreach n,$(NAMES),$(OUT)/$(n)-a.bin $(OUT)/$(n)-b.bin)
# From the image that runs to the next version in the other slot.
STEPS := $(wordlist 2,$(count),$(numbers))
DELTAS := $(foreach n,$(STEPS),$(OUT)/v$(word $(n),0 $(numbers))-a.v$(n)-b.delta $(OUT)/v$(word $(n),0 $(numbers))-b.v$(n)-a.delta)

.PHONY: all
.DELETE_ON_ERROR:
all: $(OUT)/boot.bin $(IMAGES) $(DELTAS) $(OUT)/factory.hex $(OUT)/factory.bin $(COMMON)/ca/ca-cert.pem

$(COMMON)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(FW_CFLAGS) $(EXTRA) $(DEP) -c $< -o $@

$(COMMON)/obj-$(TRANSPORT)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(FW_CFLAGS) $(TRANSPORT_FLAG) $(EXTRA) $(DEP) -c $< -o $@

# EXTRA: include paths of third-party code for the few files that need them.
$(COMMON)/obj/shared/ed25519.o: EXTRA = -DCONFIGURED=1 -isystem $(SODIUM)/include/sodium
$(COMMON)/obj/port/stm32l4/memory.o: EXTRA = -fno-builtin -fno-tree-loop-distribute-patterns
$(APP_OBJ): EXTRA = -Iapp -Iport/stm32l4 $(subst -I$(LWIP_DIR),-isystem $(LWIP_DIR),$(LWIP_CFLAGS))
$(COMMON)/obj/app/tls.o: EXTRA = -Iapp $(subst -I$(WOLFSSL_DIR),-isystem $(WOLFSSL_DIR),$(WOLFSSL_CFLAGS))
$(COMMON)/obj/app/clock.o: EXTRA = -Iapp -DFW_TIME=$(FW_TIME)u
$(COMMON)/obj/app/clock.o: $(COMMON)/gen/parameters

$(COMMON)/gen/key.c: $(KEY) $(ROOT) $(TOOLS)/mkimage
	@mkdir -p $(@D)
	$(Q)$(TOOLS)/mkimage pubkey --key $(KEY) --root $(ROOT) --out $@
$(COMMON)/obj/gen/key.o: $(COMMON)/gen/key.c
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(FW_CFLAGS) -c $< -o $@

# The test CA: the certificate is compiled in, the key is the test server's.
$(COMMON)/ca/ca-cert.pem: $(TOOLS)/mkca
	@mkdir -p $(@D)
	$(Q)$(TOOLS)/mkca $(@D)
$(COMMON)/ca/ca.c: $(COMMON)/ca/ca-cert.pem
	@touch $@
$(COMMON)/obj/gen/ca.o: $(COMMON)/ca/ca.c app/ca.h
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(FW_CFLAGS) -Iapp -c $< -o $@

$(TP)/obj/libsodium/%.o: $(SODIUM)/%.c
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(SODIUM_FLAGS) -c $< -o $@
$(LWIP_OBJ)-$(TRANSPORT)/%.o: $(LWIP_DIR)/%.c $(wildcard app/lwip/*.h app/lwip/arch/*.h)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(BASE) -Wall $(TRANSPORT_FLAG) -Ishared $(LWIP_CFLAGS) -c $< -o $@
$(WOLFSSL_OBJ)/%.o: $(WOLFSSL_DIR)/%.c $(wildcard app/wolfssl/*.h)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(filter-out -std=c11 -O2 -ffreestanding,$(BASE)) -std=gnu11 -Os -w $(WOLFSSL_CFLAGS) -c $< -o $@

# Images are made again when what was asked for changes.
.PHONY: always
$(COMMON)/gen/parameters: always
	@mkdir -p $(@D); echo '$(VERSIONS) / $(COUNTERS) / $(IMAGE_KB) / $(TLS_IMAGE_KB) / $(FAILING_OF) / $(KEY) / $(FW_TIME)' | cmp -s - $@ || \
		echo '$(VERSIONS) / $(COUNTERS) / $(IMAGE_KB) / $(TLS_IMAGE_KB) / $(FAILING_OF) / $(KEY) / $(FW_TIME)' >$@

# Linker scripts: one template, one place.
script = $(Q)mkdir -p $(@D) && $(CROSS)cpp -P -undef -Ishared -DROM_BASE=$(1) -DROM_SIZE=$(2) port/stm32l4/sections.ld.h -o $@
$(COMMON)/gen/boot.ld: port/stm32l4/sections.ld.h shared/layout.h
	$(call script,LAYOUT_BOOT_BASE,LAYOUT_BOOT_SIZE)
$(COMMON)/gen/app-a.ld: port/stm32l4/sections.ld.h shared/layout.h
	$(call script,LAYOUT_SLOT_A_BASE+LAYOUT_HDR_SIZE,LAYOUT_SLOT_SIZE-LAYOUT_HDR_SIZE-0x400)
$(COMMON)/gen/app-b.ld: port/stm32l4/sections.ld.h shared/layout.h
	$(call script,LAYOUT_SLOT_B_BASE+LAYOUT_HDR_SIZE,LAYOUT_SLOT_SIZE-LAYOUT_HDR_SIZE-0x400)

# The bootloader: at most 64 KB, no heap, no printf family.
FORBIDDEN := [ _](v?[sf]?n?i?printf(_r)?|puts|malloc|calloc|realloc|free|_(malloc|free|calloc|realloc)_r|_?sbrk(_r)?)$$
$(COMMON)/boot.elf: $(BOOT_OBJ) $(SHARED_OBJ) $(SODIUM_OBJ) $(COMMON)/gen/boot.ld
	$(Q)$(CROSS)gcc $(LINK) -T $(COMMON)/gen/boot.ld -Wl,-Map=$(COMMON)/boot.map $(filter %.o,$^) -o $@
	@if $(CROSS)nm $@ | grep -E '$(FORBIDDEN)'; then echo "boot.elf: heap and printf have no place in the bootloader" >&2; rm -f $@; exit 1; fi
$(COMMON)/boot.bin: $(COMMON)/boot.elf
	$(Q)$(CROSS)objcopy -O binary $< $@
	@test $$(wc -c <$@) -le 65536 || { echo "boot.bin: larger than 64 KB" >&2; rm -f $@; exit 1; }

ifneq ($(OUT),$(COMMON))
$(OUT)/boot.bin: $(COMMON)/boot.bin
	@mkdir -p $(@D)
	$(Q)cp $< $@
endif

# All SRAM of the application: its sections, the hand-over block, and the stack that sections.ld.h keeps free. At most 96 KB with TLS.
SRAM_MOST := $(if $(filter tls,$(TRANSPORT)),98304,131072)
check_sram = @$(CROSS)size -A $(1) | awk '/^\.(ramvectors|ramfunc|data|bss|sram2|noinit) / { n += $$2 } END { n += 256 + 12288; \
	if (n > $(SRAM_MOST)) { print "$(notdir $(1)): " n " bytes of SRAM, more than $(SRAM_MOST)"; exit 1 } }' >&2 || { rm -f $(1); exit 1; }

# One image: NAME, VERSION, COUNTER, behaviour flag.
define image_rules
$(1)_OBJ := $$(patsubst %.c,$(COMMON)/obj/$(1)/%.o,$(APP_SPLIT))
$(COMMON)/obj/$(1)/%.o: %.c $(COMMON)/gen/parameters
	@mkdir -p $$(@D)
	$$(Q)$(CROSS)gcc $(FW_CFLAGS) -Iapp $(subst -I$(LWIP_DIR),-isystem $(LWIP_DIR),$(LWIP_CFLAGS)) -DAPP_VERSION='"$(2)"' $(4) $$(DEP) -c $$< -o $$@
$(OUT)/$(1)-a.elf $(OUT)/$(1)-b.elf: $(OUT)/$(1)-%.elf: $$($(1)_OBJ) $(APP_OBJ) $(SHARED_OBJ) $(SODIUM_OBJ) $(LWIP_OBJS) $(TLS_OBJ) $(COMMON)/gen/app-%.ld
	$$(Q)$(CROSS)gcc $(LINK) -T $(COMMON)/gen/app-$$*.ld -Wl,-Map=$$(@:.elf=.map) $$(filter %.o,$$^) -o $$@
	$$(call check_sram,$$@)
$(OUT)/$(1)-a.bin: LOAD := 0x08020000
$(OUT)/$(1)-b.bin: LOAD := 0x08080000
$(OUT)/$(1)-a.bin $(OUT)/$(1)-b.bin: %.bin: %.elf $(COMMON)/gen/parameters $(KEY) $(TOOLS)/mkimage
	$$(Q)$(CROSS)objcopy -O binary $$< $$*.raw
	$$(Q)$(TOOLS)/mkimage sign --key $(KEY) --load-addr $$(LOAD) --version $(2) --counter $(3) --hdr-size 0x200 \
		--payload-size $$$$(( $(PAYLOAD_KB) * 1024 )) --out $$@ $$*.raw && rm -f $$*.raw
-include $$($(1)_OBJ:.o=.d)
endef
$(foreach n,$(numbers),$(eval $(call image_rules,v$(n),$(word $(n),$(VERSIONS)),$(or $(word $(n),$(COUNTERS)),$(lastword $(COUNTERS))))))
$(foreach b,crash hang sick,$(if $(FAILING),$(eval $(call image_rules,v$(FAILING_OF)-$(b),$(word $(FAILING_OF),$(VERSIONS)),$(or \
	$(word $(FAILING_OF),$(COUNTERS)),1),-DAPP_$(shell echo $(b) | tr a-z A-Z)))))

# A delta image: from OLD in one slot to NEW in the other.
define delta_rule
$(OUT)/$(1).$(2).delta: $(OUT)/$(1).bin $(OUT)/$(2).bin $(TOOLS)/mkdelta
	$$(Q)$(TOOLS)/mkdelta $(OUT)/$(1).bin $(OUT)/$(2).bin $$@
endef
$(foreach n,$(STEPS),$(eval $(call delta_rule,v$(word $(n),0 $(numbers))-a,v$(n)-b))$(eval $(call delta_rule,v$(word $(n),0 $(numbers))-b,v$(n)-a)))

# What stands in a factory-new device; the log is written by this tree's own code, run on the host.
FACTORY_SRCS := tools/mkfactory.c tools/blob.c tools/signer.c port/host/flash_host.c port/host/platform_host.c port/host/ed25519_host.c \
	$(filter-out shared/version.c shared/ed25519.c,$(wildcard shared/*.c))
$(COMMON)/mkfactory: $(FACTORY_SRCS) $(COMMON)/gen/key.c $(wildcard shared/*.h port/host/*.h tools/*.h)
	$(Q)$(HOSTCC) -std=c11 -D_GNU_SOURCE -O1 $(FW_WARN) -Ishared -Iport/host -Itools $(FACTORY_SRCS) $(COMMON)/gen/key.c -lcrypto -o $@
$(OUT)/factory.bin: $(COMMON)/mkfactory $(COMMON)/boot.bin $(OUT)/v1-a.bin
	$(Q)$(COMMON)/mkfactory $(COMMON)/boot.bin $(OUT)/v1-a.bin $@ $(OUT)/log.bin
$(OUT)/factory.hex: $(OUT)/factory.bin $(TOOLS)/mkimage
	$(Q)$(TOOLS)/mkimage hex --out $@ $(COMMON)/boot.bin@0x08000000 $(OUT)/log.bin@0x08010000 $(OUT)/v1-a.bin@0x08020000

-include $(BOOT_OBJ:.o=.d) $(SHARED_OBJ:.o=.d) $(APP_OBJ:.o=.d)
