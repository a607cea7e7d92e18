// Before a WebSocket stands: every HTTP status of docs/protocol.md, with its counter and its line; origins; and the
// pages and the API beside the game.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, Server, all, also, dial, done, equal, hold, request, sleep, test, until } from './lib.mjs'
import { Player } from './player.mjs'
import { upgradeText } from './websocket.mjs'

// ---- On servers of their own, beside all others: they mostly wait.

const PAGE = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'

also('between two requests a connection may rest for request_s', async () => {
    const REQUEST_S = 3
    const brief = await Server.start({ request_s: REQUEST_S, plain: true })
    const socket = await dial(brief)
    let [ended, asked] = [false, Date.now()]
    socket.on('close', () => (ended = true))
    for (let i = 0; i < 5 && !ended; i++) { // together longer than one rest may be
        const before = asked
        asked = Date.now()
        const answer = await request(brief, PAGE, socket)
        hold(answer?.status === 200 || Date.now() - before >= REQUEST_S * 1000, `${answer?.status} ${Date.now() - before} ms after the request before`)
        await sleep(800)
    }
    await until(() => ended, 'its end')
    await brief.finish()
})

/** Bytes that the kernel keeps on the server's side for who has not taken them yet, of the connection with most. */
function unsent(where) {
    const port = where.port.toString(16).toUpperCase().padStart(4, '0')
    const rows = readFileSync('/proc/net/tcp6', 'utf8').split('\n').map((line) => line.trim().split(/[\s:]+/)).filter((words) => words[2] === port)
    return Math.max(...rows.map((words) => parseInt(words[6], 16)))
}

also('a long page is read to its end, however slowly; meanwhile little of it is kept', async () => {
    const LONG = 16 << 20
    const brief = new Server({ handshake_s: 1, plain: true }) // the library's own patience hangs on it
    writeFileSync(join(brief.pages, 'long.bin'), Buffer.alloc(LONG))
    await brief.launch()
    const socket = await dial(brief)
    let taken = 0
    const take = (most) => (taken += socket.read(Math.min(most, socket.readableLength))?.length ?? 0)
    socket.on('readable', () => {}).write('GET /long.bin HTTP/1.1\r\nHost: localhost\r\n\r\n')
    for (let i = 0; i < 50; i++) {
        await sleep(100)
        take(10000)
        if (i % 10) continue // it takes a while to look
        const kept = unsent(brief)
        hold(kept < 512 * 1024, `the kernel keeps ${kept} bytes`)
    }
    await until(() => take(LONG) > LONG || socket.readableEnded || socket.destroyed, () => `the end after ${taken} bytes`)
    hold(taken > LONG, `only ${taken} bytes came`)
    socket.destroy()
    await brief.finish()
})

const besides = all()

// ---- Every status.

const document = readFileSync(join(ROOT, 'docs/protocol.md'), 'utf8')
const statuses = [...document.matchAll(/^\| (\d{3}) \| (.+) \|$/gm)].map(([, status]) => Number(status))

const server = await Server.start({ origins: 'https://game.example http://a.example:8080' })
const full = await Server.start({ sessions_max: 1, line_max: 0, hello_s: 600 })
const sitting = [await Player.join(full)]
while (sitting.length < 17) sitting.push(await Player.enter(full, null)) // all the room there is for saying who one is

const ask = (options, where = server) => request(where, upgradeText(where, options))
const upgrade = (headers, more) => () => ask({ headers, ...more })
const plainly = (method, path) => () => request(server, `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)

/** A server that leaves, while one player does not answer its goodbye and somebody else's connection still stands. */
async function leaving() {
    const going = await Server.start()
    const stubborn = await Player.join(going)
    stubborn.ws.polite = false
    const socket = await dial(going)
    equal((await request(going, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n', socket)).status, 200, 'healthz before')
    going.child.kill('SIGTERM')
    await stubborn.end()
    const answer = await request(going, upgradeText(going), socket)
    await going.exit
    equal(going.ended.code, 0, 'exit')
    await going.discard()
    return answer
}

const ways = {
    400: {
        'no subprotocol': upgrade({ 'Sec-WebSocket-Protocol': null }),
        'another subprotocol': upgrade({ 'Sec-WebSocket-Protocol': 'tidewire.2, chat' }),
        'a list that cannot be read': upgrade({ 'Sec-WebSocket-Protocol': '@@@' }),
        'no key': upgrade({ 'Sec-WebSocket-Key': null }),
        'a short key': upgrade({ 'Sec-WebSocket-Key': 'AAAA' }),
        'HTTP/1.0': upgrade({}, { version: 'HTTP/1.0' }),
        'another kind of upgrade': upgrade({ Upgrade: 'h2c' }),
        'a Connection that does not say so': upgrade({ Connection: 'keep-alive' }),
    },
    403: {
        'another origin': upgrade({ Origin: 'https://evil.example' }),
        'the origin null': upgrade({ Origin: 'null' }),
        'an origin that begins like ours': upgrade({ Origin: 'https://localhost.evil.example' }),
        'a listed host with another port': upgrade({ Origin: 'http://a.example:8081' }),
    },
    404: {
        'an upgrade elsewhere': upgrade({}, { path: '/elsewhere' }),
        'a page that is not there': plainly('GET', '/nothing-here.html'),
        'the way out of the folder': plainly('GET', '/../../../../etc/passwd'),
        'the way out, in disguise': plainly('GET', '/%2e%2e/%2e%2e/%2e%2e/etc/passwd'),
        'the way out through an encoded slash': plainly('GET', '/..%2f..%2f..%2fetc%2fpasswd'),
    },
    405: {
        'an upgrade by POST': upgrade({}, { method: 'POST' }),
        'POST': plainly('POST', '/'),
        'PUT': plainly('PUT', '/play'),
        'DELETE': plainly('DELETE', '/api/top'),
    },
    426: {
        'no version': upgrade({ 'Sec-WebSocket-Version': null }),
        'an older version': upgrade({ 'Sec-WebSocket-Version': '8' }),
        'no upgrade at all': plainly('GET', '/play'),
    },
    503: { 'a full server': () => ask({}, full), 'a server that shuts down': leaving },
}
const refused = { 400: 'refused_protocol', 403: 'refused_origin', 404: 'refused_protocol', 405: 'refused_protocol', 426: 'refused_protocol', 503: 'refused_full' }

await test('the table of the document is read', () => hold(statuses.length >= 6, 'rows'))

for (const status of statuses) {
    for (const [name, way] of Object.entries(ways[status] ?? { 'no test reaches it': null })) {
        await test(`${status}: ${name}`, async () => {
            const answer = await way()
            hold(answer, 'an answer')
            equal(answer.status, status, 'status')
            if (status === 503) hold(Number(answer.headers['retry-after']) > 0, 'Retry-After')
            hold(!answer.body.includes('root:'), 'a file of the machine')
        })
    }
    await test(`${status}: counted and logged`, async () => {
        const where = status === 503 ? full : server
        const before = (await where.metrics())[refused[status]]
        const again = Object.values(ways[status])[0]
        await again()
        equal((await where.metrics())[refused[status]] - before, 1, refused[status])
        const line = () => where.logged('upgrade_refused', (each) => each.status === String(status) && each.from === '127.0.0.1')
        await until(() => line() || again().then(line), 'a line, of which there are ten a second')
    })
}

await test('our own origin, and those on the list, are let in', async () => {
    for (const origin of [`https://localhost:${server.port}`, 'https://game.example', 'http://a.example:8080']) {
        const player = await Player.enter(server, {}, { headers: { Origin: origin } })
        await player.leave()
    }
    const open = await Server.start({ origins: '*', plain: true })
    await (await Player.enter(open, {}, { headers: { Origin: 'https://anything.example' } })).leave()
    await open.finish()
})

await test('one of several subprotocols is enough', async () => {
    const player = await Player.enter(server, {}, { headers: { 'Sec-WebSocket-Protocol': 'chat, tidewire.1' } })
    equal(player.ws.head.headers['sec-websocket-protocol'], 'tidewire.1', 'subprotocol')
    equal(player.ws.head.headers['sec-websocket-extensions'], undefined, 'extensions')
    await player.leave()
})

await test('the API: top ten, status, metrics, health', async () => {
    equal(JSON.stringify(await server.json('/api/top?game=arena')), '{"game":"arena","top":[]}', 'top')
    const status = await server.json('/api/status')
    hold(status.version && status.rooms === 1 && status.uptime_s >= 0, JSON.stringify(status))
    equal((await server.get('/api/top?game=No%20Game')).status, 400, 'a game with a wrong name')
    equal((await server.get(`/api/top?game=${'a'.repeat(300)}`)).status, 400, 'a game with a long name')
    equal((await server.get('/healthz')).status, 200, 'healthz')
    const behind = await request(server, 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.7\r\nConnection: close\r\n\r\n')
    equal(behind.status, 403, 'metrics through a proxy')
})

await test('the page, and its head alone', async () => {
    const page = await server.get('/')
    equal(page.body, '<title>a page</title>\n', 'body')
    hold(page.headers['content-type'].startsWith('text/html'), 'type')
    const head = await request(server, 'HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    hold(!head || head.status === 200, 'status')
})

/** What comes for these bytes until the server hangs up. `then`: what else is said once something has come. */
async function everything(bytes, then = '') {
    const socket = await dial(server)
    let text = ''
    socket.on('data', (more) => (text += more.toString('latin1'))).once('data', () => socket.write(then))
    socket.write(bytes)
    await until(() => socket.destroyed || socket.readableEnded, () => `the end after: ${text}`)
    socket.destroy()
    return text
}

const head = (path, more = '') => `HEAD ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`

await test('no answer to HEAD has a body, which would be taken for the beginning of the next answer', async () => {
    for (const path of ['/', '/healthz', '/api/top', '/api/top?game=No%20Game', '/metrics', '/nothing', `/${'a'.repeat(600)}`, '/play', '/play/x']) {
        const text = await everything(head(path), head('/healthz', 'Connection: close\r\n'))
        hold(/^(HTTP\/1\.1 \d+ .*\r\n([\w-]+: .*\r\n)*\r\n){1,2}$/.test(text), `${path}: ${text}`) // some are the last answer
    }
})

await test('a request whose end cannot be known is the last of its connection', async () => {
    for (const length of ['Transfer-Encoding: chunked', 'Content-Length: 5\r\nContent-Length: 50', 'Content-Length: -5', 'Content-Length: 5\r\nTransfer-Encoding: chunked']) {
        for (const path of ['/play', '/play/nowhere', '/nowhere']) {
            const text = await everything(`POST ${path} HTTP/1.1\r\nHost: localhost\r\n${length}\r\n\r\n`)
            hold(/^HTTP\/1.1 4/.test(text), `${path} with ${length}: ${text}`)
        }
    }
})

await test('nobody is connected through us', async () => {
    equal(await everything('CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n'), '', 'what is said before it is hung up on')
})

await test('a game has its own page, which is in front if the game is', async () => {
    equal((await server.get('/dots/')).body, '<title>the page of dots</title>\n', 'behind its name')
    const { status, headers } = await server.get('/dots')
    equal(`${status} ${headers.location}`, '302 /dots/', 'without a slash: what the page names lies behind it')
    equal((await server.get('/dots?room=friends')).status, 404, 'nobody is sent to another room than was asked for')
    equal((await server.get('/chess')).status, 404, 'no such game')
    const dots = await Server.start({ game: 'dots' })
    equal((await dots.get('/')).body, '<title>the page of dots</title>\n', 'in front')
    equal((await dots.get('/dots/')).body, '<title>the page of dots</title>\n', 'and behind its name')
    equal((await dots.get('/index.html')).body, (await dots.get('/')).body, 'by its file')
    await dots.finish()
})

await test('one connection serves several requests', async () => {
    const socket = await dial(server)
    for (let i = 0; i < 5; i++) equal((await request(server, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n', socket)).status, 200, 'status')
    socket.destroy()
})

const posting = (path, length) => `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\nhello`
const TOGETHER = [
    ['two pages', PAGE, PAGE],
    ['two posts', posting('/play', 5), posting('/play', 5)],
    ['a page, and a post to nowhere', PAGE, posting('/play/nowhere', 5)],
    ['a page, and a part of a post', PAGE, posting('/play', 4096)],
    ['a page, and an upgrade', PAGE, upgradeText(server)],
]
for (const [name, ...requests] of TOGETHER) {
    await test(`requests that come together are not served: ${name}`, async () => {
        const socket = await dial(server)
        let heard = ''
        socket.on('data', (bytes) => (heard += bytes))
        socket.write(requests.join(''))
        await until(() => socket.destroyed || socket.readableEnded, 'the end')
        equal(heard.match(/HTTP\/1.1 (\d+)/g)?.[1], 'HTTP/1.1 400', `the second status (${heard})`)
        equal((await server.get('/healthz')).status, 200, 'the next who asks')
    })
}

await besides
await test('the servers end well', async () => {
    for (const player of sitting) player.destroy()
    await full.finish()
    await server.finish()
})
await done()
