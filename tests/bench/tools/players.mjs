// Players of the arena in Node, on the client package, over one transport and a delaying road (toll.mjs): prints
// what they saw and what went by, as one line of JSON.
//     players.mjs PORT TRANSPORT COUNT SECONDS DELAY_MS PID CORE SETTLE_S
// A tick counts as published when somebody who sits beside the server, over WebSocket, would have its frame.
import { readFileSync } from 'node:fs'
import { WebSocket } from 'ws'
import { connect, memoryStore } from '../../../protocol/js/index.js'
import { EventSource } from '../../unit/js/event-source.mjs'
import { cpuSeconds, memoryOf } from './process.mjs'
import { Toll } from './toll.mjs'

const [port, way, count, seconds, delay, pid, core, settle] = process.argv.slice(2).map((word) => (/^[\d.]+$/.test(word) ? Number(word) : word))
const bytes = readFileSync(core)
const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000))
const LOOK_MS = 1 // how often the age of state is looked at
const STEER_MS = 100
const WAITS = 100 // tenths of a second, for the first frame

const enter = (at, transport) =>
    connect({ url: `ws://127.0.0.1:${at}/play`, game: 'arena', core: bytes, store: memoryStore(), device: '-', transports: [transport], WebSocket, EventSource, world: { storage: null } })

/** Ages at regular moments: of the oldest tick that is published and has not come; 0 if there is none. */
class Age {
    constructor() {
        this.samples = []
        this.last = undefined
    }
    /** All ticks up to this one came now. */
    frame(tick, publishedAt) {
        const now = performance.now()
        if (this.last && tick > this.last.tick) {
            const missing = publishedAt(this.last.tick + 1)
            for (let at = this.last.at + LOOK_MS; at <= now; at += LOOK_MS) this.samples.push(Math.max(0, at - missing))
        }
        this.last = { tick, at: now }
    }
}

/** Flies in a circle of its own. */
function fly(room, index) {
    return setInterval(() => room.state === 'playing' && room.input({ thrust: 8, turn: ((index * 7 + (room.tick >> 5)) % 17) - 8, fire: room.tick % 40 === index % 40 ? 1 : 0, aim: -1 }), STEER_MS)
}

const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]

const toll = await Toll.open(port, delay)
const witness = enter(port, 'websocket')
await witness.ready
let origin = Infinity // when tick 0 would have been published
const tickMs = 1000 / witness.rate
witness.on('frame', () => (origin = Math.min(origin, performance.now() - witness.tick * tickMs)))
await sleep(settle / 3) // the newcomer's rows are in
const empty = memoryOf(pid)

const rooms = Array.from({ length: count }, () => enter(toll.port, way))
await Promise.all(rooms.map((room) => room.ready))
const turns = rooms.map(fly)
await sleep(settle)

const ages = rooms.map((room) => {
    const age = new Age()
    room.on('frame', () => age.frame(room.tick, (tick) => origin + tick * tickMs))
    return age
})
const before = { ...toll.counted, cpu: cpuSeconds(pid), frames: rooms.map((room) => room.stats.frames) }
const began = performance.now()
await sleep(seconds)
for (let left = WAITS; left && !ages.some(({ samples }) => samples.length); left--) await sleep(0.1) // a busy machine, a short run
const took = (performance.now() - began) / 1000
const after = { ...toll.counted, cpu: cpuSeconds(pid), frames: rooms.map((room) => room.stats.frames) }
const memory = memoryOf(pid)
turns.forEach(clearInterval)

const each = (name) => (after[name] - before[name]) / count / took
const samples = ages.flatMap(({ samples }) => samples).sort((a, b) => a - b)
console.log(JSON.stringify({
    playing: rooms.filter((room) => room.state === 'playing' && room.transport === way && room.stats.mismatches === 0).length,
    frames: after.frames.reduce((sum, frames, i) => sum + frames - before.frames[i], 0) / count / took,
    down: each('down'), up: each('up'), requests: each('requests'), cpu: each('cpu'),
    memory: (memory - empty) / count,
    age50: percentile(samples, 0.5), age99: percentile(samples, 0.99),
}))
process.exit()
