# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What every script of vm/ and checks/ needs: messages, the tree, the cache.

set -eu

# modinfo and depmod are there, and not on the path of an ordinary user
PATH=$PATH:/usr/sbin:/sbin

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
tree=$(realpath "$here/../..")
# shellcheck disable=SC2034 # used by the scripts that include this one
cache=${IOMMU_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/iommu_lab}
# shellcheck disable=SC2034
out=$tree/out

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

# The leading comment of a script is its help text.
usage() {
	sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

# as_root COMMAND...: sudo only where it is needed.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# with_progress LABEL LOG COMMAND...: runs COMMAND with its output in LOG and
# prints a line every 10 seconds: the lines of LOG so far and the last one.
with_progress() {
	local label=$1 log=$2 watcher status=0
	shift 2
	: > "$log"
	watch_log "$label" "$log" &
	watcher=$!
	"$@" > "$log" 2>&1 < /dev/null || status=$?
	kill "$watcher" 2> /dev/null || true
	wait "$watcher" 2> /dev/null || true
	if [ "$status" -ne 0 ]; then
		tail -n 30 "$log" >&2
		die "$label failed with status $status (the end of its log is above)"
	fi
}

watch_log() {
	local start=$SECONDS pause=
	trap 'kill "$pause" 2> /dev/null; exit 0' TERM
	while :; do
		sleep 10 &
		pause=$!
		wait "$pause"
		say "$1: $((SECONDS - start)) s, $(wc -l < "$2") steps, now $(tail -n 1 "$2" | tr -s ' ' | cut -c 1-60)"
	done
}

# cached DIR MAKER...: makes sure that DIR is in the cache. MAKER gets the name of
# an empty directory, which becomes DIR only when MAKER has succeeded.
cached() {
	local dir=$1 lock
	shift
	[ ! -d "$dir" ] || return 0
	mkdir -p "${dir%/*}"
	exec {lock}> "$dir.lock"
	if ! flock -n "$lock"; then
		say "waiting for another run that makes ${dir##*/}"
		flock "$lock"
	fi
	if [ ! -d "$dir" ]; then
		rm -rf "$dir.part"
		mkdir "$dir.part"
		"$@" "$dir.part"
		mv "$dir.part" "$dir"
	fi
	exec {lock}>&-
}
