// What bad roads do to the bots: cuts and stalls, mixes, every transport, and the road before a real server as a process
// of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { AT_ONCE, BOTS, CROWD, addressOf, bots, small } from './crowd.mjs'
import { Server, all, also, done, equal, freePort, hold, test } from './lib.mjs'

const server = await Server.start({ plain: true })
const run = (...flags) => bots([...addressOf(server), '--json', ...flags])

also('a cut in second 1: everybody is back, and felt it', async () => {
    const result = await run(...small(4), '--at', '1 all cut', '--back', '0.5')
    equal(result.code, 0, `exit (${result.words})`)
    equal(result.cuts, CROWD, 'cuts')
    equal(result.resumed, CROWD, 'resumed')
    hold(result.gap_max_ms >= 200 && result.resume_p50_ms >= 500, JSON.stringify(result)) // gaps begin when there is something to say
})

also('a stall is felt by those who have it', async () => {
    const stalled = await run(...small(4), '--at', '1 50% stall 1.5')
    const { gap_max_ms, age_p50_ms, age_max_ms } = stalled
    hold(gap_max_ms > 1300 && age_max_ms > 1000 && age_p50_ms < age_max_ms / 2, JSON.stringify(stalled))
    equal(stalled.code, 0, `exit (${stalled.words})`)
})

also('a mix of roads costs what they cost', async () => {
    const [far, mixed] = await Promise.all(['far', '50% far, 50% fibre'].map((road) => run(...small(4), '--describe', 'far delay=150', '--road', road)))
    equal(far.code, 0, `exit (${far.words})`)
    hold(far.rtt_p50_ms >= 285 && far.age_p50_ms >= 100, JSON.stringify(far))
    hold(mixed.rtt_p999_ms >= 285, JSON.stringify(mixed))
})

for (const over of ['stream', 'sse', 'poll', '40% ws, 20% stream, 20% sse, 20% poll']) {
    also(`over ${over}: they play, are cut off, and go on`, async () => {
        const result = await run(...small(5), '--over', over, '--at', '1 50% cut', '--road', '50% fibre, 50% loopback')
        equal(result.code, 0, `exit (${result.words})`)
        equal(result.resumed, result.cuts, 'resumed')
        hold(result.cuts > 0 && result.hashes >= CROWD && result.frames > 10 * CROWD, JSON.stringify(result))
    })
}

also('the road as a proxy of its own', async () => {
    const port = await freePort()
    const proxy = spawn(BOTS, ['proxy', String(port), String(server.port), '--road', '4g', '--delay', '40', '--seed', '3'], { stdio: ['ignore', 'ignore', 'pipe'] })
    await once(proxy.stderr, 'data') // it listens
    const result = await bots(['--url', `ws://127.0.0.1:${port}/play`, '--json', ...small(3)])
    proxy.kill()
    equal(result.code, 0, `exit (${result.words})`)
    hold(result.rtt_p50_ms >= 80, `${result.rtt_p50_ms} ms there and back`)
    for (const words of [['1', '2', '--road', 'gravel'], ['1', 'two'], ['0', '2'], ['1', '70000'], ['--delay', '40']])
        equal((await bots(['proxy', ...words])).code, 2, words.join(' '))
    equal((await bots(['proxy', '--help'])).code, 0, 'help')
})

also('an end arrives behind all that was said before it, either way', async () => {
    const port = await freePort()
    const from = await freePort()
    const proxy = spawn(BOTS, ['proxy', String(from), String(port), '--delay', '100'], { stdio: ['ignore', 'ignore', 'pipe'] })
    const said = []
    const far = net.createServer({ allowHalfOpen: true }, async (socket) => {
        socket.on('data', (bytes) => said.push(String(bytes)))
        await once(socket, 'end')
        socket.end('the answer to the end')
    })
    await once(far.listen(port, '127.0.0.1'), 'listening')
    await once(proxy.stderr, 'data')
    const near = net.connect({ port: from, host: '127.0.0.1', allowHalfOpen: true })
    let heard = ''
    near.on('data', (bytes) => (heard += bytes))
    near.end('the question, and an end')
    await once(near, 'end')
    far.close()
    proxy.kill()
    equal(said.join(''), 'the question, and an end', 'what arrived')
    equal(heard, 'the answer to the end', 'what came back')
})

await all(AT_ONCE)
await test('the server ends well', () => server.finish())
await done()
