import type { Scenario } from '../scenario/types'
import { tracepointScenarios } from './tracepoint'

/** Every attach family and every fallback, a file each family. */
export const bundledScenarios: readonly Scenario[] = [...tracepointScenarios]
