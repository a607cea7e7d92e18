#!/usr/bin/env node
// What a connection costs that has nothing to say: user-space memory of a seated player in a room where nothing
// happens, CPU of pinging all of them, and what accepting one more costs when many stand. Beside it the floor, a bare
// epoll loop with or without OpenSSL (tools/control.c), and npm's ws (tools/ws.mjs).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
    SERVER_CORE, TOOLS, chosen, freePort, median, memoryOf, quick, report, run, say, scale, sleep, start, startListeners, startServer, stop, until, untilOpen,
} from './tools/bench.mjs'

const FEW = scale(1000, 1000, 20), MANY = scale(18000, 2500, 80), STEP = scale(500, 500, 10), STEPS = scale(3, 1)
const PING_S = scale(30, 3, 1) // each is pinged once in the time that is measured
const ROOMS = 5
const SETTLE_S = scale(2, 1.1, 0.2) // the server's sweep of sessions, once a second, is over
const REST_S = scale(4, 3.3, 0) // newcomers were told their first hash, due within 64 ticks, and rest
const REST_ALL_S = scale(25, 3.3, 0) // when so many come that one tick does not do for a frame to each of them

/** A server and its listeners, as `{ pid, listeners, end }`. */
async function ours(tls, { sessions_max = 20000, rooms = ROOMS } = {}) {
    const times = ['--ping-s', PING_S, '--silence-s', PING_S * 3, '--keepalive-ms', 60000, '--hello-s', 600]
    const more = ['--sessions-max', sessions_max, '--io-threads', 1, ...times].map(String)
    const server = await startServer({ games: TOOLS, game: 'crowd', rules: { still: 1 }, tls, more })
    const listeners = startListeners(server.url, 'crowd', rooms)
    const settled = (count) =>
        until(server, `${count} there`, ({ sessions, connections }) => (rooms === 'mute' ? connections >= count : sessions === count))
    const end = async () => {
        await listeners.end()
        await server.end()
    }
    return { pid: server.pid, listeners, settled, end, rest_s: rooms === 'mute' ? 0 : REST_S }
}

async function control(command) {
    const port = await freePort()
    const child = start(SERVER_CORE, command(port))
    await untilOpen(port)
    const tls = command(port).length > 4
    const listeners = startListeners(`${tls ? 'wss' : 'ws'}://127.0.0.1:${port}/play`, 'crowd')
    const end = async () => {
        await listeners.end()
        await stop(child)
    }
    return { pid: child.pid, listeners, settled: () => sleep(0.5), end }
}

async function bare(tls) {
    if (!tls) return control((port) => [join(TOOLS, 'control'), String(port), '0', String(PING_S)])
    const server = await startServer({ tls }) // for its certificate
    const pair = ['certificate.pem', 'key.pem'].map((name) => join(server.state, name))
    const made = await control((port) => [join(TOOLS, 'control'), String(port), '0', String(PING_S), ...pair])
    const end = () => made.end().then(server.end)
    return { ...made, end }
}

const SCRIPT = new URL('tools/ws.mjs', import.meta.url).pathname
const ws = () => control((port) => ['node', SCRIPT, String(port), '0'])

async function stand(server, count) {
    await server.listeners.ask(`drop ${count}`)
    await server.listeners.grow(count)
    await server.settled(count)
}

/** Microseconds of CPU for each of the next STEP that come, with `standing` there. */
async function accepting(server, standing) {
    const costs = []
    for (let i = 0; i < STEPS; i++) {
        await stand(server, standing)
        await sleep(server.rest_s ?? 0)
        const { cpu_us } = await server.listeners.ask(`cost ${standing + STEP} ${server.pid}`)
        await server.settled(standing + STEP)
        costs.push(cpu_us / STEP)
    }
    return median(costs)
}

async function memory(server, count) {
    await stand(server, count)
    await sleep(SETTLE_S)
    return memoryOf(server.pid)
}

/** The sockets of those before are gone for good, a minute after they closed: the kernel counts that work as whose core it is on. */
async function forgotten() {
    const waiting = () => Number(readFileSync('/proc/net/sockstat', 'utf8').match(/tw (\d+)/)[1])
    for (let left = 70; left > 0 && waiting() > MANY / 20; left--) await sleep(1)
}

/** They come evenly over the time from one ping to the next, and so are pinged evenly, as the bare loop's are. */
async function standEvenly(server) {
    const parts = PING_S * 2, began = performance.now()
    for (let i = 1; i <= parts; i++) {
        await stand(server, Math.round((MANY * i) / parts))
        await sleep(Math.max(0, (i / parts) * PING_S - (performance.now() - began) / 1000))
    }
}

/** Cores that all of them take who say nothing, each of whom is pinged once meanwhile. */
async function idling(server) {
    await standEvenly(server)
    if (server.rest_s) await sleep(REST_ALL_S)
    if (!quick) await forgotten()
    const { cpu_us, seconds } = await server.listeners.ask(`measure ${PING_S} ${server.pid}`)
    await server.end()
    return cpu_us / 1e6 / seconds
}

async function measure(server, { traffic = false, growth = false }) {
    const few = await memory(server, FEW)
    const found = {}
    if (growth) found.accept_few = await accepting(server, FEW)
    const many = await memory(server, MANY)
    found.each = (many - few) / (MANY - FEW)
    if (growth) found.accept_many = await accepting(server, MANY - STEP)
    await stand(server, MANY)
    if (traffic) {
        await server.listeners.ask('talk 1')
        await server.listeners.ask(`measure ${scale(10, 1, 0.2)} ${server.pid}`)
        await server.listeners.ask('talk 0')
        await sleep(SETTLE_S)
        found.after_traffic = (memoryOf(server.pid) - few) / (MANY - FEW)
    }
    await server.end()
    return found
}

/** What is there from the start for each session that there may be, used or not. */
async function setAside() {
    const sizes = []
    for (const sessions of [FEW, MANY]) {
        const server = await ours(false, { sessions_max: sessions })
        await sleep(SETTLE_S)
        sizes.push(memoryOf(server.pid))
        await server.end()
    }
    return (sizes[1] - sizes[0]) / (MANY - FEW)
}

const rows = []
const add = (name, figure, value, unit, against, more = {}) =>
    rows.push({ case: name, figure, value, unit, ...(against && { control: against, ratio: value / against }), ...more })

async function memoryAndAccepting(tls, aside) {
    const scheme = tls ? 'wss' : 'ws', name = `${scheme}-${MANY}`
    say(`${name}: the bare loop`)
    const floor = await measure(await bare(tls), { growth: true })
    say(`${name}: ours`)
    const mine = await measure(await ours(tls), { traffic: true, growth: true })
    add(name, `memory_per_${scheme}`, mine.each + aside, 'bytes', floor.each, { of: `${Math.round(mine.each)} slope + ${Math.round(aside)} set aside` })
    add(name, `memory_per_${scheme}_after_traffic`, mine.after_traffic + aside, 'bytes')
    add(name, 'accept_growth', mine.accept_many / mine.accept_few, '', floor.accept_many / floor.accept_few, {
        of: `${mine.accept_many.toFixed(1)} / ${mine.accept_few.toFixed(1)} us; bare ${floor.accept_many.toFixed(1)} / ${floor.accept_few.toFixed(1)}`,
    })
}

async function idle() {
    say('idle')
    const floor = await idling(await bare(false)), open = await idling(await ours(false, { rooms: 'mute' })), seated = await idling(await ours(false))
    add(`idle-${MANY}`, 'idle_cpu', open * 100, '% of a core', floor * 100)
    add(`idle-${MANY}-seated`, 'idle_cpu', seated * 100, '% of a core', floor * 100, { of: 'at rest: nothing is due to anybody' })
}

async function npmWs() {
    say('npm ws')
    add(`npm-ws-${MANY}`, 'memory_per_npm_ws', (await measure(await ws(), {})).each, 'bytes')
}

async function structs() {
    const { connection, session, attachment } = JSON.parse(await run(SERVER_CORE, [join(TOOLS, 'sizes')]))
    add('sizes', 'memory_state', connection + session, 'bytes', undefined, { of: `${connection} connection (attachment ${attachment} within) + ${session} session` })
}

say('set aside at the start')
const schemes = ['ws', 'wss'].filter((scheme) => chosen(`${scheme}-${MANY}`))
const aside = schemes.length ? await setAside() : 0
for (const scheme of schemes) await memoryAndAccepting(scheme === 'wss', aside)
if (chosen(`idle-${MANY}`)) await idle()
if (!quick && chosen(`npm-ws-${MANY}`)) await npmWs()
if (chosen('sizes')) await structs()
report(
    rows,
    `Memory: what is resident and the process's own (RssAnon), its slope from ${FEW} to ${MANY} players who sit in ${ROOMS} rooms where\n` +
        'nothing happens, and what the server sets aside at its start for each session that there may be. Control: a bare epoll\n' +
        `loop, with OpenSSL for wss. idle_cpu: open WebSockets before their HELLO, a ping every ${PING_S} s to each, over ${PING_S} s; and seated.\n` +
        `accept_growth: CPU of accepting, upgrading and seating ${STEP} more with ${MANY - STEP} there ÷ with ${FEW}; medians of ${STEPS}.\n` +
        'Wanted: ws 2,048 bytes, wss 17,920; state 512 without the bits of held rows; idle_cpu ratio 1.5; accept_growth 1.3.',
)
