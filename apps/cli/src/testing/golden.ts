import { fileURLToPath } from 'node:url'
import type { Io } from '@bpf/terminal'
import stringWidth from 'fast-string-width'
import { expect } from 'vitest'
import { recordingIo } from './recording-io'

/** Compares what is printed with a golden file: on a terminal of so many columns, which no line is wider than, or on a pipe. */
export async function expectGolden(file: URL, columns: number | undefined, print: (io: Io) => void): Promise<void> {
  const { io, out } = recordingIo(columns)
  print(io)
  await expect(`${out.join('\n')}\n`).toMatchFileSnapshot(fileURLToPath(file))
  for (const line of out) expect(stringWidth(line)).toBeLessThanOrEqual(columns ?? Number.POSITIVE_INFINITY)
}
