# SPDX-License-Identifier: GPL-3.0-or-later
# isolate - one plain Makefile; `make help` lists the targets.

VERSION := 0.1.0
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBEXECDIR ?= $(PREFIX)/libexec/isolate
DATADIR ?= $(PREFIX)/share/isolate
MANDIR ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
SYSTEMDUSERDIR ?= $(PREFIX)/lib/systemd/user
SYSCONFDIR ?= /etc
CC ?= gcc
PKG_CONFIG ?= pkg-config
BUILD ?= build
WERROR ?= $(if $(CI),1)
CFLAGS ?= -g
SAN ?=

PROGRAMS := isolate isolate-gateway isolate-connect isolate-tor \
	isolate-transport isolatectl

# What a binary links is what it may touch: objects and libraries, by program.
BASE := base/fd base/fault base/path base/where base/gwmsg base/ctlmsg base/rule \
	base/radix
BASE_CLI := $(BASE) base/alloc base/strv base/dirs base/account
PROFILES := profiles/profile profiles/parse profiles/keys profiles/value \
	profiles/mount profiles/near profiles/pattern profiles/ports profiles/load \
	profiles/find
SECCOMP := seccomp/policy seccomp/groups seccomp/checks seccomp/digest \
	seccomp/compile seccomp/tree seccomp/cache seccomp/install
NETNS := netns/link netns/listen netns/path netns/redirect
IDENTITY := identity/identity identity/store identity/store_read identity/db \
	identity/process
TOR := tor/upstream tor/owner tor/instance tor/own tor/bringup tor/dropin \
	tor/listeners tor/ports tor/portname tor/config tor/home tor/holder \
	tor/torrc tor/spawn tor/talk tor/control tor/auth tor/cookie \
	tor/cookiefile tor/await tor/bootstrap tor/deadline tor/state tor/attach \
	tor/onion tor/bridge tor/bridges tor/bridgeset tor/clock

isolate_OBJS := $(BASE_CLI) base/caps base/mountapi base/trim $(PROFILES) $(SECCOMP) $(NETNS) $(IDENTITY) \
	$(TOR) $(filter-out launcher/skeleton_gen,$(basename $(wildcard launcher/*.c)))
isolate_LIBS := libseccomp libnl-route-3.0 libnl-3.0 libbsd libmd sqlite3 \
	inih
isolate-gateway_OBJS := base/caps base/fd base/fault base/gwmsg base/radix base/rule \
	base/trim \
	$(filter-out gateway/filter_gen,$(basename $(wildcard gateway/*.c)))
isolate-gateway_LIBS := libevent_core libmd
# Whole: a launch forks three times and execs twice, and each mapping of a
# library costs each of these. Not for packagers, who share them, nor with
# sanitizers: `make isolate_LINK=-pie isolate-gateway_LINK=-pie`. The linker
# warns of dlopen(3) and getaddrinfo(3), which SQLite and libevent
# have and nothing here calls: -w.
WHOLE := $(if $(SAN),-pie,-static-pie -Wl,-w)
isolate_LINK ?= $(WHOLE)
isolate-gateway_LINK ?= $(WHOLE)
isolate-connect_LINK ?= -pie
isolate-transport_LINK ?= -pie
isolatectl_LINK ?= -pie
isolate-connect_OBJS := base/fd connect/main
isolate-connect_LIBS := libbsd
isolate-tor_OBJS := $(BASE_CLI) base/caps base/mountapi \
	$(filter-out tor/upstream tor/owner tor/instance tor/own tor/await tor/state tor/bridgeset,$(TOR)) \
	$(basename $(wildcard keeper/*.c))
isolate-tor_LIBS := libbsd libmd
isolate-tor_LINK ?= $(WHOLE)
isolate-transport_OBJS := base/caps base/fd base/fault transport/main \
	transport/view transport/landlock transport/filter
isolate-transport_LIBS := libbsd
isolatectl_OBJS := $(BASE_CLI) $(PROFILES) $(IDENTITY) $(TOR) \
	tor/reply tor/client tor/circuits tor/circmap tor/circread tor/country \
	tor/watch \
	$(basename $(wildcard ctl/*.c))
isolatectl_LIBS := libbsd sqlite3 inih jansson libevent_core

CSTD := -std=gnu17 -D_GNU_SOURCE -I.
# -Wimplicit-fallthrough stays at its default level: clang rejects =5
WARN := -Wall -Wextra -Wformat=2 -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wvla -Walloca \
	-Wcast-qual -Wwrite-strings -Wundef -Wpointer-arith -Wlogical-op \
	-Wduplicated-cond -Wduplicated-branches -Wnull-dereference \
	-Wimplicit-fallthrough -Wswitch-enum -Wdate-time \
	$(if $(WERROR),-Werror)
HARDEN := -O2 -fPIE -fstack-protector-strong -fstack-clash-protection \
	-ftrivial-auto-var-init=zero -fno-strict-overflow -U_FORTIFY_SOURCE \
	$(if $(SAN),,-D_FORTIFY_SOURCE=3) \
	$(if $(filter x86_64,$(shell uname -m)),-fcf-protection=full)
LDHARDEN := -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
PATHS := -DISOLATE_VERSION='"$(VERSION)"' \
	-DISOLATE_LIBEXECDIR='"$(LIBEXECDIR)"' \
	-DISOLATE_DATADIR='"$(DATADIR)"' -DISOLATE_SYSCONFDIR='"$(SYSCONFDIR)"'

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2))
O := $(BUILD)/obj

.PHONY: all
all: deps-build $(PROGRAMS:%=$(BUILD)/%) $(BUILD)/profiles/.done \
	$(BUILD)/skeleton/stamp

include tests/tests.mk

# libnl's headers are not on the default path. Asked for late: at the first
# make on a machine pkg-config is installed by it.
$(O)/netns/%.o: EXTRA = $(shell $(PKG_CONFIG) --cflags libnl-3.0)

# Hostile bytes are parsed here: silent conversions are bugs.
$(O)/gateway/%.o $(O)/profiles/%.o: EXTRA := -Wconversion

# Where files are installed is compiled in: other paths, other objects.
FLAGS_ID := $(shell printf '%s' "$(subst ',,$(subst ",,$(PATHS) $(SAN) \
	$(CFLAGS)))" | cksum | tr -d ' ')
$(O)/.flags-$(FLAGS_ID):
	@mkdir -p $(@D)
	@rm -f $(O)/.flags-* && touch $@

$(O)/%.o: %.c Makefile $(O)/.flags-$(FLAGS_ID) | deps-build
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CSTD) $(WARN) $(EXTRA) $(HARDEN) $(SAN) $(CFLAGS) $(PATHS) \
		-MMD -MP -c -o $@ $<

define program
$$(BUILD)/$(1): $$($(1)_OBJS:%=$$(O)/%.o)
	$$(call say,LD,$$@)
	$$(Q)$$(CC) $$(LDHARDEN) $$(SAN) $$(LDFLAGS) -o $$@ $$^ \
		$$($(1)_LINK) $$(shell $$(PKG_CONFIG) --libs $$($(1)_LIBS)) -lm
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

# For anti-tests: steps of a launch can be skipped (launcher/enter.c), all
# nonces can be the same (launcher/gwlink.c). Never installed.
TEST_PROGRAMS := $(BUILD)/test/isolate
TESTING := launcher/enter launcher/gwlink
$(BUILD)/test/isolate: $(patsubst %,$(O)/%.o,$(filter-out $(TESTING), \
		$(isolate_OBJS))) $(TESTING:%=$(O)/test/%.o)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDHARDEN) $(SAN) $(LDFLAGS) -o $@ $^ \
		$(isolate_LINK) $(shell $(PKG_CONFIG) --libs $(isolate_LIBS)) -lm
$(O)/test/%.o: %.c Makefile $(O)/.flags-$(FLAGS_ID) | deps-build
	@mkdir -p $(@D)
	$(Q)$(CC) $(CSTD) $(WARN) $(HARDEN) $(SAN) $(CFLAGS) $(PATHS) \
		-DISOLATE_TESTING -MMD -MP -c -o $@ $<

# libseccomp compiles the gateway's filter here, so that a launch need not.
# The same for that of pluggable transports.
$(BUILD)/filter_gen_%: %/filter_gen.c seccomp/rows.c seccomp/rows.h \
		base/gwmsg.h gateway/pipes.h Makefile | deps-build
	@mkdir -p $(@D)
	$(Q)$(CC) $(CSTD) $(WARN) $(if $(SAN),-DFILTER_SANITIZED) -o $@ \
		$(filter %.c,$^) -lseccomp
.PRECIOUS: $(BUILD)/filter_gen_%
$(BUILD)/gen/%_filter.h: $(BUILD)/filter_gen_%
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$< >$@.tmp && mv $@.tmp $@
define filtered
$(O)/$(1)/filter.o $(BUILD)/unit/obj/$(1)/filter.o: $(BUILD)/gen/$(1)_filter.h
$(O)/$(1)/filter.o $(BUILD)/unit/obj/$(1)/filter.o: EXTRA += -I$(BUILD)
endef
$(foreach f,gateway transport,$(eval $(call filtered,$(f))))

# The same for the rules of transparent mode, with libnftnl.
$(BUILD)/redirect_gen: netns/redirect_gen.c netns/redirect.h Makefile | deps-build
	@mkdir -p $(@D)
	$(Q)$(CC) $(CSTD) $(WARN) -o $@ $< \
		$(shell $(PKG_CONFIG) --cflags --libs libnftnl libmnl)
$(BUILD)/gen/netns_redirect.h: $(BUILD)/redirect_gen
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$< >$@.tmp && mv $@.tmp $@
$(O)/netns/redirect.o $(BUILD)/unit/obj/netns/redirect.o: \
	$(BUILD)/gen/netns_redirect.h
$(O)/netns/redirect.o $(BUILD)/unit/obj/netns/redirect.o: EXTRA = -I$(BUILD)

# What is the same in every new root, made once (launcher/skeleton.h).
$(BUILD)/skeleton_gen: launcher/skeleton_gen.c launcher/skeleton.c \
		launcher/facade.c base/fd.c base/fault.c base/path.c Makefile | deps-build
	@mkdir -p $(@D)
	$(Q)$(CC) $(CSTD) $(WARN) $(SAN) -o $@ $(filter %.c,$^) -lbsd
$(BUILD)/skeleton/stamp: $(BUILD)/skeleton_gen
	$(call say,GEN,$@)
	$(Q)rm -rf $(@D) && $< $(@D)

# Beside the programs, so that they run uninstalled.
$(BUILD)/profiles/.done: $(wildcard profiles/data/*)
	@mkdir -p $(@D)
	$(Q)cp -R profiles/data/. $(@D)/ && touch $@
	$(Q)chmod -R go-w $(@D)

.PHONY: deps deps-build install uninstall clean help
# Installs what is missing (apt, as root or through sudo).
deps: deps-build
	$(Q)tests/deps.sh all
# Before a compile: only what the build itself needs, and only if missing.
deps-build:
	$(Q)tests/deps.sh build

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBEXECDIR) \
		$(DESTDIR)$(DATADIR)/profiles $(DESTDIR)$(MANDIR)/man1 \
		$(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man8 \
		$(DESTDIR)$(BASHCOMPDIR) $(DESTDIR)$(ZSHCOMPDIR) \
		$(DESTDIR)$(FISHCOMPDIR) $(DESTDIR)$(SYSTEMDUSERDIR)
	sed 's|@BINDIR@|$(BINDIR)|' ctl/isolate-tor.service.in \
		>$(DESTDIR)$(SYSTEMDUSERDIR)/isolate-tor.service
	chmod 0644 $(DESTDIR)$(SYSTEMDUSERDIR)/isolate-tor.service
	install -m 0755 $(BUILD)/isolate $(BUILD)/isolatectl $(DESTDIR)$(BINDIR)
	install -m 0755 $(BUILD)/isolate-gateway $(BUILD)/isolate-connect \
		$(BUILD)/isolate-tor $(BUILD)/isolate-transport \
		$(DESTDIR)$(LIBEXECDIR)
	install -m 0644 profiles/data/*.profile $(DESTDIR)$(DATADIR)/profiles
	rm -rf $(DESTDIR)$(DATADIR)/skeleton
	$(BUILD)/skeleton_gen $(DESTDIR)$(DATADIR)/skeleton
	set -e; for m in man/*.[158]; do \
		install -m 0644 $$m $(DESTDIR)$(MANDIR)/man$${m##*.}/; done
	install -m 0644 completions/isolate.bash $(DESTDIR)$(BASHCOMPDIR)/isolate
	install -m 0644 completions/isolatectl.bash \
		$(DESTDIR)$(BASHCOMPDIR)/isolatectl
	install -m 0644 completions/_isolate completions/_isolatectl \
		$(DESTDIR)$(ZSHCOMPDIR)
	install -m 0644 completions/isolate.fish completions/isolatectl.fish \
		$(DESTDIR)$(FISHCOMPDIR)

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/isolate $(DESTDIR)$(BINDIR)/isolatectl \
		$(DESTDIR)$(SYSTEMDUSERDIR)/isolate-tor.service \
		$(DESTDIR)$(BASHCOMPDIR)/isolate \
		$(DESTDIR)$(BASHCOMPDIR)/isolatectl \
		$(DESTDIR)$(ZSHCOMPDIR)/_isolate \
		$(DESTDIR)$(ZSHCOMPDIR)/_isolatectl \
		$(DESTDIR)$(FISHCOMPDIR)/isolate.fish \
		$(DESTDIR)$(FISHCOMPDIR)/isolatectl.fish \
		$(patsubst man/%.1,$(DESTDIR)$(MANDIR)/man1/%.1,$(wildcard man/*.1)) \
		$(patsubst man/%.5,$(DESTDIR)$(MANDIR)/man5/%.5,$(wildcard man/*.5)) \
		$(patsubst man/%.8,$(DESTDIR)$(MANDIR)/man8/%.8,$(wildcard man/*.8))
	rm -rf $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(DATADIR)

clean:
	rm -rf $(BUILD)

help:
	@sed -n 's/^#: //p' Makefile tests/tests.mk

#: all          build build/isolate, build/isolatectl and their helpers
#: demo         the main job on this machine, over a private Tor network
#: deps         install everything that build, tests and demo need (apt)
#: install      into PREFIX (/usr/local), below DESTDIR; uninstall undoes it

-include $(shell find $(O) -name '*.d' 2>/dev/null)
