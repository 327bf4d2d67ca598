// SPDX-License-Identifier: Apache-2.0
/* libbpf's ring buffer consumer on records of 64 bytes: million records a second. Argument: fill-ring.o */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "peer.h"

enum { RECORDS = 500000 };

static uint64_t sum;

static int on_record(void *context, void *data, size_t size)
{
	sum += *(uint64_t *)data;
	return 0;
}

int main(int argc, char **argv)
{
	struct bpf_object *object = bpf_object__open_file(argv[1], NULL);
	LIBBPF_OPTS(bpf_test_run_opts, run);
	struct bpf_map *data;
	const void *wanted;
	size_t size;

	MUST(object && bpf_object__find_map_by_name(object, "records"));
	data = bpf_object__find_map_by_name(object, ".data");
	MUST(data);
	wanted = bpf_map__initial_value(data, &size);
	MUST(wanted && size >= 4);
	*(uint32_t *)wanted = RECORDS;
	MUST(bpf_object__load(object) == 0);

	int program = bpf_program__fd(bpf_object__find_program_by_name(object, "fill"));
	struct ring_buffer *ring = ring_buffer__new(bpf_map__fd(bpf_object__find_map_by_name(object, "records")), on_record, NULL, NULL);

	MUST(ring);
	while (begin_round()) {
		MUST(bpf_prog_test_run_opts(program, &run) == 0);
		uint64_t start = now_ns();
		int count = ring_buffer__consume(ring);
		uint64_t took = now_ns() - start;

		MUST(count == RECORDS);
		report("ring raw", RECORDS * 1e3 / took);
		end_round();
	}
	return sum == 0;
}
