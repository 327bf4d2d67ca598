import type { Scenario } from '../scenario/types'
import { cgroupScenarios } from './cgroup'
import { freplaceScenarios } from './freplace'
import { headerScenarios } from './header'
import { iterScenarios } from './iter'
import { killedScenarios } from './killed'
import { kprobeScenarios } from './kprobe'
import { kprobeNameScenarios } from './kprobe-names'
import { legacyScenarios } from './legacy'
import { lircScenarios } from './lirc'
import { loadingScenarios } from './loading'
import { mapTypeScenarios } from './map-types'
import { memoryLimitScenarios } from './memory-limit'
import { netkitScenarios } from './netkit'
import { networkScenarios } from './network'
import { orderScenarios } from './order'
import { perfEventScenarios } from './perf-event'
import { profileScenarios } from './profile'
import { redirectMapScenarios } from './redirect-map'
import { reuseportScenarios } from './reuseport'
import { signatureScenarios } from './signatures'
import { socketScenarios } from './socket'
import { streamScenarios } from './streams'
import { tcActionScenarios } from './tc-actions'
import { tracepointScenarios } from './tracepoint'
import { tracingScenarios } from './tracing'
import { tracingMultiScenarios } from './tracing-multi'
import { uprobeScenarios } from './uprobe'
import { xdpDispatcherScenarios } from './xdp-dispatcher'
import { xdpFragsScenarios } from './xdp-frags'

/** Every attach family and every fallback. */
export const bundledScenarios: readonly Scenario[] = [
  ...kprobeScenarios,
  ...kprobeNameScenarios,
  ...uprobeScenarios,
  ...tracepointScenarios,
  ...tracingScenarios,
  ...tracingMultiScenarios,
  ...iterScenarios,
  ...freplaceScenarios,
  ...perfEventScenarios,
  ...profileScenarios,
  ...streamScenarios,
  ...networkScenarios,
  ...netkitScenarios,
  ...tcActionScenarios,
  ...orderScenarios,
  ...xdpFragsScenarios,
  ...redirectMapScenarios,
  ...xdpDispatcherScenarios,
  ...socketScenarios,
  ...reuseportScenarios,
  ...cgroupScenarios,
  ...headerScenarios,
  ...lircScenarios,
  ...loadingScenarios,
  ...memoryLimitScenarios,
  ...signatureScenarios,
  ...mapTypeScenarios,
  ...legacyScenarios,
  ...killedScenarios,
]
