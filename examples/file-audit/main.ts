/** Every file that is opened, from an LSM hook. Usage: main.ts [UID] */
import { BpfError } from '@bpf/bytes'
import { open } from './object.gen.ts'

const O_ACCMODE = 3
const [uid] = process.argv.slice(2)

try {
  const audit = open()
  if (uid !== undefined) audit.set('target_uid', Number(uid))
  using object = audit.load()
  object.attach()
  console.error('watching; Ctrl-C ends')

  for await (const record of object.records('files')) {
    if (record.kind === 'lost') continue
    const { pid, uid, comm, flags, name } = record.value
    const mode = (flags & O_ACCMODE) === 0 ? 'reads ' : 'writes'
    console.log(`${comm.padEnd(16)} ${pid} of user ${uid} ${mode} ${name}`)
  }
} catch (error) {
  if (!(error instanceof BpfError)) throw error
  // Many kernels have no BPF LSM, and not everybody may use it: the error says which, and what to do.
  console.error(error.message)
  if (error.hint !== undefined) console.error(`hint: ${error.hint}`)
  process.exitCode = 1
}
