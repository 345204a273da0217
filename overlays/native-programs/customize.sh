#!/bin/sh
# Run by mmdebstrap with the new root as $1, when all packages are configured: nothing of this machine stays.
set -e
for program in perl dash; do
	[ -e "$1/.wwanpi-native/$program" ] || continue
	# Unless a package has brought a newer one.
	cmp -s "$1/.wwanpi-native/bin/$program" "$1/usr/bin/$program" || continue
	mv "$1/.wwanpi-native/$program" "$1/usr/bin/$program"
done
for path in .wwanpi-native usr/lib/x86_64-linux-gnu; do
	rm -r "${1:?}/$path"
done
