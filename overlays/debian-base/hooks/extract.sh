#!/bin/sh
# Run by mmdebstrap with the new root as $1, before any package is configured.
set -e
# Making host keys takes long under emulation, and no image may ship any: the package leaves existing files.
mkdir -p "$1/etc/ssh"
for kind in rsa ecdsa ed25519; do
	: >"$1/etc/ssh/ssh_host_${kind}_key"
done
