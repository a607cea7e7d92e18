#!/usr/bin/env node
// Slow links and dropped ones. A client behind a link with 62 % of the bandwidth that it needs, and a 128 KB queue
// before it (`tidewire-bots proxy`), is to get newer state, never more state, and to cost the others nothing; a client that
// comes back is to get what changed, not everything. Beside them two servers that do not look at acknowledgements.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
    BOTS, CLIENT_CORE, SERVER_CORE, TOOLS, chosen, freePort, median, metrics, quick, report, run, say, scale, sleep, start, startServer, stop, until,
} from './tools/bench.mjs'

const RATE = 20, OTHERS = 8, SHARE = 0.62, QUEUE = 128 * 1024
const SETTLE_S = scale(5, 2, 0.3), SECONDS = scale(15, 3, 0.5), ROUNDS = scale(3, 1), DROPS = scale(1000, 100, 2)
const CASES = [
    // Places that nobody predicts, told anew in every tick.
    { name: 'slow-62', rules: { walkers: 300, movers: 0, calm: 12 }, controls: true },
    ...(quick ? [] : [
        // Predicted movers that turn in every tick.
        { name: 'slow-62-mouse', rules: { movers: 300, calm: 1 } },
        // Predicted movers that turn 1.6 times a second: what is sent is news throughout.
        { name: 'slow-62-keys', rules: { movers: 1000, calm: 12 } },
    ]),
]
const bench = 'replication'
const rows = []

// ---- Slow links.

const urlOf = (port) => `ws://127.0.0.1:${port}/play`

async function watch(port, behind) {
    const words = [urlOf(port), behind ? urlOf(behind) : '-', 'throng', OTHERS, SETTLE_S, SECONDS]
    return JSON.parse(await run(CLIENT_CORE, [join(TOOLS, 'watcher'), ...words.map(String)]))
}

/** What the listeners of a server on `port` feel with one more behind a link of `bandwidth`. */
async function watchBehind(port, bandwidth) {
    const behind = await freePort()
    const words = ['proxy', behind, port, '--down', Math.round(bandwidth), '--queue', QUEUE].map(String)
    const proxy = start(CLIENT_CORE, [BOTS, ...words])
    await sleep(0.1)
    const seen = await watch(port, behind)
    await stop(proxy)
    return seen
}

/** A control that sends frames of `size` bytes. */
async function watchControl(size, bandwidth, ...mode) {
    const port = await freePort()
    const child = start(SERVER_CORE, [join(TOOLS, 'naive'), port, RATE, Math.round(size), ...mode].map(String))
    await sleep(0.1)
    const seen = await watchBehind(port, bandwidth)
    await stop(child)
    return seen
}

async function round(server) {
    const empty = () => until(server, 'the last listeners leave', ({ players }) => players === 0)
    await empty()
    const alone = await watch(server.port)
    await empty()
    return { alone, seen: await watchBehind(server.port, alone.bytes_s * SHARE) }
}

async function startThrong(rules) {
    const folder = mkdtempSync(join(tmpdir(), 'tidewire-links-'))
    const ini = join(folder, 'throng.ini')
    writeFileSync(ini, ['[game throng]', ...Object.entries(rules).map(([name, value]) => `${name} = ${value}`), ''].join('\n'))
    const server = await startServer({ games: TOOLS, game: 'throng', more: ['--rate', String(RATE), '--config', ini] })
    const end = () => server.end().then(() => rmSync(folder, { recursive: true }))
    return { ...server, end }
}

async function slow({ name, rules, controls }) {
    const server = await startThrong(rules)
    const rounds = []
    for (let i = 0; i < ROUNDS; i++) {
        say(`${name}: round ${i + 1} of ${ROUNDS}`)
        rounds.push(await round(server))
    }
    const { writes_doubled } = await metrics(server)
    await server.end()
    if (writes_doubled) throw new Error(`${writes_doubled} second writes in one tick`)
    const middle = (pick) => median(rounds.map(pick))
    const needs = middle(({ alone }) => alone.bytes_s), size = middle(({ alone }) => alone.bytes_s / alone.frames_s)
    say(`${name}: controls`)
    const naive = controls && (await watchControl(size, needs * SHARE))
    const newest = controls && !quick && (await watchControl(size, needs * SHARE, 'newest'))
    const age = middle(({ seen }) => seen.age_p99_ms)
    rows.push({
        bench, case: name, figure: 'slow_link_age_p99', value: age, unit: 'ms',
        ...(naive && { control: naive.age_p99_ms, ratio: age / naive.age_p99_ms, control_p50: naive.age_p50_ms }),
        ...(newest && { newest_p50: newest.age_p50_ms, newest_p99: newest.age_p99_ms }),
        p50: middle(({ seen }) => seen.age_p50_ms),
        rounds: rounds.map(({ seen }) => seen.age_p99_ms).join(' '),
        needs_bytes_s: needs,
        got_bytes_s: middle(({ seen }) => seen.slow_bytes_s),
        got_frames_s: middle(({ seen }) => seen.slow_frames_s),
        held: middle(({ seen }) => seen.slow_held),
    })
    rows.push({
        bench, case: name, figure: 'others_gap_p99', value: middle(({ seen }) => seen.gap_p99_ms), unit: 'ms',
        control: middle(({ alone }) => alone.gap_p99_ms),
        ratio: middle(({ seen, alone }) => seen.gap_p99_ms / alone.gap_p99_ms),
    })
}

// ---- Coming back.

const resume = async (...words) => JSON.parse(await run(CLIENT_CORE, [join(TOOLS, 'resume'), ...words.map(String)], { mayFail: true }))

async function comeBack(seconds) {
    const { kept, welcome, frame, changed, ...told } = await resume(seconds)
    if (!kept) throw new Error('the server did not keep what the client holds')
    rows.push({
        bench, case: `resume-${seconds}s`, figure: 'resume_bytes', value: welcome + frame, unit: 'B', control: changed,
        ratio: (welcome + frame) / changed, share_of_join: (welcome + frame) / (told.join_welcome + told.join_frame),
        ratio_named: (welcome + frame) / (changed + told.rows), welcome_bytes: welcome, rows_changed: told.rows, rows_held: told.of, join_bytes: told.join_welcome + told.join_frame,
    })
}

async function dropOften() {
    say(`${DROPS} drops`)
    const { drops, kept, lost, hashes, wrong, broken } = await resume('drops', DROPS)
    rows.push({
        bench, case: `drops-${DROPS}`, figure: 'wrong_hashes', value: wrong + broken, unit: 'hashes',
        compared: hashes, drops, kept, frames_lost: lost,
    })
    if (wrong || broken || hashes < drops) process.exitCode = 1
}

for (const one of CASES.filter(({ name }) => chosen(name))) await slow(one)
if (chosen('resume')) await comeBack(2), await comeBack(10)
if (chosen('drops')) await dropOften()
report(
    rows,
    'Age: now less when the oldest change was published that has not arrived; 0 if none is missing; one sample each millisecond.\n' +
        'Published: when the first of eight direct listeners had it. Controls: frames as large and as often, written without a look\n' +
        'at acknowledgements (newest: only when the socket took all of the last). others_gap_p99: control without the slow one.\n' +
        'resume_bytes: WELCOME and first frame; control: the values of the rows that were sent meanwhile, as encoded;\n' +
        'ratio_named: the same with one byte for each row, to say which it is.',
)
