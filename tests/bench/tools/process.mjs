// What the system says of a process.
import { readFileSync, readdirSync } from 'node:fs'

/** Seconds of CPU that all threads of a process took so far. */
export function cpuSeconds(pid) {
    const tasks = readdirSync(`/proc/${pid}/task`)
    const took = (task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0])
    return tasks.reduce((sum, task) => sum + took(task), 0) / 1e9
}

/** Bytes of memory that a process has to itself: its heaps, stacks and data, not the files it is made of. */
export function memoryOf(pid) {
    return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/^RssAnon:\s+(\d+) kB$/m)[1]) * 1024
}
