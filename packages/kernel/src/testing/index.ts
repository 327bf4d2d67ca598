export { FakeKernel } from './fake-kernel'
export { compareConstants } from './uapi-constants'
export { compareLayouts } from './uapi-layouts'
