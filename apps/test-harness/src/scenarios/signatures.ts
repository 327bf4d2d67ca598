import { deepEqual } from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addKey, isSyscallError, Keyring } from '@bpf/sys'
import type { Scenario, ScenarioContext } from '../scenario/types'

const file = 'programs.o'
const program = 'on_xdp'

/** A key of its own, and what it signs. */
class Signer {
  readonly #t: ScenarioContext
  readonly #directory = mkdtempSync(join(tmpdir(), 'bpf-signer-'))

  constructor(t: ScenarioContext) {
    this.#t = t
    t.defer(() => rmSync(this.#directory, { recursive: true }))
    writeFileSync(this.#path('config'), '[req]\ndistinguished_name=dn\n[dn]\n[ext]\nsubjectKeyIdentifier=hash\n')
    const names = ['-subj', '/CN=a signer of programs', '-extensions', 'ext', '-days', '36500']
    this.#openssl('req', '-new', '-x509', '-newkey', 'rsa:2048', '-nodes', ...names, '-keyout', 'key', '-out', 'certificate')
  }

  /** DER */
  certificate(): Uint8Array {
    this.#openssl('x509', '-in', 'certificate', '-outform', 'DER', '-out', 'certificate.der')
    return readFileSync(this.#path('certificate.der'))
  }

  /** PKCS#7, detached. */
  sign(bytes: Uint8Array): Uint8Array {
    writeFileSync(this.#path('bytes'), bytes)
    const names = ['-signer', 'certificate', '-inkey', 'key', '-in', 'bytes', '-outform', 'DER', '-out', 'signature']
    this.#openssl('cms', '-sign', '-binary', '-noattr', '-nocerts', '-md', 'sha256', ...names)
    return readFileSync(this.#path('signature'))
  }

  #path(name: string): string {
    return join(this.#directory, name)
  }

  #openssl(...args: readonly string[]): void {
    const files = new Set(['key', 'certificate', 'certificate.der', 'bytes', 'signature'])
    const config = args[0] === 'req' ? ['-config', this.#path('config')] : []
    this.#t.run('openssl', ...args.map(arg => (files.has(arg) ? this.#path(arg) : arg)), ...config)
  }
}

/** What loading the program with a signature ends with: the kernel's error, or `loaded`. */
function load(t: ScenarioContext, signature: Uint8Array, keyringId: number): string {
  try {
    using object = t
      .open(file)
      .only(program)
      .load({ programs: { [program]: { signature, keyringId } } })
    object.program(program).run()
    return 'loaded'
  } catch (error) {
    for (let cause = error; cause instanceof Error; cause = cause.cause) if (isSyscallError(cause)) return cause.errnoName
    throw error
  }
}

export const signatureScenarios: readonly Scenario[] = [
  {
    name: 'signed programs',
    family: 'load',
    files: [file],
    requires: { features: ['signed program'], commands: ['openssl'] },
    check(t) {
      const signer = new Signer(t)
      const signature = signer.sign(t.open(file).only(program).signedCode(program))
      const { Process, User } = Keyring
      addKey(t.attachContext.sys, { type: 'asymmetric', description: '', payload: signer.certificate(), keyring: Process })
      const ofAnother = signer.sign(t.open(file).only('on_socket').signedCode('on_socket'))
      const byAnother = new Signer(t).sign(t.open(file).only(program).signedCode(program))
      const outcomes = {
        'its own, of a key in the keyring': load(t, signature, Process),
        'its own, of a key in no such keyring': load(t, signature, User),
        'of another program': load(t, ofAnother, Process),
        'of another key': load(t, byAnother, Process),
        'no signature at all': load(t, Uint8Array.of(1, 2, 3, 4), Process),
      }
      deepEqual(outcomes, {
        'its own, of a key in the keyring': 'loaded',
        'its own, of a key in no such keyring': 'ENOKEY',
        'of another program': 'EKEYREJECTED',
        'of another key': 'ENOKEY',
        'no signature at all': 'EBADMSG',
      })
    },
  },
  {
    name: 'maps exclusive to a program',
    family: 'load',
    files: [file],
    requires: { features: ['exclusive map'] },
    check(t) {
      using object = t
        .open(file)
        .only(program)
        .load({ exclusive: { calls: program } })
      deepEqual(object.program(program).run().returnValue, 2)
      try {
        object.load('on_perf_event').close()
      } catch (error) {
        deepEqual((error as { errno?: unknown }).errno, 'EACCES')
        return
      }
      throw new Error('another program may use the map')
    },
  },
]
