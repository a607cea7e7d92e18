// The decoder that was written from docs/protocol.md alone (tests/golden/decoder) against the real server, over
// TLS: it plays the arena and dots, quick and slow, in both lanes, and every hash that the server states must be its own.
// Told by the environment: TIDEWIRE_BINARY, TIDEWIRE_GAMES.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { Client } from '../golden/decoder/client.mjs'

const { TIDEWIRE_BINARY: binary = 'build/server/tidewire', TIDEWIRE_GAMES: games = 'build/game' } = process.env
const HASHES = 3 // each reader plays until the server has stated so many, if all goes well
const PLAY_S_MAX = 60
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

let server, port, state

before(async () => {
    const probe = net.createServer().listen(0, 'localhost')
    await once(probe, 'listening')
    port = probe.address().port
    probe.close()
    await once(probe, 'close')
    state = mkdtempSync(join(tmpdir(), 'tidewire-reader-'))
    writeFileSync(join(state, 'tidewire.ini'), '[game arena]\ncomputers = 24\nsight = 2400\n')
    const flags = { config: join(state, 'tidewire.ini'), port, state, games, pages: state, log: 'warn' }
    const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])
    server = spawn(binary, words, { stdio: ['ignore', 'ignore', 'inherit'] })
    for (let i = 0; i < 200; i++, await sleep(100)) {
        const socket = net.connect(port, 'localhost')
        const up = await once(socket, 'connect').then(() => true, () => false)
        socket.destroy()
        if (up) return
    }
})

after(async () => {
    server.kill('SIGTERM')
    const [code] = await once(server, 'exit')
    rmSync(state, { recursive: true, force: true })
    assert.equal(code, 0, 'the server ends well')
})

/** MessagePack of a message to the server: numbers in 32 bits, strings, arrays. */
function pack(value) {
    if (Array.isArray(value)) return [0xdc, value.length >> 8, value.length & 255, ...value.flatMap(pack)]
    if (typeof value === 'string') return [0xd9, Buffer.byteLength(value), ...Buffer.from(value)]
    return [value < 0 ? 0xd2 : 0xce, value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
}

/** The shortest WebSocket that will do: `message` gets each binary message; returns send(…elements) and close(). */
async function connect(message) {
    const socket = tls.connect({ port, host: 'localhost', rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const key = randomBytes(16).toString('base64')
    const lines = [`Host: localhost:${port}`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`]
    socket.write(['GET /play HTTP/1.1', ...lines, 'Sec-WebSocket-Protocol: tidewire.1', '', ''].join('\r\n'))
    let data = Buffer.alloc(0)
    let upgraded = false
    const take = (size) => {
        const taken = data.subarray(0, size)
        data = data.subarray(size)
        return taken
    }
    socket.on('data', (piece) => {
        data = Buffer.concat([data, piece])
        const head = data.indexOf('\r\n\r\n')
        if (!upgraded && head >= 0) upgraded = take(head + 4).length > 0
        while (upgraded && data.length >= 2) {
            const short = data[1] & 127
            const wide = short === 126 ? 2 : short === 127 ? 8 : 0
            if (data.length < 2 + wide) return
            const size = wide === 2 ? data.readUInt16BE(2) : wide === 8 ? Number(data.readBigUInt64BE(2)) : short
            if (data.length < 2 + wide + size) return
            const [opcode] = [take(2 + wide)[0] & 15]
            const payload = take(size)
            if (opcode === 2) message(payload)
        }
    })
    socket.on('error', () => {})
    const send = (...elements) => {
        const body = Buffer.from(pack(elements))
        const mask = randomBytes(4)
        const head = body.length < 126 ? [0x82, 0x80 | body.length] : [0x82, 0xfe, body.length >> 8, body.length & 255]
        socket.write(Buffer.concat([Buffer.from(head), mask, body.map((byte, i) => byte ^ mask[i & 3])]))
    }
    return { send, close: () => socket.destroy() }
}

/** Plays with random inputs; each acknowledgement leaves `delay_ms` late. Returns what the client came to know. */
async function play(game, lane, delay_ms) {
    const client = new Client()
    const seen = { stale: 0, wrong: '' }
    let sequence = 0
    const dice = ({ min, max, wraps }) => min + Math.floor(Math.random() * (max - min + (wraps ? 0 : 1)))
    const answer = (tick) => {
        if (Math.random() < 0.3) connection.send(2, tick)
        else connection.send(1, ++sequence, tick, ...client.welcome.schema.input.map(dice))
    }
    const connection = await connect((bytes) => {
        if (seen.wrong) return
        try {
            const message = client.receive(bytes)
            if (message.number === 20) seen.wrong = `BYE ${message.code} ${message.text}`
            if (message.number === 16) connection.send(3, 1)
            if (message.number !== 32) return
            if (message.stale.elements.length) seen.stale++
            if (client.hashes.wrong) seen.wrong = `another hash at tick ${client.tick}`
            const { tick } = client
            setTimeout(() => answer(tick), delay_ms)
        } catch (error) {
            seen.wrong = `${error.message}: ${Buffer.from(bytes).toString('hex')}`
        }
    })
    connection.send(0, game, '', 'Second reader', '-', '', lane)
    for (let i = 0; i < PLAY_S_MAX * 10 && !seen.wrong && !(client.hashes?.right >= HASHES); i++) await sleep(100)
    connection.close()
    assert.equal(seen.wrong, '')
    assert.ok(client.hashes.right >= HASHES, `${client.hashes.right} hashes were stated in ${PLAY_S_MAX} s`)
    assert.equal(client.welcome.lane, lane)
    assert.equal(client.answers.filter(({ what }) => what === 18).length, 1, 'one PING, one PONG')
    return { client, seen, sequence }
}

// All play at once, which also gives each something to see.
test('what the document says is what the server does', { concurrency: 5 }, async (t) => {
    await Promise.all([
        t.test('quick, lane linear', async () => {
            const { client, sequence } = await play('arena', 1, 0)
            assert.ok(client.rows.size > 10, 'there is something to see')
            assert.ok(client.used > 0 && client.used <= sequence, 'inputs are used')
        }),
        t.test('quick, lane none', () => play('arena', 0, 0)),
        t.test('slow, lane linear: gets what is merged', async () => assert.ok((await play('arena', 1, 600)).seen.stale > 0)),
        t.test('slow, lane none: gets what is merged', async () => assert.ok((await play('arena', 0, 600)).seen.stale > 0)),
        t.test('dots', () => play('dots', 1, 0)),
    ])
})
