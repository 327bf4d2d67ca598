import { VerifierError } from '@bpf/loader'
import type { Io } from '@bpf/terminal'

/** What `--verbose` shows above the error: all that the verifier printed. */
export function noteVerifierLog(error: unknown, io: Io): void {
  if (error instanceof VerifierError) io.note(io.style('dim', error.log.trimEnd()))
}
