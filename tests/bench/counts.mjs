#!/usr/bin/env node
// What can be counted instead of timed: encodings of a changed row whatever the number of watchers, writes for each
// client and tick, heap allocations on the tick path once everybody is in. Bots play in the arena meanwhile. And, of
// many listeners who are told the same, instructions and system calls for each frame.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
    BOTS, CLIENT_CORE, SERVER_COUNTING, TOOLS, growth, metrics, report, say, scale, sleep, start, startListeners, startServer, stop, until,
} from './tools/bench.mjs'

const SECONDS = scale(10, 2, 0.5), WARM_UP = scale(5, 1, 1)
const LISTENERS = 200, TOLD_RATE = 5, TOLD_S = scale(8, 3, 1)

/** Counters' growth while so many bots play, all joined. */
async function whilePlaying(server, clients) {
    const words = ['--url', server.url, '--clients', String(clients), '--seconds', '600', '--ramp', '0.5', '--json']
    say(`${clients} bots`)
    const bots = start(CLIENT_CORE, [BOTS, ...words])
    bots.stdout.resume()
    await until(server, `${clients} bots join`, ({ players }) => players === clients)
    await sleep(WARM_UP)
    const grown = await growth(server, SECONDS)
    if (await stop(bots, 'SIGINT')) throw new Error(`the bots complain: ${bots.words}`)
    await until(server, 'the bots leave', ({ players }) => players === 0)
    return { ...grown, clients }
}

const encodes = ({ clients, rows_encoded, rows_changed }) => ({
    case: `watchers-${clients}`, figure: 'encodes_per_row_tick', value: rows_encoded / rows_changed, unit: 'encodes',
    of: `${rows_encoded} / ${rows_changed}`,
})
const writes = ({ clients, writes, writes_doubled, ticks }) => [
    { case: `clients-${clients}`, figure: 'writes_per_client_tick', value: writes / clients / ticks, unit: 'writes', of: `${writes} / (${clients} × ${ticks})` },
    { case: `clients-${clients}`, figure: 'writes_doubled', value: writes_doubled, unit: 'writes', of: `${ticks} ticks` },
]
const allocations = ({ clients, tick_allocations, ticks }) => ({
    case: `clients-${clients}`, figure: 'allocations_per_tick', value: tick_allocations / ticks, unit: 'allocations', of: `${tick_allocations} / ${ticks}`,
})

/** strace ends a moment after what it runs. */
async function written(file) {
    for (let left = 100; left > 0; left--) {
        const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
        if (text) return text
        await sleep(0.05)
    }
    throw new Error(`nothing was written to ${file}`)
}

/** What `within` writes to a file about a server and 200 listeners, who listen for `seconds` once all are in. */
async function told(within, seconds) {
    const folder = mkdtempSync(join(tmpdir(), 'tidewire-counts-')), file = join(folder, 'counts')
    const server = await startServer({ within: within(file), games: TOOLS, game: 'crowd', more: ['--rate', String(TOLD_RATE)] })
    const listeners = startListeners(server.url, 'crowd')
    await listeners.grow(LISTENERS)
    await sleep(seconds)
    await listeners.end()
    const { frames } = await metrics(server)
    await server.end()
    const text = await written(file)
    rmSync(folder, { recursive: true })
    return { frames, text }
}

/** How much each count grows with a frame: a run in which many are told less one that ends when all are in. */
async function perFrame(within, read) {
    const brief = await told(within, 0), long = await told(within, TOLD_S)
    const frames = long.frames - brief.frames, before = read(brief.text), after = read(long.text)
    const grown = Object.keys(after).map((name) => [name, (after[name] - (before[name] ?? 0)) / frames])
    return { frames, ...Object.fromEntries(grown) }
}

const strace = (file) => ['strace', '-D', '-f', '-c', '-U', 'name,calls', '-o', file]
const callgrind = (file) => ['valgrind', '--tool=callgrind', `--callgrind-out-file=${file}`]
const calls = (text) => Object.fromEntries([...text.matchAll(/^(\w+) +(\d+)$/gm)].map(([, name, count]) => [name, Number(count)]))
const instructions = (text) => ({ instructions: Number(text.match(/^(?:summary|totals): (\d+)/m)[1]) })

async function forEachFrame() {
    say(`${LISTENERS} listeners, their system calls`)
    const { frames, total, sendto, recvfrom, epoll_wait } = await perFrame(strace, calls)
    say(`${LISTENERS} listeners, their instructions`)
    const counted = await perFrame(callgrind, instructions)
    const one = `listeners-${LISTENERS}`
    return [
        { case: one, figure: 'sends_per_frame', value: sendto, unit: 'calls', of: `${frames} frames` },
        { case: one, figure: 'syscalls_per_frame', value: total, unit: 'calls', of: `recvfrom ${recvfrom.toFixed(2)}, epoll_wait ${epoll_wait.toFixed(3)}` },
        { case: one, figure: 'instructions_per_frame', value: counted.instructions, unit: 'instructions', of: `${counted.frames} frames` },
    ]
}

const server = await startServer({})
const counts = []
for (const clients of [1, 50, 200]) counts.push(await whilePlaying(server, clients))
await server.end()
const counting = await startServer({ binary: SERVER_COUNTING })
const counted = await whilePlaying(counting, 200)
await counting.end()

const rows = [...counts.map(encodes), ...writes(counts.at(-1)), allocations(counted), ...(await forEachFrame())]
report(
    rows,
    `Counters of /metrics, over ${SECONDS} s in which all bots play in the arena, each with an input a tick.\n` +
        'Wanted: 1 encode, at most 1 write, 0 doubled, 0 allocations (these from a build with -Dcount_allocations=true).\n' +
        `For each frame: of the whole server under strace and callgrind, ${LISTENERS} listeners of the crowd game, who acknowledge at\n` +
        'once; what a run of some seconds has more than one that ends at once. Wanted: 1 send.\n' +
        'It leaves with 1 if a count is another (a tick is allowed for, since counters are not read all at once).',
)

const WANTED = {
    encodes_per_row_tick: (value) => Math.abs(value - 1) < 0.05,
    writes_per_client_tick: (value) => value <= 1 + 1 / (SECONDS * 20),
    writes_doubled: (value) => value === 0,
    allocations_per_tick: (value) => value === 0,
    sends_per_frame: (value) => Math.abs(value - 1) < 0.01,
    syscalls_per_frame: (value) => value < 3, // one sends, one reads the acknowledgement
    instructions_per_frame: () => true,
}
for (const row of rows) {
    if (WANTED[row.figure](row.value)) continue
    console.error(`✗ ${row.case}: ${row.figure} is ${row.value}`)
    process.exitCode = 1
}
