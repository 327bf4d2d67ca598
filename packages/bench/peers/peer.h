// SPDX-License-Identifier: Apache-2.0
/* What the peers share: a clock, rounds in turn with our side, and results as one JSON line each. */
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static inline uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Time spent outside of the kernel: see exact-rusage.c. */
static inline double user_ms(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_utime.tv_sec * 1000.0 + usage.ru_utime.tv_usec / 1000.0;
}

/* A round begins when a byte can be read; there are no more when the input ends. */
static inline int begin_round(void)
{
	char go;

	return read(STDIN_FILENO, &go, 1) == 1;
}

/* And ends with an empty line. */
static inline void end_round(void)
{
	puts("");
	fflush(stdout);
}

static inline void report(const char *name, double value)
{
	printf("{\"name\":\"%s\",\"value\":%.6g}\n", name, value);
}

#define MUST(condition) \
	do { \
		if (!(condition)) { \
			perror(#condition); \
			exit(1); \
		} \
	} while (0)
