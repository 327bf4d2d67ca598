/** Since which kernel a feature is there, and which options of the kernel it needs. */
interface FeatureFact {
  readonly since: string
  /** Options; any of those that are separated by `|`. */
  readonly kconfig?: readonly string[]
}

const trampoline = ['CONFIG_DEBUG_INFO_BTF', 'CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS']

/** What scenarios may ask for by name. A kernel that is new enough and has the options must have the feature. */
export const features = {
  kprobe: { since: '4.1', kconfig: ['CONFIG_KPROBES', 'CONFIG_KPROBE_EVENTS'] },
  'kprobe event source': { since: '4.17', kconfig: ['CONFIG_KPROBES', 'CONFIG_KPROBE_EVENTS'] },
  'kprobe.multi': { since: '5.18', kconfig: ['CONFIG_KPROBES', 'CONFIG_FPROBE'] },
  'kprobe.session': { since: '6.10', kconfig: ['CONFIG_KPROBES', 'CONFIG_FPROBE'] },
  uprobe: { since: '4.3', kconfig: ['CONFIG_UPROBES', 'CONFIG_UPROBE_EVENTS'] },
  'uprobe event source': { since: '4.17', kconfig: ['CONFIG_UPROBES', 'CONFIG_UPROBE_EVENTS'] },
  'uprobe.multi': { since: '6.6', kconfig: ['CONFIG_UPROBES'] },
  'uprobe sleepable': { since: '6.0', kconfig: ['CONFIG_UPROBES'] },
  'uprobe.session': { since: '6.13', kconfig: ['CONFIG_UPROBES'] },
  tracepoint: { since: '4.7', kconfig: ['CONFIG_TRACEPOINTS'] },
  'raw tracepoint': { since: '4.17', kconfig: ['CONFIG_TRACEPOINTS'] },
  'raw tracepoint link': { since: '6.10', kconfig: ['CONFIG_TRACEPOINTS'] },
  'raw tracepoint, writable': { since: '5.2', kconfig: ['CONFIG_TRACEPOINTS'] },
  tp_btf: { since: '5.5', kconfig: ['CONFIG_DEBUG_INFO_BTF'] },
  'perf link': { since: '5.15' },
  'perf event': { since: '4.9', kconfig: ['CONFIG_PERF_EVENTS'] },
  'attach cookie': { since: '5.15' },
  'tracing link': { since: '6.0', kconfig: trampoline },
  fentry: { since: '5.5', kconfig: trampoline },
  fmod_ret: { since: '5.7', kconfig: trampoline },
  fsession: { since: '7.0', kconfig: trampoline },
  'tracing multi': { since: '7.2', kconfig: trampoline },
  lsm: { since: '5.7', kconfig: [...trampoline, 'CONFIG_BPF_LSM'] },
  'lsm sleepable': { since: '5.11', kconfig: [...trampoline, 'CONFIG_BPF_LSM'] },
  'lsm cgroup': { since: '6.0', kconfig: [...trampoline, 'CONFIG_BPF_LSM'] },
  iter: { since: '5.8', kconfig: ['CONFIG_DEBUG_INFO_BTF'] },
  'iter parameters': { since: '6.1', kconfig: ['CONFIG_DEBUG_INFO_BTF'] },
  freplace: { since: '5.6', kconfig: ['CONFIG_DEBUG_INFO_BTF'] },
  'freplace link': { since: '5.10', kconfig: ['CONFIG_DEBUG_INFO_BTF'] },
  xdp: { since: '4.12' },
  'xdp link': { since: '5.9' },
  'xdp frags': { since: '5.18' },
  'devmap program': { since: '5.8' },
  'cpumap program': { since: '5.9' },
  clsact: { since: '4.5', kconfig: ['CONFIG_NET_CLS_BPF', 'CONFIG_NET_SCH_INGRESS'] },
  tcx: { since: '6.6' },
  'tc action': { since: '4.8', kconfig: ['CONFIG_NET_ACT_BPF', 'CONFIG_NET_CLS_MATCHALL', 'CONFIG_NET_SCH_INGRESS'] },
  netkit: { since: '6.7', kconfig: ['CONFIG_NETKIT'] },
  'socket filter': { since: '3.19' },
  reuseport: { since: '4.19' },
  'reuseport migration': { since: '5.14' },
  sk_lookup: { since: '5.9' },
  'flow dissector': { since: '4.20' },
  'netns link': { since: '5.8' },
  sockmap: { since: '4.14', kconfig: ['CONFIG_BPF_STREAM_PARSER|CONFIG_NET_SOCK_MSG'] },
  sk_msg: { since: '4.17' },
  'sk_skb verdict': { since: '5.13' },
  'sockmap link': { since: '6.10', kconfig: ['CONFIG_BPF_STREAM_PARSER|CONFIG_NET_SOCK_MSG'] },
  cgroup: { since: '4.10', kconfig: ['CONFIG_CGROUP_BPF'] },
  'cgroup link': { since: '5.7', kconfig: ['CONFIG_CGROUP_BPF'] },
  'cgroup sock_release': { since: '5.9', kconfig: ['CONFIG_CGROUP_BPF'] },
  'cgroup getname': { since: '5.8', kconfig: ['CONFIG_CGROUP_BPF'] },
  'cgroup unix': { since: '6.7', kconfig: ['CONFIG_CGROUP_BPF'] },
  netfilter: { since: '6.4', kconfig: ['CONFIG_NETFILTER_BPF_LINK'] },
  // Debian has no kernel with it: CONFIG_RC_CORE is a module there, or off, and would have to be built in.
  lirc: { since: '4.18', kconfig: ['CONFIG_BPF_LIRC_MODE2'] },
  lwt: { since: '4.10', kconfig: ['CONFIG_LWTUNNEL_BPF'] },
  'lwt of segment routing': { since: '4.18', kconfig: ['CONFIG_IPV6_SEG6_BPF', 'CONFIG_IPV6_SEG6_LWTUNNEL'] },
  struct_ops: { since: '5.6', kconfig: ['CONFIG_BPF_JIT', 'CONFIG_DEBUG_INFO_BTF'] },
  'struct_ops link': { since: '6.4', kconfig: ['CONFIG_BPF_JIT', 'CONFIG_DEBUG_INFO_BTF'] },
  'module btf': { since: '5.11', kconfig: ['CONFIG_MODULES', 'CONFIG_DEBUG_INFO_BTF_MODULES'] },
  'memory accounting': { since: '5.11' },
  token: { since: '6.9' },
  'program streams': { since: '6.17' },
  'exclusive map': { since: '6.18' },
  'signed program': { since: '6.18', kconfig: ['CONFIG_SYSTEM_DATA_VERIFICATION', 'CONFIG_ASYMMETRIC_PUBLIC_KEY_SUBTYPE'] },
  'indirect jump': { since: '6.19', kconfig: ['CONFIG_BPF_JIT'] },
  'resizable hash': { since: '7.2' },
  'log of any command': { since: '7.2' },
} as const satisfies Readonly<Record<string, FeatureFact>>

export type FeatureName = keyof typeof features

/** Of a feature; wider than what the table's literal types say. */
export function featureFact(name: FeatureName): FeatureFact {
  return features[name]
}
