import type { Command } from '@bpf/terminal'
import { corpus } from './corpus'

export const commands: readonly Command[] = [corpus]
