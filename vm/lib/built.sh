# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Kernels built once from the distribution's linux-source package: `debug`
# (x86-64 with every checker but one), `kcsan` (x86-64 with that one: KCSAN and
# KASAN exclude each other) and `uml` (User Mode Linux). They share one unpacked
# source tree and build outside it.

source_package=linux-source-6.12

unpack_source() {
	local dir=$1
	mkdir "$dir/package"
	say "downloading $source_package"
	with_progress "download of $source_package" "$dir/log" download "$dir/package" "$source_package"
	dpkg -x "$dir"/package/*.deb "$dir/package"
	say "unpacking $source_package (1.7 GB)"
	tar -xJf "$dir/package/usr/src/$source_package.tar.xz" -C "$dir" --strip-components 1
	rm -r "$dir/package" "$dir/log"
}

# kernel_source: makes sure of the source tree and sets `source_tree`
kernel_source() {
	local version
	version=$(remembered "$source_package" package_field "$source_package" Version)
	if [ -z "$version" ]; then
		say "this distribution offers no $source_package"
		exit 3
	fi
	source_tree=$cache/source/$source_package-$version
	cached "$source_tree" unpack_source
}

# fragments NAME: the configuration files that make the kernel, in order
fragments() {
	case $1 in
	debug | kcsan) echo "$tree/vm/configs/x86.config $tree/vm/configs/x86-$1.config" ;;
	uml) echo "$tree/vm/configs/uml.config" ;;
	esac
}

make_variables() {
	case $1 in
	debug | kcsan) echo "ARCH=x86" ;;
	uml) echo "ARCH=um SUBARCH=x86_64" ;;
	esac
}

kernel_make() {
	local name=$1 dir=$2
	shift 2
	# shellcheck disable=SC2046 # the variables are words
	make -C "$source_tree" O="$dir" $(make_variables "$name") "$@"
}

# What tinyconfig sets only because the kernel shall be tiny
untiny() {
	sed -i -E '/CONFIG_(EXPERT|CC_OPTIMIZE_FOR_SIZE|KERNEL_XZ)\b/d' "$1"
}

# Runs under with_progress, where `set -e` has no effect: hence the chain.
configure() {
	local name=$1 dir=$2
	# shellcheck disable=SC2046 # the fragments are words
	base_configuration "$name" "$dir" &&
		"$source_tree/scripts/kconfig/merge_config.sh" -m -O "$dir" "$dir/.config" $(fragments "$name") &&
		"$source_tree/scripts/config" --file "$dir/.config" --set-str LOCALVERSION "-lab-$name" &&
		kernel_make "$name" "$dir" olddefconfig
}

base_configuration() {
	case $1 in
	debug | kcsan) kernel_make "$1" "$2" tinyconfig && untiny "$2/.config" ;;
	uml) kernel_make uml "$2" defconfig ;;
	esac
}

# A checker or a test module that the configuration silently lost would make every
# later result worthless.
require_options() {
	local dir=$1 option
	shift
	for option in "$@"; do
		grep -q "^CONFIG_$option=[ym]" "$dir/.config" || die "the configuration lost CONFIG_$option"
	done
}

required_options() {
	case $1 in
	debug) echo "KASAN PROVE_LOCKING PROVE_RCU DEBUG_ATOMIC_SLEEP DEBUG_KMEMLEAK UBSAN FAILSLAB KUNIT IOMMU_DMA" \
		"IOMMU_DEFAULT_DMA_LAZY INTEL_IOMMU IRQ_REMAP PCI_MSI PM PCI_STUB VFIO_IOMMU_TYPE1 VFIO_PCI" \
		"VFIO_DEVICE_CDEV IOMMUFD DMA_API_DEBUG DMA_MAP_BENCHMARK DMATEST OF" ;;
	kcsan) echo "KCSAN PROVE_LOCKING PROVE_RCU DEBUG_ATOMIC_SLEEP FAILSLAB KUNIT IOMMU_SUPPORT" ;;
	uml) echo "KUNIT BLK_DEV_INITRD HOSTFS IOMMU_SUPPORT" ;;
	esac
}

# External modules need the headers, the scripts, the configuration and the
# symbol versions; the kernel's own objects are some gigabytes.
strip_build() {
	find "$1" \( -name '*.o' -o -name '*.a' -o -name '.*.cmd' -o -name '*.ko' -o -name '*.mod' \
		-o -name '*.mod.c' -o -name '.tmp_*' \) \
		-not -path '*/scripts/*' -not -path '*/tools/objtool/*' -not -path '*/installed/*' \
		-not -name 'module.lds' -type f -delete
	rm -f "$1/vmlinux.unstripped" "$1/arch/x86/boot/compressed/vmlinux"
}

build_kernel() {
	local name=$1 dir=$2 release targets=all
	say "configuring the $name kernel"
	with_progress "configuration of $name" "$dir/build.log" configure "$name" "$dir"
	# shellcheck disable=SC2046
	require_options "$dir" $(required_options "$name")
	[ "$name" = uml ] || targets="bzImage modules"
	# shellcheck disable=SC2086
	with_progress "build of the $name kernel" "$dir/build.log" kernel_make "$name" "$dir" -j"$(nproc)" $targets
	release=$(cat "$dir/include/config/kernel.release")
	kernel_make "$name" "$dir" -s INSTALL_MOD_PATH="$dir/installed" INSTALL_MOD_STRIP=1 modules_install
	rm -f "$dir/installed/lib/modules/$release/build"
	case $name in
	debug | kcsan) cp "$dir/arch/x86/boot/bzImage" "$dir/image" && rm -f "$dir/vmlinux" ;;
	uml) strip -g -o "$dir/image" "$dir/linux" && rm -f "$dir/vmlinux" "$dir/linux" ;;
	esac
	strip_build "$dir"
	self_contained_makefile "$name" "$dir"
	ln -s . "$dir/kdir"
	ln -s installed "$dir/modules"
	echo "$release" > "$dir/release"
}

# `make -C KDIR M=...` shall need no ARCH= on the command line.
self_contained_makefile() {
	local variable
	{
		for variable in $(make_variables "$1"); do
			echo "override ${variable/=/ := }"
			echo "export ${variable%=*}"
		done
		echo "include $source_tree/Makefile"
	} > "$2/Makefile"
}

# built_kernel NAME: makes sure of it and sets `entry`
built_kernel() {
	local key
	kernel_source
	# shellcheck disable=SC2046
	key=$(sha256sum < <(cat $(fragments "$1")) | cut -c 1-12)
	entry=$cache/built/$1-${source_tree##*-6.12-}-$key
	cached "$entry" build_kernel "$1"
}
