#!/usr/bin/env node
// What it costs the server to say one thing to many: CPU per delivered frame, held against a bare epoll loop that
// sends the same number of bytes as often to as many of the same listeners (tools/control.c, tools/receiver.c). Ours
// and the control take turns within one run.
import { join } from 'node:path'
import {
    CLIENT_CORE, SERVER_CORE, TOOLS, freePort, median, metrics, quick, report, run, say, sleep, start, startServer, stop, until,
} from './tools/bench.mjs'

const RATE = 20, ROUNDS = quick ? 2 : 5, SECONDS = quick ? 1 : 4
const CASES = [
    { name: 'plain-1000', clients: 1000, tls: false },
    { name: 'plain-3000', clients: 3000, tls: false },
    { name: 'tls-1000', clients: 1000, tls: true },
    ...(quick ? [] : [{ name: 'tls-3000', clients: 3000, tls: true }]),
]

async function listen(url, clients, pid) {
    const words = [join(TOOLS, 'receiver'), url, 'crowd', String(clients), String(SECONDS), String(pid)]
    const { frames, bytes, cpu_us, seconds } = JSON.parse(await run(CLIENT_CORE, words))
    return { each: cpu_us / frames, size: bytes / frames, rate: frames / clients / seconds }
}

async function ours(server, clients) {
    await until(server, 'the last listeners leave', ({ players }) => players === 0)
    const heard = await listen(server.url, clients, server.pid)
    const { writes_doubled } = await metrics(server)
    if (writes_doubled) throw new Error(`${writes_doubled} second writes in one tick`)
    return heard
}

async function control(server, clients, size) {
    const port = await freePort()
    const pair = server.tls ? ['certificate.pem', 'key.pem'].map((name) => join(server.state, name)) : []
    const child = start(SERVER_CORE, [join(TOOLS, 'control'), String(port), String(RATE), String(Math.round(size)), ...pair])
    await sleep(0.1)
    const heard = await listen(server.url.replace(String(server.port), String(port)), clients, child.pid)
    await stop(child)
    return heard
}

async function measure({ name, clients, tls }) {
    const server = await startServer({ games: TOOLS, game: 'crowd', tls, more: ['--rate', String(RATE)] })
    const rounds = []
    for (let i = 0; i < ROUNDS; i++) {
        say(`${name}: round ${i + 1} of ${ROUNDS}`)
        const mine = await ours(server, clients)
        rounds.push({ mine, bare: await control(server, clients, mine.size) })
    }
    await server.end()
    const middle = (pick) => median(rounds.map(pick))
    return {
        case: name,
        figure: 'cpu_per_frame',
        value: middle(({ mine }) => mine.each),
        unit: 'us',
        control: middle(({ bare }) => bare.each),
        ratio: middle(({ mine, bare }) => mine.each / bare.each),
        ratios: rounds.map(({ mine, bare }) => (mine.each / bare.each).toFixed(2)).join(' '),
        frame_bytes: middle(({ mine }) => mine.size),
        frames_per_client_s: middle(({ mine }) => mine.rate),
        control_frames_per_client_s: middle(({ bare }) => bare.rate),
    }
}

const rows = []
for (const one of CASES) rows.push(await measure(one))
report(
    rows,
    'CPU (user and system, all threads, from the scheduler) of the server process over the measured time, divided by the\n' +
        'frames that the listeners counted. Control: a bare epoll loop with send() or SSL_write(), the same frame size, rate\n' +
        'and listeners. Each frame is acknowledged by the listeners at once, with a masked frame, to both. Server on one\n' +
        'core, listeners on the other; medians of the rounds, the ratio that of pairs.',
)
