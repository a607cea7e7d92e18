// Judges the edge by RFC 6455, from raw bytes: its own frames (frames.mjs), its own handshakes, nothing but Node. Cases in
// the order of Autobahn's suite. Runs against a server built with -Decho=true:
//   node tests/live/conformance.mjs HOST PORT [--plain]        prints TAP, exits 1 if a case failed
// Gaps that libwebsockets leaves and docs/decisions/0002-the-edge.md names are told as skipped while they last.
import { createHash, randomBytes } from 'node:crypto'
import { BINARY, CLOSE, CONTINUE, PING, PONG, TEXT, closing, frame } from './frames.mjs'
import { Peer, pause } from './raw_peer.mjs'

const [host = 'localhost', port = '8443'] = process.argv.slice(2)
const server = { host, port: Number(port), plain: process.argv.includes('--plain') }

// ---- Handshakes.

const request = (lines = {}, start = 'GET /echo HTTP/1.1') => {
    const headers = { Host: `${server.host}:${server.port}`, Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Protocol': 'echo', ...lines }
    return [start, ...Object.entries(headers).filter(([, value]) => value !== null).map(([name, value]) => `${name}: ${value}`)].join('\r\n') + '\r\n\r\n'
}

async function answerTo(text, step) {
    const peer = await new Peer().open(server)
    if (step) await peer.dribble(Buffer.from(text), step)
    else peer.send(Buffer.from(text))
    let head = ''
    while (!head.endsWith('\r\n\r\n')) {
        const byte = await peer.take(1)
        if (!byte) break
        head += byte.toString('latin1')
    }
    return { peer, head, status: Number(head.split(' ')[1] ?? 0) }
}

async function connect() {
    const { peer, status, head } = await answerTo(request())
    if (status !== 101) throw new Error(`handshake answered ${head.split('\r\n')[0]}`)
    return peer
}

// ---- What is expected.

const equal = (actual, expected, what) => { if (actual !== expected) throw new Error(`${what}: ${actual}, expected ${expected}`) }

async function echoes(peer, opcode, payload, ms) {
    const got = await peer.message(ms)
    equal(got.opcode, opcode, 'opcode')
    if (!got.payload.equals(Buffer.from(payload))) throw new Error(`other bytes came back (${got.payload.length})`)
}

async function pongs(peer, payload) {
    const got = await peer.next()
    equal(got?.opcode, PONG, 'opcode')
    equal(got.payload.toString('hex'), Buffer.from(payload).toString('hex'), 'payload')
}

// The connection ends: with a closing frame of one of the codes, and then by the server. `orDrop`: an end without
// a closing frame is within the RFC as well.
async function fails(peer, codes, { orDrop = false } = {}) {
    const got = await peer.next()
    if (!got && orDrop) return
    if (!got) throw new Error('dropped without a closing frame')
    equal(got.opcode, CLOSE, 'opcode')
    const code = got.payload.length >= 2 ? got.payload.readUInt16BE() : 0
    if (![codes].flat().includes(code)) throw new Error(`closed with ${code}, expected ${codes}`)
    if (code && code !== 1000) peer.send(closing(code < 3000 && (code > 1014 || code < 1000) ? 1000 : code))
    await over(peer)
}

async function over(peer) {
    const started = Date.now()
    while ((await peer.next(4000)) !== null) if (Date.now() - started > 4000) throw new Error('still open')
}

const cases = []
const it = (name, run, gap) => cases.push({ name, run, gap })
const withPeer = (name, run, gap) => it(name, async () => {
    const peer = await connect()
    try { await run(peer) } finally { peer.destroy() }
}, gap)
const echoed = (name, opcode, size, cut) => withPeer(name, async (peer) => {
    const payload = opcode === TEXT ? '*'.repeat(size) : randomBytes(size)
    const bytes = frame(opcode, payload)
    if (cut) for (let i = 0; i < bytes.length; i += cut) peer.send(bytes.subarray(i, i + cut))
    else peer.send(bytes)
    await echoes(peer, opcode, payload, 20000)
})

// ---- 1 Framing.

for (const size of [0, 1, 125, 126, 127, 128, 65535, 65536, 1 << 20]) {
    echoed(`1.1 text of ${size} bytes`, TEXT, size)
    echoed(`1.2 binary of ${size} bytes`, BINARY, size)
}
echoed('1.3 16 MiB, the longest', BINARY, 16 << 20)
echoed('1.3 65,536 bytes in pieces of 997', BINARY, 65536, 997)
withPeer('1.3 a frame byte by byte', async (peer) => {
    await peer.dribble(frame(TEXT, 'slowly, slowly'))
    await echoes(peer, TEXT, 'slowly, slowly')
})
withPeer('1.4 an all-zero mask', async (peer) => {
    peer.send(frame(BINARY, 'zero', { mask: Buffer.alloc(4) }))
    await echoes(peer, BINARY, 'zero')
})
withPeer('1.5 ten messages in one segment', async (peer) => {
    peer.send(...Array.from({ length: 10 }, (_, i) => frame(TEXT, `number ${i}`)))
    for (let i = 0; i < 10; i++) await echoes(peer, TEXT, `number ${i}`)
})
withPeer('1.6 an unmasked frame is refused', async (peer) => {
    peer.send(frame(TEXT, 'bare', { masked: false }))
    await fails(peer, 1002, { orDrop: true })
}, 'the library does not tell')

// ---- 2 Pings and pongs.

for (const size of [0, 1, 125])
    withPeer(`2.1 ping of ${size} bytes`, async (peer) => {
        const payload = randomBytes(size)
        peer.send(frame(PING, payload))
        await pongs(peer, payload)
    })
withPeer('2.5 ping of 126 bytes', async (peer) => {
    peer.send(frame(PING, randomBytes(126)))
    await fails(peer, 1002, { orDrop: true })
})
withPeer('2.6 a ping byte by byte', async (peer) => {
    await peer.dribble(frame(PING, 'drip'))
    await pongs(peer, 'drip')
})
withPeer('2.7 pongs unasked are ignored', async (peer) => {
    peer.send(frame(PONG), frame(PONG, 'what'), frame(PING, 'then'))
    await pongs(peer, 'then')
})
withPeer('2.10 of ten pings at once the newest is answered', async (peer) => {
    peer.send(...Array.from({ length: 10 }, (_, i) => frame(PING, `p${i}`)), frame(TEXT, 'end'))
    let last = null, got
    while ((got = await peer.next()).opcode === PONG) last = got.payload.toString()
    equal(got.payload.toString(), 'end', 'message')
    if (!/^p\d$/.test(last)) throw new Error('no pong came')
})

// ---- 3 Reserved bits, 4 opcodes.

for (const rsv of [1, 2, 3, 4, 7])
    withPeer(`3.${rsv} reserved bits ${rsv}`, async (peer) => {
        peer.send(frame(TEXT, 'first'), frame(rsv & 1 ? TEXT : PING, 'x', { rsv }))
        await echoes(peer, TEXT, 'first')
        await fails(peer, 1002, { orDrop: true })
    })
for (const opcode of [3, 7, 11, 15])
    withPeer(`4 reserved opcode ${opcode}`, async (peer) => {
        peer.send(frame(opcode, 'x'))
        await fails(peer, 1002, { orDrop: true })
    })

// ---- 5 Fragmentation.

withPeer('5.1 a fragmented ping', async (peer) => {
    peer.send(frame(PING, 'x', { fin: false }), frame(CONTINUE, 'y'))
    await fails(peer, 1002, { orDrop: true })
})
withPeer('5.3 two fragments', async (peer) => {
    peer.send(frame(TEXT, 'frag', { fin: false }), frame(CONTINUE, 'ments'))
    await echoes(peer, TEXT, 'fragments')
})
withPeer('5.5 fragments byte by byte', async (peer) => {
    await peer.dribble(Buffer.concat([frame(TEXT, 'frag', { fin: false }), frame(CONTINUE, 'ments')]))
    await echoes(peer, TEXT, 'fragments')
})
withPeer('5.6 a ping between fragments', async (peer) => {
    peer.send(frame(TEXT, 'frag', { fin: false }), frame(PING, 'now'), frame(CONTINUE, 'ments'))
    await pongs(peer, 'now')
    await echoes(peer, TEXT, 'fragments')
})
withPeer('5.8 a ping between fragments, byte by byte', async (peer) => {
    await peer.dribble(Buffer.concat([frame(TEXT, 'frag', { fin: false }), frame(PING, 'now'), frame(CONTINUE, 'ments')]))
    await pongs(peer, 'now')
    await echoes(peer, TEXT, 'fragments')
})
withPeer('5.9 a continuation of nothing', async (peer) => {
    peer.send(frame(CONTINUE, 'x'))
    await fails(peer, 1002, { orDrop: true })
})
withPeer('5.12 an unfinished continuation of nothing', async (peer) => {
    peer.send(frame(CONTINUE, 'x', { fin: false }), frame(TEXT, 'y'))
    await fails(peer, 1002, { orDrop: true })
})
withPeer('5.18 a second text within a message', async (peer) => {
    peer.send(frame(TEXT, 'one', { fin: false }), frame(TEXT, 'two'))
    await fails(peer, 1002, { orDrop: true })
})
withPeer('5.19 empty fragments and pings', async (peer) => {
    peer.send(frame(BINARY, '', { fin: false }), frame(CONTINUE, '', { fin: false }))
    await pause(50)
    peer.send(frame(PING, 'a'), frame(CONTINUE, 'body', { fin: false }), frame(CONTINUE, ''))
    await pongs(peer, 'a')
    await echoes(peer, BINARY, 'body')
})
withPeer('5.20 2,000 fragments of 32 bytes', async (peer) => {
    const parts = Array.from({ length: 2000 }, () => randomBytes(32))
    peer.send(frame(BINARY, parts[0], { fin: false }), ...parts.slice(1, -1).map((part) => frame(CONTINUE, part, { fin: false })),
        frame(CONTINUE, parts.at(-1)))
    await echoes(peer, BINARY, Buffer.concat(parts))
})

// ---- 6 UTF-8.

const good = ['κόσμε', 'Hello-µ@ßöäüàá-UTF-8!!', '\u0000', '\u007f\u0080\u07ff\u0800\uffff', '\ud7ff\ue000', '\u{10000}\u{10ffff}', '\ufffe']
for (const text of good)
    withPeer(`6 good text ${JSON.stringify(text)}`, async (peer) => {
        const bytes = Buffer.from(text)
        peer.send(frame(TEXT, bytes))
        await echoes(peer, TEXT, bytes)
        peer.send(...[...bytes].map((byte, i) => frame(i ? CONTINUE : TEXT, [byte], { fin: i === bytes.length - 1 })))
        await echoes(peer, TEXT, bytes)
    })
const bad = ['cebae1bdb9cf83cebcceb5eda080656469746564', '80', 'c0af', 'c1bf', 'e080af', 'f08080af', 'eda080', 'edbfbf', 'f4908080',
    'f8888080 80', 'fe', 'ff', 'c3', 'e282', 'f09f98', 'c328', 'e28228']
for (const hex of bad) {
    const bytes = Buffer.from(hex.replace(' ', ''), 'hex')
    withPeer(`6 bad text ${hex}`, async (peer) => {
        peer.send(frame(TEXT, bytes))
        await fails(peer, 1007)
    })
}
withPeer('6 bad text that ends in an empty fragment', async (peer) => {
    peer.send(frame(TEXT, Buffer.from('e282', 'hex'), { fin: false }), frame(CONTINUE, ''))
    await fails(peer, 1007)
})
withPeer('6 bad text is told before the message ends', async (peer) => {
    peer.send(frame(TEXT, Buffer.from('f4908080', 'hex'), { fin: false }))
    await fails(peer, 1007)
})
withPeer('6 anything goes in binary', async (peer) => {
    peer.send(frame(BINARY, Buffer.from('fffe80', 'hex')))
    await echoes(peer, BINARY, Buffer.from('fffe80', 'hex'))
})

// ---- 7 Closing.

withPeer('7.1 a message, then a close', async (peer) => {
    peer.send(frame(TEXT, 'last words'), closing(1000))
    await echoes(peer, TEXT, 'last words')
    await fails(peer, 1000)
})
withPeer('7.1 nothing is answered after a close', async (peer) => {
    peer.send(closing(1000), frame(PING, 'late'), frame(TEXT, 'later'))
    const got = await peer.next()
    equal(got?.opcode, CLOSE, 'opcode')
    equal(await peer.next(), null, 'more')
})
withPeer('7.3 an empty close', async (peer) => {
    peer.send(frame(CLOSE))
    const got = await peer.next()
    equal(got?.opcode, CLOSE, 'opcode')
    equal(got.payload.length, 0, 'size')
    await over(peer)
})
withPeer('7.3 a close of one byte', async (peer) => {
    peer.send(frame(CLOSE, 'a'))
    await fails(peer, 1002)
})
withPeer('7.3 a close with the longest reason', async (peer) => {
    peer.send(closing(1000, '*'.repeat(123)))
    await fails(peer, 1000)
})
withPeer('7.3 a close of 126 bytes', async (peer) => {
    peer.send(frame(CLOSE, Buffer.concat([Buffer.from([3, 232]), Buffer.alloc(124, 42)])))
    await fails(peer, 1002, { orDrop: true })
})
withPeer('7.5 a close whose reason is not UTF-8', async (peer) => {
    peer.send(frame(CLOSE, Buffer.from('03e8cebae1bdb9eda080', 'hex')))
    await fails(peer, [1007, 1002])
})
for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1014, 3000, 3999, 4000, 4999])
    withPeer(`7.7 close with ${code}`, async (peer) => {
        peer.send(closing(code, 'bye'))
        await fails(peer, code)
    }, code >= 1012 && code <= 1014 ? 'the library takes it for invalid: 1002' : undefined)
for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
    withPeer(`7.9 close with ${code}, which is none`, async (peer) => {
        peer.send(closing(code))
        await fails(peer, 1002)
    })

// ---- 9 Limits and back-pressure.

withPeer('9.1 a message beyond 16 MiB', async (peer) => {
    const head = frame(BINARY, '', { length: 8 })
    head.writeBigUInt64BE(BigInt((16 << 20) + 1), 2)
    peer.send(head, Buffer.alloc(70000))
    await fails(peer, 1009, { orDrop: true })
})
withPeer('9.2 fragments beyond 16 MiB', async (peer) => {
    const part = Buffer.alloc(1 << 20)
    for (let i = 0; i < 18; i++) peer.send(frame(i ? CONTINUE : BINARY, part, { fin: false }))
    await fails(peer, 1009, { orDrop: true })
})
withPeer('9.3 a length with its top bit set', async (peer) => {
    const head = frame(BINARY, '', { length: 8 })
    head[2] = 0x80
    peer.send(head)
    await fails(peer, [1002, 1009], { orDrop: true })
})
withPeer('9.4 eight messages of 1 MiB, read late', async (peer) => {
    const payload = randomBytes(1 << 20)
    peer.socket.pause()
    for (let i = 0; i < 8; i++) peer.send(frame(BINARY, payload))
    await pause(300)
    peer.socket.resume()
    for (let i = 0; i < 8; i++) await echoes(peer, BINARY, payload, 20000)
})

// ---- 10 The handshake.

it('10.1 Sec-WebSocket-Accept and the subprotocol', async () => {
    const key = randomBytes(16).toString('base64')
    const { peer, head, status } = await answerTo(request({ 'Sec-WebSocket-Key': key }))
    peer.destroy()
    equal(status, 101, 'status')
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    equal(/sec-websocket-accept: *(\S+)/i.exec(head)?.[1], accept, 'accept')
    equal(/sec-websocket-protocol: *(\S+)/i.exec(head)?.[1], 'echo', 'subprotocol')
    if (/sec-websocket-extensions/i.test(head)) throw new Error('an extension was agreed to')
})
it('10.1 a handshake byte by byte', async () => {
    const { peer, status } = await answerTo(request(), 3)
    peer.destroy()
    equal(status, 101, 'status')
})
it('10.1 a frame in the same segment as the handshake', async () => {
    const peer = await new Peer().open(server)
    peer.send(Buffer.from(request()), frame(TEXT, 'early'))
    let head = ''
    while (!head.endsWith('\r\n\r\n')) head += (await peer.take(1)).toString('latin1')
    await echoes(peer, TEXT, 'early')
    peer.destroy()
})
it('10.1 names and values in any case, more tokens in Connection', async () => {
    const { peer, status } = await answerTo(request({ Upgrade: 'WebSocket', Connection: 'keep-alive, upgrade' }))
    peer.destroy()
    equal(status, 101, 'status')
})
it('10.1 an extension offered is not taken', async () => {
    const { peer, head } = await answerTo(request({ 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' }))
    peer.send(frame(TEXT, 'x', { rsv: 4 }))
    if (/sec-websocket-extensions/i.test(head)) throw new Error('an extension was agreed to')
    await fails(peer, 1002, { orDrop: true })
    peer.destroy()
})
const refusals = [
    ['no key', 400, { 'Sec-WebSocket-Key': null }],
    ['a short key', 400, { 'Sec-WebSocket-Key': 'c2hvcnQ=' }],
    ['a key that is no base64', 400, { 'Sec-WebSocket-Key': '!!!!!!!!!!!!!!!!!!!!!!==' }],
    ['no version', 426, { 'Sec-WebSocket-Version': null }],
    ['version 8', 426, { 'Sec-WebSocket-Version': '8' }],
    ['another subprotocol', 404, { 'Sec-WebSocket-Protocol': 'chat' }],
    ['another subprotocol at /play', 400, { 'Sec-WebSocket-Protocol': 'chat' }, 'GET /play HTTP/1.1'],
    ['no subprotocol at /play', 400, { 'Sec-WebSocket-Protocol': null }, 'GET /play HTTP/1.1'],
    ['no Host', 400, { Host: null }],
    ['no Connection', 400, { Connection: null }],
    ['Connection without upgrade', 400, { Connection: 'keep-alive' }],
    ['a foreign origin', 403, { Origin: 'https://elsewhere.example' }],
    ['origin null', 403, { Origin: 'null' }],
    ['POST', 405, {}, 'POST /echo HTTP/1.1'],
    ['HTTP/1.0', 400, {}, 'GET /echo HTTP/1.0'],
]
for (const [name, expected, lines, start] of refusals)
    it(`10.2 refused: ${name}`, async () => {
        const { peer, status } = await answerTo(request(lines, start))
        peer.destroy()
        equal(status, expected, 'status')
    })
it('10.2 h2c is not spoken', async () => {
    const { peer, status } = await answerTo(request({ Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABkAAQAAP__' }))
    peer.destroy()
    if (status === 101) throw new Error('upgraded to h2c')
})
it('10.3 the own origin is welcome', async () => {
    const { peer, status } = await answerTo(request({ Origin: `${server.plain ? 'http' : 'https'}://${server.host}:${server.port}` }))
    peer.destroy()
    equal(status, 101, 'status')
})

// ---- Running them.

let failed = 0
const only = process.env.ONLY
for (const [i, { name, run, gap }] of cases.entries()) {
    if (only && !name.includes(only)) continue
    try {
        await run()
        console.log(`ok ${i + 1} - ${name}`)
    } catch (error) {
        if (!gap) failed++
        console.log(gap ? `ok ${i + 1} - ${name} # SKIP known gap: ${gap}` : `not ok ${i + 1} - ${name}\n# ${error.message}`)
    }
}
console.log(`1..${cases.length}`)
process.exit(failed ? 1 : 0)
