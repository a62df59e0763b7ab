// SPDX-License-Identifier: GPL-2.0
/* Where the tracepoints are: this file alone defines them. */
#include <linux/module.h>

#define CREATE_TRACE_POINTS
#include "trace.h"
