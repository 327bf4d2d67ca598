// SPDX-License-Identifier: Apache-2.0
/* libbpf's own time to open and load an object, without the kernel's: ms. Argument: thirty.o */
#include <bpf/libbpf.h>
#include "peer.h"

static double load_ms(const char *path)
{
	double start = user_ms();
	struct bpf_object *object = bpf_object__open_file(path, NULL);

	MUST(object && bpf_object__load(object) == 0);
	double took = user_ms() - start;
	bpf_object__close(object);
	return took;
}

int main(int argc, char **argv)
{
	for (int first = 1; begin_round(); first = 0) {
		report(first ? "first load" : "load", load_ms(argv[1]));
		end_round();
	}
	return 0;
}
