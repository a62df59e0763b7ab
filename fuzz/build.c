// SPDX-License-Identifier: GPL-2.0
/*
 * Target: bytes say how the builder is called; what it makes is parsed, and must be
 * what was put in. What it refuses, it must refuse with the error that dmar.h names.
 *
 * Input: which allocation fails, width, flags; then calls, each a byte that selects it
 * and its arguments. Bytes that are not there are 0.
 */
#include "../iommu_lab/firmware/dmar.h"
#include "fuzz.h"

#define CALLS_MAX	64
#define SCOPES_MAX	1024
#define STRUCTURE_MAX	65535u
#define BODY_MAX	70000u	/* beyond what fits */
#define FIRST_UNKNOWN	7

enum call {
	ADD_DRHD,
	ADD_RMRR,
	ADD_ATSR,
	ADD_RHSA,
	ADD_ANDD,
	ADD_SATC,
	ADD_SIDP,
	ADD_STRUCTURE,
	ADD_SCOPE,
	CALLS
};

/**
 * struct made - a structure that was put in
 * @type: as enum lab_dmar_type, or any other
 * @length: bytes
 * @segment: argument of those that have one
 * @flags: of those that have them
 * @size: of a DRHD
 * @number: of an ANDD
 * @base: of DRHD, RMRR and RHSA
 * @limit: of an RMRR; the domain of an RHSA
 * @fill: the byte that a name, or a structure of an unknown type, is made of
 * @body: bytes of that
 * @first_scope: index of its scopes
 * @nr_scopes: how many
 */
struct made {
	u16 type;
	u32 length;
	u16 segment;
	u8 flags;
	u8 size;
	u8 number;
	u64 base;
	u64 limit;
	u8 fill;
	u32 body;
	u32 first_scope;
	u32 nr_scopes;
};

/**
 * struct made_scope - a scope that was put in
 * @type: argument, as the following
 * @flags: argument
 * @enum_id: argument
 * @start_bus: argument
 * @hops: argument
 * @path: argument
 */
struct made_scope {
	u8 type;
	u8 flags;
	u8 enum_id;
	u8 start_bus;
	u8 hops;
	u8 path[2 * LAB_DMAR_MAX_HOPS];
};

/**
 * struct script - an input, while it is followed
 * @at: the next byte
 * @end: behind the last one
 * @builder: what is called
 * @error: what the builder has to say by now
 * @made: structures that were put in
 * @nr_made: how many
 * @scopes: scopes that were put in
 * @nr_scopes: how many
 */
struct script {
	const u8 *at;
	const u8 *end;
	struct lab_dmar_builder builder;
	int error;
	struct made made[CALLS_MAX];
	u32 nr_made;
	struct made_scope scopes[SCOPES_MAX];
	u32 nr_scopes;
};

static u64 number(struct script *script, unsigned int bytes)
{
	u64 value = 0;

	while (bytes--)
		value = value << 8 | (script->at < script->end ? *script->at++ : 0);
	return value;
}

/* Return: how long something is: seldom as long as nothing may be. */
static u32 body_length(struct script *script)
{
	u32 length = (u32)number(script, 1);

	return length < 255 ? length / 4 : (u32)number(script, 3) % BODY_MAX;
}

/* One more structure, unless something went wrong before. */
static struct made *make(struct script *script, u16 type, u32 length)
{
	struct made *made;

	if (script->error)
		return NULL;
	if (length > STRUCTURE_MAX) {
		script->error = -EINVAL;
		return NULL;
	}
	made = &script->made[script->nr_made++];
	*made = (struct made){
		.type = type,
		.length = length,
		.first_scope = script->nr_scopes,
	};
	return made;
}

static void add_drhd(struct script *script)
{
	u16 segment = (u16)number(script, 2);
	u64 base = number(script, 8);
	u8 size = (u8)number(script, 1) % 18, flags = (u8)number(script, 1);
	struct made *made = make(script, LAB_DMAR_DRHD, size > 15 ? ~0u : 16);

	lab_dmar_add_drhd(&script->builder, segment, base, size, flags);
	if (!made)
		return;
	made->segment = segment;
	made->base = base;
	made->size = size;
	made->flags = flags;
}

static void add_rmrr(struct script *script)
{
	u16 segment = (u16)number(script, 2);
	u64 base = number(script, 8), limit = number(script, 8);
	struct made *made = make(script, LAB_DMAR_RMRR, limit < base ? ~0u : 24);

	lab_dmar_add_rmrr(&script->builder, segment, base, limit);
	if (!made)
		return;
	made->segment = segment;
	made->base = base;
	made->limit = limit;
}

static void add_short(struct script *script, enum call call)
{
	u16 segment = (u16)number(script, 2);
	u8 flags = call == ADD_SIDP ? 0 : (u8)number(script, 1);
	struct made *made = make(script, (u16)call, 8);

	if (call == ADD_ATSR)
		lab_dmar_add_atsr(&script->builder, segment, flags);
	else if (call == ADD_SATC)
		lab_dmar_add_satc(&script->builder, segment, flags);
	else
		lab_dmar_add_sidp(&script->builder, segment);
	if (!made)
		return;
	made->segment = segment;
	made->flags = flags;
}

static void add_rhsa(struct script *script)
{
	u64 base = number(script, 8), domain = number(script, 4);
	struct made *made = make(script, LAB_DMAR_RHSA, 20);

	lab_dmar_add_rhsa(&script->builder, base, (u32)domain);
	if (!made)
		return;
	made->base = base;
	made->limit = domain;
}

/* A name is a first character, and then one that is repeated. */
static void add_andd(struct script *script)
{
	static char name[BODY_MAX + 1];
	u8 device = (u8)number(script, 1), fill = (u8)number(script, 1);
	u32 length = body_length(script);
	bool absolute = number(script, 1) % 8;
	struct made *made;

	memset(name, fill ? fill : 'A', length);
	name[length] = '\0';
	if (length && absolute)
		name[0] = '\\';
	made = make(script, LAB_DMAR_ANDD, name[0] == '\\' ? 8 + length + 1 : ~0u);
	lab_dmar_add_andd(&script->builder, device, name);
	if (!made)
		return;
	made->number = device;
	made->fill = fill ? fill : 'A';
	made->body = length;
}

static void add_structure(struct script *script)
{
	static u8 body[BODY_MAX];
	u16 type = (u16)number(script, 2);
	u32 length = body_length(script);
	u8 fill = (u8)number(script, 1);
	struct made *made;

	/* those that can be decoded have functions of their own */
	if (type < FIRST_UNKNOWN)
		type += FIRST_UNKNOWN;
	memset(body, fill, length);
	made = make(script, type, 4 + length);
	lab_dmar_add_structure(&script->builder, type, length ? body : NULL, length);
	if (!made)
		return;
	made->fill = fill;
	made->body = length;
}

/* Return: whether the last structure has scopes that can be decoded. */
static bool scopes_count(const struct made *made)
{
	return made->type < FIRST_UNKNOWN && made->type != LAB_DMAR_RHSA &&
	       made->type != LAB_DMAR_ANDD;
}

static void expect_scope(struct script *script, const struct made_scope *scope,
			 unsigned int hops)
{
	struct made *made = script->nr_made ? &script->made[script->nr_made - 1] : NULL;
	u32 length = 6 + 2 * hops;
	unsigned int i;

	if (script->error)
		return;
	if (!made || !hops || hops > LAB_DMAR_MAX_HOPS ||
	    made->length + length > STRUCTURE_MAX)
		script->error = -EINVAL;
	for (i = 0; i < hops && !script->error; i++)
		if (scope->path[2 * i] > 31 || scope->path[2 * i + 1] > 7)
			script->error = -EINVAL;
	if (script->error)
		return;
	made->length += length;
	if (!scopes_count(made))
		return;
	made->nr_scopes++;
	script->scopes[script->nr_scopes++] = *scope;
}

static void add_scope(struct script *script)
{
	struct made_scope scope = {
		.type = (u8)number(script, 1),
		.flags = (u8)number(script, 1),
		.enum_id = (u8)number(script, 1),
		.start_bus = (u8)number(script, 1),
	};
	unsigned int hops = (unsigned int)number(script, 1) % (LAB_DMAR_MAX_HOPS + 3);
	unsigned int times = 1 + (unsigned int)number(script, 1), i;
	u8 path[2 * (LAB_DMAR_MAX_HOPS + 3)];

	for (i = 0; i < hops; i++) {
		path[2 * i] = (u8)number(script, 1) % 33;
		path[2 * i + 1] = (u8)number(script, 1) % 9;
	}
	scope.hops = (u8)hops;
	memcpy(scope.path, path, hops <= LAB_DMAR_MAX_HOPS ? 2 * hops : 0);
	for (; times && script->nr_scopes < SCOPES_MAX; times--) {
		expect_scope(script, &scope, hops);
		lab_dmar_add_scope(&script->builder, scope.type, scope.flags,
				   scope.enum_id, scope.start_bus, path, hops);
		if (fuzz_memory_failed() && !script->error)
			script->error = -ENOMEM;
	}
}

static void follow(struct script *script)
{
	enum call call = (enum call)(number(script, 1) % CALLS);

	switch (call) {
	case ADD_DRHD:
		add_drhd(script);
		break;
	case ADD_RMRR:
		add_rmrr(script);
		break;
	case ADD_RHSA:
		add_rhsa(script);
		break;
	case ADD_ANDD:
		add_andd(script);
		break;
	case ADD_STRUCTURE:
		add_structure(script);
		break;
	case ADD_SCOPE:
		add_scope(script);
		break;
	default:
		add_short(script, call);
	}
}

/* A failed allocation is the first error, unless there was one before. */
static void check_error(struct script *script)
{
	if (fuzz_memory_failed() && !script->error)
		script->error = -ENOMEM;
	fuzz_require(script->builder.error == script->error,
		     "the builder tells its first error");
}

static void compare_scope(const struct lab_dmar_scope *scope, const struct made_scope *made)
{
	fuzz_require(scope->type == made->type && scope->flags == made->flags &&
		     scope->enum_id == made->enum_id &&
		     scope->start_bus == made->start_bus && scope->hops == made->hops &&
		     !memcmp(scope->path, made->path, 2u * made->hops),
		     "a scope is what was put in");
}

static bool same_body(const u8 *bytes, const struct made *made, u32 from)
{
	u32 i;

	for (i = from; i < made->body; i++)
		if (bytes[i] != made->fill)
			return false;
	return true;
}

static bool same(const struct lab_dmar *dmar, const struct lab_dmar_structure *structure,
		 const struct made *made)
{
	u32 i = structure->index;

	switch (made->type) {
	case LAB_DMAR_DRHD:
		return dmar->drhds[i].segment == made->segment &&
		       dmar->drhds[i].base == made->base &&
		       dmar->drhds[i].size == 4096ULL << made->size &&
		       dmar->drhds[i].flags == made->flags;
	case LAB_DMAR_RMRR:
		return dmar->rmrrs[i].segment == made->segment &&
		       dmar->rmrrs[i].base == made->base &&
		       dmar->rmrrs[i].limit == made->limit;
	case LAB_DMAR_ATSR:
		return dmar->atsrs[i].segment == made->segment &&
		       dmar->atsrs[i].flags == made->flags;
	case LAB_DMAR_RHSA:
		return dmar->rhsas[i].base == made->base &&
		       dmar->rhsas[i].domain == made->limit;
	case LAB_DMAR_ANDD:
		return dmar->andds[i].number == made->number &&
		       dmar->andds[i].name_length == made->body &&
		       dmar->andds[i].name[0] == '\\' &&
		       same_body(dmar->andds[i].name, made, 1);
	case LAB_DMAR_SATC:
		return dmar->satcs[i].segment == made->segment &&
		       dmar->satcs[i].flags == made->flags;
	case LAB_DMAR_SIDP:
		return dmar->sidps[i].segment == made->segment;
	default:
		return same_body(dmar->table + structure->offset + 4, made, 0);
	}
}

static void compare(const struct script *script, const struct lab_dmar *dmar)
{
	const struct lab_dmar_structure *structure;
	const struct made *made;
	u32 i, scope;

	fuzz_require(!dmar->nr_unread, "what the builder makes can be decoded");
	fuzz_require(dmar->nr_structures == script->nr_made &&
		     dmar->nr_scopes == script->nr_scopes,
		     "what was put in is there");
	for (i = 0; i < script->nr_made; i++) {
		structure = &dmar->structures[i];
		made = &script->made[i];
		fuzz_require(structure->type == made->type &&
			     structure->length == made->length &&
			     structure->nr_scopes == made->nr_scopes &&
			     structure->decoded == (made->type < FIRST_UNKNOWN) &&
			     same(dmar, structure, made),
			     "a structure is what was put in");
		for (scope = 0; scope < made->nr_scopes; scope++)
			compare_scope(&dmar->scopes[structure->first_scope + scope],
				      &script->scopes[made->first_scope + scope]);
	}
	for (i = 0; i < dmar->findings.nr; i++)
		fuzz_require(strcmp(dmar->findings.list[i].check, "checksum"),
			     "the builder knows the checksum");
}

static void check_table(struct script *script, unsigned int width, u8 flags)
{
	struct lab_dmar *dmar;
	size_t length;
	u8 *table = lab_dmar_finish(&script->builder, &length);

	fuzz_memory_end();
	fuzz_require(!table == !!script->error, "there is a table unless there is an error");
	if (!table)
		return;
	lab_dmar_parse(table, length, &dmar);
	fuzz_require(dmar && dmar->length == length && dmar->width == width &&
		     dmar->flags == flags, "the header is what was put in");
	compare(script, dmar);
	lab_dmar_free(dmar);
	lab_dmar_table_free(table);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct script script;
	unsigned int width;
	u8 flags;

	/* arrays keep what they have */
	script.at = data;
	script.end = data + size;
	script.nr_made = 0;
	script.nr_scopes = 0;
	fuzz_memory_begin((unsigned int)number(&script, 1));
	width = (unsigned int)number(&script, 1) % 67;
	flags = (u8)number(&script, 1);
	script.error = !width || width > 64 ? -EINVAL : 0;
	lab_dmar_begin(&script.builder, width, flags);
	check_error(&script);
	while (script.at < script.end && script.nr_made < CALLS_MAX) {
		follow(&script);
		check_error(&script);
	}
	check_table(&script, width, flags);
	lab_dmar_builder_free(&script.builder);
	return 0;
}
