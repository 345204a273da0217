# The builder image: wwanpi with every program it runs, for machines without Debian and for reproducible builds.
#
#   DOCKER_BUILDKIT=1 docker build -t wwanpi .  # Debian 12's docker.io 20.10 takes the old builder without
#   mkdir -p ~/.cache/wwanpi
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/work" -v "$HOME/.cache/wwanpi:/cache/wwanpi" wwanpi build --apn internet
#
# It needs no privileges, devices or capabilities: an image is written as a file (docs/how-to/containers.md).

# Set both by digest (debian@sha256:…) for a reproducible builder image.
ARG DEBIAN_IMAGE=debian:bookworm-slim
# Debian 12 has Node.js 18. Only /usr/local/bin/node of this image is used.
ARG NODE_IMAGE=node:22-bookworm-slim

FROM ${NODE_IMAGE} AS node

FROM ${NODE_IMAGE} AS build
ARG SOURCE_DATE_EPOCH=1767225600
WORKDIR /opt/wwanpi
# A published package has no lock file; a checkout has.
COPY package.json package-lock.json* .npmrc* ./
# No install scripts: the one native addon that is needed is made below.
# Both secrets are for your own registry or proxy: --secret id=npmrc,src=$HOME/.npmrc
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=ca-certificates \
    if [ -f /run/secrets/ca-certificates ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca-certificates; fi \
 && if [ -f package-lock.json ]; then install=ci; else install='install --omit=dev'; fi \
 && npm $install --ignore-scripts --no-audit --no-fund
# lzma-native brings its binary for amd64 and arm64, with a liblzma compiled without optimisation (its liblzma-config.sh
# sets CFLAGS and leaves out -O2). Compiled from the same source, this one takes less than two thirds of the time.
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends bzip2 g++ make python3 \
 && npm run rebuild-lzma \
 && find node_modules/lzma-native/build -type f ! -name lzma_native.node -delete
COPY . .
# A published package is built already. All files get the epoch's time, so that the same sources give the same layer.
RUN if [ -d src ]; then npm run --silent clean && npm run --silent build; fi \
 && npm prune --omit=dev --ignore-scripts --offline --no-audit --no-fund \
 && rm -rf scripts src stage tsconfig*.json node_modules/.package-lock.json node_modules/.cache \
 && find . -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH}" {} +

FROM ${DEBIAN_IMAGE}
ARG SOURCE_DATE_EPOCH=1767225600
# The Debian packages of src/host/host-tools.ts, and what some of them use without depending on it (test/unit/dockerfile.test.ts).
# Files that differ from day to day are removed, and all new files get the epoch's time.
RUN touch /tmp/begun \
 && apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
      apt \
      arch-test \
      binfmt-support \
      bubblewrap \
      ca-certificates \
      clang \
      debian-archive-keyring \
      dosfstools \
      dpkg \
      e2fsprogs \
      fdisk \
      gnupg \
      kmod \
      libglib2.0-dev-bin \
      lld \
      llvm \
      make \
      meson \
      minisign \
      mmdebstrap \
      mobile-broadband-provider-info \
      mtools \
      ninja-build \
      openssl \
      pkg-config \
      python3 \
      qemu-system-arm \
      qemu-user-static \
      tar \
      util-linux \
      xz-utils \
      zstd \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/cache/apt/archives/lock \
      /var/cache/debconf/*-old /var/cache/ldconfig/aux-cache /var/lib/dpkg/*-old /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- \
 && find /var/log -type f -delete \
 && install -d -m 1777 /cache /home/wwanpi /work \
 && find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /etc/hosts -o -path /etc/hostname \
      -o -path /etc/resolv.conf \) -prune -o -newer /tmp/begun \
      -exec touch --no-create --no-dereference --date="@${SOURCE_DATE_EPOCH}" {} + \
 && rm /tmp/begun \
 && touch --date="@${SOURCE_DATE_EPOCH}" /tmp
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=build /opt/wwanpi /opt/wwanpi
RUN node /opt/wwanpi/dist/src/cli.js --version
# Any user may run it, also one without an entry in /etc/passwd; this is their home.
ENV HOME=/home/wwanpi XDG_CACHE_HOME=/cache
USER 1000:1000
WORKDIR /work
ENTRYPOINT ["/usr/local/bin/node", "/opt/wwanpi/dist/src/cli.js"]
CMD ["--help"]
