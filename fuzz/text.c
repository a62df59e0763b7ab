// SPDX-License-Identifier: GPL-2.0
/*
 * Is it JSON? A reader of what iommu_lab/firmware/json.c may write: RFC 8259 without
 * white space, numbers without sign, fraction and exponent, ASCII only.
 */
#include "fuzz.h"

#define DEEPEST		16
#define LINE_BYTES	192	/* room for a line of text, with its NUL */

enum state {
	VALUE,		/* a value begins */
	FIRST_VALUE,	/* the first one of a list, or its end */
	FIRST_NAME,	/* the first name of an object, or its end */
	NAME,		/* a name begins */
	IN_NAME,
	COLON,		/* behind a name */
	IN_STRING,
	IN_NUMBER,
	IN_WORD,
	BEHIND,		/* behind a value */
};

static bool in_object(const struct fuzz_text *text)
{
	return text->objects >> text->depth & 1;
}

static void open(struct fuzz_text *text, bool object)
{
	text->depth++;
	fuzz_require(text->depth < DEEPEST, "JSON is not nested deeply");
	text->objects &= ~(1ULL << text->depth);
	text->objects |= (u64)object << text->depth;
	text->state = object ? FIRST_NAME : FIRST_VALUE;
}

static void close(struct fuzz_text *text, bool object)
{
	fuzz_require(text->depth && in_object(text) == object,
		     "JSON: what ends has begun");
	text->depth--;
	text->state = BEHIND;
}

static void begin_name(struct fuzz_text *text, char c)
{
	fuzz_require(c == '"', "JSON: a name is a string");
	text->state = IN_NAME;
}

static void begin_value(struct fuzz_text *text, char c)
{
	switch (c) {
	case '{':
	case '[':
		open(text, c == '{');
		break;
	case '"':
		text->state = IN_STRING;
		break;
	case 't':
	case 'f':
		text->word = c == 't' ? "rue" : "alse";
		text->state = IN_WORD;
		break;
	default:
		fuzz_require(c >= '0' && c <= '9', "JSON: a value is one");
		text->state = IN_NUMBER;
	}
}

static void behind_value(struct fuzz_text *text, char c)
{
	fuzz_require(text->depth, "JSON is one value");
	if (c == ',')
		text->state = in_object(text) ? NAME : VALUE;
	else
		close(text, c == '}');
	fuzz_require(c == ',' || c == '}' || c == ']', "JSON: a comma between values");
}

/* An escape is `\` with one of a few letters, or `\u` with four digits. */
static void in_string(struct fuzz_text *text, char c)
{
	if (text->word) {
		fuzz_require(c == '"' || c == '\\' || c == 'u', "JSON: an escape is one");
		text->digits = c == 'u' ? 4 : 0;
		text->word = NULL;
	} else if (text->digits) {
		fuzz_require((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'),
			     "JSON: an escape has digits");
		text->digits--;
	} else if (c == '"') {
		text->state = text->state == IN_NAME ? COLON : BEHIND;
	} else if (c == '\\') {
		text->word = "";
	}
}

static void json_character(struct fuzz_text *text, char c)
{
	fuzz_require(c >= ' ' && c <= '~', "JSON is printable ASCII");
	switch (text->state) {
	case FIRST_VALUE:
		if (c == ']')
			close(text, false);
		else
			begin_value(text, c);
		break;
	case VALUE:
		begin_value(text, c);
		break;
	case FIRST_NAME:
		if (c == '}')
			close(text, true);
		else
			begin_name(text, c);
		break;
	case NAME:
		begin_name(text, c);
		break;
	case IN_NAME:
	case IN_STRING:
		in_string(text, c);
		break;
	case COLON:
		fuzz_require(c == ':', "JSON: a colon behind a name");
		text->state = VALUE;
		break;
	case IN_WORD:
		fuzz_require(c == *text->word, "JSON: a word is true or false");
		if (!*++text->word) {
			text->word = NULL;
			text->state = BEHIND;
		}
		break;
	case IN_NUMBER:
		if (c < '0' || c > '9')
			behind_value(text, c);
		break;
	case BEHIND:
		behind_value(text, c);
		break;
	}
}

static void remember(struct fuzz_text *text, char c)
{
	text->hash = (text->hash ^ (u8)c) * 0x100000001b3ULL;
	text->bytes++;
}

/**
 * fuzz_json_piece - what emit() is called with
 * @ctx: struct fuzz_text, zeroed before the first piece
 * @piece: some characters
 * @length: how many
 */
void fuzz_json_piece(void *ctx, const char *piece, size_t length)
{
	struct fuzz_text *text = ctx;
	size_t i;

	/* this file is built without sanitizers; memchr() looks whether all can be read */
	fuzz_require(!memchr(piece, '\0', length), "JSON has no NUL");
	for (i = 0; i < length; i++) {
		remember(text, piece[i]);
		json_character(text, piece[i]);
	}
}

/**
 * fuzz_json_end - all pieces came
 * @text: what came
 */
void fuzz_json_end(const struct fuzz_text *text)
{
	fuzz_require(text->bytes && !text->depth && text->state == BEHIND,
		     "JSON is whole");
}

/**
 * fuzz_line - what emit() is called with, of lines
 * @ctx: struct fuzz_text
 * @line: a line
 */
void fuzz_line(void *ctx, const char *line)
{
	struct fuzz_text *text = ctx;
	size_t length = strlen(line), i;

	text->lines++;
	fuzz_require(length && length < LINE_BYTES, "a line has a length");
	for (i = 0; i < length; i++) {
		fuzz_require(line[i] >= ' ' && line[i] <= '~',
			     "text is for terminals: printable ASCII");
		remember(text, line[i]);
	}
}
