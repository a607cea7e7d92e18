// The controls of the replication benchmark: the same rows to the same clients at the same ticks, as a trace tells
// (replication/bytes.c writes it), the way others send them. Everything is decoded again and compared.
//   controls.mjs TRACE msgpack|colyseus
import { readFileSync } from 'node:fs'
import { Decoder, Encoder, StateView, schema, t } from '@colyseus/schema'
import { decode, encode } from '@msgpack/msgpack'

const WORLD = 4000, STEPS = 16 // units; steps in one

/** One tick after another: places and headings of all movers, and the sorted rows that each client holds. */
function* ticksOf(path) {
    const file = readFileSync(path)
    const words = new Int32Array(file.buffer, file.byteOffset, file.length / 4)
    const [movers, ticks, clients, heldWords] = words
    for (let tick = 0, at = 4; tick < ticks; tick++) {
        const rows = words.subarray(at, (at += movers * 3))
        const held = Array.from({ length: clients }, () => rowsOf(words.subarray(at, (at += heldWords))))
        yield { tick, movers, rows, held }
    }
}

function rowsOf(words) {
    const rows = []
    words.forEach((word, i) => {
        for (let bits = word >>> 0; bits; bits = (bits & (bits - 1)) >>> 0) rows.push(i * 32 + 31 - Math.clz32(bits & -bits))
    })
    return rows
}

// ---- MessagePack arrays: [tick, [row that left …], [row, x, y] or [row, x, y, heading] …], whole numbers of steps.

class Arrays {
    clients = []

    /** Bytes of one client's message, after what came of it was compared with the truth. */
    send(client, { tick, rows }, held) {
        const mine = (this.clients[client] ??= { before: new Map(), seen: new Map() })
        const left = [...mine.before.keys()].filter((row) => !held.includes(row))
        const told = held.filter((row) => !same(mine.before.get(row), rows, row))
        const entities = told.map((row) => entityOf(row, rows, mine.before.get(row)?.[2] === rows[row * 3 + 2]))
        mine.before = new Map(held.map((row) => [row, [...rows.subarray(row * 3, row * 3 + 3)]]))
        const bytes = encode([tick, left, ...entities])
        receive(mine.seen, bytes)
        compare(mine.seen, mine.before)
        return bytes.length
    }
}

const entityOf = (row, rows, asHeaded) => [row, ...rows.subarray(row * 3, row * 3 + (asHeaded ? 2 : 3))]
const same = (before, rows, row) => before?.every((value, i) => value === rows[row * 3 + i])

function receive(seen, bytes) {
    const [, left, ...entities] = decode(bytes)
    left.forEach((row) => seen.delete(row))
    for (const [row, x, y, heading] of entities) seen.set(row, [x, y, heading ?? seen.get(row)[2]])
}

function compare(seen, truth) {
    if (seen.size !== truth.size) throw new Error(`${seen.size} rows arrived, ${truth.size} are held`)
    for (const [row, values] of truth)
        if (!values.every((value, i) => value === seen.get(row)?.[i])) throw new Error(`row ${row} arrived wrong`)
}

// ---- Colyseus' schema: quantised fields; a StateView for each client, unless all see everything.

Encoder.BUFFER_SIZE = 1 << 20
const turned = process.argv[4] === 'keys' ? 8 : 256 // headings of a full turn
const place = () => t.quantized({ min: 0, max: WORLD, bits: 16, mode: 'wrap' })
const Mover = schema({ x: place(), y: place(), heading: t.quantized({ min: 0, max: turned, bits: 8, mode: 'wrap' }) }, 'Mover')
const Seen = schema({ movers: t.map(Mover).view() }, 'Seen')
const Open = schema({ movers: t.map(Mover) }, 'Open')

class Colyseus {
    constructor({ movers, held }) {
        this.open = held.every((rows) => rows.length === movers)
        this.State = this.open ? Open : Seen
        this.state = new this.State()
        this.encoder = new Encoder(this.state)
        this.movers = Array.from({ length: movers }, (_, row) => {
            const mover = new Mover()
            this.state.movers.set(String(row), mover)
            return mover
        })
        this.clients = held.map(() => ({ view: new StateView(), held: new Set(), decoder: new Decoder(new this.State()) }))
    }

    /** All movers are where they are now; only what differs is set. */
    move({ rows }) {
        this.movers.forEach((mover, row) => {
            const [x, y, heading] = [rows[row * 3] / STEPS, rows[row * 3 + 1] / STEPS, rows[row * 3 + 2]]
            if (mover.x !== x) mover.x = x
            if (mover.y !== y) mover.y = y
            if (mover.heading !== heading) mover.heading = heading
        })
    }

    look(client, rows) {
        const { view, held } = client
        const now = new Set(rows)
        for (const row of held) if (!now.has(row)) view.remove(this.movers[row])
        for (const row of now) if (!held.has(row)) view.add(this.movers[row])
        client.held = now
    }

    /** Bytes of each client's message of this tick; the first one is all of the state. */
    send(tick, first) {
        this.move(tick)
        if (!this.open) this.clients.forEach((client, i) => this.look(client, tick.held[i]))
        const it = { offset: 0 }
        const shared = first ? this.encoder.encodeAll(it) : this.encoder.encode(it)
        const offset = it.offset
        const sizes = this.clients.map((client) => {
            let bytes = shared
            if (!this.open) bytes = first ? this.encoder.encodeAllView(client.view, offset, it) : this.encoder.encodeView(client.view, offset, it)
            client.decoder.decode(bytes)
            return bytes.length
        })
        this.encoder.discardChanges()
        this.clients.forEach((client, i) => this.#compare(client, tick, tick.held[i]))
        return sizes
    }

    #compare({ decoder }, { rows }, held) {
        for (const row of held) {
            const mover = decoder.state.movers.get(String(row))
            const off = mover ? Math.abs(mover.x - rows[row * 3] / STEPS) : Infinity
            if (Math.min(off, WORLD - off) > 1 / STEPS) throw new Error(`row ${row} arrived wrong`)
        }
    }
}

// ----

function measure(path, send) {
    let bytes = 0, rows = 0, first = true
    for (const tick of ticksOf(path)) {
        const sizes = send(tick, first)
        if (!first) sizes.forEach((size, i) => ((bytes += size), (rows += tick.held[i].length)))
        first = false
    }
    return { bytes_per_entity_tick: bytes / rows }
}

const arrays = new Arrays()
let colyseus
const ways = {
    msgpack: (tick) => tick.held.map((held, i) => arrays.send(i, tick, held)),
    colyseus: (tick, first) => (colyseus ??= new Colyseus(tick)).send(tick, first),
}
const [path, way] = process.argv.slice(2)
console.log(JSON.stringify(measure(path, ways[way])))
