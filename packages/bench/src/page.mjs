import { cpus, release } from 'node:os'

/** Written by hand, from profiles: how the rows of loading come about, and what stands behind those that miss their goal. */
const notes = `## What loading is measured by

The time that the loading thread runs outside of system calls, from the object's bytes in memory to the last bpf(2) call. It is
taken alike on both sides, by a library that is preloaded (\`packages/bench/peers/exact-rusage.c\`): the kernel's own division into
user and system time is a guess from clock ticks 4 ms apart. Page faults count as the thread's. Each of ours loads eleven times with
a new \`Context\`, and the first is a row of its own, then ten times with one that has indexed the kernel's BTF; a libbpf that loads
again keeps what it found out about the kernel, while a new \`Context\` asks anew. The rows "of all threads" add what V8 does beside the loading thread: it compiles and collects, nobody waits for it,
but it is work all the same.

## What limits them

- They vary with the processor. On this one a system call takes three times as long as on the Intel Xeon where these figures were
  taken before, memory is faster, and the host changes its speed by a third from one second to the next. There it was:
  map lookup 1.26, update 1.25, dump 1.91, ring buffer 0.92 of libbpf, 4.9 M decoded records a second, \`bpf --version\` 24 ms.
- Map operations: what is added to the system call is the way out of JavaScript and back: 200 to 250 ns here, of which 120 remain where
  there is no system call between the ways: likely the kernel's defences make the processor forget where branches went.
- Ring buffer, raw: half a million fresh records are 36 MB, so memory decides: a loop over headers alone, without any callback,
  is no faster than our consumer.
- Ring buffer, decoded: what \`events()\` delivers. Four 64-bit numbers, an array and an object make 250 bytes a record, its turn of
  \`for await\` 350. The engine's part of a turn is 80 to 150 ns here, decoding 60 to 110: the same code reads 2.7 or 4 million a
  second from one second to the next, while pure arithmetic takes the same time throughout, as on a core whose other thread is at times
  somebody else's. \`batches()\` hands out arrays: half the memory, and a turn for up to a thousand records.
- Loading: the first of a process pays the JavaScript engine, which reads our code when it first runs, and runs it slowly then. After
  that, more than half of a load is the index of the kernel's 126,000 types and of the names among them, which a second object of the
  same \`Context\` finds there. From Linux 6.16 on, the kernel's BTF is mapped; before, reading it takes a system call a page, on
  both sides.
- The index of a new process: 3 ms pass until the engine has compiled the loop over the types, and 2 ms are the first calls of some
  forty functions, each of which it has to read. Node 24 and 26 are a quarter faster than Node 20, whose time stands above.
- \`bpf --version\` answers before the commands are loaded; 9 ms are what Node takes for a module of nothing.
`

export function table(results) {
  const rows = results.map(r => [
    r.title,
    `${r.ours} ${r.unit}`,
    r.peer === null ? '-' : `${r.peer} ${r.unit}`,
    r.ratio === null ? '-' : String(r.ratio),
    r.goal === null ? '-' : `${r.better === 'smaller' ? '≤' : '≥'} ${r.goal}${r.ratio === null ? ` ${r.unit}` : ''}`,
    r.goal === null ? '-' : r.met === null ? '?' : r.met ? 'yes' : 'no',
  ])
  const header = ['measure', 'ours', 'libbpf (C)', 'ratio', 'goal', 'met']
  return [header, header.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')
}

/** docs/performance.md. `pairs`: of processes. */
export function page(results, pairs) {
  return `# Performance

Written by \`pnpm bench --write\`. Both sides of a row run at the same time and take turns, round by round, each waiting while the other
works; a ratio is the median of the ratios of all rounds of ${pairs} pairs of processes, and the figures of each side are medians of the
same rounds. The peers are C programs of our own on libbpf (\`packages/bench/peers\`). Trust ratios, not single figures.

${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} CPUs, Linux ${release()}, Node ${process.versions.node}.

${table(results)}

${notes}`
}
