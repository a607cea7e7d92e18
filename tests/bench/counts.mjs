#!/usr/bin/env node
// What can be counted instead of timed: encodings of a changed row whatever the number of watchers, writes for each
// client and tick, heap allocations on the tick path once everybody is in. Bots play in the arena meanwhile.
import { BOTS, CLIENT_CORE, SERVER_COUNTING, growth, report, say, scale, sleep, start, startServer, stop, until } from './tools/bench.mjs'

const SECONDS = scale(10, 3, 0.5), WARM_UP = scale(5, 2, 1)

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

const server = await startServer({})
const counts = []
for (const clients of [1, 50, 200]) counts.push(await whilePlaying(server, clients))
await server.end()
const counting = await startServer({ binary: SERVER_COUNTING })
const counted = await whilePlaying(counting, 200)
await counting.end()

const rows = [...counts.map(encodes), ...writes(counts.at(-1)), allocations(counted)]
report(
    rows,
    `Counters of /metrics, over ${SECONDS} s in which all bots play in the arena, each with an input a tick and a PING a second.\n` +
        'Wanted: 1 encode, at most 1 write, 0 doubled, 0 allocations (these from a build with -Dcount_allocations=true).\n' +
        'It leaves with 1 if a count is another (a tick is allowed for, since counters are not read all at once).',
)

const WANTED = {
    encodes_per_row_tick: (value) => Math.abs(value - 1) < 0.05,
    writes_per_client_tick: (value) => value <= 1 + 1 / (SECONDS * 20),
    writes_doubled: (value) => value === 0,
    allocations_per_tick: (value) => value === 0,
}
for (const row of rows) {
    if (WANTED[row.figure](row.value)) continue
    console.error(`✗ ${row.case}: ${row.figure} is ${row.value}`)
    process.exitCode = 1
}
