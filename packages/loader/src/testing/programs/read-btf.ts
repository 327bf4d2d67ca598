import { parentPort } from 'node:worker_threads'
import { createContext } from '../../index'

/** In a thread: reads the kernel's BTF, posts the size of a type in it, and ends. */
parentPort?.postMessage(createContext().kernel.vmlinuxBtf()?.find('task_struct', 'struct')?.size)
