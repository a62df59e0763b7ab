#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# An endpoint as a channel of dmaengine: ko/dma_client.c is the client. What is
# hidden from the device is hidden through the endpoint's file in debugfs.

. "$(dirname "$0")/tap.sh"

function=10000:00:01.0
sysfs=/sys/bus/pci/devices/$function
client=/sys/module/dma_client/parameters
debugfs=/sys/kernel/debug/iommu_lab/endpoints/$function
filter=/sys/kernel/debug/dma-api/driver_filter

# bind DRIVER: a new one, if there is one
bind() {
	[ ! -e $sysfs/driver ] || echo $function > $sysfs/driver/unbind
	echo "$1" > $sysfs/driver_override
	echo $function > /sys/bus/pci/drivers_probe
	[ "$(basename "$(readlink $sysfs/driver)")" = "$1" ]
}

# run PARAMETER...: rounds that must go well
run() {
	insmod /lab/selftests/dma_client.ko device=$function "$@" || {
		dmesg | grep dma_client | tail -n 1 | sed 's/^/# /'
		return 1
	}
	rmmod dma_client
}

# start [PARAMETER...]: rounds in the background
start() {
	insmod /lab/selftests/dma_client.ko device=$function rounds=0 "$@" && grows ok
}

count() {
	cat "$client/$1"
}

# grows COUNTER...: each does, within 10 seconds
grows() {
	for counter in "$@"; do
		before=$(count "$counter")
		tries=0
		while [ "$(count "$counter")" -eq "$before" ]; do
			tries=$((tries + 1))
			[ $tries -lt 100 ] || return
			sleep 0.1
		done
	done
}

# clean COUNTER...: these are 0
clean() {
	for counter in "$@"; do
		[ "$(count "$counter")" -eq 0 ] || {
			grep -H . $client/* | sed 's/.*parameters./# /'
			return 1
		}
	done
}

stop() {
	rmmod dma_client
}

# statistic KEY: of the endpoint
statistic() {
	sed -n "s/^$1: //p" $debugfs/stats
}

interrupts() {
	awk '/10000:00:01.0$/ { sum += $2 + $3 } END { print sum + 0 }' /proc/interrupts
}

# register OFFSET: of the engine
register() {
	hexdump -v -s $((0x100 + $1)) -n 4 -e '1/4 "%u"' $sysfs/config
}

only_bound() {
	for other in /sys/bus/pci/devices/10000:*; do
		[ "$other" = $sysfs ] || [ ! -e "$other/driver" ] || return
	done
}

# A descriptor alone, that moves nothing, takes three or four.
enough_lookups() {
	before=$(statistic lookups)
	run rounds=10 && [ $(($(statistic lookups) - before)) -ge 400 ]
}

enough_interrupts() {
	before=$(interrupts)
	run rounds=10 && [ $(($(interrupts) - before)) -ge 10 ]
}

# reset TIMES: each time, transfers go on afterwards
reset() {
	for _ in $(seq "$1"); do
		echo 1 > $sysfs/reset && grows ok || return
	done
	clean lost wrong unlike late refused read_failed write_failed && grows ok
}

# reset_many: one that aborts more than 16 transfers
reset_many() {
	for _ in $(seq 20); do
		aborted=$(count aborted)
		reset 1 || return
		[ $(($(count aborted) - aborted)) -le 16 ] || return 0
	done
	return 1
}

# unheard: transfers go on, with nobody told, while the function's MSI is off
unheard() {
	printf '\200' | dd of=$sysfs/config bs=1 seek=66 conv=notrunc 2> /dev/null || return
	grows ok && messages=$(interrupts) && grows ok && [ "$(interrupts)" -eq "$messages" ]
	failed=$?
	printf '\201' | dd of=$sysfs/config bs=1 seek=66 conv=notrunc 2> /dev/null || return
	[ $failed -eq 0 ] && grows ok && clean lost wrong unlike late refused
}

# hidden IOVA COUNTER: while the page there is hidden transfers fail, as COUNTER
# says, and faults are recorded; afterwards they go on
hidden() {
	faults=$(statistic faults)
	echo "$1" > $debugfs/hidden || return
	grows "$2"
	failed=$?
	echo none > $debugfs/hidden || return
	[ $failed -eq 0 ] && [ "$(statistic faults)" -gt "$faults" ] && grows ok &&
		clean lost wrong unlike late refused
}

ring() {
	echo $((($(register 0x18) << 32) + $(register 0x14)))
}

hidden_ring() {
	hidden "$(ring)" aborted
}

# The client learns too late to unmap before: DMA_API_DEBUG is not to complain of
# it while the filter names no driver.
unbind() {
	[ ! -w $filter ] || echo nobody > $filter
	echo $function > $sysfs/driver/unbind
	grows refused && clean lost wrong unlike late
}

# unbind_running: until there are transfers under way where it goes
unbind_running() {
	for _ in $(seq 20); do
		unbind || return
		[ "$(count aborted)" -eq 0 ] || return 0
		stop
		[ ! -w $filter ] || echo > $filter
		bind iommu_lab_dma && start depth=100 || return
	done
	return 1
}

# The driver unmaps what is hidden: there is nothing to put back any more.
unbind_hidden() {
	start && at=$(ring) && echo "$at" > $debugfs/hidden && grows aborted && unbind &&
		[ "$(cat $debugfs/hidden)" = none ] &&
		! echo none 2> /dev/null > $debugfs/hidden
}

echo "TAP version 13"
echo "1..23"
insmod /lab/iommu_lab.ko || exit 1
[ ! -e $sysfs/driver ] && bind iommu_lab_dma && only_bound
result $? "the driver binds where driver_override names it, and nowhere else"
run op=memcpy rounds=20 size=20000
result $? "copies of 20000 bytes, verified"
run op=memset rounds=20 size=20000
result $? "fills of 20000 bytes, verified"
run op=interrupt rounds=20
result $? "interrupts"
run depth=1000 size=40 rounds=3
result $? "more transfers at once than the ring holds"
run rounds=5 polled=1
result $? "a client that polls instead of asking for callbacks"
enough_lookups
result $? "the unit is asked at least five times for each transfer"
enough_interrupts
result $? "completions are told by messages"
run rounds=30 terminate=1 && run rounds=5
result $? "no callback after a termination, and the channel works on"

start
! rmmod iommu_lab 2> /dev/null
result $? "the module stays while a client holds a channel"
reset 10 && [ "$(count aborted)" -gt 0 ]
result $? "function level resets under load: what was under way is aborted"
hidden "$(count src_iova)" read_failed
result $? "a leaf of a source cleared behind the driver: the read fails, with a fault"
hidden "$(count dst_iova)" write_failed
result $? "a leaf of a destination cleared: the write fails, with a fault"
hidden_ring
result $? "a leaf of the ring cleared: transfers are aborted, with a fault"
unheard
result $? "messages that are lost: the channel looks by itself"
stop
start depth=100 && reset_many
result $? "a reset that aborts many transfers: the status of each is an error"
stop
start depth=100 && unbind_running
result $? "unbound under load: transfers are aborted, then refused"
stop
[ ! -w $filter ] || echo > $filter
bind iommu_lab_dma && run rounds=5
result $? "bound again: the channel works"
unbind_hidden
result $? "unbound while a leaf of the ring is cleared: unmapped, and not put back"
stop
[ ! -w $filter ] || echo > $filter

echo 0 > $sysfs/msi_bus
bind iommu_lab_dma && [ "$(interrupts)" -eq 0 ] && run rounds=20 && run rounds=5 terminate=1
result $? "without a vector, completions are polled"
start && reset 5
result $? "function level resets under load, polled"
stop
rmmod iommu_lab
result $? "the module goes with an endpoint bound"
insmod /lab/iommu_lab.ko && bind iommu_lab_dma && run rounds=5
result $? "loaded again: the channel works"
rmmod iommu_lab
