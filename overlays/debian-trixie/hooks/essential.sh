#!/bin/sh
# Run by mmdebstrap with the new root as $1, before the packages beyond the essential ones.
set -e
# update-ca-certificates runs twice and takes a minute under emulation; wwanpi does its work from outside.
chroot "$1" dpkg-divert --local --rename --quiet --add /usr/sbin/update-ca-certificates
ln -s /bin/true "$1/usr/sbin/update-ca-certificates"
