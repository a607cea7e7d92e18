// The bots against a real server: what they find right, what they complain of, and the counts that must hold while
// they play: one encoding of a changed row however many watch, one write at most for each player and tick.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join, resolve } from 'node:path'
import { ROOT, SANITIZED, Server, all, also, done, equal, hold, test, until } from './lib.mjs'

const BINARY = resolve(process.env.TIDEWIRE_BINARY ?? join(ROOT, 'build/server/tidewire'))
const BOTS = join(dirname(dirname(BINARY)), 'tests/load/tidewire-bots')
const CROWD = SANITIZED ? 20 : 100

function start(flags) {
    const child = spawn(BOTS, [...flags, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
    const bots = { child, text: '', words: '' }
    child.stdout.on('data', (bytes) => (bots.text += bytes))
    child.stderr.on('data', (bytes) => (bots.words += bytes))
    bots.end = once(child, 'close').then(([code]) => ({ code, words: bots.words, ...JSON.parse(bots.text || '{}') }))
    return bots
}

const run = (flags) => start(flags).end
const url = (server, scheme = server.plain ? 'ws' : 'wss') => ['--url', `${scheme}://localhost:${server.port}/play`]
const crowd = (clients, seconds) => ['--clients', String(clients), '--seconds', String(seconds), '--ramp', '0.5']

/** Counters without labels, by name. */
async function counters(server) {
    const { body } = await server.get('/metrics')
    const lines = String(body).matchAll(/^tidewire_(\w+?)(?:_total)? (\d+)$/gm)
    return Object.fromEntries([...lines].map(([, name, value]) => [name, Number(value)]))
}

function allWell(result, clients) {
    equal(result.code, 0, `exit (${result.words})`)
    equal(result.joined, clients, 'joined')
    equal(result.hashes_wrong, 0, 'wrong hashes')
    hold(result.hashes >= clients, `only ${result.hashes} hashes were compared`)
}

const server = await Server.start({ rate: 40, io_threads: 3 }, { ini: '[game arena]\ncomputers = 6\n' })

for (const lane of [0, 1, 2]) {
    also(`bots of lane ${lane} play over TLS and hold what the server says`, async () => {
        allWell(await run([...url(server), ...crowd(CROWD / 5, 4), '--lane', String(lane), '--room', `lane-${lane}`]), CROWD / 5)
    })
}

also('dots, and bots that only listen', async () => {
    allWell(await run([...url(server), ...crowd(5, 4), '--game', 'dots', '--rate', '0']), 5)
})

also('unchecked bots count and acknowledge as well', async () => {
    const result = await run([...url(server), ...crowd(20, 4), '--checked', '2'])
    equal(result.code, 0, `exit (${result.words})`)
    hold(result.hashes >= 2 && result.acks > 0 && result.frames > 20 * result.clients, JSON.stringify(result))
})

for (const over of ['ws', 'stream', 'poll']) {
    also(`a server that leaves them is complained of, over ${over}`, async () => {
        const short = await Server.start({ plain: true })
        const bots = start([...url(short), ...crowd(5, 60), '--over', over])
        await until(async () => (await counters(short)).players === 5, 'five bots')
        await short.finish()
        const { code, words, dropped, closed } = await bots.end
        equal(code, 1, 'exit')
        equal(dropped, 5, 'dropped')
        hold(words.includes('5 × BYE 4001: server shutting down'), words)
        equal(closed[4001], 5, 'told why')
    })
}

for (const over of ['ws', 'stream', 'poll']) {
    also(`who leaves comes back, over ${over}`, async () => {
        const result = await run([...url(server), ...crowd(5, 4), '--stay', '0.5', '--away', '0.2', '--over', over])
        equal(result.code, 0, `exit (${result.words})`)
        hold(result.closed[4000] > 5, `5 bots left ${result.closed[4000]} times`)
    })
}

const COMPLAINTS = [
    ['nobody listens', ['--url', 'wss://localhost:1/play'], /Connection refused[^]*Is the server up/],
    ['plain words to TLS', url(server, 'ws'), /does it speak TLS/],
    ['another path', ['--url', `wss://localhost:${server.port}/nowhere`], /404/],
    ['no such game', [...url(server), '--game', 'nothere'], /BYE 4020: no such game/],
    ['a certificate that nobody knows', [...url(server), '--verify'], /TLS handshake refused: self-signed/],
]
for (const [name, flags, words] of COMPLAINTS) {
    also(`complaint: ${name}`, async () => {
        const result = await run([...flags, ...crowd(3, 1)])
        equal(result.code, 1, 'exit')
        hold(words.test(result.words), result.words)
    })
}

also('words that make no sense end with 2', async () => {
    const senseless = [['--clients', '0'], ['--nonsense'], ['--url', 'http://localhost'], ['--url', 'ws://localhost:70000'],
        ['--clients', '5', '--garble', '5'], ['--scenario', '/']]
    for (const flags of senseless) equal((await run(flags)).code, 2, flags.join(' '))
})

await all(SANITIZED ? 4 : 8) // they mostly wait
await test('the server ends well', () => server.finish())

const quiet = await Server.start({ rate: 40, io_threads: 3 }, { ini: '[game arena]\ncomputers = 6\n' }) // nobody's seat is kept here
await test('a crowd: each changed row is encoded once, each player written to once a tick at most', async () => {
    const bots = start([...url(quiet), ...crowd(CROWD, 300)]) // they stay until they are told to go
    let players = 0
    await until(async () => (players = (await counters(quiet)).players) === CROWD, () => `all of the crowd: ${players} are there`)
    const before = await counters(quiet)
    await until(async () => (await counters(quiet)).ticks > before.ticks + 80, 'ticks')
    const after = await counters(quiet)
    bots.child.kill('SIGINT')
    allWell(await bots.end, CROWD)
    const grown = (name) => after[name] - before[name]
    equal(after.writes_doubled, 0, 'second writes in one tick')
    hold(grown('rows_changed') > 100, 'nothing moved')
    const [encoded, changed] = [grown('rows_encoded'), grown('rows_changed')]
    hold(Math.abs(encoded / changed - 1) < 0.1, `${encoded} encodings of ${changed} changed rows`)
    hold(grown('writes') <= CROWD * (grown('ticks') + 2), `${grown('writes')} writes in ${grown('ticks')} ticks`)
})
await quiet.finish()
await done()
