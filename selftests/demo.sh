#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The demonstration compares each number that it prints with debugfs: with two
# seeds, and with an IOTLB of one entry.

point=0

# demonstrate DESCRIPTION OPTION...
demonstrate() {
	description=$1
	shift
	point=$((point + 1))
	if /lab/tools/demo "$@" > story 2>&1; then
		grep '^All ' story | sed 's/^/# /'
		echo "ok $point $description"
	else
		sed 's/^/# /' story
		echo "not ok $point $description"
	fi
}

echo "TAP version 13"
echo "1..3"
demonstrate "the demonstration agrees with debugfs, seed 1" --seed 1
demonstrate "the demonstration agrees with debugfs, seed 2" --seed 2
demonstrate "the demonstration agrees with debugfs, one IOTLB entry" \
	--seed 3 --parameters "iotlb_sets=1 iotlb_ways=1"
