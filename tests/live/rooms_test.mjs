// Rooms: several of several games at once, made on demand, kept apart, closed when empty.
import { Server, done, equal, test, until } from './lib.mjs'
import { Player } from './player.mjs'

const RATE = 60

const server = await Server.start({ rate: RATE, room_empty_s: 1 }, { ini: '[game arena]\ncomputers = 2\n[game dots]\ncomputers = 3\nspeed = 100\n' })
let players = []

await test('two rooms of two games at once', async () => {
    for (const game of ['arena', 'dots']) {
        for (const room of ['', 'east']) players.push(await Player.join(server, { game, room, name: `${game} ${room || 'main'}` }))
    }
    equal(new Set(players.map(({ welcome }) => welcome.instance)).size, 4, 'instances')
    equal(players.map(({ welcome }) => welcome.room).join(), 'main,east,main,east', 'rooms')
    equal((await server.json('/api/status')).rooms, 4, 'rooms')
    equal((await server.json('/api/status')).players, 4, 'players')
})

await test('the rules of a game come from its section', async () => {
    const { welcome } = players[2]
    equal(welcome.rules[welcome.schema.rules.findIndex(({ name }) => name === 'speed')], 100, 'speed')
})

await test('computers sit in each room, and rooms do not mix', async () => {
    for (const player of players) {
        const kind = player.welcome.schema.kinds.find(({ name }) => name === 'pilot' || name === 'dot').name
        await until(() => player.own(kind), 'the own row')
        const there = [...Array(64).keys()].filter((slot) => player.row(kind, slot))
        equal(there.length, player.welcome.schema.game === 'arena' ? 3 : 4, `rows of ${kind}`)
    }
})

await test('dots run for the coin: events and hashes are right', async () => {
    const [, , dots] = players
    await until(() => dots.client.hashes.right >= 2 && dots.client.events.length, 'hashes and an event')
    for (const player of players) equal(player.client.hashes.wrong, 0, 'wrong hashes')
})

await test('calls to a game that takes none are answered with status 255', async () => {
    const other = await Player.join(server, { game: 'speechless' })
    other.call(4, other.recordIndex('talk'), 1)
    const reply = await until(() => other.client.answers.find(({ ticket }) => ticket === 4), 'REPLY')
    equal(reply.status, 255, 'status')
    equal(reply.values.length, 0, 'values')
    await other.leave()
})

await test('an empty room closes with its line, and main stays', async () => {
    const left = players.splice(1, 1)[0]
    await left.leave()
    await server.told('room_closed', ({ game, room }) => game === 'arena' && room === 'east')
    const first = players.shift()
    const { instance } = first.welcome
    await first.leave()
    await (await Player.join(server, { room: 'west' })).leave() // empty for less long than main
    await server.told('room_closed', ({ room }) => room === 'west')
    const again = await Player.join(server, {})
    equal(again.welcome.instance, instance, 'the same main')
    await again.leave()
})

await test('a room that closed is made anew by the next who asks', async () => {
    const again = await Player.join(server, { room: 'east' })
    equal(server.lines.filter(({ event, room, game }) => event === 'room_opened' && room === 'east' && game === 'arena').length, 2, 'openings')
    await again.leave()
})

await test('twenty rooms come and go', async () => {
    const many = await Promise.all([...Array(20).keys()].map((i) => Player.join(server, { game: i % 2 ? 'dots' : 'arena', room: `r-${i}` })))
    for (const player of many) player.destroy() // the hard way: seats are kept until resume_s
    for (const player of many) player.ws.closed ??= { code: 1006 }
    await until(async () => (await server.json('/api/status')).players >= 20, 'seats to be kept')
})

await test('main is open again after its game ended it, and never closes', async () => {
    const ending = await Server.start({ game: 'faulty', rate: RATE, room_empty_s: 1, resume_s: 1, rooms_max: 2 })
    const opened = () => ending.lines.filter(({ event, room }) => event === 'room_opened' && room === 'main').length
    const first = await Player.join(ending, { game: 'faulty' })
    first.call(1, first.recordIndex('end-room'), 1)
    await ending.told('room_closed')
    const side = await Player.join(ending, { game: 'faulty', room: 'side' })
    await until(() => opened() === 2, 'main to be opened again')
    await side.leave()
    await ending.told('room_closed', ({ room }) => room === 'side')
    const { ticks } = await ending.metrics()
    await until(async () => (await ending.metrics()).ticks > ticks + RATE, 'another look at the rooms')
    equal((await ending.json('/api/status')).rooms, 1, 'rooms')
    equal(opened(), 2, 'openings of main')
    await ending.finish()
})

await test('the server ends well', () => server.finish())
await done()
