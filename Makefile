# SPDX-License-Identifier: GPL-2.0-only
#
# fs-events: `make help` lists what can be made.

O       := $(CURDIR)/build
FLAVOUR ?= cloud
PREFIX  ?= /usr/local
DESTDIR ?=

# the kernel that `make install` is for
KVER    ?= $(shell uname -r)
KDIR    ?= /lib/modules/$(KVER)/build
UPDATES := $(DESTDIR)/lib/modules/$(KVER)/updates
LIBDIR  ?=

SELFTESTS := kernel/tools/testing/selftests/filesystems/events

# Packages of the commands and the library that this machine lacks
lacking-pkg = $(if $(shell pkg-config --exists $(1) 2>&1 || echo no),$(2))
lacking := $(if $(shell command -v $(CC)),,gcc libc6-dev) \
	$(if $(shell command -v meson),,meson) \
	$(if $(shell command -v ninja),,ninja-build) \
	$(if $(shell command -v pkg-config),,pkg-config) \
	$(call lacking-pkg,libmnl,libmnl-dev) \
	$(call lacking-pkg,json-c,libjson-c-dev) \
	$(call lacking-pkg,mount,libmount-dev) \
	$(call lacking-pkg,smartcols,libsmartcols-dev)
lacking := $(strip $(lacking))

# Why no module can be built for the kernel KVER
no-module := $(if $(wildcard $(KDIR)/Makefile),,\
	no headers in $(KDIR): apt-get install linux-headers-$(KVER))
no-module := $(if $(filter 6.12.% 7.%,$(KVER)),$(no-module),\
	it is for Linux 6.12 and 7, this is $(KVER))
no-module := $(strip $(no-module))

# Whatever can be built here. It installs and downloads nothing.
all: $(if $(lacking),,tools) $(if $(no-module),,module-running)
	$(if $(lacking),@echo 'no commands: $(lacking) missing: apt-get install $(lacking)')
	$(if $(no-module),@echo 'no module: $(no-module)')

help:
	@echo 'For this machine:'
	@echo '  make              commands and library, and the module for the running kernel,'
	@echo '                    as far as what they need is installed'
	@echo '  make install      these, and the manual pages (DESTDIR, PREFIX, LIBDIR, KVER, KDIR)'
	@echo '  make uninstall'
	@echo 'In a virtual machine:'
	@echo '  make demo         watch file systems being filled, freed and broken'
	@echo '  make test         tests'
	@echo '  make test-kernels the tests on each of Debian'"'"'s kernels, a line for each'
	@echo '  make shell        a prompt'
	@echo 'Parts:'
	@echo '  make tools | unit | selftests'
	@echo '  make module       for the virtual machine: FLAVOUR=cloud, plain, rt, cloud-7'
	@echo '  make deb          packages of Debian, in build/deb'
	@echo '  make check        style, static checks, documentation, unit tests'
	@echo '  make clean        what was built; distclean: kernels and what was fetched as well'
	@echo 'A kernel of its own, from the source of Debian'"'"'s, for the virtual machine:'
	@echo '  make kernel       with file system events built in: ./test.sh patched'
	@echo '  make kernel-debug the same, with KASAN, lockdep and KUnit: ./test.sh debug kunit'
	@echo '  make kernel-kcsan the same, with KCSAN: ./test.sh kcsan'
	@echo '  make kernel-off   the same source with CONFIG_FS_EVENTS=n: ./test.sh off'
	@echo '  make kernel-debug-module  Debian'"'"'s, with KASAN, for the module: ./test.sh debug-module'
	@echo '  make series       the patches, to be mailed, in build/series'
	@echo '  make check-series each of them applies, compiles and passes checkpatch'

# User space, built by meson: anew when the options have changed.
USER    := $(O)/user
options := --prefix=$(PREFIX) $(if $(LIBDIR),--libdir=$(LIBDIR)) \
	$(if $(shell pkg-config --exists cmocka 2>&1 || echo no),-Dtests=disabled)
options := $(strip $(options))
NINJA   := ninja $(if $(findstring s,$(firstword -$(MAKEFLAGS))),--quiet)

user:
	$(if $(lacking),$(error $(lacking) missing: apt-get install $(lacking)))
	@[ "$$(cat $(USER)/.options 2>/dev/null)" = "$(options)" ] || { \
		rm -rf $(USER) && meson setup $(options) $(USER) >/dev/null && \
		echo "$(options)" >$(USER)/.options; }
	+$(NINJA) -C $(USER)

# The programs, for the virtual machine.
tools: user
	@mkdir -p $(O)/tools
	for name in fsalert/fsalert fsalert-poll/fsalert-poll fsalertd/fsalertd; do \
		[ ! -e $(USER)/tools/$$name ] || cp -f $(USER)/tools/$$name $(O)/tools/; \
	done

# the demo's own programs, and its script
demo-tools:
	@mkdir -p $(O)/demo
	$(CC) -O2 -Wall -Wextra -Werror -I$(SELFTESTS) -o $(O)/demo/fuse-server \
		demo/fuse-server.c $(SELFTESTS)/fuse_server.c
	cp demo/guest $(O)/demo/

module:
	scripts/install-deps
	scripts/fetch-kernel $(FLAVOUR)
	scripts/build-module $(FLAVOUR)

kernel:
	scripts/build-kernel patched

kernel-%:
	scripts/build-kernel $*

series:
	scripts/make-series

check-series:
	scripts/check-series

module-running:
	$(if $(no-module),$(error no module: $(no-module)))
	scripts/build-module running $(KDIR)

selftests:
	scripts/fetch-source
	$(MAKE) -C $(SELFTESTS) O=$(O)/selftests

# A job of test.sh may be running it at the same time.
unit:
	@mkdir -p $(O)
	+flock $(O)/.lock-unit $(MAKE) unit-locked

unit-locked: user
	$(MAKE) -C tests/unit O=$(O)/unit run
	scripts/meson-tap $(USER)

check:
	scripts/check

deb:
	scripts/make-deb

demo:
	./demo.sh

test:
	./test.sh

test-kernels:
	tests/kernels

shell: module
	$(MAKE) tools
	tests/vm/run --flavour $(FLAVOUR) --shell

# What was installed: tests install to folders of their own and leave other logs.
INSTALLED := $(O)/installed$(subst /,-,$(DESTDIR))

# The module only if it can be built; user space in any case.
install: user $(if $(no-module),,module-running)
	$(if $(no-module),@echo 'no module: $(no-module)',\
		install -D -m 644 -t $(UPDATES) build/module/running/fs_events.ko)
	DESTDIR=$(DESTDIR) meson install -C $(USER) --no-rebuild --quiet
	cp $(USER)/meson-logs/install-log.txt $(INSTALLED)
	$(if $(DESTDIR)$(no-module),,depmod $(KVER))

# the files of the last `make install`, but not the configuration
uninstall:
	@[ -e $(INSTALLED) ] || { echo 'no "make install" was run here' >&2; exit 1; }
	rm -f $(UPDATES)/fs_events.ko
	@tac $(INSTALLED) | sed '/^#/d' | while read -r file; do \
		if [ -d "$$file" ] && [ ! -h "$$file" ]; then \
			rmdir --ignore-fail-on-non-empty "$$file"; \
		else \
			rm -f "$$file"; \
		fi; \
	done
	rm $(INSTALLED)
	$(if $(DESTDIR)$(no-module),,depmod $(KVER))

# Keeps downloads, and kernels, which take as long.
clean:
	rm -rf build/module build/tools build/deb build/user* build/demo build/selftests build/unit build/vm build/test \
		build/series build/series-repo build/series-check build/install build/examples \
		build/programs build/fuzz build/pages build/usr-local build/netlink build/mypy

distclean:
	rm -rf build

.PHONY: all help tools user demo-tools module kernel module-running selftests unit unit-locked \
	check deb demo test test-kernels shell series check-series \
	install uninstall clean distclean
