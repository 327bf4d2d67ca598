/** Exit codes, as documented in the help. */
export const ExitCode = {
  Ok: 0,
  Failed: 1,
  Usage: 2,
  RejectedByVerifier: 3,
  /** A privilege or a kernel feature is missing. */
  Unavailable: 4,
  Interrupted: 130,
} as const
