/** What tests of hooks need, also those of the test harness, whose build takes it in; not published by itself. */
export { disown } from './dead-owner'
export { testCgroup } from './test-cgroup'
export { testNetwork } from './test-network'
export { inet, inet6Loopback, TestSocket, unix } from './test-socket'
