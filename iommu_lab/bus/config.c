// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration space of functions, ports and placeholders:
 * Documentation/function.rst.
 *
 * A register that no table names reads as 0 and ignores writes.
 */
#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <linux/pci_regs.h>
#include <linux/string.h>
#include "config.h"

/**
 * struct lab_config_reg - a register of 32 bits
 * @at: its offset
 * @value: after reset
 * @rw: bits that a write sets
 * @w1c: bits that a write of 1 clears
 */
struct lab_config_reg {
	u16 at;
	u32 value;
	u32 rw;
	u32 w1c;
};

#define ID(device)		((device) << 16 | LAB_PCI_VENDOR)
#define CLASS(class)		((class) << 8 | LAB_PCI_REVISION)
#define CAP(id, next, upper)	((id) | (next) << 8 | (u32)(upper) << 16)
#define EXT(id, version, next)	((id) | (version) << 16 | (next) << 20)
#define UPPER(bits)		((u32)(bits) << 16)
#define VSEC(register)		(LAB_PCI_VSEC + (register))

#define STATUS_ERRORS		(PCI_STATUS_PARITY | \
				 PCI_STATUS_SIG_TARGET_ABORT | \
				 PCI_STATUS_REC_TARGET_ABORT | \
				 PCI_STATUS_REC_MASTER_ABORT | \
				 PCI_STATUS_SIG_SYSTEM_ERROR | \
				 PCI_STATUS_DETECTED_PARITY)
#define DEVCTL			(PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE | \
				 PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE | \
				 PCI_EXP_DEVCTL_RELAX_EN | \
				 PCI_EXP_DEVCTL_PAYLOAD | \
				 PCI_EXP_DEVCTL_NOSNOOP_EN | \
				 PCI_EXP_DEVCTL_READRQ)
#define DEVCTL_DEFAULT		(PCI_EXP_DEVCTL_RELAX_EN | \
				 PCI_EXP_DEVCTL_NOSNOOP_EN | \
				 PCI_EXP_DEVCTL_READRQ_512B)
#define DEVSTA_ERRORS		(PCI_EXP_DEVSTA_CED | PCI_EXP_DEVSTA_NFED | \
				 PCI_EXP_DEVSTA_FED | PCI_EXP_DEVSTA_URD)
#define LINK			(PCI_EXP_LNKCAP_SLS_2_5GB | 1 << 4)

static const struct lab_config_reg lab_function_regs[] = {
	{ PCI_VENDOR_ID, ID(LAB_PCI_DEVICE) },
	{ PCI_COMMAND, UPPER(PCI_STATUS_CAP_LIST),
	  PCI_COMMAND_MASTER | PCI_COMMAND_PARITY | PCI_COMMAND_SERR |
	  PCI_COMMAND_INTX_DISABLE, UPPER(STATUS_ERRORS) },
	{ PCI_CLASS_REVISION, CLASS(LAB_PCI_CLASS) },
	{ PCI_CACHE_LINE_SIZE, 0, 0xff },
	{ PCI_SUBSYSTEM_VENDOR_ID, ID(LAB_PCI_DEVICE) },
	{ PCI_CAPABILITY_LIST, LAB_PCI_MSI },
	{ PCI_INTERRUPT_LINE, 0, 0xff },

	{ LAB_PCI_MSI, CAP(PCI_CAP_ID_MSI, LAB_PCI_EXP,
			   PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT),
	  UPPER(PCI_MSI_FLAGS_ENABLE) },
	{ LAB_PCI_MSI + PCI_MSI_ADDRESS_LO, 0, ~3u },
	{ LAB_PCI_MSI + PCI_MSI_ADDRESS_HI, 0, ~0u },
	{ LAB_PCI_MSI + PCI_MSI_DATA_64, 0, 0xffff },
	{ LAB_PCI_MSI + PCI_MSI_MASK_64, 0, 1 },

	{ LAB_PCI_EXP, CAP(PCI_CAP_ID_EXP, LAB_PCI_VENDOR_CAP, 2) },
	{ LAB_PCI_EXP + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR },
	{ LAB_PCI_EXP + PCI_EXP_DEVCTL, DEVCTL_DEFAULT, DEVCTL,
	  UPPER(DEVSTA_ERRORS) },

	{ LAB_PCI_VENDOR_CAP, CAP(PCI_CAP_ID_VNDR, 0, 16 | LAB_VSEC_REVISION << 8) },
	{ LAB_PCI_VENDOR_CAP + 4, 0x6d6d6f69 },		/* "iomm" */
	{ LAB_PCI_VENDOR_CAP + 8, 0x616c5f75 },		/* "u_la" */
	{ LAB_PCI_VENDOR_CAP + 12, 0x00000062 },	/* "b" */

	{ LAB_PCI_VSEC, EXT(PCI_EXT_CAP_ID_VNDR, 1, 0) },
	{ LAB_PCI_VSEC + 4, LAB_VSEC_ID | LAB_VSEC_REVISION << 16 |
			    LAB_VSEC_LENGTH << 20 },
	{ VSEC(LAB_REG_CAPS), LAB_RING_ORDER_MAX | 1 << 8 },
	{ VSEC(LAB_REG_CTRL), 0, LAB_CTRL_ENABLE | LAB_CTRL_INTR },
	{ VSEC(LAB_REG_STATUS), 0, 0, LAB_STATUS_HALTED | LAB_STATUS_DONE },
	{ VSEC(LAB_REG_RING_LO), 0, ~(LAB_RING_ALIGN - 1u) },
	{ VSEC(LAB_REG_RING_HI), 0, ~0u },
	{ VSEC(LAB_REG_RING_ORDER), 0, 0xf },
	{ VSEC(LAB_REG_TAIL), 0, BIT(LAB_RING_ORDER_MAX) - 1 },
};

static const struct lab_config_reg lab_port_regs[] = {
	{ PCI_VENDOR_ID, ID(LAB_PCI_DEVICE_PORT) },
	{ PCI_COMMAND, UPPER(PCI_STATUS_CAP_LIST),
	  PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
	  PCI_COMMAND_PARITY | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE,
	  UPPER(STATUS_ERRORS) },
	{ PCI_CLASS_REVISION, CLASS(0x060400) },
	{ PCI_CACHE_LINE_SIZE, PCI_HEADER_TYPE_BRIDGE << 16, 0xff },
	{ PCI_PRIMARY_BUS, 0, 0xffffff },
	/* windows are closed: the base is above the limit */
	{ PCI_IO_BASE, 0x00f0, 0xf0f0, UPPER(STATUS_ERRORS) },
	{ PCI_MEMORY_BASE, 0xfff0, 0xfff0fff0 },
	{ PCI_PREF_MEMORY_BASE, 0xfff0, 0xfff0fff0 },
	{ PCI_CAPABILITY_LIST, LAB_PCI_PORT_EXP },
	/* no reset of the bus: functions have their own (host.c says so) */
	{ PCI_INTERRUPT_LINE, 0, 0xff |
	  UPPER(PCI_BRIDGE_CTL_PARITY | PCI_BRIDGE_CTL_SERR) },

	{ LAB_PCI_PORT_EXP, CAP(PCI_CAP_ID_EXP, 0, 2) },
	{ LAB_PCI_PORT_EXP + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_RBER },
	{ LAB_PCI_PORT_EXP + PCI_EXP_DEVCTL, 0, DEVCTL, UPPER(DEVSTA_ERRORS) },
	{ LAB_PCI_PORT_EXP + PCI_EXP_DEVCAP2, PCI_EXP_DEVCAP2_ARI },
	{ LAB_PCI_PORT_EXP + PCI_EXP_DEVCTL2, 0, PCI_EXP_DEVCTL2_ARI },
};

static const struct lab_config_reg lab_placeholder_regs[] = {
	{ PCI_VENDOR_ID, ID(LAB_PCI_DEVICE_NONE) },
	{ PCI_COMMAND, UPPER(PCI_STATUS_CAP_LIST), 0, UPPER(STATUS_ERRORS) },
	{ PCI_CLASS_REVISION, CLASS(LAB_PCI_CLASS_NONE) },
	{ PCI_CACHE_LINE_SIZE, 0, 0xff },
	{ PCI_SUBSYSTEM_VENDOR_ID, ID(LAB_PCI_DEVICE_NONE) },
	{ PCI_CAPABILITY_LIST, LAB_PCI_EXP },
	{ PCI_INTERRUPT_LINE, 0, 0xff },

	{ LAB_PCI_EXP, CAP(PCI_CAP_ID_EXP, 0, 2) },
	{ LAB_PCI_EXP + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_RBER },
	{ LAB_PCI_EXP + PCI_EXP_DEVCTL, DEVCTL_DEFAULT, DEVCTL,
	  UPPER(DEVSTA_ERRORS) },
};

static bool lab_has_engine(const struct lab_config *config)
{
	return config->params.kind == LAB_CONFIG_INTEGRATED ||
	       config->params.kind == LAB_CONFIG_ENDPOINT;
}

static const struct lab_config_reg *lab_config_find(const struct lab_config *config,
						    unsigned int at)
{
	const struct lab_config_reg *regs = lab_function_regs;
	unsigned int nr = ARRAY_SIZE(lab_function_regs);

	if (config->params.kind == LAB_CONFIG_PORT) {
		regs = lab_port_regs;
		nr = ARRAY_SIZE(lab_port_regs);
	} else if (config->params.kind == LAB_CONFIG_PLACEHOLDER) {
		regs = lab_placeholder_regs;
		nr = ARRAY_SIZE(lab_placeholder_regs);
	}
	while (nr--)
		if (regs[nr].at == at)
			return &regs[nr];
	return NULL;
}

static u32 *lab_reg(struct lab_config *config, unsigned int at)
{
	return &config->reg[at / 4];
}

static u32 lab_get(const struct lab_config *config, unsigned int at)
{
	return config->reg[at / 4];
}

static void lab_config_type(struct lab_config *config, unsigned int at, u8 type)
{
	*lab_reg(config, at) |= UPPER(type << 4);
	/* a root bus is no link */
	if (type == PCI_EXP_TYPE_RC_END)
		return;
	*lab_reg(config, at + PCI_EXP_LNKCAP) = LINK;
	*lab_reg(config, at + PCI_EXP_LNKCTL) = UPPER(LINK);
}

static void lab_config_ari(struct lab_config *config)
{
	unsigned int at = lab_has_engine(config) ? LAB_PCI_ARI : LAB_PCI_PORT_ARI;

	if (at == LAB_PCI_ARI)
		*lab_reg(config, LAB_PCI_VSEC) |= LAB_PCI_ARI << 20;
	*lab_reg(config, at) = EXT(PCI_EXT_CAP_ID_ARI, 1, 0);
	*lab_reg(config, at + PCI_ARI_CAP) = config->params.next_function << 8;
}

/* all registers to their defaults */
static void lab_config_reset(struct lab_config *config)
{
	const struct lab_config_params *params = &config->params;
	const struct lab_config_reg *reg;
	unsigned int i;

	for (i = 0; i < LAB_CONFIG_DWORDS; i++) {
		reg = lab_config_find(config, i * 4);
		config->reg[i] = reg ? reg->value : 0;
	}
	if (params->multifunction)
		*lab_reg(config, PCI_CACHE_LINE_SIZE) |= 0x80 << 16;
	switch (params->kind) {
	case LAB_CONFIG_INTEGRATED:
		lab_config_type(config, LAB_PCI_EXP, PCI_EXP_TYPE_RC_END);
		break;
	case LAB_CONFIG_ENDPOINT:
		lab_config_type(config, LAB_PCI_EXP, PCI_EXP_TYPE_ENDPOINT);
		break;
	case LAB_CONFIG_PORT:
		lab_config_type(config, LAB_PCI_PORT_EXP, params->type);
		*lab_reg(config, PCI_PRIMARY_BUS) = params->primary |
						    params->bus << 8 |
						    params->subordinate << 16;
		if (params->type == PCI_EXP_TYPE_UPSTREAM)
			*lab_reg(config, LAB_PCI_PORT_EXP + PCI_EXP_DEVCAP2) = 0;
		break;
	case LAB_CONFIG_PLACEHOLDER:
		lab_config_type(config, LAB_PCI_EXP, params->ari ?
				PCI_EXP_TYPE_ENDPOINT : PCI_EXP_TYPE_RC_END);
		break;
	}
	if (params->ari)
		lab_config_ari(config);
}

/**
 * lab_config_init - configuration space after power-on
 * @config: it
 * @params: copied
 *
 * Context: any.
 */
void lab_config_init(struct lab_config *config,
		     const struct lab_config_params *params)
{
	config->params = *params;
	config->running = false;
	lab_config_reset(config);
}

/* what a register says of an engine that has something to do */
static u32 lab_running_bits(unsigned int at)
{
	switch (at) {
	case VSEC(LAB_REG_STATUS):
		return LAB_STATUS_RUNNING;
	case LAB_PCI_EXP + PCI_EXP_DEVCTL:
		return UPPER(PCI_EXP_DEVSTA_TRPND);
	default:
		return 0;
	}
}

/**
 * lab_config_read - read configuration space
 * @config: it
 * @where: offset; a multiple of @size
 * @size: 1, 2 or 4 bytes
 *
 * Context: any, the same at a time as whoever writes it.
 * Return: the value.
 */
u32 lab_config_read(const struct lab_config *config, unsigned int where,
		    unsigned int size)
{
	unsigned int at = where & ~3u;
	u32 value;

	if (at / 4 >= LAB_CONFIG_DWORDS)
		return 0;
	value = lab_get(config, at);
	/* only of a function with an engine */
	if (config->running)
		value |= lab_running_bits(at);
	value >>= (where & 3) * 8;
	return size == 4 ? value : value & (BIT(size * 8) - 1);
}

/* registers of the engine to their defaults */
static void lab_engine_reset(struct lab_config *config)
{
	unsigned int at;

	for (at = VSEC(LAB_REG_CTRL); at < VSEC(LAB_VSEC_LENGTH); at += 4)
		*lab_reg(config, at) = 0;
}

static u32 lab_write_ctrl(struct lab_config *config, u32 old, u32 written)
{
	u32 new = lab_get(config, VSEC(LAB_REG_CTRL));

	if (written & LAB_CTRL_RESET) {
		lab_engine_reset(config);
		return LAB_ASKS_STOP;
	}
	if (!((old ^ new) & LAB_CTRL_ENABLE))
		return 0;
	if (!(new & LAB_CTRL_ENABLE))
		return LAB_ASKS_STOP;
	*lab_reg(config, VSEC(LAB_REG_HEAD)) = 0;
	*lab_reg(config, VSEC(LAB_REG_TAIL)) = 0;
	return 0;
}

static u32 lab_ring_mask(const struct lab_config *config)
{
	return BIT(lab_get(config, VSEC(LAB_REG_RING_ORDER))) - 1;
}

static u32 lab_write_engine(struct lab_config *config, unsigned int at, u32 old,
			    u32 written)
{
	bool enabled = lab_get(config, VSEC(LAB_REG_CTRL)) & LAB_CTRL_ENABLE;
	u32 *reg = lab_reg(config, at);

	switch (at - LAB_PCI_VSEC) {
	case LAB_REG_CTRL:
		return lab_write_ctrl(config, old, written);
	case LAB_REG_STATUS:
		if (old & ~*reg & LAB_STATUS_HALTED) {
			*reg &= ~LAB_STATUS_ERROR;
			return LAB_ASKS_RUN;
		}
		return 0;
	case LAB_REG_RING_LO:
	case LAB_REG_RING_HI:
	case LAB_REG_RING_ORDER:
		if (enabled || (at == VSEC(LAB_REG_RING_ORDER) &&
				*reg > LAB_RING_ORDER_MAX))
			*reg = old;
		return 0;
	case LAB_REG_TAIL:
		*reg = enabled ? *reg & lab_ring_mask(config) : old;
		return LAB_ASKS_RUN;
	default:
		return 0;
	}
}

static bool lab_msi_enabled(const struct lab_config *config)
{
	return lab_get(config, LAB_PCI_MSI) & UPPER(PCI_MSI_FLAGS_ENABLE);
}

/*
 * The pending message goes out once the vector is unmasked, and is none of whoever
 * enables messages next.
 */
static u32 lab_write_msi(struct lab_config *config)
{
	u32 *pending = lab_reg(config, LAB_PCI_MSI + PCI_MSI_PENDING_64);

	if (!lab_msi_enabled(config))
		*pending = 0;
	if (!(*pending & 1) ||
	    lab_get(config, LAB_PCI_MSI + PCI_MSI_MASK_64) & 1)
		return 0;
	*pending = 0;
	return LAB_ASKS_MESSAGE;
}

static u32 lab_write_asks(struct lab_config *config, unsigned int at, u32 old,
			  u32 written)
{
	switch (at) {
	case PCI_COMMAND:
		return (old ^ lab_get(config, at)) & PCI_COMMAND_MASTER ?
		       LAB_ASKS_MASTER : 0;
	case LAB_PCI_MSI:
	case LAB_PCI_MSI + PCI_MSI_MASK_64:
		return lab_write_msi(config);
	case LAB_PCI_EXP + PCI_EXP_DEVCTL:
		if (!(written & PCI_EXP_DEVCTL_BCR_FLR))
			return 0;
		lab_config_reset(config);
		return LAB_ASKS_FLR | LAB_ASKS_STOP | LAB_ASKS_MASTER;
	default:
		return at < LAB_PCI_VSEC ? 0 :
		       lab_write_engine(config, at, old, written);
	}
}

/**
 * lab_config_write - write configuration space
 * @config: it
 * @where: offset; a multiple of @size
 * @size: 1, 2 or 4 bytes
 * @value: what is written
 *
 * Context: any; nobody else reads or writes it.
 * Return: LAB_ASKS_*: what there is to do now.
 */
u32 lab_config_write(struct lab_config *config, unsigned int where,
		     unsigned int size, u32 value)
{
	unsigned int at = where & ~3u, shift = (where & 3) * 8;
	u32 mask = (size == 4 ? ~0u : BIT(size * 8) - 1) << shift;
	u32 old, written = value << shift & mask;
	const struct lab_config_reg *reg;

	reg = lab_config_find(config, at);
	if (!reg)
		return 0;
	old = lab_get(config, at);
	mask &= reg->rw;
	*lab_reg(config, at) = ((old & ~mask) | (written & mask)) &
			       ~(written & reg->w1c);
	if (!lab_has_engine(config))
		return 0;
	return lab_write_asks(config, at, old, written);
}

/**
 * lab_config_plug - what somebody wrote to a function that was not there is void
 * @config: of a function
 *
 * The kernel sets up registers before it has a device for it; bus mastering, messages
 * and the engine are not among them.
 *
 * Context: any; nobody else reads or writes it.
 */
void lab_config_plug(struct lab_config *config)
{
	*lab_reg(config, PCI_COMMAND) &= ~PCI_COMMAND_MASTER;
	*lab_reg(config, LAB_PCI_MSI) &= ~UPPER(PCI_MSI_FLAGS_ENABLE);
	lab_engine_reset(config);
}

/**
 * lab_config_master - whether the function may do DMA
 * @config: it
 *
 * Context: any; nobody writes it.
 * Return: COMMAND.MASTER.
 */
bool lab_config_master(const struct lab_config *config)
{
	return lab_get(config, PCI_COMMAND) & PCI_COMMAND_MASTER;
}

/**
 * lab_config_next - the next descriptor to be run
 * @config: of a function
 * @address: out: its device address
 *
 * Context: any; nobody writes it.
 * Return: whether there is one.
 */
bool lab_config_next(const struct lab_config *config, u64 *address)
{
	u32 head = lab_get(config, VSEC(LAB_REG_HEAD));
	u64 ring = (u64)lab_get(config, VSEC(LAB_REG_RING_HI)) << 32 |
		   lab_get(config, VSEC(LAB_REG_RING_LO));

	*address = ring + head * sizeof(struct lab_descriptor);
	return lab_get(config, VSEC(LAB_REG_CTRL)) & LAB_CTRL_ENABLE &&
	       !(lab_get(config, VSEC(LAB_REG_STATUS)) & LAB_STATUS_HALTED) &&
	       head != lab_get(config, VSEC(LAB_REG_TAIL));
}

/**
 * lab_config_interrupt - whether a message that is due is sent now
 * @config: of a function
 *
 * If the vector is only masked, the message is pending.
 *
 * Context: any; nobody else reads or writes it.
 * Return: whether to send it.
 */
bool lab_config_interrupt(struct lab_config *config)
{
	if (!(lab_get(config, VSEC(LAB_REG_CTRL)) & LAB_CTRL_INTR) ||
	    !lab_msi_enabled(config))
		return false;
	if (!(lab_get(config, LAB_PCI_MSI + PCI_MSI_MASK_64) & 1))
		return true;
	*lab_reg(config, LAB_PCI_MSI + PCI_MSI_PENDING_64) = 1;
	return false;
}

/**
 * lab_config_complete - the descriptor at HEAD has ended
 * @config: of a function; lab_config_next() found it, and nothing was stopped since
 * @completion: how
 *
 * Context: any; nobody else reads or writes it.
 * Return: whether a message is to be sent.
 */
bool lab_config_complete(struct lab_config *config,
			 const struct lab_completion *completion)
{
	u32 *head = lab_reg(config, VSEC(LAB_REG_HEAD));
	u32 *status = lab_reg(config, VSEC(LAB_REG_STATUS));

	*head = (*head + 1) & lab_ring_mask(config);
	if (completion->recorded)
		++*lab_reg(config, VSEC(LAB_REG_COUNT));
	if (completion->status != LAB_DESC_OK) {
		*status &= ~LAB_STATUS_ERROR;
		*status |= LAB_STATUS_HALTED |
			   FIELD_PREP(LAB_STATUS_ERROR, completion->status);
		*lab_reg(config, VSEC(LAB_REG_FAULT_LO)) =
			lower_32_bits(completion->refused);
		*lab_reg(config, VSEC(LAB_REG_FAULT_HI)) =
			upper_32_bits(completion->refused);
	} else if (!completion->intr) {
		return false;
	}
	*status |= LAB_STATUS_DONE;
	return lab_config_interrupt(config);
}

/**
 * lab_config_message - the message of the function
 * @config: of a function
 * @address: out: where it is written to
 * @data: out: what is written
 *
 * Context: any; nobody writes it.
 */
void lab_config_message(const struct lab_config *config, u64 *address, u32 *data)
{
	*address = (u64)lab_get(config, LAB_PCI_MSI + PCI_MSI_ADDRESS_HI) << 32 |
		   lab_get(config, LAB_PCI_MSI + PCI_MSI_ADDRESS_LO);
	*data = lab_get(config, LAB_PCI_MSI + PCI_MSI_DATA_64);
}
