#!/bin/sh
# Run by mmdebstrap with the new root as $1, before the packages beyond the essential ones.
set -e
# Under emulation, the certificates take a minute and an initramfs takes three; wwanpi makes both from outside.
# ischroot can't tell in a container, and raspi-firmware's hook then wants the boot partition to be mounted.
for program in /usr/sbin/update-ca-certificates /usr/sbin/update-initramfs /usr/bin/ischroot; do
	chroot "$1" dpkg-divert --local --rename --quiet --add "$program"
	ln -s /bin/true "$1$program"
done
