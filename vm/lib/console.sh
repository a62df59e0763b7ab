# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Reads a kernel's console for reports of panic, oops, WARN, the checkers.

reports_file=$tree/vm/console-reports
allowed_file=$tree/vm/console-allowed

patterns() {
	sed -e '/^#/d' -e 's/ *#.*//' -e '/^$/d' "$1"
}

# console_reports LOG: the lines that are reports; status 0 if there are any
console_reports() {
	tr -d '\r' < "$1" | grep -anE -f <(patterns "$reports_file") |
		grep -avE -f <(patterns "$allowed_file")
}

# show_reports LOG: the reports with what follows them
show_reports() {
	local first
	first=$(console_reports "$1" | head -n 1 | cut -d: -f1)
	tr -d '\r' < "$1" | tail -n "+$first" | head -n 40 >&2
}
