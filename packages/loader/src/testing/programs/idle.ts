import { open } from '../../index'

/**
 * Waits for what does not come: the records of a ring buffer and a perf buffer of `features/producers.o`, the object named first,
 * while the programs of `examples/syscall-count.o`, named second, are attached. Says when it waits.
 */
const [producers = '', counter = ''] = process.argv.slice(2)
const counting = open(counter).set('target_pid', process.pid).load()
counting.attach()
const object = open(producers).load()
const next = [object.records('ring').next(), object.records('perf').next()]
process.stdout.write('waiting\n')
await Promise.race(next)
