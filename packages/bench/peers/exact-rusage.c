// SPDX-License-Identifier: Apache-2.0
/*
 * A getrusage(2) that tells user from system time exactly, preloaded into both sides. The kernel's own guesses from what its
 * clock tick interrupts, every 4 ms: no use for a load that takes 4 ms.
 *
 * System time is the time the calling thread runs inside of system calls, so far as the two sides make them through these
 * functions; user time is the rest that it runs. With RUSAGE_OF=process, the rest that all threads run.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

static _Thread_local uint64_t inside;

static uint64_t cpu_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

#define TIMED(result_type, name, parameters, arguments) \
	result_type name parameters \
	{ \
		static result_type(*real) parameters; \
		if (!real) \
			real = (result_type(*) parameters)dlsym(RTLD_NEXT, #name); \
		uint64_t start = cpu_ns(CLOCK_THREAD_CPUTIME_ID); \
		result_type result = real arguments; \
		inside += cpu_ns(CLOCK_THREAD_CPUTIME_ID) - start; \
		return result; \
	}

TIMED(long, syscall, (long nr, long a, long b, long c, long d, long e, long f), (nr, a, b, c, d, e, f))
TIMED(ssize_t, read, (int fd, void *to, size_t size), (fd, to, size))
TIMED(ssize_t, pread64, (int fd, void *to, size_t size, off_t offset), (fd, to, size, offset))
TIMED(size_t, fread, (void *to, size_t size, size_t count, FILE *file), (to, size, count, file))
TIMED(void *, mmap, (void *at, size_t size, int prot, int flags, int fd, off_t offset), (at, size, prot, flags, fd, offset))
TIMED(void *, mmap64, (void *at, size_t size, int prot, int flags, int fd, off_t offset), (at, size, prot, flags, fd, offset))
TIMED(int, munmap, (void *at, size_t size), (at, size))
TIMED(int, mprotect, (void *at, size_t size, int prot), (at, size, prot))
TIMED(int, madvise, (void *at, size_t size, int advice), (at, size, advice))

static struct timeval timeval_of(uint64_t ns)
{
	return (struct timeval){ .tv_sec = ns / 1000000000, .tv_usec = ns / 1000 % 1000000 };
}

int getrusage(__rusage_who_t who, struct rusage *usage)
{
	const char *of = getenv("RUSAGE_OF");
	int whole = of && strcmp(of, "process") == 0;
	uint64_t system = inside;
	uint64_t user = cpu_ns(whole ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_THREAD_CPUTIME_ID) - system;

	*usage = (struct rusage){ .ru_utime = timeval_of(user), .ru_stime = timeval_of(system) };
	return 0;
}
