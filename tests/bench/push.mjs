#!/usr/bin/env node
// What each way to push costs: the same match over WebSocket, HTTP streaming, server-sent events, long polls and
// plain pull, by the same players on the client package, over a road of 25 ms each way. The control is WebSocket.
import { join } from 'node:path'
import { BUILD, CLIENT_CORE, report, run, say, scale, startServer } from './tools/bench.mjs'

const WAYS = ['websocket', 'stream', 'sse', 'poll', 'pull']
const PLAYERS = scale(30, 12, 2), SECONDS = scale(15, 1.5, 0.5), SETTLE_S = scale(3, 1, 0.3), DELAY_MS = 25, RATE = 20, COMPUTERS = 12
const PROGRAM = new URL('tools/players.mjs', import.meta.url).pathname
const CORE = join(BUILD, 'protocol/wasm/arena.wasm')

async function play(way) {
    const server = await startServer({ rules: { computers: COMPUTERS }, more: ['--rate', String(RATE), '--seed', '7'] })
    const words = [server.port, way, PLAYERS, SECONDS, DELAY_MS, server.pid, CORE, SETTLE_S].map(String)
    const told = JSON.parse(await run(CLIENT_CORE, ['node', PROGRAM, ...words]))
    await server.end()
    if (told.playing !== PLAYERS) throw new Error(`${way}: only ${told.playing} of ${PLAYERS} play well`)
    return told
}

const FIGURES = [
    ['bytes_down_per_client_s', 'bytes', ({ down }) => down],
    ['bytes_up_per_client_s', 'bytes', ({ up }) => up],
    ['cpu_per_client', 'us/s', ({ cpu }) => cpu * 1e6],
    ['requests_per_client_s', '1/s', ({ requests }) => requests],
    ['memory_per_client', 'bytes', ({ memory }) => memory],
    ['frames_per_client_s', '1/s', ({ frames }) => frames],
    ['age_p50', 'ms', ({ age50 }) => age50],
    ['age_p99', 'ms', ({ age99 }) => age99],
]

const heard = []
for (const way of WAYS) {
    say(`${way}: ${PLAYERS} players`)
    heard.push([way, await play(way)])
}
const first = heard[0][1]
const rows = FIGURES.flatMap(([figure, unit, pick]) =>
    heard.map(([way, told]) => ({
        case: way, figure, value: pick(told), unit, against: 'websocket', control: pick(first), ratio: pick(first) ? pick(told) / pick(first) : undefined,
    })))
report(rows, `${PLAYERS} players and ${COMPUTERS} computers in one room of the arena, ${RATE} ticks a second, ${2 * DELAY_MS} ms there and back, ${SECONDS} s each, plain HTTP.
Bytes are those of TCP's payload, heads of HTTP and WebSocket included; requests do not count a WebSocket's one. The age of state is looked at each millisecond:
now less when the oldest tick that has not come was published, 0 if all have; it holds the way of 25 ms. Memory: what the server's own grew by.`)
