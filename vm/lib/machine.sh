# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # the variables are vm/run's
# The two machines that vm/run starts: QEMU, and User Mode Linux for `uml`.
#
# QEMU's serial ports: the kernel's console, the command's terminal, and a raw
# channel for the results. They need no driver that a stock kernel has as a
# module. User Mode Linux has two consoles, and mounts the directory for the
# results with hostfs; its root is the initramfs, so nothing else of the host is
# in reach.

guest_tty() {
	case $kernel in
	uml) echo tty1 ;;
	*) echo ttyS1 ;;
	esac
}

guest_results() {
	case $kernel in
	uml) echo "$work" ;;
	*) echo ttyS2 ;;
	esac
}

# /dev/kvm can exist on a processor that cannot run it, and then hangs.
accelerator() {
	if grep -qwE 'vmx|svm' /proc/cpuinfo && [ -w /dev/kvm ]; then
		echo "-accel kvm -cpu host"
	else
		echo "-accel tcg,thread=multi -cpu max"
	fi
}

# The time limits of the kernel's watchdogs are for machines that are not
# emulated on a busy host; so is its test of the timer, which panics when no
# interrupt came while the host did something else (no_timer_check).
#
# no5lvl: identify_cpu() clears the boot CPU's features for a moment, LA57 too. An
# interrupt in that moment makes KASAN compute its ranges for four levels and
# report the first access to the (five-level) direct map as wild. With four
# levels from the start there is nothing to confuse. KCSAN's reports are warnings
# to panic_on_warn, and most of them are about the kernel's own races; one access
# in 400 is watched, since two emulated CPUs seldom meet.
kernel_parameters() {
	local parameters="console=ttyS0 loglevel=7 rdinit=/init panic=-1 oops=panic"
	parameters+=" rcupdate.rcu_cpu_stall_timeout=60 watchdog_thresh=30 workqueue.watchdog_thresh=120"
	parameters+=" no_timer_check"
	case $kernel in
	debug) parameters+=" panic_on_warn=1 no5lvl" ;;
	kcsan) parameters+=" no5lvl kcsan.skip_watch=400" ;;
	esac
	echo "$parameters$append"
}

qemu_command() {
	# shellcheck disable=SC2046,SC2207 # the accelerator's options are words
	machine_command=(qemu-system-x86_64 -machine q35 $(accelerator) -nodefaults -no-user-config
		-display none -no-reboot -smp "$cpus" -m "$mem" -kernel "$image"
		-initrd "$work/initramfs" -append "$(kernel_parameters)"
		-serial "file:$work/console")
	[ "$intel_iommu" = no ] || machine_command+=(-device intel-iommu)
	machine_command+=("$@" -serial chardev:user -serial "file:$work/results.tar" "${qemu_args[@]}")
}

uml_command() {
	machine_command=("$image" "mem=${mem}M" "initrd=$work/initramfs" rdinit=/init loglevel=7
		"con0=null,fd:1" "con1=$1,fd:3" con=null "ssl=null" console=tty0)
	# shellcheck disable=SC2206 # the parameters are words
	machine_command+=($append)
}

# start_machine: in the background, killed at the time limit. `timeout` makes a
# process group, so that it takes the children of User Mode Linux with it.
start_machine() {
	if [ "$kernel" = uml ]; then
		uml_command null
		exec 3> >(exec cat)
		TMPDIR=/tmp timeout -k 5 "$time_limit" "${machine_command[@]}" \
			< /dev/null > >(exec cat > "$work/console") 2>&1 &
	else
		qemu_command -chardev stdio,id=user,signal=off
		timeout -k 5 "$time_limit" "${machine_command[@]}" < /dev/null &
	fi
	machine=$!
}

# start_interactive: in the foreground, with the terminal
start_interactive() {
	if [ "$kernel" = uml ]; then
		uml_command fd:0
		"${machine_command[@]}" 3>&1 > >(exec cat > "$work/console") 2>&1 || machine_status=$?
	else
		say "Ctrl-a x ends the VM, Ctrl-a h shows more"
		qemu_command -chardev stdio,id=user,mux=on,signal=off -mon chardev=user
		"${machine_command[@]}" || machine_status=$?
	fi
}
