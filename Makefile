# wwanpi's tasks. Each installs what it needs and nothing twice.
#
#   make image APN=fast.metropcs.com [BASE=debian-bookworm] [ARGS="--ssh …"]
#   make flash         write an image in out/ to a card; asks which image and which card
#   make test          everything, as CI runs it
#   make test-long     every boot scenario of a few minutes and more, in an hour and a half
#   make soak          an hour of random drops, and what the supervisor costs
#   make docs          the generated pages of docs/reference; make pictures: docs/pictures, from real runs

APN ?=
BASE ?= raspbian-stretch
OUTPUT ?= out
ARGS ?=

# The Debian packages of src/host/host-tools.ts (test/unit/host/host-tools.test.ts compares the two) …
HOST_PACKAGES = apt arch-test binfmt-support bubblewrap clang dosfstools dpkg e2fsprogs fdisk kmod libglib2.0-dev-bin lld \
	llvm make meson mmdebstrap mtools ninja-build openssl pkg-config python3 qemu-user-static tar util-linux xz-utils zstd
# … what some of them use without depending on it …
HOST_PACKAGES += ca-certificates debian-archive-keyring
# … the carriers' data (if it is missing, --carrier fetches the package into the cache) …
HOST_PACKAGES += mobile-broadband-provider-info
# … what only `wwanpi boot` runs …
BOOT_PACKAGES = qemu-system-arm
# … what only `--sign` runs …
SIGN_PACKAGES = gnupg minisign
# … and what only the tests use.
TEST_PACKAGES = $(BOOT_PACKAGES) $(SIGN_PACKAGES) cpio dash libmbim-utils libqmi-utils perl procps shellcheck socat \
	util-linux-extra zip
# (other decoders, and checkers of the release files)
TEST_PACKAGES += bmap-tools libarchive-tools p7zip-full
# (a real SSH server to publish to, a device that fails to flash to, browsers for the catalogue)
TEST_PACKAGES += chromium dmsetup firefox-esr openssh-server openssh-client
# (the other shells with completion, and two checkers of the manual page)
TEST_PACKAGES += fish groff-base mandoc zsh
# (the Pi's firewall, with both programs that it may find)
TEST_PACKAGES += iproute2 iptables iputils-ping nftables
# (the container is built and run without a daemon)
TEST_PACKAGES += buildah podman
# (the pager of diff)
TEST_PACKAGES += less
# (the spelling of the code and the docs)
TEST_PACKAGES += codespell
# Programs that wwanpi is compared with (guestfish runs a virtual machine, which needs a kernel), and a disk with reflinks.
BENCH_PACKAGES = libguestfs-tools linux-image-amd64 qemu-system-x86 xfsprogs

SUDO = $(if $(filter-out 0,$(shell id -u)),sudo)
# Ends with a word if root is needed for $(1) and there is no sudo.
NEED_SUDO = $(if $(SUDO),command -v sudo >/dev/null || { echo 'sudo is not installed: run this as root (needed $(1))' >&2; exit 2; },:)
# The packages of $(1) that are not installed. dpkg-query is asked once for all: each time it reads the whole list.
MISSING = $(filter-out $(patsubst installed:%,%,$(filter installed:%,$(shell \
	dpkg-query -W -f '$${db:Status-Status}:$${Package}\n' $(1) 2>/dev/null))),$(1))

# Recipes read these as "$$APN", so that no value becomes shell code. $(value …) does not expand them, so that no value
# becomes make code: make would run `APN='$(shell …)'`.
override APN := $(value APN)
override BASE := $(value BASE)
override OUTPUT := $(value OUTPUT)
export APN BASE OUTPUT

# The bases that are built from Debian's packages (src/base/bases.ts).
BUILT_BASES = debian-bookworm debian-trixie debian-trixie-arm64

# A mark beside what packages have compiled of themselves.
NATIVE = node_modules/.native

# Hints then name make and its variables.
image $(BUILT_BASES): export WWANPI_CALLED_AS = make
# What the program is compiled from.
SOURCES = package.json package-lock.json tsconfig.json scripts/bundle-page.ts scripts/bundle-program.ts $(shell find src stage)

.PHONY: ready image flash $(BUILT_BASES) test test-long soak check docs pictures build host-packages test-packages clean

image: ready host-packages dist/.built $(if $(findstring --compress,$(ARGS)),$(NATIVE)) $(if $(SUDO),$(filter $(BUILT_BASES),$(BASE)))
	@./wwanpi build --apn "$$APN" --base "$$BASE" --output "$$OUTPUT" $(ARGS)

# Cheap checks come before anything is installed or compiled. Then apt installs while npm fetches.
ifneq ($(filter image,$(or $(MAKECMDGOALS),image)),)
host-packages node_modules dist/.built: | ready
$(NATIVE): | host-packages
MAKEFLAGS := $(MAKEFLAGS) $(if $(filter -j%,$(MAKEFLAGS)),,-j2)
endif
ready:
	@if [ -z "$$APN" ]; then \
		echo 'name the APN, as the letter with your SIM card has it: make image APN=internet' >&2; exit 2; \
	fi
	@set -- $(ARGS); while [ $$# -gt 1 ]; do \
		if [ "$$1" = --ssh-key ] && [ ! -e "$$2" ]; then \
			echo "cannot read $$2: no such file; if you have no key yet, make one: ssh-keygen -t ed25519" >&2; exit 2; \
		fi; \
		shift; \
	done
	@$(if $(call MISSING,$(HOST_PACKAGES)),$(call NEED_SUDO,to install $(call MISSING,$(HOST_PACKAGES))))

flash: dist/.built
	@$(call NEED_SUDO,to write to a card)
	@$(SUDO) ./wwanpi flash $(ARGS)

# Only these bases need root to build, and only if they are not in the cache: then fetch exits with 2. The root run gives
# them to the user.
$(BUILT_BASES): host-packages dist/.built
	@cache="$${XDG_CACHE_HOME:-$$HOME/.cache}/wwanpi"; mkdir -p "$$cache"; \
	set -- ./wwanpi fetch --base $@ --cache-dir "$$cache"; \
	"$$@" || { status=$$?; if [ $$status = 2 ] && [ -n "$(SUDO)" ] && command -v sudo >/dev/null; then \
		$(SUDO) "$$@"; else exit $$status; fi; }

# A log gets two things at once, a terminal one after the other, as each draws on it. apt is called by one at a time.
ifneq ($(filter test,$(MAKECMDGOALS)),)
test-packages: | host-packages
check $(BUILT_BASES): | test-packages
MAKEFLAGS := $(MAKEFLAGS) $(if $(MAKE_TERMOUT)$(filter -j%,$(MAKEFLAGS)),,-j2)
endif

# Build the bases first; otherwise two parallel tests would each build one.
test: host-packages test-packages build check debian-bookworm debian-trixie-arm64
	node --import tsx test/runner/run.ts

# Every boot scenario on two images. `make test` boots one. The bases come first here, too.
test-long: host-packages test-packages build $(BUILT_BASES)
	node --import tsx test/runner/run.ts test/long

# One after the other, so that they do not disturb each other: an hour, and 25 minutes.
soak: host-packages test-packages build
	node --import tsx --test --test-concurrency=1 $(sort $(shell find test/soak -name '*.test.ts'))

# Measures ratios within one run; writes test/bench/README.md. Needs an idle machine, half an hour, 30 GB and, for all of it, root.
bench: host-packages build debian-bookworm
	$(call install,$(call MISSING,$(BENCH_PACKAGES)))
	node --import tsx test/bench/run.ts $(ONLY)

check: node_modules
	$(call install,$(call MISSING,codespell))
	node_modules/.bin/tsc --noEmit -p tsconfig.json
	node_modules/.bin/tsc -p src/catalogue/page
	node_modules/.bin/biome check .
	node --import tsx scripts/make-docs.ts --check
	node --import tsx scripts/check-docs.ts
	git ls-files -z | xargs -0 codespell

docs: node_modules
	node --import tsx scripts/make-docs.ts
	node --import tsx scripts/check-docs.ts

# From real runs, so it takes minutes: a build, a boot, a fleet and its catalogue.
pictures: build debian-bookworm
	$(call install,$(call MISSING,$(BOOT_PACKAGES) chromium))
	node --import tsx scripts/make-pictures.ts $(ONLY)

build: dist/.built $(NATIVE)

# Without a change nothing runs; types are checked by `check`.
dist/.built: $(SOURCES) | node_modules
	npm run --silent compile

# Without the packages' own scripts, which compile.
node_modules: package.json package-lock.json
	npm ci --ignore-scripts --no-fund --no-audit --loglevel=error
	@touch node_modules

# What packages compile of themselves; an image that is not compressed does without. The binary that lzma-native brings
# has a liblzma compiled without optimisation (its liblzma-config.sh sets CFLAGS and leaves out -O2). Compiled again, it
# makes the same bytes in less than two thirds of the time. Without a C++ compiler, Python or the headers of Node.js the
# original binary is kept.
$(NATIVE): package.json package-lock.json | node_modules
	@echo 'compiling lzma-native again, for faster compression; this takes a minute or two …'
	@npm rebuild ssh2 cpu-features >/dev/null 2>&1 || true
	@npm run --silent rebuild-lzma >/dev/null 2>&1 || \
	echo 'lzma-native is not recompiled, and compresses slowly; to recompile it, install g++, python3 and the headers of Node.js'
	@touch $@

host-packages:
	$(call install,$(call MISSING,$(HOST_PACKAGES)))

test-packages:
	$(call install,$(call MISSING,$(TEST_PACKAGES)))

# apt-get is called only when something is missing, so that a second run needs no network and no sudo.
define install
@$(if $(strip $(1)),$(call NEED_SUDO,to install $(strip $(1))))
$(if $(strip $(1)),$(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive \
	apt-get install -qq -y --no-install-recommends $(1),@:)
endef

clean:
	rm -rf dist out node_modules
