// A WebSocket for the live tests, from a raw socket: it may upgrade oddly, stay impolite, and say any frame.
import { createHash, randomBytes } from 'node:crypto'
import { BINARY, CLOSE, PING, PONG, frame } from './frames.mjs'
import { dial, parseHead, until } from './lib.mjs'

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
        this.#takeMessage(bytes[0] & 15, bytes.subarray(start, start + size), bytes[0] >> 7)
        return true
    }

    #takeMessage(opcode, payload, fin) {
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
