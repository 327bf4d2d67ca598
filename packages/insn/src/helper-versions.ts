import { helperId } from './helpers'

/** The first helper that came with each kernel; ids are given in the order in which helpers are merged. */
const firstHelpers: readonly (readonly [since: string, helper: string])[] = [
  ['3.18', 'bpf_map_lookup_elem'],
  ['4.1', 'bpf_probe_read'],
  ['4.2', 'bpf_tail_call'],
  ['4.3', 'bpf_get_cgroup_classid'],
  ['4.4', 'bpf_redirect'],
  ['4.5', 'bpf_skb_load_bytes'],
  ['4.6', 'bpf_get_stackid'],
  ['4.8', 'bpf_skb_change_proto'],
  ['4.9', 'bpf_current_task_under_cgroup'],
  ['4.10', 'bpf_get_numa_node_id'],
  ['4.11', 'bpf_probe_read_str'],
  ['4.12', 'bpf_get_socket_cookie'],
  ['4.13', 'bpf_set_hash'],
  ['4.14', 'bpf_redirect_map'],
  ['4.15', 'bpf_xdp_adjust_meta'],
  ['4.16', 'bpf_override_return'],
  ['4.17', 'bpf_msg_redirect_map'],
  ['4.18', 'bpf_xdp_adjust_tail'],
  ['4.19', 'bpf_get_local_storage'],
  ['4.20', 'bpf_sk_lookup_tcp'],
  ['5.0', 'bpf_msg_pop_data'],
  ['5.1', 'bpf_spin_lock'],
  ['5.2', 'bpf_skc_lookup_tcp'],
  ['5.3', 'bpf_send_signal'],
  ['5.4', 'bpf_tcp_gen_syncookie'],
  ['5.5', 'bpf_skb_output'],
  ['5.6', 'bpf_tcp_send_ack'],
  ['5.7', 'bpf_read_branch_records'],
  ['5.8', 'bpf_ktime_get_boot_ns'],
  ['5.9', 'bpf_skc_to_tcp6_sock'],
  ['5.10', 'bpf_load_hdr_opt'],
  ['5.11', 'bpf_task_storage_get'],
  ['5.12', 'bpf_check_mtu'],
  ['5.13', 'bpf_for_each_map_elem'],
  ['5.14', 'bpf_sys_bpf'],
  ['5.15', 'bpf_timer_init'],
  ['5.16', 'bpf_get_branch_snapshot'],
  ['5.17', 'bpf_find_vma'],
  ['5.18', 'bpf_get_retval'],
  ['5.19', 'bpf_kptr_xchg'],
  ['6.0', 'bpf_tcp_raw_gen_syncookie_ipv4'],
  ['6.1', 'bpf_ktime_get_tai_ns'],
  ['6.2', 'bpf_cgrp_storage_get'],
]

/**
 * The kernel that a helper came with: `5.8` for bpf_ringbuf_reserve. Programs of some types may call it only since a later one.
 * Undefined for ids that no helper has.
 */
export function helperSince(id: number): string | undefined {
  if (id < 1 || id > lastHelper) return undefined
  return firstHelpers.findLast(([, helper]) => (helperId(helper) ?? Number.POSITIVE_INFINITY) <= id)?.[0]
}

/** The list is closed: newer functions are kfuncs. */
const lastHelper = 211
