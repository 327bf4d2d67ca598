// SPDX-License-Identifier: Apache-2.0
/* Map operations by bare system calls: ns per update and lookup. */
#include <bpf/bpf.h>
#include "peer.h"

enum { OPERATIONS = 20000 };

static uint32_t key = 7;
static uint64_t value = 9;

static void updates(int map)
{
	for (int i = 0; i < OPERATIONS; i++)
		MUST(bpf_map_update_elem(map, &key, &value, 0) == 0);
}

static void lookups(int map)
{
	for (int i = 0; i < OPERATIONS; i++)
		MUST(bpf_map_lookup_elem(map, &key, &value) == 0);
}

static double ns_each(void (*work)(int), int map)
{
	uint64_t start = now_ns();

	work(map);
	return (double)(now_ns() - start) / OPERATIONS;
}

int main(void)
{
	int map = bpf_map_create(BPF_MAP_TYPE_HASH, "small", 4, 8, 1024, NULL);

	MUST(map >= 0);
	while (begin_round()) {
		report("map update", ns_each(updates, map));
		report("map lookup", ns_each(lookups, map));
		end_round();
	}
	return 0;
}
