import { library } from '../../tsup.shared'

// @bpf/bytes is inlined so that the published package has no dependencies at all.
export default library({ inline: ['@bpf/bytes'] })
