// SPDX-License-Identifier: GPL-2.0
/*
 * The sentence that explains a refusal. Users cannot read the log, so each open
 * file remembers the last one.
 */

#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/string.h>
#include "space.h"

/**
 * lab_refusal_init - nothing was refused yet
 * @refusal: what to fill in
 */
void lab_refusal_init(struct lab_refusal *refusal)
{
	spin_lock_init(&refusal->lock);
	refusal->error = 0;
	refusal->text[0] = '\0';
}

/**
 * lab_refuse - remember why a request is refused, and log it (rate-limited)
 * @refusal: of the file that asked, or NULL: log only
 * @error: negative errno
 * @fmt: a sentence that says what would have been accepted
 *
 * Context: may sleep or not; not from hardirq.
 * Return: @error.
 */
int lab_refuse(struct lab_refusal *refusal, int error, const char *fmt, ...)
{
	char text[sizeof(refusal->text)];
	va_list args;

	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);

	pr_info_ratelimited("refused (%d): %s\n", error, text);
	if (refusal) {
		spin_lock(&refusal->lock);
		refusal->error = -error;
		strscpy(refusal->text, text, sizeof(refusal->text));
		spin_unlock(&refusal->lock);
	}
	return error;
}
