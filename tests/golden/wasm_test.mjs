// The browser's core, build/…/protocol/wasm/NAME.wasm, against the golden vectors (which the C core and the independent
// decoder read too) and against the same C built natively (tests/golden/core_trial.c): bit for bit the same.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { unpack } from './decoder/elements.mjs'
import { read } from './decoder/messages.mjs'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const BUILD = process.env.TIDEWIRE_BUILD ?? join(ROOT, 'build/test')
const WELCOMED = 1, FRAME = 3, GOODBYE = 4, BROKEN = 5, QUEUED = 6 // enum client_news
const [TICK, USED, USED_TICK, SEQUENCE, PLAYER, RATE, LANE] = [0, 1, 2, 3, 4, 5, 6] // words of state()
const [BYE_CODE, HASHES_WRONG, OWN, PREDICTING, MADE, ROWS] = [10, 14, 15, 16, 18, 23]
const PLACES = ['state', 'times', 'in', 'inSize', 'out', 'input', 'call', 'own', 'rules', 'inputShape', 'rulesShape', 'game', 'session', 'device', 'name', 'room', 'byeText', 'words']
const NEWS = { 16: WELCOMED, 32: FRAME, 21: QUEUED } // by the number of a message
const LANE_LINEAR = 1, LANE_GAME = 2, TEXT = 2
const STEPS = 1000000
const GZIP_BYTES_MAX = 12 * 1024 // with the package's own JavaScript it stays under 20 KiB: tests/live/package_test.mjs

const fromHex = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'))
const vectors = (name) => JSON.parse(readFileSync(join(ROOT, 'protocol/vectors', name), 'utf8'))

function pathOf(game) {
    const path = join(BUILD, 'protocol/wasm', `${game}.wasm`)
    assert.ok(existsSync(path), `${path} is missing: it is built where clang, lld and wasi-libc are installed`)
    return path
}

/** A core that has said HELLO, and can be asked in JavaScript's own values. */
class Core {
    static modules = new Map()

    constructor(game = 'arena', lane = LANE_LINEAR) {
        if (!Core.modules.has(game)) Core.modules.set(game, new WebAssembly.Module(readFileSync(pathOf(game))))
        this.c = new WebAssembly.Instance(Core.modules.get(game)).exports
        this.bytes = new Uint8Array(this.c.memory.buffer)
        this.words = new Int32Array(this.c.memory.buffer)
        const at = this.c.places() / 4
        this.at = Object.fromEntries(PLACES.map((name, i) => [name, this.words[at + i]]))
        this.hello = Array.from({ length: 5 }, (_, i) => this.words[at + PLACES.indexOf('words') + 2 * i])
        this.c.forget()
        this.greet(lane)
    }
    greet(lane, ...words) {
        words.forEach((word, i) => this.bytes.set([...Buffer.from(word), 0], this.hello[i]))
        return this.sent(this.c.hello(lane, 0))
    }
    sent(size) {
        return this.bytes.slice(this.at.out, this.at.out + size)
    }
    take(message, now = 0) {
        this.bytes.set(message, this.at.in)
        return this.c.take(message.length, now)
    }
    state(word) {
        return this.words[this.at.state / 4 + word] >>> 0
    }
    text(at) {
        return Buffer.from(this.bytes.subarray(at, this.bytes.indexOf(0, at))).toString()
    }
    /** What is told of the pieces of a table: names, and words and bytes as they lie in protocol/shape.h. */
    all(next) {
        const found = []
        for (let at; (at = next(found.length)); )
            found.push({ at, name: this.text(at), words: (from, count) => [...this.words.subarray((at + from) / 4, (at + from) / 4 + count)], byte: (from) => this.bytes[at + from] })
        return found
    }
    kinds() {
        return this.all(this.c.kind).map(({ at, name, words }, index) => {
            const [slots, first] = words(1280, 2)
            return { name, shape: at, slots, first, stride: this.c.stride(index) }
        })
    }
    fields(shape) {
        return this.all((i) => this.c.field(shape, i)).map(({ at, name, words, byte }) => {
            const [min, max] = words(28, 2)
            return { name, type: byte(44), cell: byte(47), min, max, step: new Float32Array(this.bytes.buffer, at + 24, 1)[0] }
        })
    }
    /** The values of a record whose cells begin at byte `at`. */
    values(shape, at) {
        return this.fields(shape).map(({ type, cell }) => (type === TEXT ? this.text(at + 4 * cell) : this.words[at / 4 + cell]))
    }
    rows() {
        const rows = {}
        this.kinds().forEach(({ shape, slots, first, stride }, kind) => {
            for (let slot = 0; slot < slots; slot++) {
                const row = first + slot
                if (!((this.bytes[this.c.held() + (row >> 3)] >> (row & 7)) & 1)) continue
                rows[row] = this.values(shape, this.c.rows(kind) + 4 * slot * stride)
            }
        })
        return rows
    }
    events() {
        const events = []
        for (let at; (at = this.c.event()); ) {
            const [number, record, tick] = this.words.subarray(at / 4, at / 4 + 3)
            events.push([number, record, tick, ...this.values(this.c.record(record), at + 12)])
        }
        return events
    }
    hash() {
        return BigInt.asUintN(64, this.c.hash())
    }
    /** As HELLO tells it to a server. */
    digest() {
        return BigInt(unpack(this.greet(LANE_GAME))[7])
    }
}

/** What the native program said: { digest: [['…']], motion: [['10000', '…'], …], … }. */
let said
function native() {
    if (said) return said
    const { status, stdout } = spawnSync(join(BUILD, 'tests/core_trial'), [String(STEPS)], { encoding: 'utf8', maxBuffer: 1 << 26 })
    assert.equal(status, 0, 'tests/core_trial')
    said = { digest: [], motion: [], message: [], later: [], hash: [] }
    for (const line of stdout.trim().split('\n')) {
        const [fact, ...words] = line.split(' ')
        said[fact].push(words)
    }
    return said
}

// ---- What it is.

test('it needs nothing from JavaScript, and is small', () => {
    for (const game of ['arena', 'dots']) {
        const path = pathOf(game)
        assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(path))), [])
        assert.ok(gzipSync(readFileSync(path), { level: 9 }).length < GZIP_BYTES_MAX)
    }
})
test("the predictor's number, which the build wrote into the core, is what the native code counts", () => {
    assert.equal(new Core().digest(), BigInt(`0x${native().digest[0][0]}`))
    assert.notEqual(new Core().digest(), 0n)
    assert.notEqual(new Core('dots').digest(), new Core().digest())
})

// ---- The golden vectors. (up.json is what a client says: a server reads it.)

for (const { name, messages, expect } of vectors('frames.json')) {
    for (const game of ['arena', 'dots']) {
        test(`${game}.wasm: ${name}`, () => {
            const core = new Core(game), events = []
            messages.forEach((message) => {
                const bytes = fromHex(message)
                assert.equal(core.take(bytes), NEWS[Math.min(bytes[1], 32)])
                if (bytes[1] >= 32) events.push(...core.events())
            })
            assert.equal(core.state(TICK), expect.tick)
            assert.deepEqual(core.rows(), expect.rows)
            assert.deepEqual(events, expect.events)
            assert.equal(core.hash(), BigInt(expect.hash))
            assert.equal(core.state(HASHES_WRONG), 0)
        })
    }
}
for (const { name, messages } of vectors('malformed_frames.json')) {
    test(`refused: ${name}`, () => {
        const core = new Core()
        messages.forEach((message, i) => {
            const news = core.take(fromHex(message))
            if (i === messages.length - 1) assert.equal(news, BROKEN)
            else assert.notEqual(news, BROKEN)
        })
        assert.equal(core.take(fromHex('921101')), BROKEN, 'and it stays so until the next HELLO')
    })
}
test('a room of more rows than there is memory for is refused', () => {
    const [welcome] = vectors('frames.json')[0].messages
    const larger = welcome.replace('a47369676e04', 'a47369676ecdfff0') // 65,520 signs of four cells
    assert.notEqual(larger, welcome)
    assert.equal(new Core().take(fromHex(larger)), BROKEN)
})
test('bytes changed by chance never trap', () => {
    const all = vectors('frames.json')
    let state = 1
    const roll = (below) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % below
    const core = new Core()
    let taken = 0, refused = 0
    for (let round = 0; round < 5000; round++) {
        core.greet(LANE_LINEAR)
        const { messages } = all[roll(all.length)]
        const at = roll(messages.length)
        messages.forEach((message, i) => {
            const bytes = fromHex(message)
            if (i === at) bytes[roll(bytes.length)] = roll(256)
            const news = core.take(bytes)
            if (news === FRAME) core.events()
            if (i === at) news === BROKEN ? refused++ : taken++
        })
    }
    assert.ok(taken > 100 && refused > 100, `${taken} taken, ${refused} refused`)
})

test('what WELCOME and BYE said can be asked', () => {
    const core = new Core(), { c } = core
    core.take(fromHex(vectors('frames.json')[0].messages[0]))
    assert.deepEqual([core.text(core.at.session), core.state(PLAYER), core.state(RATE), core.state(LANE)], ['0123456789abcdef'.repeat(2), 0, 20, LANE_LINEAR])
    assert.deepEqual([TICK, USED, USED_TICK, SEQUENCE, ROWS].map((word) => core.state(word)), [1, 0, 1, 0, 9])
    assert.deepEqual(core.values(core.at.rulesShape, core.at.rules), [0])
    const [, sign] = core.kinds()
    assert.deepEqual([sign.name, core.fields(sign.shape)[1].name], ['sign', 'words'])
    assert.equal(core.fields(core.at.inputShape)[0].name, 'x')
    assert.equal(core.fields(core.kinds()[0].shape)[0].step, 0.5)
    assert.equal(c.kind(3), 0, 'a kind that is not there')
    assert.equal(core.take(fromHex('9414cd0fa1a46261636b05')), GOODBYE)
    assert.equal(core.state(BYE_CODE), 4001)
    assert.equal(core.text(core.at.byeText), 'back')
    assert.throws(() => c.rows(16), WebAssembly.RuntimeError, 'nor can there be rows of more kinds than a game may have')
    assert.throws(() => c.take(core.at.inSize + 1, 0), WebAssembly.RuntimeError)
})

// ---- What it says, read by the independent decoder.

test('it writes HELLO, INPUT and ACK', () => {
    const core = new Core('arena')
    const words = ['arena', 'main', 'Åda', '0'.repeat(32), '']
    assert.deepEqual(unpack(core.greet(LANE_LINEAR, ...words)), [0, ...words, LANE_LINEAR])
    const predictor = unpack(core.greet(LANE_GAME, ...words))[7]
    assert.equal(BigInt(predictor), core.digest(), 'in the lane of the game it names its predictor')
    assert.equal(core.c.input(0), 0, 'nothing before a WELCOME')
    const { message } = native()
    core.greet(LANE_GAME)
    for (const [hex] of message.slice(0, 2)) core.take(fromHex(hex))
    assert.equal(read(core.sent(core.c.ack(0))).acknowledged, 101)
    assert.equal(core.c.ack(0), 0, 'once is enough')
    core.words.set([-8, 8, 1, -1], core.at.input / 4)
    const input = read(core.sent(core.c.input(0)))
    assert.deepEqual([input.sequence, input.acknowledged, input.values], [1, 101, [-8, 8, 1, -1]])
})

test('who says an input in each tick lets it take an acknowledgement along, but not for more than one frame, or longer', () => {
    const [greeting, one, another] = native().message.map(([hex]) => fromHex(hex))
    const core = new Core('arena', LANE_GAME), { c } = core
    core.take(greeting)
    c.input(1000)
    core.take(one)
    assert.equal(c.ack(1074), 0)
    assert.equal(read(core.sent(c.ack(1075))).acknowledged, 101)
    c.input(1100)
    core.take(another)
    assert.equal(c.ack(1110), 0)
    core.take(greeting)
    c.input(1200)
    core.take(one)
    assert.equal(c.ack(1201), 0)
    core.take(another)
    assert.equal(read(core.sent(c.ack(1202))).acknowledged, core.state(TICK))
})

// ---- The game's own step.

test('in the lane of the game it comes to the hash that the native client came to', () => {
    const { message, hash } = native()
    const core = new Core('arena', LANE_GAME)
    assert.deepEqual(message.map(([hex]) => core.take(fromHex(hex))), [WELCOMED, FRAME, FRAME])
    assert.equal(core.state(LANE), LANE_GAME)
    assert.equal(Object.keys(core.rows()).length, 41)
    assert.equal(core.hash(), BigInt(`0x${hash[0][0]}`))
    assert.equal(new Core('dots', LANE_GAME).take(fromHex(message[0][0])), BROKEN, "another game's code will not do")
})
test(`${STEPS} inputs: the arena's own ship, and all that is drawn, are the same natively and here, bit for bit`, () => {
    const { message, later, motion } = native()
    const core = new Core('arena', LANE_GAME), { c, words } = core
    for (const [hex] of message) core.take(fromHex(hex))
    assert.deepEqual([core.state(OWN), core.state(PREDICTING)], [3, 1])
    const input = core.at.input / 4, fields = core.fields(core.at.inputShape)
    const lows = fields.map(({ min }) => min), spans = fields.map(({ min, max }) => max - min + 1)
    let dice = 2463534242
    const roll = (below) => {
        dice ^= dice << 13
        dice ^= dice >>> 17
        dice ^= dice << 5
        return (dice >>> 0) % below
    }
    const fold = (hash, at, count) => {
        for (let i = at / 4; i < at / 4 + count; i++) {
            hash = Math.imul(hash ^ words[i], 0x9e3779b1)
            hash ^= hash >>> 15
        }
        return hash
    }
    const kinds = core.kinds(), widths = kinds.map(({ shape }) => core.fields(shape).length)
    const draw = (hash, now) => {
        c.show(now)
        return [0, 1].reduce((sum, kind) => {
            const [count, , values] = words.subarray(c.shown(kind) / 4, c.shown(kind) / 4 + 3)
            return fold(sum, values, count * widths[kind])
        }, hash)
    }
    let moved = 1, drawn = 1
    const hashes = []
    for (let step = 0; step < STEPS; step++) {
        const now = step * 50
        if (step % 8 === 0) spans.forEach((span, i) => (words[input + i] = lows[i] + roll(span)))
        c.input(now)
        moved = fold(moved, core.at.own, kinds[0].stride)
        if (step % 1000 < 10) drawn = draw(drawn, now + 20)
        if (step % 1000 === 0) core.take(fromHex(later[step / 1000][0]), now + 20)
        if ((step + 1) % 10000 === 0) hashes.push([String(step + 1), String(moved >>> 0), String(drawn >>> 0)])
    }
    assert.equal(core.state(MADE), STEPS)
    assert.equal(hashes.length, STEPS / 10000)
    assert.deepEqual(hashes, motion)
})
