/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that processes hold, and the ioctls on them.
 */
#ifndef IOMMU_LAB_DOORS_H
#define IOMMU_LAB_DOORS_H

#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/uaccess.h>
#include <uapi/linux/iommu_lab.h>
#include "../machine.h"

/**
 * enum lab_door_kind - which kind of file
 * @LAB_DOOR_CONTROL: /dev/iommu_lab
 * @LAB_DOOR_DOMAIN: a domain fd
 * @LAB_DOOR_ENDPOINT: /dev/iommu_lab-ep/<name>
 * @LAB_DOOR_AUTO: no file: on the control node, the automatic domain
 * @LAB_DOOR_ASSOC: an association fd
 */
enum lab_door_kind {
	LAB_DOOR_CONTROL = BIT(0),
	LAB_DOOR_DOMAIN = BIT(1),
	LAB_DOOR_ENDPOINT = BIT(2),
	LAB_DOOR_AUTO = BIT(3),
	LAB_DOOR_ASSOC = BIT(4),
};

/**
 * struct lab_door - what each kind of open file begins with
 * @kind: which kind it is
 * @machine: the module
 * @refusal: why the last ioctl was refused
 */
struct lab_door {
	enum lab_door_kind kind;
	struct lab_machine *machine;
	struct lab_refusal *refusal;
};

/**
 * struct lab_control_file - an open control node
 * @door: what each file begins with
 * @refusal: why the last ioctl was refused
 */
struct lab_control_file {
	struct lab_door door;
	struct lab_refusal refusal;
};

/**
 * struct lab_domain_fd - an open domain fd
 * @door: what each file begins with
 * @refusal: why the last ioctl was refused
 * @df: the rest, that debugfs sees too
 * @read_lock: one read() at a time; @staged, @has_staged
 * @staged: an event that was taken, and is not copied to the reader yet
 * @has_staged: there is one
 */
struct lab_domain_fd {
	struct lab_door door;
	struct lab_refusal refusal;
	struct lab_domain_file df;
	struct mutex read_lock; /* staged, has_staged */
	struct lab_event staged;
	bool has_staged;
};

/**
 * struct lab_endpoint_file - an open endpoint node
 * @door: what each file begins with
 * @refusal: why the last ioctl was refused
 * @node: the endpoint
 * @generation: of the endpoint when it was opened
 * @claims: it does DMA without being attached, and so it is a user of the
 *	endpoint (attach_lock)
 * @ring: asynchronous DMAs
 */
struct lab_endpoint_file {
	struct lab_door door;
	struct lab_refusal refusal;
	struct lab_node *node;
	u32 generation;
	bool claims;
	struct lab_ring ring;
};

/**
 * struct lab_assoc_file - an open association
 * @door: what each file begins with
 * @refusal: why the last ioctl was refused
 * @association: what ends with it
 */
struct lab_assoc_file {
	struct lab_door door;
	struct lab_refusal refusal;
	struct lab_association association;
};

/**
 * struct lab_ucmd - one ioctl
 * @door: of the file it came on
 * @file: the file
 * @df: the domain, of an ioctl on a domain
 * @user: the caller's struct
 * @user_size: its size, as the caller says
 * @size: size of the struct as the module knows it
 * @cmd: the module's copy of it
 */
struct lab_ucmd {
	struct lab_door *door;
	struct file *file;
	struct lab_domain_file *df;
	void __user *user;
	u32 user_size;
	size_t size;
	void *cmd;
};

/**
 * lab_respond - write the answer back into the caller's struct
 * @ucmd: the ioctl, its cmd holding the answer
 *
 * The last thing that can fail: whoever did something that the caller needs the
 * answer for undoes it when this fails.
 *
 * Context: may sleep. Return: 0 or -EFAULT.
 */
static inline int lab_respond(struct lab_ucmd *ucmd)
{
	if (copy_to_user(ucmd->user, ucmd->cmd,
			 min_t(size_t, ucmd->user_size, ucmd->size)))
		return -EFAULT;
	return 0;
}

/**
 * lab_check_reserved - refuse a reserved member that is not 0
 * @refusal: of the file
 * @reserved: the member
 *
 * Context: may sleep. Return: 0 or -EINVAL.
 */
static inline int lab_check_reserved(struct lab_refusal *refusal, u32 reserved)
{
	if (!reserved)
		return 0;
	return lab_refuse(refusal, -EINVAL, "__reserved must be 0");
}

static inline struct lab_endpoint_file *
lab_ucmd_endpoint(struct lab_ucmd *ucmd)
{
	return container_of(ucmd->door, struct lab_endpoint_file, door);
}

static inline struct lab_assoc_file *lab_ucmd_assoc(struct lab_ucmd *ucmd)
{
	return container_of(ucmd->door, struct lab_assoc_file, door);
}

/**
 * lab_endpoint_file_is_gone - whether the endpoint that was opened has gone
 * @ef: the file
 *
 * It stays so, even if the endpoint comes back.
 *
 * Context: any; the answer lasts with attach_lock or ep.lock held.
 */
static inline bool lab_endpoint_file_is_gone(const struct lab_endpoint_file *ef)
{
	return READ_ONCE(ef->node->ep.gone) ||
	       READ_ONCE(ef->node->generation) != ef->generation;
}

/* chardev.c */
int lab_refuse_gone(struct lab_refusal *refusal, const struct lab_node *node);

long lab_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

/* ioctl_control.c */
int lab_ioctl_info(struct lab_ucmd *ucmd);
int lab_ioctl_explain(struct lab_ucmd *ucmd);
int lab_ioctl_unit_info(struct lab_ucmd *ucmd);
int lab_ioctl_endpoint_info(struct lab_ucmd *ucmd);
int lab_ioctl_stats(struct lab_ucmd *ucmd);

/* domain_file.c */
int lab_domain_file_init(struct lab_domain_file *df,
			 struct lab_machine *machine,
			 const struct lab_domain_params *params,
			 struct lab_refusal *refusal);
void lab_domain_file_release(struct lab_domain_file *df);
int lab_check_owner(const struct lab_domain *domain);

/* iommu_ops.c */
void lab_core_adopt(struct lab_machine *machine, struct lab_domain *domain);

/* core_owner.c */
int lab_node_claim(struct lab_node *node, struct lab_refusal *refusal);
void lab_node_unclaim(struct lab_node *node);
int lab_node_enter(struct lab_node *node, struct lab_domain *domain,
		   struct lab_refusal *refusal);
int lab_node_leave(struct lab_node *node, struct lab_domain *domain);

/* auto_domain.c */
struct lab_domain_file *lab_auto_domain(struct lab_door *door);
int lab_auto_attach(struct lab_machine *machine, struct lab_node *node,
		    const struct file *file, struct lab_refusal *refusal);

/* domain_fd.c */
int lab_ioctl_domain_create(struct lab_ucmd *ucmd);
int lab_ioctl_domain_info(struct lab_ucmd *ucmd);
int lab_ioctl_attach(struct lab_ucmd *ucmd);
int lab_ioctl_detach(struct lab_ucmd *ucmd);

/* event_fd.c */
ssize_t lab_domain_read(struct file *file, char __user *to, size_t count,
			loff_t *pos);
__poll_t lab_domain_poll(struct file *file, poll_table *wait);

/* ioctl_map.c */
int lab_check_prot(struct lab_refusal *refusal, u32 prot);
int lab_ioctl_map(struct lab_ucmd *ucmd);
int lab_ioctl_map_sg(struct lab_ucmd *ucmd);
int lab_ioctl_unmap(struct lab_ucmd *ucmd);
int lab_ioctl_mark(struct lab_ucmd *ucmd);
int lab_ioctl_translate(struct lab_ucmd *ucmd);
int lab_ioctl_iova_ranges(struct lab_ucmd *ucmd);

/* ioctl_dirty.c */
int lab_ioctl_dirty_tracking(struct lab_ucmd *ucmd);
int lab_ioctl_dirty_bitmap(struct lab_ucmd *ucmd);

/* ioctl_dma.c */
int lab_ioctl_dma(struct lab_ucmd *ucmd);
int lab_ioctl_dma_submit(struct lab_ucmd *ucmd);
int lab_ioctl_dma_reap(struct lab_ucmd *ucmd);

/* ioctl_buffer.c */
int lab_ioctl_buffer_create(struct lab_ucmd *ucmd);
int lab_ioctl_buffer_info(struct lab_ucmd *ucmd);
/**
 * struct lab_buffer_use - which part of a dma-buf is to be mapped, and how
 * @fd: own or another exporter's dma-buf
 * @prot: IOMMU_LAB_PROT_*: what devices will do
 * @offset: begin of the part
 * @length: bytes of the part, 0: up to the end
 * @iova: in: as in struct iommu_lab_map_buffer; out: first IOVA
 * @align: as in struct iommu_lab_map_buffer
 * @association: of BUFFER_BEGIN, not made yet; else NULL
 * @mapped: out: bytes mapped
 */
struct lab_buffer_use {
	int fd;
	u32 prot;
	u64 offset;
	u64 length;
	u64 iova;
	u64 align;
	struct lab_association *association;
	u64 mapped;
};

int lab_use_buffer(struct lab_ucmd *ucmd, struct lab_buffer_use *use);
int lab_ioctl_map_buffer(struct lab_ucmd *ucmd);

/* assoc_fd.c */
int lab_ioctl_buffer_begin(struct lab_ucmd *ucmd);
int lab_ioctl_assoc_info(struct lab_ucmd *ucmd);

/* ioctl_addresses.c */
int lab_give_segments(struct lab_refusal *refusal, const struct lab_address *list,
		      u64 user, u32 room, u32 nr);
int lab_ioctl_addresses(struct lab_ucmd *ucmd);

/* export.c */
struct dma_buf;
struct dma_buf *lab_export(struct lab_buffer *buffer);
struct lab_buffer *lab_exported(struct dma_buf *dmabuf);

/* import.c */
struct lab_buffer *lab_import(struct lab_machine *machine,
			      struct dma_buf *dmabuf, u32 prot,
			      struct lab_refusal *refusal);

extern const struct file_operations lab_endpoint_fops;

#endif
