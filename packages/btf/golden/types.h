#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
#endif

#ifndef __ksym
#define __ksym __attribute__((section(".ksyms")))
#endif

#ifndef __weak
#define __weak __attribute__((weak))
#endif

#ifndef __bpf_fastcall
#if __has_attribute(bpf_fastcall)
#define __bpf_fastcall __attribute__((bpf_fastcall))
#else
#define __bpf_fastcall
#endif
#endif

struct tree {
	struct node *root;
	struct tree *parent;
};

struct node {
	struct node *next;
	struct tree tree;
};

typedef unsigned long long u64;

struct same {
	int one;
};

typedef short alias;

struct same___2 {
	char two;
};

typedef char alias___2;

typedef char ALPHA;

struct declarators {
	const char * const constant_pointer;
	volatile int * const *pointers[2];
	int matrix[2][3][4];
	int (*pointer_to_array)[4];
	int (*function)(int, const char *, ...);
	void (*no_parameters)(void);
	int (*table[3])(void *);
	int (*(*returns_function)(char))(int);
	char (*(*returns_array)(void))[8];
	void (*takes_function)(int (*)(const void *, const void *), void * restrict);
	int flexible[0];
};

struct only_in_prototype;

enum color_later;

typedef int function_type(struct only_in_prototype *, enum color_later *);

typedef function_type *function_pointer;

typedef unsigned int u32;

typedef u32 triple[3];

struct uses_typedefs {
	function_type *direct;
	function_pointer indirect;
	const triple constant_array;
};

typedef struct list list_t;

struct later;

struct list {
	list_t *next;
	void (*visit)(list_t *, struct later *);
};

struct later {
	struct list embedded;
};

typedef struct {
	struct holder *owner;
} nameless_t;

struct holder {
	nameless_t inside;
	struct {
		struct later by_value;
	} *behind_pointer;
};

enum opaque_enum;

struct opaque_parameter;

struct pointers_to_opaque {
	struct opaque *a;
	union opaque_union *b;
	enum opaque_enum *c;
	void (*d)(struct opaque_parameter *);
};

struct opaque;

union opaque_union;

enum color {
	RED = 0,
	GREEN = 5,
	BLUE = 2147483648,
};

enum sign {
	MINUS = -1,
	PLUS = 1,
};

enum wide {
	SMALL = 1ULL,
	LARGE = 18446744073709551615ULL,
};

enum wide_signed {
	LOWEST = -9223372036854775807LL - 1,
};

enum byte {
	BYTE_ZERO = 0,
	BYTE_ONE = 1,
} __attribute__((mode(QI)));

enum half {
	HALF_ZERO = 0,
	HALF_ONE = 1,
} __attribute__((mode(HI)));

enum word {
	WORD_ZERO = 0LL,
	WORD_ONE = 1LL,
} __attribute__((mode(DI)));

struct nameless_enum {
	enum {
		IDLE = 0,
		BUSY = 1,
	} state;
};

typedef unsigned char u8;

typedef unsigned short u16;

struct bitfields {
	u8 first;
	u32 a: 3;
	u32 b: 5;
	char: 7;
	u32 c: 9;
	u16 d;
	u64 e: 33;
	u64 f: 31;
	int negative: 4;
	_Bool flag: 1;
	enum color color: 3;
	char: 8;
	short: 16;
	u32 g: 1;
};

struct bitfields_packed {
	u8 first: 3;
	u32 across: 31;
	u64 further: 61;
} __attribute__((packed));

struct holes {
	char a;
	long b;
	short c;
	struct {
		char d;
		int e;
	};
	char f;
};

struct packed {
	char a;
	long b;
	short c;
} __attribute__((packed));

struct packed_aligned {
	char a;
	int b;
	char: 8;
	short: 16;
} __attribute__((packed));

struct aligned {
	char a;
	char: 8;
	short: 16;
	int: 32;
	long: 64;
	long: 64;
	long: 64;
	char b;
	char: 8;
	short: 16;
	int: 32;
	long: 64;
	long: 64;
	long: 64;
};

struct inside_aligned {
	int before;
	int: 32;
	long: 64;
	long: 64;
	long: 64;
	struct aligned inside;
	char after;
	char: 8;
	short: 16;
	int: 32;
	long: 64;
	long: 64;
	long: 64;
};

struct packed_around_natural {
	char a;
	struct holes inside;
} __attribute__((packed));

union padded {
	int a;
	char b[5];
	struct { long: 64; long: 64; long: 64; long: 64; };
};

union packed_union {
	long a;
	char b[9];
} __attribute__((packed));

struct large {
	__int128 a;
	char b;
	unsigned __int128 c;
};

struct large_off_place {
	long a;
	__int128 b;
} __attribute__((packed));

struct empty {};

struct with_empty {
	int a;
	struct empty b;
	char c[0];
	int d;
};

struct nested {
	union {
		struct {
			u32 low;
			u32 high;
		};
		u64 both;
		union {
			float single;
			double twice;
		} real;
	};
	struct {
		int x;
		int y;
	} points[4];
	u8 tail[0];
};

struct tagged {
	int __attribute__((btf_type_tag("user"))) *plain;
	const char __attribute__((btf_type_tag("user"))) *constant;
	struct node __attribute__((btf_type_tag("rcu"))) * __attribute__((btf_type_tag("user"))) *two;
};

struct task {
	int pid;
};

struct task___v2 {
	long pid;
};

struct task___v2___suffix {
	short pid;
};

union same___3 {
	int three;
};

struct before_scope {
	union same___3 member;
};

#ifndef BPF_NO_KFUNC_PROTOTYPES
extern struct node *bpf_example_acquire(struct node *from, u64 flags) __weak __ksym;
extern __bpf_fastcall u64 bpf_example_fast(void) __weak __ksym;
#endif

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

#endif /* __VMLINUX_H__ */
