export { compareConstants } from './uapi-constants'
export { compareLayouts } from './uapi-layouts'
