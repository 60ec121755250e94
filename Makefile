# otarig: tries to brick a device while it updates itself, and proves that it can't. `make help` lists the targets.
BUILD   ?= build
CC      ?= cc
WERROR  ?= -Werror
OPT     ?= -O2
CFLAGS  ?= $(OPT) -g
STD     := -std=c11 -D_GNU_SOURCE
WARN    := -Wall -Wextra $(WERROR)
SANS    := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CACHE   := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/otarig
Q       := $(if $(V),,@)
say      = $(if $(V),,@printf '  %-8s%s\n' '$(1)' '$(2)')
VERSION := 0.1.0

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: lint-deps fuzz-run all help demo test test-rig lint layers bench fuzz-smoke fuzz docs-check install clean deps sanitized bugs-table

all: $(BUILD)/otarig ## the rig

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-16s%s\n",$$1,$$2}' $(MAKEFILE_LIST)

# --- what a new machine lacks ---
PACKAGES := gcc make pkg-config git ca-certificates xz-utils dpkg-dev patch gcc-arm-none-eabi libnewlib-arm-none-eabi \
  libyaml-dev libcjson-dev libssl-dev libhttp-parser-dev libcmocka-dev libunicorn-dev
LINT_PACKAGES := clang clang-tidy cppcheck libclang-rt-14-dev python3 curl wget openssl
deps: $(BUILD)/deps.stamp ## installs the distribution's packages that are missing
lint-deps: ## installs what fuzzing, linting and the checks of serve need beside it
	$(Q)rig/tests/install-packages $(LINT_PACKAGES)
$(BUILD)/deps.stamp: rig/tests/install-packages
	$(Q)mkdir -p $(@D)
	$(Q)rig/tests/install-packages $(PACKAGES)
	$(Q)touch $@

# --- sources fetched by package name (never committed) ---
LWIP_DIR   := $(BUILD)/firmware/third-party/src/lwip
LWIP_STAMP := $(LWIP_DIR)/.unpacked
-include dut-firmware/firmware.mk
-include rig/net/lwip/lwip.mk
-include fixtures/bugs/bugs.mk

# --- the rig ---
MODULES := base scenario plan record port sim net server drv run judge report cmd
SRCS    := $(sort $(foreach m,$(MODULES),$(wildcard rig/$(m)/*.c)))
GEN     := $(BUILD)/gen/template.c $(BUILD)/gen/source_id.c
LIBS    := -lyaml -lcjson -lssl -lcrypto -lhttp_parser -lm
INC     := -Irig -I$(BUILD)/gen
NETINC   = -Irig/net/lwip -I$(LWIP_DIR)/src/include

# $(1): flavour folder, $(2): extra flags
define flavour
OBJS_$(1) := $$(SRCS:rig/%.c=$(BUILD)/$(1)/%.o) $$(GEN:$(BUILD)/gen/%.c=$(BUILD)/$(1)/gen/%.o)
LWIP_$(1)  = $$(LWIP_HOST_SRCS:%.c=$(BUILD)/$(1)/lwip/%.o)
$(BUILD)/$(1)/gen/%.o: $(BUILD)/gen/%.c
	$$(call say,CC,$$<)
	$(Q)mkdir -p $$(@D) && $$(CC) $(STD) $(WARN) $(CFLAGS) $(2) $(INC) -MMD -MP -c $$< -o $$@
$(BUILD)/$(1)/net/%.o: rig/net/%.c $(BUILD)/deps.stamp $$(LWIP_STAMP)
	$$(call say,CC,$$<)
	$(Q)mkdir -p $$(@D) && $$(CC) $(STD) $(WARN) $(CFLAGS) $(2) $(INC) $$(NETINC) -MMD -MP -c $$< -o $$@
$(BUILD)/$(1)/%.o: rig/%.c $(BUILD)/deps.stamp
	$$(call say,CC,$$<)
	$(Q)mkdir -p $$(@D) && $$(CC) $(STD) $(WARN) $(CFLAGS) $(2) $(INC) -DOTARIG_VERSION='"$(VERSION)"' -MMD -MP -c $$< -o $$@
$(BUILD)/$(1)/lwip/%.o: $$(LWIP_STAMP) rig/net/lwip/lwipopts.h
	$(Q)mkdir -p $$(@D) && $$(CC) $(STD) -w $(CFLAGS) $(2) $$(NETINC) -c $$(LWIP_DIR)/$$*.c -o $$@
$(BUILD)/$(1)/libotarig.a: $$(OBJS_$(1)) $$(LWIP_$(1))
	$(Q)rm -f $$@ && ar rcs $$@ $$^
-include $$(OBJS_$(1):.o=.d)
endef
$(eval $(call flavour,obj,))
$(eval $(call flavour,san,$(SANS)))
$(BUILD)/fuzzlib/%: CC := clang
$(eval $(call flavour,fuzzlib,-O1 $$(FUZZ_SANS)))

$(BUILD)/otarig: $(BUILD)/obj/main.o $(BUILD)/obj/libotarig.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/san/otarig: $(BUILD)/san/main.o $(BUILD)/san/libotarig.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(SANS) -o $@ $^ $(LIBS)

$(BUILD)/gen/source_id.c: $(SRCS) rig/main.c
	$(Q)mkdir -p $(@D)
	$(Q)printf 'extern const char rig_source_id[];\nconst char rig_source_id[] = "%s";\n' \
	  "$$(LC_ALL=C; cat $(sort $^ $(wildcard rig/*/*.h)) | sha256sum | cut -c1-64)" >$@
$(BUILD)/gen/template.c: $(wildcard reports/template/*) rig/report/embed.awk
	$(Q)mkdir -p $(@D) && awk -f rig/report/embed.awk $(sort $(wildcard reports/template/*)) >$@

include rig/tests/tests.mk

# --- what people type ---
demo: $(BUILD)/otarig firmware bugs ## the main job on the virtual bench: verdict and HTML report
	$(Q)rig/tests/demo $(BUILD)

test: test-rig firmware-test layers ## everything that must hold, under ASan and UBSan
layers: ## include arrows of DESIGN.md hold
	$(Q)rig/tests/check-layers rig/layers.txt
docs-check: $(BUILD)/otarig ## what the documents name exists
	$(Q)rig/tests/check-docs
lint: layers lint-deps ## clang-tidy, cppcheck, include arrows
	$(Q)rig/tests/lint $(BUILD) $(NETINC)

PREFIX ?= /usr/local
install: $(BUILD)/otarig ## to $(DESTDIR)$(PREFIX)/bin
	install -D -m 755 $(BUILD)/otarig $(DESTDIR)$(PREFIX)/bin/otarig
clean: ## removes what was built
	rm -rf $(BUILD)
