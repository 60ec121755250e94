# SPDX-License-Identifier: GPL-3.0-or-later
# Tests: each rig/tests/test_X.c is one cmocka program under ASan and UBSan; fuzz_X.c is a libFuzzer target.
TESTS      := $(patsubst rig/tests/%.c,%,$(wildcard rig/tests/test_*.c))
TEST_HELP  := $(filter-out $(wildcard rig/tests/test_*.c rig/tests/fuzz_*.c rig/tests/bench_*.c rig/tests/oracle*.c),$(wildcard rig/tests/*.c))
ORACLE     := $(wildcard rig/tests/oracle*.c)
GUESTS     := $(patsubst rig/tests/guests/%.c,$(BUILD)/guests/%.elf,$(wildcard rig/tests/guests/*.c))
FUZZERS    := $(filter-out fuzz_cpu_unicorn,$(patsubst rig/tests/%.c,%,$(wildcard rig/tests/fuzz_*.c)))
FUZZ_TIME  ?= 20

$(BUILD)/guests/%.elf: rig/tests/guests/%.c rig/tests/guests/guest.ld $(BUILD)/deps.stamp $(wildcard rig/tests/guests/*.h)
	$(call say,ARM,$@)
	$(Q)mkdir -p $(@D) && arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16 -O1 -ffreestanding -nostdlib \
	  -Wall -Wextra -T rig/tests/guests/guest.ld -o $@ $<

$(BUILD)/san/tests/%: rig/tests/%.c $(TEST_HELP) $(BUILD)/san/libotarig.a
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(STD) $(WARN) $(CFLAGS) $(SANS) $(INC) -MMD -MP -o $@ $< $(TEST_HELP) $(BUILD)/san/libotarig.a -lcmocka $(LIBS)
-include $(wildcard $(BUILD)/san/tests/*.d)

$(BUILD)/fuzz_cpu_unicorn: rig/tests/fuzz_cpu_unicorn.c $(ORACLE) $(BUILD)/obj/libotarig.a
	$(Q)$(CC) $(STD) $(WARN) $(CFLAGS) $(INC) -o $@ rig/tests/fuzz_cpu_unicorn.c $(ORACLE) $(BUILD)/obj/libotarig.a -lunicorn $(LIBS)
$(BUILD)/bench_cpu: rig/tests/bench_cpu.c $(ORACLE) $(BUILD)/obj/libotarig.a
	$(Q)$(CC) $(STD) $(WARN) $(CFLAGS) $(INC) -o $@ rig/tests/bench_cpu.c $(ORACLE) $(BUILD)/obj/libotarig.a -lunicorn $(LIBS)

# Fuzz targets share one library, built by clang with its coverage counters.
FUZZ_SANS  := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
$(BUILD)/fuzz/%: rig/tests/%.c $(BUILD)/fuzzlib/libotarig.a
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D) && clang $(STD) $(WARN) -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $(INC) $(NETINC) \
	  -o $@ $< $(BUILD)/fuzzlib/libotarig.a $(LIBS)

test-rig: $(addprefix $(BUILD)/san/tests/,$(TESTS)) $(GUESTS) $(BUILD)/fuzz_cpu_unicorn $(BUILD)/san/otarig $(BUILD)/otarig firmware
	$(Q)rig/tests/run-tests $(BUILD) $(TESTS)

fuzz-smoke: lint-deps ## each parser for FUZZ_TIME seconds
	$(Q)+$(MAKE) --no-print-directory fuzz-run FUZZ_TIME=$(FUZZ_TIME)
fuzz-run: $(addprefix $(BUILD)/fuzz/,$(FUZZERS))
	$(Q)for f in $^; do rig/tests/run-fuzzer $$f $(FUZZ_TIME) || exit 1; done
bench: $(BUILD)/bench_cpu $(BUILD)/otarig firmware ## speed, as ratios in one run
	$(Q)rig/tests/bench $(BUILD)
	$(Q)rig/tests/bench-serve $(BUILD)
