/* SPDX-License-Identifier: GPL-2.0 */
/*
 * JSON (RFC 8259) written as it comes, a piece at a time, without memory of its own.
 * Numbers that may pass 2^53 are strings of 16 hexadecimal digits.
 */
#ifndef IOMMU_LAB_FIRMWARE_JSON_H
#define IOMMU_LAB_FIRMWARE_JSON_H

#include "port.h"

/**
 * struct lab_json - a text in the making
 * @emit: called with each piece, which has no NUL behind it
 * @ctx: first argument of @emit
 * @comma: something stands before, in the innermost list or object
 */
struct lab_json {
	void (*emit)(void *ctx, const char *text, size_t length);
	void *ctx;
	bool comma;
};

/*
 * @key is the member's name in an object, NULL in a list and for the whole. Names are
 * constants without characters that need escapes.
 */
void lab_json_object(struct lab_json *json, const char *key);
void lab_json_end_object(struct lab_json *json);
void lab_json_list(struct lab_json *json, const char *key);
void lab_json_end_list(struct lab_json *json);
void lab_json_number(struct lab_json *json, const char *key, u32 value);
void lab_json_bool(struct lab_json *json, const char *key, bool value);
void lab_json_address(struct lab_json *json, const char *key, u64 value);
void lab_json_string(struct lab_json *json, const char *key, const char *text);
void lab_json_chars(struct lab_json *json, const char *key, const u8 *bytes,
		    size_t length);
void lab_json_hex(struct lab_json *json, const char *key, const u8 *bytes,
		  size_t length);

#endif
