#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The driver of Documentation/sample-driver.rst copies, and says what stands there.

. "$(dirname "$0")/tap.sh"

sysfs=/sys/bus/pci/devices/10000:00:01.0
stats=/sys/kernel/debug/iommu_lab/endpoints/10000:00:01.0/stats

echo "TAP version 13"
echo "1..3"
insmod /lab/iommu_lab.ko && insmod /lab/selftests/lab_sample.ko || exit 1
echo lab_sample > $sysfs/driver_override
echo 10000:00:01.0 > /sys/bus/pci/drivers_probe
dmesg | sed -n 's/^.*\(lab_sample 10000:00:01.0: .*\)$/\1/p' > printed
cmp -s printed /lab/selftests/lab_sample.txt
result $? "the sample driver of the documentation: map, copy, interrupt, unmap"
sed 's/^/# /' printed
# the descriptor is fetched, its end written in two parts
awk '/^lookups:/ { lookups = $2 } /^faults:/ { faults = $2 }
	END { exit lookups < 5 || faults }' $stats
result $? "each access of its device was looked up, and none refused"
rmmod lab_sample && [ -d $sysfs ] && [ ! -e $sysfs/driver ]
result $? "it lets go of the endpoint"
rmmod iommu_lab
