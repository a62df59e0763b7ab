# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the variables are base.sh's
# Kernels of the backports of another release of the distribution, on a machine
# that is older: read through a configuration of apt's own, unpacked like the
# others. Their kbuild tools want the C library and the compiler of that release,
# so its packages are in the same root, and vm/build mounts root/usr over /usr for
# the time of a build (a mount that only the build sees).

backports_release=trixie

# What a kernel build calls beside the compiler, which the headers depend on
root_packages=(make binutils bash dash coreutils findutils diffutils grep sed mawk)

# The archive that the machine's own release comes from
archive_uri() {
	# shellcheck disable=SC2016 # apt expands it
	apt-get indextargets --format '$(REPO_URI)' "Created-By: Packages" \
		"Codename: $(. /etc/os-release && echo "$VERSION_CODENAME")" | head -n 1
}

# read_backports: makes apt read the backports and the release that they are for.
# The lists are fetched anew when those of the machine were.
read_backports() {
	local state=$cache/apt-$backports_release uri
	apt_options=(-o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null
		-o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state")
	[ ! "$state/updated" -nt /var/lib/apt/lists ] || return 0
	uri=$(archive_uri)
	[ -n "$uri" ] || return 0
	mkdir -p "$state/lists/partial" "$state/archives/partial"
	printf 'deb %s %s main\n' "$uri" "$backports_release" "$uri" "$backports_release-backports" > "$state/sources.list"
	: > "$state/status"
	say "reading the lists of $backports_release-backports"
	if apt-get -q "${apt_options[@]}" -o APT::Sandbox::User="$(id -un)" \
		-o APT::Update::Error-Mode=any update > "$state/log" 2>&1; then
		touch "$state/updated"
	else
		say "the archive has no $backports_release-backports, or cannot be reached: $(tail -n 1 "$state/log")"
	fi
}

newest_backport() {
	read_backports
	newest_release "$1"
}

# download_closure DIR PACKAGE...: with all that they depend on
download_closure() {
	local dir=$1
	shift
	mkdir "$dir/partial"
	apt-get -q "${apt_options[@]}" -o APT::Sandbox::User="$(id -un)" -o Dir::Cache::archives="$dir" \
		-y --no-install-recommends --download-only install "$@"
}

unpack_backport() {
	local release=$1 dir=$2 deb root
	root=$dir/root
	mkdir "$dir/packages" "$root"
	say "downloading $release, and the compiler and C library of $backports_release (300 MB)"
	with_progress "download of $release" "$dir/download.log" download_closure "$dir/packages" \
		"linux-headers-$release" "linux-binary-$release" "linux-modules-$release" "${root_packages[@]}"
	for deb in "$dir"/packages/*.deb; do
		dpkg -x "$deb" "$root"
	done
	rm -r "$dir/packages" "$dir/download.log"
	# what the packages' scripts would set up
	ln -sf mawk "$root/usr/bin/awk"
	make_entry "$dir" "$release"
	ln -s root/usr "$dir/build-usr"
}

# backported_kernel NAME: makes sure of it and sets `entry`
backported_kernel() {
	local release
	release=$(remembered "$1" newest_backport "$1")
	if [ -z "$release" ]; then
		say "neither this distribution nor $backports_release-backports offers headers and image of $1"
		exit 3
	fi
	read_backports
	entry=$cache/backports/$release
	cached "$entry" unpack_backport "$release"
}
