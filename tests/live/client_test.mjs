// The client package (protocol/js) against a real server: every transport plays, what is blocked or swallowed is gone around, a
// session moves from one transport to another in mid-game, and no input is lost or used twice when posts and answers are.
import { join } from 'node:path'
import { connect, memoryStore } from '../../protocol/js/index.js'
import { EventSource } from '../unit/js/event-source.mjs'
import { BINARY } from './frames.mjs'
import { ROOT, Server, all, also, done, equal, hold, secrets, sleep, test, until } from './lib.mjs'
import { WebSocket as Socket } from './websocket.mjs'

const BUILD = process.env.TIDEWIRE_BUILD ?? join(ROOT, 'build')
const core = join(BUILD, 'protocol/wasm/arena.wasm')
const LONG_MS = 30000 // a wait of the client's so long stands for minutes

const server = await Server.start({ plain: true, rate: 60 }, { ini: '[game arena]\ncomputers = 2\n' })
const url = `ws://127.0.0.1:${server.port}/play`

/** A WebSocket as browsers have it, over the tests' own. */
class WebSocket {
    constructor() {
        this.readyState = 0
        this.#open().catch(() => this.#over({ code: 1006, reason: '' }))
    }
    async #open() {
        this.socket = await Socket.open(server)
        if (this.readyState) return this.socket.destroy()
        this.readyState = 1
        this.socket.onmessage = (bytes) => this.onmessage({ data: Uint8Array.from(bytes).buffer })
        this.onopen()
        await until(() => this.socket.closed, 'its end', 1e9)
        this.#over(this.socket.closed)
    }
    #over(how) {
        if (this.readyState !== 3) this.onclose(how)
        this.readyState = 3
    }
    send(bytes) {
        this.socket.send(BINARY, Buffer.from(bytes))
    }
    close() {
        this.readyState = 3
        this.socket?.destroy()
    }
}
/** One that a proxy in between lets open, and swallows what it says. */
class Swallowed extends WebSocket {
    set onmessage(_) {}
    get onmessage() { return () => {} }
}
/** One that nothing lets through. */
class Blocked {
    constructor() {
        setTimeout(() => this.onclose({ code: 1006, reason: '' }))
    }
    close() {}
}

const memory = () => {
    const kept = new Map()
    return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) }
}

/** Enters with the package; errors of its own are kept. */
function enter(options = {}) {
    const world = { storage: null, ...options.world }
    const room = connect({ url, game: 'arena', name: 'Ada', core, store: memoryStore(), WebSocket, EventSource, ...options, world })
    room.on('welcome', () => secrets.add(room.session))
    room.errors = []
    room.on('error', (error) => room.errors.push(error.message))
    room.overs = []
    room.on('transport', (name) => room.overs.push(name))
    return room
}

/** Flies until the server has used so many more of its inputs, and stated a hash (which a pulled state seldom holds). */
async function fly(room, inputs = 60) {
    const [used, hashes] = [room.core.state[1], room.stats.hashes]
    const steer = setInterval(() => room.state === 'playing' && room.input({ thrust: 8, turn: room.tick % 64 < 32 ? 3 : -3, aim: -1 }), 8)
    await until(() => room.core.state[1] - used >= inputs && (room.transport === 'pull' || room.stats.hashes > hashes), () => `inputs and hashes over ${room.transport}: ${JSON.stringify(room.stats)}`)
    clearInterval(steer)
}

async function leave(room) {
    equal(room.errors.join(), '', 'errors')
    equal(room.stats.mismatches, 0, 'wrong hashes')
    const { player } = room
    room.leave()
    await server.told('left', (line) => Number(line.player) === player)
}

for (const name of ['websocket', 'stream', 'sse', 'poll', 'pull']) {
    also(`it plays over ${name}: rows, inputs, a call, the clock`, async () => {
        const room = enter({ transports: [name] })
        await room.ready
        equal(room.transport, name, 'transport')
        await fly(room)
        hold(room.row('pilot', room.player)?.name === 'Ada', 'its own row')
        equal((await room.call('paint', { hue: 77 })).hue, 77, 'answer')
        await until(() => room.row('pilot', room.player)?.hue === 77, 'the new colour')
        hold(room.rtt > 0 && room.serverTime() > 0, 'a clock')
        await leave(room)
    })
}

also('WebSocket blocked: it plays over the next, and the next visit begins there', async () => {
    const storage = memory()
    const room = enter({ WebSocket: Blocked, world: { storage } })
    await room.ready
    equal(room.transport, 'stream', 'transport')
    await fly(room)
    await leave(room)
    let opened = 0
    const again = enter({ WebSocket: class extends Blocked { constructor() { super(); opened++ } }, world: { storage } })
    await again.ready
    equal([again.transport, opened].join(), 'stream,0', 'at once')
    await leave(again)
})

also('WebSocket opens and is mute: after 3 s it plays over the next', async () => {
    const room = enter({ WebSocket: Swallowed })
    const began = Date.now()
    await room.ready
    equal(room.transport, 'stream', 'transport')
    hold(Date.now() - began >= 3000, 'it waited')
    await fly(room)
    await leave(room)
})

also('streams blocked as well: long polls it is', async () => {
    const blocked = (url, init) => (/stream|sse/.test(url) ? Promise.reject(new TypeError('blocked')) : fetch(url, init))
    const room = enter({ WebSocket: Blocked, EventSource: undefined, world: { fetch: blocked } })
    await room.ready
    equal(room.transport, 'poll', 'transport')
    await fly(room)
    await leave(room)
})

also('it climbs back in mid-game: same seat, rows kept, inputs go on', async () => {
    let open = false
    class Later { constructor() { return open ? new WebSocket() : new Blocked() } }
    const soon = (run, ms) => setTimeout(run, ms > LONG_MS ? 200 : ms)
    const room = enter({ WebSocket: Later, world: { setTimeout: soon } })
    await room.ready
    equal(room.transport, 'stream', 'transport')
    await fly(room)
    const { session, player } = room
    const states = []
    room.on('state', (state) => states.push(state))
    open = true
    await until(() => room.transport === 'websocket' && room.overs.at(-1) === 'websocket', 'the climb')
    await fly(room)
    equal(`${room.session} ${room.player}`, `${session} ${player}`, 'session and seat')
    equal(states.join(), '', 'states on the way')
    hold(server.logged('resumed', (line) => line.kept === '1'), 'a resumed session that kept its rows')
    await leave(room)
})

also('a drop in mid-game: the rows are kept, unused inputs are said again', async () => {
    await Promise.all(['websocket', 'stream', 'poll'].map(async (name) => {
        const room = enter({ transports: [name] })
        await room.ready
        await fly(room, 30)
        const { player, instance } = room
        room.drop()
        await until(() => room.state === 'playing', `the way back over ${name}`)
        equal(`${room.player} ${room.instance}`, `${player} ${instance}`, 'seat')
        equal(room.core.state[8], 1, `kept over ${name}`)
        await fly(room, 30)
        await leave(room)
    }))
})

also('requests and answers that get lost: every input arrives once', async () => {
    let seed = Number(process.env.TIDEWIRE_SEED ?? Date.now()) >>> 0
    console.log(`# TIDEWIRE_SEED=${seed}`)
    const roll = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32
    await Promise.all(['stream', 'poll'].map(async (name) => {
        let leaving = false // whose last word nobody says again
        const lossy = async (url, init) => {
            if (leaving || !/n=\d+$/.test(url)) return fetch(url, init)
            if (roll() < 0.15) throw new TypeError('lost on its way')
            const answer = await fetch(url, init)
            if (roll() < 0.15) throw new TypeError('its answer is lost')
            return answer
        }
        const room = enter({ transports: [name], world: { fetch: lossy } })
        await room.ready
        await fly(room, 120)
        leaving = true
        await leave(room)
    }))
})

also('a session that plays elsewhere is over here, over HTTP too', async () => {
    const room = enter({ transports: ['stream'] })
    await room.ready
    const other = enter({ transports: ['poll'], session: room.session })
    await until(() => room.state === 'over', 'the end')
    equal(room.error.code, 'replaced', 'why')
    hold(room.error.hint && room.error.read.includes('docs/protocol.md'), 'a hint and where to read on')
    await other.ready
    await leave(other)
})

also('what cannot be is told by code and hint', async () => {
    const nowhere = enter({ game: 'chess' })
    await nowhere.ready.then(() => { throw new Error('it plays') }, (error) => equal(error.code, 'no-game', 'code'))
    const bare = enter({ core: undefined })
    await bare.ready.then(() => { throw new Error('it plays') }, (error) => {
        equal(error.code, 'no-core', 'code')
        hold(error.hint.includes('clang'), error.hint)
    })
})

await all()
await test('a server that goes and comes again', async () => {
    const room = enter({ transports: ['stream', 'poll'] })
    await room.ready
    await server.stop()
    await until(() => room.state !== 'playing', 'the loss')
    server.settings.port = server.port
    await server.launch()
    await until(() => room.state === 'playing', 'the way back')
    await sleep(100)
    await leave(room)
})

await server.finish()
await done()
