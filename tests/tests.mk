# SPDX-License-Identifier: GPL-3.0-or-later
# What checks, measures and lints; included by ../Makefile.
#: check        everything that must pass: lint, unit, fuzz corpora, sandbox
#: check-unit   unit tests: no privilege, no userns, no tor
#: check-fuzz   replay the fuzz corpora
#: check-sandbox  one promise a file, in real sandboxes over a private tor network
#: soak         20 identities x 3 applications x 5 streams, newnym at random:
#:              no circuit is shared, for SOAK_SECONDS (600)
#: asan         unit, corpora and sandbox tests under ASan and UBSan
#: fuzz         run the fuzzers (FUZZ_SECONDS each, needs clang)
#: lint         clang-tidy, cppcheck, shellcheck, direction of dependence
#: analyze      gcc -fanalyzer (advisory)
#: bench        measure launches beside bwrap, firejail, unshare; and the two below
#: bench-relay  ... the relay alone: beside torsocks, pasta, slirp4netns
#: bench-tor    ... first byte over tor alone: beside a direct SocksPort
#: bench-ports  300 identities on one tor: set-up time of a SocksPort, memory

# Each unit test and the objects it links (style 50: wrapped calls need no
# FORTIFY, so the objects are built again with UNIT_FLAGS).
UNIT_fd := base/fd
UNIT_path := base/path base/fd tests/unit/temp
UNIT_fault := base/fault
UNIT_radix := base/radix
UNITS := fd path fault radix

PROFILE_PURE := profiles/profile profiles/parse profiles/keys profiles/value \
	profiles/mount profiles/near profiles/pattern profiles/ports base/rule \
	base/alloc base/strv base/fault base/fd
UNIT_profile := $(PROFILE_PURE)
UNIT_profile_LIBS := inih
UNIT_profile_value := profiles/value profiles/mount profiles/near \
	profiles/pattern profiles/ports base/rule profiles/keys base/alloc base/strv base/fault base/fd
UNIT_profile_load := $(PROFILE_PURE) profiles/load profiles/find base/path \
	base/dirs base/account \
	base/where tests/unit/profile_tree seccomp/policy seccomp/groups \
	seccomp/checks seccomp/digest
UNIT_profile_load_LIBS := inih
UNIT_profile_trust := $(PROFILE_PURE) profiles/load profiles/find base/path \
	base/dirs base/account \
	base/where tests/unit/profile_tree
UNIT_profile_trust_LIBS := inih
UNIT_profile_trust_WRAP := fstat stat
UNIT_pattern := profiles/pattern profiles/ports base/rule base/fault
UNITS += profile profile_value profile_load profile_trust pattern

GW := base/fd base/fault base/gwmsg base/rule tests/unit/gwlive
UNIT_gwlive := $(GW)
UNIT_gwrelay := $(GW)
UNIT_gwspare := $(GW)
UNIT_gwpipes := gateway/pipes base/fd
UNIT_relay := gateway/relay gateway/pipes base/fd
UNIT_gwconfine := $(GW)
UNIT_gwmsg := base/gwmsg base/fd
UNIT_gwrules := $(GW)
UNIT_gwpolicy := gateway/policy gateway/destination $(UNIT_pattern)
UNIT_gwfilter := gateway/filter
UNIT_socks := gateway/socks gateway/destination
UNIT_destination := gateway/destination
UNIT_gwhttp := gateway/http gateway/socks gateway/destination
UNIT_gwupstream := gateway/upstream
UNIT_gwupstream_LIBS := libmd
CTL := gateway/ctlgrammar gateway/ctlonion gateway/ctltext base/gwmsg base/fd \
	base/radix
UNIT_ctlgrammar := $(CTL)
UNIT_ctlsession := $(CTL) gateway/ctlsession
UNIT_gwcontrol := $(GW)
UNIT_gwinbound := $(GW)
UNITS += ctlgrammar ctlsession gwcontrol gwinbound
UNIT_dns := gateway/dns
UNIT_zone := gateway/zone gateway/destination
UNIT_names := gateway/names gateway/siphash
UNIT_gwdns := $(GW) tests/unit/dnsclient
UNIT_gwresolve := $(GW) tests/unit/dnsclient
UNIT_gwtransparent := $(GW) tests/unit/dnsclient tests/unit/redirected
UNIT_gwdenied := $(UNIT_gwtransparent)
UNITS += dns zone names gwdns gwresolve gwtransparent gwdenied
UNITS += gwlive gwrelay gwconfine gwrules gwpolicy gwmsg gwfilter socks gwhttp \
	destination gwupstream gwspare gwpipes relay
# these start the real program
$(patsubst %,$(BUILD)/unit/test_%,gwlive gwrelay gwspare gwconfine gwrules gwdns \
	gwresolve gwtransparent gwdenied gwcontrol gwinbound): | $(BUILD)/isolate-gateway

IDENTITY_UNIT := $(IDENTITY) base/fault base/fd base/path
UNIT_dirs := base/dirs base/account base/path base/fault base/fd tests/unit/temp
UNIT_identity := identity/identity identity/process base/path base/fault \
	base/fd tests/unit/temp
UNIT_identity_WRAP := fstat geteuid
UNIT_store := $(IDENTITY_UNIT) tests/unit/temp tests/unit/ledger
UNIT_store_LIBS := sqlite3
UNIT_store_file := $(UNIT_store)
UNIT_store_file_LIBS := sqlite3
UNIT_ctl := $(filter-out ctl/main,$(isolatectl_OBJS)) tests/unit/temp \
	tests/unit/ledger
UNIT_ctl_LIBS := $(isolatectl_LIBS)
UNIT_ctl_text := ctl/text ctl/table base/alloc
UNIT_ctl_circuits := $(filter-out ctl/main,$(isolatectl_OBJS))
UNIT_ctl_circuits_LIBS := $(isolatectl_LIBS)
UNITS += dirs identity store store_file ctl ctl_text ctl_circuits

UNIT_upstream := tor/upstream tor/owner tor/deadline tor/bridges tor/bridge tor/portname \
	tor/home tor/config base/where base/dirs base/path base/account \
	base/fault base/fd
UNIT_upstream_bridges = $(TOR_UNIT)
UNITS += upstream_bridges
UNIT_tor_owner := tor/owner base/account base/fd base/fault
UNIT_tor_owner_WRAP := geteuid socket
UNITS += tor_owner
UNIT_bootstrap = $(TOR_UNIT)
UNIT_tor_control := tor/control tor/reply tor/auth tor/cookie
TOR_CLIENT := tor/client tor/reply tor/control tor/auth tor/cookie \
	tor/cookiefile
UNIT_tor_client := $(TOR_CLIENT) base/fault base/fd tests/unit/temp
UNIT_tor_client_LIBS := libevent_core
UNIT_tor_circuits := tor/circuits $(UNIT_tor_client)
UNIT_tor_circuits_LIBS := libevent_core
UNIT_circmap := $(TOR_CLIENT) tor/circmap tor/circread tor/country tor/portname \
	base/fault base/fd
UNIT_circmap_LIBS := libevent_core
UNITS += circmap
UNIT_tor_cookie := tor/cookie
TOR_UNIT := $(TOR) base/gwmsg base/radix base/dirs base/where base/account base/strv base/alloc \
	base/path base/fault base/fd
UNIT_tor_bridge := tor/bridge base/fault
UNIT_tor_bridges := $(TOR_UNIT) tests/unit/temp
UNIT_tor_bridges_WRAP := fsync
UNIT_tor_clock := tor/clock tor/home tor/talk tor/control tor/auth tor/cookie \
	tor/cookiefile tor/deadline base/path base/fault base/fd
UNITS += tor_bridge tor_bridges tor_clock
UNIT_tor_ports := $(TOR_UNIT) tests/unit/temp
UNIT_tor_torrc := $(TOR_UNIT)
UNIT_tor_instance := $(TOR_UNIT)
UNIT_tor_onion := tor/onion tor/talk tor/control tor/auth tor/cookie \
	tor/cookiefile tor/deadline base/gwmsg base/radix base/path base/fault base/fd
UNIT_tor_spawn := tor/spawn tor/holder tor/control tor/deadline base/path \
	base/fault base/fd
UNIT_tor_spawn_WRAP := geteuid
UNIT_keep := $(filter-out keeper/main,$(isolate-tor_OBJS))
UNIT_keep_LIBS := $(isolate-tor_LIBS)
UNITS += keep
UNITS += upstream bootstrap tor_control tor_client tor_circuits tor_ports tor_cookie tor_torrc tor_spawn \
	tor_instance tor_onion

SECCOMP_UNIT := $(SECCOMP) base/fd base/fault
UNIT_seccomp := $(SECCOMP_UNIT) tests/data/sysprobe
UNIT_seccomp_LIBS := libseccomp
UNIT_seccomp_policy := seccomp/policy seccomp/groups seccomp/checks \
	seccomp/digest
UNIT_seccomp_policy_LIBS := libseccomp
UNIT_seccomp_cache := $(SECCOMP_UNIT)
UNIT_seccomp_cache_LIBS := libseccomp
UNIT_seccomp_cache_WRAP := seccomp_init fd_write_full geteuid \
	seccomp_arch_native
UNIT_seccomp_filter := $(SECCOMP_UNIT)
UNIT_seccomp_filter_LIBS := libseccomp
UNIT_seccomp_tree := seccomp/tree
UNITS += seccomp seccomp_policy seccomp_cache seccomp_filter seccomp_tree

# the launcher, whole but for main()
LAUNCHER_UNIT := $(filter-out launcher/main,$(isolate_OBJS))
LAUNCHER_UNITS := enter_order plan env options guard sync stdio terminal \
	netns redirect canary gwlink ctlsock facade progress home ports refused onions \
	onionplan gwonions inbound gwnonce
$(foreach t,$(LAUNCHER_UNITS),$(eval UNIT_$(t) := $(LAUNCHER_UNIT)))
$(foreach t,$(LAUNCHER_UNITS),$(eval UNIT_$(t)_LIBS := $(isolate_LIBS)))
UNIT_guard += tests/unit/temp
UNIT_ctlsock += tests/unit/temp
UNIT_refused += tests/unit/temp
UNIT_home := $(filter-out launcher/home,$(UNIT_home)) tests/unit/temp
UNIT_onions_WRAP := tor_instance_open
UNIT_gwlink_WRAP := tor_upstream_dial tor_state_read
UNIT_netns += tests/unit/ns
UNIT_redirect += tests/unit/ns
UNIT_inbound += tests/unit/ns
# includes the source, for its single checks
UNIT_canary := $(filter-out launcher/canary launcher/canary_net,$(UNIT_canary)) tests/unit/ns
UNITS += $(LAUNCHER_UNITS)
UNIT_onionkey := launcher/onionkey base/radix base/path base/fault base/fd \
	tests/unit/temp
UNIT_onionkey_WRAP := fsync
UNITS += onionkey
UNIT_caps := base/caps base/fault base/fd tests/unit/ns
UNITS += caps
UNIT_ldcache := launcher/ldcache
UNITS += ldcache
UNIT_userns := launcher/userns base/fault base/fd
UNIT_userns_WRAP := open
UNITS += userns
$(BUILD)/unit/test_plan: | $(BUILD)/profiles/.done
UNIT_connect := tests/unit/ns netns/link netns/listen base/fd base/fault
UNIT_connect_LIBS := libnl-route-3.0 libnl-3.0
UNITS += connect
UNIT_redirect_load := tests/unit/ns netns/link base/fd base/fault
UNIT_redirect_load_LIBS := libnl-route-3.0 libnl-3.0
UNITS += redirect_load
# includes the source, for its words
$(BUILD)/unit/obj/tests/unit/test_redirect_load.o: $(BUILD)/gen/netns_redirect.h
$(BUILD)/unit/obj/tests/unit/test_redirect_load.o: EXTRA = -I$(BUILD)
$(BUILD)/unit/test_connect: | $(BUILD)/isolate-connect

UNIT_FLAGS := -O1 -U_FORTIFY_SOURCE
U := $(BUILD)/unit

$(U)/obj/gateway/%.o $(U)/obj/profiles/%.o: EXTRA := -Wconversion
$(U)/obj/netns/%.o: EXTRA = $(shell $(PKG_CONFIG) --cflags libnl-3.0)
$(U)/obj/%.o: %.c Makefile tests/tests.mk | deps
	$(call say,UNIT,$<)
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

# Each fuzz harness, tests/fuzz/fuzz_<name>.c, and the objects it links; seeds
# and past findings are in tests/fuzz/corpus/<name>/.
FUZZERS :=
FUZZ_profile := $(PROFILE_PURE)
FUZZ_profile_LIBS := inih
FUZZERS += profile
FUZZ_control := tor/control tor/reply tor/auth tor/cookie tor/bootstrap \
	tor/circmap tor/circread tor/portname tor/clock tor/home tor/talk \
	tor/cookiefile tor/deadline base/path base/fd base/fault
FUZZERS += control
FUZZ_socks := gateway/socks gateway/destination gateway/upstream
FUZZ_socks_LIBS := libmd
FUZZERS += socks
FUZZ_http := gateway/http gateway/socks gateway/destination
FUZZERS += http
FUZZ_dns := gateway/dns gateway/zone gateway/destination
FUZZERS += dns
FUZZ_policy := gateway/policy gateway/destination profiles/pattern \
	profiles/ports base/rule base/fault
FUZZERS += policy
FUZZ_gwmsg := base/gwmsg base/fd base/rule gateway/policy gateway/destination \
	launcher/refused base/path base/alloc base/strv base/fault
FUZZERS += gwmsg

FUZZ_bridge := tor/bridge base/fault
FUZZERS += bridge
FUZZ_ctlport := $(CTL) gateway/ctlsession
FUZZERS += ctlport

FUZZ_SECONDS ?= 60
F := $(BUILD)/fuzz

# With gcc as a program that replays files ...
define fuzz_replay
$$(U)/replay_$(1): $$(U)/obj/tests/fuzz/replay.o \
		$$(U)/obj/tests/fuzz/fuzz_$(1).o \
		$$(patsubst %,$$(U)/obj/%.o,$$(sort base/fd $$(FUZZ_$(1))))
	$$(call say,LD,$$@)
	$$(Q)$$(CC) -pie $$(SAN) -o $$@ $$^ \
		$$(shell $$(PKG_CONFIG) --libs libbsd $$(FUZZ_$(1)_LIBS))

.PHONY: check-fuzz-$(1)
check-fuzz-$(1): $$(U)/replay_$(1)
	@printf 'fuzz corpus %s: ' $(1)
	$$(Q)$$(U)/replay_$(1) tests/fuzz/corpus/$(1)

# ... and with clang as a fuzzer.
$$(F)/fuzz_$(1): tests/fuzz/fuzz_$(1).c $$(FUZZ_$(1):%=%.c) | deps
	@mkdir -p $$(@D)
	$$(call say,FUZZ,$$@)
	$$(Q)clang $$(CSTD) $$(PATHS) -g -O1 \
		-fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -o $$@ $$^ \
		$$(shell $$(PKG_CONFIG) --libs libbsd $$(FUZZ_$(1)_LIBS))

.PHONY: fuzz-$(1)
fuzz-$(1): $$(F)/fuzz_$(1)
	@mkdir -p $$(F)/corpus/$(1)
	$$(Q)$$(F)/fuzz_$(1) -max_total_time=$$(FUZZ_SECONDS) -max_len=65536 \
		-artifact_prefix=$$(F)/$(1)- $$(F)/corpus/$(1) \
		tests/fuzz/corpus/$(1)
endef
$(foreach f,$(FUZZERS),$(eval $(call fuzz_replay,$(f))))

# What sandbox tests run inside a sandbox: static, so that it needs nothing.
DATA := probe raw-get try-syscall
DATA_PROGRAMS := $(DATA:%=$(BUILD)/data/%)
$(BUILD)/data/%: tests/data/%.c Makefile tests/tests.mk | deps
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CSTD) $(WARN) -O2 -static -o $@ $(filter %.c,$^)
$(BUILD)/data/probe: tests/data/probe_escape.c tests/data/probe_net.c \
	tests/data/probe_netlink.c tests/data/probe.h
$(BUILD)/data/try-syscall: tests/data/sysprobe.c tests/data/sysprobe.h

# A command under the default filter alone: make build/with-seccomp
$(BUILD)/with-seccomp: $(U)/obj/tests/data/with-seccomp.o \
	$(SECCOMP_UNIT:%=$(U)/obj/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) -pie $(SAN) -o $@ $^ $(shell $(PKG_CONFIG) --libs libseccomp)

$(BUILD)/bench: tests/bench/bench.c Makefile | deps
	$(call say,CC,$<)
	$(Q)$(CC) $(CSTD) $(WARN) -O2 -static -o $@ $<

# ... and for torsocks, which preloads a library, not static.
RELAY := $(addprefix tests/bench/,relay.c relay_client.c relay_serve.c \
	relay_splice.c)
RELAY_PROGRAMS := $(BUILD)/relay $(BUILD)/relay-dynamic
$(RELAY_PROGRAMS): $(RELAY) tests/bench/relay.h Makefile tests/tests.mk | deps
	$(call say,CC,$@)
	$(Q)$(CC) $(CSTD) $(WARN) -O2 -pthread $(RELAY_LINK) -o $@ $(RELAY)
$(BUILD)/relay: RELAY_LINK := -static

PORTS_OBJS := $(BASE_CLI) $(TOR)
$(BUILD)/bench-ports: tests/bench/ports.c $(PORTS_OBJS:%=$(O)/%.o) Makefile \
		tests/tests.mk
	$(call say,CC,$<)
	$(Q)$(CC) $(CSTD) $(WARN) $(SAN) -O2 -fPIE -pie -o $@ \
		$(filter %.c %.o,$^) $(shell $(PKG_CONFIG) --libs libbsd libmd)

ASAN := -fsanitize=address,undefined -fno-sanitize-recover=all

.PHONY: check check-unit check-fuzz check-sandbox soak asan fuzz lint analyze \
	bench bench-relay bench-tor bench-ports demo
check: lint check-unit check-fuzz check-sandbox

check-unit: deps $(UNITS:%=$(U)/test_%)
	$(Q)tests/run-unit.sh $(UNITS:%=$(U)/test_%)

check-fuzz: $(FUZZERS:%=check-fuzz-%)

# ONLY='exit-status env' runs just those files of tests/sandbox
check-sandbox: deps all $(BUILD)/test/isolate $(DATA_PROGRAMS)
	$(Q)BUILD=$(BUILD) tests/run-sandbox.sh $(ONLY)

SOAK_SECONDS ?= 600
soak: deps all $(BUILD)/test/isolate $(DATA_PROGRAMS)
	$(Q)BUILD=$(BUILD) TEST_TIMEOUT=$$(($(SOAK_SECONDS) + 300)) \
		SOAK_SECONDS=$(SOAK_SECONDS) SOAK_IDENTITIES=20 \
		tests/run-sandbox.sh circuits-soak

asan:
	$(Q)$(MAKE) BUILD=$(BUILD)/asan SAN="$(ASAN)" check-unit check-fuzz \
		check-sandbox

fuzz: $(FUZZERS:%=fuzz-%)

lint: deps $(BUILD)/gen/gateway_filter.h $(BUILD)/gen/transport_filter.h \
		$(BUILD)/gen/netns_redirect.h
	$(Q)BUILD=$(BUILD) tests/lint/run

analyze: deps
	$(Q)for f in $$(git ls-files '*/*.c' ':!tests'); do \
		$(CC) $(CSTD) $(PATHS) -O2 -fanalyzer -c -o /dev/null $$f; done

bench: deps all $(BUILD)/bench $(RELAY_PROGRAMS)
	$(Q)BUILD=$(BUILD) tests/bench/run
	$(Q)BUILD=$(BUILD) tests/bench/relay-run
	$(Q)BUILD=$(BUILD) tests/bench/tor-run

bench-relay: deps all $(RELAY_PROGRAMS)
	$(Q)BUILD=$(BUILD) tests/bench/relay-run

bench-tor: deps all
	$(Q)BUILD=$(BUILD) tests/bench/tor-run

bench-ports: deps all $(BUILD)/bench-ports
	$(Q)BUILD=$(BUILD) tests/bench/ports-run

demo: deps all $(DATA_PROGRAMS)
	$(Q)BUILD=$(BUILD) tests/demo/run

-include $(shell find $(U) -name '*.d' 2>/dev/null)
