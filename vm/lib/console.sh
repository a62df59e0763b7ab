# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Reads a kernel's console for reports of panic, oops, WARN, the checkers.

reports_file=$tree/vm/console-reports
allowed_file=$tree/vm/console-allowed

patterns() {
	sed -e '/^#/d' -e 's/ *#.*//' -e '/^$/d' "$1"
}

# A report of KCSAN is a block: a title, the stacks of both accesses, a line of
# `=`. Races of the kernel with itself are its own: excused is a block without a
# frame of the module, by its title alone. What lies below an interrupt in a stack
# was interrupted, and did not do it. A block that has no end is not excused.
excuse_foreign_races() {
	awk '
	function flush(excused, i) {
		for (i = 1; i <= n; i++)
			print i == 1 && excused ? "" : block[i]
		n = 0
	}
	/BUG: KCSAN: / { flush(0); ours = interrupted = 0; open = 1 }
	open && / bytes by / { interrupted = 0 }
	open && / asm_(sysvec|common_interrupt|exc)_/ { interrupted = 1 }
	open { block[++n] = $0; ours += !interrupted && /\+0x[0-9a-f]+\/0x[0-9a-f]+ \[iommu_lab/ }
	!open { print }
	open && /=====$/ { flush(!ours); open = 0 }
	END { flush(0) }'
}

# console_reports LOG: the lines that are reports; status 0 if there are any
console_reports() {
	tr -d '\r' < "$1" | excuse_foreign_races | grep -anE -f <(patterns "$reports_file") |
		grep -avE -f <(patterns "$allowed_file")
}

# show_reports LOG: the reports with what follows them
show_reports() {
	local first
	first=$(console_reports "$1" | head -n 1 | cut -d: -f1)
	tr -d '\r' < "$1" | tail -n "+$first" | head -n 40 >&2
}
