// Dropped connections: the seat waits for its session's token, goes to whoever came last with it, and is given
// up in the end.
import { Server, done, equal, hold, sleep, test, until } from './lib.mjs'
import { Player } from './player.mjs'

const server = await Server.start({ rate: 60, resume_s: 60 }, { ini: '[game arena]\ncomputers = 2\n' })
const brief = await Server.start({ rate: 60, resume_s: 1 }, { ini: '[game arena]\ncomputers = 2\n' })
let ada

await test('back in time: same seat, WELCOME anew, everything from the start', async () => {
    ada = await Player.join(server, { name: 'Ada', device: '' })
    for (let i = 0; i < 20; i++) {
        ada.input(1, 8, 0, -1)
        await sleep(16)
    }
    await until(() => ada.client.used === 20, 'inputs to be used')
    const { session, player, instance, device } = ada.welcome
    ada.destroy()
    const again = await Player.join(server, { session, game: 'dots', room: 'elsewhere', name: 'Nobody' })
    equal(again.welcome.player, player, 'seat')
    equal(again.welcome.instance, instance, 'room')
    equal(again.welcome.session, session, 'session')
    hold(device.length === 32 && again.welcome.device === '', 'the device is told once')
    equal(again.welcome.name, 'Ada', 'name')
    equal(again.welcome.used, 20, 'used')
    await until(() => again.own('pilot')?.name === 'Ada' && again.client.hashes.right >= 1, 'the world and a right hash')
    equal(again.client.hashes.wrong, 0, 'wrong hashes')
    again.input(1, 8, 0, -1)
    await until(() => again.client.used === 21, 'inputs to go on')
    hold(server.logged('resumed'), 'a line')
    equal((await server.metrics()).sessions_resumed, 1, 'sessions_resumed')
    ada = again
})

await test('a second connection with the same token takes the seat: the first gets 4032', async () => {
    const second = await Player.join(server, { session: ada.welcome.session })
    const end = await ada.end()
    equal(end.bye, 4032, 'BYE')
    equal(end.close, 4032, 'closing frame')
    equal(second.welcome.player, ada.welcome.player, 'seat')
    await until(() => second.own('pilot'), 'rows')
    ada = second
})

await test('ten in a row, without waiting: the last one has the seat', async () => {
    const all = await Promise.all([...Array(10).keys()].map(() => Player.enter(server, { session: ada.welcome.session })))
    await until(() => all.filter((player) => !player.over).length === 1, 'nine to be told')
    const ends = all.filter((player) => player.over)
    for (const player of [ada, ...ends]) equal((await player.end()).close, 4032, 'the others')
    ada = all.find((player) => !player.over)
    await until(() => ada.own('pilot'), 'rows')
    equal((await server.json('/api/status')).players, 1, 'players')
})

await test('later than resume_s: the seat is free, a new session begins, and the log says why', async () => {
    const eve = await Player.join(brief, { name: 'Eve' })
    const { session, instance } = eve.welcome
    eve.destroy()
    await brief.told('left', ({ name, why }) => name === 'Eve' && why === 'connection lost')
    const again = await Player.join(brief, { session, name: 'Eve again' })
    hold(again.welcome.session !== session, 'a new session')
    equal(again.welcome.instance, instance, 'room')
    equal(again.welcome.used, 0, 'used')
    await again.leave()
})

await test('the token of one who left by BYE is worth nothing', async () => {
    const { session } = ada.welcome
    await ada.leave()
    const again = await Player.join(server, { session })
    hold(again.welcome.session !== session, 'a new session')
    await again.leave()
})

await test("a wrong token with the right session's number takes nobody's seat", async () => {
    const bob = await Player.join(server, { name: 'Bob' })
    const forged = bob.welcome.session.slice(0, 8) + '0'.repeat(24)
    const thief = await Player.join(server, { session: forged })
    hold(thief.welcome.player !== bob.welcome.player, 'another seat')
    await thief.leave()
    hold(!bob.over, 'Bob plays on')
    await bob.leave()
})

await test('one who goes while joining leaves nothing behind', async () => {
    for (let i = 0; i < 20; i++) (await Player.enter(brief, { name: `Ghost ${i}` })).destroy()
    await until(async () => (await brief.metrics()).sessions === 0, 'all sessions to end')
    equal((await brief.json('/api/status')).players, 0, 'players')
})

await test('the servers end well', async () => {
    await brief.finish()
    await server.finish()
})
await done()
