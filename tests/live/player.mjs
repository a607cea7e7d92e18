// Players of the live tests: a client of the game, over a WebSocket (websocket.mjs) or a link (link.mjs), that decodes with
// tests/golden/decoder and acknowledges what it is given.
import { Client } from '../golden/decoder/client.mjs'
import { BINARY } from './frames.mjs'
import { secrets, sleep, until } from './lib.mjs'
import { Link } from './link.mjs'
import { WebSocket } from './websocket.mjs'

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
        this.heard?.(message)
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
