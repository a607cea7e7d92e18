// Socket.IO with its JSON packets over WebSocket alone, one emit a tick: to a room where all see the same, to each socket
// where they do not.
//     socketio.mjs PORT A|B|C
import { Server } from 'socket.io'
import { Grid, LEAVE, RADIUS, ROOM, move, newcomer, pace, press, serve } from './walk.mjs'

const [port, workload] = process.argv.slice(2)
const grid = new Grid()
const players = new Map() // socket → walker
const rooms = []
let ids = 0, tick = 0

const http = serve(() => players.values())
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false })
http.listen(Number(port), '127.0.0.1', 4096)

io.on('connection', (socket) => {
    const walker = newcomer(++ids)
    players.set(socket, walker)
    socket.join(workload === 'C' ? enterRoom(socket, walker) : 'all')
    socket.emit('you', walker.id)
    socket.on('keys', (dx, dy, fire) => press(walker, dx, dy, fire))
    socket.on('disconnect', () => players.delete(socket))
})

function enterRoom(socket, walker) {
    let room = rooms.at(-1)
    if (!room || room.members.length === ROOM) rooms.push((room = { name: `room-${rooms.length}`, members: [] }))
    room.members.push(walker)
    socket.on('disconnect', () => room.members.splice(room.members.indexOf(walker), 1))
    return room.name
}

const row = ({ id, x, y, dx, dy, fire }) => [id, Math.round(x * 16), Math.round(y * 16), dx * 3 + dy, fire]

const tellAll = {
    A: () => io.to('all').emit('s', tick, [...players.values()].map(row)),
    B() {
        grid.fill(players.values())
        for (const [socket, walker] of players) {
            const seen = []
            grid.near(walker.x, walker.y, (RADIUS + LEAVE) / 2, (other) => seen.push(row(other)))
            socket.emit('s', tick, seen)
        }
    },
    C: () => rooms.forEach(({ name, members }) => members.length && io.to(name).emit('s', tick, members.map(row))),
}

pace(() => {
    tick++
    for (const walker of players.values()) move(walker)
    tellAll[workload]()
})
