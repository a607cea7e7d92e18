// Crowds that mean no good, or are told to go: half-open connections, handshakes that break off, readers that never
// read, floods of joins and of frames, too few descriptors, and the end with two thousand connected. Each time a good
// client plays on, the ticks go on, and what was taken is given back.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { BINARY, CONTINUE, PING, frame } from './frames.mjs'
import { SANITIZED, Server, done, equal, hold, sleep, test, until } from './lib.mjs'
import { Player, helloOf, pack } from './player.mjs'
import { WebSocket } from './websocket.mjs'

const many = (count, make) => Promise.all([...Array(count).keys()].map(make))
const RATE = 30, HANDSHAKE_S = 5
const CROWD = SANITIZED ? 400 : 2000

const server = await Server.start({ rate: RATE, io_threads: 2, handshake_s: HANDSHAKE_S, resume_s: 1 }, { ini: '[game arena]\ncomputers = 4\n' })
const calm = await Server.start({ rate: RATE, plain: true }) // whose ticks tell how many this machine has time for
const witness = await Player.join(server, { name: 'Witness' })
await (await Player.join(server)).leave()
await until(() => server.sockets() > 0, 'sockets')
const before = { descriptors: server.descriptors(), memory: server.memoryKib() }
const quiet = (socket) => socket.on('error', () => {}).on('end', () => socket.destroy()).resume()

/** While something goes on for a while: the ticks do as well, and the witness sees them. */
async function meanwhile(what, ms, body) {
    const [tick, ticks, calmTicks, began] = [witness.tick, (await server.metrics()).ticks, (await calm.metrics()).ticks, Date.now()]
    await body()
    await sleep(Math.max(0, ms - (Date.now() - began)))
    const due = (await calm.metrics()).ticks - calmTicks
    const turned = (await server.metrics()).ticks - ticks
    hold(turned > due / 2, `ticks during ${what}: ${turned} of ${due}`)
    hold(witness.tick - tick > due / 4, `the witness during ${what}: ${witness.tick - tick} of ${due}`)
    hold(!witness.over, 'the witness plays')
}

await test('readers that never read cost little, and the others nothing', async () => {
    const memory = server.memoryKib()
    const deaf = await many(50, (i) => Player.join(server, { name: `Deaf ${i}` }))
    for (const player of deaf) player.ws.socket.pause()
    await meanwhile('readers that never read', 2000, () => {})
    const each = (server.memoryKib() - memory) / deaf.length
    console.log(`# ${each.toFixed(0)} KiB each`)
    hold(SANITIZED || each <= 256, `memory: ${each} KiB each`)
    for (const player of deaf) player.destroy()
})

const halfOpen = []
let halfSince
await test('500 half-open connections and 500 handshakes that break off: good clients come and go meanwhile', async () => {
    halfSince = Date.now()
    await meanwhile('half-open connections', 500, async () => {
        halfOpen.push(...(await many(500, async () => {
            const socket = quiet(net.connect(server.port, '127.0.0.1'))
            await once(socket, 'connect')
            return socket
        })))
        const broken = many(500, async (i) => {
            const socket = quiet(net.connect(server.port, '127.0.0.1'))
            await once(socket, 'connect')
            socket.write(Buffer.from('16030100c8010000c40303', 'hex')) // a ClientHello that goes on
            await sleep(i % 100)
            i % 2 ? socket.resetAndDestroy() : socket.destroy()
        })
        const times = []
        for (let i = 0; i < 3; i++) {
            const began = Date.now()
            await (await Player.join(server, { name: 'Good' })).leave()
            times.push(Date.now() - began)
        }
        console.log(`# good clients joined and left in ${times} ms`)
        hold(halfOpen.every((socket) => !socket.destroyed) || Date.now() - halfSince > HANDSHAKE_S * 1000, 'the half-open ones are still waited for')
        await broken
    })
})

await test('floods of pings, of tiny frames, of fragments', async () => {
    const floods = {
        pings: Buffer.concat(Array(20000).fill(frame(PING, Buffer.from('x')))),
        'empty pings': Buffer.concat(Array(20000).fill(frame(PING))),
        pongs: Buffer.concat(Array(20000).fill(frame(10, Buffer.from('x')))),
        'tiny frames': Buffer.concat(Array(20000).fill(frame(BINARY, Buffer.from([0x92, 3, 0])))),
        'empty frames': Buffer.concat(Array(20000).fill(frame(BINARY))),
        fragments: Buffer.concat([frame(BINARY, Buffer.from([0x92]), { fin: false }), ...Array(20000).fill(frame(CONTINUE, Buffer.alloc(0), { fin: false }))]),
    }
    const all = Object.entries(floods).flatMap(([name, bytes]) => Array(3).fill([name, bytes]))
    await meanwhile('floods', 1000, async () => {
        const players = await many(all.length, () => Player.join(server))
        players.forEach((player, i) => player.ws.raw(all[i][1]))
        const ended = players.filter((_, i) => !all[i][0].includes('ping'))
        await until(() => ended.every((player) => player.over), 'an end for all but pings, which harm nobody')
        for (const player of players) player.destroy()
    })
    const now = await server.metrics()
    hold(now['closed{code="4030"}'] >= 3, 'some for flooding')
    hold(now['closed{code="1008"}'] >= 3, 'some for fragments')
})

await test('a flood of joins: seats come and go', async () => {
    await meanwhile('joins', 1000, () => many(20, async () => {
        for (let i = 0; i < 15; i++) await (await Player.join(server)).leave()
    }))
})

await test('descriptors and memory are as before in the end', async () => {
    await until(() => halfOpen.every((socket) => socket.destroyed), 'the half-open ones to be hung up on')
    await until(() => server.descriptors() <= before.descriptors, () => `${server.descriptors()} descriptors to become ${before.descriptors}`)
    const grown = server.memoryKib() - before.memory
    hold(grown < (SANITIZED ? 512 : 96) * 1024, `memory: ${grown} KiB more`) // the allocator keeps what a thousand handshakes took at once
    equal(witness.client.hashes.wrong, 0, 'wrong hashes')
})

await test('nothing of this flooded the log', async () => {
    const seconds = (Date.now() - server.lines[0].at) / 1000
    hold(server.lines.length < 50 * seconds, `${server.lines.length} lines in ${seconds} s`)
    const late = server.lines.filter(({ event }) => event === 'handshake_late')
    hold(late.length <= 11 * ((late.at(-1).at - late[0].at) / 1000 + 2), `${late.length} lines about handshakes`)
    await server.finish()
    await calm.finish()
})

await test('fewer descriptors than connections: it says so, accepts as many as it may, and goes on', async () => {
    const scarce = await Server.start({ plain: true, rate: RATE, io_threads: 1 }, { descriptors: '64:128' }) // its own limit is raised as far as it may be
    const line = scarce.logged('descriptors')
    equal(`${line.level} ${line.limit} ${line.connections_max}`, 'warn 128 56', 'the line at the start')
    const crowd = await many(300, () => quiet(net.connect(scarce.port, '127.0.0.1')))
    await until(() => crowd.filter((socket) => socket.destroyed).length >= 244, 'those beyond it to be hung up on')
    equal(scarce.lines.some(({ event }) => event === 'accept_paused'), false, 'the last reserve was touched')
    for (const socket of crowd) socket.destroy()
    await until(() => Player.join(scarce).then((player) => player.leave(), () => null), 'a place')
    await scarce.finish()
})

await test('no descriptors at all: accepting pauses, with few lines, and begins again', async () => {
    const scarce = await Server.start({ plain: true, rate: RATE })
    const player = await Player.join(scarce)
    const limit = (soft) => execFileSync('prlimit', ['--pid', String(scarce.pid), `--nofile=${soft}:`])
    limit(scarce.descriptors() + 4)
    const began = scarce.cpuMs()
    const crowd = await many(200, () => quiet(net.connect(scarce.port, '127.0.0.1')))
    await scarce.told('accept_paused', ({ why }) => why === 'Too many open files')
    await sleep(1000)
    hold(scarce.cpuMs() - began < 700, `it spins: ${scarce.cpuMs() - began} ms of processor`)
    hold(scarce.lines.length < 60, 'few lines')
    const { tick } = player
    await until(() => player.tick > tick, 'who plays to go on')
    limit(4096)
    for (const socket of crowd) socket.destroy()
    await (await until(() => Player.join(scarce).catch(() => null), 'a place')).leave()
    hold((await scarce.metrics()).accept_pauses >= 2, 'pauses')
    await scarce.finish()
})

/** A client that looks at nothing but the numbers of messages. */
async function light(where, room) {
    const client = { ws: await WebSocket.open(where), welcomed: false, bye: 0, wait: 0 }
    client.ws.onmessage = (bytes) => {
        if (bytes[1] === 16) client.welcomed = true
        if (bytes[1] === 20) Object.assign(client, { bye: bytes.readUInt16BE(3), wait: bytes.readUInt16BE(bytes.length - 2) })
    }
    client.ws.send(BINARY, pack(helloOf({ game: 'dots', room, lane: 0 })))
    return client
}

await test(`SIGTERM with ${CROWD} clients: all are told, each a time of its own, exit 0`, async () => {
    const great = await Server.start({ rate: 5, keepalive_ms: 60000, io_threads: 2 }, { ini: '[game dots]\ncomputers = 0\n' })
    const clients = []
    while (clients.length < CROWD) clients.push(...(await many(100, (i) => light(great, `r-${(clients.length + i) % 60}`))))
    await until(() => clients.every(({ welcomed }) => welcomed), 'all to be welcome')
    await until(async () => (await great.metrics()).sessions === CROWD, 'the count')
    const { ticks } = await great.metrics()
    await until(async () => (await great.metrics()).ticks > ticks + 5, 'the crowd to be counted, which is done once a second')
    const began = Date.now()
    await great.stop()
    console.log(`# all were told in ${Date.now() - began} ms`)
    for (const client of clients) equal(client.bye, 4001, 'BYE')
    const waits = clients.map(({ wait }) => wait)
    hold(Math.min(...waits) >= 1000 && Math.max(...waits) > 1000 + CROWD / 2, `waits: ${Math.min(...waits)} to ${Math.max(...waits)}`)
    hold(new Set(waits).size > CROWD / 4, 'waits of their own')
    await great.discard()
})
await done()
