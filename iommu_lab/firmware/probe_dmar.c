// SPDX-License-Identifier: GPL-2.0
/* The units of a DMAR (VT-d 8.3). */
#include "dmar.h"
#include "probe.h"

/* bus:device.function, and device.function of each further hop */
static void name_path(char name[LAB_PROBE_NAME], const struct lab_dmar_scope *scope)
{
	size_t used;
	u32 hop;

	used = (size_t)snprintf(name, LAB_PROBE_NAME, "%02x:", scope->start_bus);
	for (hop = 0; hop < scope->hops && LAB_PROBE_NAME - used > 8; hop++)
		used += (size_t)snprintf(name + used, LAB_PROBE_NAME - used, "%s%02x.%x",
					 hop ? "/" : "", scope->path[2 * hop],
					 scope->path[2 * hop + 1]);
}

static void add_scope(struct lab_probe *probe, u32 unit,
		      const struct lab_dmar_scope *scope)
{
	const char *kind = lab_dmar_scope_name(scope->type);
	struct lab_probe_client *client;
	u8 device, function;

	client = lab_probe_add_client(probe, unit, kind ? kind : "unknown");
	if (!client)
		return;
	name_path(client->name, scope);
	/* what is below a bridge has a bus that firmware does not know */
	if (!kind || scope->hops != 1 || scope->type == LAB_SCOPE_SUB_HIERARCHY)
		return;
	device = scope->path[0];
	function = scope->path[1];
	client->first = (u32)scope->start_bus << 8 | (u32)device << 3 | function;
	client->last = client->first;
	client->has_ids = true;
}

static void add_drhd(struct lab_probe *probe, const struct lab_dmar *dmar,
		     const struct lab_dmar_drhd *drhd)
{
	struct lab_probe_unit *unit = lab_probe_add_unit(probe, "vt-d");
	struct lab_probe_client *client;
	u32 i;

	if (!unit)
		return;
	snprintf(unit->name, sizeof(unit->name), "segment %04x", drhd->segment);
	unit->base = drhd->base;
	unit->size = drhd->size;
	for (i = 0; i < drhd->nr_scopes; i++)
		add_scope(probe, probe->nr_units - 1, &dmar->scopes[drhd->first_scope + i]);
	if (!drhd->include_all)
		return;
	client = lab_probe_add_client(probe, probe->nr_units - 1, "all-others");
	if (client)
		snprintf(client->name, sizeof(client->name), "segment %04x",
			 drhd->segment);
}

/**
 * lab_probe_dmar - the units of a DMAR
 * @probe: where they go
 * @bytes: the table
 * @length: bytes that may be read
 *
 * May sleep. Return: whether the table is without an error.
 */
bool lab_probe_dmar(struct lab_probe *probe, const void *bytes, size_t length)
{
	struct lab_dmar *dmar;
	int err = lab_dmar_parse(bytes, length, &dmar);
	u32 i;

	if (!dmar) {
		probe->error = err;
		return false;
	}
	for (i = 0; !err && i < dmar->nr_drhds; i++)
		add_drhd(probe, dmar, &dmar->drhds[i]);
	lab_dmar_free(dmar);
	return !err;
}
