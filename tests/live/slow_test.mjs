// A client that does not read, or does not acknowledge: it costs the others nothing and the server little, and
// gets the newest in one piece when it reads again.
import { SANITIZED, Server, done, equal, hold, test, until } from './lib.mjs'
import { Player } from './player.mjs'

const RATE = 60

const server = await Server.start({ rate: RATE }, { ini: '[game arena]\ncomputers = 24\n' })
let well, deaf, mute

await test('frames stop where nothing is acknowledged', async () => {
    well = await Player.join(server, { name: 'Well' })
    mute = await Player.join(server, { name: 'Mute' })
    mute.acknowledges = false
    await until(() => well.tick > mute.tick + RATE, 'the other to go on')
    hold(mute.client.frames < RATE / 2, `frames: ${mute.client.frames}`)
})

await test('one that does not read holds nobody up, and its frames are not kept', async () => {
    const before = server.memoryKib()
    deaf = await Promise.all([...Array(10).keys()].map((i) => Player.join(server, { name: `Deaf ${i}` })))
    for (const player of deaf) player.ws.socket.pause()
    const [{ tick }, { frames }, { ticks }] = [well, well.client, await server.metrics()]
    await until(() => well.tick > tick + 2 * RATE, 'ticks')
    const due = (await server.metrics()).ticks - ticks
    hold(well.tick - tick > due / 2, `ticks: ${well.tick - tick} of ${due}`)
    hold(well.client.frames - frames > due / 8, `frames: ${well.client.frames - frames} in ${due} ticks`)
    hold(server.memoryKib() - before < (SANITIZED ? 128 : 16) * 1024, `memory: ${server.memoryKib() - before} KiB`)
    await until(async () => (await server.metrics()).frames_held_back > 100, 'frames to be held back')
})

await test('when it reads again, one frame brings it up to date', async () => {
    for (const player of deaf) player.ws.socket.resume()
    mute.acknowledges = true
    mute.say([2, mute.tick])
    for (const player of [...deaf, mute]) await until(() => Math.abs(player.tick - well.tick) < RATE / 2, 'it to catch up')
    hold(mute.client.frames < mute.tick - mute.welcome.tick - RATE / 2, 'ticks were merged')
})

await test('what it holds then is right', async () => {
    const all = [well, mute, ...deaf]
    const enough = all.map((player) => [player, player.client.hashes.right + 1])
    for (const player of all) player.say([6])
    for (const [player, right] of enough) await until(() => player.client.hashes.right >= right, 'right hashes')
    for (const player of all) equal(player.client.hashes.wrong, 0, 'wrong hashes')
    equal((await server.metrics()).writes_doubled, 0, 'writes_doubled')
})

await test('one that never acknowledges the truth is not believed', async () => {
    mute.say([2, mute.tick + 100000])
    equal((await mute.end()).close, 4004, 'end')
})

await test('the server ends well, though some do not read', async () => {
    for (const player of deaf) player.ws.socket.pause()
    await server.finish()
    for (const player of deaf) player.destroy()
})
await done()
