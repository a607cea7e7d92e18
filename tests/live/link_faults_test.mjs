// Links whose requests are lost, repeated, overtaken, slow, false or too many: each counts once, costs a bounded amount,
// and whoever goes is found without the server's loops spinning meanwhile.
import { Agent } from 'node:https'
import { SANITIZED, Server, dial, done, equal, hold, request, sleep, test, until } from './lib.mjs'
import { answerTo, ask, piece, pieces } from './link.mjs'
import { Player, helloOf, pack } from './player.mjs'
import { Client } from '../golden/decoder/client.mjs'
import { read } from '../golden/decoder/messages.mjs'

const RATE = 40
const server = await Server.start({ rate: RATE, io_threads: 2, ping_s: 1, silence_s: 6, poll_s: 2, request_s: 5, resume_s: 2, origins: 'https://game.example' }, { ini: '[game arena]\ncomputers = 0\nrocks = 0\n' })

/** A link by hand: HELLO said, WELCOME read. */
async function begin(hello, on = server) {
    const { status, headers, body } = await answerTo(on, '/play', { method: 'POST', body: pack(helloOf(hello)) })
    equal(status, 201, 'status of HELLO')
    const [bytes] = pieces(body).messages
    const welcome = read(bytes)
    equal(welcome.number, 16, 'WELCOME')
    return { path: headers.location, bytes, welcome, tick: welcome.tick }
}
const post = (link, number, ...messages) => answerTo(server, `${link.path}?n=${number}`, { method: 'POST', body: Buffer.concat(messages.map((message) => piece(pack(message)))) })
const poll = (link, tick = link.tick, event = 0) => answerTo(server, `${link.path}/poll?tick=${tick}&event=${event}`)
const input = (link, sequence) => [1, sequence, link.tick, 1, 0, 0, 0]
const messagesOf = ({ body }) => pieces(body).messages.map((bytes) => read(bytes))
const byeOf = ({ body }) => read(body)
const firstOf = (answer) => (answer.status < 400 ? messagesOf(answer)[0] : byeOf(answer))

// ---- Posts.

await test('a post that is repeated counts once', async () => {
    const link = await begin()
    const before = await server.metrics()
    for (const number of [1, 1, 1]) equal((await post(link, number, input(link, 1))).status, 204, 'status')
    equal((await post(link, 2, input(link, 2))).status, 204, 'status')
    equal((await post(link, 1, input(link, 1))).status, 204, 'status')
    const after = await server.metrics()
    equal(after.inputs - before.inputs, 2, 'inputs')
    equal(after.posts - before.posts, 2, 'posts')
    equal(after.posts_repeated - before.posts_repeated, 3, 'posts_repeated')
    await post(link, 3, [5])
})

await test('posts that overtake wait, four of them; the next is to be sent again; then all count in order', async () => {
    const link = await begin()
    const before = await server.metrics()
    for (const number of [5, 3, 4, 2]) equal((await post(link, number, input(link, number))).status, 204, `post ${number}`)
    equal((await post(link, 3, input(link, 3))).status, 204, 'one that waits already')
    const sixth = await post(link, 6, input(link, 6))
    equal(sixth.status, 409, 'post 6')
    equal(sixth.body.length, 0, 'its body')
    equal((await server.metrics()).inputs - before.inputs, 0, 'inputs so far')
    equal((await post(link, 1, input(link, 1))).status, 204, 'post 1')
    equal((await post(link, 6, input(link, 6))).status, 204, 'post 6 again')
    const after = await server.metrics()
    equal(after.inputs - before.inputs, 6, 'inputs')
    equal(after.posts_early - before.posts_early, 4, 'posts_early')
    await post(link, 7, [5])
})

const REFUSED = {
    'a number of 0': [(link) => answerTo(server, `${link.path}?n=0`, { method: 'POST', body: piece(pack([3, 1])) }), 400],
    'no number': [(link) => answerTo(server, link.path, { method: 'POST', body: piece(pack([3, 1])) }), 400],
    'a number that is none': [(link) => answerTo(server, `${link.path}?n=1x`, { method: 'POST', body: piece(pack([3, 1])) }), 400],
    'a body too long': [(link) => answerTo(server, `${link.path}?n=1`, { method: 'POST', body: Buffer.alloc(4097) }), 413],
    'another method': [(link) => answerTo(server, `${link.path}/poll`, { method: 'POST', body: Buffer.alloc(1) }), 405],
    'GET of the link itself': [(link) => answerTo(server, link.path), 405],
    'a wrong token': [(link) => answerTo(server, link.path.replace(/.-/, link.path.includes('0-') ? '1-' : '0-') + '/poll'), 404],
    'an epoch to come': [(link) => answerTo(server, link.path + '1/poll'), 404],
    'no such way': [(link) => answerTo(server, `${link.path}/flute`), 404],
    'a path beneath': [(link) => answerTo(server, `${link.path}/poll/more`), 404],
}
await test('requests that make no sense are refused, and end nothing', async () => {
    const link = await begin()
    for (const [name, [way, status]] of Object.entries(REFUSED)) equal((await way(link)).status, status, name)
    equal((await post(link, 1, [5])).status, 204, 'BYE')
})

const BROKEN = {
    'a piece longer than the body': [Buffer.from([5, 0x91, 3]), 4002], 'a length without an end': [Buffer.from([0x80, 0x80, 0x80, 0x80]), 4002],
    'no message': [piece(Buffer.from([0xc1])), 4002], 'a message too long': [piece(Buffer.alloc(1025, 0x90)), 1009],
    'HELLO again': [piece(pack(helloOf())), 4011], 'nobody\'s message': [piece(pack([9])), 4003],
}
await test('a post that breaks a rule ends the session: told by its answer and on the downlink', async () => {
    for (const [name, [body, code]] of Object.entries(BROKEN)) {
        const link = await begin()
        const first = messagesOf(await poll(link))[0]
        const held = poll(link, link.tick + first.advance)
        const answer = await answerTo(server, `${link.path}?n=1`, { method: 'POST', body })
        equal(answer.status, 400, name)
        equal(byeOf(answer).code, code, name)
        let told = firstOf(await held)
        if (told.number === 32) told = firstOf(await poll(link))
        equal(told.code, code, `${name}, on the downlink`)
        const late = await poll(link)
        equal(late.status, 410, `${name}, later`)
        equal(byeOf(late).code, code, `${name}, told again`)
    }
})

// ---- What was lost on the way.

await test('a poll whose answer is lost: WELCOME says from where it goes on, and nothing is missing', async () => {
    const link = await begin()
    const client = new Client()
    const take = async () => {
        const answer = await poll(link, client.tick, client.event)
        equal(answer.status, 200, 'status')
        client.begin()
        return messagesOf(answer).map(({ number }, i) => client.receive(pieces(answer.body).messages[i]) && number)[0]
    }
    client.receive(link.bytes)
    await take()
    const before = await server.metrics()
    for (let i = 1; i <= 10; i++) {
        link.tick = client.tick
        equal((await post(link, i, [1, i, client.tick, (i % 3) - 1, 8, i & 1, -1])).status, 204, 'post')
        const lost = await ask(server, `${link.path}/poll?tick=${client.tick}&event=${client.event}`)
        equal(lost.status, 200, 'the lost answer')
        lost.answer.destroy()
        equal(await take(), 16, 'WELCOME')
        equal(client.welcome.kept, true, 'kept')
        equal(await take(), 32, 'FRAME')
    }
    equal((await server.metrics()).links_taken_back - before.links_taken_back, 10, 'links_taken_back')
    let number = 11
    for (; client.hashes.right < 3 && number < 40; number++) {
        await post(link, number, [6])
        await take()
    }
    hold(client.hashes.right >= 3, `right hashes: ${client.hashes.right}`)
    equal(client.hashes.wrong, 0, 'wrong hashes')
    await post(link, number, [5])
})

await test('a client that says nonsense of what it holds begins anew', async () => {
    const link = await begin()
    hold(messagesOf(await poll(link))[0].number === 32, 'a frame')
    for (const tick of [0, 1, 4294967295]) {
        const [message] = messagesOf(await poll(link, tick, 4294967295))
        equal(message.number, 16, 'WELCOME')
        equal(message.kept, false, 'kept')
    }
    await post(link, 1, [5])
})

/** Events of an event stream, until `count` have come. */
async function events(link, query, headers, count) {
    const { answer } = await ask(server, `${link.path}/sse${query}`, { headers })
    let text = ''
    for await (const bytes of answer) {
        text = (text + bytes).replaceAll(':\n\n', '') // a sign that the line stands is none
        if (text.split('\n\n').length > count) break
    }
    answer.destroy()
    return text.split('\n\n').slice(0, count).map((part) => ({
        retry: /^retry: (.*)$/m.exec(part)?.[1],
        id: /^id: (.*)$/m.exec(part)?.[1],
        message: part.includes('data: ') && read(Buffer.from(/^data: (.*)$/m.exec(part)[1], 'base64')),
    }))
}

await test('an event stream goes on by Last-Event-ID, whatever its query says', async () => {
    const link = await begin()
    const query = `?tick=${link.tick}&event=0`
    const [retry, first, second] = await events(link, query, {}, 3)
    equal(retry.retry, '1000', 'retry')
    equal(first.message.number, 32, 'FRAME')
    equal(first.id, `${link.tick + first.message.advance}.${first.message.events.elements?.length ? first.id.split('.')[1] : 0}`, 'id')
    const last = second.id
    const [, after] = await events(link, query, { 'Last-Event-ID': last }, 2)
    if (after.message.number === 16) { // another event was written before it was cut
        equal(after.message.kept, true, 'kept')
        equal(after.message.tick, Number(last.split('.')[0]), 'from where')
    }
    const [, back] = await events(link, query, { 'Last-Event-ID': first.id }, 2)
    equal(back.message.number, 16, 'WELCOME for what is no more')
    const [, nonsense] = await events(link, query, { 'Last-Event-ID': 'x.y' }, 2)
    equal(nonsense.message.number, 16, 'the query counts, which is old')
    await post(link, 1, [5])
})

await test('a poll without news ends with 204, and the next one goes on; it is held though connections rest for less', async () => {
    const still = await Server.start({ game: 'dots', rate: 20, poll_s: 3, request_s: 1 }, { ini: '[game dots]\ncomputers = 0\n' })
    const link = await begin({ game: 'dots' }, still)
    const at = async () => answerTo(still, `${link.path}/poll?tick=${link.tick}&event=0`)
    let answer = await at()
    while (answer.status === 200) {
        for (const message of messagesOf(answer)) link.tick += message.advance ?? 0
        answer = await at()
    }
    equal(answer.status, 204, 'status')
    equal(answer.headers['content-length'], undefined, 'no length with 204')
    equal((await at()).status, 204, 'the next')
    hold((await still.metrics()).polls_empty >= 2, 'counted')
    await still.finish()
})

await test('pull: everything in one frame, whose hash is right; 304 while nothing happens', async () => {
    const link = await begin({ name: 'Puller' })
    const pull = (known) => answerTo(server, `${link.path}/state`, { headers: known ? { 'If-None-Match': known } : {} })
    let [number, right, answer] = [0, 0, null]
    for (; right < 2 && number < 60; number++) {
        if (number % 3 === 0) await post(link, number / 3 + 1, [6])
        answer = await pull()
        equal(answer.status, 200, 'status')
        const client = new Client() // which holds nothing since WELCOME
        client.receive(link.bytes)
        client.receive(answer.body)
        hold(client.rows.size > 0, 'rows')
        equal(client.hashes.wrong, 0, 'wrong hashes')
        right += client.hashes.right
    }
    hold(right >= 2, 'right hashes')
    await until(async () => (await pull(answer.headers.etag)).status === 304 || void (answer = await pull()), 'nothing to happen')
    const same = await pull(`W/"x", ${answer.headers.etag}`)
    equal(same.body.length, 0, 'the body of 304')
    const [greeting] = messagesOf(await poll(link))
    equal(greeting.number, 16, 'WELCOME for who polls after it')
    await post(link, Math.ceil(number / 3) + 1, [5])
})

// ---- Two places at once.

await test('the token is used elsewhere: the downlink is told 4032, posts and polls get 409', async () => {
    const link = await begin()
    const { answer } = await ask(server, `${link.path}/stream?tick=${link.tick}&event=0`)
    const second = await begin({ session: link.welcome.session })
    equal(second.welcome.player, link.welcome.player, 'seat')
    const told = []
    let rest = Buffer.alloc(0)
    for await (const bytes of answer) {
        const row = pieces(Buffer.concat([rest, bytes]))
        rest = row.rest
        told.push(...row.messages.map((message) => read(message)))
    }
    equal(told.at(-1).code, 4032, 'BYE on the stream, which ends')
    for (const late of [await post(link, 1, [3, 1]), await poll(link)]) {
        equal(late.status, 409, 'status')
        equal(byeOf(late).code, 4032, 'BYE')
    }
    equal((await post(second, 1, [5])).status, 204, 'the second leaves')
})

await test('a newer downlink ends the older without a word', async () => {
    const link = await begin()
    const first = await ask(server, `${link.path}/stream?tick=${link.tick}&event=0`)
    const seen = first.body()
    await sleep(100)
    const held = await poll(link)
    hold([200, 204].includes(held.status), 'the poll is answered')
    const numbers = pieces(await seen).messages.map((bytes) => read(bytes).number)
    hold(!numbers.includes(20), 'no BYE')
    await post(link, 1, [5])
})

// ---- Pages of other origins.

await test('origins: our own needs nothing, a listed one is named, others get 403', async () => {
    const hello = (Origin) => answerTo(server, '/play', { method: 'POST', headers: Origin ? { Origin } : {}, body: pack(helloOf()) })
    const own = await hello(`https://localhost:${server.port}`)
    equal(own.status, 201, 'our own')
    const listed = await hello('https://game.example')
    equal(listed.status, 201, 'a listed one')
    equal(listed.headers['access-control-allow-origin'], 'https://game.example', 'Access-Control-Allow-Origin')
    equal(listed.headers.vary, 'Origin', 'Vary')
    hold(/\bLocation\b/.test(listed.headers['access-control-expose-headers']), 'Location may be read')
    equal(listed.headers['cache-control'], 'no-store, no-transform', 'Cache-Control')
    equal((await hello('https://evil.example')).status, 403, 'another')
    const evil = await answerTo(server, `${listed.headers.location}/poll`, { headers: { Origin: 'https://evil.example' } })
    equal(evil.status, 403, 'another, with a link')
    for (const way of ['stream', 'sse']) {
        const { headers, answer } = await ask(server, `${listed.headers.location}/${way}?tick=0&event=0`, { headers: { Origin: 'https://game.example' } })
        equal(headers['access-control-allow-origin'], 'https://game.example', way)
        equal(headers['x-accel-buffering'], 'no', way)
        equal(headers['content-type'], way === 'sse' ? 'text/event-stream' : 'application/octet-stream', way)
        answer.destroy()
    }
    const asked = await answerTo(server, '/play', { method: 'OPTIONS', headers: { Origin: 'https://game.example', 'Access-Control-Request-Method': 'POST' } })
    equal(asked.status, 204, 'OPTIONS')
    hold(asked.headers['access-control-allow-methods'].includes('POST'), 'POST is allowed')
})

// ---- Bodies.

/** Bytes as they are; the answer's status, or null if the server hung up. */
const raw = async (text) => (await request(server, text))?.status ?? null
const heading = (path, ...lines) => [`POST ${path} HTTP/1.1`, 'Host: localhost', ...lines, '', ''].join('\r\n')

await test('lengths that are wrong, missing or none', async () => {
    const body = pack(helloOf()).toString('latin1')
    for (const path of ['/play', `${(await begin()).path}?n=1`]) {
        equal(await raw(heading(path) + body), 411, 'no length')
        equal(await raw(heading(path, 'Transfer-Encoding: chunked') + '0\r\n\r\n'), 411, 'chunked')
        for (const length of ['-1', '+5', '1e1', '0x10', ' ', '05', '99999999999999999999']) equal(await raw(heading(path, `Content-Length: ${length}`) + body), 411, `length ${length}`)
        for (const length of ['4097', '2000000000', '4294967295']) equal(await raw(heading(path, `Content-Length: ${length}`)), 413, `length ${length}`)
    }
    for (const of of ['GET', 'OPTIONS']) {
        const asked = heading(`${(await begin()).path}/state`, 'Transfer-Encoding: chunked').replace('POST', of)
        equal(await raw(asked + '0\r\n\r\n'), 400, `${of} with a body, which must not be taken for the next request`)
    }
    equal(await raw(heading('/play', 'Content-Length: 0')), 400, 'an empty HELLO')
    equal(await raw(heading('/play', 'Content-Length: 3') + body), 400, 'a HELLO cut short')
})

await test('a body that never comes is waited for in vain', async () => {
    const path = (await begin()).path
    const slow = await Promise.all(['/play', `${path}?n=1`].map(async (at) => {
        const socket = await dial(server)
        socket.write(heading(at, 'Content-Length: 100') + 'abc')
        const drip = setInterval(() => socket.destroyed || socket.write('x'), 500)
        socket.on('end', () => socket.destroy()).on('close', () => clearInterval(drip)).resume()
        return socket
    }))
    await until(() => slow.every(({ destroyed }) => destroyed), 'both to be hung up on', 30000)
})

// ---- Who has gone, and who says too much.

const turns = async (seconds) => {
    const before = (await server.metrics()).loop_turns
    await sleep(seconds * 1000)
    return ((await server.metrics()).loop_turns - before) / seconds
}

await test('polls, streams and event streams whose client has gone: no loop spins, and they are freed', async () => {
    await until(async () => (await server.metrics()).sessions === 0, 'the sessions of tests before to end', 30000)
    let quiet = RATE // of two threads whom no tick has anything to tell, once the last shots have flown
    await until(async () => (quiet = await turns(1)) < RATE, 'the threads to sleep through ticks', 30000)
    const links = await Promise.all([...Array(12).keys()].map(() => begin()))
    const sockets = await Promise.all(links.map(async ({ path, tick }, i) => {
        const socket = await dial(server)
        socket.write(`GET ${path}/${['poll', 'stream', 'sse'][i % 3]}?tick=${tick}&event=0 HTTP/1.1\r\nHost: localhost\r\n\r\n`)
        if (i % 2) socket.write(`GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`) // and one more at once
        return socket
    }))
    await sleep(300)
    for (const [i, socket] of sockets.entries()) i % 4 < 2 ? socket.destroy() : socket.end()
    const most = await turns(2)
    hold(most < quiet + RATE * 12, `turns a second: ${quiet} when quiet, ${most} with clients that went`)
    await until(async () => (await server.metrics()).connections <= 1, 'their connections to be freed', 30000)
    await until(async () => (await server.metrics()).sessions === 0, 'their sessions to end', 30000)
})

await test('a link that says nothing more is silent, 4031, and may be taken up again', async () => {
    const link = await begin({ name: 'Mute' })
    const { body } = await ask(server, `${link.path}/stream?tick=${link.tick}&event=0`)
    const row = pieces(await body())
    equal(read(row.messages.at(-1)).code, 4031, 'BYE')
    const again = await begin({ session: link.welcome.session })
    equal(again.welcome.player, link.welcome.player, 'seat')
    await post(again, 1, [5])
})

await test('a stream that says nothing to anybody shows that it stands', async () => {
    const still = await Server.start({ game: 'dots', rate: 10, ping_s: 1, keepalive_ms: 60000 }, { ini: '[game dots]\ncomputers = 0\n' })
    for (const way of ['stream', 'sse']) {
        const link = await begin({ game: 'dots' }, still)
        const { answer } = await ask(still, `${link.path}/${way}?tick=${link.tick}&event=0`)
        let seen = Buffer.alloc(0)
        answer.on('data', (bytes) => (seen = Buffer.concat([seen, bytes])))
        await until(() => (way === 'sse' ? seen.includes('\n\n:\n\n') : seen.length > 0 && seen.at(-1) === 0), 'a sign')
        answer.destroy()
    }
    await still.finish()
})

await test('floods of polls and of posts end with 4030', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 8 })
    const flood = async (make) => {
        for (let i = 0; i < 3000; i += 50) {
            const answers = await Promise.all([...Array(50).keys()].map((n) => make(i + n + 1)))
            const over = answers.find(({ status }) => status === 429)
            if (over) return byeOf(over).code
        }
    }
    const slow = await Server.start({ rate: 4 }) // lets few messages through
    const [polling, posting] = [await begin({}, slow), await begin({}, slow)]
    equal(await flood(() => answerTo(slow, `${polling.path}/poll?tick=0&event=0`, { agent })), 4030, 'polls')
    const body = Buffer.concat(Array(400).fill(piece(pack([3, 1]))))
    equal(await flood((n) => answerTo(slow, `${posting.path}?n=${n}`, { method: 'POST', body, agent })), 4030, 'posts')
    agent.destroy()
    await slow.finish()
})

await test('HELLO after HELLO: sixteen on one connection, and who does nothing with them loses them', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const hello = () => answerTo(server, '/play', { method: 'POST', body: pack(helloOf()), agent })
    for (let i = 0; i < 16; i++) equal((await hello()).status, 201, `HELLO ${i + 1}`)
    equal((await hello()).status, 429, 'one more')
    agent.destroy()
    await until(async () => (await server.metrics()).links === 0, 'all links to end', 30000)
})

await test('readers that do not read cost little', async () => {
    const before = server.memoryKib()
    const busy = await Promise.all([...Array(4).keys()].map((i) => Player.join(server, { name: `Busy ${i}` })))
    const deaf = await Promise.all([...Array(20).keys()].map((i) => Player.join(server, { name: `Deaf ${i}` }, { over: ['stream', 'sse'][i % 2] })))
    await until(() => deaf.every(({ ws }) => ws.down), 'their downlinks')
    for (const player of deaf) player.ws.down.socket.pause()
    for (let i = 0; i < 60; i++) {
        for (const player of busy) player.input((i % 5) - 2, 8, 1, -1)
        for (const player of deaf) player.ping(i)
        await sleep(25)
    }
    const each = (server.memoryKib() - before) / deaf.length
    hold(SANITIZED || each <= 256, `memory: ${each} KiB each`)
    for (const player of deaf) player.ws.down.socket.resume()
    for (const player of deaf) await until(() => player.tick > busy[0].tick - RATE, 'it to catch up')
    for (const player of [...busy, ...deaf]) equal(player.client.hashes.wrong, 0, 'wrong hashes')
    for (const player of [...busy, ...deaf]) player.destroy()
})

// ---- The end.

await test('SIGTERM: every downlink is told 4001', async () => {
    const going = await Server.start({ rate: RATE, io_threads: 2 })
    const players = await Promise.all([...Array(30).keys()].map((i) => Player.join(going, {}, { over: ['stream', 'sse', 'poll'][i % 3] })))
    await sleep(300)
    await going.stop()
    for (const player of players) equal((await player.end()).bye, 4001, `BYE over ${player.ws.over}`)
    await going.discard()
})

await test('the server ends well', () => server.finish())
await done()
