# Everything is built below build/$(VARIANT); nothing is written elsewhere.
#
#   make            the programs            make check    build and run the tests
#   make lint       what a machine can say  make demo     see it work, end to end
#   make deps       install what is missing (Debian)      make install PREFIX=...
#   make VARIANT=asan check      make fuzz     make coverage     make bench

VERSION    = 0.1.0
VARIANT    = release
PREFIX     = /usr/local
BINDIR     = $(PREFIX)/bin
LIBEXECDIR = $(PREFIX)/libexec/wikicast
MANDIR     = $(PREFIX)/share/man
DOCDIR     = $(PREFIX)/share/doc/wikicast
CC         = cc
INSTALL    = install
PKG_CONFIG = pkg-config

B := build/$(VARIANT)
# make V=1 shows the commands.
Q = $(if $(V),,@)
say = @$(if $(V),:,echo) '  $(1)'

# Of the environment, too, as distributions have them; HARDEN= HARDEN_LD= leave
# the hardening to theirs.
CFLAGS ?= -O2 -g
WARN    = -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes \
	  -Wmissing-prototypes -Wwrite-strings -Wvla -Wundef -Wformat=2 \
	  -Wno-missing-field-initializers
HARDEN  = -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
	  -fstack-clash-protection -fPIE
HARDEN_LD = -pie -Wl,-z,relro,-z,now
# The front is started by every poll and needs of libc next to nothing: linked
# statically it starts in half the time.  Where that cannot be, or with
# STATIC= (a distribution's wish), it is linked as all others.
STATIC  = -static-pie
STD     = -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I. \
	  -DWIKICAST_VERSION='"$(VERSION)"' \
	  -DWIKICAST_LIBEXEC='"$(LIBEXECDIR)"'

ifeq ($(VARIANT),asan)
STATIC  =
VARIANT_CFLAGS = -O1 -g -fsanitize=address,undefined -DWIKICAST_TIDY_EXIT \
	-fno-sanitize-recover=all -fno-omit-frame-pointer
VARIANT_LDFLAGS = -fsanitize=address,undefined
HARDEN  = -fPIE
endif
ifeq ($(VARIANT),coverage)
STATIC  =
VARIANT_CFLAGS = -O0 -g -DWIKICAST_TIDY_EXIT --coverage
VARIANT_LDFLAGS = --coverage
HARDEN  = -fPIE
endif
ifeq ($(VARIANT),fuzz)
STATIC  =
CC      = clang
VARIANT_CFLAGS = -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all
VARIANT_LDFLAGS = -fsanitize=address,undefined
HARDEN  = -fPIE
endif
ifdef WERROR
WARN += -Werror
endif

COMPILE = $(CC) $(STD) $(WARN) $(HARDEN) $(CPPFLAGS) $(CFLAGS) \
	$(VARIANT_CFLAGS) -MMD -MP
LINK    = $(CC) $(CFLAGS) $(VARIANT_CFLAGS) $(HARDEN_LD) $(VARIANT_LDFLAGS) \
	$(LDFLAGS)

# ---- libraries and programs ----

LAYERS   := base items feeds wiki
ARCHIVES := $(LAYERS:%=$B/lib%.a)
# The order in which a program links them: users before what they use.
LINKED   := $B/libfeeds.a $B/libwiki.a $B/libitems.a $B/libbase.a

# Each program links only what it may have (DESIGN: the shape).  --as-needed
# drops what a program's own objects do not call, so that "ldd" tells the
# truth about each of them.
LIBS_BASE   := nettle inih jansson sqlite3 libseccomp
LIBS_REGEX  := libpcre2-8
LIBS_FORMAT := libarchive libzstd libxml-2.0 gpgme
LIBS_HTTP   := libcurl
PKG_LIBS = $(shell $(PKG_CONFIG) --libs $(1))
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(LIBS_BASE) $(LIBS_FORMAT) \
	$(LIBS_HTTP) $(LIBS_REGEX) 2>/dev/null)
AS_NEEDED = -Wl,--as-needed

PROGRAMS := $(patsubst %/main.c,%,$(wildcard gen/main.c fetch/main.c \
	verify/main.c notify/main.c))
OUTPUTS  := $(if $(wildcard wikicast.c),$B/bin/wikicast) \
	$(PROGRAMS:%=$B/libexec/wikicast-%)

.PHONY: all
all: $(OUTPUTS)

# Rebuild when the flags change, as well as when a file does.
$B/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(COMPILE) $(LINK) $(STATIC))' | cmp -s - $@ || \
	    echo '$(subst ','\'',$(COMPILE) $(LINK) $(STATIC))' >$@
.PHONY: FORCE
FORCE:

$B/%.o: %.c $B/flags
	@mkdir -p $(@D)
	$(call say,CC $<)
	$Q$(COMPILE) $(PKG_CFLAGS) -c $< -o $@

objects = $(patsubst %.c,$B/%.o,$(wildcard $(1)/*.c))

define archive
$B/lib$(1).a: $(call objects,$(1))
	@rm -f $$@
	@$(AR) rcs $$@ $$^
endef
$(foreach layer,$(LAYERS),$(eval $(call archive,$(layer))))

$B/bin/wikicast: $B/wikicast.o
	@mkdir -p $(@D)
	$(call say,LD $@)
	$Q$(LINK) $(STATIC) $^ -o $@ $(LDLIBS) 2>/dev/null || \
	    $(LINK) $^ -o $@ $(LDLIBS)

$B/libexec/wikicast-gen: $(call objects,gen) $(LINKED)
	@mkdir -p $(@D)
	$(call say,LD $@)
	$Q$(LINK) $^ -o $@ $(AS_NEEDED) \
	    $(call PKG_LIBS,$(LIBS_BASE) $(LIBS_FORMAT) $(LIBS_REGEX)) $(LDLIBS)

$B/libexec/wikicast-fetch: $(call objects,fetch) $(LINKED)
	@mkdir -p $(@D)
	$(call say,LD $@)
	$Q$(LINK) $^ -o $@ $(AS_NEEDED) \
	    $(call PKG_LIBS,$(LIBS_BASE) $(LIBS_HTTP)) $(LDLIBS)

$B/libexec/wikicast-verify: $(call objects,verify) $(LINKED)
	@mkdir -p $(@D)
	$(call say,LD $@)
	$Q$(LINK) $^ -o $@ $(AS_NEEDED) \
	    $(call PKG_LIBS,$(LIBS_BASE) $(LIBS_FORMAT) $(LIBS_REGEX)) $(LDLIBS)

$B/libexec/wikicast-notify: $(call objects,notify) $(LINKED)
	@mkdir -p $(@D)
	$(call say,LD $@)
	$Q$(LINK) $^ -o $@ $(AS_NEEDED) $(call PKG_LIBS,$(LIBS_BASE)) $(LDLIBS)

# ---- tests ----

# What all tests may link: everything, and the parts of programs that tests
# look into (never a main.o).
PARTS    := $(filter-out %/main.o,$(foreach p,gen fetch verify notify,\
	$(call objects,$(p))))
$B/libparts.a: $(PARTS)
	@rm -f $@
	@$(AR) rcs $@ $^
TESTLIBS := $B/libparts.a $(LINKED)
TEST_LINK = $(AS_NEEDED) $(call PKG_LIBS,cmocka $(LIBS_BASE) $(LIBS_FORMAT) \
	$(LIBS_HTTP) $(LIBS_REGEX)) $(LDLIBS)

UNIT    := $(patsubst %.c,$B/%,$(wildcard tests/unit/test_*.c))
FAULT   := $(patsubst %.c,$B/%,$(wildcard tests/fault/test_*.c))
FUZZ    := $(patsubst %.c,$B/%,$(wildcard tests/fuzz/fuzz_*.c))
# Helpers of tests: one program (or, named *_preload.c, one shared object) a
# file; files named lib*.c are linked into all of them and into every unit
# and fault test.
SUPPORT := $(patsubst %.c,$B/%,$(filter-out %_preload.c,$(filter-out \
	tests/support/lib%.c,$(wildcard tests/support/*.c)))) \
	$(patsubst %.c,$B/%.so,$(wildcard tests/support/*_preload.c))
SIM     := $B/tests/sim/sim
TESTKIT := $(patsubst %.c,$B/%.o,$(wildcard tests/support/lib*.c))
E2E     := $(sort $(wildcard tests/e2e/[0-9]*.sh))

$(UNIT) $(FAULT): %: %.o $(TESTKIT) $(TESTLIBS)
	$(call say,LD $@)
	$Q$(LINK) $(filter %.o,$^) $(TESTLIBS) -o $@ $(TEST_LINK)
# It runs the program itself.
$B/tests/unit/test_worker: $B/libexec/wikicast-verify
ifeq ($(VARIANT),fuzz)
STATIC  =
$(FUZZ): %: %.o $(TESTLIBS)
	$(call say,LD $@)
	$Q$(LINK) -fsanitize=fuzzer $< $(TESTLIBS) -o $@ $(TEST_LINK)
else
$(FUZZ): %: %.o $B/tests/fuzz/replay.o $(TESTLIBS)
	$(call say,LD $@)
	$Q$(LINK) $(filter %.o,$^) $(TESTLIBS) -o $@ $(TEST_LINK)
endif
$(filter-out %.so,$(SUPPORT)): %: %.o $(TESTKIT) $(TESTLIBS)
	$(call say,LD $@)
	$Q$(LINK) $(filter %.o,$^) $(TESTLIBS) -o $@ $(TEST_LINK)
$(filter %.so,$(SUPPORT)): $B/%.so: %.c $B/flags
	@mkdir -p $(@D)
	$(call say,LD $@)
	$Q$(CC) $(STD) $(WARN) -O1 -g -fPIC -shared $< -o $@ -ldl

.PHONY: tests unit check layers
tests: all $(UNIT) $(FAULT) $(FUZZ) $(SUPPORT) $(SIM)

# The quick part of check.
unit: $(UNIT) $(SUPPORT)
	@sh tests/run.sh $B $(UNIT)

# CRASH=all kills the programs at every call instead of a sample of them.
check: deps
	@$(MAKE) --no-print-directory layers
	@$(MAKE) --no-print-directory tests
	@sh tests/run.sh $B $(UNIT) $(FAULT) $(FUZZ) $(E2E)

# Against a real MoinMoin 1.9: MOIN_SRC is a checkout of it, PYTHON2 a Python
# 2.7; without them it says so and passes.
.PHONY: check-moin
check-moin: all $B/tests/support/moinput
ifeq ($(and $(MOIN_SRC),$(PYTHON2)),)
	@echo 'check-moin: skipped, since MOIN_SRC and PYTHON2 are not set'
else
	$Qpython3 -B tests/moin/check.py $B '$(MOIN_SRC)' '$(PYTHON2)' $(CHECK)
endif

layers:
	@sh tests/layers.sh

# What a machine can say about the sources; tools that are absent are named.
.PHONY: lint
lint: layers
	@CC='$(CC)' PKG_CFLAGS='$(PKG_CFLAGS)' sh tests/lint.sh

# clang-format 14, which lint asks, too.
.PHONY: format
format:
	clang-format -i $$(git ls-files '*.c' '*.h')

# Each fuzz target for so long, from the corpus on; finds stay below build/.
FUZZ_SECONDS = 60
.PHONY: fuzz fuzz-run
fuzz:
	@$(MAKE) --no-print-directory VARIANT=fuzz fuzz-run
fuzz-run: $(FUZZ)
	@for t in $^; do n=$${t##*/fuzz_}; mkdir -p build/corpus/$$n; \
	    echo "fuzz $$n"; $$t -max_total_time=$(FUZZ_SECONDS) -verbosity=0 \
	    -print_final_stats=0 -artifact_prefix=build/fuzz-$$n- \
	    build/corpus/$$n tests/corpus/$$n || exit 1; \
	done

# Lines that the tests reach, a folder each, and the files reached least.
.PHONY: coverage
coverage:
	@$(MAKE) --no-print-directory VARIANT=coverage check
	@sh tests/coverage.sh build/coverage

# Speed and size, beside other ways to share pages: build/bench/table.md.
# BENCH=quick takes fewer versions and smaller wikis.
BENCH = full
.PHONY: bench
bench: deps all
	@sh tests/bench/deps.sh
	@WIKICAST=$(CURDIR)/$B/bin/wikicast \
	    python3 -B tests/bench/bench.py build/bench $(BENCH)

# How news spread over large networks: the programs' decisions, simulated.
SIM_RUNS = 1000
SIM_WIKIS = 1000000
$(SIM): $(patsubst %.c,$B/%.o,$(wildcard tests/sim/*.c)) $(TESTLIBS)
	$(call say,LD $@)
	$Q$(LINK) $^ -o $@ $(TEST_LINK) -lm
.PHONY: sim
sim: deps
	@$(MAKE) --no-print-directory $(SIM)
	@mkdir -p build/sim
	@$(SIM) $(SIM_RUNS) $(SIM_WIKIS) build/sim/curves.svg | tee build/sim/table.md

.PHONY: demo
demo: deps
	@$(MAKE) --no-print-directory all
	@B=$B sh tests/demo.sh

# ---- installing ----

MAN1 := $(wildcard wikicast.1 gen/*.1 fetch/*.1 verify/*.1 notify/*.1)
MAN5 := $(wildcard wikicast.conf.5)
DOCS := README.md CHANGES.md SECURITY.md LICENSE feeds/FORMAT.md \
    feeds/SPREAD.md feeds/spread.svg
.PHONY: install uninstall
install: all
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBEXECDIR) \
	    $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man5 \
	    $(DESTDIR)$(DOCDIR)/examples
	$(INSTALL) -m 755 $B/bin/wikicast $(DESTDIR)$(BINDIR)
	for p in $(PROGRAMS); do $(INSTALL) -m 755 $B/libexec/wikicast-$$p \
	    $(DESTDIR)$(LIBEXECDIR) || exit 1; done
	$(INSTALL) -m 644 $(MAN1) $(DESTDIR)$(MANDIR)/man1
	$(INSTALL) -m 644 $(MAN5) $(DESTDIR)$(MANDIR)/man5
	$(INSTALL) -m 644 $(wildcard $(DOCS)) $(DESTDIR)$(DOCDIR)
	for f in $(wildcard examples/*); do test ! -f $$f || \
	    $(INSTALL) -m 644 $$f $(DESTDIR)$(DOCDIR)/examples || exit 1; done
	$(INSTALL) -d $(DESTDIR)$(DOCDIR)/examples/pages
	$(INSTALL) -m 644 examples/pages/* $(DESTDIR)$(DOCDIR)/examples/pages
uninstall:
	rm -f $(DESTDIR)$(BINDIR)/wikicast \
	    $(patsubst %,$(DESTDIR)$(MANDIR)/man1/%,$(notdir $(MAN1))) \
	    $(patsubst %,$(DESTDIR)$(MANDIR)/man5/%,$(notdir $(MAN5)))
	rm -rf $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(DOCDIR)
	for d in $(BINDIR) $(dir $(LIBEXECDIR)) $(MANDIR)/man1 $(MANDIR)/man5 \
	    $(MANDIR) $(dir $(DOCDIR)) $(dir $(MANDIR)) $(PREFIX); do \
	    test ! -d $(DESTDIR)$$d || rmdir --ignore-fail-on-non-empty \
	    $(DESTDIR)$$d; done

.PHONY: deps
deps:
	@sh tests/deps.sh

.PHONY: clean
clean:
	rm -rf build

-include $(shell test -d build && find build -name '*.d')
