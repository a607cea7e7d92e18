// Who is let in: limits by address and in all, what listed proxies say of the clients behind them, and what strangers
// say of themselves, which is not believed.
import { once } from 'node:events'
import net from 'node:net'
import { BINARY, frame } from './frames.mjs'
import { SANITIZED, Server, dial, done, equal, hold, request, skip, sleep, test, until } from './lib.mjs'
import { Player, helloOf, pack } from './player.mjs'
import { upgradeText } from './websocket.mjs'

const v1 = (client) => Buffer.from(`PROXY TCP${client.includes(':') ? 6 : 4} ${client} ${client.includes(':') ? '::1' : '127.0.0.1'} 4000 443\r\n`)
const V2 = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
const v2 = (...client) => Buffer.concat([V2, Buffer.from([0x21, 0x11, 0, 12 + 4, ...client, 127, 0, 0, 1, 0, 9, 1, 187, 4, 0, 1, 9])]) // with an extension
const LOCAL = Buffer.concat([V2, Buffer.from([0x20, 0, 0, 0])])

/** The server as it is reached through a proxy that begins with these bytes. */
const through = (server, before) => Object.create(server, { before: { value: before } })
/** What a proxy adds that names the client in a header. */
const forwarded = (value) => ({ headers: { 'X-Forwarded-For': value } })
const get = (path, more = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}Connection: close\r\n\r\n`
/** Waits until the server has hung up on a socket without a byte. */
const hungUp = async (socket) => {
    let heard = 0
    socket.on('data', (bytes) => (heard += bytes.length)).on('error', () => {}).on('end', () => socket.destroy())
    await until(() => socket.destroyed, 'it to be hung up on')
    equal(heard, 0, 'bytes')
}
const bare = async (server, bytes) => {
    const socket = net.connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    if (bytes) socket.write(bytes)
    return socket
}

const BURST_S = 8 // seconds' worth that one address may bring at once
const ALL_BURST_S = 2 // and that all may together
const limits = { address_connections: 3, address_rate: 2, handshake_s: 1, rate: 60 }
const proxied = await Server.start({ ...limits, proxies: '10.0.0.0/8 127.0.0.1', proxy_protocol: true, io_threads: 2 })
const own = through(proxied, LOCAL)

await test('a PROXY header of either version, before TLS, says who it is', async () => {
    for (const [before, address] of [[v1('192.0.2.7'), '192.0.2.7'], [v1('2001:db8::7'), '2001:db8::7'], [v2(198, 51, 100, 3), '198.51.100.3']]) {
        const player = await Player.join(through(proxied, before), { name: address })
        await proxied.told('joined', ({ name, from }) => name === address && from === address)
        await player.leave()
    }
})

await test('it may come byte by byte, and with the first bytes of TLS in one piece', async () => {
    const header = v1('192.0.2.8')
    const socket = await bare(proxied)
    for (const byte of header.subarray(0, 30)) {
        socket.write(Buffer.from([byte]))
        await sleep(3)
    }
    const hello = Buffer.from('16030100', 'hex')
    socket.write(Buffer.concat([header.subarray(30), hello]))
    await hungUp(socket) // half a TLS handshake, until it is late
    await proxied.told('handshake_late', ({ from }) => from === '192.0.2.8')
})

await test('without one, with a wrong one, with half of one: hung up on', async () => {
    const before = await own.metrics()
    for (const bytes of [Buffer.from('16030100', 'hex'), 'GET / HTTP/1.1\r\n\r\n', 'PROXY TCP4 1.2.3.4\r\n', Buffer.concat([V2, Buffer.from([0x21, 0x11, 255, 255])])]) {
        await hungUp(await bare(proxied, bytes))
    }
    equal((await own.metrics()).refused_proxy - before.refused_proxy, 4, 'refused_proxy')
    await proxied.told('proxy_refused', ({ from }) => from === '127.0.0.1')
    await hungUp(await bare(proxied, 'PROXY TCP4 192.0'))
    await proxied.told('handshake_late', ({ from }) => from === '127.0.0.1')
})

await test('the metrics are for the proxy itself, not for somebody of whom it can tell nothing', async () => {
    const nobody = { 'UNKNOWN': 'PROXY UNKNOWN\r\n', 'no family': Buffer.concat([V2, Buffer.from([0x21, 0, 0, 0])]), 'a Unix socket': Buffer.concat([V2, Buffer.from([0x21, 0x31, 0, 216]), Buffer.alloc(216)]) }
    for (const [name, before] of Object.entries(nobody)) equal((await through(proxied, before).get('/metrics')).status, 403, name)
    equal((await own.get('/metrics')).status, 200, 'LOCAL')
})

await test('sessions of one address are bounded, though they begin over one connection', async () => {
    const body = pack(helloOf())
    const hello = Buffer.concat([Buffer.from(`POST /play HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`), body])
    const socket = await dial(through(proxied, v1('203.0.113.9')))
    const statuses = []
    for (let i = 0; i < 2 * limits.address_connections + 1; i++) statuses.push((await request(proxied, hello, socket)).status)
    equal(statuses.join(), '201,201,201,201,201,201,503', 'answers')
    await proxied.told('session_refused', ({ from }) => from === '203.0.113.9')
    socket.destroy()
})

await test('connections of one address are bounded, each of the others has its own bound', async () => {
    const [first, other] = [through(proxied, v1('203.0.113.1')), through(proxied, v1('203.0.113.2'))]
    const three = [await Player.join(first), await Player.join(first), await Player.join(first)]
    await hungUp(await bare(proxied, v1('203.0.113.1')))
    await proxied.told('connection_refused', ({ from, why }) => from === '203.0.113.1' && why === 'too many connections from this address')
    await (await Player.join(other)).leave()
    await three.pop().leave()
    const again = await until(() => Player.join(first).catch(() => null), 'a place to be free')
    for (const player of [...three, again]) await player.leave()
})

await test('of IPv6 the first 64 bits are one address', async () => {
    const players = []
    for (const host of [':1', ':2:3', 'ffff:1:2:3']) players.push(await Player.join(through(proxied, v1(`2001:db8:0:9:${host}`))))
    await hungUp(await bare(proxied, v1('2001:db8:0:9::77')))
    await (await Player.join(through(proxied, v1('2001:db8:0:a::1')))).leave()
    for (const player of players) await player.leave()
})

await test('new connections of one address are bounded by the second', async () => {
    const [before, began] = [(await own.metrics()).refused_address, Date.now()]
    let [come, refused] = [0, 0]
    for (; refused < 20; come++) {
        const socket = await bare(proxied, v1('203.0.113.9'))
        socket.on('error', () => {}).end()
        await once(socket.resume(), 'close')
        if (come % 10 === 0) refused = (await own.metrics()).refused_address - before
    }
    const seconds = (Date.now() - began) / 1000
    hold(come - refused <= limits.address_rate * (BURST_S + seconds) + 1, `${come - refused} of ${come} let in within ${seconds} s`)
    await proxied.told('connection_refused', ({ from, why }) => from === '203.0.113.9' && why === 'too many new connections from this address')
})

await test('new connections of all together are bounded by the second', async () => {
    const hurried = await Server.start({ connection_rate: 1, proxies: '127.0.0.1', proxy_protocol: true, plain: true })
    const [local, began] = [through(hurried, LOCAL), Date.now()]
    let [come, refused] = [0, 0]
    const knock = async () => {
        const socket = await bare(hurried, v1(`203.0.113.${++come}`))
        socket.on('error', () => {}).end()
        await once(socket.resume(), 'close')
    }
    for (; !refused; refused = (await local.metrics()).refused_rate) await Promise.all([...Array(8)].map(knock))
    const seconds = (Date.now() - began) / 1000
    hold(come - refused <= ALL_BURST_S + seconds + 1, `${come - refused} of ${come} let in within ${seconds} s`)
    await hurried.told('connection_refused', ({ why }) => why === 'too many new connections')
    await hurried.finish()
})

await test('metrics are for this machine, not for whom a proxy calls so', async () => {
    equal((await own.get('/metrics')).status, 200, 'the proxy for itself')
    equal((await through(proxied, v1('127.0.0.1')).get('/metrics')).status, 403, 'somebody by the name of localhost')
    equal((await through(proxied, v1('192.0.2.7')).get('/metrics')).status, 403, 'somebody')
})

const listed = await Server.start({ ...limits, proxies: '127.0.0.1 10.0.0.0/8', plain: true })

await test('X-Forwarded-For of a listed proxy: its last stranger counts', async () => {
    const player = await Player.enter(listed, { name: 'Ada' }, forwarded('6.6.6.6, 192.0.2.7, 10.1.1.1'))
    await listed.told('joined', ({ name, from }) => name === 'Ada' && from === '192.0.2.7')
    await player.leave()
    const nobody = await Player.enter(listed, { name: 'Bob' }, forwarded('unknown'))
    await listed.told('joined', ({ name, from }) => name === 'Bob' && from === '127.0.0.1')
    await nobody.leave()
})

await test('whose address has too many connections gets 503 and Retry-After', async () => {
    const players = []
    for (let i = 0; i < 3; i++) players.push(await Player.enter(listed, {}, forwarded('203.0.113.1')))
    for (const bytes of [upgradeText(listed, forwarded('203.0.113.1')), get('/', 'X-Forwarded-For: 203.0.113.1\r\n')]) {
        const answer = await request(listed, bytes)
        equal(answer.status, 503, 'status')
        hold(Number(answer.headers['retry-after']) > 0, 'Retry-After')
    }
    hold((await listed.metrics()).refused_address >= 2, 'counted')
    for (const player of players) await player.leave()
})

await test('one connection of a proxy may bring several clients, and each counts', async () => {
    const socket = await dial(listed)
    for (const client of ['198.51.100.1', '198.51.100.2', '198.51.100.1']) {
        equal((await request(listed, `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: ${client}\r\n\r\n`, socket)).status, 200, client)
    }
    for (let i = 0; i < 60; i++) { // many polls of two clients in turn are not many new connections
        const text = `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 198.51.100.${1 + (i % 2)}\r\n\r\n`
        equal((await request(listed, text, socket)).status, 200, 'status')
    }
    socket.destroy()
    equal((await request(listed, get('/metrics', 'X-Forwarded-For: 127.0.0.1\r\n'))).status, 403, 'metrics')
})

await test('who names nobody is the proxy, whomever it brought before', async () => {
    const socket = await dial(listed)
    const hello = (name, more = '') => {
        const body = pack(helloOf({ name }))
        return Buffer.concat([Buffer.from(`POST /play HTTP/1.1\r\nHost: localhost\r\n${more}Content-Length: ${body.length}\r\n\r\n`), body])
    }
    for (const [name, more, address] of [['Eda', 'X-Forwarded-For: 198.51.100.7\r\n', '198.51.100.7'], ['Ida', '', '127.0.0.1']]) {
        equal((await request(listed, hello(name, more), socket)).status, 201, name)
        await listed.told('joined', (line) => line.name === name && line.from === address)
    }
    socket.destroy()
})

await test('a proxy may open a connection for each request of a link: those are no new ones of its client', async () => {
    const statuses = new Set()
    for (let i = 0; i < 60; i++) statuses.add((await request(listed, get(`/play/${'0'.repeat(32)}-1/poll`, 'X-Forwarded-For: 198.51.100.8\r\n'))).status)
    equal([...statuses].join(), '404', 'answers')
    await until(async () => (await request(listed, get('/healthz', 'X-Forwarded-For: 198.51.100.8\r\n'))).status === 503, 'others to be bounded')
})

await test('a HELLO that was refused leaves nothing on the connection for the WebSocket after it', async () => {
    const socket = await dial(listed)
    const { links } = await listed.metrics()
    const refused = await request(listed, 'POST /play HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n?', socket)
    equal(refused.status, 400, 'status')
    equal((await request(listed, upgradeText(listed), socket)).status, 101, 'upgrade')
    socket.write(frame(BINARY, pack(helloOf({ name: 'Uma' }))))
    await listed.told('joined', ({ name, over }) => name === 'Uma' && over === 'ws')
    equal((await listed.metrics()).links, links, 'links')
    socket.destroy()
})

const open = await Server.start({ address_connections: 1, address_rate: 1, connection_rate: 1, connections_max: 60, plain: true })

await test('who is no listed proxy is not believed', async () => {
    const player = await Player.enter(open, { name: 'Eve' }, forwarded('192.0.2.7'))
    await open.told('joined', ({ name, from }) => name === 'Eve' && from === '127.0.0.1')
    await player.leave()
    await request(open, Buffer.concat([v1('192.0.2.7'), Buffer.from(get('/metrics'))]))
    const spoken = await request(open, Buffer.concat([v1('192.0.2.7'), Buffer.from(upgradeText(open, { path: '/elsewhere' }))]))
    hold(!spoken || spoken.status === 404, 'a refusal, or none')
    hold(!open.text.includes('from=192.0.2.7'), 'the address of its own invention in the log')
})

await test('this machine itself is not counted by address, but it is in all', async () => {
    const sockets = []
    for (let i = 0; i < 60; i++) sockets.push(await bare(open))
    const late = await Promise.all([...Array(200).keys()].map(() => bare(open)))
    await Promise.all(late.map(hungUp))
    await open.told('connection_refused', ({ level, why }) => level === 'warn' && why === 'too many connections')
    for (const socket of sockets) socket.destroy()
    await until(() => open.get('/healthz').catch(() => null), 'a place')
    const { connections_refused, accept_pauses } = await open.metrics()
    hold(connections_refused >= 200 && accept_pauses >= 3, 'refused in batches')
    const refusals = open.lines.filter(({ event }) => event === 'connection_refused')
    hold(refusals.length <= 11 * ((refusals.at(-1).at - refusals[0].at) / 1000 + 2), `${refusals.length} lines`)
})

if (SANITIZED) skip('more memory in use than may be: nobody new', 'sanitizers bring an allocator of their own')
else await test('more memory in use than may be: nobody new', async () => {
    const server = await Server.start({ memory_mb: 1, plain: true })
    await until(() => request(server, get('/healthz')).then((answer) => !answer, () => true), 'the look at the memory')
    await server.told('connection_refused', ({ why }) => why === 'too much memory in use')
    await server.finish()
})

await test('the servers end well', async () => {
    for (const server of [proxied, listed, open]) await server.finish()
})
await done()
