import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { defineCommand, ExitCode, UsageError } from '@bpf/terminal'

/** Compares us with libbpf over a directory of real objects. */
export const corpus = defineCommand({
  name: 'corpus',
  summary: 'read and load every object of a corpus, and compare with what libbpf made of it',
  operands: 'DIR',
  maxOperands: 1,
  options: {
    only: { type: 'string', value: 'TEXT', description: 'only objects whose path contains this' },
    all: { type: 'boolean', description: 'list explained differences and refusals too' },
  },
  examples: ['bpf-test corpus ./corpus', 'bpf-test corpus ./corpus --only libbpf-tools --all'],
  run: async ({ positionals, options, io }) => {
    const directory = positionals[0]
    if (directory === undefined) throw new UsageError('corpus: which directory?', 'it holds baseline.jsonl and objects/')
    const resolved = io.resolvePath(directory)
    if (!existsSync(join(resolved, 'baseline.jsonl'))) throw new UsageError(`${directory} holds no baseline.jsonl`)
    const { runCorpus } = await import('../corpus/run')
    return runCorpus(resolved, options, io) === 0 ? ExitCode.Ok : ExitCode.Failed
  },
})
