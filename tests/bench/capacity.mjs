#!/usr/bin/env node
// How many players one core of server holds: found by doubling and bisection, server on one core and bots on the other.
// In some scenarios of its own, or in one of the bots': --scenario NAME|FILE, played to its end with as many players as are tried
// (a room has its seats: `rooms` in the file spreads them). Held: everybody stays, tick p99 within its budget, at least 95 % of the
// due frames in their tick, age of state p99 under a bound. Says which side was at its end. Beside it what a bare epoll loop
// (tools/control.c) holds that sends frames of the same size as often and is sent inputs as often: where that is the limit, ours
// is a share of it.
import { basename } from 'node:path'
import { BOTS, CLIENT_CORE, GAMES, TOOLS, chosen, quick, report, run, say, scale, scenario, startServer } from './tools/bench.mjs'
import { botsLimit, largest, share, tryEcho } from './tools/search.mjs'

const ROOMS_MAX = 4096 // of a server
const RATE = 20, BUDGET_MS = 1000 / RATE, DELIVERED = 95, AGE_MS = 150, CHECKED = 50, JOINS_S = quick ? 2000 : 1000
const SECONDS = scale(6, 1.5, 1.2), SETTLE_S = scale(2, 0.7, 0.2), NEAR = scale(1.1, 2), MOST = scale(16000, 16000, 10)
const OWN = [
    { name: 'arena-rooms', game: 'arena', play: 'brain', each: 100, from: 1200 }, // rooms of 100, as players fly
    ...(quick ? [] : [
        { name: 'walk-400', game: 'walk', play: 'turns', rules: { radius: 400 }, from: 1200, most: 4000 }, // one room
        { name: 'walk-ten', game: 'walk-ten', play: 'turns', each: 10, from: 2000 },
        { name: 'arena-idle', game: 'arena', play: 'watch', each: 100, from: 2000 },
    ]),
]
const CASES = scenario ? [{ name: basename(scenario, '.txt'), from: 200 }] : OWN

async function tryOurs({ game, play, each, rules }, clients) {
    const rooms = each ? Math.ceil(clients / each) : 0, games = scenario || game === 'arena' ? GAMES : TOOLS
    const server = await startServer({ games, game, rules, more: ['--rate', String(RATE), '--rooms-max', String(ROOMS_MAX)] })
    const players = scenario ? ['--scenario', scenario] : ['--game', game, '--play', play, ...(rooms ? ['--rooms', rooms] : [])]
    const words = ['--url', server.url, '--games', games, '--clients', clients, '--checked', Math.min(clients, CHECKED), '--ramp', clients / JOINS_S, '--settle', SETTLE_S]
    const seconds = scenario && !quick ? [] : ['--seconds', SECONDS]
    const text = await run(CLIENT_CORE, [BOTS, ...players, ...words, ...seconds, '--json'].map(String), { mayFail: true })
    await server.end()
    if (!text) return { held: false, limit: 'server' }
    const got = JSON.parse(text)
    if (got.hashes_wrong || got.private_seen) throw new Error(`${clients} players: what a bot held was wrong`)
    return {
        held: got.joined === clients && !got.dropped && got.server_tick_p99_ms <= BUDGET_MS && got.delivered_percent >= DELIVERED && got.age_p99_ms <= AGE_MS,
        limit: botsLimit(got), frames: got.frames_per_client_s, bytes: got.bytes_per_client_s, said: got.messages_per_client_s, delivered: got.delivered_percent, age: got.age_p99_ms, tick: got.server_tick_p99_ms,
        server_cores: got.server_cpu_cores, clients_cores: got.bots_cpu_cores,
    }
}

const rows = []
for (const one of CASES.filter(({ name }) => chosen(name))) {
    const ours = await largest((clients) => (say(`${one.name}: ${clients}`), tryOurs(one, clients)), { from: one.from, most: Math.min(one.most ?? MOST, MOST), near: NEAR })
    const { frames = RATE, bytes = 100 * RATE, said = RATE, delivered, age, tick, server_cores, clients_cores } = ours.at
    const like = { frames, size: bytes / frames, said, delivered: DELIVERED, settle: SETTLE_S, seconds: SECONDS }
    const echo = await largest((clients) => (say(`${one.name}, echo: ${clients}`), tryEcho(like, clients)), { from: ours.held * 1.25 || one.from, most: MOST, near: NEAR })
    rows.push({
        case: one.name, figure: 'players_held', value: ours.held, unit: 'players', control: echo.held, ratio: share(ours.held, echo.held), limit: ours.limit, control_limit: echo.limit,
        frames_per_client_s: frames, messages_per_client_s: said, bytes_per_client_s: bytes, delivered_percent: delivered, age_p99_ms: age, tick_p99_ms: tick, server_cores, clients_cores,
        control_server_cores: echo.at.server_cores, control_clients_cores: echo.at.clients_cores,
    })
}
report(
    rows,
    `Held: all stay, tick p99 ≤ ${BUDGET_MS} ms, ≥ ${DELIVERED} % of due frames in their tick (a tick with nothing to say is not due), age of state p99 ≤ ${AGE_MS} ms; found by doubling and\n` +
        `bisection to ${Math.round((NEAR - 1) * 100)} %. control: a bare epoll loop with frames of the same size, as often, and a message of 8 bytes from each as often as ours say one. limit: which side was at its\n` +
        'end at the next larger number that was tried (none: no larger one): the clients count as such when they had or waited for 93 % of their core, or left out one turn of fifty.\n' +
        'cores: of each side, at the number held.',
)
