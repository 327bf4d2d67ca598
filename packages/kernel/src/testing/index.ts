export { FakeKernel } from './fake-kernel'
export { withFewDescriptors } from './few-descriptors'
export { compareConstants } from './uapi-constants'
export { compareLayouts } from './uapi-layouts'
