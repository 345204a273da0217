#!/bin/sh
# Run with the new root as $1, when all packages and the overlay are in.
set -e
rm "$1/usr/sbin/update-ca-certificates"
chroot "$1" dpkg-divert --local --rename --quiet --remove /usr/sbin/update-ca-certificates
rm -f "$1"/etc/ssh/ssh_host_*
# Locked: who logs in how is for the image's builder to decide.
chroot "$1" useradd --create-home --uid 1000 --user-group --shell /bin/bash \
	--groups adm,dialout,sudo,audio,video,plugdev,users,netdev --password '!' pi
chroot "$1" systemctl disable ssh.service
chroot "$1" systemctl enable sshswitch.service regenerate_ssh_host_keys.service \
	grow-root.service NetworkManager.service ModemManager.service systemd-timesyncd.service
