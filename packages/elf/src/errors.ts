import { BpfError, type BpfErrorOptions } from '@bpf/bytes'

export type ElfErrorCode =
  /** The bytes are something else; the message says what, when it is recognisable. */
  | 'ERR_BPF_NOT_ELF'
  /** A 32-bit ELF file. */
  | 'ERR_BPF_ELF_CLASS'
  | 'ERR_BPF_ELF_HEADER'
  | 'ERR_BPF_ELF_SECTION'
  | 'ERR_BPF_ELF_SEGMENT'
  | 'ERR_BPF_ELF_STRING'
  | 'ERR_BPF_ELF_SYMBOL'
  | 'ERR_BPF_ELF_RELOCATION'
  | 'ERR_BPF_ELF_COMPRESSION'
  | 'ERR_BPF_ELF_NOTE'
  | 'ERR_BPF_ELF_DYNAMIC'
  | 'ERR_BPF_ELF_VERSION'
  /** Several functions answer to one name. */
  | 'ERR_BPF_ELF_AMBIGUOUS_SYMBOL'

export interface ElfErrorOptions extends BpfErrorOptions {
  /** Where in the file, in bytes. */
  readonly offset?: number | undefined
  /** Name of the section that was being read. */
  readonly section?: string | undefined
}

/** For what should be in the file and is past its end. */
export const cutShort = 'the file seems to be cut short: build it, or copy it, once more'

/** Input that is not a well-formed ELF64 file, or a question that its contents leave open. */
export class ElfError extends BpfError {
  override readonly name = 'ElfError'
  declare readonly code: ElfErrorCode
  /** Where in the file, in bytes, when one place is to blame. */
  readonly offset: number | undefined
  readonly section: string | undefined

  constructor(code: ElfErrorCode, message: string, options: ElfErrorOptions = {}) {
    super(code, message, options)
    this.offset = options.offset
    this.section = options.section
  }
}
