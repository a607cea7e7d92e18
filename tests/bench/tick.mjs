#!/usr/bin/env node
// How long a tick lasts with 200 players in one arena room, as a share of its budget at 20 ticks a second, and how
// late it begins, beside a bare absolute timer on the same core (tools/pacer.c).
import { join } from 'node:path'
import { BOTS, CLIENT_CORE, SERVER_CORE, TOOLS, cpuSeconds, growth, metrics, report, say, scale, sleep, start, startServer, stop, until } from './tools/bench.mjs'

const CLIENTS = scale(200, 200, 10), RATE = 20, BUDGET_US = 1e6 / RATE
const SECONDS = scale(60, 6, 0.5) // the server's percentile is taken over its last 1,024 ticks

const server = await startServer({ more: ['--rate', String(RATE)] })
const bots = start(CLIENT_CORE, [BOTS, '--url', server.url, '--clients', String(CLIENTS), '--seconds', '600', '--checked', '20', '--json'])
let told = ''
bots.stdout.on('data', (text) => (told += text))
await until(server, 'the bots join', ({ players }) => players === CLIENTS)
await sleep(1)
say(`${CLIENTS} players, ${SECONDS} s`)
const pacer = start(SERVER_CORE, [join(TOOLS, 'pacer'), String(RATE)])
let paced = ''
pacer.stdout.on('data', (text) => (paced += text))
const cpuBefore = cpuSeconds(server.pid)
const grown = await growth(server, SECONDS)
const cores = (cpuSeconds(server.pid) - cpuBefore) / SECONDS
const { tick_p99_us, tick_late_p99_us } = await metrics(server)
await stop(pacer)
const bare_us = JSON.parse(paced).p99_us
if (await stop(bots, 'SIGINT')) throw new Error(`the bots complain: ${bots.words}`)
await server.end()

const name = `arena-${CLIENTS}`
const bot = JSON.parse(told)
const share = (us) => us / BUDGET_US
const mean = grown.tick_us / grown.ticks
report(
    [
        { case: name, figure: 'tick_p99', value: tick_p99_us, unit: 'us', share: share(tick_p99_us) },
        { case: name, figure: 'tick_mean', value: mean, unit: 'us', share: share(mean) },
        { case: name, figure: 'tick_lateness_p99', value: tick_late_p99_us, unit: 'us', share: share(tick_late_p99_us), control: bare_us, ratio: tick_late_p99_us / bare_us },
        { case: name, figure: 'ticks_slipped', value: grown.ticks_slipped, unit: 'ticks' },
        { case: name, figure: 'server_cpu', value: cores, unit: 'cores' },
        { case: name, figure: 'frame_gap_p99', value: bot.gap_p99_ms, unit: 'ms' },
        { case: name, figure: 'bytes_per_client', value: bot.bytes_per_client_s, unit: 'B/s' },
    ],
    `share: of the ${BUDGET_US / 1000} ms that a tick has at ${RATE} a second; wanted: tick_p99 below a quarter, tick_lateness_p99 at most 1.5 of its control. All of the server's threads share one core,\n` +
        'so a tick that its own I/O interrupts counts as longer. The percentile is over the last 1,024 ticks, joins included\n' +
        'in a quick run. Plain, 200 bots with an input a tick on the other core.',
)
