// SPDX-License-Identifier: GPL-2.0
/*
 * Whose a domain is: the process (mm) that created it. What others can do with
 * its fds (only close them), and what ends it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)

static struct owner {
	int control;
	int domain;
	int endpoint;
	u8 *mem;
} own;

static void set_up(void)
{
	open_attached(IOMMU_LAB_POLICY_FIXED, 0, &own.control, &own.domain,
		      &own.endpoint);
	own.mem = pages_alloc(2 * PAGE);
	memset(own.mem, 0x5a, 2 * PAGE);
	REQUIRE_EQ(map_at(own.domain, own.mem, PAGE, READ_WRITE, AT), 0);
}

/* waits for a child that has done its checks */
static void join(pid_t pid)
{
	int status;

	REQUIRE(pid > 0);
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

/* what a process that is not the owner gets */
static void check_stranger(int domain, int endpoint)
{
	struct iommu_lab_domain_info info = { .size = sizeof(info) };
	struct iommu_lab_translate answer;
	struct iommu_lab_stats stats = { .size = sizeof(stats) };
	struct iommu_lab_sg sg = { AT, 1 };
	u8 byte = 0;
	struct iommu_lab_dma dma = {
		.op = IOMMU_LAB_DMA_READ,
		.src_nents = 1,
		.src = (uintptr_t)&sg,
		.data = (uintptr_t)&byte,
	};
	u8 *mem = pages_alloc(PAGE);
	u64 unmapped;

	EXPECT_EQ(lab_ioctl(domain, IOMMU_LAB_DOMAIN_INFO, &info), -EPERM);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT + PAGE), -EPERM);
	EXPECT_EQ(unmap_flags(domain, AT, PAGE, 0, &unmapped), -EPERM);
	EXPECT_EQ(translate(domain, AT, &answer), -EPERM);
	EXPECT_EQ(lab_ioctl(domain, IOMMU_LAB_STATS, &stats), -EPERM);
	EXPECT_EQ(domain_detach(domain, endpoint), -EPERM);
	EXPECT_EQ(domain_attach(domain, endpoint_open(2)), -EPERM);
	/* the endpoint is attached by the owner: DMA is the owner's */
	EXPECT_EQ(dma_try(endpoint, &dma), -EPERM);
	dma.size = sizeof(dma);
	EXPECT_EQ(lab_ioctl(endpoint, IOMMU_LAB_DMA_SUBMIT, &dma), -EPERM);
	EXPECT_EQ(byte, 0);
}

static void check_owner(void)
{
	EXPECT_EQ(domain_info(own.domain).mappings, 1);
	EXPECT_EQ(domain_info(own.domain).attached, 1);
	EXPECT_EQ(dma_peek(own.endpoint, AT), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(own.mem[0], 0x5a);
}

/* P7 */
static void forked(void)
{
	u8 byte = 0;
	pid_t pid;

	set_up();
	pid = fork();
	if (!pid) {
		check_stranger(own.domain, own.endpoint);
		_exit(0);
	}
	join(pid);
	check_owner();
	/* the device sees the owner's memory, whoever writes first after fork */
	pid = fork();
	if (!pid) {
		own.mem[0] = 1;
		_exit(0);
	}
	own.mem[1] = 0x66;
	join(pid);
	check_owner();
	EXPECT_EQ(dma_read(own.endpoint, AT + 1, &byte, 1).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(byte, 0x66);
}

static void send_fds(int socket, int first, int second)
{
	char control[CMSG_SPACE(2 * sizeof(int))] = "", byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int fds[2] = { first, second };

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(cmsg), fds, sizeof(fds));
	REQUIRE_EQ(sendmsg(socket, &msg, 0), 1);
}

static void receive_fds(int socket, int *first, int *second)
{
	char control[CMSG_SPACE(2 * sizeof(int))] = "", byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	int fds[2];

	REQUIRE_EQ(recvmsg(socket, &msg, 0), 1);
	REQUIRE(CMSG_FIRSTHDR(&msg));
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fds));
	*first = fds[0];
	*second = fds[1];
}

/* K5: by SCM_RIGHTS; the receiver holds the last fd, and its close ends it */
static void passed(void)
{
	int sockets[2], control = control_open();
	char go = 0;
	pid_t pid;

	REQUIRE(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	pid = fork();
	if (!pid) {
		int domain, endpoint;

		close(sockets[0]);
		receive_fds(sockets[1], &domain, &endpoint);
		check_stranger(domain, endpoint);
		REQUIRE_EQ(write(sockets[1], &go, 1), 1);
		REQUIRE_EQ(read(sockets[1], &go, 1), 1);
		/* alone with it, still a stranger */
		check_stranger(domain, endpoint);
		EXPECT_EQ(lab_info(control).domains, 1);
		close(domain);
		EXPECT_EQ(lab_info(control).domains, 0);
		_exit(0);
	}
	set_up();
	send_fds(sockets[0], own.domain, own.endpoint);
	REQUIRE_EQ(read(sockets[0], &go, 1), 1);
	check_owner();
	close(own.domain);
	REQUIRE_EQ(write(sockets[0], &go, 1), 1);
	join(pid);
	/* by a stranger's close, too, everything is let go */
	EXPECT_EQ(endpoint_info(control, 0).out_flags, 0);
	EXPECT_EQ(locked_bytes(), 0);
}

/* the program again, after exec: argv is exec, domain fd, endpoint fd */
static int after_exec(char **argv)
{
	int domain = atoi(argv[2]), endpoint = atoi(argv[3]);
	unsigned int failed = 0;
	struct iommu_lab_translate answer;
	struct iommu_lab_sg sg = { AT, 1 };
	u8 byte;
	struct iommu_lab_dma dma = {
		.op = IOMMU_LAB_DMA_READ,
		.src_nents = 1,
		.src = (uintptr_t)&sg,
		.data = (uintptr_t)&byte,
	};

	failed |= translate(domain, AT, &answer) != -EPERM;
	failed |= (unmap(domain, AT, PAGE) != -EPERM) << 1;
	failed |= (dma_try(endpoint, &dma) != -EPERM) << 2;
	return failed;
}

static void executed(void)
{
	char self[] = "/proc/self/exe", name[] = "owners", word[] = "exec";
	char domain[12], endpoint[12];
	char *argv[] = { name, word, domain, endpoint, NULL };
	int control = control_open();
	pid_t pid = fork();

	if (!pid) {
		set_up();
		snprintf(domain, sizeof(domain), "%d", own.domain);
		snprintf(endpoint, sizeof(endpoint), "%d", own.endpoint);
		fcntl(own.domain, F_SETFD, 0);
		fcntl(own.endpoint, F_SETFD, 0);
		execv(self, argv);
		_exit(99);
	}
	join(pid);
	EXPECT_EQ(lab_info(control).domains, 0);

	/* and O_CLOEXEC is how it comes: exec ends the domain */
	pid = fork();
	if (!pid) {
		char *sleeper[] = { name, word, NULL };

		set_up();
		execv(self, sleeper);
		_exit(99);
	}
	sleep_ms(is_debug_kernel() ? 3000 : 1000);
	EXPECT_EQ(lab_info(control).domains, 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void *use_from_thread(void *unused)
{
	(void)unused;
	check_owner();
	EXPECT_EQ(map_at(own.domain, own.mem + PAGE, PAGE, READ_WRITE,
			 AT + PAGE), 0);
	EXPECT_EQ(unmap(own.domain, AT + PAGE, PAGE), 0);
	return NULL;
}

static void threads(void)
{
	pthread_t thread;

	set_up();
	REQUIRE(!pthread_create(&thread, NULL, use_from_thread, NULL));
	pthread_join(thread, NULL);
	check_owner();
}

static u64 unit_number(int control, const char *key)
{
	char path[64];

	snprintf(path, sizeof(path), "units/%u/stats",
		 endpoint_info(control, 0).unit);
	return debugfs_number(path, key);
}

/* after the end of the domain at own.endpoint */
static void check_ended(u64 present)
{
	struct iommu_lab_dma_result result;
	u8 byte = 1;

	EXPECT_EQ(lab_info(own.control).domains, 0);
	EXPECT_EQ(lab_info(own.control).pinned_left,
		  lab_info(own.control).pinned_max);
	EXPECT_EQ(endpoint_info(own.control, 0).out_flags, 0);
	EXPECT_EQ(unit_number(own.control, "present"), present);
	result = dma_write(own.endpoint, AT, &byte, 1);
	EXPECT_EQ(result.status, IOMMU_LAB_DMA_FAULT);
	EXPECT(result.fault_flags & IOMMU_LAB_FAULT_NOT_ATTACHED);
	/* refused by the context entry: not even the IOTLB is asked */
	EXPECT_EQ(result.fault_reason, REASON_CONTEXT_NOT_PRESENT);
}

/* K9 */
static void last_close(void)
{
	u64 present;
	int copy;

	set_up();
	present = unit_number(own.control, "present");
	check_owner();
	EXPECT_EQ(unit_number(own.control, "present"), present + 1);
	EXPECT_EQ(locked_bytes(), PAGE);
	copy = dup(own.domain);
	REQUIRE(copy >= 0);
	close(own.domain);
	EXPECT_EQ(lab_info(own.control).domains, 1);
	EXPECT_EQ(dma_peek(own.endpoint, AT), IOMMU_LAB_DMA_OK);
	own.domain = copy;
	check_owner();
	close(copy);
	check_ended(present);
	EXPECT_EQ(locked_bytes(), 0);
	EXPECT_EQ(own.mem[0], 0x5a);
}

/* K9: the endpoint's file outlives the process; its attachment does not */
static void killed(void)
{
	int control = control_open(), endpoint = endpoint_open(0), pipes[2];
	u64 present = unit_number(control, "present");
	char go;
	pid_t pid;

	REQUIRE(!pipe(pipes));
	pid = fork();
	if (!pid) {
		own.domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
		own.mem = pages_alloc(64 * PAGE);
		REQUIRE_EQ(map_at(own.domain, own.mem, 64 * PAGE, READ_WRITE, AT),
			   0);
		REQUIRE_EQ(domain_attach(own.domain, endpoint), 0);
		EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_OK);
		REQUIRE_EQ(write(pipes[1], &go, 1), 1);
		pause();
	}
	close(pipes[1]);
	REQUIRE_EQ(read(pipes[0], &go, 1), 1);
	EXPECT_EQ(lab_info(control).domains, 1);
	EXPECT_EQ(endpoint_info(control, 0).out_flags,
		  IOMMU_LAB_ENDPOINT_ATTACHED);
	EXPECT_EQ(lab_info(control).pinned_max - lab_info(control).pinned_left,
		  64 * PAGE);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	own.control = control;
	own.endpoint = endpoint;
	check_ended(present);
}

static const struct test_case cases[] = {
	{ "P7 a forked child can neither map nor unmap nor do DMA", forked },
	{ "K5 another process that is passed the fds gets EPERM", passed },
	{ "a program after exec gets EPERM, and exec closes the fds",
	  executed },
	{ "threads of the process are the owner, too", threads },
	{ "K9 the last close ends a domain, dup delays it", last_close },
	{ "K9 SIGKILL ends a domain", killed },
};

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "exec"))
		return after_exec(argv);
	if (argc == 2 && !strcmp(argv[1], "exec")) {
		pause();
		return 0;
	}
	return RUN_CASES(cases);
}
