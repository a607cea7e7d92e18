// "Arena walk" for the peers' servers: the world and its motion, who is near whom, a paced tick, and what the benchmark
// asks a server about itself. Game logic is the same for all; how state travels is each server's own.
import { createServer } from 'node:http'

export const SIZE = 4000, SPEED = 200, TICK_MS = 50, RADIUS = 400, LEAVE = 1.1 * RADIUS, ROOM = 10
const CELL = 400, ACROSS = SIZE / CELL, DIAGONAL = Math.SQRT1_2

export const wrap = (v) => (v < 0 ? v + SIZE : v >= SIZE ? v - SIZE : v)

export function across(from, to) {
    const way = to - from
    return way > SIZE / 2 ? way - SIZE : way < -SIZE / 2 ? way + SIZE : way
}

/** Somebody new, at a random place. */
export const newcomer = (id) => ({ id, x: Math.random() * SIZE, y: Math.random() * SIZE, dx: 0, dy: 0, fire: 0 })

export function press(walker, dx, dy, fire) {
    walker.dx = Math.sign(dx) | 0
    walker.dy = Math.sign(dy) | 0
    walker.fire = fire ? 1 : 0
}

/** One tick of one walker. */
export function move(walker, seconds = TICK_MS / 1000) {
    const each = SPEED * seconds * (walker.dx && walker.dy ? DIAGONAL : 1)
    walker.x = wrap(walker.x + walker.dx * each)
    walker.y = wrap(walker.y + walker.dy * each)
}

/** Who is where, by squares as wide as one can see. */
export class Grid {
    cells = Array.from({ length: ACROSS * ACROSS }, () => [])

    fill(walkers) {
        for (const cell of this.cells) cell.length = 0
        for (const walker of walkers) this.cells[Math.floor(walker.y / CELL) * ACROSS + Math.floor(walker.x / CELL)].push(walker)
    }

    /** Calls for each walker within `radius` (at most CELL × 1.1) of a place. */
    near(x, y, radius, each) {
        const reach = Math.ceil(radius / CELL), cx = Math.floor(x / CELL), cy = Math.floor(y / CELL), most = radius * radius
        for (let j = -reach; j <= reach; j++) {
            for (let i = -reach; i <= reach; i++) {
                const cell = this.cells[((cy + j + ACROSS) % ACROSS) * ACROSS + ((cx + i + ACROSS) % ACROSS)]
                for (const walker of cell) {
                    const dx = across(x, walker.x), dy = across(y, walker.y)
                    if (dx * dx + dy * dy <= most) each(walker)
                }
            }
        }
    }
}

/** Calls `tick` 20 times a second without drift; how long each took since /stats was asked last is kept for it. */
const took = new Float64Array(1024)
let ticks = 0
export function pace(tick) {
    const began = performance.now()
    let turn = 0
    const next = () => {
        const start = performance.now()
        tick()
        took[ticks++ % took.length] = performance.now() - start
        const late = performance.now() - (began + ++turn * TICK_MS)
        if (late > 5 * TICK_MS) turn += Math.floor(late / TICK_MS) // a stall is not caught up with
        setTimeout(next, Math.max(0, began + turn * TICK_MS - performance.now()))
    }
    setTimeout(next, TICK_MS)
}

export function stats() {
    const sorted = [...took.subarray(0, Math.min(ticks, took.length))].sort((a, b) => a - b)
    ticks = 0
    return { ticks: sorted.length, tick_p99_ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0 }
}

/** Answers what the benchmark asks: /stats, and /truth, where everybody is just now. */
export function answer(walkers, request, reply) {
    const body = request.url === '/stats' ? stats() : request.url === '/truth' ? Object.fromEntries([...walkers()].map(({ id, x, y }) => [id, [x, y]])) : null
    if (!body) return false
    reply.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
    return true
}

export function serve(walkers) {
    return createServer((request, reply) => answer(walkers, request, reply) || reply.writeHead(404).end())
}
