#!/bin/sh
# Run with the new root as $1: what pi-gen's stages do after the packages (its arm64 branch of 2026-06).
set -e
root=$1
for program in /usr/sbin/update-initramfs /usr/bin/py3compile /usr/sbin/locale-gen /usr/bin/catman /usr/bin/mandb; do
	rm "$root$program"
	chroot "$root" dpkg-divert --local --rename --quiet --remove "$program"
done
[ -e "$root/dev/null" ] || : >"$root/dev/null"
rm -f "$root"/etc/ssh/ssh_host_*
for group in input spi i2c gpio render netdev; do
	chroot "$root" groupadd -f -r "$group"
done
# Without a password, and with the shell of adduser --disabled-login, until userconf or Imager names a user.
chroot "$root" useradd --create-home --uid 1000 --user-group --shell /usr/sbin/nologin --password '!' \
	--groups adm,dialout,cdrom,audio,users,sudo,video,games,plugdev,input,gpio,spi,i2c,netdev,render pi
chroot "$root" usermod --pass='*' root
chroot "$root" systemctl disable ssh.service
chroot "$root" systemctl enable sshswitch.service regenerate_ssh_host_keys.service rpi-resize.service
