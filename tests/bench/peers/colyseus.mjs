// Colyseus, current release: @colyseus/schema with quantised fields over its ws transport; in B each client has a
// StateView, brought up to date a quarter of the clients each tick. Patches go out with the tick, as its makers advise.
//     colyseus.mjs PORT A|B|C
import { createServer } from 'node:http'
import { Room, Server } from '@colyseus/core'
import { Encoder, StateView, schema, t } from '@colyseus/schema'
import { WebSocketTransport } from '@colyseus/ws-transport'
import { Grid, LEAVE, RADIUS, ROOM, SIZE, answer, move, newcomer, pace, press } from './walk.mjs'

const [port, workload] = process.argv.slice(2)
Encoder.BUFFER_SIZE = 1 << 20

const place = () => t.quantized({ min: 0, max: SIZE, bits: 16, mode: 'wrap' })
const Walker = schema({ id: t.uint16(), x: place(), y: place(), way: t.int8(), fire: t.uint8() }, 'Walker')
const State = schema({ walkers: workload === 'B' ? t.map(Walker).view() : t.map(Walker) }, 'State')
const all = new Map() // sessionId → walker, of all rooms
let ids = 0

class Walk extends Room {
    patchRate = null // we send, after each tick
    maxClients = workload === 'C' ? ROOM : Infinity
    seatReservationTimeout = 120
    people = new Map() // client → { walker, row, held }
    grid = new Grid()
    turn = 0

    onCreate() {
        this.state = new State()
        this.onMessage('k', (client, [dx, dy, fire]) => press(this.people.get(client).walker, dx, dy, fire))
        rooms.add(this)
    }

    onJoin(client) {
        const walker = newcomer(++ids)
        const row = new Walker()
        Object.assign(row, { id: walker.id, x: walker.x, y: walker.y, way: 0, fire: 0 })
        walker.row = row
        this.state.walkers.set(client.sessionId, row)
        this.people.set(client, { walker, held: new Set() })
        all.set(client.sessionId, walker)
        if (workload !== 'B') return
        client.view = new StateView()
        client.view.add(row)
        this.people.get(client).held.add(walker)
    }

    onLeave(client) {
        this.state.walkers.delete(client.sessionId)
        all.delete(client.sessionId)
        for (const { held } of this.people.values()) held.delete(this.people.get(client)?.walker)
        this.people.delete(client)
    }

    onDispose() {
        rooms.delete(this)
    }

    tick() {
        for (const { walker } of this.people.values()) this.#step(walker)
        if (workload === 'B') this.#look()
        this.broadcastPatch()
    }

    /** Only what differs is set. */
    #step(walker) {
        const { row } = walker, way = walker.dx * 3 + walker.dy
        move(walker)
        if (way || row.way) {
            row.x = walker.x
            row.y = walker.y
        }
        if (row.way !== way) row.way = way
        if (row.fire !== walker.fire) row.fire = walker.fire
    }

    #look() {
        let number = this.turn++
        this.grid.fill([...this.people.values()].map(({ walker }) => walker))
        for (const [client, { walker, held }] of this.people) {
            if (number++ % 4) continue
            const near = new Set()
            this.grid.near(walker.x, walker.y, LEAVE, (other) => near.add(other))
            for (const other of held) if (!near.has(other)) (held.delete(other), client.view.remove(other.row))
            this.grid.near(walker.x, walker.y, RADIUS, (other) => held.has(other) || (held.add(other), client.view.add(other.row)))
        }
    }
}

const rooms = new Set()
const http = createServer()
const server = new Server({ greet: false, transport: new WebSocketTransport({ server: http, perMessageDeflate: false }) })
server.define('walk', Walk)
await server.listen(Number(port), '127.0.0.1', 4096)
const others = http.listeners('request')
http.removeAllListeners('request')
http.on('request', (request, reply) => answer(() => [...all].map(([id, { x, y }]) => ({ id, x, y })), request, reply) || others.forEach((other) => other(request, reply)))
pace(() => rooms.forEach((room) => room.tick()))
