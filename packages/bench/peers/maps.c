// SPDX-License-Identifier: Apache-2.0
/* Map operations by bare system calls: ns per lookup and update, ms to dump a million entries in batches. */
#include <bpf/bpf.h>
#include <string.h>
#include "peer.h"

enum { OPERATIONS = 300000, ENTRIES = 1000000, BATCH = 4096 };

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

int main(void)
{
	int small = bpf_map_create(BPF_MAP_TYPE_HASH, "small", 4, 8, 1024, NULL);
	int large = bpf_map_create(BPF_MAP_TYPE_HASH, "large", 4, 8, ENTRIES, NULL);

	MUST(small >= 0 && large >= 0);
	for (uint32_t key = 0; key < ENTRIES; key++) {
		uint64_t value = key;
		MUST(bpf_map_update_elem(large, &key, &value, 0) == 0);
	}
	per_operation(small, 1);
	for (int round = 0; round < 5; round++) {
		report("map update", per_operation(small, 1));
		report("map lookup", per_operation(small, 0));
		report("map dump", dump_ms(large));
	}
	return 0;
}
