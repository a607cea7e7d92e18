// npm's ws and msgpackr, written by hand as somebody would who knows both: arrays of numbers instead of maps, one message
// a tick, packed once for all who get the same, a grid for who sees whom. No deltas: a message holds all that is in view.
//     ws.mjs PORT A|B|C
import { Packr } from 'msgpackr'
import { WebSocketServer } from 'ws'
import { Grid, LEAVE, RADIUS, ROOM, move, newcomer, pace, press, serve } from './walk.mjs'

const [port, workload] = process.argv.slice(2)
const packr = new Packr({ useRecords: false, moreTypes: false })
const grid = new Grid()
const players = new Map() // socket → walker
const rooms = [] // of C
let ids = 0, tick = 0

const walkers = () => players.values()
const http = serve(walkers)
const server = new WebSocketServer({ server: http, perMessageDeflate: false })
http.listen(Number(port), '127.0.0.1', 4096)

server.on('connection', (socket) => {
    const walker = newcomer(++ids)
    players.set(socket, walker)
    if (workload === 'C') enterRoom(socket, walker)
    socket.send(packr.pack([walker.id]))
    socket.on('message', (bytes) => press(walker, ...packr.unpack(bytes)))
    socket.on('close', () => players.delete(socket))
    socket.on('error', () => socket.terminate())
})

function enterRoom(socket, walker) {
    let room = rooms.at(-1)
    if (!room || room.length === ROOM) rooms.push((room = []))
    const member = { socket, walker }
    room.push(member)
    socket.on('close', () => room.splice(room.indexOf(member), 1))
}

/** Sixteenths of units, as everywhere. */
const row = ({ id, x, y, dx, dy, fire }) => [id, Math.round(x * 16), Math.round(y * 16), dx * 3 + dy, fire]
const state = (list) => packr.pack([tick, list.map(row)])

const tellAll = {
    A() {
        const bytes = state([...players.values()])
        for (const socket of players.keys()) socket.send(bytes)
    },
    B() {
        grid.fill(players.values())
        for (const [socket, walker] of players) {
            const seen = []
            grid.near(walker.x, walker.y, (RADIUS + LEAVE) / 2, (other) => seen.push(other))
            socket.send(state(seen))
        }
    },
    C() {
        for (const room of rooms) {
            const bytes = room.length ? state(room.map(({ walker }) => walker)) : null
            for (const { socket } of room) socket.send(bytes)
        }
    },
}

pace(() => {
    tick++
    for (const walker of players.values()) move(walker)
    tellAll[workload]()
})
