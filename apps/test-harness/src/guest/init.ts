/** What the guest's kernel starts. Results go over the second serial port, everything else over the first. */
export const initScript = `#!/bin/busybox sh
export PATH=/usr/bin:/bin HOME=/tmp
/bin/busybox mkdir -p /proc /sys /dev /run /tmp /etc /lib/modules
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mount -t bpf bpf /sys/fs/bpf
mount -t tracefs trace /sys/kernel/tracing
mount -t debugfs debug /sys/kernel/debug
mount -t cgroup2 cgroup /sys/fs/cgroup
ln -s /proc/self/fd /dev/fd
ifconfig lo 127.0.0.1 up
sysctl -q -w kernel.printk="4 4 1 7" net.core.bpf_jit_enable=1
while read -r module; do
  insmod "/harness/modules/$module.ko" || echo "module $module cannot be loaded"
done < /harness/modules/order
stty -F /dev/ttyS1 raw -echo
cd /harness
/harness/node --enable-source-maps /harness/start.cjs /harness/job.json 3>/dev/ttyS1 || echo "the runner ended with $?"
sync
poweroff -f
`
