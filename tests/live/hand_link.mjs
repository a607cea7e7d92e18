// A link by hand for the live tests: HELLO, posts and polls as single requests, each with its answer, none repeated. Conversations
// that go on by themselves are in link.mjs.
import { read } from '../golden/decoder/messages.mjs'
import { Server, equal } from './lib.mjs'
import { answerTo, piece, pieces } from './link.mjs'
import { helloOf, pack } from './player.mjs'

export const RATE = 40 // of such a server

/** A server that soon sees who has gone. */
export const startServer = () =>
    Server.start(
        { rate: RATE, io_threads: 2, ping_s: 1, silence_s: 6, poll_s: 2, request_s: 5, resume_s: 2, origins: 'https://game.example' },
        { ini: '[game arena]\ncomputers = 0\nrocks = 0\n' },
    )

/** HELLO said, WELCOME read. */
export async function begin(server, hello) {
    const { status, headers, body } = await answerTo(server, '/play', { method: 'POST', body: pack(helloOf(hello)) })
    equal(status, 201, 'status of HELLO')
    const [bytes] = pieces(body).messages
    const welcome = read(bytes)
    equal(welcome.number, 16, 'WELCOME')
    return { server, path: headers.location, bytes, welcome, tick: welcome.tick }
}

/** One post of these messages. */
export function post(link, number, ...messages) {
    const body = Buffer.concat(messages.map((message) => piece(pack(message))))
    return answerTo(link.server, `${link.path}?n=${number}`, { method: 'POST', body })
}

export const poll = (link, tick = link.tick, event = 0) => answerTo(link.server, `${link.path}/poll?tick=${tick}&event=${event}`)
export const input = (link, sequence) => [1, sequence, link.tick, 1, 0, 0, 0]

// ---- Answers. A refusal is one message alone, without its length.

export const messagesOf = ({ body }) => pieces(body).messages.map((bytes) => read(bytes))
export const byeOf = ({ body }) => read(body)
export const firstOf = (answer) => (answer.status < 400 ? messagesOf(answer)[0] : byeOf(answer))
