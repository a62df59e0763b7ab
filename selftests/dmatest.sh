#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The kernel's dmatest on a channel of the module's dmaengine driver: transfers of
# random length and offset, each verified, mapped by the DMA API; in lazy mode, and
# in the boot @strict in strict mode.

. "$(dirname "$0")/tap.sh"

transfers=10000
threads=2
function=10000:00:01.0
sysfs=/sys/bus/pci/devices/$function
parameters=/sys/module/dmatest/parameters
units=/sys/kernel/debug/iommu_lab/units
hidden=/sys/kernel/debug/iommu_lab/endpoints/$function/hidden
dma_api=/sys/kernel/debug/dma-api

lookups() {
	cat "$units"/*/stats | awk '$1 == "lookups:" { sum += $2 } END { print sum }'
}

# what DMA_API_DEBUG has found so far
complaints() {
	cat $dma_api/error_count
}

# watched: DMA_API_DEBUG is at work; it gives up when its memory is short
watched() {
	[ "$(cat $dma_api/disabled)" = N ]
}

group_type() {
	cat "$sysfs/iommu_group/type"
}

# channel: its name, once the driver has one
channel() {
	for entry in /sys/class/dma/*; do
		case $(readlink -f "$entry/device") in
		*/$function) echo "${entry##*/}" ;;
		esac
	done
}

bind() {
	echo iommu_lab_dma > $sysfs/driver_override
	echo $function > /sys/bus/pci/drivers_probe
	channel=$(channel)
	[ -n "$channel" ]
}

# run TRANSFERS: their summaries are in the file `summary`
run() {
	modprobe dmatest timeout=20000 iterations=$(($1 / threads)) threads_per_chan=$threads || return
	echo "$channel" > $parameters/channel
	dmesg -c > /dev/null
	echo 1 > $parameters/run
	# not by its parameter `wait`, where a long wait is a hung task for debug kernels
	while [ "$(cat $parameters/run)" = Y ]; do
		sleep 1
	done
	echo 0 > $parameters/run
	dmesg | grep 'dmatest: .*-copy.*: summary' > summary
	rmmod dmatest
	sed 's/^/# /' summary
}

# ended TRANSFERS FAILURES: the summaries have as many
ended() {
	sed 's/.*: summary \([0-9]*\) tests, \([0-9]*\) failures.*/\1 \2/' summary |
		awk -v want="$1" -v failures="$2" '{ tests += $1; failed += $2 } END { exit tests != want || failed != failures }'
}

faults() {
	cat "$units"/*/stats | awk '$1 == "faults:" { sum += $2 } END { print sum }'
}

# register OFFSET: of the engine
register() {
	hexdump -v -s $((0x100 + $1)) -n 4 -e '1/4 "%u"' $sysfs/config
}

# The leaf of the driver's ring is cleared behind its back: nothing is moved, and the
# unit says why; once it is back all goes on.
hidden_ring() {
	before=$(faults)
	echo $((($(register 0x18) << 32) + $(register 0x14))) > $hidden || return
	run 20
	ended 20 20
	failed=$?
	echo none > $hidden || return
	[ $failed -eq 0 ] && [ $(($(faults) - before)) -ge 1 ] && run 20 && ended 20 0
}

echo "TAP version 13"
echo "1..6"
insmod /lab/iommu_lab.ko || exit 1
bind
result $? "the module's dmaengine driver binds and has a channel"
[ "$(group_type)" = "$([ "$LAB_BOOT" = strict ] && echo DMA || echo DMA-FQ)" ]
result $? "the function's default domain is of the boot's type"
lookups=$(lookups) complaints=$(complaints)
run $transfers
ended $transfers 0
result $? "dmatest: $transfers transfers, verified"
grown=$(($(lookups) - lookups))
echo "# $grown lookups"
[ "$grown" -ge $((5 * transfers)) ]
result $? "the units looked up at least five addresses a transfer"
hidden_ring
result $? "dmatest: every transfer fails, with a fault, while a leaf is cleared behind the driver"
[ -n "$complaints" ] && [ "$(complaints)" = "$complaints" ] && watched
result $? "DMA_API_DEBUG has found nothing"
rmmod iommu_lab
