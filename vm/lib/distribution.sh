# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Kernels of the distribution: which ones it offers, and how their packages are
# unpacked so that they build modules and boot without being installed.
# `apt_options` makes apt read another suite than the machine's (backports.sh).

apt_options=()
architecture=$(dpkg --print-architecture)
[ "$architecture" = amd64 ] || die "the VM is x86-64 only so far, this machine is $architecture"

# offered_releases SERIES: kernel releases with both headers and image, oldest
# first. SERIES is a regular expression, e.g. 6\.12
offered_releases() {
	local flavour="-$architecture"
	apt-cache "${apt_options[@]}" --names-only search "^linux-(headers|image)-$1\\.[0-9].*$flavour\$" |
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

# newest_release NAME: the release that 6.1, 6.12, 7.2 or newest stands for. The
# backports have one series after the other: 7.2 is the newest from 7.2 on.
newest_release() {
	local series=${1//./\\.}
	case $1 in
	newest) series='[0-9]+' ;;
	7.2) series='7\.([2-9]|[1-9][0-9])' ;;
	esac
	offered_releases "$series" | tail -n 1
}

package_field() {
	apt-cache "${apt_options[@]}" show --no-all-versions "$1" | sed -n "s/^$2: //p" | head -n 1
}

# download DIR PACKAGE...: into DIR, with the archive's checksums verified by apt
download() {
	local dir=$1
	shift
	(cd "$dir" && apt-get -q "${apt_options[@]}" -o APT::Sandbox::User="$(id -un)" download "$@")
}

# headers_packages RELEASE: the headers, and what of their dependencies is part
# of the kernel's own build system
headers_packages() {
	echo "linux-headers-$1"
	package_field "linux-headers-$1" Depends | tr ',|' '\n' |
		awk '$1 ~ /^linux-(headers|kbuild)-/ { print $1 }'
}

# relocate_headers KDIR: the unpacked headers name their common part under /usr/src
relocate_headers() {
	[ -f "$1/Makefile" ] || die "the headers package has no $1/Makefile"
	sed -i 's|^include /usr/src/|include ../|' "$1/Makefile"
}

# make_entry DIR RELEASE: DIR/root has the packages of the headers and the image.
# The vmlinux that newer packages ship is for BTF only, which would need pahole and
# gives a module for tests nothing. Where the image is depends on the release.
make_entry() {
	local dir=$1 release=$2 root=$1/root image
	[ -d "$root/lib" ] || ln -s usr/lib "$root/lib"
	rm -f "$root/usr/src/linux-headers-$release/vmlinux"
	rm -f "$root/lib/modules/$release/build" "$root/lib/modules/$release/source"
	ln -s "root/usr/src/linux-headers-$release" "$dir/kdir"
	image=root/boot/vmlinuz-$release
	[ -f "$dir/$image" ] || image=root/lib/modules/$release/vmlinuz
	ln -s "$image" "$dir/image"
	ln -s root "$dir/modules"
	depmod -b "$root" "$release"
	echo "$release" > "$dir/release"
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
	relocate_headers "$root/usr/src/linux-headers-$release"
	make_entry "$dir" "$release"
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
