#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <seccomp.h>

#include "base/own.h"

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0
#endif

/* ---- limits ---- */

static int
limit(int resource, int64_t value, int64_t hard, struct fault *f)
{
	struct rlimit r;

	if (getrlimit((__rlimit_resource_t)resource, &r) == -1)
		return fault_system(f, errno, "limits");
	/* Never above what we were given. */
	if (r.rlim_max > (rlim_t)hard)
		r.rlim_max = (rlim_t)hard;
	r.rlim_cur = (rlim_t)value < r.rlim_max ? (rlim_t)value : r.rlim_max;
	if (setrlimit((__rlimit_resource_t)resource, &r) == -1)
		return fault_system(f, errno, "limits");
	return 0;
}

int
sandbox_limit(const struct sandbox_limits *l, struct fault *f)
{
	if (limit(RLIMIT_CORE, 0, 0, f) == -1)
		return -1;
	if (l->cpu_seconds > 0 &&
	    limit(RLIMIT_CPU, l->cpu_seconds, l->cpu_seconds + 1, f) == -1)
		return -1;
	/* AddressSanitizer maps terabytes that it never touches. */
	if (l->memory > 0 && !UNDER_ASAN &&
	    limit(RLIMIT_AS, l->memory, l->memory, f) == -1)
		return -1;
	if (l->file_size > 0 &&
	    limit(RLIMIT_FSIZE, l->file_size, l->file_size, f) == -1)
		return -1;
	return 0;
}

/* ---- Landlock ---- */

/*
 * The kernel's struct landlock_ruleset_attr as far as ABI 6 knows it; older
 * kernels take it as long as what they do not know is 0.
 */
struct ruleset {
	uint64_t files, network, scopes;
};

/* All rights of an ABI: linux/landlock.h of a build host may know fewer. */
static struct ruleset
rights_of(long abi)
{
	struct ruleset r = { .files = (1u << 13) - 1 };

	if (abi >= 2)
		r.files |= 1u << 13; /* REFER */
	if (abi >= 3)
		r.files |= 1u << 14; /* TRUNCATE */
	if (abi >= 4)
		r.network = 1u << 0 | 1u << 1; /* BIND_TCP, CONNECT_TCP */
	if (abi >= 5)
		r.files |= 1u << 15; /* IOCTL_DEV */
	if (abi >= 6)
		r.scopes = 1u << 0 | 1u << 1; /* abstract sockets, signals */
	return r;
}

/* Handle every right and grant none. */
static bool
landlock(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1u);
	OWNED_FD int fd = -1;
	struct ruleset r;

	if (abi < 1)
		return false;
	r = rights_of(abi);
	fd = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof(r), 0);
	return fd != -1 && syscall(SYS_landlock_restrict_self, fd, 0) == 0;
}

static int
no_new_privileges(struct fault *f)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return fault_system(f, errno, "no_new_privs");
	return 0;
}

int
sandbox_files(unsigned int *missing, struct fault *f)
{
	if (no_new_privileges(f) == -1)
		return -1;
	*missing = UNDER_ASAN || !landlock() ? SANDBOX_NO_LANDLOCK : 0;
	return 0;
}

/* ---- seccomp ---- */

/* By name: a C library of another machine or year uses others of them. */
static const char *const allowed[] = {
	/* descriptors that are open */
	"read",
	"readv",
	"pread64",
	"preadv",
	"write",
	"writev",
	"pwrite64",
	"pwritev",
	"lseek",
	"_llseek",
	"close",
	"dup",
	"fstat",
	"fstat64",
	"ftruncate",
	"ftruncate64",
	"fsync",
	"fdatasync",
	"poll",
	"ppoll",
	"ppoll_time64",
	"sendmsg",
	"recvmsg",
	"sendto",
	"recvfrom",
	"shutdown",
	/* memory; mmap and mprotect have rules of their own */
	"brk",
	"munmap",
	"mremap",
	"madvise",
	/* locks, time, chance */
	"futex",
	"futex_time64",
	"clock_gettime",
	"clock_gettime64",
	"clock_getres",
	"gettimeofday",
	"time",
	"nanosleep",
	"clock_nanosleep",
	"clock_nanosleep_time64",
	"getrandom",
	"sched_yield",
	"restart_syscall",
	/* what libraries ask about themselves */
	"getpid",
	"gettid",
	"getuid",
	"geteuid",
	"getgid",
	"getegid",
	"sysinfo",
	"uname",
	"sched_getaffinity",
	"getrusage",
	"getrlimit",
	"ugetrlimit",
	/* signals and the end */
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"sigreturn",
	"sigaltstack",
	"exit",
	"exit_group",
};

/* Looking for a file is no crime; there just is none. */
static const char *const blind[] = {
	"open",
	"openat",
	"openat2",
	"access",
	"faccessat",
	"faccessat2",
	"stat",
	"stat64",
	"lstat",
	"lstat64",
	"statx",
	"statfs",
	"statfs64",
	"readlink",
	"readlinkat",
	"getcwd",
};

/* One more rule, of at most one condition; unknown calls are left out. */
static int
rule(scmp_filter_ctx ctx, uint32_t action, const char *name,
    const struct scmp_arg_cmp *condition)
{
	int call = seccomp_syscall_resolve_name(name);

	if (call < 0) /* not on this machine */
		return 0;
	return seccomp_rule_add_array(ctx, action, call, condition != NULL,
	    condition);
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static int
add_plain_rules(scmp_filter_ctx ctx)
{
	size_t i;

	for (i = 0; i < COUNT(allowed); i++)
		if (rule(ctx, SCMP_ACT_ALLOW, allowed[i], NULL) != 0)
			return -1;
	for (i = 0; i < COUNT(blind); i++)
		if (rule(ctx, SCMP_ACT_ERRNO(EACCES), blind[i], NULL) != 0)
			return -1;
	return 0;
}

static int
add_fcntl_rules(scmp_filter_ctx ctx)
{
	static const int commands[] = { F_GETFD, F_SETFD, F_GETFL, F_SETFL,
		F_DUPFD_CLOEXEC, F_ADD_SEALS, F_GET_SEALS };
	size_t i;

	for (i = 0; i < COUNT(commands); i++) {
		struct scmp_arg_cmp is =
		    SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)commands[i]);

		if (rule(ctx, SCMP_ACT_ALLOW, "fcntl", &is) != 0 ||
		    rule(ctx, SCMP_ACT_ALLOW, "fcntl64", &is) != 0)
			return -1;
	}
	return 0;
}

static int
add_rules(scmp_filter_ctx ctx)
{
	const struct scmp_arg_cmp plain =
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	const struct scmp_arg_cmp code =
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);
	/* How the C library spells fstat(). */
	const struct scmp_arg_cmp fd =
	    SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH);
	const struct scmp_arg_cmp path =
	    SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, 0);
	/* abort() */
	const struct scmp_arg_cmp self =
	    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid());
	/* getrlimit(), of nobody else */
	const struct scmp_arg_cmp own = SCMP_A0(SCMP_CMP_EQ, 0);
	const uint32_t allow = SCMP_ACT_ALLOW;

	if (add_plain_rules(ctx) != 0 || add_fcntl_rules(ctx) != 0)
		return -1;
	if (rule(ctx, allow, "mmap", &plain) != 0 ||
	    rule(ctx, allow, "mmap2", &plain) != 0 ||
	    rule(ctx, allow, "mprotect", &plain) != 0 ||
	    rule(ctx, SCMP_ACT_ERRNO(EPERM), "mmap", &code) != 0 ||
	    rule(ctx, SCMP_ACT_ERRNO(EPERM), "mmap2", &code) != 0 ||
	    rule(ctx, SCMP_ACT_ERRNO(EPERM), "mprotect", &code) != 0)
		return -1;
	if (rule(ctx, allow, "newfstatat", &fd) != 0 ||
	    rule(ctx, SCMP_ACT_ERRNO(EACCES), "newfstatat", &path) != 0 ||
	    rule(ctx, allow, "fstatat64", &fd) != 0 ||
	    rule(ctx, SCMP_ACT_ERRNO(EACCES), "fstatat64", &path) != 0)
		return -1;
	/* isatty() before output is buffered */
	if (rule(ctx, SCMP_ACT_ERRNO(ENOTTY), "ioctl", NULL) != 0)
		return -1;
	if (rule(ctx, allow, "prlimit64", &own) != 0)
		return -1;
	return rule(ctx, allow, "tgkill", &self);
}

/* Linux 4.14; not in a container that forbids it, nor under valgrind. */
static bool
has_seccomp(void)
{
	const uint32_t action = SECCOMP_RET_KILL_PROCESS;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

int
sandbox_calls(unsigned int *missing, struct fault *f)
{
	scmp_filter_ctx ctx;
	int rc;

	*missing = SANDBOX_NO_SECCOMP;
	if (UNDER_ASAN || !has_seccomp())
		return 0;
	if (no_new_privileges(f) == -1)
		return -1;
	ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (ctx == NULL)
		return fault_memory(f);
	rc = add_rules(ctx);
	if (rc == 0 && seccomp_load(ctx) == 0)
		*missing = 0;
	seccomp_release(ctx);
	if (rc != 0)
		return fault_set(f, FAULT_BUG,
		    "cannot make the seccomp filter");
	return 0;
}

/* ---- both ---- */

int
sandbox_enter(unsigned int *missing, struct fault *f)
{
	unsigned int files, calls;

	if (sandbox_files(&files, f) == -1 || sandbox_calls(&calls, f) == -1)
		return -1;
	*missing = files | calls;
	return 0;
}
