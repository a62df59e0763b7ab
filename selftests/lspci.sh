#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What lspci of pciutils says of the functions; busybox has one of that name, too.
# With -n: the names of identifiers are in a file that is not here.

. "$(dirname "$0")/tap.sh"

# functions PATTERN: each of the four says something like it
functions() {
	for slot in 1 2 3 4; do
		/usr/bin/lspci -n -vv -s 10000:00:0$slot.0 > one
		grep -qE "$1" one || { sed 's/^/# /' one && return 1; }
	done
}

echo "TAP version 13"
echo "1..6"
insmod /lab/iommu_lab.ko || exit 1
/usr/bin/lspci -n -s 10000:: > all
[ "$(grep -c '^10000:00:0[1-4].0 0880: 1234:1ab0 (rev 01)' all)" -eq 4 ] || ! sed 's/^/# /' all
result $? "lspci: four functions of domain 10000, other system peripherals"
functions 'Capabilities: \[[0-9a-f]+\] MSI: Enable- Count=1/1 Maskable\+ 64bit\+$'
result $? "lspci: MSI, 64-bit, with a mask"
functions 'Capabilities: \[[0-9a-f]+\] Express \(v[12]\) Root Complex Integrated Endpoint'
result $? "lspci: PCI Express"
functions '^[[:space:]]+ExtTag.* FLReset\+'
result $? "lspci: function level reset"
functions 'Capabilities: \[[0-9a-f]+\] Vendor Specific Information: Len=10 '
result $? "lspci: the vendor-specific capability"
functions 'Capabilities: \[100 v1\] Vendor Specific Information: ID=1ab0 Rev=1 Len=040 '
result $? "lspci: the vendor-specific extended capability"
rmmod iommu_lab
