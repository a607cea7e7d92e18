// Requests of links: posts that are lost, repeated, overtaken, slow or false each count once, and whatever makes no sense is
// refused. What links are told is in link_downlinks_test.mjs.
import { read } from '../golden/decoder/messages.mjs'
import { begin, byeOf, firstOf, input, messagesOf, poll, post, startServer } from './hand_link.mjs'
import { all, also, dial, done, equal, hold, request, test, until } from './lib.mjs'
import { answerTo, ask, piece } from './link.mjs'
import { helloOf, pack } from './player.mjs'

const heading = (path, ...lines) => [`POST ${path} HTTP/1.1`, 'Host: localhost', ...lines, '', ''].join('\r\n')

also('a body that never comes is waited for in vain', async () => {
    const patient = await startServer()
    const { path } = await begin(patient)
    const slow = await Promise.all(['/play', `${path}?n=1`].map(async (at) => {
        const socket = await dial(patient)
        socket.write(heading(at, 'Content-Length: 100') + 'abc')
        const drip = setInterval(() => socket.destroyed || socket.write('x'), 500)
        socket.on('end', () => socket.destroy()).on('close', () => clearInterval(drip)).resume()
        return socket
    }))
    await until(() => slow.every(({ destroyed }) => destroyed), 'both to be hung up on')
    await patient.finish()
})
const besides = all() // it mostly waits

const server = await startServer()

// ---- Posts.

await test('a post that is repeated counts once', async () => {
    const link = await begin(server)
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
    const link = await begin(server)
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
    const link = await begin(server)
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
        const link = await begin(server)
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

// ---- Bodies.

/** Bytes as they are; the answer's status, or null if the server hung up. */
const raw = async (text) => (await request(server, text))?.status ?? null

await test('lengths that are wrong, missing or none', async () => {
    const body = pack(helloOf()).toString('latin1')
    for (const path of ['/play', `${(await begin(server)).path}?n=1`]) {
        equal(await raw(heading(path) + body), 411, 'no length')
        equal(await raw(heading(path, 'Transfer-Encoding: chunked') + '0\r\n\r\n'), 411, 'chunked')
        for (const length of ['-1', '+5', '1e1', '0x10', ' ', '05', '99999999999999999999']) equal(await raw(heading(path, `Content-Length: ${length}`) + body), 411, `length ${length}`)
        for (const length of ['4097', '2000000000', '4294967295']) equal(await raw(heading(path, `Content-Length: ${length}`)), 413, `length ${length}`)
    }
    for (const of of ['GET', 'OPTIONS']) {
        const asked = heading(`${(await begin(server)).path}/state`, 'Transfer-Encoding: chunked').replace('POST', of)
        equal(await raw(asked + '0\r\n\r\n'), 400, `${of} with a body, which must not be taken for the next request`)
    }
    equal(await raw(heading('/play', 'Content-Length: 0')), 400, 'an empty HELLO')
    equal(await raw(heading('/play', 'Content-Length: 3') + body), 400, 'a HELLO cut short')
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
        equal(headers['cache-control'], 'no-store, no-transform', way)
        equal(headers['content-type'], way === 'sse' ? 'text/event-stream' : 'application/octet-stream', way)
        answer.destroy()
    }
    const asked = await answerTo(server, '/play', { method: 'OPTIONS', headers: { Origin: 'https://game.example', 'Access-Control-Request-Method': 'POST' } })
    equal(asked.status, 204, 'OPTIONS')
    hold(asked.headers['access-control-allow-methods'].includes('POST'), 'POST is allowed')
})

await besides
await test('the server ends well', () => server.finish())
await done()
