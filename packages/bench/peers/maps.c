// SPDX-License-Identifier: Apache-2.0
/* Map operations by bare system calls: ns per lookup and update, ms to dump a million entries in batches. */
#include <bpf/bpf.h>
#include <string.h>
#include "peer.h"

enum { ROUNDS = 5, OPERATIONS = 300000, ENTRIES = 1000000, BATCH = 4096 };

static double per_operation(int fd, int update)
{
	uint32_t key = 7;
	uint64_t value = 9;
	uint64_t start = now_ns();

	for (int i = 0; i < OPERATIONS; i++)
		MUST((update ? bpf_map_update_elem(fd, &key, &value, 0) : bpf_map_lookup_elem(fd, &key, &value)) == 0);
	return (double)(now_ns() - start) / OPERATIONS;
}

static double dump_ms(int fd)
{
	static uint32_t keys[BATCH];
	static uint64_t values[BATCH];
	uint32_t in, out, count, seen = 0;
	uint64_t start = now_ns();
	int error, first = 1;

	do {
		count = BATCH;
		error = bpf_map_lookup_batch(fd, first ? NULL : &in, &out, keys, values, &count, NULL);
		in = out;
		first = 0;
		seen += count;
	} while (error == 0);
	MUST(seen == ENTRIES);
	return (now_ns() - start) / 1e6;
}

static void single_operations(void)
{
	int map = bpf_map_create(BPF_MAP_TYPE_HASH, "small", 4, 8, 1024, NULL);

	MUST(map >= 0);
	per_operation(map, 1);
	for (int round = 0; round < ROUNDS; round++) {
		report("map update", per_operation(map, 1));
		report("map lookup", per_operation(map, 0));
	}
}

static void dumps(void)
{
	int map = bpf_map_create(BPF_MAP_TYPE_HASH, "large", 4, 8, ENTRIES, NULL);

	MUST(map >= 0);
	for (uint32_t key = 0; key < ENTRIES; key++) {
		uint64_t value = key;
		MUST(bpf_map_update_elem(map, &key, &value, 0) == 0);
	}
	for (int round = 0; round < ROUNDS; round++)
		report("map dump", dump_ms(map));
}

int main(void)
{
	single_operations();
	dumps();
	return 0;
}
