/** BPF_OBJ_NAME_LEN without the NUL. */
const MAX_LENGTH = 15
/** What a data section's name takes at least, even if it is shorter (`.bss`), so that names of one object look alike. */
const RESERVED = 7

/** The kernel's name of an ordinary map or program: the first 15 bytes, characters that the kernel refuses replaced. */
export function kernelName(name: string): string {
  return legal(name.slice(0, MAX_LENGTH))
}

/**
 * The kernel's name of a data section's map, as libbpf forms it: as much of the object's name as leaves room for the section's
 * (`my_objec.rodata`), or the section's alone when it has a part of its own (`.rodata.mine`).
 */
export function dataMapKernelName(object: string, section: string): string {
  const suffix = Math.min(Math.max(RESERVED, section.length), MAX_LENGTH)
  const prefix = section.includes('.', 1) ? 0 : MAX_LENGTH - suffix
  return legal(object.slice(0, prefix) + section.slice(0, suffix))
}

function legal(name: string): string {
  return name.replace(/[^A-Za-z0-9_.]/g, '_')
}
