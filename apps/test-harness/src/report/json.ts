import type { Report } from '../results'

/** The report as one JSON document: `{kernels: […], results: […]}`; what is unknown is null. */
export function formatJson({ kernels, results }: Report): string {
  return JSON.stringify(
    {
      kernels: kernels.map(({ name, release, runsOn, error, crashes, bootMs, ms, console }) => ({
        name,
        release: release ?? null,
        runsOn,
        error: error ?? null,
        crashes,
        bootMs,
        ms,
        console: console ?? null,
      })),
      results: results.map(({ kernel, scenario, family, program, status, interface: by, reason, ms }) => ({
        kernel,
        scenario,
        family,
        program,
        status,
        interface: by ?? null,
        reason: reason ?? null,
        ms,
      })),
    },
    null,
    2,
  )
}
