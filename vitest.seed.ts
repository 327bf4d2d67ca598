import fc from 'fast-check'

/**
 * Property tests and fuzzing look somewhere else each time on a developer's machine and in the nightly run. A change is judged by
 * what it changes: there, FUZZ_SEED makes every run the same.
 */
const { process } = globalThis as { process?: { readonly env: Readonly<Record<string, string | undefined>> } }
// In a browser the environment is what Vite hands to the page.
const seed = process?.env['FUZZ_SEED'] ?? (import.meta as { env?: { FUZZ_SEED?: string } }).env?.FUZZ_SEED
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) })
