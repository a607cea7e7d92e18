// Clients that do not behave: whatever they send, it ends with a code, costs a bounded amount, and the next good
// client plays.
import { randomBytes } from 'node:crypto'
import net from 'node:net'
import { BINARY, CONTINUE, PING, frame } from './frames.mjs'
import { SANITIZED, Server, dial, done, equal, hold, request, sleep, test, until } from './lib.mjs'
import { Player, pack } from './player.mjs'
import { upgradeText } from './websocket.mjs'

const server = await Server.start({ rate: 60, hello_s: 5, resume_s: 1 }, { ini: '[game arena]\ncomputers = 4\n' })
const witness = await Player.join(server, { name: 'Witness' })
await (await Player.join(server)).leave()
const before = { memory: server.memoryKib(), sockets: server.sockets() }

/** What somebody is told whose first message is these bytes. */
async function first(bytes) {
    const player = await Player.enter(server, null)
    player.ws.send(BINARY, Buffer.from(bytes))
    return (await player.end()).close
}

/** What a seated player is told for this message. */
async function seated(message) {
    const player = await Player.join(server)
    await until(() => player.client.frames > 0, 'a frame')
    player.say(typeof message === 'function' ? message(player) : message)
    return (await player.end()).close
}

// Those that are only slow are begun now and looked at in the end: they are given 12 seconds, or five to say who they are.
const slow = []
const mute = await Promise.all([...Array(20).keys()].map(() => Player.enter(server, null)))
await test('half a TLS handshake, half a header, and silence: all are let in, for now', async () => {
    await Promise.all([...Array(10).keys()].map(async (i) => {
        const half = net.connect(server.port, '127.0.0.1', () => half.write(Buffer.from('16030100', 'hex')))
        const header = await dial(server)
        header.write('GET /play HTTP/1.1\r\nHost: loc')
        const drip = await dial(server)
        drip.write('GET /play HTTP/1.1\r\n')
        const dripping = setInterval(() => drip.destroyed || drip.write(`X-${i}: y\r\n`), 500)
        drip.on('close', () => clearInterval(dripping))
        for (const socket of [half, header, drip, await dial(server)]) {
            socket.on('error', () => {})
            socket.on('end', () => socket.destroy())
            slow.push(socket)
        }
    }))
    await until(async () => (await server.metrics()).connections >= slow.length, 'all to be let in')
    equal(slow.filter(({ destroyed }) => destroyed).length, 0, 'hung up on already')
})

const MALFORMED = {
    'no bytes': [], 'nil': [0xc0], 'a number': [1], 'an empty array': [0x90], 'a map': [0x80], 'a map within': [0x91, 0x81, 1, 1],
    'a boolean for a number': [0x91, 0xc3], 'a negative number': [0x91, 0xff], 'a float32 for the number': [0x91, 0xca, 0, 0, 0, 0],
    'a float64': [0x91, 0xcb, 0, 0, 0, 0, 0, 0, 0, 0], 'bin': [0x91, 0xc4, 1, 0], 'ext': [0x91, 0xc7, 1, 0, 0], 'fixext': [0x91, 0xd4, 0, 0],
    'the unused byte': [0x91, 0xc1], 'an array cut short': [0x97, 0], 'bytes behind it': [...pack([5]), 0], 'two messages': [...pack([5]), ...pack([5])],
    'a million elements': [0xdd, 0, 0x0f, 0x42, 0x40, 0], 'four billion elements': [0xdd, 255, 255, 255, 255, 0],
    'a string longer than all': [0x92, 0, 0xdb, 255, 255, 255, 255, 65], 'a thousand arrays deep': Array(1000).fill(0x91),
    'HELLO with too little': pack([0, 'arena']), 'HELLO with too much': pack([0, 'arena', '', '', '-', '', 1, ...Array(20).fill(1)]),
    'HELLO of numbers': pack([0, 1, 2, 3, 4, 5, 6]), 'a lane that is negative': pack([0, 'arena', '', '', '-', '', -1]),
    'a name that is no UTF-8': pack([0, 'arena', '', Buffer.from([0xa2, 0xc3, 0x28]), '-', '', 1]),
}
await test('malformed first messages: 4002', async () => {
    const codes = await Promise.all(Object.entries(MALFORMED).map(async ([name, bytes]) => [name, await first(bytes)]))
    for (const [name, code] of codes) equal(code, 4002, name)
})

await test('messages of the wrong side and of nobody: 4003', async () => {
    for (const number of [14, 15, 16, 17, 20, 21, 255, 2 ** 31]) equal(await first(pack([number])), 4003, number)
})

await test('names: 4013 for what would deceive, entry for what is only unusual', async () => {
    const bad = ['\u0001', 'a\nb', '\u001f', '\u007f', '\u0085', 'a\u2028', '\u202eevil', '\u2066x', '   ', 'x'.repeat(24), 'ü'.repeat(12)]
    for (const name of bad) equal(await first(pack([0, 'arena', '', name, '-', '', 1])), 4013, JSON.stringify(name))
    for (const name of ['x'.repeat(23), 'ü'.repeat(11), '🚀 Zoë "quoted" =', '<b>&amp;']) {
        const player = await Player.join(server, { name })
        equal(player.welcome.name, name, 'name')
        await server.told('joined', (line) => line.name === name)
        await player.leave()
    }
})

await test('labels and tokens: each with its code', async () => {
    for (const game of ['', 'Arena', '../arena', 'a/b', 'x'.repeat(24), 'nobody-made-it']) equal(await first(pack([0, game, '', '', '-', '', 1])), 4020, game)
    for (const room of ['A', 'a b', '../x', 'x'.repeat(24)]) equal(await first(pack([0, 'arena', room, '', '-', '', 1])), 4021, room)
    for (const token of ['x', 'A'.repeat(32), '0'.repeat(31), '0'.repeat(33)]) {
        equal(await first(pack([0, 'arena', '', '', token, '', 1])), 4014, token)
        equal(await first(pack([0, 'arena', '', '', '-', token, 1])), 4014, token)
    }
})

await test('wrong messages of seated players', async () => {
    equal(await seated((player) => [1, 1, player.tick]), 4002, 'INPUT without values')
    equal(await seated((player) => [1, 1, player.tick, 0, 0, 0, 0, 0, 0]), 4002, 'INPUT with too many')
    equal(await seated((player) => [1, 1, player.tick, 'x', 0, 0, 0]), 4002, 'INPUT with a text')
    equal(await seated((player) => [1, 1, player.tick, 0, 9, 0, 0]), 4004, 'INPUT out of range')
    equal(await seated([2, 2 ** 32 - 1]), 4004, 'ACK of the future')
    equal(await seated([3, -1]), 4002, 'a negative PING')
    equal(await seated([4, 1, 1000, 1]), 4004, 'CALL of no record')
    equal(await seated([4, 1, 0, 1]), 4004, 'CALL of an event')
    equal(await seated((player) => [4, 1, player.recordIndex('paint'), 100000]), 4004, 'CALL out of range')
})

await test('fragments: sixteen may be, without an end they may not', async () => {
    const player = await Player.enter(server, null)
    const hello = pack([0, 'arena', '', '', '-', '', 1])
    for (let i = 0; i < hello.length; i += 2) {
        player.ws.send(i ? CONTINUE : BINARY, hello.subarray(i, i + 2), { fin: i + 2 >= hello.length })
    }
    await until(() => player.welcome, 'WELCOME for a HELLO in pieces')
    for (let i = 0; i < 200; i++) player.ws.send(i ? CONTINUE : BINARY, Buffer.alloc(1), { fin: false })
    equal((await player.end()).close, 1008, 'end')
    const long = await Player.enter(server, null)
    for (let i = 0; i < 15; i++) long.ws.send(i ? CONTINUE : BINARY, Buffer.alloc(100), { fin: false })
    equal((await long.end()).close, 1009, 'fragments that are too much together')
    equal(await first(Buffer.alloc(100000)), 1009, 'one long message')
})

await test('a length of four gigabytes is announced: 1009 before it comes', async () => {
    const player = await Player.enter(server, null)
    player.ws.raw(Buffer.from([0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]))
    equal((await player.end()).close, 1009, 'end')
})

await test('floods of inputs and of PINGs end with 4030, WebSocket pings harm nobody', async () => {
    for (const message of [(i) => [1, i + 1, 0, 0, 0, 0, 0], (i) => [3, i]]) {
        const player = await Player.join(server)
        await until(() => player.client.frames > 0, 'a frame')
        for (let i = 0; i < 5000 && !player.over; i++) player.say(message(i))
        equal((await player.end()).close, 4030, 'end')
    }
    const pinging = await Player.join(server)
    const flood = Buffer.concat(Array(5000).fill(frame(PING, Buffer.from('x'))))
    pinging.ws.raw(flood)
    pinging.ping(7)
    await until(() => pinging.over || pinging.client.answers.some(({ stamp }) => stamp === 7), 'an answer to a question after them')
    hold(!pinging.over, 'it plays')
    pinging.destroy()
})

await test('random bytes, as messages and as frames', async () => {
    await Promise.all([...Array(40).keys()].map(async (i) => {
        const player = await Player.enter(server, i % 2 ? {} : null)
        player.ws.onmessage = () => {}
        const asFrames = i % 3 === 0 // which may be the beginning of one that never ends
        for (let n = 0; n < 20 && !player.over; n++) asFrames ? player.ws.raw(randomBytes(64)) : player.ws.send(BINARY, randomBytes(1 + n))
        if (asFrames) await sleep(200)
        else await until(() => player.over, 'the end of who says nonsense')
        player.destroy()
    }))
})

await test('what is no request, or a huge one, ends', async () => {
    for (const bytes of [randomBytes(500), '\r\n\r\n\r\n', 'GET\r\n\r\n', `GET / HTTP/1.1\r\nX: ${'y'.repeat(20000)}\r\n\r\n`, 'GET / HTTP/9.9\r\n\r\n']) {
        const socket = await dial(server)
        socket.on('end', () => socket.destroy())
        socket.resume()
        socket.write(bytes)
        await sleep(20)
        slow.push(socket)
    }
    const plain = net.connect(server.port, '127.0.0.1', () => plain.write(upgradeText(server)))
    plain.on('error', () => {}).on('end', () => plain.destroy()).resume()
    slow.push(plain)
    const many = await request(server, `GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(3000)}\r\n`)
    hold(!many || many.status >= 400, 'an answer')
})

await test('connections that say no HELLO: 4010', async () => {
    for (const player of mute) equal((await player.end()).close, 4010, 'end')
})

await test('the slow ones are hung up on', async () => {
    await until(() => slow.every((socket) => socket.destroyed), () => `${slow.filter((socket) => !socket.destroyed).length} to be hung up on`)
})

await test('after all this a good client plays, and everything is given back', async () => {
    const player = await Player.join(server, { name: 'Good' })
    await until(() => player.own('ship') && player.client.hashes.right > 0, 'the world')
    await player.leave()
    await until(() => server.sockets() <= before.sockets, () => `${server.sockets()} sockets to become ${before.sockets}`)
    const grown = server.memoryKib() - before.memory
    hold(grown < (SANITIZED ? 256 : 24) * 1024, `memory: ${grown} KiB more`)
    await until(async () => {
        const { sessions, connections } = await server.metrics()
        return sessions === 1 && connections === 2
    }, 'the witness and this question to be all that is left')
})

await test('who played beside it noticed nothing', async () => {
    hold(!witness.over, 'still connected')
    const right = witness.client.hashes.right
    await until(() => witness.client.hashes.right > right, 'another right hash')
    equal(witness.client.hashes.wrong, 0, 'wrong hashes')
})

await test('the server ends well', () => server.finish())
await done()
