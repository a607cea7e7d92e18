// What the bots do and tell: each scenario in small, cuts and churn, files and exit codes, a copy that was spoilt, and
// the road before a real server as a process of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { ROOT, SANITIZED, Server, done, sleep, test } from './lib.mjs'

const BINARY = resolve(process.env.TIDEWIRE_BINARY ?? join(ROOT, 'build/server/tidewire'))
const BOTS = join(dirname(dirname(BINARY)), 'tests/load/tidewire-bots')
const SCENARIOS = join(ROOT, 'tests/load/scenarios')
const CROWD = SANITIZED ? 8 : 24
const folder = mkdtempSync(join(tmpdir(), 'tidewire-bots-'))
const equal = (a, b, what) => { if (a !== b) throw new Error(`${what}: ${a} is not ${b}`) }
const holds = (well, what) => { if (!well) throw new Error(what) }

async function bots(flags) {
    const child = spawn(BOTS, flags, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TIDEWIRE_SCENARIOS: SCENARIOS } })
    let text = '', words = ''
    child.stdout.on('data', (bytes) => (text += bytes))
    child.stderr.on('data', (bytes) => (words += bytes))
    const [code] = await once(child, 'close')
    return { code, text, words, ...(flags.includes('--json') && text ? JSON.parse(text) : {}) }
}

const server = await Server.start({ plain: true })
const at = ['--url', `ws://localhost:${server.port}/play`]
const small = (seconds) => ['--clients', String(CROWD), '--seconds', String(seconds)]
const run = (...flags) => bots([...at, '--json', ...flags])

for (const file of readdirSync(SCENARIOS)) {
    const name = file.replace('.txt', '')
    await test(`scenario ${name}, in small`, async () => {
        const ramp = ['--ramp', '0.5', '--back', '0.1', ...(name === 'churn' ? ['--stay', '1', '--away', '0.2'] : [])]
        const seconds = name === 'storm' || name === 'burst' ? 7 : 4
        const result = await run('--scenario', name, ...small(seconds), ...ramp, ...(name === 'burst' ? ['--clients', '240'] : []))
        equal(result.code, 0, `exit (${result.words})`)
        equal(result.joined, result.clients, 'joined')
        equal(result.divergent, 0, 'divergent')
        equal(result.scenario, name, 'scenario')
        if (name === 'storm') equal(result.resumed, result.cuts, 'all who were cut off go on with what they held')
        if (name === 'storm') holds(result.cuts >= CROWD && result.resume_p50_ms > 100, JSON.stringify(result))
        if (name === 'slow') holds(result.age_max_ms > result.age_p50_ms, 'nobody is slow')
    })
}

await test('a cut in second 1: everybody is back, and felt it', async () => {
    const result = await run(...small(4), '--at', '1 all cut', '--back', '0.5')
    equal(result.code, 0, `exit (${result.words})`)
    equal(result.cuts, CROWD, 'cuts')
    equal(result.resumed, CROWD, 'resumed')
    holds(result.gap_max_ms >= 500 && result.resume_p50_ms >= 500, JSON.stringify(result))
})

await test('a stall is felt by those who have it', async () => {
    const [calm, stalled] = [await run(...small(3)), await run(...small(4), '--at', '1 50% stall 1.5')]
    holds(stalled.gap_max_ms > 1300 && stalled.age_max_ms > 1000 && calm.age_max_ms < stalled.age_max_ms, `${calm.age_max_ms} ${stalled.age_max_ms}`)
    equal(stalled.code, 0, `exit (${stalled.words})`)
})

await test('a mix of roads costs what they cost', async () => {
    const far = await run(...small(4), '--describe', 'far delay=150', '--road', 'far')
    equal(far.code, 0, `exit (${far.words})`)
    holds(far.rtt_p50_ms >= 285 && far.age_p50_ms >= 100, JSON.stringify(far))
    const mixed = await run(...small(4), '--describe', 'far delay=150', '--road', '50% far, 50% fibre')
    holds(mixed.rtt_p999_ms >= 285, JSON.stringify(mixed))
})

for (const over of ['stream', 'sse', 'poll', '40% ws, 20% stream, 20% sse, 20% poll']) {
    await test(`over ${over}: they play, are cut off, and go on`, async () => {
        const result = await run(...small(5), '--over', over, '--at', '1 50% cut', '--road', '50% fibre, 50% loopback')
        equal(result.code, 0, `exit (${result.words})`)
        equal(result.resumed, result.cuts, 'resumed')
        holds(result.cuts > 0 && result.hashes >= CROWD && result.frames_per_client_s > 5, JSON.stringify(result))
    })
}

await test('over polls, unchecked, and over TLS', async () => {
    const result = await run(...small(3), '--over', 'poll', '--checked', '2')
    equal(result.code, 0, `exit (${result.words})`)
    const secure = await Server.start({})
    const words = ['--url', `wss://localhost:${secure.port}/play`, '--json', ...small(3), '--over', '50% stream, 50% poll']
    const safe = await bots(words)
    equal(safe.code, 0, `exit (${safe.words})`)
    await secure.finish()
})

await test('objectives decide the exit code', async () => {
    const well = await run(...small(2), '--slo', 'divergent=0,joined>=1,age_p50<10s')
    equal(well.code, 0, 'met')
    equal(well.met, true, 'met in JSON')
    const missed = await run(...small(2), '--slo', 'divergent=0,rtt_p99<1us')
    equal(missed.code, 3, 'missed')
    equal(missed.fine, true, 'fine all the same')
    equal(missed.objectives.filter(({ met }) => !met).length, 1, 'missed objectives')
    holds(/rtt_p99/.test(missed.words), missed.words)
    equal((await run(...small(2), '--slo', 'nonsense')).code, 2, 'no objective')
    equal((await run(...small(2), '--slo', 'unheard_of<3')).code, 3, 'an objective about nothing')
})

await test('CSV has one line a second, HTML stands alone', async () => {
    const [csv, html] = [join(folder, 'run.csv'), join(folder, 'run.html')]
    const result = await run(...small(4), '--csv', csv, '--html', html)
    equal(result.code, 0, `exit (${result.words})`)
    const [head, ...rows] = readFileSync(csv, 'utf8').trim().split('\n').map((line) => line.split(','))
    holds(rows.length >= 4 && rows.length <= 9, `${rows.length} lines`)
    for (const row of rows) holds(row.length === head.length && row.every((cell) => Number.isFinite(Number(cell))), row.join())
    for (const name of ['at_s', 'playing', 'age_p99_ms', 'effect_p50_ms', 'server_cpu_percent']) holds(head.includes(name), name)
    const page = readFileSync(html, 'utf8')
    holds((page.match(/<svg /g) ?? []).length >= 8 && page.includes('age of state'), 'plots are missing')
    holds(!/(src|href)=|url\(|NaN|inf/.test(page), 'it needs something, or holds no numbers')
})

await test('JSON has every percentile', async () => {
    const result = await run(...small(3), '--play', 'brain')
    for (const time of ['age', 'effect', 'gap', 'jitter', 'rtt', 'join', 'resume']) {
        const list = ['p50', 'p90', 'p99', 'p999', 'max'].map((share) => result[`${time}_${share}_ms`])
        holds(list.every(Number.isFinite), `${time}: ${list}`)
        holds(list.every((value, i) => i === 0 || value >= list[i - 1]), `${time} does not rise: ${list}`)
    }
    for (const name of ['bytes_per_client_s', 'client_bytes_p99', 'corrections', 'missed_ticks', 'server_tick_p99_ms', 'server_memory_per_connection'])
        holds(Number.isFinite(result[name]), name)
})

await test('a copy that was spoilt is noticed, and its first wrong field named', async () => {
    const result = await run(...small(7), '--garble', '3')
    equal(result.code, 1, 'exit')
    equal(result.divergent, 1, 'divergent')
    holds(/bot 3 diverged at tick \d+: the first wrong field is \w+ of \w+ \d+ \(row \d+\): -?\d+, but -?\d+ for bot \d+/.test(result.words), result.words)
})

await test('piped, it tells a plain line a second', async () => {
    const { code, words, text } = await bots([...at, ...small(3)])
    equal(code, 0, 'exit')
    holds(words.split('\n').filter((line) => /^ +\d+ s  \d+ /.test(line)).length >= 3 && !words.includes('\x1b'), words)
    holds(/age of state +\d/.test(text) && /checked +\d+ of \d+ clients/.test(text), text)
})

await test('only some are checked', async () => {
    const result = await run(...small(3), '--checked', '3')
    equal(result.code, 0, `exit (${result.words})`)
    equal(result.checked, 3, 'checked')
    holds(result.hashes >= 3 && result.age_p50_ms < 1000, JSON.stringify(result))
})

async function freePort() {
    const listener = createServer().listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const { port } = listener.address()
    listener.close()
    return port
}

await test('the road as a proxy of its own', async () => {
    const port = await freePort()
    const proxy = spawn(BOTS, ['proxy', String(port), String(server.port), '--road', '4g', '--delay', '40', '--seed', '3'], { stdio: 'ignore' })
    await sleep(300)
    const result = await bots(['--url', `ws://127.0.0.1:${port}/play`, '--json', ...small(3)])
    proxy.kill()
    equal(result.code, 0, `exit (${result.words})`)
    holds(result.rtt_p50_ms >= 80, `${result.rtt_p50_ms} ms there and back`)
    equal((await bots(['proxy', '1', '2', '--road', 'gravel'])).code, 2, 'a road that nobody knows')
})

await test('the server ends well', () => server.finish())
rmSync(folder, { recursive: true })
await done()
