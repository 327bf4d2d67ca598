import { readFileSync } from 'node:fs'
import { BpfError } from '@bpf/bytes'
import { type RunResult, runProgram } from '@bpf/loader'
import { getProgInfo, ProgType, snakeName } from '@bpf/sys'
import { ExitCode, type Io, parseCount, toJson, UsageError } from '@bpf/terminal'
import { withKernel } from '../context'
import { writeOutput } from '../output-file'
import { openOne, takeSelector } from '../selector'
import { takePairs } from '../words'
import { printBytes } from './print-bytes'

interface RunWords {
  readonly data: string | undefined
  readonly ctx: string | undefined
  readonly repeat: string | undefined
  readonly 'data-out': string | undefined
  readonly 'ctx-out': string | undefined
}

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: RunWords & { readonly json: boolean }
  readonly io: Io
}

/** `bpf prog run SELECTOR`: BPF_PROG_TEST_RUN. */
export function runProgRun({ positionals, options: given, io }: Invocation): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'prog', io)
  const { dataRoom, ...words } = bpftoolWords(rest)
  const options = { ...given, ...words }
  const input = {
    dataRoom,
    data: options.data === undefined ? undefined : readBytes(options.data, '--data', io),
    context: options.ctx === undefined ? undefined : readBytes(options.ctx, '--ctx', io),
    repeat: options.repeat === undefined ? undefined : parseCount(options.repeat, 'repeat'),
  }
  return withKernel(context => {
    using program = openOne(context, 'prog', selector)
    const { type, name } = getProgInfo(context.sys, program.fd)
    const result = runProgram(context.sys, { type, name, fd: program.fd }, input)
    if (options.json) io.out(toJson(documentOf(type, result)))
    else printResult(type, result, io)
    if (options['data-out'] !== undefined) writeOutput(options['data-out'], result.data, io)
    if (options['ctx-out'] !== undefined) writeOutput(options['ctx-out'], result.context, io)
    return ExitCode.Ok
  })
}

/** What bpftool has behind the program: `data_in FILE data_out FILE ctx_in FILE repeat 10`; files are `-` for stdin there. */
function bpftoolWords(words: readonly string[]): Partial<RunWords> & { readonly dataRoom?: number } {
  const found: { -readonly [K in keyof RunWords]?: string } & { dataRoom?: number } = {}
  takePairs(words, {
    data_in: file => (found.data = `@${file}`),
    data_out: file => (found['data-out'] = file),
    data_size_out: size => (found.dataRoom = parseCount(size, 'data_size_out')),
    ctx_in: file => (found.ctx = `@${file}`),
    ctx_out: file => (found['ctx-out'] = file),
    // The context comes back whole in any case.
    ctx_size_out: () => {},
    repeat: count => (found.repeat = count),
  })
  return found
}

/** `0a0b0c`, spaces and colons between bytes allowed; `@FILE` for a file's contents. @throws UsageError, BpfError */
function readBytes(text: string, option: string, io: Io): Uint8Array {
  if (text.startsWith('@')) {
    try {
      return new Uint8Array(readFileSync(text === '@-' ? 0 : io.resolvePath(text.slice(1))))
    } catch (cause) {
      throw new BpfError('ERR_BPF_FILE', `${text.slice(1)} cannot be read`, { cause })
    }
  }
  const hex = text.replace(/[\s:]/g, '')
  if (!/^(?:[0-9a-fA-F]{2})+$/.test(hex)) throw new UsageError(`${option} ${text}: not bytes in hex`, 'write 0a0b0c, or @FILE')
  return Uint8Array.from(hex.match(/../g) ?? [], byte => Number.parseInt(byte, 16))
}

/** enum xdp_action, and TC_ACT_* of linux/pkt_cls.h. */
const verdicts: Readonly<Record<number, readonly string[]>> = {
  [ProgType.Xdp]: ['XDP_ABORTED', 'XDP_DROP', 'XDP_PASS', 'XDP_TX', 'XDP_REDIRECT'],
  [ProgType.SchedCls]: [
    'TC_ACT_OK',
    'TC_ACT_RECLASSIFY',
    'TC_ACT_SHOT',
    'TC_ACT_PIPE',
    'TC_ACT_STOLEN',
    'TC_ACT_QUEUED',
    'TC_ACT_REPEAT',
    'TC_ACT_REDIRECT',
  ],
}

function documentOf(type: number, { returnValue, duration, data, context }: RunResult) {
  return {
    type: snakeName(ProgType, type),
    returnValue,
    verdict: verdicts[type]?.[returnValue] ?? null,
    durationNs: duration,
    data,
    context,
  }
}

/** What the program returned, and what it left. */
export function printResult(type: number, { returnValue, duration, data, context }: RunResult, io: Io): void {
  const verdict = verdicts[type]?.[returnValue]
  io.out(`returned ${returnValue}${verdict === undefined ? '' : ` (${verdict})`} in ${duration} ns`)
  printSection('packet', data, io)
  printSection('context', context, io)
}

function printSection(title: string, bytes: Uint8Array, io: Io): void {
  if (bytes.byteLength === 0) return
  io.out(`${title} afterwards, ${bytes.byteLength} bytes`)
  printBytes(bytes, io)
}
