// Links whose clients go without a word, say too much, or do not read: each costs a bounded amount, and whoever has gone is
// found without the server's loops spinning meanwhile.
import { Agent } from 'node:https'
import { read } from '../golden/decoder/messages.mjs'
import { RATE, begin, byeOf, poll, post, startServer } from './hand_link.mjs'
import { SANITIZED, Server, all, also, dial, done, equal, hold, sleep, test, until } from './lib.mjs'
import { answerTo, ask, piece, pieces } from './link.mjs'
import { Player, helloOf, pack } from './player.mjs'

// ---- On servers of their own, beside all others: they mostly wait.

also('HELLO after HELLO: sixteen on one connection, and who does nothing with them loses them', async () => {
    const alone = await startServer()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const hello = () => answerTo(alone, '/play', { method: 'POST', body: pack(helloOf()), agent })
    for (let i = 0; i < 16; i++) equal((await hello()).status, 201, `HELLO ${i + 1}`)
    equal((await hello()).status, 429, 'one more')
    agent.destroy()
    await until(async () => (await alone.metrics()).links === 0, 'all links to end')
    await alone.finish()
})

also('a link that says nothing more is silent, 4031, and may be taken up again', async () => {
    const alone = await startServer()
    const link = await begin(alone, { name: 'Mute' })
    const { body } = await ask(alone, `${link.path}/stream?tick=${link.tick}&event=0`)
    const row = pieces(await body())
    equal(read(row.messages.at(-1)).code, 4031, 'BYE')
    const again = await begin(alone, { session: link.welcome.session })
    equal(again.welcome.player, link.welcome.player, 'seat')
    await post(again, 1, [5])
    await alone.finish()
})

also('floods of polls and of posts end with 4030', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 8 })
    const flood = async (make) => {
        for (let i = 0; i < 3000; i += 50) {
            const answers = await Promise.all([...Array(50).keys()].map((n) => make(i + n + 1)))
            const over = answers.find(({ status }) => status === 429)
            if (over) return byeOf(over).code
        }
    }
    const slow = await Server.start({ rate: 4 }) // lets few messages through
    const [polling, posting] = [await begin(slow), await begin(slow)]
    equal(await flood(() => answerTo(slow, `${polling.path}/poll?tick=0&event=0`, { agent })), 4030, 'polls')
    const body = Buffer.concat(Array(400).fill(piece(pack([3, 1]))))
    equal(await flood((n) => answerTo(slow, `${posting.path}?n=${n}`, { method: 'POST', body, agent })), 4030, 'posts')
    agent.destroy()
    await slow.finish()
})

const besides = all()
const server = await startServer()

/** How often the loops turn while the ticks go on for so many seconds: for each tick, times the rate. */
async function turns(seconds) {
    const before = await server.metrics()
    await sleep(seconds * 1000)
    const after = await server.metrics()
    return ((after.loop_turns - before.loop_turns) / (after.ticks - before.ticks)) * RATE
}

await test('polls, streams and event streams whose client has gone: no loop spins, and they are freed', async () => {
    let quiet = RATE // of two threads whom no tick has anything to tell
    await until(async () => (quiet = await turns(1)) < RATE, 'the threads to sleep through ticks')
    const links = await Promise.all([...Array(12).keys()].map(() => begin(server)))
    const sockets = await Promise.all(links.map(async ({ path, tick }, i) => {
        const socket = await dial(server)
        socket.write(`GET ${path}/${['poll', 'stream', 'sse'][i % 3]}?tick=${tick}&event=0 HTTP/1.1\r\nHost: localhost\r\n\r\n`)
        if (i % 2) socket.write(`GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`) // and one more at once
        return socket
    }))
    await sleep(300)
    for (const [i, socket] of sockets.entries()) i % 4 < 2 ? socket.destroy() : socket.end()
    const most = await turns(2)
    hold(most < quiet + RATE * 12, `turns a second: ${quiet} when quiet, ${most} with clients that went`)
    await until(async () => (await server.metrics()).connections <= 1, 'their connections to be freed')
    await until(async () => (await server.metrics()).sessions === 0, 'their sessions to end')
})

await test('readers that do not read cost little', async () => {
    const before = server.memoryKib()
    const busy = await Promise.all([...Array(4).keys()].map((i) => Player.join(server, { name: `Busy ${i}` })))
    const deaf = await Promise.all([...Array(20).keys()].map((i) => Player.join(server, { name: `Deaf ${i}` }, { over: ['stream', 'sse'][i % 2] })))
    await until(() => deaf.every(({ ws }) => ws.down), 'their downlinks')
    for (const player of deaf) player.ws.down.socket.pause()
    for (let i = 0; i < 60; i++) {
        for (const player of busy) player.input((i % 5) - 2, 8, 1, -1)
        for (const player of deaf) player.ping(i)
        await sleep(25)
    }
    const each = (server.memoryKib() - before) / deaf.length
    hold(SANITIZED || each <= 256, `memory: ${each} KiB each`)
    for (const player of deaf) player.ws.down.socket.resume()
    for (const player of deaf) await until(() => player.tick > busy[0].tick - RATE, 'it to catch up')
    for (const player of [...busy, ...deaf]) equal(player.client.hashes.wrong, 0, 'wrong hashes')
    for (const player of [...busy, ...deaf]) player.destroy()
})

await besides
await test('the server ends well', () => server.finish())
await done()
