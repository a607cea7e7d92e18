// A second reader of the protocol, in plain JavaScript, written from docs/protocol.md alone: the files of this folder
// share no line with the C core, so where both agree the document says what both do. Clear rather than fast. Here is what
// a client keeps: the held set with its rows (row.mjs), events and answers, changed by one message after another.
import { UINT32, UNKNOWN, need } from './elements.mjs'
import { FRAME, read } from './messages.mjs'
import { MASK64, Row } from './row.mjs'
import { TYPE_TEXT, USE_MAY, USE_MUST, USE_NEWEST, readRaw, readWhole } from './schema.mjs'

/** Takes the messages of one conversation, in order; each may throw a Refused. */
export class Client {
    constructor() {
        this.state = 'hello' // then 'playing', then 'over'
    }

    receive(bytes) {
        const message = read(bytes)
        need(message.number >= 16, 'a message for servers', UNKNOWN)
        need(this.state !== 'over', 'a message after BYE')
        if (message.number === 16) this.#welcome(message)
        else if (message.number === FRAME) this.#frame(message)
        else if (message.number === 21) this.#queued(message)
        else Object.assign(this, { state: 'over', bye: message })
        return message
    }

    #queued({ place }) {
        need(this.state === 'hello', 'in line, but WELCOME has come')
        this.place = place
    }

    /** A connection or downlink begins: WELCOME may come (again). */
    begin() {
        if (this.state === 'playing') this.state = 'again'
    }

    /** The hash of all held rows, as it would be stated. */
    hash() {
        let sum = 0n
        for (const row of this.rows.values()) sum = (sum + row.hash()) & MASK64
        return sum || 1n
    }

    #welcome(welcome) {
        need(this.state !== 'playing', 'a second WELCOME')
        if (welcome.kept) return this.#goOn(welcome)
        Object.assign(this, { state: 'playing', welcome, tick: welcome.tick, used: welcome.used, usedTick: 0 })
        this.kinds = welcome.schema.kinds.flatMap((kind) => Array(kind.slots).fill(kind)) // by row number
        this.rows = new Map() // number → Row; what is held
        this.events = [] // { number, record, tick, values }
        this.event = 0 // number of the newest
        this.answers = []
        this.hashes = { right: 0, wrong: 0 }
        this.frames = 0
    }

    /** What is held stays; schema and rules are known. */
    #goOn(welcome) {
        need(this.state === 'again' && welcome.tick === this.tick, 'nothing to go on with')
        const { schema, rules } = this.welcome
        Object.assign(this, { state: 'playing', welcome: { ...welcome, schema, rules }, used: welcome.used })
    }

    #held() {
        return [...this.rows.keys()].sort((a, b) => a - b)
    }

    #frame(frame) {
        if (this.state === 'again') this.state = 'playing' // a downlink that goes on needs no WELCOME
        need(this.state === 'playing', 'a FRAME before WELCOME')
        need(frame.advance > 0 || this.frames === 0, 'a frame that does not advance')
        const base = this.tick
        const now = base + frame.advance
        need(now < UINT32, 'a tick beyond 32 bits')
        need(frame.advance < 65536, 'a frame of more than 65,535 ticks') // a bound on work; the document has none
        if (frame.used) Object.assign(this, { used: this.used + frame.used, usedTick: now - frame.late })
        this.#readEvents(frame.events, now)
        const entered = this.#readHolding(frame, now)
        const held = this.#held()
        const stale = this.#readChanges(frame.stale, held, entered, (list) => {
            const { age, ...entry } = readStale(list)
            need(age <= now, 'a row from before the first tick')
            return { ...entry, sent: now - age }
        })
        const changes = this.#readChanges(frame.changes, held, entered, (list) => {
            const gap = list.whole(-65536, 65536)
            return { gap: gap < 0 ? -1 - gap : gap, usual: gap < 0, sent: now }
        })
        need(changes.size === 0 || now > base, 'changes without a tick')
        for (const [number, row] of this.rows) {
            need(!(stale.has(number) && changes.has(number)), 'a row changed twice')
            const change = stale.get(number) ?? changes.get(number)
            if (entered.has(number)) row.advance(entered.get(number), now)
            else if (change) row.change(change, base, change.sent, now)
            else row.advance(base, now)
        }
        this.tick = now
        this.frames++
        for (const { row } of frame.answers.filter(({ what }) => what === 22)) {
            need(row < this.kinds.length, 'no such row to steer')
            this.own = row
        }
        this.answers.push(...frame.answers)
        if (frame.hash) this.hashes[frame.hash === this.hash() ? 'right' : 'wrong']++
    }

    #readEvents(list, now) {
        while (list.more) {
            const grown = list.uint()
            const record = list.uint()
            const age = list.uint()
            const shape = this.welcome.schema.records[record]
            need(grown > 0, 'two events with one number')
            need(shape && [USE_MUST, USE_MAY, USE_NEWEST].includes(shape.use), 'not an event')
            need(age <= now, 'an event from before the first tick')
            this.event += grown
            this.events.push({ number: this.event, record, tick: now - age, values: readWhole(list, shape.fields) })
        }
    }

    /** Leavings and enterings. Returns the tick that each row that entered stands at, by its number. */
    #readHolding(frame, now) {
        const before = this.#held()
        for (let rank = -1; frame.leavings.more; ) {
            rank += 1 + frame.leavings.uint()
            need(rank < before.length, 'a rank that is not held')
            this.rows.delete(before[rank])
        }
        const entered = new Map()
        for (let number = -1; frame.enterings.more; ) {
            number += 1 + frame.enterings.uint()
            const age = frame.enterings.uint()
            const kind = this.kinds[number]
            need(kind, 'a row number beyond the schema')
            need(!this.rows.has(number), 'a row enters that is held')
            need(age <= 255 && age <= now, 'a row older than its anchor')
            const predicted = kind.predictor && this.welcome.lane ? 2 : 0
            this.rows.set(number, new Row(number, kind, predicted, readWhole(frame.enterings, kind.fields)))
            entered.set(number, now - age)
        }
        return entered
    }

    /** A list of changes, by row number; `sentOf` reads the tick in which each was sent, and whether it is whole. */
    #readChanges(list, held, entered, readEntry) {
        const changes = new Map()
        for (let rank = -1; list.more; ) {
            const { gap, usual, whole, sent } = readEntry(list)
            rank += 1 + gap
            need(rank < held.length, 'a rank that is not held')
            need(!entered.has(held[rank]), 'a row that enters does not change')
            const { kind } = this.rows.get(held[rank])
            const { fields } = kind
            const change = { sent }
            changes.set(held[rank], change)
            if (whole) {
                change.whole = readWhole(list, fields)
                continue
            }
            const usualMask = kind.predictor ? 0b1100 : kind.placed ? 0b11 : 0b1
            const mask = usual ? usualMask : list.uint(2 ** fields.length - 1)
            need(mask !== 0, 'a change of nothing')
            need(sent > this.tick, 'a change from before the base')
            change.differences = readDifferences(list, fields, mask)
        }
        return changes
    }
}

/** How an entry of `stale` begins. */
function readStale(list) {
    const n = list.whole(-65536, 4 * 255 + 3)
    if (n >= 0) return { whole: true, usual: false, age: n >> 2, gap: n % 4 === 3 ? list.uint() : n % 4 }
    const age = list.whole(-256, 255)
    return { whole: false, usual: age < 0, age: age < 0 ? -1 - age : age, gap: -1 - n }
}

function readDifferences(list, fields, mask) {
    const differences = []
    for (const [i, field] of fields.entries()) {
        if (!((mask >>> i) & 1)) continue
        const text = field.type === TYPE_TEXT
        // From one end of 32 bits to the other is more than 32 bits, signed.
        differences.push([i, text ? readRaw(list, field) : list.whole(1 - UINT32, UINT32 - 1)])
    }
    return differences
}
