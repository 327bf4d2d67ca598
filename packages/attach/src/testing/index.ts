/** What tests of hooks need, also those of the test harness, whose build takes it in; not published by itself. */
export { kernelTypeId } from './btf-ids'
export { type CountingProgram, type CountingProgramOptions, countingProgram } from './counting-program'
export { redirectingProgram } from './redirecting-program'
export { testCgroup } from './test-cgroup'
export { testNetwork } from './test-network'
export { inet, inet6, inet6Loopback, TestSocket, unix } from './test-socket'
