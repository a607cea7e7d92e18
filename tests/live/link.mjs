// A conversation over HTTP for the live tests (docs/protocol.md, "Without WebSocket"), with the face of the WebSocket in
// player.mjs: HELLO by POST, then posts, and one of the downlinks. Requests can also be made by hand: `ask`.
import http from 'node:http'
import https from 'node:https'
import { sleep } from './lib.mjs'

/** A message with its length before it. */
export function piece(bytes) {
    const head = []
    let size = bytes.length
    for (; size > 127; size >>= 7) head.push((size & 127) | 128)
    return Buffer.concat([Buffer.from([...head, size]), bytes])
}

/** Messages out of a row of them, however it is cut; `rest` is what has not all come yet. */
export function pieces(bytes) {
    const messages = []
    let at = 0
    for (;;) {
        let [size, shift, next, byte] = [0, 0, at, 128]
        while (byte & 128 && next < bytes.length) (byte = bytes[next++]), (size |= (byte & 127) << shift), (shift += 7)
        if (byte & 128 || next + size > bytes.length) return { messages, rest: bytes.subarray(at) }
        if (size) messages.push(bytes.subarray(next, next + size))
        at = next + size
    }
}

/** One request; resolves when the head is there: { status, headers, answer (a stream), body() }. */
export function ask(server, path, { method = 'GET', headers = {}, body, agent } = {}) {
    const { request } = server.plain ? http : https
    const all = { Host: `localhost:${server.port}`, ...(body ? { 'Content-Length': body.length } : {}), ...headers }
    return new Promise((done, fail) => {
        const options = { host: '127.0.0.1', port: server.port, path, method, headers: all, agent: agent ?? false, rejectUnauthorized: false }
        const asked = request(options, (answer) => done({ status: answer.statusCode, headers: answer.headers, answer, body: () => bodyOf(answer), asked }))
        asked.on('error', fail)
        asked.end(body)
    })
}

async function bodyOf(answer) {
    const parts = []
    for await (const part of answer) parts.push(part)
    return Buffer.concat(parts)
}

/** The same, with its body read. */
export async function answerTo(server, path, options) {
    const answer = await ask(server, path, options)
    return { ...answer, body: await answer.body() }
}

export class Link {
    /** `over`: stream, sse or poll. Nothing is said yet. */
    constructor(server, { over, headers = {} }) {
        Object.assign(this, { server, over, headers, closed: null, path: '', number: 0, waiting: [], posting: false, polls: 0 })
        const { Agent } = server.plain ? http : https
        this.agent = new Agent({ keepAlive: true })
        this.holds = () => ({ tick: 0, event: 0 }) // what the client holds; its owner says
    }

    /** As a WebSocket's; the opcode has no meaning here. */
    send(opcode, bytes) {
        if (!this.path && !this.greeted) {
            this.greeted = true
            this.#begin(bytes).catch((error) => this.#end(1006, error.message))
        } else {
            this.waiting.push(bytes)
            if (!this.posting && this.path) this.#post()
        }
    }

    /** Lets go of everything without a word. */
    destroy() {
        this.#end(1006, '')
    }

    /** One post by hand; nothing of it is repeated. */
    post(number, body) {
        return answerTo(this.server, `${this.path}?n=${number}`, { method: 'POST', headers: this.headers, body, agent: this.agent })
    }

    /** Goes on over another downlink. */
    change(over) {
        this.over = over
        this.down?.destroy()
    }

    get query() {
        const { tick, event } = this.holds()
        return `?tick=${tick}&event=${event}`
    }

    async #begin(hello) {
        const { status, headers, body } = await answerTo(this.server, '/play', { method: 'POST', headers: this.headers, body: hello, agent: this.agent })
        if (this.closed) return
        if (status !== 201) return this.#refused(status, body)
        this.path = headers.location
        this.#take(pieces(body).messages)
        if (this.waiting.length) this.#post()
        while (!this.closed) {
            await this[this.over]().catch((error) => this.closed || this.closing || sleep(20).then(() => (this.error = error)))
        }
    }

    async #post() {
        this.posting = true
        while (this.waiting.length && !this.closed) {
            const body = Buffer.concat(this.waiting.splice(0).map(piece))
            const answer = await this.#postUntilAnswered(++this.number, body)
            if (answer && answer.status >= 400) this.#refused(answer.status, answer.body)
        }
        this.posting = false
    }

    async #postUntilAnswered(number, body) {
        for (let i = 0; i < 100 && !this.closed; i++) {
            const answer = await this.post(number, body).catch(() => sleep(50))
            if (answer) return answer
        }
        this.#end(1006, 'no answer to a post')
    }

    async stream() {
        const { answer } = await this.#downlink('stream')
        let rest = Buffer.alloc(0)
        for await (const bytes of answer ?? []) {
            const read = pieces(Buffer.concat([rest, bytes]))
            rest = read.rest
            this.#take(read.messages)
        }
    }

    async sse() {
        const { answer } = await this.#downlink('sse')
        let text = ''
        for await (const bytes of answer ?? []) {
            const parts = (text + bytes).split('\n\n')
            text = parts.pop()
            for (const part of parts) if (/^data: /m.test(part)) this.#take([Buffer.from(/^data: (.*)$/m.exec(part)[1], 'base64')])
        }
    }

    async poll() {
        const { answer } = await this.#downlink('poll')
        this.polls++
        this.#take(pieces(answer ? await bodyOf(answer) : Buffer.alloc(0)).messages)
    }

    async #downlink(way) {
        const { status, asked, answer } = await ask(this.server, `${this.path}/${way}${this.query}`, { headers: this.headers, agent: this.agent })
        this.down = asked
        if (this.closed) asked.destroy()
        this.onopen?.(status)
        if (status < 400) return { answer }
        this.#refused(status, await bodyOf(answer))
        return {}
    }

    #take(messages) {
        for (const message of messages) {
            if (this.closed) return
            this.onmessage?.(message)
            if (message[1] === 20) this.#end(message.readUInt16BE(3), message.subarray(6, 6 + (message[5] & 31)).toString())
        }
    }

    #refused(status, body) {
        this.status = status
        if (body.length) this.#take([body])
        this.#end(1006, `HTTP ${status}`)
    }

    #end(code, reason) {
        this.closed ??= { code, reason }
        this.down?.destroy()
        this.agent.destroy()
    }
}
