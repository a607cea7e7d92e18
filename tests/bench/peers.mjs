#!/usr/bin/env node
// "Arena walk" beside what users would pick instead, in one run: Colyseus (quantised fields; a StateView in B), Socket.IO,
// and npm's ws with msgpackr by hand (peers/*.mjs), each server on one core, clients on the other. World 4,000 × 4,000, 20 Hz;
// each client sends {dx, dy, fire} 20 times a second, walks at 200 units a second and turns about once a second. A: everybody
// sees everybody. B: a radius of 400. C: rooms of ten. Ours are tidewire-bots, with checks; theirs tools/walker.c, and a few
// players by each system's own client library who decode everything.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BOTS, CLIENT_CORE, SERVER_CORE, TOOLS, freePort, memoryOf, quick, report, run, say, sleep, start, startServer, stop } from './tools/bench.mjs'

const PEERS = ['colyseus', 'ws', 'socketio'], SAMPLES = quick ? 2 : 4, CHECKED = 100
const FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'peers')
const NODE = join(FOLDER, 'node_modules/node/bin/node') // Colyseus needs one that is newer than Debian's
const SETTLE_S = quick ? 1 : 3, SECONDS = quick ? 2.5 : 8, PROBE_S = 5
const SIZES = quick ? { A: [100], B: [300], C: [100] } : { A: [50, 100, 200, 400], B: [200, 500, 1000, 2000], C: [100, 500, 1000] }
const SEARCH = quick ? [] : ['A', 'B', 'C'] // where the largest number held is looked for
const SEARCH_FROM = { A: 200, B: 200, C: 200 }, SEARCH_MOST = 12800, NEAR = 1.1
const ERROR_MOST = 60 // units: what is seen may be 0.3 s old when all cores are busy
const HELD = { frames: 19, tick_ms: 50, delivered: 95, age_ms: 100 }
const folder = mkdtempSync(join(tmpdir(), 'tidewire-peers-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

// ---- What each system's messages look like, in hexadecimal: the 18 inputs, what to say first, what to answer.

const KEYS = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].flatMap((dy) => [0, 1].map((fire) => [dx, dy, fire])))
const packed = (keys) => `93${keys.map((key) => (key & 0xff).toString(16).padStart(2, '0')).join('')}`
const text = (words) => `t${Buffer.from(words).toString('hex')}`
const WORDS = {
    ws: { replies: '-', inputs: KEYS.map(packed) },
    socketio: { replies: `30=${text('40')},32=${text('3')},3430=`, inputs: KEYS.map((keys) => text(`42${JSON.stringify(['keys', ...keys])}`)) },
    colyseus: { replies: '0a=0a', inputs: KEYS.map((keys) => `0da16b${packed(keys)}`) },
}

/** Colyseus gives each client a seat of its own over HTTP first. */
async function seats(port, clients) {
    const paths = []
    const one = async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/matchmake/joinOrCreate/walk`, { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } })
        const { processId, roomId, sessionId } = await answer.json()
        paths.push(`/${processId}/${roomId}?sessionId=${sessionId}`)
    }
    await one() // the room is made once
    const some = async () => { while (paths.length < clients) await one() }
    await Promise.all(Array.from({ length: 8 }, some))
    return paths
}

async function pathsOf(peer, port, clients) {
    if (peer === 'colyseus') return seats(port, clients)
    return Array(clients).fill(peer === 'socketio' ? '/socket.io/?EIO=4&transport=websocket' : '/')
}

// ---- One measurement of one system: all in the same words.

async function startPeer(peer, workload) {
    const port = await freePort()
    const server = start(SERVER_CORE, [NODE, join(FOLDER, `${peer}.mjs`), String(port), workload], { cwd: FOLDER })
    server.stdout.resume()
    const ask = async (what) => (await fetch(`http://127.0.0.1:${port}/${what}`)).json()
    for (let i = 0; !(await ask('stats').catch(() => null)); i++) {
        if (i > 100) throw new Error(`${peer} does not start: ${server.words}`)
        await sleep(0.1)
    }
    return { port, pid: server.pid, ask, end: () => stop(server, 'SIGKILL') }
}

async function walk(peer, server, clients, seconds) {
    const paths = join(folder, 'paths')
    writeFileSync(paths, (await pathsOf(peer, server.port, clients)).slice(0, clients).join('\n') + '\n')
    const { replies, inputs } = WORDS[peer]
    const words = [server.port, paths, clients, SETTLE_S, seconds, server.pid, '-', replies, inputs.join(',')]
    const child = start(CLIENT_CORE, [join(TOOLS, 'walker'), ...words.map(String)])
    let told = ''
    child.stdout.on('data', (more) => (told += more))
    return { child, result: child.ended.then(() => (told ? JSON.parse(told) : { walking: 0 })) }
}

const sample = async (peer, server, workload, seconds) =>
    JSON.parse(await run(CLIENT_CORE, [NODE, join(FOLDER, 'sample.mjs'), peer, server.port, workload, SAMPLES, seconds].map(String)))

async function measurePeer(peer, workload, clients, { seconds = SECONDS, samples = true } = {}) {
    const server = await startPeer(peer, workload)
    const idle = memoryOf(server.pid)
    const walkers = await walk(peer, server, clients, seconds)
    // Some more join once all are there, and measure meanwhile.
    const looked = samples ? await sleep(SETTLE_S + 0.5).then(() => sample(peer, server, workload, seconds)).catch((error) => ({ trouble: error.message })) : {}
    const memory = memoryOf(server.pid)
    const got = await walkers.result
    const { tick_p99_ms } = await server.ask('stats').catch(() => ({ tick_p99_ms: Infinity }))
    await server.end()
    const there = got.walking === clients
    return {
        bytes: got.bytes_per_client_s, memory: (memory - idle) / clients, cpu: got.server_cores, gap: got.gap_p99_ms, frames: got.frames_per_client_s,
        effect_p50: looked.effect_p50_ms, effect_p99: looked.effect_p99_ms, error: looked.error, missing: looked.missing, trouble: looked.trouble,
        held: there && got.frames_per_client_s >= HELD.frames && tick_p99_ms <= HELD.tick_ms,
        limit: got.own_cores > 0.93 ? 'clients' : 'server',
    }
}

async function measureOurs(workload, clients, { seconds = SECONDS } = {}) {
    const game = workload === 'C' ? 'walk-ten' : 'walk', rooms = Math.ceil(clients / 10)
    const more = ['--rate', '20', ...(workload === 'C' ? ['--rooms-max', String(rooms + 1)] : [])]
    const server = await startServer({ games: TOOLS, game, rules: { radius: workload === 'B' ? 400 : 0 }, more })
    const idle = memoryOf(server.pid)
    const words = ['--url', server.url, '--games', TOOLS, '--game', game, '--play', 'turns', '--clients', clients, '--checked', Math.min(clients, CHECKED)]
    const bots = start(CLIENT_CORE, [BOTS, ...words, '--seconds', SETTLE_S + seconds, '--json', ...(workload === 'C' ? ['--rooms', rooms] : [])].map(String))
    let told = '', memory = 0
    bots.stdout.on('data', (more) => (told += more))
    const looking = setInterval(() => (memory = Math.max(memory, memoryOf(server.pid))), 500)
    await bots.ended
    clearInterval(looking)
    await server.end()
    if (!told) return { held: false, trouble: bots.words }
    const got = JSON.parse(told)
    if (got.hashes_wrong || got.private_seen) throw new Error(`ours diverged: ${bots.words}`)
    return {
        bytes: got.bytes_per_client_s, memory: (memory - idle) / clients, cpu: got.server_cpu_cores, gap: got.gap_p99_ms, frames: got.frames_per_client_s,
        effect_p50: got.effect_p50_ms, effect_p99: got.effect_p99_ms, age_p99: got.age_p99_ms, delivered: got.delivered_percent, checked: got.checked, hashes: got.hashes,
        held: got.joined === clients && !got.dropped && got.delivered_percent >= HELD.delivered && got.age_p99_ms <= HELD.age_ms && got.server_tick_p99_ms <= HELD.tick_ms,
        limit: got.bots_cpu_cores > 0.93 ? 'clients' : 'server',
    }
}

const measure = (system, workload, clients, options) =>
    (say(`${workload}-${clients}: ${system}`), system === 'tidewire' ? measureOurs(workload, clients, options) : measurePeer(system, workload, clients, options))

// ---- The largest number held: doubling, then bisection.

async function largest(system, workload) {
    let held = 0, lost = Infinity, last = {}
    for (let next = SEARCH_FROM[workload]; next <= SEARCH_MOST && (lost === Infinity || lost / held > NEAR); ) {
        const seen = await measure(system, workload, next, { seconds: PROBE_S, samples: false }).catch((error) => ({ held: false, trouble: error.message }))
        if (seen.held) held = next
        else (lost = next), (last = seen)
        if (lost === Infinity) next *= 2
        else if (held === 0) next = Math.floor(next / 2)
        else next = Math.round((held + lost) / 20) * 10
        if (next < 10 || next === held || next === lost) break
    }
    return { held, limit: last.limit, lost }
}

// ---- All of it.

const yes = (well) => (well ? 'yes' : 'no')
const rows = [], systems = ['tidewire', ...PEERS]
const FIGURES = [['bytes_per_client', 'bytes', 'B/s'], ['memory_per_client', 'memory', 'B'], ['input_to_effect_p50', 'effect_p50', 'ms'], ['input_to_effect_p99', 'effect_p99', 'ms'], ['server_cpu', 'cpu', 'cores'], ['frame_gap_p99', 'gap', 'ms']]

for (const [workload, sizes] of Object.entries(SIZES)) {
    for (const clients of sizes) {
        const of = {}
        for (const system of systems) {
            of[system] = await measure(system, workload, clients)
            if (of[system].trouble) console.error(`✗ ${workload}-${clients}, ${system}: ${of[system].trouble.split('\n').slice(0, 3).join(' ')}`)
            if (of[system].missing || of[system].error > ERROR_MOST) console.error(`✗ ${workload}-${clients}, ${system}: ${of[system].missing} not seen, largest error ${of[system].error} units`)
        }
        for (const [figure, key, unit] of FIGURES) {
            for (const peer of PEERS) {
                const [ours, theirs] = [of.tidewire[key], of[peer][key]]
                rows.push({ case: `${workload}-${clients}`, figure, value: ours, unit, control: peer, control_value: theirs, ratio: ours / theirs,
                    frames: of.tidewire.frames, control_frames: of[peer].frames, held: yes(of.tidewire.held), control_held: yes(of[peer].held),
                    ...(key === 'bytes' && { control_error: of[peer].error, control_missing: of[peer].missing }) })
            }
        }
    }
}
for (const workload of SEARCH) {
    const of = {}
    for (const system of systems) of[system] = await largest(system, workload)
    for (const peer of PEERS) {
        rows.push({ case: workload, figure: 'players_held', value: of.tidewire.held, unit: 'players', control: peer, control_value: of[peer].held,
            ratio: of.tidewire.held / of[peer].held, limit: of.tidewire.limit, control_limit: of[peer].limit })
    }
}
report(
    rows,
    'ratio: ours ÷ theirs. Bytes of messages down, a second and client; memory: what the server process grew by for each client (a heap that is\n' +
        'collected now and then included); CPU: of the server process; input to effect: theirs from some players by their own client library, which\n' +
        `also compare what they see with what the server holds (error in units: the way of a message at 200 units a second; missing: not seen), ours\n` +
        `from all bots, of which ${CHECKED} at most check every row. Held: at least 19 messages a second to each client and tick p99 ≤ 50 ms\n` +
        '(ours, who says nothing when there is nothing to say: 95 % of frames in their tick, age of state p99 ≤ 100 ms, tick p99 ≤ 50 ms), within a tenth.\n' +
        'limit: which side was at its end at the next larger number.',
)
