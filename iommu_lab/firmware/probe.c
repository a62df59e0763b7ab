// SPDX-License-Identifier: GPL-2.0
/* The sources in their order, and the list of what one of them has. */
#include "probe.h"

static const char * const names[] = { "DMAR", "IORT", "IVRS", "device tree", "built-in" };

static bool (* const readers[])(struct lab_probe *probe, const void *bytes,
				size_t length) = {
	lab_probe_dmar,
	lab_probe_iort,
	lab_probe_ivrs,
};

/**
 * lab_probe_source_name - what a source is called
 * @source: the source; LAB_PROBE_BUILT_IN is the module's own table
 *
 * Any context. Return: a constant; that of a table is its signature.
 */
const char *lab_probe_source_name(enum lab_probe_source source)
{
	return names[source];
}

/* Return: @list, or a longer one with the same elements, or NULL. */
static void *grow(void *list, u32 nr, u32 *room, size_t size)
{
	u32 wanted = *room ? 2 * *room : 16;
	void *longer;

	if (nr < *room)
		return list;
	longer = lab_port_calloc(wanted, size);
	if (!longer)
		return NULL;
	if (nr)
		memcpy(longer, list, nr * size);
	lab_port_free(list);
	*room = wanted;
	return longer;
}

/**
 * lab_probe_add_unit - one unit more
 * @probe: what was found so far
 * @type: what it is, a constant
 *
 * May sleep. Return: the unit, until the next one is added, or NULL: no memory.
 */
struct lab_probe_unit *lab_probe_add_unit(struct lab_probe *probe, const char *type)
{
	struct lab_probe_unit *units;

	units = grow(probe->units, probe->nr_units, &probe->room_units, sizeof(*units));
	if (!units) {
		probe->error = -ENOMEM;
		return NULL;
	}
	probe->units = units;
	units += probe->nr_units++;
	units->type = type;
	return units;
}

/**
 * lab_probe_add_client - one client more
 * @probe: what was found so far
 * @unit: index of its unit
 * @kind: what it is, a constant
 *
 * May sleep. Return: the client, until the next one is added, or NULL: no memory.
 */
struct lab_probe_client *lab_probe_add_client(struct lab_probe *probe, u32 unit,
					      const char *kind)
{
	struct lab_probe_client *clients;

	clients = grow(probe->clients, probe->nr_clients, &probe->room_clients,
		       sizeof(*clients));
	if (!clients) {
		probe->error = -ENOMEM;
		return NULL;
	}
	probe->clients = clients;
	clients += probe->nr_clients++;
	clients->unit = unit;
	clients->kind = kind;
	return clients;
}

/**
 * lab_probe_drop_clients - forget what is behind a unit
 * @probe: what was found so far
 * @unit: index of the unit; LAB_PROBE_NOBODY: of what is no unit
 */
void lab_probe_drop_clients(struct lab_probe *probe, u32 unit)
{
	u32 from, to = 0;

	for (from = 0; from < probe->nr_clients; from++) {
		if (probe->clients[from].unit != unit)
			probe->clients[to++] = probe->clients[from];
	}
	if (to < probe->nr_clients)
		memset(probe->clients + to, 0,
		       (probe->nr_clients - to) * sizeof(*probe->clients));
	probe->nr_clients = to;
}

/**
 * lab_probe_set_name - a name that firmware chose
 * @name: where to; cut to the room that there is
 * @bytes: the name, may be @name itself; ends at a NUL, too. What is not printable
 *	becomes a question mark
 * @length: bytes
 */
void lab_probe_set_name(char name[LAB_PROBE_NAME], const u8 *bytes, size_t length)
{
	size_t i;

	for (i = 0; i < length && i < LAB_PROBE_NAME - 1 && bytes[i]; i++)
		name[i] = bytes[i] < ' ' || bytes[i] > '~' ? '?' : (char)bytes[i];
	name[i] = '\0';
}

static void forget(struct lab_probe *probe)
{
	lab_port_free(probe->units);
	lab_port_free(probe->clients);
	probe->units = NULL;
	probe->clients = NULL;
	probe->nr_units = 0;
	probe->nr_clients = 0;
	probe->room_units = 0;
	probe->room_clients = 0;
}

/* Into @probe, whatever another source has found before. */
static enum lab_probe_state read_source(const struct lab_probe_host *host,
					struct lab_probe *probe,
					enum lab_probe_source source)
{
	const void *bytes;
	size_t length;
	bool valid;

	if (source == LAB_PROBE_TREE) {
		if (!host->tree)
			return LAB_PROBE_ABSENT;
		/* a tree without units is the one of any machine */
		valid = lab_probe_tree(probe, host->tree);
		return valid ? LAB_PROBE_VALID : LAB_PROBE_ABSENT;
	}
	if (host->get(host->ctx, names[source], &bytes, &length))
		return LAB_PROBE_ABSENT;
	valid = readers[source](probe, bytes, length);
	host->put(host->ctx, bytes);
	return valid ? LAB_PROBE_VALID : LAB_PROBE_INVALID;
}

static bool is_better(const struct lab_probe *probe, const struct lab_probe *other)
{
	return probe->source == LAB_PROBE_BUILT_IN && other->nr_units &&
	       other->state[other->source] == LAB_PROBE_VALID;
}

/**
 * lab_probe_machine - find the machine's units
 * @host: the machine
 * @probe: what there is of each source, and the units of the first one that is valid
 *	and has any. For lab_probe_free(), whatever this returns
 *
 * May sleep. Return: 0 or -ENOMEM.
 */
int lab_probe_machine(const struct lab_probe_host *host, struct lab_probe *probe)
{
	struct lab_probe other;
	u32 source;

	memset(probe, 0, sizeof(*probe));
	probe->source = LAB_PROBE_BUILT_IN;
	for (source = LAB_PROBE_DMAR; source < LAB_PROBE_BUILT_IN; source++) {
		memset(&other, 0, sizeof(other));
		memcpy(other.state, probe->state, sizeof(other.state));
		other.source = source;
		other.state[source] = read_source(host, &other, source);
		probe->state[source] = other.state[source];
		if (other.error) {
			forget(&other);
			return other.error;
		}
		if (is_better(probe, &other)) {
			/* all sources that come are still absent in it */
			*probe = other;
		} else {
			forget(&other);
		}
	}
	if (probe->source == LAB_PROBE_BUILT_IN)
		lab_probe_dmar(probe, host->built_in, host->built_in_length);
	return probe->error;
}

/**
 * lab_probe_free - end of lab_probe_machine()
 * @probe: what it found
 *
 * May sleep.
 */
void lab_probe_free(struct lab_probe *probe)
{
	forget(probe);
}
