// A few players by each system's own client library, who decode everything: how long after a key their own walker turns,
// the same for all; whether they see as many as they should, and how far off what they see is from where the server says it is.
//     sample.mjs SYSTEM PORT A|B|C COUNT SECONDS [CORE]     CORE: of Tidewire's client, any game's
import { readFileSync } from 'node:fs'
import { Client } from '@colyseus/sdk'
import { Packr } from 'msgpackr'
import { io } from 'socket.io-client'
import WebSocket from 'ws'
import { connect, memoryStore } from '../../../protocol/js/index.js'
import { RADIUS, TICK_MS, across } from './walk.mjs'

const [system, port, workload, count, seconds, core] = process.argv.slice(2)
const packr = new Packr({ useRecords: false, moreTypes: false })
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))
const unpacked = ([id, x, y, way, fire]) => ({ id, x: x / 16, y: y / 16, way, fire })

/** Each: joins, and gives { me, seen, press }; `heard` is called after each state. */
const SYSTEMS = {
    async tidewire(heard) {
        const room = connect({
            url: `ws://127.0.0.1:${port}/play`, game: workload === 'C' ? 'walk-ten' : 'walk', core: readFileSync(core), store: memoryStore(), device: '-',
            transports: ['websocket'], WebSocket, world: { storage: null },
        })
        await room.ready
        const seen = { get: (slot) => room.row('walker', slot) }
        const player = { me: room.player, seen, press: (dx, dy, fire) => room.input({ dx, dy, fire }), mismatches: () => room.stats.mismatches }
        room.on('frame', () => heard(player))
        return player
    },
    async ws(heard) {
        const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false })
        const player = { seen: new Map(), press: (...keys) => socket.send(packr.pack(keys)) }
        socket.on('message', (bytes) => {
            const [first, rows] = packr.unpack(bytes)
            if (!rows) return void (player.me = first)
            player.seen = new Map(rows.map((row) => [row[0], unpacked(row)]))
            heard(player)
        })
        await new Promise((done) => socket.on('open', done))
        return player
    },
    async socketio(heard) {
        const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true })
        const player = { seen: new Map(), press: (...keys) => socket.emit('keys', ...keys) }
        socket.on('you', (id) => (player.me = id))
        socket.on('s', (tick, rows) => {
            player.seen = new Map(rows.map((row) => [row[0], unpacked(row)]))
            heard(player)
        })
        await new Promise((done) => socket.on('connect', done))
        return player
    },
    async colyseus(heard) {
        const room = await new Client(`ws://127.0.0.1:${port}`).joinOrCreate('walk')
        const player = { me: room.sessionId, seen: room.state.walkers, press: (...keys) => room.send('k', keys) }
        room.onStateChange(() => {
            player.seen = room.state.walkers
            heard(player)
        })
        return player
    },
}

async function truth() {
    return (await fetch(`http://127.0.0.1:${port}/truth`)).json()
}

/** The largest error among what a player sees, in units, and how many of those in sight it does not see. */
async function compare(player) {
    const where = await truth()
    const own = where[player.me]
    let error = 0, missing = 0
    for (const [id, [x, y]] of Object.entries(where)) {
        const walker = player.seen.get(system === 'colyseus' ? id : Number(id))
        if (walker) error = Math.max(error, Math.hypot(across(walker.x, x), across(walker.y, y)))
        const inSight = workload === 'A' || (workload === 'B' && Math.hypot(across(own[0], x), across(own[1], y)) < RADIUS - 80)
        missing += inSight && !walker
    }
    return { error, missing }
}

const effects = []
const GOLDEN = (Math.sqrt(5) - 1) / 2, AGAIN_MS = 150
let turns = 0

/**
 * When a player may turn again: at a moment of the server's tick, wherever that begins, as far as possible from those of all turns
 * before (multiples of the golden section, modulo 1). So 200 turns tell the median to half a millisecond; at random they would to 3.5.
 */
function nextTurn(now) {
    const soonest = now + AGAIN_MS * (1 + 2 * Math.random())
    return soonest + ((((++turns * GOLDEN) % 1) * TICK_MS - soonest) % TICK_MS + TICK_MS) % TICK_MS
}

async function play() {
    let pressed = 0, wayBefore, keys = [0, 0, 0], turnAt = nextTurn(performance.now())
    const wayOf = ({ me, seen }) => seen?.get(me)?.way
    const player = await SYSTEMS[system]((player) => {
        if (!pressed || wayOf(player) === wayBefore) return
        effects.push(performance.now() - pressed)
        pressed = 0
    })
    const until = performance.now() + Number(seconds) * 1000
    while (performance.now() < until) {
        const now = performance.now()
        if (now >= turnAt && !pressed) {
            const before = keys[0] * 3 + keys[1]
            do keys = [0, 0, 0].map(() => Math.floor(Math.random() * 3) - 1)
            while (keys[0] * 3 + keys[1] === before)
            keys[2] = Math.random() < 0.5 ? 1 : 0
            wayBefore = wayOf(player)
            pressed = performance.now()
        }
        if (now >= turnAt) turnAt = nextTurn(now)
        player.press(...keys)
        await sleep(Math.max(0, Math.min(20 + Math.random() * 60, turnAt - performance.now()))) // 20 times a second
    }
    if (!player.mismatches) return compare(player)
    if (player.mismatches()) throw new Error('what a player holds is not what the server says')
    return {}
}

const seen = await Promise.all(Array.from({ length: Number(count) }, play))
effects.sort((a, b) => a - b)
const at = (share) => effects[Math.min(effects.length - 1, Math.floor(effects.length * share))]
const most = (key) => (seen.some((one) => key in one) ? Math.max(...seen.map((one) => one[key])) : undefined)
console.log(JSON.stringify({
    effects: effects.length, effect_p50_ms: at(0.5), effect_p99_ms: at(0.99),
    error: most('error'), missing: most('missing'),
}))
process.exit(0)
