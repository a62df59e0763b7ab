// SPDX-License-Identifier: GPL-2.0
/* A writer of JSON (RFC 8259), for what is decoded of firmware tables. */
#include "json.h"

static void put(struct lab_json *json, const char *text)
{
	json->emit(json->ctx, text, strlen(text));
}

static void begin(struct lab_json *json, const char *key)
{
	if (json->comma)
		put(json, ",");
	json->comma = true;
	if (!key)
		return;
	put(json, "\"");
	put(json, key);
	put(json, "\":");
}

/**
 * lab_json_object - begin an object
 * @json: the text
 * @key: its name
 *
 * Any context that emit() allows, as for all of them.
 */
void lab_json_object(struct lab_json *json, const char *key)
{
	begin(json, key);
	put(json, "{");
	json->comma = false;
}

/**
 * lab_json_end_object - end the innermost object
 * @json: the text
 */
void lab_json_end_object(struct lab_json *json)
{
	put(json, "}");
	json->comma = true;
}

/**
 * lab_json_list - begin a list
 * @json: the text
 * @key: its name
 */
void lab_json_list(struct lab_json *json, const char *key)
{
	begin(json, key);
	put(json, "[");
	json->comma = false;
}

/**
 * lab_json_end_list - end the innermost list
 * @json: the text
 */
void lab_json_end_list(struct lab_json *json)
{
	put(json, "]");
	json->comma = true;
}

/**
 * lab_json_number - a number
 * @json: the text
 * @key: its name
 * @value: the number
 */
void lab_json_number(struct lab_json *json, const char *key, u32 value)
{
	char text[16];

	begin(json, key);
	snprintf(text, sizeof(text), "%u", value);
	put(json, text);
}

/**
 * lab_json_bool - true or false
 * @json: the text
 * @key: its name
 * @value: which
 */
void lab_json_bool(struct lab_json *json, const char *key, bool value)
{
	begin(json, key);
	put(json, value ? "true" : "false");
}

/**
 * lab_json_address - an address, or any 64 bits
 * @json: the text
 * @key: its name
 * @value: the address: a string of 16 hexadecimal digits after 0x
 */
void lab_json_address(struct lab_json *json, const char *key, u64 value)
{
	char text[24];

	begin(json, key);
	snprintf(text, sizeof(text), "\"0x%016llx\"", value);
	put(json, text);
}

/**
 * lab_json_chars - bytes that are meant as text
 * @json: the text
 * @key: its name
 * @bytes: as firmware has them: what is not printable ASCII becomes an escape
 * @length: how many
 */
void lab_json_chars(struct lab_json *json, const char *key, const u8 *bytes,
		    size_t length)
{
	char text[8];
	size_t i;

	begin(json, key);
	put(json, "\"");
	for (i = 0; i < length; i++) {
		if (bytes[i] == '"' || bytes[i] == '\\')
			snprintf(text, sizeof(text), "\\%c", bytes[i]);
		else if (bytes[i] < ' ' || bytes[i] > '~')
			snprintf(text, sizeof(text), "\\u%04x", bytes[i]);
		else
			snprintf(text, sizeof(text), "%c", bytes[i]);
		put(json, text);
	}
	put(json, "\"");
}

/**
 * lab_json_string - a text of ours
 * @json: the text
 * @key: its name
 * @text: the text; it is escaped as lab_json_chars() does
 */
void lab_json_string(struct lab_json *json, const char *key, const char *text)
{
	lab_json_chars(json, key, (const u8 *)text, strlen(text));
}

/**
 * lab_json_hex - bytes as they are
 * @json: the text
 * @key: its name
 * @bytes: each becomes two hexadecimal digits
 * @length: how many
 */
void lab_json_hex(struct lab_json *json, const char *key, const u8 *bytes,
		  size_t length)
{
	char text[4];
	size_t i;

	begin(json, key);
	put(json, "\"");
	for (i = 0; i < length; i++) {
		snprintf(text, sizeof(text), "%02x", bytes[i]);
		put(json, text);
	}
	put(json, "\"");
}
