# SPDX-License-Identifier: GPL-3.0-or-later
# Host tests of the firmware under ASan and UBSan: dut-firmware/tests/test_*.c and dut-firmware/app/tests/test_*.c, one program each.
FWT_OUT := $(BUILD)/firmware-test
FWT_FLAGS := -std=c11 -D_GNU_SOURCE -g -O1 -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all \
	$(addprefix -I$(FW_DIR)/,shared boot port/host tools app tests)
-include $(FW_DIR)/app/app.mk
FWT_LIB_SRCS := $(filter-out %/shared/version.c %/shared/ed25519.c,$(wildcard $(FW_DIR)/shared/*.c)) $(filter-out %/boot/main.c,$(wildcard $(FW_DIR)/boot/*.c)) \
	$(wildcard $(FW_DIR)/port/host/*.c) $(addprefix $(FW_DIR)/tools/,signer.c blob.c mkdelta_diff.c mkdelta_pack.c mkdelta_sort.c)
FWT_LIB := $(patsubst $(FW_DIR)/%.c,$(FWT_OUT)/%.o,$(FWT_LIB_SRCS)) $(FWT_OUT)/key.o
FWT_APP := $(patsubst %.c,$(FWT_OUT)/%.o,$(APP_HOST_SRCS)) # relative to dut-firmware/
FWT_TESTS := $(patsubst $(FW_DIR)/%.c,$(FWT_OUT)/%,$(wildcard $(FW_DIR)/tests/test_*.c))
FWT_APP_TESTS := $(patsubst $(FW_DIR)/%.c,$(FWT_OUT)/%,$(wildcard $(FW_DIR)/app/tests/test_*.c))
# what the tests of a folder share
fwt_world = $(filter-out $(wildcard $(1)/test_*.c $(1)/fuzz_*.c),$(wildcard $(1)/*.c))
FWT_WORLD := $(patsubst $(FW_DIR)/%.c,$(FWT_OUT)/%.o,$(call fwt_world,$(FW_DIR)/tests))
FWT_APP_WORLD := $(patsubst $(FW_DIR)/%.c,$(FWT_OUT)/%.o,$(call fwt_world,$(FW_DIR)/app/tests))

$(FWT_OUT)/key.c: $(SIGNING_KEY) $(ROOT_KEY) $(FW_TOOLS)/mkimage
	@mkdir -p $(@D)
	@$(FW_TOOLS)/mkimage pubkey --key $(SIGNING_KEY) --root $(ROOT_KEY) --out $@
$(FWT_OUT)/key.o: $(FWT_OUT)/key.c
	@$(HOSTCC) $(FWT_FLAGS) -c $< -o $@
$(FWT_OUT)/%.o: $(FW_DIR)/%.c
	@mkdir -p $(@D)
	@$(HOSTCC) $(FWT_FLAGS) -DOTA_TEST_KEY='"$(SIGNING_KEY)"' -DOTA_ROOT_KEY='"$(ROOT_KEY)"' -DOTA_WRONG_KEY='"fixtures/keys/wrong-ed25519.pem"' -DOTA_NEXT_KEY='"fixtures/keys/next-ed25519.pem"' -MMD -MP -c $< -o $@
$(FWT_TESTS): %: %.o $(FWT_WORLD) $(FWT_LIB)
	@$(HOSTCC) $(FWT_FLAGS) $^ -lcmocka -lcrypto -o $@
$(FWT_APP_TESTS): %: %.o $(FWT_APP_WORLD) $(FWT_APP) $(FWT_LIB)
	@$(HOSTCC) $(FWT_FLAGS) $^ -lcmocka -lcrypto -o $@

firmware-test: $(FWT_TESTS) $(FWT_APP_TESTS) ## host tests of the firmware: slot logic, logs, images, XMODEM, update agent
	@for t in $(FWT_TESTS) $(FWT_APP_TESTS); do echo "  $$t"; $$t >$$t.log 2>&1 || { cat $$t.log; exit 1; }; done
	@if [ -f $(BUILD)/firmware/v1-a.bin ]; then $(FW_DIR)/tests/check-images $(FW_TOOLS)/mkimage $(SIGNING_KEY) $(BUILD)/firmware/v*-[ab].bin; fi

# libFuzzer targets (clang): build/firmware-test/fuzz/NAME [-runs=N]
FWT_FUZZ := $(patsubst $(FW_DIR)/%.c,$(FWT_OUT)/fuzz/%,$(wildcard $(FW_DIR)/tests/fuzz_*.c $(FW_DIR)/app/tests/fuzz_*.c))
FUZZ_RUNS ?= 20000
FWT_FUZZ_SRCS := $(FWT_LIB_SRCS) $(call fwt_world,$(FW_DIR)/tests) $(addprefix $(FW_DIR)/,$(APP_HOST_SRCS))
FWT_FUZZ_FLAGS := -fsanitize=fuzzer-no-link -DOTA_TEST_KEY='"$(SIGNING_KEY)"' -DOTA_ROOT_KEY='"$(ROOT_KEY)"' -DOTA_WRONG_KEY='"fixtures/keys/wrong-ed25519.pem"' -DOTA_NEXT_KEY='"fixtures/keys/next-ed25519.pem"'
FWT_FUZZ_OBJ := $(FWT_FUZZ_SRCS:$(FW_DIR)/%.c=$(FWT_OUT)/fuzz-obj/%.o) $(FWT_OUT)/fuzz-obj/key.o
$(FWT_OUT)/fuzz-obj/key.o: $(FWT_OUT)/key.c
	@mkdir -p $(@D)
	@clang $(FWT_FLAGS) -c $< -o $@
$(FWT_OUT)/fuzz-obj/%.o: $(FW_DIR)/%.c
	@mkdir -p $(@D)
	@clang $(FWT_FLAGS) $(FWT_FUZZ_FLAGS) -MMD -MP -c $< -o $@
$(FWT_FUZZ): $(FWT_OUT)/fuzz/%: $(FWT_OUT)/fuzz-obj/%.o $(FWT_FUZZ_OBJ)
	@mkdir -p $(@D)
	@clang $(FWT_FLAGS) -fsanitize=fuzzer $^ -lcrypto -o $@
firmware-fuzz: $(FWT_FUZZ) ## a smoke run of the firmware's fuzz targets
	@for f in $(FWT_FUZZ); do mkdir -p $$f.corpus && $$f -seed=1 -runs=$(FUZZ_RUNS) $$f.corpus >$$f.log 2>&1 || { tail -n 30 $$f.log; exit 1; }; done

-include $(shell find $(FWT_OUT) -name '*.d' 2>/dev/null)
