// The other end of a WebSocket, from a bare socket: sends what it is told to, right or wrong, and reads frames, of which it
// judges only what no server may do. For conformance.mjs; nothing but Node.
import net from 'node:net'
import tls from 'node:tls'
import { CLOSE } from './frames.mjs'

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

export class Peer {
    constructor() {
        this.received = Buffer.alloc(0)
        this.ended = false
        this.waiting = null
    }

    async open({ host, port, plain }) {
        const options = { host, port, rejectUnauthorized: false, noDelay: true }
        this.socket = plain ? net.connect(options) : tls.connect(options)
        await new Promise((resolve, reject) => {
            this.socket.once(plain ? 'connect' : 'secureConnect', resolve)
            this.socket.once('error', reject)
        })
        this.chunks = []
        this.held = 0
        this.socket.on('data', (bytes) => { this.chunks.push(bytes); this.held += bytes.length; this.look() })
        for (const event of ['end', 'close', 'error']) this.socket.on(event, () => { this.ended = true; this.look() })
        return this
    }

    look() { if (this.waiting) this.waiting() }

    /** Resolves with `count` bytes, or null if the server ended before; rejects after the time. */
    async take(count, ms = 4000) {
        const until = Date.now() + ms
        while (this.received.length + this.held < count && !this.ended) {
            await new Promise((resolve) => {
                const timer = setTimeout(resolve, Math.max(1, until - Date.now()))
                this.waiting = () => { clearTimeout(timer); this.waiting = null; resolve() }
            })
            if (Date.now() >= until && this.received.length + this.held < count && !this.ended) throw new Error('nothing came in time')
        }
        if (this.held) {
            this.received = Buffer.concat([this.received, ...this.chunks])
            this.chunks = []
            this.held = 0
        }
        if (this.received.length < count) return null
        const bytes = this.received.subarray(0, count)
        this.received = this.received.subarray(count)
        return bytes
    }

    send(...buffers) { if (!this.socket.destroyed) this.socket.write(Buffer.concat(buffers)) }

    async dribble(bytes, step = 1) {
        for (let i = 0; i < bytes.length; i += step) {
            this.send(bytes.subarray(i, i + step))
            await pause(2)
        }
    }

    /** { opcode, fin, payload }, or null at the end of the connection. */
    async next(ms) {
        const head = await this.take(2, ms)
        if (!head) return null
        const wide = (head[1] & 127) === 126 ? 2 : (head[1] & 127) === 127 ? 8 : 0
        const length = wide ? await this.take(wide, ms) : null
        const size = wide === 0 ? head[1] & 127 : wide === 2 ? length.readUInt16BE() : Number(length.readBigUInt64BE())
        if (head[1] & 128) throw new Error('the server masked a frame')
        if (head[0] & 0x70) throw new Error('the server set reserved bits')
        return { opcode: head[0] & 15, fin: head[0] >= 128, payload: size ? await this.take(size, ms) : Buffer.alloc(0) }
    }

    /** One message, in however many fragments. */
    async message(ms) {
        let parts = [], opcode = 0
        for (;;) {
            const got = await this.next(ms)
            if (!got) throw new Error('closed without an answer')
            if (got.opcode === CLOSE) throw new Error(`closed with ${got.payload.length >= 2 ? got.payload.readUInt16BE() : 'no code'}`)
            if (got.opcode >= 8) throw new Error(`control frame ${got.opcode} instead of a message`)
            if (got.opcode) opcode = got.opcode
            parts.push(got.payload)
            if (got.fin) return { opcode, payload: Buffer.concat(parts) }
        }
    }

    destroy() { this.socket.destroy() }
}
