import { DefinitionOrder, type Step } from './c-order'
import { CPrinter } from './c-print'
import { DumpNames, isBuiltIn, standIn } from './dump-names'
import { type Kfunc, kfuncsOf } from './kfuncs'
import { type Btf, BtfKind, type TypeId } from './types'

export interface DumpCOptions {
  /** Only these types and what they need; all, of the base too, if not given. */
  readonly roots?: readonly number[]
  /** Macro against double inclusion; `__VMLINUX_H__` if not given. */
  readonly guard?: string
}

/**
 * All types as a C header, in an order that compiles with `clang -target bpf`: what `bpftool btf dump … format c` calls
 * vmlinux.h. Sizes and offsets come out as they are in BTF, by `packed` and explicit padding where needed. Records get
 * `preserve_access_index` (unless `BPF_NO_PRESERVE_ACCESS_INDEX` is defined), kfuncs prototypes (`BPF_NO_KFUNC_PROTOTYPES`).
 *
 * @throws BtfError if a type is malformed, or cannot be written in C because it contains itself
 */
export function dumpC(btf: Btf, options: DumpCOptions = {}): string {
  const { roots, guard = '__VMLINUX_H__' } = options
  const kfuncs = roots === undefined ? kfuncsOf(btf) : []
  const names = new DumpNames(
    btf,
    kfuncs.map(({ func }) => func.name),
  )
  const printer = new CPrinter(btf, { names, inline: true })
  const order = new DefinitionOrder(btf, isBuiltIn)
  const parts = [prologue(guard)]
  for (const id of roots ?? standAlone(btf)) {
    for (const step of order.stepsTo(id)) parts.push(`${writeStep(btf, step, printer, names)};\n\n`)
    const type = btf.type(id)
    if ('values' in type && type.name === '') parts.push(`${printer.definition(type)};\n\n`)
  }
  if (roots === undefined) parts.push(kfuncPrototypes(kfuncs, printer))
  parts.push(epilogue(guard))
  return parts.join('')
}

/** What is written for its own sake: all that has a name, and enums that nothing contains, which hold constants. */
function standAlone(btf: Btf): TypeId[] {
  const ids: TypeId[] = []
  const contained = containedTypes(btf)
  for (let id = 1; id < btf.endId; id++) {
    const kind = btf.kindOf(id)
    if (!definedKinds.has(kind)) continue
    const isEnum = kind === BtfKind.Enum || kind === BtfKind.Enum64
    if (btf.nameOf(id) !== '' || (isEnum && contained[id] === 0)) ids.push(id as TypeId)
  }
  return ids
}

const definedKinds: ReadonlySet<number> = new Set([
  BtfKind.Struct,
  BtfKind.Union,
  BtfKind.Enum,
  BtfKind.Enum64,
  BtfKind.Fwd,
  BtfKind.Typedef,
])

/** By id, 1 for what another type that is written refers to: a type without a name is written there. */
function containedTypes(btf: Btf): Uint8Array {
  const contained = new Uint8Array(btf.endId)
  for (let id = 1; id < btf.endId; id++) {
    // Functions are four fifths of a kernel's types, and are not written.
    const kind = btf.kindOf(id)
    if (kind === BtfKind.Func || kind === BtfKind.FuncProto) continue
    const type = btf.type(id)
    if ('members' in type) for (const member of type.members) contained[member.type] = 1
    else if ('type' in type) contained[type.type] = 1
  }
  return contained
}

function writeStep(btf: Btf, step: Step, printer: CPrinter, names: DumpNames): string {
  const type = btf.type(step.id)
  if (step.kind === 'declare') return printer.declaration(step.id, '')
  switch (type.kind) {
    case 'typedef': {
      // Old GCC leaves out what this one stands for.
      const target = type.type === 0 && type.name === '__gnuc_va_list' ? `__builtin_va_list ${type.name}` : undefined
      return `typedef ${target ?? printer.declaration(type.type, names.identifier(type))}`
    }
    case 'int':
    case 'float':
      return `typedef ${standIn(type)} ${names.identifier(type)}`
    case 'struct':
    case 'union':
    case 'enum':
    case 'enum64':
      return printer.definition(type)
    default:
      return printer.declaration(step.id, '')
  }
}

function kfuncPrototypes(kfuncs: readonly Kfunc[], printer: CPrinter): string {
  const prototypes = kfuncs.map(({ func, fastcall }) => {
    const attributes = fastcall ? '__bpf_fastcall ' : ''
    return `extern ${attributes}${printer.declaration(func.type, func.name)} __weak __ksym;\n`
  })
  return `#ifndef BPF_NO_KFUNC_PROTOTYPES\n${prototypes.join('')}#endif\n\n`
}

function prologue(guard: string): string {
  return `#ifndef ${guard}
#define ${guard}

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

`
}

function epilogue(guard: string): string {
  return `#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

#endif /* ${guard} */
`
}
