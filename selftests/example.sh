#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The program of Documentation/example.rst prints what stands there.

echo "TAP version 13"
echo "1..1"
insmod /lab/iommu_lab.ko || exit 1
/lab/selftests/example > printed 2>&1
status=$?
grep . /lab/selftests/example.txt > expected
result="not ok"
[ "$status" -ne 0 ] || ! cmp -s printed expected || result=ok
[ "$result" = ok ] || sed 's/^/# /' printed
echo "$result 1 the program of the documentation: a list, a DMA, a fault, in 60 lines"
rmmod iommu_lab
