# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What vm/demo and vm/shell share: the module and the programs, built for one
# kernel, as options of vm/run.

# prepare KERNEL: sets `run_options`
prepare() {
	local kernel=$1 dir program release
	"$tree/vm/deps" demo
	release=$("$tree/vm/kernel" "$kernel" release)
	say "kernel $release"
	say "building the module and the programs"
	dir=$("$tree/vm/build" "$kernel")
	run_options=(--kernel "$kernel" --intel-iommu --file "$dir/iommu_lab.ko")
	for program in $(find "$("$tree/vm/build" tools)" -type f -perm /111); do
		run_options+=(--file "$program:/lab/tools/${program##*/}")
	done
}
