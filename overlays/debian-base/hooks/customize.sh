#!/bin/sh
# Run with the new root as $1, when all packages, the overlays and the first initramfs are in. The other arguments are
# the units to enable.
set -e
root=$1
shift
# Fills /boot/firmware as each new kernel on the Pi does.
hook=/etc/kernel/postinst.d/z50-raspi-firmware
if [ -e "$root$hook" ]; then
	# A container may not have made it.
	[ -e "$root/dev/null" ] || : >"$root/dev/null"
	chroot "$root" env DEB_MAINT_PARAMS=configure "$hook"
fi
for program in /usr/sbin/update-ca-certificates /usr/sbin/update-initramfs /usr/bin/ischroot; do
	rm "$root$program"
	chroot "$root" dpkg-divert --local --rename --quiet --remove "$program"
done
rm -f "$root"/etc/ssh/ssh_host_*
# Locked: who logs in how is for the image's builder to decide.
chroot "$root" useradd --create-home --uid 1000 --user-group --shell /bin/bash \
	--groups adm,dialout,sudo,audio,video,plugdev,users,netdev --password '!' pi
chroot "$root" systemctl disable ssh.service
chroot "$root" systemctl enable "$@"
