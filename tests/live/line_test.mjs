// A full server, and full rooms: a line with places that move up, its bound, and who goes before it: those who come
// back to a session that stands.
import { Server, dial, done, equal, hold, request, test, until } from './lib.mjs'
import { Player, helloOf, pack } from './player.mjs'
import { upgradeText } from './websocket.mjs'

const waiting = (player) => until(() => player.client.place || player.over, 'a place in line')
const seated = (player) => until(() => player.welcome || player.over, 'WELCOME').then(() => hold(player.welcome, 'seated'))

const server = await Server.start({ sessions_max: 3, line_max: 4, rate: 60, resume_s: 30 }, { ini: '[game arena]\ncomputers = 0\n' })
const players = []
for (let i = 0; i < 3; i++) players.push(await Player.join(server))
const line = []

await test('who finds all seats taken is told the place in line', async () => {
    for (let i = 0; i < 4; i++) {
        line.push(await Player.enter(server, { name: `L${i}` }))
        await waiting(line[i])
        equal(line[i].client.place, i + 1, 'place')
    }
    await server.told('queued', ({ place }) => place === '4')
    await until(async () => (await server.metrics()).waiting === 4, 'the gauge to say so')
})

await test('beyond the line: 4023, with a time to come back', async () => {
    const end = await (await Player.enter(server, {})).end()
    equal(end.bye, 4023, 'BYE')
    hold(end.wait >= 5000, `wait: ${end.wait}`)
})

await test('who comes back does not wait, and takes the seat', async () => {
    const [lost] = players.splice(0, 1)
    lost.destroy()
    const again = await Player.join(server, { session: lost.welcome.session })
    equal(again.welcome.player, lost.welcome.player, 'seat')
    equal(again.client.place, undefined, 'a place in line')
    players.push(again)
})

await test('a seat that comes free is the first one\'s, and the others move up', async () => {
    await players.pop().leave()
    await seated(line[0])
    await until(() => line.slice(1).every(({ client }, i) => client.place === i + 1), 'the others to move up')
    hold(line.slice(1).every(({ welcome }) => !welcome), 'and only the first')
    players.push(line.shift())
})

await test('who leaves the line, or is lost, makes room in it', async () => {
    line[1].say([5])
    await line[1].end()
    line[0].destroy()
    await until(() => line[2].client.place === 1, 'the last to be the next')
    const [, , last] = line.splice(0, 3)
    const late = await Player.enter(server, { name: 'late' })
    await waiting(late)
    equal(late.client.place, 2, 'place')
    line.push(last, late)
})

await test('the token of a session that is no more waits like everybody', async () => {
    const stranger = await Player.enter(server, { session: '0'.repeat(32) })
    await waiting(stranger)
    equal(stranger.client.place, 3, 'place')
    stranger.destroy()
})

await test('a full room has a line of its own; other rooms are open', async () => {
    const roomy = await Server.start({ line_max: 8, rate: 60 })
    const hello = { game: 'faulty', room: 'full' } // two seats
    const two = [await Player.join(roomy, hello), await Player.join(roomy, hello)]
    const next = [await Player.enter(roomy, hello), await Player.enter(roomy, hello)]
    for (const player of next) await waiting(player)
    equal(next.map(({ client }) => client.place).join(), '1,2', 'places')
    const elsewhere = [await Player.join(roomy), await Player.join(roomy, { game: 'faulty', room: 'other' })]
    await two[0].leave()
    await seated(next[0])
    await until(() => next[1].client.place === 1, 'the second to be next')
    for (const player of elsewhere) hold(!player.over, 'other rooms')
    await roomy.stop()
    equal((await next[1].end()).bye, 4001, 'BYE to who waits')
    await roomy.discard()
})

await test('without WebSocket the place comes as the answer to HELLO, and is lost with the link', async () => {
    const hello = pack(helloOf({ name: 'post' }))
    const head = `POST /play HTTP/1.1\r\nHost: localhost:${server.port}\r\nContent-Length: ${hello.length}\r\n\r\n`
    const socket = await dial(server)
    const answer = await request(server, Buffer.concat([Buffer.from(head), hello]), socket)
    equal(answer.status, 201, 'status')
    equal(answer.body.slice(-2), '\x15\x03', 'QUEUED, place 3')
    const bye = await request(server, Buffer.concat([Buffer.from(`POST ${answer.headers.location}?n=1 HTTP/1.1\r\nHost: localhost:${server.port}\r\nContent-Length: 3\r\n\r\n`), Buffer.from([2, 0x91, 5])]), socket)
    equal(bye.status, 204, 'BYE by post')
    socket.destroy()
    await until(async () => (await server.metrics()).waiting === 2, 'the line to be two again')
})

await test('a crowd of hellos: each is seated, in line, or told to come again', async () => {
    const crowd = await Promise.all([...Array(40).keys()].map((i) => Player.enter(server, { name: `C${i}` }).catch(() => null)))
    await until(() => crowd.every((player) => !player || player.over || player.client.place), 'an answer for each')
    const told = crowd.filter((player) => player?.bye)
    hold(told.every(({ bye }) => bye.code === 4023 && bye.wait >= 5000), 'their code and wait')
    hold(new Set(told.map(({ bye }) => bye.wait)).size > 3, 'waits of their own')
    hold(crowd.filter((player) => player?.client.place && !player.over).length >= 2, 'some in line')
    for (const player of crowd) player?.destroy()
    await until(async () => (await server.metrics()).waiting === 2, 'the line to be two again')
})

await test('more WebSockets than anybody could want: 503 with Retry-After', async () => {
    const small = await Server.start({ sessions_max: 1, line_max: 0, hello_s: 30 })
    const mute = []
    const refusal = await until(async () => {
        const next = await Player.enter(small, null).catch((error) => error)
        if (next instanceof Player) mute.push(next)
        else return next
    }, 'a refusal')
    equal(refusal.message, 'upgrade: 503', 'what is refused')
    equal(mute.length, 17, 'room to say who one is')
    const answer = await request(small, upgradeText(small))
    hold(answer.status === 503 && Number(answer.headers['retry-after']) >= 5, 'a time to come again')
    for (const player of mute) player.destroy()
    await small.finish()
})

await test('the server ends well, and tells who waits', async () => {
    const last = line.at(-1)
    await server.stop()
    equal((await last.end()).bye, 4001, 'BYE')
    await server.discard()
})
await done()
