#!/usr/bin/env node
// How little replication sends, and what it costs: seeded worlds in a real room with real sessions, frames and clients,
// but without sockets (replication/*.c), beside two controls that are given the same rows (replication/controls.mjs).
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TOOLS, chosen, median, quick, report, run, say, scale } from './tools/bench.mjs'

const TRACE = join(TOOLS, 'replication_trace'), EVERY_CORE = '0-1'
const CONTROLS = fileURLToPath(new URL('replication/controls.mjs', import.meta.url))
const TICKS = scale(400, 100, 10), ROUNDS = scale(7, 3, 1), COUNTED_TICKS = 12
const TOLERANCE = 0.25
const AIMS = { 'wasd-50': 0.5, 'waypoints-50': 0.5, 'mouse-50': 1, 'all-200': 0.25 }

const folder = mkdtempSync(join(tmpdir(), 'tidewire-replication-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const part = async (...words) => JSON.parse(await run(EVERY_CORE, [TRACE, ...words.map(String)]))

// ---- Bytes.

async function control(path, way, name) {
    const words = [CONTROLS, path, way, name.startsWith('mouse') || name.startsWith('way') ? 'turn' : 'keys']
    return JSON.parse(await run(EVERY_CORE, [process.execPath, ...words])).bytes_per_entity_tick
}

const spent = (of) =>
    ['head', 'changes', 'enterings', 'leavings', 'stale'].map((list) => `${list} ${of[list].toFixed(3)}`).join(', ')

async function bytes(name, lane) {
    const path = join(folder, name)
    const got = await part(lane === 'linear' ? 'linear' : 'bytes', name, TICKS, ...(lane === 'linear' ? [] : [path]))
    const row = {
        case: name, figure: 'bytes_per_entity_tick', value: got.value, unit: 'B', lane, held: got.held,
        error: got.error, corrections_s: got.corrections_s, owed: got.owed, bytes_s: got.bytes_s, budget: got.budget || undefined,
        aim: lane === 'game' ? AIMS[name] : undefined, spent: spent(got),
    }
    if (lane === 'linear') return { rows: [row], got }
    const colyseus = await control(path, 'colyseus', name)
    Object.assign(row, { control: colyseus, ratio: got.value / colyseus, msgpack: await control(path, 'msgpack', name) })
    const encodes = { case: name, figure: 'encodes_per_row_tick', value: got.encoded / got.changed, unit: 'encodes', aim: 1, spent: `${got.encoded} / ${got.changed}` }
    return { rows: [row, encodes], got }
}

// ---- Time, and what stands for it where it can be counted.

async function several(...words) {
    const rounds = []
    for (let i = 0; i < ROUNDS; i++) rounds.push(await part(...words))
    const middle = (key) => median(rounds.map((round) => round[key]))
    return { ...rounds[0], value: middle('value'), control: middle('control'), ratio: middle('ratio') }
}

async function assemble() {
    const { case: name, figure, value, unit, control, ratio } = await several('assemble', 'wasd-50', TICKS / 2)
    return { case: name, figure, value, unit, control, ratio, aim: 0.15 }
}

async function crowdTick() {
    const { case: name, figure, value, unit, control, ratio, bytes_s, budget } = await several('crowd', 'crowd-1000', TICKS / 2)
    return { case: name, figure, value, unit, control, ratio, bytes_s, budget, aim: 2 }
}

/** Instructions of each function with all that it calls, per frame; none without valgrind. */
async function instructions() {
    if (quick || spawnSync('valgrind', ['--version']).status !== 0) return []
    const out = join(folder, 'callgrind')
    const tool = ['valgrind', '-q', '--tool=callgrind', `--callgrind-out-file=${out}`, '--toggle-collect=counted_round']
    const { frames } = JSON.parse(await run(EVERY_CORE, [...tool, TRACE, 'count', 'wasd-50', String(COUNTED_TICKS)]))
    const told = await run(EVERY_CORE, ['callgrind_annotate', '--inclusive=yes', '--threshold=100', out])
    return ['interest_update', 'assembly_make', 'broadcaster_next'].map((name) => {
        const [, count] = told.match(new RegExp(`^\\s*([\\d,]+).*:${name}\\b`, 'm')) ?? [, 'NaN']
        return { case: 'wasd-50', figure: `instructions_${name}`, value: Number(count.replaceAll(',', '')) / frames, unit: 'instructions' }
    })
}

// ---- All of it.

const rows = [], wrong = []
for (const name of ['wasd-50', 'waypoints-50', 'mouse-50', 'all-200', 'crowd-1000', 'crowd-1000-tight'].filter(chosen)) {
    for (const lane of name.startsWith('crowd') ? ['game'] : ['game', 'linear']) {
        say(`${name}, ${lane} lane`)
        const { rows: more, got } = await bytes(name, lane)
        rows.push(...more)
        if (got.error > TOLERANCE) wrong.push(`${name}: a client was off by ${got.error}`)
        if (got.wrong_hashes) wrong.push(`${name}: ${got.wrong_hashes} wrong hashes`)
        if (got.encoded !== got.changed) wrong.push(`${name}: ${got.encoded} encodings of ${got.changed} rows`)
        if (got.budget && got.bytes_s > got.budget) wrong.push(`${name}: ${got.bytes_s} bytes a second`)
    }
}
say('joining')
rows.push(await part('encodes', 'wasd-50'))
say('assembly beside send()')
rows.push(await assemble())
say('a crowd beside the same spread out')
rows.push(await crowdTick())
say('callgrind')
rows.push(...(await instructions()))
report(
    rows,
    'bytes: of WebSocket payload for each held moving row and tick, at 20 Hz, everything included, in play (joining is not): 64 sampled\n' +
        'clients of 1,600 players (32 of the others), each with an input a tick. control: @colyseus/schema 5 with quantised fields and a\n' +
        'StateView for each client (none where all see all); msgpack: arrays of changed fields; both of 16 clients. error: largest, of rows\n' +
        'that are not owed, in units. assemble: interest and assembly for each of 1,600 clients ÷ one bare send() of that frame. crowd_tick:\n' +
        'tick and all frames of 1,000 players in one spot ÷ of the same spread out. CPU time of the thread, medians.',
)
for (const words of wrong) console.error(`✗ ${words}`)
if (wrong.length) process.exitCode = 1
