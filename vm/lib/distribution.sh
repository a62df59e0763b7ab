# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Kernels of the distribution: which ones it offers, and how their packages are
# unpacked so that they build modules and boot without being installed.

architecture=$(dpkg --print-architecture)
[ "$architecture" = amd64 ] || die "the VM is x86-64 only so far, this machine is $architecture"

# offered_releases SERIES: kernel releases with both headers and image, oldest
# first. SERIES is a regular expression, e.g. 6\.12
offered_releases() {
	local flavour="-$architecture"
	apt-cache --names-only search "^linux-(headers|image)-$1\\.[0-9].*$flavour\$" |
		awk '{ print $1 }' | grep -vE -- "-(cloud|rt)$flavour\$" |
		sed -E 's/^linux-(headers|image)-//' | sort -V | uniq -d
}

# remembered KEY COMMAND...: what COMMAND prints, asked anew only after apt has got
# new lists: apt-cache takes seconds on a busy machine.
remembered() {
	local file=$cache/resolved/$1 answer
	if [ -s "$file" ] && [ "$file" -nt /var/lib/apt/lists ]; then
		cat "$file"
		return
	fi
	answer=$("${@:2}")
	[ -n "$answer" ] || return 0
	mkdir -p "${file%/*}"
	echo "$answer" > "$file.$$"
	mv "$file.$$" "$file"
	echo "$answer"
}

# newest_release NAME: the release that 6.1, 6.12 or newest stands for
newest_release() {
	local series=${1//./\\.}
	[ "$1" != newest ] || series='[0-9]+'
	offered_releases "$series" | tail -n 1
}

package_field() {
	apt-cache show --no-all-versions "$1" | sed -n "s/^$2: //p" | head -n 1
}

# download DIR PACKAGE...: into DIR, with the archive's checksums verified by apt
download() {
	local dir=$1
	shift
	(cd "$dir" && apt-get -q -o APT::Sandbox::User="$(id -un)" download "$@")
}

# headers_packages RELEASE: the headers, and what of their dependencies is part
# of the kernel's own build system
headers_packages() {
	echo "linux-headers-$1"
	package_field "linux-headers-$1" Depends | tr ',|' '\n' |
		awk '$1 ~ /^linux-(headers|kbuild)-/ { print $1 }'
}

# The unpacked headers name their common part under /usr/src. The vmlinux that
# newer packages ship is for BTF only, which would need pahole and gives a module
# for tests nothing.
relocate_headers() {
	local kdir=$1/usr/src/linux-headers-$2
	[ -f "$kdir/Makefile" ] || die "the headers package of $2 has no $kdir/Makefile"
	sed -i 's|^include /usr/src/|include ../|' "$kdir/Makefile"
	rm -f "$kdir/vmlinux"
	rm -f "$1/lib/modules/$2/build" "$1/lib/modules/$2/source"
}

unpack_distribution() {
	local release=$1 dir=$2 packages deb root
	mapfile -t packages < <(headers_packages "$release"; echo "linux-image-$release")
	mkdir "$dir/packages" "$dir/root"
	root=$dir/root
	say "downloading ${packages[*]}"
	with_progress "download of $release" "$dir/download.log" download "$dir/packages" "${packages[@]}"
	for deb in "$dir"/packages/*.deb; do
		dpkg -x "$deb" "$root"
	done
	rm -r "$dir/packages" "$dir/download.log"
	[ -d "$root/lib" ] || ln -s usr/lib "$root/lib"
	relocate_headers "$root" "$release"
	ln -s "root/usr/src/linux-headers-$release" "$dir/kdir"
	ln -s "root/boot/vmlinuz-$release" "$dir/image"
	ln -s root "$dir/modules"
	depmod -b "$root" "$release"
	echo "$release" > "$dir/release"
}

# distribution_kernel NAME: makes sure of it and sets `entry`
distribution_kernel() {
	local release
	release=$(remembered "$1" newest_release "$1")
	if [ -z "$release" ]; then
		say "this distribution offers no headers and image of $1"
		exit 3
	fi
	entry=$cache/distribution/$release
	cached "$entry" unpack_distribution "$release"
}
