#!/bin/sh
# Run by mmdebstrap with the new root as $1, before any package is configured. Puts programs of this machine beside those
# of the root. dpkg and the packages' scripts call them by name, and PATH names their folder first: no emulation.
set -e
folder=$1/.wwanpi-native
modules=/usr/lib/x86_64-linux-gnu/perl-base
# Each program names its loader. In the copies it is a path of the same length, as usr-is-merged removes /lib64.
loader=/lib64/ld-linux-x86-64.so.2
mkdir -p "$folder/bin" "$folder/lib"
# Not those whose work depends on the processor, as of ldconfig, uname and dpkg itself.
for program in dpkg-deb dpkg-split tar gzip xz \
	basename cat chgrp chmod chown cmp cp cut date diff dirname env expr find grep head id install ln ls md5sum mkdir \
	mktemp mv readlink realpath rm rmdir sed seq sha256sum sort stat tail tee test touch tr uniq wc xargs \
	dash perl; do
	# A script, as a user may have one, needs no copy.
	path=$(readlink -f "/usr/bin/$program") || continue
	ldd "$path" >"$folder/needed" 2>/dev/null || continue
	LC_ALL=C sed "s|$loader|/.wwanpi-native/ld-linux.so|" "$path" >"$folder/bin/$program"
	chmod 755 "$folder/bin/$program"
	sed -n 's/^.* => \(\/[^ ]*\) (.*/\1/p' "$folder/needed" | while read -r library; do
		[ -e "$folder/lib/${library##*/}" ] || cp "$library" "$folder/lib/"
	done
done
rm -f "$folder/needed"
[ ! -d "$modules" ] || cp -a "$modules" "$folder/lib/"
# Where these programs look for the rest of themselves. The root's own have other folders.
cp -L "$loader" "$folder/ld-linux.so"
ln -s /.wwanpi-native/lib "$1/usr/lib/x86_64-linux-gnu"
for program in "$folder"/bin/*; do
	name=${program##*/}
	case $name in
		perl) chroot "$1" "/.wwanpi-native/bin/$name" -MPOSIX -MFile::Temp -e 'exit 0' ;;
		dash) chroot "$1" "/.wwanpi-native/bin/$name" -c 'exit 0' ;;
		*) chroot "$1" "/.wwanpi-native/bin/$name" --version ;;
	esac >/dev/null 2>&1 && continue
	echo "W: this machine's $name does not run in the new root, which uses its own"
	rm "$program"
done
