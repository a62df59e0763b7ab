# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Test points in TAP for the scripts that include this file: it is no test.

point=0

# result STATUS DESCRIPTION: one test point, ok if STATUS is 0
result() {
	point=$((point + 1))
	[ "$1" -eq 0 ] && echo "ok $point $2" || echo "not ok $point $2"
}
