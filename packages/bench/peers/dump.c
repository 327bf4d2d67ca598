// SPDX-License-Identifier: Apache-2.0
/* A million entries read in batches: ms. */
#include <bpf/bpf.h>
#include "peer.h"

enum { ENTRIES = 1000000, BATCH = 4096 };

static void fill(int map)
{
	for (uint32_t key = 0; key < ENTRIES; key++) {
		uint64_t value = key;
		MUST(bpf_map_update_elem(map, &key, &value, 0) == 0);
	}
}

static double dump_ms(int map)
{
	static uint32_t keys[BATCH];
	static uint64_t values[BATCH];
	uint32_t in, out, count, seen = 0;
	uint64_t start = now_ns();
	int error, first = 1;

	do {
		count = BATCH;
		error = bpf_map_lookup_batch(map, first ? NULL : &in, &out, keys, values, &count, NULL);
		in = out;
		first = 0;
		seen += count;
	} while (error == 0);
	MUST(seen == ENTRIES);
	return (now_ns() - start) / 1e6;
}

int main(void)
{
	int map = bpf_map_create(BPF_MAP_TYPE_HASH, "large", 4, 8, ENTRIES, NULL);

	MUST(map >= 0);
	fill(map);
	while (begin_round()) {
		report("map dump", dump_ms(map));
		end_round();
	}
	return 0;
}
