#!/usr/bin/env node
// What it costs the server to say one thing to many: CPU per delivered frame, held against a bare epoll loop that
// sends the same number of bytes as often to as many of the same listeners (tools/control.c, tools/receiver.c), and
// against npm's ws (tools/ws.mjs). Ours and the controls take turns within one run.
import { join } from 'node:path'
import {
    SERVER_CORE, TOOLS, chosen, freePort, median, metrics, quick, report, scale, say, sleep, start, startListeners, startServer, stop, until, untilOpen,
} from './tools/bench.mjs'

const RATE = 20, ROUNDS = scale(9, 2, 1), SECONDS = scale(2, 0.8, 0.2), INPUTS = 10 // many and short: a machine's speed wanders from one to the next
const ACKS = 6 // frames to an acknowledgement: what our server asks of who keeps up
const FEW = scale(1000, 1000, 10), MANY = scale(5000, 3000, 20), ROOMS = 2 // whose frames differ
const ACKS_TRIED = scale([1, 3, ACKS], [], [1, ACKS]), TRYING = scale(3000, 3000, 20)
const SCRIPT = new URL('tools/ws.mjs', import.meta.url).pathname
const CASES = [
    { name: `plain-${FEW}`, clients: FEW, peer: true },
    { name: `plain-${MANY}`, clients: MANY },
    { name: `inputs-${FEW}`, clients: FEW, inputs: INPUTS, peer: !quick },
    { name: `tls-${FEW}`, clients: FEW, tls: true },
    ...(quick ? [] : [{ name: `tls-${MANY}`, clients: MANY, tls: true }]),
]

/** `told_s`: until a server has told its listeners how many frames to acknowledge together; one that never does has said so here. */
async function listen(url, pid, { clients, inputs, most = ACKS }, told_s = 0) {
    const listeners = startListeners(url, 'crowd', ROOMS)
    await listeners.grow(clients)
    await listeners.ask(`acks ${ACKS}`)
    await listeners.ask(`most ${most}`)
    await sleep(told_s)
    if (inputs) await listeners.ask(`talk ${inputs}`)
    const { frames, bytes, cpu_us, seconds } = await listeners.ask(`measure ${SECONDS} ${pid}`)
    await listeners.end()
    return { each: cpu_us / frames, size: bytes / frames, rate: frames / clients / seconds }
}

async function ours(server, one) {
    await until(server, 'the last listeners leave', ({ players }) => players === 0)
    const heard = await listen(server.url, server.pid, one, scale(1.5, 0.9, 0))
    const { writes_doubled } = await metrics(server)
    if (writes_doubled) throw new Error(`${writes_doubled} second writes in one tick`)
    return heard
}

async function control(server, one, program, pair = []) {
    const port = await freePort()
    const child = start(SERVER_CORE, [...program, String(port), String(RATE), String(one.size), ...pair])
    await untilOpen(port)
    const heard = await listen(server.url.replace(String(server.port), String(port)), child.pid, one)
    await stop(child)
    return heard
}

async function round(server, one) {
    const mine = await ours(server, one)
    const like = { ...one, size: Math.round(mine.size) }
    const pair = one.tls ? ['certificate.pem', 'key.pem'].map((name) => join(server.state, name)) : []
    const bare = await control(server, like, [join(TOOLS, 'control')], pair)
    const ws = one.peer ? await control(server, like, ['node', SCRIPT]) : undefined
    return { mine, bare, ws }
}

function row(name, rounds, which, words) {
    const middle = (pick) => median(rounds.map(pick))
    const ratio = (one) => one.mine.each / one[which].each
    return {
        case: name,
        figure: 'cpu_per_frame',
        value: middle(({ mine }) => mine.each),
        unit: 'us',
        against: words,
        control: middle((one) => one[which].each),
        ratio: middle(ratio),
        ratios: rounds.map((one) => ratio(one).toFixed(2)).join(' '),
        frame_bytes: middle(({ mine }) => mine.size),
        frames_per_client_s: middle(({ mine }) => mine.rate),
        control_frames_per_client_s: middle((one) => one[which].rate),
    }
}

async function measure(one) {
    const server = await startServer({ games: TOOLS, game: 'crowd', tls: one.tls, more: ['--rate', String(RATE)] })
    const rounds = []
    for (let i = 0; i < ROUNDS; i++) {
        say(`${one.name}: round ${i + 1} of ${ROUNDS}`)
        rounds.push(await round(server, one))
    }
    await server.end()
    const bare = row(one.name, rounds, 'bare', one.tls ? 'bare OpenSSL' : 'bare send')
    return one.peer ? [bare, row(one.name, rounds, 'ws', 'ws')] : [bare]
}

/** What it costs to be told of each frame, or of some together: ours against ours. */
async function measureAcks() {
    const server = await startServer({ games: TOOLS, game: 'crowd', more: ['--rate', String(RATE)] })
    const heard = ACKS_TRIED.map(() => [])
    for (let i = 0; i < ROUNDS; i++) {
        for (const [at, most] of ACKS_TRIED.entries()) {
            say(`acks-${most}: round ${i + 1} of ${ROUNDS}`)
            heard[at].push(await ours(server, { clients: TRYING, most }))
        }
    }
    await server.end()
    const rounds = (at) => heard[at].map((mine, i) => ({ mine, usual: heard.at(-1)[i] }))
    return ACKS_TRIED.map((most, at) => ({
        ...row(`acks-${most}`, rounds(at), 'usual', `acks-${ACKS}`), server_cores: median(heard[at].map(({ each, rate }) => (each * rate * TRYING) / 1e6)),
    }))
}

const rows = []
for (const one of CASES.filter(({ name }) => chosen(name))) rows.push(...(await measure(one)))
if (ACKS_TRIED.length && chosen('acks')) rows.push(...(await measureAcks()))
report(
    rows,
    'CPU (user and system, all threads, from the scheduler) of the server process over the measured time, divided by the\n' +
        'frames that the listeners counted. Controls: a bare epoll loop with send() or SSL_write(), and npm ws; the same frame\n' +
        `size, rate and listeners, who acknowledge each ${ACKS} frames at once, with a masked frame, to all of them: ours asks them to.\n` +
        `inputs: each listener also sends ${INPUTS} inputs a second. Server on one core, listeners on the other; medians of the\n` +
        `rounds, the ratio that of pairs. acks-N: ${TRYING} listeners who acknowledge N frames together at most, against as many as they are asked to.\n` +
        'Wanted: 1.15 of bare send, 1.2 of bare OpenSSL and with inputs, 0.65 of ws.',
)
