// Players without WebSocket: over a stream, an event stream and long polls, with TLS and several I/O threads. Each plays
// a match with right hashes, changes its transport in mid-game and keeps everything; inputs count once.
import { SANITIZED, Server, done, equal, hold, test, until } from './lib.mjs'
import { Player, steerAbout } from './player.mjs'

const WAYS = ['stream', 'sse', 'poll']
const RATE = SANITIZED ? 20 : 60
const server = await Server.start({ rate: RATE, io_threads: 3, resume_s: 5 }, { ini: '[game arena]\ncomputers = 6\n' })

const play = (player, inputs) => steerAbout(player, inputs, RATE)

/** Asks for hashes, which must be right. */
async function rightHashes(player) {
    const { hashes } = player.client
    for (const due of [hashes.right + 1, hashes.right + 2]) {
        player.say([6])
        await until(() => hashes.right >= due || player.over, () => `right hashes: ${JSON.stringify([hashes, player.over])}`)
    }
}

for (const over of WAYS) {
    await test(`${over}: a match with right hashes, inputs used, a PONG, and BYE`, async () => {
        const player = await Player.join(server, { name: `By ${over}` }, { over })
        equal(player.welcome.name, `By ${over}`, 'name')
        await until(() => player.own('ship') && player.own('pilot'), 'its own rows')
        player.ping(7)
        await play(player, 40)
        await rightHashes(player)
        equal(player.client.hashes.wrong, 0, 'wrong hashes')
        equal(player.client.answers.filter(({ what, stamp }) => what === 18 && stamp === 7).length, 1, 'PONGs')
        await server.told('downlink', (line) => line.over === over && line.name === `By ${over}`)
        equal((await player.leave()).bye, 4000, 'BYE')
        await server.told('left', ({ name, code }) => name === `By ${over}` && code === '4000')
    })
}

await test('all ways at once and WebSocket beside them: everybody sees everybody', async () => {
    const players = await Promise.all([...WAYS, ...WAYS, ...WAYS, null].map((over, i) => Player.join(server, { name: `Crowd ${i}` }, over ? { over } : {})))
    for (const player of players) await until(() => players.every(({ welcome }) => player.row('pilot', welcome.player)), 'all pilots')
    await Promise.all(players.map((player) => play(player, 20)))
    await Promise.all(players.map((player) => rightHashes(player)))
    for (const player of players) equal(player.client.hashes.wrong, 0, 'wrong hashes')
    equal((await server.metrics()).writes_doubled, 0, 'writes_doubled')
    for (const player of players) await player.leave()
})

await test('from WebSocket to all others and back: the seat, what is held and each input are kept', async () => {
    const player = await Player.join(server, { name: 'Mover' })
    const { player: seat, session } = player.welcome
    await until(() => player.own('ship'), 'its ship')
    for (const over of ['sse', 'poll', 'stream', null, 'poll', 'sse', null]) {
        for (let i = 0; i < 5; i++) player.input(i - 2, 8, 1, -1) // still on their way, or waiting, when it moves
        await player.move(over ? { over } : {})
        hold(player.welcome.kept, `kept over ${over}`)
        equal(player.welcome.player, seat, 'seat')
        equal(player.welcome.session, session, 'session')
        await play(player, 10)
        equal((await until(() => player.left.closed, 'the connection before to be told')).code, 4032, 'the code of the one before')
    }
    await rightHashes(player)
    equal(player.client.hashes.wrong, 0, 'wrong hashes')
    await player.leave()
})

await test('within a link the downlink may be another at any time', async () => {
    const player = await Player.join(server, { name: 'Changer' }, { over: 'poll' })
    await until(() => player.own('ship'), 'its ship')
    for (const over of ['sse', 'stream', 'poll', 'stream', 'sse']) {
        player.ws.change(over)
        await play(player, 10)
    }
    await rightHashes(player)
    equal(player.client.hashes.wrong, 0, 'wrong hashes')
    await player.leave()
})

await test('everything is given back', async () => {
    await until(async () => {
        const { sessions, links } = await server.metrics()
        return sessions === 0 && links === 0
    }, 'all sessions and links to end')
    await until(async () => (await server.metrics()).connections <= 1, async () => `${(await server.metrics()).connections} connections to close`)
})

await test('the server ends well', () => server.finish())
await done()
