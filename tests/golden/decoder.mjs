// A second reader of the protocol, in plain JavaScript, written from docs/protocol.md alone: it shares no line
// with the C core, so where both agree the document says what both do. Reads every message, keeps what a client
// keeps (held set, rows with their prediction, events, answers) and computes the hash. Clear rather than fast.

/** What a message is refused with: one of the codes in docs/protocol.md. */
export class Refused extends Error {
    constructor(code, text) {
        super(text)
        this.code = code
    }
}
const MALFORMED = 4002, UNKNOWN = 4003, RANGE = 4004

function need(condition, text, code = MALFORMED) {
    if (!condition) throw new Refused(code, text)
}

// ---- MessagePack: only the forms that the protocol uses.

/** A float32, kept apart from whole numbers: where one is due the other is an error. */
export class Real {
    constructor(value) {
        this.value = value
    }
}
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const DEPTH_MAX = 8 // the schema's fields lie five deep

/** The one array in `bytes`, as nested arrays of numbers (BigInt beyond 2⁵³), strings and Reals. */
export function unpack(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let at = 0
    const take = (size) => {
        need(size <= bytes.length - at, 'the message ends too early')
        at += size
        return at - size
    }
    const narrow = (big) => (big >= -(2n ** 53n) && big <= 2n ** 53n ? Number(big) : big)
    const string = (size) => {
        const start = take(size)
        try {
            return utf8.decode(bytes.subarray(start, start + size))
        } catch {
            throw new Refused(MALFORMED, 'a string that is not UTF-8')
        }
    }
    const array = (count, depth) => {
        need(depth < DEPTH_MAX, 'arrays too deep')
        need(count <= bytes.length - at, 'an array longer than its message') // before a single element is made
        return Array.from({ length: count }, () => value(depth + 1))
    }
    const value = (depth) => {
        const head = view.getUint8(take(1))
        if (head < 0x80) return head
        if (head >= 0xe0) return head - 0x100
        if (head >= 0xa0 && head < 0xc0) return string(head & 31)
        if (head >= 0x90 && head < 0xa0) return array(head & 15, depth)
        switch (head) {
            case 0xca: return new Real(view.getFloat32(take(4)))
            case 0xcc: return view.getUint8(take(1))
            case 0xcd: return view.getUint16(take(2))
            case 0xce: return view.getUint32(take(4))
            case 0xcf: return narrow(view.getBigUint64(take(8)))
            case 0xd0: return view.getInt8(take(1))
            case 0xd1: return view.getInt16(take(2))
            case 0xd2: return view.getInt32(take(4))
            case 0xd3: return narrow(view.getBigInt64(take(8)))
            case 0xd9: return string(view.getUint8(take(1)))
            case 0xda: return string(view.getUint16(take(2)))
            case 0xdb: return string(view.getUint32(take(4)))
            case 0xdc: return array(view.getUint16(take(2)), depth)
            case 0xdd: return array(view.getUint32(take(4)), depth)
        }
        throw new Refused(MALFORMED, `form 0x${head.toString(16)} is not used here`) // nil and booleans too
    }
    const message = value(0)
    need(Array.isArray(message), 'a message is an array')
    need(at === bytes.length, 'something follows the array')
    return message
}

// ---- Elements: each takes the next one of a list, or refuses.

const INT32 = 2 ** 31, UINT32 = 2 ** 32

class List {
    constructor(elements) {
        need(Array.isArray(elements), 'an array is due')
        this.elements = elements
        this.at = 0
    }
    get more() {
        return this.at < this.elements.length
    }
    next() {
        need(this.more, 'an element is missing')
        return this.elements[this.at++]
    }
    whole(min, max) {
        const value = this.next()
        need(Number.isInteger(value), 'a whole number is due')
        need(value >= min && value <= max, 'a number beyond its bounds')
        return value
    }
    uint(max = UINT32 - 1) {
        return this.whole(0, max)
    }
    int() {
        return this.whole(-INT32, INT32 - 1)
    }
    time() {
        return this.uint(2 ** 53)
    }
    string() {
        const value = this.next()
        need(typeof value === 'string', 'a string is due')
        return value
    }
    real() {
        const value = this.next()
        need(value instanceof Real && Number.isFinite(value.value), 'a float32 is due')
        return value.value
    }
    list() {
        return new List(this.next())
    }
    each(read) {
        const out = []
        while (this.more) out.push(read(this))
        return out
    }
    end() {
        need(!this.more, 'too many elements')
    }
}

const byteLength = (text) => new TextEncoder().encode(text).length

// ---- Schema.

const [TYPE_WHOLE, TYPE_REAL, TYPE_TEXT] = [0, 1, 2]
const [USE_MUST, USE_MAY, USE_CALL, USE_ANSWER, USE_NEWEST] = [0, 1, 2, 3, 4]

function readLabel(list) {
    const text = list.string()
    need(byteLength(text) >= 1 && byteLength(text) <= 23, 'a name of 1 to 23 bytes is due')
    return text
}

function readField(list) {
    const [inner, field] = [list.list(), {}]
    field.name = readLabel(inner)
    field.type = inner.uint(TYPE_TEXT)
    field.wraps = inner.uint(1) === 1
    field.step = inner.real()
    field.min = inner.int()
    field.max = inner.int()
    inner.end()
    field.span = field.max - field.min
    if (field.type === TYPE_TEXT) need(field.min === 0 && field.max >= 1 && !field.wraps, 'a text with odd bounds')
    else need(field.step > 0 && (field.wraps ? field.span > 0 : field.span >= 0), 'a field with odd bounds')
    field.cells = field.type === TYPE_TEXT ? Math.ceil(field.max / 4) : 1
    return field
}

function readFields(list) {
    const fields = list.list().each(readField)
    need(fields.length <= 24, 'more than 24 fields')
    need(fields.reduce((sum, field) => sum + field.cells, 0) <= 64, 'more than 64 cells')
    return fields
}

function readKind(list) {
    const [inner, kind] = [list.list(), {}]
    kind.name = readLabel(inner)
    kind.slots = inner.uint(65536)
    kind.predictor = inner.uint(1)
    kind.placed = inner.uint(1) === 1
    kind.move = [inner.int(), inner.int()]
    kind.fields = readFields(inner)
    inner.end()
    const numbers = (count) => kind.fields.length >= count && kind.fields.slice(0, count).every((f) => f.type !== TYPE_TEXT)
    need(!kind.placed || numbers(2), 'a placed kind without a place')
    need(kind.predictor === 0 || numbers(4), 'a linear kind without place and speed')
    return kind
}

function readRecord(list) {
    const [inner, record] = [list.list(), {}]
    record.name = readLabel(inner)
    record.use = inner.uint(USE_NEWEST)
    record.answer = inner.uint() // means something for calls only
    record.fields = readFields(inner)
    inner.end()
    return record
}

function readSchema(inner) {
    const schema = {}
    schema.game = readLabel(inner)
    schema.version = inner.uint()
    schema.players_max = inner.uint()
    schema.input = readFields(inner)
    schema.rules = readFields(inner)
    schema.kinds = inner.list().each(readKind)
    schema.records = inner.list().each(readRecord)
    inner.end()
    need(schema.kinds.length <= 16 && schema.records.length <= 32, 'too many kinds or records')
    need(schema.kinds.reduce((sum, kind) => sum + kind.slots, 0) <= 65536, 'too many rows')
    return schema
}

/** A field's raw value, in its range. */
function readRaw(list, field) {
    if (field.type === TYPE_TEXT) {
        const text = list.string()
        need(byteLength(text) < field.max && !text.includes('\0'), 'a text too long for its field', RANGE)
        return text
    }
    const raw = list.int()
    need(raw >= field.min && raw <= (field.wraps ? field.max - 1 : field.max), 'a value out of range', RANGE)
    return raw
}

const readWhole = (list, fields) => fields.map((field) => readRaw(list, field))

// ---- Messages. What depends on the schema stays a list of elements until a Client reads it.

const anyValue = (list) => {
    const value = list.next()
    need(typeof value === 'string' || Number.isInteger(value), 'a value is a whole number or a string')
    return value
}
const LABEL = /^[a-z0-9-]{1,23}$/, TOKEN = /^[0-9a-f]{32}$/
const NOT_IN_NAMES = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/

function readHello(list) {
    const hello = { game: list.string(), room: list.string(), name: list.string(), device: list.string() }
    hello.session = list.string()
    hello.lane = Math.min(list.uint(), 1)
    list.end()
    need(hello.session === '' || TOKEN.test(hello.session), 'not a token', 4014)
    need(hello.device === '' || hello.device === '-' || TOKEN.test(hello.device), 'not a token', 4014)
    need(LABEL.test(hello.game), 'not a game', 4020)
    need(hello.room === '' || LABEL.test(hello.room), 'not a room name', 4021)
    need(byteLength(hello.name) <= 23 && !NOT_IN_NAMES.test(hello.name), 'not a name', 4013)
    need(hello.name === '' || /[^ ]/.test(hello.name), 'a name of spaces', 4013)
    return hello
}

function readWelcome(list) {
    const welcome = { session: list.string(), device: list.string(), instance: list.uint(), player: list.uint() }
    welcome.tick = list.uint()
    welcome.rate = list.uint()
    welcome.lane = list.uint(1)
    welcome.now = list.time()
    welcome.used = list.uint()
    welcome.name = list.string()
    welcome.room = list.string()
    const [schema, rules] = [list.list(), list.list()]
    welcome.kept = list.more && list.uint(1) === 1
    if (!welcome.kept) {
        welcome.schema = readSchema(schema)
        welcome.rules = readWhole(rules, welcome.schema.rules)
    }
    schema.end() // whoever goes on with what it holds knows both: they are empty
    rules.end()
    need(TOKEN.test(welcome.session), 'a session is a token')
    need(welcome.device === '' || TOKEN.test(welcome.device), 'a device is a token')
    return welcome
}

function readAnswer(list) {
    const [inner, answer] = [list.list(), {}]
    answer.what = inner.whole(18, 24)
    need(answer.what < 20 || answer.what > 21, 'not an answer')
    if (answer.what === 22) {
        answer.row = inner.uint() - 1
    } else if (answer.what === 23) {
        Object.assign(answer, { repeated: inner.uint(), unused: inner.uint() })
    } else if (answer.what === 24) {
        answer.frames = inner.uint()
    } else if (answer.what === 18) {
        Object.assign(answer, { stamp: inner.time(), received: inner.time(), held: inner.time() })
    } else {
        Object.assign(answer, { ticket: inner.uint(), status: inner.uint(), values: inner.each(anyValue) })
        need(answer.status === 0 || answer.values.length === 0, 'values with a refusal')
    }
    inner.end()
    return answer
}

function readHash(list) {
    const hash = list.next()
    need(typeof hash === 'bigint' || Number.isInteger(hash), 'a hash is a whole number')
    need(hash >= 0, 'a hash is not negative')
    return BigInt(hash)
}

function readFrame(list, number) {
    const or = (read, nothing) => (list.more ? read() : nothing) // trailing elements may be left out
    const lists = () => or(() => list.list(), new List([]))
    const frame = { advance: (number - FRAME) >>> 1, used: 0, late: 0 }
    need(frame.advance <= 2 ** 20, 'an advance that is too far')
    if (number % 2) {
        const used = list.whole(-UINT32, UINT32 - 1)
        frame.used = used < 0 ? -1 - used : used
        need(frame.used > 0, 'inputs used, but none')
        if (used < 0) need((frame.late = list.uint()) > 0, 'inputs used late, but by no tick')
    }
    for (const name of ['changes', 'enterings', 'leavings', 'stale', 'events']) frame[name] = lists()
    frame.answers = lists().each(readAnswer)
    frame.hash = or(() => readHash(list), 0n)
    return frame
}

function readQueued(list) {
    const place = list.uint()
    need(place >= 1, 'a place before the first')
    return { place }
}

export const FRAME = 32 // and every number above
const MESSAGES = {
    0: ['HELLO', readHello],
    1: ['INPUT', (list) => ({ sequence: list.uint(), acknowledged: list.uint(), values: list.each(anyValue) })],
    2: ['ACK', (list) => ({ acknowledged: list.uint() })],
    3: ['PING', (list) => ({ stamp: list.time() })],
    4: ['CALL', (list) => ({ ticket: list.uint(), record: list.uint(), values: list.each(anyValue) })],
    5: ['BYE', () => ({})],
    6: ['HASH', () => ({})],
    16: ['WELCOME', readWelcome],
    20: ['BYE', (list) => ({ code: list.uint(), text: list.string(), wait: list.uint() })],
    21: ['QUEUED', readQueued],
    [FRAME]: ['FRAME', readFrame],
}
const UP_MAX = 1024, DOWN_MAX = 131072

/** Any message of either side, or a Refused. */
export function read(bytes) {
    need(bytes.length <= DOWN_MAX, 'message too long', 1009)
    const list = new List(unpack(bytes))
    const first = list.uint(), number = Math.min(first, FRAME)
    need(Object.hasOwn(MESSAGES, number), 'unknown message', UNKNOWN)
    need(number >= 16 || bytes.length <= UP_MAX, 'message too long', 1009)
    const [name, readElements] = MESSAGES[number]
    const message = { number, name, ...readElements(list, first) }
    list.end()
    return message
}

// ---- A client: what is held, and how it moves.

const mod = (a, b) => ((a % b) + b) % b
const MASK64 = 2n ** 64n - 1n

class Row {
    constructor(number, kind, predicted, values) {
        Object.assign(this, { number, kind, predicted, values, remainders: [0, 0] })
    }

    anchor() {
        this.remainders = [0, 0]
    }

    step() {
        for (let i = 0; i < this.predicted; i++) {
            const { min, max, span, wraps } = this.kind.fields[i]
            const moved = Math.floor((this.values[2 + i] * this.kind.move[i] + 32768) / 65536)
            const fine = this.values[i] * 256 + this.remainders[i] + moved
            let raw = Math.floor((fine + 128) / 256)
            let remainder = fine - raw * 256
            if (wraps) raw = min + mod(raw - min, span)
            else if (raw < min) [raw, remainder] = [min, 0]
            else if (raw > max) [raw, remainder] = [max, 0]
            this.values[i] = raw
            this.remainders[i] = remainder
        }
    }

    /** From tick `from` to tick `to`, with the anchors that fall between. */
    advance(from, to) {
        for (let tick = from + 1; tick <= to; tick++) {
            this.step()
            if ((tick + this.number) % 256 === 0) this.anchor()
        }
    }

    apply(change, predicted) {
        for (const [i, value] of change.differences) {
            if (i < this.predicted !== predicted) continue
            const field = this.kind.fields[i]
            if (field.type === TYPE_TEXT) {
                this.values[i] = value
                continue
            }
            let raw = this.values[i] + value
            if (field.wraps) raw = field.min + mod(raw - field.min, field.span)
            need(raw >= field.min && raw <= field.max, 'a difference leads out of range', RANGE)
            this.values[i] = raw
        }
    }

    set(values) {
        this.values = [...values]
        this.anchor()
    }

    /** What was sent in tick `sent`, to a row that stands at `base`, seen from `now`. */
    change(change, base, sent, now) {
        if (change.whole) {
            this.set(change.whole)
        } else {
            this.advance(base, sent - 1)
            this.apply(change, false)
            this.step()
            this.apply(change, true)
            this.anchor()
        }
        this.advance(sent, now)
    }

    cells() {
        return this.kind.fields.flatMap((field, i) => {
            if (field.type !== TYPE_TEXT) return [this.values[i]]
            const padded = new Uint8Array(field.cells * 4)
            padded.set(new TextEncoder().encode(this.values[i]))
            const view = new DataView(padded.buffer)
            return Array.from({ length: field.cells }, (_, cell) => view.getUint32(cell * 4, true))
        })
    }

    hash() {
        let h = (0x9e3779b97f4a7c15n * BigInt(this.number + 1)) & MASK64
        for (const cell of this.cells()) {
            h = ((h ^ BigInt(cell >>> 0)) * 0xff51afd7ed558ccdn) & MASK64
            h ^= h >> 32n
        }
        return h
    }
}

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
