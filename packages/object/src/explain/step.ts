import type { SectionRole } from '../read/section-role'

/**
 * What loading an object comes to, told in the order in which it happens. Plain data: a command prints it, a page shows it.
 * The phases are those of every loader since `load_bpf_file()` of the kernel's samples.
 */
export interface Explanation {
  readonly object: string
  /** The kernel it was explained for. */
  readonly target: string
  readonly steps: readonly ExplainStep[]
}

export type ExplainStep =
  | OpenStep
  | SectionStep
  | LicenseStep
  | FunctionStep
  | MapStep
  | LinkStep
  | ReferenceStep
  | CoreStep
  | CallStep
  | FailureStep
  | AttachStep

/** Phases in order: read the file, create the maps, fill in the instructions, load the programs, attach them. */
export type ExplainPhase = 'read' | 'create' | 'relocate' | 'load' | 'attach'

/** The file is an ELF file for the BPF machine. */
export interface OpenStep {
  readonly phase: 'read'
  readonly kind: 'open'
  /** Bytes. */
  readonly size: number
  readonly littleEndian: boolean
  readonly sections: number
  readonly symbols: number
}

export interface SectionStep {
  readonly phase: 'read'
  readonly kind: 'section'
  readonly index: number
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly role: SectionRole
  /** What it is for, in words. */
  readonly meaning: string
}

export interface LicenseStep {
  readonly phase: 'read'
  readonly kind: 'license'
  readonly license: string
  /** Helpers that are for GPL-compatible programs only can be called. */
  readonly gplCompatible: boolean
  /** KERNEL_VERSION(a, b, c) of section `version`; 0 when absent. */
  readonly version: number
}

/** A symbol of type function: a program, or what programs call. */
export interface FunctionStep {
  readonly phase: 'read'
  readonly kind: 'function'
  readonly name: string
  readonly section: string
  /** Bytes from the start of the section. */
  readonly offset: number
  /** In 8-byte slots. */
  readonly slots: number
  readonly linkage: 'static' | 'global' | 'weak'
  /** Programs that begin with it; undefined for functions that are only called. */
  readonly program: { readonly name: string; readonly type: string; readonly attachType: string | undefined } | undefined
}

/** A map definition, field by field, as the object has it. */
export interface MapStep {
  readonly phase: 'read'
  readonly kind: 'map'
  readonly name: string
  /** Where the definition is from, in words. */
  readonly origin: string
  readonly fields: readonly Field[]
}

/** `{ name: 'type', value: '1', meaning: 'BPF_MAP_TYPE_HASH' }`. */
export interface Field {
  readonly name: string
  readonly value: string
  readonly meaning?: string | undefined
}

/** The code of a program and of all that it calls, one behind the other. */
export interface LinkStep {
  readonly phase: 'relocate'
  readonly kind: 'link'
  readonly program: string
  readonly functions: readonly { readonly name: string; readonly slot: number }[]
  /** Slots of the whole. */
  readonly slots: number
}

/** An instruction that refers to something: as compiled, and as the kernel gets it. */
export interface ReferenceStep extends Place {
  readonly phase: 'relocate'
  readonly kind: 'reference'
  readonly refersTo: string
  readonly before: string
  /** Undefined when the program cannot be planned. */
  readonly after: string | undefined
  readonly explanation: string
}

/** An instruction that depends on the kernel's types. */
export interface CoreStep extends Place {
  readonly phase: 'relocate'
  readonly kind: 'core'
  /** `field byte offset`. */
  readonly question: string
  /** `struct task_struct.pid`. */
  readonly path: string
  readonly access: string
  readonly candidates: readonly {
    readonly name: string
    readonly typeId: number
    readonly where: string
    readonly mismatch: string | undefined
  }[]
  /** Answer for the object's own types. */
  readonly before: bigint | undefined
  /** Answer for the target's; undefined when there is none. */
  readonly after: bigint | undefined
  readonly instructionBefore: string
  readonly instructionAfter: string | undefined
}

/** Where an instruction is. */
export interface Place {
  readonly program: string
  readonly function: string
  /** From the start of the linked program. */
  readonly slot: number
  readonly source: { readonly file: string; readonly line: number; readonly text: string } | undefined
}

/** A system call: `bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH, …})`. */
export interface CallStep {
  readonly phase: 'create' | 'load'
  readonly kind: 'call'
  /** The map or program that it is for. */
  readonly subject: string
  readonly command: string
  /** By the kernel's field names; what is zero is left out. */
  readonly attributes: readonly Field[]
  /** What it is good for. */
  readonly purpose: string
}

/** The plan could not be made for a program. */
export interface FailureStep {
  readonly phase: 'load'
  readonly kind: 'failure'
  readonly program: string
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
}

/** What attaching a program does. */
export interface AttachStep {
  readonly phase: 'attach'
  readonly kind: 'attach'
  readonly program: string
  /** What the section names; undefined when only the caller knows. */
  readonly target: string | undefined
  /** System calls in order, in words. */
  readonly calls: readonly string[]
  /** How the caller says where; undefined when the section does. */
  readonly needs: string | undefined
}
