// The bots' scenarios, each in small: they end well, and what each is about happens.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AT_ONCE, CROWD, SCENARIOS, addressOf, bots, small } from './crowd.mjs'
import { Server, all, also, done, equal, hold, test } from './lib.mjs'

const BURST = 240 // the scenario's first 200 are there before the others come
const folder = mkdtempSync(join(tmpdir(), 'tidewire-scenarios-'))
const server = await Server.start({ plain: true, room_empty_s: 1 })

/** What a scenario is run with, where its own words would take longer. */
const SMALLER = {
    churn: ['--stay', '1', '--away', '0.2'],
    ramp: ['--ramp', '3'],
    storm: small(7),
    burst: ['--seconds', '7', '--clients', BURST],
}
/** Whether most of them said nothing, of whom each could have said 20 inputs a second. */
const fewSteer = ({ inputs, clients, seconds }) => inputs < (clients * seconds * 20) / 2
/** What must be seen of it. `playing`: how many, second by second. */
const SEEN = {
    churn: ({ closed, clients }) => closed[4000] >= clients * 2,
    ramp: ({ clients }, playing) => playing[0] < clients && playing.at(-1) > playing[0],
    burst: (_, playing) => playing.includes(BURST - 40) && playing.at(-1) > BURST - 40,
    storm: ({ cuts, resumed, resume_p50_ms }) => cuts >= CROWD && resumed === cuts && resume_p50_ms > 100,
    slow: ({ age_max_ms, age_p50_ms }) => age_max_ms > age_p50_ms,
    steady: ({ rtt_max_ms, rtt_p50_ms }) => rtt_p50_ms > 4 && rtt_max_ms > 60, // fibre, and some on 4g
    spectators: (result) => result.inputs > 0 && fewSteer(result),
    idle: ({ inputs }) => inputs === 0,
    spot: ({ inputs, frames }) => inputs > frames / 2,
    thousands: (result) => result.game === 'dots' && fewSteer(result),
}

async function play(name) {
    const csv = join(folder, `${name}.csv`)
    const usual = [...small(4), '--ramp', '0.5', '--back', '0.1', '--room', name, '--csv', csv]
    const result = await bots([...addressOf(server), '--json', '--scenario', name, ...usual, ...(SMALLER[name] ?? [])].map(String))
    equal(result.code, 0, `exit (${result.words})`)
    equal(result.joined, result.clients, 'joined')
    equal(result.divergent, 0, 'divergent')
    equal(result.scenario, name, 'scenario')
    const playing = readFileSync(csv, 'utf8').trim().split('\n').slice(1).map((line) => Number(line.split(',')[1]))
    hold(SEEN[name](result, playing), `${playing} ${JSON.stringify(result)}`)
}

const LONG = ['storm', 'burst'] // begin first
const names = readdirSync(SCENARIOS).map((file) => file.replace('.txt', ''))
for (const name of names.sort((a, b) => LONG.indexOf(b) - LONG.indexOf(a))) {
    also(`scenario ${name}, in small`, () => play(name))
}
await all(AT_ONCE)

await test('the server ends well', () => server.finish())
rmSync(folder, { recursive: true })
await done()
