import type { Command } from '@bpf/terminal'
import { explain } from './explain'
import { load } from './load'
import { start } from './start'

/** Every command, in the order of the help. Command files import the heavy packages only when they run. */
export const commands: readonly Command[] = [start, load, explain]
