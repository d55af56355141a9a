# SPDX-License-Identifier: GPL-3.0-or-later
# What checks, measures and lints; included by ../Makefile.
#: check        everything that must pass: lint, unit, fuzz corpora, sandbox
#: check-unit   unit tests: no privilege, no userns, no tor
#: check-fuzz   replay the fuzz corpora
#: check-sandbox  one promise a file, in real sandboxes over a private tor network
#: asan         unit, corpora and sandbox tests under ASan and UBSan
#: fuzz         run the fuzzers (FUZZ_SECONDS each, needs clang)
#: lint         clang-tidy, cppcheck, shellcheck, direction of dependence
#: bench        measure beside bwrap, firejail, unshare

# Each unit test and the objects it links (style 50: wrapped calls need no
# FORTIFY, so the objects are built again with UNIT_FLAGS).
UNIT_fd := base/fd
UNIT_path := base/path base/fd
UNIT_fault := base/fault
UNITS := fd path fault

UNIT_FLAGS := -O1 -U_FORTIFY_SOURCE
U := $(BUILD)/unit

$(U)/obj/gateway/%.o $(U)/obj/profiles/%.o: EXTRA := -Wconversion
$(U)/obj/%.o: %.c Makefile tests/tests.mk
	$(call say,CC,$< "(unit)")
	@mkdir -p $(@D)
	$(Q)$(CC) $(CSTD) $(WARN) $(EXTRA) -fPIE -g $(UNIT_FLAGS) $(SAN) $(PATHS) \
		-MMD -MP -c -o $@ $<

# UNIT_<name>_WRAP: functions to mock; UNIT_<name>_LIBS: pkg-config names
define unit
$$(U)/test_$(1): $$(U)/obj/tests/unit/test_$(1).o $$(UNIT_$(1):%=$$(U)/obj/%.o)
	$$(call say,LD,$$@)
	$$(Q)$$(CC) -pie $$(SAN) -o $$@ $$^ $$(UNIT_$(1)_WRAP:%=-Wl,--wrap=%) \
		$$(shell $$(PKG_CONFIG) --libs cmocka libbsd $$(UNIT_$(1)_LIBS))
endef
$(foreach t,$(UNITS),$(eval $(call unit,$(t))))

.PHONY: check check-unit check-fuzz check-sandbox
check: lint check-unit check-fuzz check-sandbox

check-unit: deps-build $(UNITS:%=$(U)/test_%)
	$(Q)tests/run-unit.sh $(UNITS:%=$(U)/test_%)

-include $(shell find $(U) -name '*.d' 2>/dev/null)
