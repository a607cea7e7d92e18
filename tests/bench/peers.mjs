#!/usr/bin/env node
// "Arena walk" beside what users would pick instead, in one run: Colyseus (quantised fields; a StateView in B), Socket.IO,
// and npm's ws with msgpackr by hand (peers/*.mjs), each server on one core, clients on the other. World 4,000 × 4,000, 20 Hz;
// each client sends {dx, dy, fire} 20 times a second, walks at 200 units a second and turns about once a second. A: everybody
// sees everybody. B: a radius of 400. C: rooms of ten. Ours are tidewire-bots, with checks; theirs tools/walker.c, and of each
// system a few players by its own client library who decode everything. Cases: A-100 … C-1000; held-A, held-B, held-C: the largest
// number held, beside what a bare echo of our frames and inputs holds.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BOTS, BUILD, CLIENT_CORE, SERVER_CORE, TOOLS, chosen, freePort, memoryOf, report, run, say, scale, sleep, start, startServer, stop } from './tools/bench.mjs'
import { botsLimit, largest, pathsFile, share, tryEcho, walked } from './tools/search.mjs'

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'peers')
const OWN_NODE = join(FOLDER, 'node/node_modules/node/bin/node'), NODE = existsSync(OWN_NODE) ? OWN_NODE : process.execPath
const CORE = join(BUILD, 'protocol/wasm/arena.wasm') // any game's: what it cannot predict it is told
const NODE_MAJOR_MIN = 22 // of Colyseus, newer than Debian's
const suits = (peer) => existsSync(join(FOLDER, 'node_modules')) && (peer !== 'colyseus' || NODE === OWN_NODE || Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN)
const PEERS = scale(['colyseus', 'ws', 'socketio'], ['colyseus', 'ws'], ['colyseus', 'ws', 'socketio']).filter(suits), SAMPLES = scale(6, 4, 1), CHECKED = 100
const SETTLE_S = scale(2, 0.5, 0.2), SECONDS = scale(12, 1.6, 1.2), PROBE_S = scale(4, 2, 1.2)
const SIZES = scale({ A: [50, 100, 200, 400], B: [200, 500, 1000, 2000], C: [100, 500, 1000] }, { A: [100], B: [300], C: [100] }, { B: [10] })
// Where the search begins: near what a core of 2026 held.
const SEARCH_FROM = {
    tidewire: { A: 2000, B: 1600, C: 3200 }, colyseus: { A: 1600, B: 600, C: 1600 }, ws: { A: 1600, B: 1200, C: 2000 }, socketio: { A: 600, B: 400, C: 1400 },
}
const RATE = 20
const SEARCHED = scale(['A', 'B', 'C'], [], ['C']), SEATS = 8192 // of our largest room
const SEARCH_MOST = scale(16000, 16000, 10), NEAR = 1.15
const ERROR_MOST = 60 // units: what is seen may be 0.3 s old when all cores are busy
const HELD = { frames: 19, tick_ms: 50, delivered: 95 }

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

/** Gives `{ port, pid, ask, end }`; `ask('stats')`: how long ticks took since it was asked last. */
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

// What a few players feel is the server's and the way's doing, not that of the thousands of clients on their core: these step aside.
const behind = (samples, command) => (samples ? ['chrt', '--idle', '0', ...command] : command)

/** The walkers: `measuring` and `result` are promises. */
async function walk(peer, server, clients, seconds, samples) {
    const paths = pathsFile((await pathsOf(peer, server.port, clients)).slice(0, clients))
    const { replies, inputs } = WORDS[peer]
    const words = [server.port, paths, clients, SETTLE_S, seconds, server.pid, '-', replies, inputs.join(','), RATE]
    const child = start(CLIENT_CORE, behind(samples, [join(TOOLS, 'walker'), ...words.map(String)]))
    let told = '', begun
    const measuring = new Promise((done) => (begun = done))
    child.stdout.on('data', (more) => ((told += more), begun()))
    return { measuring: Promise.race([measuring, child.ended]), result: child.ended.then(() => walked(told)) }
}

/** What a few more players feel meanwhile, by the system's own client library. */
async function sample(system, server, workload, seconds) {
    const words = [join(FOLDER, 'sample.mjs'), system, server.port, workload, SAMPLES, seconds, CORE].map(String)
    return run(CLIENT_CORE, [NODE, ...words]).then(JSON.parse).catch((error) => ({ trouble: error.message }))
}

const felt = ({ effect_p50_ms, effect_p99_ms, error, missing, trouble }) => ({ effect_p50: effect_p50_ms, effect_p99: effect_p99_ms, error, missing, trouble })

async function measurePeer(peer, workload, clients, seconds, samples) {
    const server = await startPeer(peer, workload)
    const idle = memoryOf(server.pid)
    const walkers = await walk(peer, server, clients, seconds, samples)
    await walkers.measuring
    await server.ask('stats').catch(() => {})
    const memory = memoryOf(server.pid) // before the sample comes
    const looked = samples ? felt(await sample(peer, server, workload, Math.max(1, seconds - 1))) : {}
    const got = await walkers.result
    const { tick_p99_ms: tick = Infinity } = await server.ask('stats').catch(() => ({}))
    await server.end()
    return { ...got, ...looked, tick, memory: (memory - idle) / clients, held: got.walking === clients && got.frames >= HELD.frames && tick <= HELD.tick_ms }
}

async function measureOurs(workload, clients, seconds, samples) {
    const game = workload === 'C' ? 'walk-ten' : 'walk', rooms = Math.ceil(clients / 10)
    const more = ['--rate', '20', ...(workload === 'C' ? ['--rooms-max', String(rooms + 2)] : [])]
    const server = await startServer({ games: TOOLS, game, rules: { radius: workload === 'B' ? 400 : 0 }, more })
    const idle = memoryOf(server.pid), ramp = clients / 1000
    const words = ['--url', server.url, '--games', TOOLS, '--game', game, '--play', 'turns', '--clients', clients, '--checked', Math.min(clients, CHECKED)]
    const measuring = ['--ramp', ramp, '--settle', SETTLE_S, '--seconds', seconds, '--json', ...(workload === 'C' ? ['--rooms', rooms] : [])]
    const bots = start(CLIENT_CORE, behind(samples, [BOTS, ...words, ...measuring].map(String)))
    let told = ''
    bots.stdout.on('data', (more) => (told += more))
    await sleep(ramp + SETTLE_S)
    const memory = memoryOf(server.pid) // before the sample comes
    const looked = samples ? felt(await sample('tidewire', server, workload, Math.max(1, seconds - 1))) : {}
    await bots.ended
    await server.end()
    if (!told) return { held: false, limit: 'server', trouble: bots.words }
    const got = JSON.parse(told)
    if (got.hashes_wrong || got.private_seen) throw new Error(`ours diverged: ${bots.words}`)
    return {
        ...looked, bytes: got.bytes_per_client_s, said: got.messages_per_client_s, memory: (memory - idle) / clients, gap: got.gap_p99_ms, frames: got.frames_per_client_s, tick: got.server_tick_p99_ms,
        held: got.joined === clients && !got.dropped && got.delivered_percent >= HELD.delivered && got.server_tick_p99_ms <= HELD.tick_ms,
        age: got.age_p99_ms, server_cores: got.server_cpu_cores, clients_cores: got.bots_cpu_cores, limit: botsLimit(got),
    }
}

function measure(system, workload, clients, seconds, samples) {
    say(`${workload}-${clients}: ${system}`)
    return system === 'tidewire' ? measureOurs(workload, clients, seconds, samples) : measurePeer(system, workload, clients, seconds, samples)
}

// ---- All of it.

const yes = (well) => (well ? 'yes' : 'no')
const rows = [], systems = ['tidewire', ...PEERS]
const FIGURES = [
    ['bytes_per_client', 'bytes', 'B/s'], ['memory_per_client', 'memory', 'B'], ['input_to_effect_p50', 'effect_p50', 'ms'], ['input_to_effect_p99', 'effect_p99', 'ms'],
    ['server_cpu', 'server_cores', 'cores'], ['frame_gap_p99', 'gap', 'ms'],
]

function complain(name, { trouble, missing, error }) {
    if (trouble) console.error(`✗ ${name}: ${trouble.split('\n').slice(0, 3).join(' ')}`)
    if (missing || error > ERROR_MOST) console.error(`✗ ${name}: ${missing} not seen, largest error ${error} units`)
}

async function compare(workload, clients) {
    const of = {}
    for (const system of systems) complain(`${workload}-${clients}, ${system}`, (of[system] = await measure(system, workload, clients, SECONDS, true)))
    for (const [figure, key, unit] of FIGURES) {
        for (const peer of PEERS) {
            const [ours, theirs] = [of.tidewire[key], of[peer][key]]
            rows.push({
                case: `${workload}-${clients}`, figure, value: ours, unit, control: peer, control_value: theirs, ratio: share(ours, theirs),
                frames: of.tidewire.frames, control_frames: of[peer].frames, held: yes(of.tidewire.held), control_held: yes(of[peer].held),
                ...(key === 'bytes' && { control_error: of[peer].error, control_missing: of[peer].missing }),
            })
        }
    }
}

const mostOf = (system, workload) => Math.min(SEARCH_MOST, system === 'tidewire' && workload !== 'C' ? SEATS - 1 : SEARCH_MOST)

const search = (system, workload) =>
    largest((clients) => measure(system, workload, clients, PROBE_S, false).catch((error) => ({ held: false, limit: 'server', trouble: error.message })), {
        from: SEARCH_FROM[system][workload], most: mostOf(system, workload), near: NEAR,
    })

/** What a bare loop holds that sends frames as ours are, as often, and is sent messages as often. */
function echoOf({ held, at: { frames = RATE, bytes = 2000, said = RATE } }, workload) {
    const like = { frames, size: bytes / frames, said, delivered: HELD.delivered, settle: SETTLE_S, seconds: PROBE_S }
    const attempt = (clients) => (say(`${workload}-${clients}: bare echo`), tryEcho(like, clients))
    return largest(attempt, { from: Math.round(held * 1.5) || 100, most: SEARCH_MOST, near: NEAR })
}

async function compareHeld(workload) {
    const ours = await search('tidewire', workload)
    const others = { 'bare echo': await echoOf(ours, workload) }
    for (const peer of PEERS) others[peer] = await search(peer, workload)
    for (const [control, theirs] of Object.entries(others)) {
        rows.push({
            case: `held-${workload}`, figure: 'players_held', value: ours.held, unit: 'players', control, control_value: theirs.held, ratio: share(ours.held, theirs.held),
            frames: ours.at.frames, control_frames: theirs.at.frames, limit: ours.limit, control_limit: theirs.limit,
            server_cores: ours.at.server_cores, clients_cores: ours.at.clients_cores, control_server_cores: theirs.at.server_cores, control_clients_cores: theirs.at.clients_cores,
        })
    }
}

for (const [workload, sizes] of Object.entries(SIZES)) {
    for (const clients of sizes) if (chosen(`${workload}-${clients}`)) await compare(workload, clients)
}
for (const workload of SEARCHED) if (chosen(`held-${workload}`)) await compareHeld(workload)
report(
    rows,
    'ratio: ours ÷ theirs. Bytes of messages down, a second and client; memory: what the server process had grown by for each client after\n' +
        `${SETTLE_S} s (a heap that is collected now and then included); CPU: of the server process; input to effect: the same for all, from some players by each system's own client\n` +
        'library, from the moment at which a key is pressed to the state in which their own walker turns. Theirs also compare what they see with what the\n' +
        `server holds (error in units: the way of a message at 200 units a second; missing: not seen); of our bots ${CHECKED} at most check every row. Held, within\n` +
        '15 %: tick p99 ≤ 50 ms, and at least 19 messages a second to each client (ours, who says nothing when there is nothing to say: 95 % of frames in\n' +
        'their tick). bare echo: an epoll loop that sends frames of our size as often as ours, and is sent as many inputs. limit: which side was at its end\n' +
        'at the next larger number (none: our room has no more seats, or nobody tried more); the clients were if they had or waited for 93 % of their\n' +
        'core, or left out one turn of fifty. cores: of each side, at the number held.',
)
