# SPDX-License-Identifier: GPL-2.0
# The commands a person types; `make help` lists them. What is compiled into the
# module is in Kbuild.

KDIR ?= /lib/modules/$(shell uname -r)/build

# Variables of the targets reach the scripts as options.
check_options := $(if $(TEST),--test $(TEST)) $(if $(KERNEL),--kernel $(KERNEL))

.PHONY: all help demo shell check check-long check-matrix check-mutants check-dkms fuzz lint \
	install uninstall clean clean-cache

all:
	@vm/build $(KDIR)

help:
	@echo 'make                build the module against the running kernel (KDIR=DIR for another)'
	@echo 'make demo           boot the newest kernel of the distribution in a VM and show a DMA'
	@echo '                    through the IOMMU, step by step (ARGS= are the arguments of'
	@echo '                    tools/demo.c, KERNEL= names another kernel)'
	@echo 'make shell          a prompt in that VM with the module loaded (KERNEL=, PARAMS=; PROG=FILE'
	@echo '                    runs a program or loads a .ko of yours first)'
	@echo 'make check          all tests, on all kernels (TEST="NAME...", KERNEL=NAME select)'
	@echo 'make check-long     the same with more rounds, a stress on a kernel with KCSAN, and 50 million'
	@echo '                    executions of the fuzz targets'
	@echo 'make check-matrix   the selftests on 7.2 or newer, from the backports (300 MB; TEST=NAME selects)'
	@echo 'make check-mutants  break the module one line at a time: a test must notice (TEST=NAME selects)'
	@echo 'make check-dkms     build and install through DKMS, into a scratch root'
	@echo 'make fuzz           the parsers of firmware tables under libFuzzer: each target for a minute,'
	@echo '                    keeping what it learns (TARGET="NAME...", TIME=SECONDS)'
	@echo 'make lint           sparse, W=1, checkpatch, and the rules between the folders'
	@echo 'make install        install the module for the running kernel through DKMS (as root)'
	@echo 'make uninstall      the reverse'
	@echo 'make clean          remove what was built here'
	@echo 'make clean-cache    remove the kernels that were fetched and built'
	@echo 'KERNEL is one of: 6.1 6.12 7.2 newest debug kcsan uml; for make check also user (firmware/'
	@echo 'in user space, under sanitizers)'

demo:
	@vm/demo $(if $(KERNEL),--kernel $(KERNEL)) -- $(ARGS)

shell:
	@vm/shell $(if $(KERNEL),--kernel $(KERNEL)) $(if $(PARAMS),--params '$(PARAMS)') $(PROG)

check:
	@checks/check $(check_options)

check-long:
	@checks/check --long $(check_options)

check-matrix:
	@checks/check --kernel 7.2 $(if $(TEST),--test $(TEST))

check-mutants:
	@checks/mutants $(TEST)

check-dkms:
	@checks/dkms-test

fuzz:
	@vm/deps check
	@checks/fuzz --time $(or $(TIME),60) $(TARGET)

lint:
	@checks/lint

install:
	@vm/dkms-install

uninstall:
	@vm/dkms-install --remove

clean:
	rm -rf out

clean-cache:
	@vm/clean-cache
