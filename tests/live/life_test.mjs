// The server's own life: pings and hang-ups, one and several I/O threads, and its end by a signal with a hundred
// players, each of whom is told.
import { Server, all, also, dial, done, equal, hold, sleep, test, until } from './lib.mjs'
import { Player } from './player.mjs'

const join = (server, count, hello = {}) => Promise.all([...Array(count).keys()].map((i) => Player.join(server, { name: `P${i}`, ...hello })))

await test('who is quiet is pinged, who answers stays, who does not gets 4031 and may come back', async () => {
    const server = await Server.start({ rate: 10, ping_s: 1, silence_s: 4, resume_s: 60 })
    const [patient, dead, busy] = await join(server, 3)
    for (const player of [patient, dead]) player.acknowledges = false
    const steer = setInterval(() => busy.over || busy.input(busy.sequence % 3, 0, 0, 0), 100).unref()
    dead.ws.polite = false
    const end = await dead.end()
    equal(end.bye, 4031, 'BYE')
    hold(dead.ws.pings >= 1, 'it was pinged before')
    await until(() => patient.ws.pings >= 2 || patient.over, 'pings to go on')
    hold(!patient.over, 'who answers stays')
    hold(busy.ws.pings < patient.ws.pings, 'who speaks need not be asked')
    clearInterval(steer)
    hold((await server.metrics()).pings >= 3, 'pings are counted')
    const again = await Player.join(server, { session: dead.welcome.session })
    equal(again.welcome.player, dead.welcome.player, 'seat')
    await server.finish()
})

for (const threads of [1, 3]) {
    also(`${threads} I/O threads, 60 clients: everybody sees everybody, every hash is right`, async () => {
        const server = await Server.start({ rate: 20, io_threads: threads }, { ini: '[game arena]\ncomputers = 0\nrocks = 10\n' })
        equal(server.logged('listening').io_threads, String(threads), 'threads')
        const players = [...(await join(server, 40)), ...(await join(server, 20, { lane: 0 }))]
        for (const player of players) await until(() => player.own('pilot') && [...Array(60).keys()].every((slot) => player.row('pilot', slot)), 'all pilots')
        for (let i = 0; i < 20; i++) {
            for (const player of players) player.input((i % 5) - 2, 8, 1, -1)
            await sleep(50)
        }
        for (const player of players) player.say([6])
        for (const player of players) await until(() => player.client.hashes.right >= 1, 'a right hash')
        equal(players.reduce((sum, { client }) => sum + client.hashes.wrong, 0), 0, 'wrong hashes')
        equal((await server.json('/api/status')).players, 60, 'players')
        const metrics = await server.metrics()
        equal(metrics.writes_doubled, 0, 'writes_doubled')
        const shares = [...Array(threads).keys()].map((thread) => metrics[`thread_connections{thread="${thread}"}`])
        hold(Math.min(...shares) >= 60 / threads / 5, `connections of each thread: ${shares}`) // by chance less once in a million times
        await server.finish()
    })
}

// With a keep-alive once a minute all that comes within our patience comes for its own reason.
also('who has nothing to hear rests, and hears at once of a newcomer, an answer, a replacement and the end', async () => {
    const server = await Server.start({ game: 'dots', rate: 100, keepalive_ms: 60000, ping_s: 1, silence_s: 10, io_threads: 2 }, { ini: '[game dots]\ncomputers = 0\n' })
    const rest = () => until(async () => {
        const { frames, ticks } = await server.metrics()
        await until(async () => (await server.metrics()).ticks > ticks + 70, 'ticks') // more than 64, after which a hash would be due
        return (await server.metrics()).frames === frames
    }, 'silence')
    const ada = await Player.join(server, { name: 'Ada', game: 'dots', lane: 0 })
    await rest()
    hold(ada.client.hashes.right >= 1, 'it was told a hash')
    const eve = await Player.join(server, { name: 'Eve', game: 'dots', lane: 0 })
    await until(() => ada.row('dot', eve.welcome.player), 'the newcomer')
    await rest()
    const { tick } = ada
    ada.ping(7)
    await until(() => ada.tick > tick, 'an answer')
    await rest()
    const again = await Player.join(server, { session: ada.welcome.session })
    equal((await ada.end()).bye, 4032, 'BYE')
    await rest()
    await until(() => eve.ws.pings >= 2, 'pings')
    hold(!again.over && !eve.over, 'they stay')
    await server.stop()
    for (const player of [again, eve]) equal((await player.end()).bye, 4001, 'BYE')
    await server.discard()
})

for (const [signal, plain] of [['SIGTERM', false], ['SIGINT', true]]) {
    also(`${signal} with 100 clients${plain ? ', plain' : ''}: all are told 4001, exit 0`, async () => {
        const server = await Server.start({ io_threads: 2, plain })
        const players = await join(server, 100, { game: 'arena' })
        const strangers = [await Player.enter(server, null), await dial(server)]
        await server.stop(signal)
        for (const player of [...players, strangers[0]]) equal((await player.end()).bye, 4001, 'BYE')
        equal(server.logged('stopping').people, '100', 'people')
        await server.discard()
    })
}

also('with nobody there one waking turns several ticks; a player ends that', async () => {
    const server = await Server.start({ rate: 60 })
    const wakingsATick = async () => {
        const [before, { ticks }] = [server.wakings(), await server.metrics()]
        const turned = await until(async () => (await server.metrics()).ticks - ticks > 60 && (await server.metrics()).ticks - ticks, '60 ticks')
        return (server.wakings() - before) / turned
    }
    const deserted = await wakingsATick()
    hold(deserted < 0.5, `${deserted} wakings a tick`)
    const player = await Player.join(server, { name: 'Ada' })
    const visited = await wakingsATick()
    hold(visited > 1.5 * deserted, `${visited} wakings a tick with a player, ${deserted} without`)
    await player.leave()
    await server.finish()
})

also('a signal at once after the start, and two signals', async () => {
    const server = await Server.start()
    server.child.kill('SIGTERM')
    await server.finish('SIGINT')
})

also('players come back to the server that was started anew', async () => {
    const server = await Server.start()
    const player = await Player.join(server, { device: '', name: 'Ada' })
    await server.stop()
    hold((await player.end()).wait > 0, 'it was told to come back')
    await server.launch()
    const again = await Player.join(server, { session: player.welcome.session, device: player.welcome.device, name: 'Ada' })
    equal(again.welcome.name, 'Ada', 'name')
    await again.leave()
    await server.finish()
})

also('debug lines are logfmt too, and quiet means quiet', async () => {
    const server = await Server.start({ log: 'debug' })
    await (await Player.join(server, { name: 'A "b" =c \\' })).leave()
    await server.told('joined', ({ name, over }) => name === 'A "b" =c \\' && over === 'wss')
    await server.finish()
    const quiet = new Server({ log: 'error', port: server.port })
    quiet.port = server.port
    quiet.spawn()
    await until(() => quiet.ended || dial(quiet).then((socket) => !!socket.destroy(), () => sleep(50).then(() => false)), 'it to listen')
    quiet.child.kill('SIGTERM')
    await quiet.exit
    equal(quiet.ended.code, 0, 'exit')
    equal(quiet.text, '', 'its log')
    await quiet.discard()
})
await all(2)
await done()
