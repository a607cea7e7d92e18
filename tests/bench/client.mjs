#!/usr/bin/env node
// What a frame costs a client, and what a player loads: the arena's core in WebAssembly takes frames of 50 ships in sight, beside
// @msgpack/msgpack taking the same state as maps by name. And how often a player's own ship is corrected, by round trip.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect, loadCore, memoryStore } from '../../protocol/js/index.js'
import { Core, NEWS } from '../../protocol/js/core.js'
import { Meddler } from '../../protocol/js/meddle.js'
import { Table } from '../../protocol/js/rows.js'
import { readSchema } from '../../protocol/js/schema.js'
import { BUILD, median, report, say, scale, sleep, startServer } from './tools/bench.mjs'

const require = createRequire(new URL('client/package.json', import.meta.url))
const SHIPS = 50, CHANGING = 4 // of 50 in sight with WASD-like steering: each ship 1.6 times a second, at 20 Hz
const TAKES = scale(60000, 10000, 200), ROUNDS = scale(7, 5, 1)
const AIMS = { decode_ns: 1000, ratio: 1 / 30, gzip: 20 * 1024 }
const RTTS = [0, 60, 120, 200], JITTER = 0.2, SETTLE_S = scale(2, 1, 0.3), FLIGHT_S = scale(30, 3, 1)
const core = await loadCore(readFileSync(join(BUILD, 'protocol/wasm/arena.wasm')))

const enter = (server, options) =>
    connect({ url: server.url, game: 'arena', core, transports: ['stream'], store: memoryStore(), world: { storage: null }, ...options })

// ---- MessagePack, as far as frames need it.

function pack(value) {
    if (Array.isArray(value)) return [0xdc, value.length >> 8, value.length & 255, ...value.flatMap(pack)]
    if (value >= -32 && value < 128) return [value & 255]
    return [0xd2, (value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
}
/** A frame of the next tick: changes, enterings. */
const frameOf = (...elements) => Uint8Array.from(pack([34, ...elements]))

// ---- Frames.

/** WELCOME as a server says it to who asks for a lane. */
async function welcome(server, lane) {
    const room = enter(server, { lane })
    const bytes = await new Promise((resolve) => {
        room.meddle = { up: (said, pass) => pass(said), down: (heard) => resolve(heard.slice()) }
    })
    room.drop()
    room.leave()
    return bytes
}

const AT_REST = { x: 8000, y: 8000, vx: 40, vy: 8, health: 100 } // after its first step
const FLYING = { ...AT_REST, vx: 160, vy: 32, thrust: 8 }, TURNS = [-9, 0, 9] // units of heading a tick: a third flies straight on

/** A client in a room of the arena's, with 50 ships in sight. */
function client(bytes, { lane, flies }) {
    const one = new Core(core)
    one.hello(['arena', '', '', '', ''], lane, 0)
    if (one.take(bytes, 0) !== NEWS.welcomed) throw new Error('no WELCOME')
    const { kinds } = readSchema(one)
    const tables = kinds.map((kind) => new Table(one, kind))
    const begun = flies ? FLYING : AT_REST
    const ship = (i) => ({ ...begun, x: begun.x + i * 100, turn: flies ? TURNS[i % TURNS.length] : 0 })
    const values = (i) => kinds[0].fields.map(({ name, min, max }) => ship(i)[name] ?? Math.min(max, Math.max(min, 0)))
    const enterings = Array.from({ length: SHIPS }, (_, i) => [0, 0, ...values(i)]).flat()
    if (one.take(frameOf([], enterings), 0) !== NEWS.frame) throw new Error('no frame')
    return { one, tables, fields: kinds[0].fields }
}

/** Two frames in which `changing` ships lose some of a field and get it back: health, told to all lanes, moves nothing; turn does. */
function swinging(fields, changing, what) {
    const mask = 1 << fields.findIndex(({ name }) => name === what)
    const gap = Math.floor(SHIPS / changing) - 1
    const frame = (by) => frameOf(Array.from({ length: changing }, (_, i) => [i ? gap : 0, mask, by]).flat())
    return [frame(-1), frame(1)]
}

/** Nanoseconds of this process so far: of the CPU, so that others on the machine count little. (How much of it is the user's
 *  the kernel only guesses, by its ticks: for a short while that may be none.) */
function spent() {
    const { user, system } = process.cpuUsage()
    return (user + system) * 1000
}

/** Nanoseconds for each of many takes, and bytes of garbage. `read`: all rows are looked at after each, and so moved on to its tick. */
function take({ one, tables }, frames, read) {
    const heap = process.memoryUsage().heapUsed, began = spent()
    for (let i = 0; i < TAKES; i++) {
        if (one.take(frames[i & 1], i) !== NEWS.frame) throw new Error('a frame was refused')
        for (let k = 0; k < tables.length; k++) tables[k].note(i)
        if (read) tables[0].forward()
    }
    const ns = (spent() - began) / TAKES
    return { ns, garbage: Math.max(0, process.memoryUsage().heapUsed - heap) / TAKES }
}

/** The same state as maps by name. */
function control({ tables: [ships] }, decode, encode) {
    const shown = ships.kind.fields.filter(({ name }) => !/^(turn|thrust|wish)/.test(name)) // other clients are told no more
    const state = Array.from({ length: SHIPS }, (_, slot) => ({ id: slot, ...Object.fromEntries(shown.map((field) => [field.name, ships.value(slot, field)])) }))
    const bytes = encode(state)
    const began = spent()
    for (let i = 0; i < TAKES / 10; i++) decode(bytes)
    return { ns: (spent() - began) / (TAKES / 10), bytes: bytes.length }
}

const CASES = [
    { name: 'frame-50', lane: 2, changing: CHANGING }, { name: 'frame-50-read', lane: 2, changing: CHANGING, read: true }, { name: 'frame-50-all-change', lane: 2, changing: SHIPS },
    { name: 'frame-50-silent', lane: 2, changing: 0 },
    { name: 'frame-50-flying', lane: 2, changing: CHANGING, flies: true }, { name: 'frame-50-flying-read', lane: 2, changing: CHANGING, flies: true, read: true },
    { name: 'frame-50-flying-all-change', lane: 2, changing: SHIPS, flies: true },
    { name: 'frame-50-linear', lane: 1, changing: CHANGING }, { name: 'frame-50-linear-read', lane: 1, changing: CHANGING, read: true },
]

async function decoding(server) {
    const { decode, encode } = require('@msgpack/msgpack')
    const welcomes = { 1: await welcome(server, 1), 2: await welcome(server, 2) }
    return CASES.flatMap((each) => {
        const { name, lane, changing, flies, read } = each
        say(`decoding ${name}`)
        const rounds = Array.from({ length: ROUNDS }, () => {
            const made = client(welcomes[lane], each)
            const frames = changing ? swinging(made.fields, changing, flies ? 'turn' : 'health') : [frameOf(), frameOf()]
            take(made, frames, read) // warm
            return { ...take(made, frames, read), control: control(made, decode, encode), bytes: frames[0].length }
        })
        const of = (figure) => median(rounds.map(figure))
        const row = { value: of(({ ns }) => ns), unit: 'ns', control: of(({ control }) => control.ns), ratio: of(({ ns, control }) => ns / control.ns) }
        return [
            { case: name, figure: 'decode', ...row, aim: AIMS.ratio, bytes: rounds[0].bytes, control_bytes: rounds[0].control.bytes },
            { case: name, figure: 'decode_bytes_allocated', value: Math.round(Math.min(...rounds.map(({ garbage }) => garbage))), unit: 'B', aim: 0 },
        ]
    })
}

// ---- The own ship.

/** One flight at a round trip: in an empty room nothing is in its way. */
async function flight(server, rtt) {
    const room = enter(server, { room: `rtt-${rtt}` })
    const meddler = new Meddler(() => room.drop())
    Object.assign(meddler.wish, { delay: rtt / 2, jitter: rtt * JITTER })
    room.meddle = meddler
    await room.ready
    const steer = setInterval(() => {
        const leg = Math.floor(performance.now() / 600)
        room.input({ thrust: leg % 4 ? 8 : 0, turn: [-8, 0, 8, 3][(leg * 7) % 4], aim: -1, fire: 0 })
    }, 5)
    await sleep(SETTLE_S)
    const before = [...room.core.state]
    await sleep(FLIGHT_S)
    clearInterval(steer)
    const [inputs, mispredicted, corrections, repeated, unused] = room.core.state.subarray(18, 23).map((now, i) => now - before[18 + i])
    room.leave()
    return { rtt, inputs, mispredicted, corrections, repeated, unused }
}

async function flights(server, where) {
    say(`flying${where}`)
    const flown = await Promise.all(RTTS.map((rtt) => flight(server, rtt)))
    return flown.flatMap(({ rtt, inputs, mispredicted, corrections, repeated, unused }) => [
        { case: `rtt-${rtt}${where}`, figure: 'mispredicted_inputs', value: mispredicted, unit: `of ${inputs}`, aim: where ? undefined : 0 },
        { case: `rtt-${rtt}${where}`, figure: 'corrections', value: (corrections * 1000) / inputs, unit: 'per 1,000 inputs', repeated, unused },
    ])
}

// ---- What a player loads.

function sizes() {
    const folder = mkdtempSync(join(tmpdir(), 'tidewire-bundle-'))
    const bundle = fileURLToPath(new URL('../../protocol/js/bundle.mjs', import.meta.url))
    const { status, stderr } = spawnSync(process.execPath, [bundle, folder, join(BUILD, 'protocol/wasm')], { encoding: 'utf8' })
    if (status) throw new Error(stderr)
    const gzip = (name) => statSync(join(folder, `${name}.gz`)).size // as the server hands it out
    const row = (name, value, aim) => ({ case: name, figure: 'client_size_gzip', value, unit: 'B', aim })
    const [glue, arena, dots] = ['sdk.js', 'wasm/arena.wasm', 'wasm/dots.wasm'].map(gzip)
    rmSync(folder, { recursive: true, force: true })
    return [row('glue', glue), row('arena.wasm', arena), row('dots.wasm', dots), row('arena', glue + arena, AIMS.gzip), row('dots', glue + dots, AIMS.gzip)]
}

const calm = await startServer({ rules: { rocks: 0, pickups: 0, computers: 0 } })
const crowded = await startServer({ rules: { computers: 40 } })
const rows = [...(await decoding(calm)), ...(await flights(calm, '')), ...(await flights(crowded, '-crowd')), ...sizes()]
await Promise.all([calm.end(), crowded.end()])
report(rows, `decode: nanoseconds for one frame with ${SHIPS} ships held: what the frame does not name is moved on when it is looked at, or in one go with its anchor
(each ship once in 256 frames, which is in the figure); aim ${AIMS.decode_ns}. frame-50: ${CHANGING} ships change, as with WASD-like steering; all-change: each does; silent: none; linear: for who has not the arena's step; read: all
ships are looked at after each frame. These ships are at rest; flying: all have thrust, and two of three turn.\ncontrol: @msgpack/msgpack, the same state as maps by name.
mispredicted_inputs: of those that came in time, in an empty room; corrections: whatever moved the own ship otherwise than predicted, also in a crowd of 40.
client_size_gzip: ours and all that a player loads beside the page itself.`)
