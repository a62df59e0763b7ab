/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of debugfs share.
 *
 * debugfs keeps a file's data alive while it is opened or read, and removal
 * waits for that, so these files need no reference on what they show. Release
 * functions run later too: they touch nothing but their own memory.
 */
#ifndef IOMMU_LAB_DOORS_DEBUGFS_H
#define IOMMU_LAB_DOORS_DEBUGFS_H

#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "../machine.h"

/**
 * struct lab_debugfs_unit - a unit as its files see it
 * @machine: where it belongs
 * @mu: the unit
 */
struct lab_debugfs_unit {
	struct lab_machine *machine;
	struct lab_machine_unit *mu;
};

bool lab_debugfs_shows_phys(const struct file *file);
void lab_seq_phys(struct seq_file *m, bool visible, u64 value);
void lab_seq_bdf(struct seq_file *m, u16 sid);
const char *lab_prot_text(u32 prot);
void lab_seq_counters(struct seq_file *m, const struct lab_counters *sum);
void lab_seq_faults(struct seq_file *m, const struct lab_counters *sum);

/* debugfs_units.c */
void lab_debugfs_unit_files(struct lab_debugfs_unit *du, struct dentry *dir);
void lab_seq_caps(struct seq_file *m, u32 version, u64 cap, u64 ecap);

/* debugfs_irqs.c */
void lab_debugfs_irq_files(struct lab_debugfs_unit *du, struct dentry *dir);

/* debugfs_domains.c */
void lab_debugfs_domain_files(struct lab_domain_file *df, struct dentry *dir);
void lab_debugfs_endpoint_files(struct lab_node *node, struct dentry *dir);

/* debugfs_buffers.c */
void lab_debugfs_core_files(struct lab_machine *machine, struct dentry *dir);
void lab_debugfs_buffer_files(struct lab_machine *machine, struct dentry *dir);
const char *lab_cache_text(enum lab_cache cache);

/* debugfs_hidden.c */
extern const struct file_operations lab_debugfs_hidden_fops;

/* debugfs_tables.c, debugfs_raw.c, debugfs_dmar.c, debugfs_host.c */
extern const struct file_operations lab_debugfs_page_table_fops;
extern const struct file_operations lab_debugfs_raw_fops;
void lab_debugfs_dmar_files(struct lab_machine *machine, struct dentry *dir);
void lab_debugfs_host_files(struct lab_machine *machine, struct dentry *dir);

/**
 * struct lab_tree - a page table to be read entry by entry
 * @top: physical address of the top table
 * @levels: levels of the table
 * @lowest: entries below this level are passed over
 * @leaf_levels: see struct lab_pt_config
 * @oa_bits: see struct lab_pt_config
 */
struct lab_tree {
	u64 top;
	u8 levels;
	u8 lowest;
	u8 leaf_levels;
	u8 oa_bits;
};

/**
 * struct lab_spot - a present entry of a page table
 * @iova: first IOVA that the entry is used for
 * @level: level of the table that holds it
 * @entry: its value
 * @leaf: it maps memory
 * @valid: the walk accepts it (no reserved bit is set, and there is RAM where a
 *	table should be)
 *
 * Entries are ordered by @iova, and by falling @level: a table comes before
 * what is in it.
 */
struct lab_spot {
	u64 iova;
	u8 level;
	u64 entry;
	bool leaf;
	bool valid;
};

bool lab_tree_find(const struct lab_tree *tree, struct lab_spot *spot);
bool lab_tree_step(const struct lab_tree *tree, struct lab_spot *spot);
loff_t lab_spot_pos(const struct lab_tree *tree, const struct lab_spot *spot);
void lab_spot_from_pos(const struct lab_tree *tree, struct lab_spot *spot,
		       loff_t pos);

#endif
