// Clients that behave: they join, see the world, move, call, hear what happens, and leave. Every row that they
// hold is compared with the hash that the server states.
import { Server, done, equal, hold, sleep, test, until } from './lib.mjs'
import { Player } from './player.mjs'

const RATE = 60 // hashes are stated every 64 ticks

const server = await Server.start({ rate: RATE }, { ini: '[game arena]\ncomputers = 4\n' })
let ada, bob

await test('WELCOME says who, where, and how the room looks', async () => {
    ada = await Player.join(server, { name: 'Ada', device: '', lane: 1 })
    const { welcome } = ada
    equal(welcome.name, 'Ada', 'name')
    equal(welcome.room, 'main', 'room')
    equal(welcome.rate, RATE, 'rate')
    equal(welcome.lane, 1, 'lane')
    equal(welcome.used, 0, 'used')
    equal(welcome.schema.game, 'arena', 'game')
    equal(welcome.device.length, 32, 'digits of a device token')
    equal(welcome.rules.length, welcome.schema.rules.length, 'rules')
})

await test('the first frame gives everything: own ship, own pilot with its name, computers', async () => {
    await until(() => ada.own('ship'), 'the own ship')
    equal(ada.own('pilot').name, 'Ada', "the pilot's name")
    const pilots = [...Array(16).keys()].map((slot) => ada.row('pilot', slot)).filter((pilot) => pilot?.computer)
    equal(pilots.length, 4, 'computers')
})

await test('a client without prediction is served lane 0, one from the future lane 1', async () => {
    bob = await Player.join(server, { name: 'Bob', lane: 0 })
    equal(bob.welcome.lane, 0, 'lane')
    equal(bob.welcome.device, '', "a guest's device")
    const eve = await Player.join(server, { lane: 7 })
    equal(eve.welcome.lane, 1, 'lane')
    hold(eve.welcome.name.length > 0, 'a name was made up')
    equal((await eve.leave()).close, 4000, 'end')
})

await test('inputs turn and move the own ship, and are acknowledged as used', async () => {
    const before = { ...(await until(() => ada.own('ship'), 'a ship')) }
    for (let i = 0; i < 60; i++) {
        ada.input(3, 8, 0, -1)
        await sleep(1000 / RATE)
    }
    await until(() => ada.client.used === 60, 'the last input to be used')
    const after = await until(() => ada.own('ship'), 'a ship')
    hold(after.heading !== before.heading, 'it turned')
    hold(after.x !== before.x || after.y !== before.y, 'it moved')
})

await test('each sees what the other does', async () => {
    const dots = [await Player.join(server, { game: 'dots' }), await Player.join(server, { game: 'dots', lane: 0 })]
    for (const [one, other] of [dots, [...dots].reverse()]) {
        const seen = () => other.row('dot', one.welcome.player)
        one.input(0, 4)
        await until(() => seen()?.vy > 0, 'it to run')
        one.input(0, 0)
        await until(() => seen().vy === 0, 'it to stop')
    }
    for (const dot of dots) await dot.leave()
})

await test('PING comes back in a frame with the times of the server', async () => {
    ada.ping(123456789012)
    const pong = await until(() => ada.client.answers.find(({ what }) => what === 18), 'PONG')
    equal(pong.stamp, 123456789012, 'stamp')
    hold(pong.held < 60e6 && pong.received > ada.welcome.now - 60e6, 'times')
})

await test('CALL paint is answered and done', async () => {
    ada.call(7, ada.recordIndex('paint'), 123)
    const reply = await until(() => ada.client.answers.find(({ what }) => what === 19), 'REPLY')
    equal(reply.ticket, 7, 'ticket')
    equal(reply.status, 0, 'status')
    equal(reply.values[0], 123, 'hue')
    await until(() => bob.row('pilot', ada.welcome.player)?.hue === 123, 'the paint to be seen')
})

await test('events arrive once, in order', async () => {
    ada.sequence = ada.client.used
    const shooting = setInterval(() => ada.input(2, 4, 1, -1), 1000 / RATE)
    await until(() => ada.client.events.length >= 3, 'events')
    clearInterval(shooting)
    const ticks = ada.client.events.map(({ tick }) => tick)
    hold(ticks.every((tick, i) => i === 0 || tick >= ticks[i - 1]), 'in order')
})

await test('every hash that was stated over some hundred ticks is right, in both lanes', async () => {
    const fly = (player) => player.input(Math.floor(Math.random() * 17) - 8, 8, 1, -1)
    const end = ada.tick + 200
    while (ada.tick < end) {
        fly(ada)
        fly(bob)
        await sleep(1000 / RATE)
    }
    for (const player of [ada, bob]) {
        hold(player.client.hashes.right >= 3, `hashes were stated: ${player.client.hashes.right}`)
        equal(player.client.hashes.wrong, 0, 'wrong hashes')
    }
})

await test('nobody is written to twice in a tick, and messages are counted once', async () => {
    const metrics = await server.metrics()
    equal(metrics.writes_doubled, 0, 'writes_doubled')
    hold(metrics.frames > 0 && metrics.inputs >= ada.client.used + bob.client.used, 'frames and inputs were counted')
    const quiet = await Server.start({ rate: 1, keepalive_ms: 60000 })
    const one = await Player.enter(quiet, { game: 'dots' })
    one.acknowledges = false
    await until(() => one.client.frames > 0, 'a frame')
    const before = (await quiet.metrics()).messages
    for (let i = 0; i < 10; i++) one.ping(i)
    await until(async () => (await quiet.metrics()).messages > before + 9, 'ten messages')
    const after = (await quiet.metrics()).messages
    equal(after - before, 10, 'messages')
    await quiet.finish()
})

await test('BYE ends with 4000, and the log tells it', async () => {
    const end = await ada.leave()
    equal(end.bye, 4000, 'BYE')
    equal(end.close, 4000, 'closing frame')
    equal(end.reason, 'you left', 'reason')
    await server.told('left', (line) => line.name === 'Ada' && line.code === '4000')
    await until(() => !bob.row('pilot', ada.welcome.player), 'the pilot to go')
})

await test('the server ends well', async () => {
    await server.finish()
    equal((await bob.end()).close, 4001, 'the other was told')
})
await done()
