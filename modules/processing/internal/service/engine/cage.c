// The cage of the decoding child. It closes in a constructor: before Go's runtime has made a second thread, because
// Landlock binds only the thread that asks and those it makes later. By then the child has what it needs: its program
// is loaded, its video and its pipes are open.
//
// Landlock (kernel 5.13; TCP from 6.7) takes the file system and TCP, seccomp every other way out: sockets, programs,
// other processes, namespaces, and the parts of the kernel that decoding never asks for.
#define _GNU_SOURCE // CLONE_THREAD
#include "cage.h"

#if defined(__linux__)

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

fx_cage fx_cage_state;

// From linux/landlock.h, which Debian 12 has in an older version than the kernels that run this.
#define LANDLOCK_CREATE_RULESET 444
#define LANDLOCK_RESTRICT_SELF 446
struct ruleset {
	uint64_t fs, net, scoped;
};

static int landlock(void) {
	long abi = syscall(LANDLOCK_CREATE_RULESET, NULL, 0, 1);
	if (abi < 1)
		return errno;
	fx_cage_state.landlock_abi = (int)abi;
	struct ruleset all = {.fs = (1u << 13) - 1};
	size_t size = 8;
	if (abi >= 2)
		all.fs |= 1u << 13; // refer
	if (abi >= 3)
		all.fs |= 1u << 14; // truncate
	if (abi >= 4)
		all.net = 3, size = 16; // bind and connect TCP
	if (abi >= 5)
		all.fs |= 1u << 15; // ioctl on devices
	if (abi >= 6)
		all.scoped = 3, size = 24; // abstract sockets and signals to others
	int fd = (int)syscall(LANDLOCK_CREATE_RULESET, &all, size, 0);
	if (fd < 0)
		return errno;
	int err = syscall(LANDLOCK_RESTRICT_SELF, fd, 0) ? errno : 0;
	close(fd);
	return err;
}

#if defined(__x86_64__)
#define FX_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define FX_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef FX_ARCH

// Calls that answer EPERM. Threads come by clone, whose flags the filter reads; clone3 hides them, so it answers ENOSYS
// and the C library falls back to clone.
static const int refused[] = {
	__NR_socket, __NR_socketpair, __NR_connect, __NR_bind, __NR_listen, __NR_execve, __NR_execveat, __NR_ptrace, __NR_kill,
	__NR_process_vm_readv, __NR_process_vm_writev, __NR_io_uring_setup, __NR_bpf, __NR_userfaultfd, __NR_mount,
	__NR_umount2, __NR_pivot_root, __NR_chroot, __NR_unshare, __NR_setns, __NR_keyctl, __NR_add_key, __NR_request_key,
	__NR_perf_event_open, __NR_init_module, __NR_finit_module, __NR_delete_module, __NR_kexec_load, __NR_reboot,
	__NR_swapon, __NR_swapoff, __NR_open_by_handle_at, __NR_name_to_handle_at, __NR_personality, __NR_pidfd_getfd,
#ifdef __NR_fork
	__NR_fork, __NR_vfork,
#endif
};

static int seccomp(void) {
	struct sock_filter code[2 * sizeof refused / sizeof *refused + 16];
	unsigned short n = 0;
	const unsigned number = offsetof(struct seccomp_data, nr), flags = offsetof(struct seccomp_data, args[0]);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FX_ARCH, 1, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, number);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)refused[i], 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	}
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone3, 0, 1);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 0, 3);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, flags); // low half; all flags are in it
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {.len = n, .filter = code};
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) ? errno : 0;
}

#else

static int seccomp(void) { return ENOSYS; }

#endif

__attribute__((constructor)) static void close_cage(int argc, char **argv) {
	if (argc < 2 || strcmp(argv[1], "engine-child") != 0)
		return;
	fx_cage_state.caged = 1;
	fx_cage_state.no_new_privs = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? errno : 0;
	fx_cage_state.landlock = landlock();
	fx_cage_state.seccomp = seccomp();
}

#else

fx_cage fx_cage_state;

#endif
