#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The PCI domain of the functions: the first one that nobody has. Devices there that are
# no endpoints are in no group of the machine's own IOMMU.

. "$(dirname "$0")/tap.sh"

devices=/sys/bus/pci/devices

# in_domain DOMAIN: functions, nodes and groups of the endpoints are there
in_domain() {
	for slot in 1 2 3 4; do
		[ -e $devices/"$1":00:0$slot.0/iommu_group ] || return
		[ -c /dev/iommu_lab-ep/"$1":00:0$slot.0 ] || return
	done
}

echo "TAP version 13"
echo "1..4"
insmod /lab/selftests/root_bus.ko && insmod /lab/iommu_lab.ko && in_domain 10001
result $? "the first domain is taken: the next one"
rmmod iommu_lab && rmmod root_bus && insmod /lab/iommu_lab.ko && in_domain 10000
result $? "it is free again"
rmmod iommu_lab
# 31 are on bus 0, the others below a port
insmod /lab/iommu_lab.ko endpoints=33 && [ -e $devices/10000:01:00.1/iommu_group ]
result $? "endpoints below a port have groups"
[ -e $devices/10000:00:00.0 ] && [ ! -e $devices/10000:00:00.0/iommu_group ]
result $? "the port has none"
rmmod iommu_lab
