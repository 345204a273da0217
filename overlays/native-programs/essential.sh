#!/bin/sh
# Run by mmdebstrap with the new root as $1, when the essential packages are configured and the others are not. From now
# on no package has perl and dash in it, which scripts call by path.
set -e
for program in perl dash; do
	[ -e "$1/.wwanpi-native/bin/$program" ] || continue
	mv "$1/usr/bin/$program" "$1/.wwanpi-native/$program"
	cp "$1/.wwanpi-native/bin/$program" "$1/usr/bin/$program"
done
