import { Cursor, decodeCString } from '@bpf/bytes'
import { ObjectError } from '../object-error'
import { contentsOf, type ObjectFile, sectionsWithRole } from './object-file'

/** The text of section `license`; empty without one. @throws ObjectError, ElfError */
export function readLicense(file: ObjectFile): string {
  const section = sectionsWithRole(file, 'license').at(-1)
  if (section === undefined) return ''
  const bytes = contentsOf(file, section)
  if (bytes.length > 0) return decodeCString(bytes)
  throw new ObjectError('ERR_BPF_OBJECT_LICENSE', 'section license is empty', {
    section: section.name,
    hint: 'Write char _license[] SEC("license") = "GPL";',
  })
}

/** The kernel version in section `version`; 0 without one. @throws ObjectError, ElfError */
export function readVersion(file: ObjectFile): number {
  const section = sectionsWithRole(file, 'version').at(-1)
  if (section === undefined) return 0
  const bytes = contentsOf(file, section)
  if (bytes.length === 4) return new Cursor(bytes, { littleEndian: file.littleEndian, context: 'section version' }).u32()
  throw new ObjectError('ERR_BPF_OBJECT_VERSION', `section version has ${bytes.length} bytes, must be 4`, {
    section: section.name,
    hint: 'Write __u32 _version SEC("version") = 0; kernels since 5.0 ignore it.',
  })
}
