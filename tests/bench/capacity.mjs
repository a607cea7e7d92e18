#!/usr/bin/env node
// How many players one core of server holds: found by doubling and bisection, server on one core and bots on the other.
// Held: everybody stays, tick p99 within its budget, at least 95 % of the due frames in their tick, age of state p99 under
// a bound. Says which side was at its end. Beside it what a bare epoll loop (tools/control.c) holds that sends frames of the
// same size as often and is sent inputs as often: where that is the limit, ours is a share of it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BOTS, CLIENT_CORE, GAMES, SERVER_CORE, TOOLS, freePort, quick, report, run, say, sleep, start, startServer, stop } from './tools/bench.mjs'

const RATE = 20, BUDGET_MS = 1000 / RATE, DELIVERED = 95, AGE_MS = 150, BUSY = 0.93
const SECONDS = quick ? 3 : 8, SETTLE_S = quick ? 1 : 3, NEAR = quick ? 1.5 : 1.1, MOST = 16000, CHECKED = 50
const CASES = [
    { name: 'arena-rooms', game: 'arena', play: 'brain', each: 100, from: 800 }, // rooms of 100, as players fly
    ...(quick ? [] : [
        { name: 'walk-400', game: 'walk', play: 'turns', rules: { radius: 400 }, from: 400, most: 4000 }, // one room
        { name: 'walk-ten', game: 'walk-ten', play: 'turns', each: 10, from: 800 },
        { name: 'arena-idle', game: 'arena', play: 'watch', each: 100, from: 800 },
    ]),
]
const folder = mkdtempSync(join(tmpdir(), 'tidewire-capacity-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

// ---- One try. Gives { held, limit, frames, bytes }.

async function tryOurs({ game, play, each, rules }, clients) {
    const rooms = each ? Math.ceil(clients / each) : 0, games = game === 'arena' ? GAMES : TOOLS
    const server = await startServer({ games, game, rules, more: ['--rate', String(RATE), ...(rooms ? ['--rooms-max', String(rooms + 1)] : [])] })
    const words = ['--url', server.url, '--game', game, '--games', games, '--play', play, '--clients', clients, '--checked', Math.min(clients, CHECKED)]
    const text = await run(CLIENT_CORE, [BOTS, ...words, '--ramp', SETTLE_S + clients / 500, '--seconds', SECONDS, '--json', ...(rooms ? ['--rooms', rooms] : [])].map(String), { mayFail: true })
    await server.end()
    const got = text ? JSON.parse(text) : { joined: 0 }
    if (got.hashes_wrong || got.private_seen) throw new Error(`${clients} players: what a bot held was wrong`)
    return {
        held: got.joined === clients && !got.dropped && got.server_tick_p99_ms <= BUDGET_MS && got.delivered_percent >= DELIVERED && got.age_p99_ms <= AGE_MS,
        limit: got.late > got.inputs / 50 || got.bots_cpu_cores > BUSY ? 'bots' : 'server',
        frames: got.frames_per_client_s, bytes: got.bytes_per_client_s, age: got.age_p99_ms, tick: got.server_tick_p99_ms,
        server_cores: got.server_cpu_cores, bots_cores: got.bots_cpu_cores,
    }
}

/** The same number and size of frames, and of inputs, without a game. */
async function tryEcho({ size, frames, inputs }, clients) {
    const port = await freePort(), paths = join(folder, 'paths')
    writeFileSync(paths, '/play\n'.repeat(clients))
    const rate = Math.max(1, Math.round(frames))
    const control = start(SERVER_CORE, [join(TOOLS, 'control'), port, rate, Math.max(4, Math.round(size))].map(String))
    await sleep(0.1)
    const input = Array(18).fill('01'.repeat(12)).join(',')
    const words = [port, paths, clients, SETTLE_S, SECONDS, control.pid, '01', '-', inputs ? input : Array(18).fill('02').join(',')]
    const got = JSON.parse(await run(CLIENT_CORE, [join(TOOLS, 'walker'), ...words].map(String), { mayFail: true }) || '{"walking":0}')
    await stop(control)
    return { held: got.walking === clients && got.frames_per_client_s >= (rate * DELIVERED) / 100, limit: got.own_cores > BUSY ? 'bots' : 'server' }
}

// ---- Doubling, then bisection.

async function largest(name, attempt, from, most = MOST) {
    let held = 0, lost = most * 2, last = { limit: 'none' }, at = {}
    for (let next = from; next !== held && next !== lost && next >= 10; ) {
        say(`${name}: ${next}`)
        const seen = await attempt(next)
        if (seen.held) (held = next), (at = seen)
        else (lost = next), (last = seen)
        if (held >= most || (held && lost <= held * NEAR)) break
        if (lost > most) next = Math.min(most, held * 2)
        else next = held ? Math.round((held + lost) / 20) * 10 : Math.floor(lost / 2)
    }
    return { held, at, limit: last.limit }
}

const rows = []
for (const one of CASES) {
    const ours = await largest(one.name, (clients) => tryOurs(one, clients), one.from, one.most)
    const like = { frames: ours.at.frames ?? RATE, size: (ours.at.bytes ?? 100) / (ours.at.frames ?? RATE), inputs: one.play !== 'watch' }
    const echo = await largest(`${one.name}, echo`, (clients) => tryEcho(like, clients), Math.max(100, ours.held), MOST)
    rows.push({
        case: one.name, figure: 'players_held', value: ours.held, unit: 'players', control: echo.held, ratio: ours.held / echo.held, limit: ours.limit, control_limit: echo.limit,
        frames_per_client_s: ours.at.frames, bytes_per_client_s: ours.at.bytes, age_p99_ms: ours.at.age, tick_p99_ms: ours.at.tick, server_cores: ours.at.server_cores, bots_cores: ours.at.bots_cores,
    })
}
report(
    rows,
    `Held: all stay, tick p99 ≤ ${BUDGET_MS} ms, ≥ ${DELIVERED} % of due frames in their tick (a tick with nothing to say is not due), age of state p99 ≤ ${AGE_MS} ms; found by doubling and\n` +
        `bisection to ${Math.round((NEAR - 1) * 100)} %. control: a bare epoll loop with frames of the same size, as often, and an input of 12 bytes from each as often. limit: which side was at its\n` +
        'end at the next larger number that was tried: the bots count as such above 93 % of their core, or when they left out one input of fifty.',
)
