// What a server in JavaScript spends on the same work as tools/control.c: npm's ws, one message of BYTES bytes to every
// listener RATE times a second (0: once, in answer to its first). Whoever sends something becomes a listener.
//     ws.mjs PORT RATE [BYTES]
import { WebSocketServer } from 'ws'

const [port, rate, bytes] = process.argv.slice(2).map(Number)
const listeners = new Set()
const frame = Buffer.alloc(bytes || 16)
frame.set([0x92, 34]) // begins as a frame of Tidewire's does: one tick passed

const server = new WebSocketServer({ port, host: '127.0.0.1', perMessageDeflate: false, backlog: 4096 })
server.on('connection', (socket) => {
    if (!rate) socket.once('message', () => socket.send(frame))
    socket.on('message', () => listeners.add(socket))
    socket.on('close', () => listeners.delete(socket))
    socket.on('error', () => socket.terminate())
})

function tellAll() {
    for (const socket of listeners) socket.send(frame)
}
if (rate) {
    const began = performance.now()
    for (let turn = 1; ; turn++) {
        const wait = began + (turn * 1000) / rate - performance.now()
        await new Promise((done) => setTimeout(done, Math.max(0, wait)))
        tellAll()
    }
}
