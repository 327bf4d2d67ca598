import { MapFlag, ProgFlag } from '../constants/flags'
import type { FunctionSpec, MapSpec, ObjectSpec, ProgramSpec } from '../spec'

/** Something about an object, beyond types, helpers and instructions, that older kernels do not take. */
interface ObjectFeature {
  readonly name: string
  /** Undefined when it depends on how a kernel was built. */
  readonly since: string | undefined
  readonly ofMap?: (map: MapSpec) => boolean
  readonly ofProgram?: (program: ProgramSpec) => boolean
  readonly ofFunction?: (fn: FunctionSpec, spec: ObjectSpec) => boolean
}

/** Flags of data sections are ours: a plan leaves out those that a kernel does not know. */
const hasFlag = (flag: number) => (map: MapSpec) => map.origin.kind !== 'data' && (map.flags & flag) !== 0

export const objectFeatures: readonly ObjectFeature[] = [
  { name: 'global variables', since: '5.2', ofMap: ({ origin }) => origin.kind === 'data' },
  { name: 'maps that programs only read (BPF_F_RDONLY_PROG)', since: '5.2', ofMap: hasFlag(MapFlag.RdonlyProg) },
  { name: 'maps in user memory (BPF_F_MMAPABLE)', since: '5.5', ofMap: hasFlag(MapFlag.Mmapable) },
  { name: 'inner maps of any size (BPF_F_INNER_MAP)', since: '5.10', ofMap: hasFlag(MapFlag.InnerMap) },
  { name: 'struct_ops links (BPF_F_LINK)', since: '6.4', ofMap: hasFlag(MapFlag.Link) },
  { name: 'sleepable programs', since: '5.10', ofProgram: ({ flags }) => (flags & ProgFlag.Sleepable) !== 0 },
  { name: 'XDP on packets in fragments', since: '5.18', ofProgram: ({ flags }) => (flags & ProgFlag.XdpHasFrags) !== 0 },
  { name: 'calls of other functions', since: '4.16', ofFunction: fn => fn.references.some(r => r.kind === 'function' && !r.address) },
  { name: 'callbacks', since: '5.13', ofFunction: fn => fn.references.some(r => r.kind === 'function' && r.address) },
  { name: 'indirect jumps', since: '6.19', ofFunction: fn => fn.references.some(r => r.kind === 'jumpTable') },
  {
    name: 'BTF of the kernel, for CO-RE',
    since: undefined,
    ofFunction: fn => fn.coreRelocations.length > 0,
  },
  { name: 'typed kernel variables', since: '5.10', ofFunction: refersToTypedVariable },
]

function refersToTypedVariable({ references }: FunctionSpec, { externs }: ObjectSpec): boolean {
  return references.some(reference => {
    if (reference.kind !== 'extern') return false
    return externs.some(extern => extern.name === reference.extern && extern.kind === 'ksymVariable' && extern.typed)
  })
}
