// A log that nobody reads for a while, or ever again: nobody who plays notices, the server ends in time, and what was
// lost is counted and told. And a crowd that comes and goes does not flood it.
import { Server, done, equal, hold, test, until } from './lib.mjs'
import { Player } from './player.mjs'

/** Stops reading the log, and has it say all it can until lines of it are lost. */
async function loseLines(server) {
    server.child.stderr.pause()
    await until(async () => {
        for (let i = 0; i < 50; i++) server.child.kill('SIGUSR1')
        return (await server.metrics()).log_lines_lost
    }, 'lines to be lost')
}

const plays = async (player) => {
    const { tick } = player
    await until(() => player.tick > tick + 20, 'ticks')
}

await test('who reads the log stops: the ticks go on, players come, and later the log says how many lines are missing', async () => {
    const server = await Server.start({ rate: 100, plain: true })
    const player = await Player.join(server)
    await loseLines(server)
    await plays(player)
    await (await Player.join(server)).leave()
    const { log_lines_lost: lost } = await server.metrics()
    server.child.stderr.resume()
    const line = await server.told('log_lost')
    hold(line.level === 'warn' && Number(line.lines) >= lost, `${line.lines} of at least ${lost} lines`)
    await plays(player)
    await player.leave()
    await server.told('left')
    await server.finish()
})

await test('who read the log never does again: the server ends when it is told to', async () => {
    const server = await Server.start({ rate: 100, plain: true })
    await Player.join(server)
    await loseLines(server)
    const ended = new Promise((done) => server.child.once('exit', done))
    server.child.kill('SIGTERM')
    equal(await ended, 0, 'exit')
    server.child.stderr.resume()
    await server.exit
    await server.discard()
})

await test('a crowd that comes and goes is told of by ten lines a second, and how many more there were', async () => {
    const server = await Server.start({ rate: 100, plain: true })
    const crowd = 100, began = Date.now()
    await Promise.all([...Array(crowd)].map(async () => (await Player.join(server)).leave()))
    const lines = (event) => server.lines.filter((line) => line.event === event)
    for (const event of ['joined', 'left']) {
        await until(async () => {
            await (await Player.join(server, { name: 'later' })).leave()
            return lines(event).some(({ name }) => name === 'later')
        }, 'a line of a later one')
        const told = lines(event), seconds = (Date.now() - began) / 1000
        hold(told.length <= 11 * (seconds + 2), `${told.length} lines in ${seconds} s`)
        hold(told.reduce((sum, { name, held = 0 }) => sum + (name ? 1 : 0) + Number(held), 0) >= crowd, 'all are counted')
    }
    await server.finish()
})
await done()
