// Players of the live tests: a WebSocket client from raw sockets (masks, fragments, pings, closing), and on top of
// it a client of the game that decodes with tests/golden/decoder and acknowledges what it is given.
import { createHash, randomBytes } from 'node:crypto'
import { Client } from '../golden/decoder/client.mjs'
import { Link } from './link.mjs'
import { dial, parseHead, secrets, sleep, until } from './lib.mjs'

export const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10, CONTINUE = 0

// ---- MessagePack, as far as clients write it.

const u8 = (...bytes) => Buffer.from(bytes)
const u32 = (mark, value) => { const b = Buffer.alloc(5, mark); b.writeUInt32BE(value, 1); return b }
const i32 = (value) => { const b = Buffer.alloc(5, 0xd2); b.writeInt32BE(value, 1); return b }
const u64 = (value) => { const b = Buffer.alloc(9, 0xcf); b.writeBigUInt64BE(BigInt(value), 1); return b }

/** Numbers, strings and arrays; a Buffer goes as it is. */
export function pack(value) {
    if (Buffer.isBuffer(value)) return value
    if (Array.isArray(value)) {
        const head = value.length < 16 ? u8(0x90 | value.length) : u32(0xdd, value.length)
        return Buffer.concat([head, ...value.map(pack)])
    }
    if (typeof value === 'string') {
        const bytes = Buffer.from(value)
        return Buffer.concat([bytes.length < 32 ? u8(0xa0 | bytes.length) : u32(0xdb, bytes.length), bytes])
    }
    if (value < 0) return value >= -32 ? u8(256 + value) : i32(value)
    return value < 128 ? u8(value) : value < 2 ** 32 ? u32(0xce, value) : u64(value)
}

// ---- WebSocket.

/** One frame of a client. */
export function frame(opcode, payload = Buffer.alloc(0), { fin = true, masked = true } = {}) {
    const size = payload.length
    const head = size < 126 ? u8(0, size) : size < 65536 ? u8(0, 126, size >> 8, size & 255) : Buffer.concat([u8(0, 127, 0, 0, 0, 0), u32(0, size).subarray(1)])
    head[0] = (fin ? 0x80 : 0) | opcode
    if (!masked) return Buffer.concat([head, payload])
    head[1] |= 0x80
    const mask = randomBytes(4)
    return Buffer.concat([head, mask, payload.map((byte, at) => byte ^ mask[at & 3])])
}

export function upgradeText(server, { path = '/play', method = 'GET', version = 'HTTP/1.1', headers = {} } = {}) {
    const all = {
        Host: `localhost:${server.port}`,
        Upgrade: 'websocket',
        Connection: 'Upgrade',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Protocol': 'tidewire.1',
        ...headers,
    }
    const lines = Object.entries(all).filter(([, value]) => value !== null).map(([name, value]) => `${name}: ${value}\r\n`)
    return `${method} ${path} ${version}\r\n${lines.join('')}\r\n`
}

export class WebSocket {
    /** Opens one. `closed` becomes { code, reason }; 1006 without a closing frame. */
    static async open(server, options) {
        const ws = new WebSocket()
        ws.socket = await dial(server)
        ws.held = Buffer.alloc(0)
        ws.closed = null
        ws.pings = 0
        ws.polite = true // answers pings and the closing frame
        ws.socket.on('data', (bytes) => ws.#take(bytes))
        for (const event of ['end', 'close']) ws.socket.on(event, () => (ws.closed ??= { code: 1006, reason: '' }))
        const text = upgradeText(server, options)
        ws.socket.write(text)
        await until(() => ws.head || ws.closed, 'the upgrade')
        if (ws.head?.status !== 101) throw new Error(`upgrade: ${ws.head?.status ?? 'hung up'}`)
        const key = /Sec-WebSocket-Key: (.*)\r/.exec(text)[1]
        const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
        if (ws.head.headers['sec-websocket-accept'] !== accept) throw new Error('a wrong Sec-WebSocket-Accept')
        return ws
    }

    #take(bytes) {
        this.held = this.held.length ? Buffer.concat([this.held, bytes]) : bytes
        if (!this.head) {
            const end = this.held.indexOf('\r\n\r\n')
            if (end < 0) return
            this.head = parseHead(this.held.subarray(0, end).toString('latin1'))
            this.held = this.held.subarray(end + 4)
        }
        while (this.#takeFrame());
    }

    #takeFrame() {
        const bytes = this.held
        if (this.closed || bytes.length < 2) return false
        const small = bytes[1] & 127
        const start = small < 126 ? 2 : small === 126 ? 4 : 10
        if (bytes.length < start) return false
        const size = small < 126 ? small : small === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
        if (bytes.length < start + size) return false
        this.held = bytes.subarray(start + size)
        this.#take1(bytes[0] & 15, bytes.subarray(start, start + size), bytes[0] >> 7)
        return true
    }

    #take1(opcode, payload, fin) {
        if (!fin) throw new Error('the server sent a fragment')
        if (opcode === BINARY) this.onmessage?.(payload)
        if (opcode === PING) {
            this.pings++
            if (this.polite) this.send(PONG, payload)
        }
        if (opcode !== CLOSE) return
        this.closed = { code: payload.length < 2 ? 1005 : payload.readUInt16BE(0), reason: payload.subarray(2).toString() }
        if (!this.polite) return
        this.send(CLOSE, payload.subarray(0, 2))
        this.socket.end()
    }

    send(opcode, payload, options) {
        if (!this.socket.destroyed) this.socket.write(frame(opcode, payload, options))
    }

    raw(bytes) {
        if (!this.socket.destroyed) this.socket.write(bytes)
    }

    destroy() {
        this.socket.destroy()
    }
}

// ---- The game's client.

export const helloOf = ({ game = 'arena', room = '', name = '', device = '-', session = '', lane = 1 } = {}, ...more) => [0, game, room, name, device, session, lane, ...more]

export class Player {
    /** Opens, says HELLO and waits for WELCOME. */
    static async join(server, hello, options) {
        const player = await Player.enter(server, hello, options)
        await until(() => player.welcome || player.over, 'WELCOME')
        if (!player.welcome) throw new Error(`no WELCOME but ${JSON.stringify(player.bye ?? player.ws.closed)}`)
        return player
    }

    /** Opens and says HELLO (null: not even that). `over`: without it by WebSocket. */
    static async enter(server, hello = {}, options) {
        const player = new Player()
        player.client = new Client()
        player.acknowledges = true
        player.sequence = 0
        player.said = [] // the newest inputs
        await player.#open(server, options)
        if (hello) player.say(helloOf(hello))
        return player
    }

    async #open(server, options) {
        this.server = server
        this.ws = options?.over ? new Link(server, options) : await WebSocket.open(server, options)
        this.ws.onmessage = (bytes) => this.#receive(bytes)
        this.ws.onopen = () => this.client.begin()
        this.ws.holds = () => this.client
    }

    /** Takes its session to another connection or link, with what it holds; waits for the WELCOME. */
    async move(options) {
        const { session, instance } = this.welcome
        const [before, { tick, event }] = [this.welcome, this.client]
        this.ws.onmessage = null
        this.left = this.ws
        this.client.begin()
        await this.#open(this.server, options)
        this.say(helloOf({ session }, 0, 0, instance, tick, event))
        await until(() => this.welcome !== before || this.over, 'another WELCOME')
    }

    #receive(bytes) {
        const message = this.client.receive(bytes)
        if (message.number === 16) {
            this.#sayAgain(message.used)
            for (const token of [message.session, message.device]) if (token) secrets.add(token)
        }
        if (message.number === 32 && this.acknowledges) this.say([2, this.client.tick])
    }

    /** Inputs that were not used by then are said anew; without memory of any it goes on from there. */
    #sayAgain(used) {
        this.said = this.said.filter(([, sequence]) => sequence > used)
        this.sequence = this.said.at(-1)?.[1] ?? Math.max(this.sequence, used)
        for (const message of this.said) this.say(message)
    }

    get welcome() { return this.client.welcome }
    get bye() { return this.client.bye }
    get over() { return this.ws.closed }
    get tick() { return this.client.tick }

    say(message) { this.ws.send(BINARY, pack(message)) }
    input(...values) {
        const message = [1, ++this.sequence, this.client.tick, ...values]
        this.said = [...this.said.slice(-8), message] // as many as the server keeps waiting
        this.say(message)
    }
    ping(stamp) { this.say([3, stamp]) }
    call(ticket, record, ...values) { this.say([4, ticket, record, ...values]) }
    destroy() { this.ws.destroy() }

    /** Says BYE and waits for the end. */
    async leave() {
        this.say([5])
        return this.end()
    }

    /** Waits for the end: { bye, close }, the code that both gave. */
    async end() {
        await until(() => this.over, 'the end of the connection')
        return { bye: this.bye?.code, close: this.over.code, reason: this.over.reason, wait: this.bye?.wait, text: this.bye?.text }
    }

    kindIndex(name) { return this.welcome.schema.kinds.findIndex((kind) => kind.name === name) }
    recordIndex(name) { return this.welcome.schema.records.findIndex((record) => record.name === name) }

    /** One held row as { field: raw value }, or undefined. */
    row(kind, slot) {
        const { kinds } = this.welcome.schema
        const first = kinds.slice(0, this.kindIndex(kind)).reduce((sum, { slots }) => sum + slots, 0)
        const row = this.client.rows.get(first + slot)
        return row && Object.fromEntries(row.kind.fields.map((field, i) => [field.name, row.values[i]]))
    }

    /** The row of its own player. */
    own(kind) { return this.row(kind, this.welcome.player) }
}

/** Steers about for a while; each input is another one. Back when all were used. `rate`: of the server. */
export async function steerAbout(player, inputs, rate) {
    const before = player.sequence
    for (let i = 0; i < inputs; i++) {
        player.input((i % 5) - 2, 8, i & 1, -1)
        await sleep(1000 / rate)
    }
    await until(() => player.client.used === before + inputs, () => `input ${before + inputs} to be used, not ${player.client.used}; ${JSON.stringify(player.over)}`)
}
