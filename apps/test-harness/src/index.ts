export type { KernelReport, Report, Result, RunEvent } from './results'
export type { FeatureName } from './scenario/features'
export { scenario } from './scenario/scenario'
export type {
  NamedTarget,
  Requirements,
  Scenario,
  ScenarioContext,
  TestCgroup,
  TestEnd,
  TestNetwork,
  VictimContext,
  VictimEnd,
} from './scenario/types'
