// Downlinks of links: what was lost on the way, who goes on from where, two places at once, and signs that a line stands.
// Floods and clients that have gone are in link_floods_test.mjs.
import { Client } from '../golden/decoder/client.mjs'
import { read } from '../golden/decoder/messages.mjs'
import { RATE, begin, byeOf, messagesOf, poll, post, startServer } from './hand_link.mjs'
import { Server, all, also, done, equal, hold, test, until } from './lib.mjs'
import { answerTo, ask, pieces } from './link.mjs'
import { Player } from './player.mjs'

// ---- On servers of their own, beside all others: they mostly wait.

also('a poll without news ends with 204, and the next one goes on; it is held though connections rest for less', async () => {
    const still = await Server.start({ game: 'dots', rate: 20, poll_s: 2, request_s: 1 }, { ini: '[game dots]\ncomputers = 0\n' })
    const link = await begin(still, { game: 'dots' })
    let answer = await poll(link)
    while (answer.status === 200) {
        for (const message of messagesOf(answer)) link.tick += message.advance ?? 0
        answer = await poll(link)
    }
    equal(answer.status, 204, 'status')
    equal(answer.headers['content-length'], undefined, 'no length with 204')
    equal((await poll(link)).status, 204, 'the next')
    hold((await still.metrics()).polls_empty >= 2, 'counted')
    await still.finish()
})

also('a stream that says nothing to anybody shows that it stands', async () => {
    const still = await Server.start({ game: 'dots', rate: 10, ping_s: 1, keepalive_ms: 60000 }, { ini: '[game dots]\ncomputers = 0\n' })
    for (const way of ['stream', 'sse']) {
        const link = await begin(still, { game: 'dots' })
        const { answer } = await ask(still, `${link.path}/${way}?tick=${link.tick}&event=0`)
        let seen = Buffer.alloc(0)
        answer.on('data', (bytes) => (seen = Buffer.concat([seen, bytes])))
        await until(() => (way === 'sse' ? seen.includes('\n\n:\n\n') : seen.length > 0 && seen.at(-1) === 0), 'a sign')
        answer.destroy()
    }
    await still.finish()
})

also('SIGTERM: every downlink is told 4001', async () => {
    const going = await Server.start({ rate: RATE, io_threads: 2 })
    const players = await Promise.all([...Array(30).keys()].map((i) => Player.join(going, {}, { over: ['stream', 'sse', 'poll'][i % 3] })))
    await until(() => players.every(({ client }) => client.frames > 0), 'all of them to be told something')
    await going.stop()
    for (const player of players) equal((await player.end()).bye, 4001, `BYE over ${player.ws.over}`)
    await going.discard()
})

const besides = all()
const server = await startServer()

// ---- What was lost on the way.

await test('a poll whose answer is lost: WELCOME says from where it goes on, and nothing is missing', async () => {
    const link = await begin(server)
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
    const link = await begin(server)
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
    const link = await begin(server)
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

// ---- Nothing new.

await test('pull: everything in one frame, whose hash is right; 304 while nothing happens', async () => {
    const link = await begin(server, { name: 'Puller' })
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
    const link = await begin(server)
    const { answer } = await ask(server, `${link.path}/stream?tick=${link.tick}&event=0`)
    const second = await begin(server, { session: link.welcome.session })
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
    const link = await begin(server)
    const first = await ask(server, `${link.path}/stream?tick=${link.tick}&event=0`)
    const seen = first.body()
    const held = await poll(link)
    hold([200, 204].includes(held.status), 'the poll is answered')
    const numbers = pieces(await seen).messages.map((bytes) => read(bytes).number)
    hold(!numbers.includes(20), 'no BYE')
    await post(link, 1, [5])
})

await besides
await test('the server ends well', () => server.finish())
await done()
