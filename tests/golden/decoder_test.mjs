// The independent decoder against the golden vectors in protocol/vectors/ (which the C core reads too), and
// against cases made by hand: one for each rule of docs/protocol.md, their results reckoned on paper.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { Client } from './decoder/client.mjs'
import { Real, Refused, unpack } from './decoder/elements.mjs'
import { FRAME, read } from './decoder/messages.mjs'

const fromHex = (hex) => Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'))
const refuses = (bytes, code, take = read) =>
    assert.throws(() => take(bytes), (error) => error instanceof Refused && (!code || error.code === code))

// A packer of ten lines: numbers as 32- or 64-bit integers (a reader takes every width), strings, Reals, arrays.
function pack(value) {
    if (Array.isArray(value)) return [0xdc, value.length >> 8, value.length & 255, ...value.flatMap(pack)]
    if (typeof value === 'string') return [0xd9, Buffer.byteLength(value), ...Buffer.from(value)]
    const bytes = Buffer.alloc(9)
    if (value instanceof Real) return bytes.writeFloatBE(value.value, 1), [0xca, ...bytes.subarray(1, 5)]
    if (typeof value === 'bigint') return bytes.writeBigUInt64BE(value, 1), [0xcf, ...bytes.subarray(1)]
    if (value >= -32 && value < 128) return [value & 255]
    if (value >= 2 ** 31) return pack(BigInt(value))
    return bytes.writeInt32BE(value, 1), [0xd2, ...bytes.subarray(1, 5)]
}
const message = (...elements) => Uint8Array.from(pack(elements))
/** A frame by its parts: advance (below zero: −1 − advance, and `used` comes next), and what follows. */
const frameOf = (advance = 0, ...more) => message(advance < 0 ? FRAME + 1 + 2 * (-1 - advance) : FRAME + 2 * advance, ...more)

// ---- A world to try things in. Rows 0–2 are ships (linear), rows 3–302 signs (none), row 303 is a drone (linear).
// A ship's raw speed is 1/256 step a tick in x and one step a tick in y.

const number = (name, min, max, wraps = 0) => [name, 1, wraps, new Real(0.5), min, max]
const text = (name, size) => [name, 2, 0, new Real(1), 0, size]
const ship = [number('x', 0, 1000, 1), number('y', -500, 500), number('vx', -100, 100), number('vy', -100, 100), number('health', 0, 9)]
const sign = [number('colour', 0, 7), text('words', 10)]
const drone = [number('x', -9, 9), number('y', -9, 9), number('vx', -9, 9), number('vy', -9, 9)]
const kinds = [
    ['ship', 3, 1, 1, 65536, 65536 * 256, ship],
    ['sign', 300, 0, 0, 0, 0, sign],
    ['drone', 1, 1, 1, 32768, -32768, drone],
]
const records = [['boom', 0, 0, [number('where', 0, 9)]], ['dust', 1, 0, []], ['buy', 2, 3, []], ['bought', 3, 0, []]]
const schema = ['demo', 1, 8, [number('turn', -1, 1)], [number('speed', 0, 50)], kinds, records]
const TOKEN = '0123456789abcdef0123456789abcdef'
const welcome = ({ tick = 100, lane = 1, used = 0, shape = schema, rules = [25] } = {}) =>
    message(16, TOKEN, '', 77, 2, tick, 20, lane, 2 ** 40, used, 'Ada', 'main', shape, rules)

function enter(options, ...frames) {
    const client = new Client()
    client.receive(welcome(options))
    for (const frame of frames) client.receive(frameOf(...frame))
    return client
}
const rowsOf = (client) => Object.fromEntries([...client.rows].sort(([a], [b]) => a - b).map(([n, row]) => [n, row.values]))

// ---- MessagePack.

test('every width of an integer is accepted', () => {
    const widths = ['05', 'cc05', 'cd0005', 'ce00000005', 'cf0000000000000005', 'd005', 'd10005', 'd200000005', 'd30000000000000005']
    for (const width of widths) assert.equal(read(fromHex(`92 02 ${width}`)).acknowledged, 5)
    assert.deepEqual(unpack(fromHex('93 ff d0ff d3ffffffffffffffff')), [-1, -1, -1])
    assert.deepEqual(unpack(fromHex('91 cfffffffffffffffff')), [2n ** 64n - 1n])
})
test('every width of a string and an array is accepted', () => {
    assert.deepEqual(unpack(fromHex('94 a161 d90161 da000161 db0000000161')), ['a', 'a', 'a', 'a'])
    for (const head of ['92', 'dc0002', 'dd00000002']) assert.equal(read(fromHex(head + '0205')).acknowledged, 5)
})
test('nil, booleans, maps, float64, bin and ext are errors', () => {
    for (const form of ['c0', 'c2', 'c3', '80', 'de0000', 'cb0000000000000000', 'c400', 'c70000', 'd40000', 'c1']) {
        refuses(fromHex(`92 02 ${form}`), 4002)
    }
})
test('whatever is cut short, too long or not an array is malformed', () => {
    const bytes = welcome()
    for (let size = 0; size < bytes.length; size++) refuses(bytes.subarray(0, size), 4002)
    refuses(Uint8Array.from([...bytes, 0]), 4002)
    for (const hex of ['', '05', 'a0', '90', 'dd05f5e100', '92 02 a5 6162', '92 02 a1ff', '91'.repeat(70) + '90']) refuses(fromHex(hex), 4002)
})
test('random bytes never get out of the reader', () => {
    let state = 1
    const random = () => (state = Math.imul(state, 1664525) + 1013904223) >>> 24
    for (let i = 0; i < 20000; i++) {
        const bytes = Uint8Array.from({ length: random() % 40 }, random)
        bytes[0] = 0x90 | (bytes[0] & 15)
        try {
            read(bytes)
        } catch (error) {
            assert.ok(error instanceof Refused, String(error))
        }
    }
})

// ---- Messages from the client.

test('messages from the client', () => {
    const hello = (...words) => message(0, ...words)
    assert.equal(read(hello('arena', '', 'Ada', '-', '', 7)).lane, 1, 'a larger lane is served as 1')
    refuses(hello('Arena', '', '', '', '', 0), 4020)
    refuses(hello('arena', 'a b', '', '', '', 0), 4021)
    for (const name of ['   ', 'a\nb', 'a\u0085', 'a\u202eb', 'x'.repeat(24)]) refuses(hello('arena', '', name, '', '', 0), 4013)
    refuses(hello('arena', '', '', 'ABC', '', 0), 4014)
    refuses(hello('arena', '', '', '', 'abc', 0), 4014)
    assert.deepEqual(read(message(1, 3, 120, -1, 2)).values, [-1, 2])
    assert.equal(read(message(3, 2 ** 53)).stamp, 2 ** 53)
    refuses(message(3, 2n ** 53n + 1n), 4002)
    refuses(message(2, -1), 4002)
    refuses(message(2, 1, 1), 4002)
    assert.equal(read(fromHex('91 05')).name, 'BYE')
    refuses(fromHex('91 07'), 4003)
    refuses(message(1, 1, 1, ...Array(1100).fill(0)), 1009)
})

// ---- WELCOME and its schema.

test('a WELCOME gives the schema, the rules and the place to start from', () => {
    const client = enter({ used: 9 })
    assert.equal(client.tick, 100)
    assert.equal(client.used, 9)
    assert.deepEqual(client.welcome.rules, [25])
    assert.equal(client.kinds.length, 304)
    assert.equal(client.kinds[2].name, 'ship')
    assert.equal(client.kinds[3].name, 'sign')
    assert.equal(client.kinds[303].name, 'drone')
    refuses(welcome(), 4002, (bytes) => client.receive(bytes))
})
test('a schema beyond its bounds is refused', () => {
    const copy = (value) => (Array.isArray(value) ? value.map(copy) : value)
    const changed = (change) => {
        const shape = copy(schema)
        change(shape)
        return welcome({ shape })
    }
    assert.doesNotThrow(() => read(changed(() => {})))
    const changes = [
        (s) => (s[5][1][1] = 65534), // rows
        (s) => (s[5] = Array(17).fill(s[5][1])), // kinds
        (s) => (s[6] = Array(33).fill(s[6][1])), // records
        (s) => (s[3] = Array(25).fill(s[3][0])), // fields
        (s) => (s[3] = [text('a', 257)]), // cells
        (s) => (s[0] = 'x'.repeat(24)), // name
        (s) => (s[3][0][4] = 2), // min above max
        (s) => (s[3][0][3] = 1), // a step that is no float32
        (s) => (s[3][0][1] = 3), // type
        (s) => (s[6][0][1] = 5), // use
        (s) => (s[6][2][2] = 1), // a call that an event answers
        (s) => (s[6][2][2] = 4), // or no record
        (s) => (s[5][0][6] = s[5][0][6].slice(0, 3)), // linear without a speed
    ]
    for (const change of changes) refuses(changed(change), 4002)
    refuses(welcome({ rules: [] }), 4002)
    refuses(welcome({ rules: [51] }))
})

// ---- Frames: held set, ranks, gaps.

const A = [10, 20, 0, 0, 9], B = [30, 40, 0, 0, 8], SIGN = [3, 'hello']

test('what is left out of a frame is 0 or empty', () => {
    const client = enter({}, [1])
    assert.equal(client.tick, 101)
    assert.equal(client.rows.size, 0)
    assert.equal(enter({}, []).tick, 100, 'the first frame may say nothing at all')
    refuses(frameOf(), 0, (bytes) => client.receive(bytes))
    refuses(frameOf(1, [], [], [], [], [], [], 0, 0), 4002)
    refuses(frameOf(1), 0, (bytes) => new Client().receive(bytes))
})
test('enterings name rows by number, upward, by gaps', () => {
    const client = enter({}, [0, [], [0, 0, ...A, 1, 0, ...B, 0, 0, ...SIGN]])
    assert.deepEqual(rowsOf(client), { 0: A, 2: B, 3: SIGN })
    const again = (frame) => refuses(frameOf(...frame), 0, (bytes) => client.receive(bytes))
    again([1, [], [2, 0, ...B]])
    again([1, [], [304, 0, ...SIGN]])
})
test('leavings name rows by their rank in the old set, changes by that in the new one', () => {
    const entering = [0, 0, ...A, 0, 0, ...A, 0, 0, ...A, 6, 0, ...SIGN] // rows 0 1 2 9
    const next = [1, [2, 1, 4], [4, 0, ...SIGN], [0, 1]] // ranks 0 and 2 leave; of rows 1 4 9 rank 2 changes
    assert.deepEqual(rowsOf(enter({}, [0, [], entering], next)), { 1: A, 4: SIGN, 9: [7, 'hello'] })
})
test('a row that leaves and enters in one frame is a new thing', () => {
    const client = enter({}, [0, [], [0, 0, 10, 20, 100, 0, 9]], [1], [1, [], [0, 0, ...B], [0]])
    assert.deepEqual(rowsOf(client), { 0: B })
    assert.deepEqual(client.rows.get(0).remainders, [0, 0])
})
test('lists that name what is not there are refused', () => {
    const held = [0, [], [0, 0, ...A, 2, 0, ...SIGN]]
    const frames = [
        [1, [2, 1, 1]], // changes: rank 2 of two
        [1, [0, 32, 1]], // changes: field 5 of five
        [1, [0, 1]], // changes: a value is missing
        [1, [0, 16, 1]], // health 9 + 1
        [1, [1, 2, 'ten bytes.']], // a text as long as its size
        [1, [0, 1, 1], [], [], [-1, 0, 1, 1]], // one row in changes and in stale
        [1, [], [], [2]], // leavings: rank 2 of two
        [1, [], [], [0, 1]], // leavings: rank 0, then rank 2
        [1, [], [1, 256, ...B]], // enterings: an age beyond the anchor
        [1, [1, 1, 1], [0, 0, ...B]], // changes: of a row that enters
        [1, [], [], [], [-1, 1, 1, 1]], // stale: sent in the base's tick
        [1, [], [], [], [], [1, 4, 0]], // events: no such record
        [1, [], [], [], [], [1, 2, 0]], // events: a call's record
        [1, [], [], [], [], [1, 0, 0, 10]], // events: value out of range
        [1, [], [], [], [], [], [[20, 1]]], // answers: neither PONG nor REPLY
        [1, [], [], [], [], [], [[22, 1000]]], // answers: to steer a row that can't be
        [1, [], [], [], [], [], [[23, 1]]], // answers: half of what became of inputs
        [1, [], [], [], [], [], [[24]]], // answers: an acknowledgement for how many
        [-2, 0], // inputs used, but none
        [-2], // inputs used, but how many
        [-2, -2, 0], // inputs used late, but by no tick
        [2 ** 20 + 1], // too far
    ]
    for (const frame of frames) {
        const client = enter({}, held)
        refuses(frameOf(...frame), 0, (bytes) => client.receive(bytes))
    }
})

// ---- Prediction.

test('linear moves by 256ths and keeps the remainder', () => {
    const client = enter({}, [0, [], [0, 0, 10, 20, 100, -5, 9]], [1])
    assert.deepEqual([rowsOf(client)[0], client.rows.get(0).remainders], [[10, 15, 100, -5, 9], [100, 0]])
    client.receive(frameOf(1)) // 2560 + 200 = 11 × 256 − 56
    assert.deepEqual([rowsOf(client)[0], client.rows.get(0).remainders], [[11, 10, 100, -5, 9], [-56, 0]])
})
test('speed × move is rounded, halves upward', () => {
    const remainders = (vx, vy) => enter({}, [0, [], [303, 0, 0, 0, vx, vy]], [1]).rows.get(303).remainders
    assert.deepEqual(remainders(3, 3), [2, -1]) // 1.5 and −1.5
    assert.deepEqual(remainders(-3, -3), [-1, 2])
    assert.deepEqual(remainders(2, 2), [1, -1])
})
test('a predicted field wraps, or stops at its bound without a remainder', () => {
    const step = (row, ticks) => enter({}, [0, [], [0, 0, ...row]], [ticks]).rows.get(0)
    const over = step([999, 498, 100, 5, 9], 2)
    assert.deepEqual([over.values, over.remainders], [[0, 500, 100, 5, 9], [-56, 0]])
    const under = step([0, -498, -100, -5, 9], 2) // −100: 0 | −100; −200: −1 | 56
    assert.deepEqual([under.values, under.remainders], [[999, -500, -100, -5, 9], [56, 0]])
    // 5 and −4 a tick at the bounds: back to 0 after 26 and 33 ticks, anchored at tick 209, 91 ticks before 300.
    const { values, remainders } = enter({}, [0, [], [303, 0, 9, -9, 9, 9]], [200]).rows.get(303)
    assert.deepEqual([values, remainders], [[9, -9, 9, 9], [65, -100]])
})
test('row r is anchored when (tick + r) mod 256 = 0', () => {
    const x = (row, ticks) => enter({ tick: 254 }, [0, [], [row, 0, 10, 20, 100, 0, 9]], [ticks]).rows.get(row).values[0]
    assert.deepEqual([x(0, 2), x(0, 5), x(0, 6)], [11, 12, 13]) // anchored at 256: −56 lost
    assert.deepEqual([x(2, 5), x(2, 6)], [12, 12]) // anchored at 254, before it entered
    assert.deepEqual([x(1, 1), x(1, 2), x(1, 3)], [10, 10, 11]) // anchored at 255: 100 lost
})
test('who enters late is stepped forward by its age', () => {
    assert.deepEqual(rowsOf(enter({}, [0, [], [0, 3, 10, 20, 0, 5, 9]])), { 0: [10, 35, 0, 5, 9] })
    assert.equal(enter({}, [0, [], [0, 2, 10, 20, 100, 5, 9]]).rows.get(0).remainders[0], -56)
})
test('lane 0 and predictor none stand still', () => {
    const moving = [10, 20, 100, 5, 9]
    assert.deepEqual(rowsOf(enter({ lane: 0 }, [0, [], [0, 9, ...moving]], [50])), { 0: moving })
    assert.deepEqual(rowsOf(enter({}, [0, [], [5, 9, ...SIGN]], [300])), { 5: SIGN })
})

// ---- Changes.

const after = (row, ...frames) => enter({}, [0, [], [0, 0, ...row]], ...frames).rows.get(0)

test('unpredicted fields change before the step, predicted ones after it', () => {
    assert.deepEqual(after(A, [1, [0, 8, 5]]).values, [10, 25, 0, 5, 9])
    assert.deepEqual(after(A, [1, [0, 10, 1, 5]]).values, [10, 26, 0, 5, 9])
    assert.deepEqual(after(A, [4, [0, 8, 5]]).values, [10, 25, 0, 5, 9], 'only the last of four ticks has the speed')
})
test('every sending anchors, even one of health alone', () => {
    const row = after([10, 20, 100, 0, 9], [1, [0, 16, -1]])
    assert.deepEqual([row.values, row.remainders], [[10, 20, 100, 0, 8], [0, 0]])
    assert.deepEqual(after([10, 20, 100, 0, 9], [1, [0, 16, -1]], [1]).values[0], 10)
})
test('after a gap below zero the usual fields change', () => {
    assert.deepEqual(after(A, [1, [-1, 5, 0]]).values, after(A, [1, [0, 12, 5, 0]]).values)
    assert.deepEqual(after(A, [5, [], [], [], [-1, -3, 5, -1]]).values, after(A, [5, [], [], [], [-1, 2, 12, 5, -1]]).values)
    const client = enter({}, [0, [], [0, 0, ...A, 2, 0, ...SIGN]], [1, [-2, -1]])
    assert.equal(rowsOf(client)[3][0], 2, 'of a kind without place and prediction: its first')
})
test('a difference wraps where its field wraps', () => {
    assert.equal(after(A, [1, [0, 1, -20]]).values[0], 990)
    assert.equal(after(A, [1, [0, 1, 995]]).values[0], 5)
})
test('stale changes are worked in at the tick in which they were sent', () => {
    const row = after(A, [5, [], [], [], [-1, 2, 24, 5, -1]]) // speed 5 from tick 103 to 105: three steps
    assert.deepEqual(row.values, [10, 35, 0, 5, 8])
    assert.deepEqual(after(A, [5, [], [], [], [-1, 4, 8, 5]]).values[1], 45)
    const mixed = after([10, 20, 100, 0, 9], [3, [], [], [], [-1, 1, 16, 0]]) // two steps, anchored, one more
    assert.deepEqual([mixed.values[0], mixed.remainders[0]], [11, 100])
})
test('a number that is not below zero sets the whole row, as of the tick in which it was sent', () => {
    const row = after([10, 20, 100, 0, 9], [5, [], [], [], [8, 10, 20, 100, 5, 7]])
    assert.deepEqual([row.values, row.remainders], [[11, 30, 100, 5, 7], [-56, 0]])
    assert.deepEqual(after(A, [5, [], [], [], [0, ...B]]).values, B)
    assert.deepEqual(after(A, [5, [], [], [], [32, ...B]]).values.slice(2), B.slice(2), 'it may be older than the base')
    assert.throws(() => after(A, [5, [0, 0, ...B]]), { code: 4002 }, 'a change of nothing')
    assert.throws(() => after(A, [5, [], [], [], [1024, ...B]]), { code: 4002 }, 'it may not be older than an anchor')
    const three = enter({}, [0, [], [0, 0, ...A, 0, 0, ...A, 0, 0, ...A]], [5, [], [], [], [3, 0, ...B, 1, ...B]])
    assert.deepEqual(rowsOf(three), { 0: B, 1: A, 2: B }, 'small gaps lie in the number, any gap may follow it')
})
test('texts change as whole strings', () => {
    const client = enter({}, [0, [], [3, 0, ...SIGN]], [1, [0, 3, -1, 'Grüße']])
    assert.deepEqual(rowsOf(client), { 3: [2, 'Grüße'] })
})

// ---- Hash, inputs, events, answers, BYE.

test('the hash of hand-reckoned rows', () => {
    const hashes = (...enterings) => enter({}, [0, [], enterings]).hash()
    assert.equal(enter({}).hash(), 1n, 'of nothing: 0, stated as 1')
    assert.equal(hashes(3, 0, ...SIGN), 0x490fd1a9fe66378fn)
    assert.equal(hashes(0, 0, 10, -20, 3, -4, 9), 0xc6458109a21aadn)
    assert.equal(hashes(0, 0, 10, -20, 3, -4, 9, 2, 0, ...SIGN), 0x49d6172b0808523cn)
})
test('a stated hash is compared, remainders are not in it', () => {
    const stated = (hash) => enter({}, [0, [], [3, 0, ...SIGN], [], [], [], [], hash]).hashes
    assert.deepEqual(stated(0x490fd1a9fe66378fn), { right: 1, wrong: 0 })
    assert.deepEqual(stated(5), { right: 0, wrong: 1 })
    assert.deepEqual(stated(0), { right: 0, wrong: 0 })
    const moving = [10, 20, 100, 0, 9]
    assert.equal(after(moving, [1]).hash(), after(moving).hash())
})
test('used inputs grow, and name the tick that used them', () => {
    const client = enter({ used: 7 }, [-4, -3, 1], [1])
    assert.deepEqual([client.used, client.usedTick], [9, 102])
    client.receive(frameOf(-3, 4, [], [3, 0, ...SIGN]))
    assert.deepEqual([client.used, client.usedTick, client.rows.size], [13, 106, 1], 'lists follow what is said of inputs')
})
test('events carry numbers that grow, and their tick', () => {
    const client = enter({}, [2, [], [], [], [], [1, 0, 0, 4, 3, 1, 1]], [1, [], [], [], [], [1, 0, 9, 5]])
    assert.deepEqual(client.events, [
        { number: 1, record: 0, tick: 102, values: [4] },
        { number: 4, record: 1, tick: 101, values: [] },
        { number: 5, record: 0, tick: 94, values: [5] },
    ])
})
test('answers ride in frames', () => {
    const client = enter({}, [1, [], [], [], [], [], [[18, 2 ** 50, 1, 2], [19, 7, 255], [19, 8, 0]]])
    assert.deepEqual(client.answers, [
        { what: 18, stamp: 2 ** 50, received: 1, held: 2 },
        { what: 19, ticket: 7, status: 255, values: [] },
        { what: 19, ticket: 8, status: 0, values: [] },
    ])
})
test('which row is steered, and what became of inputs', () => {
    const client = enter({}, [1, [], [], [], [], [], [[22, 3], [23, 2, 1], [24, 3]]])
    assert.deepEqual(client.answers, [{ what: 22, row: 2 }, { what: 23, repeated: 2, unused: 1 }, { what: 24, frames: 3 }])
    assert.equal(client.own, 2)
    client.receive(frameOf(1, [], [], [], [], [], [[22, 0]]))
    assert.equal(client.own, -1)
})
test('BYE ends the conversation', () => {
    const client = enter({}, [1])
    client.receive(message(20, 4001, 'server shutting down', 500))
    assert.deepEqual([client.bye.code, client.bye.wait], [4001, 500])
    refuses(frameOf(1), 0, (bytes) => client.receive(bytes))
})

test('QUEUED comes before WELCOME, and says a place from 1', () => {
    const client = new Client()
    client.receive(message(21, 300))
    assert.equal(client.place, 300)
    client.receive(message(21, 1))
    assert.deepEqual([client.place, client.state], [1, 'hello'])
    assert.equal(read(fromHex('92 15 01')).name, 'QUEUED')
    for (const wrong of ['92 15 00', '91 15', '93 15 01 01', '92 15 ff', '92 15 a1 31']) refuses(fromHex(wrong), 0)
    refuses(message(21, 1), 0, (bytes) => enter({}, [1]).receive(bytes))
})

// ---- The golden vectors, shared with the C core.

const folder = new URL('../../protocol/vectors/', import.meta.url)

/** Whole messages to a client, and what it then knows; or messages of which the last must be refused. */
function check(vector) {
    if (vector.bytes !== undefined) {
        const bytes = fromHex(vector.bytes)
        if (vector.error) return refuses(bytes, 0, bytes[1] >= FRAME ? (frame) => enter({}).receive(frame) : read)
        return read(bytes)
    }
    const client = new Client()
    const messages = vector.messages.map(fromHex)
    const last = vector.error ? messages.pop() : undefined
    for (const bytes of messages) client.receive(bytes)
    if (last) return refuses(last, 0, (bytes) => client.receive(bytes))
    const { tick, hash, rows, events, answers } = vector.expect
    if (tick !== undefined) assert.equal(client.tick, tick, 'tick')
    if (rows !== undefined) assert.deepEqual(rowsOf(client), rows, 'rows')
    if (hash !== undefined) assert.equal(client.hash(), BigInt(hash), 'hash')
    if (events !== undefined) {
        assert.deepEqual(client.events.map((e) => [e.number, e.record, e.tick, ...e.values]), events, 'events')
    }
    if (answers !== undefined) {
        const flat = (a) => {
            if (a.what === 18) return [18, a.stamp, a.received, a.held]
            if (a.what === 22) return [22, a.row + 1]
            if (a.what === 24) return [24, a.frames]
            return a.what === 23 ? [23, a.repeated, a.unused] : [19, a.ticket, a.status, ...a.values]
        }
        assert.deepEqual(client.answers.map(flat), answers, 'answers')
    }
    assert.equal(client.hashes.wrong, 0, 'hashes stated by the server')
}

const files = (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.endsWith('.json'))
for (const file of files.sort()) {
    const content = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
    for (const vector of Array.isArray(content) ? content : [content]) test(`vector ${vector.name}`, () => check(vector))
}
if (!files.length) test('golden vectors', { skip: 'protocol/vectors holds none' }, () => {})
