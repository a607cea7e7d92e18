// The largest number of players held, and what a bare echo of the same frames and inputs holds (tools/control.c with
// tools/walker.c as its clients), which is as much as any server can.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CLIENT_CORE, SERVER_CORE, TOOLS, freePort, run, start, stop, untilOpen } from './bench.mjs'

const BUSY = 0.93 // of its core that a side had or waited for: it was at its end
const TRIES_MOST = 9
const folder = mkdtempSync(join(tmpdir(), 'tidewire-search-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** Which side was at its end. `turns`: that the clients should have had, `late`: that they left out. */
export const limitOf = ({ cores, waited, late, turns }) => (cores + waited > BUSY || late > turns / 50 ? 'clients' : 'server')

/** Doubles or halves from `from` until one number is held and another lost, then closes in until they are within `near` of each
 *  other. `attempt(clients)` gives { held, limit, … }. Gives { held, at: what was seen there, lost, limit: at that }. */
export async function largest(attempt, { from, most, near }) {
    let held = 0, lost = Infinity, at = {}, last = { limit: 'none' }
    for (let tries = 0, next = Math.min(from, most); tries < TRIES_MOST && next >= 10 && next !== held && next !== lost; tries++) {
        const seen = await attempt(next)
        if (seen.held) (held = next), (at = seen)
        else (lost = next), (last = seen)
        if (held === most || lost <= held * near) break
        if (lost === Infinity) next = Math.min(most, held * 2)
        else next = held ? Math.round(Math.sqrt(held * lost) / 10) * 10 : Math.floor(lost / 2)
    }
    return { held, at, lost, limit: last.limit }
}

/** One number as a share of another; undefined of nothing. */
export const share = (one, of) => (of ? one / of : undefined)

/** One file with a path for each client. */
export function pathsFile(paths) {
    const file = join(folder, 'paths')
    writeFileSync(file, paths.map((path) => `${path}\n`).join(''))
    return file
}

/** One try of the bare loop: frames of `size` bytes, `frames` a second, and from each client `said` messages a second. */
export async function tryEcho({ size, frames, said, delivered, settle, seconds }, clients) {
    const port = await freePort(), rate = Math.max(1, Math.round(frames))
    const control = start(SERVER_CORE, [join(TOOLS, 'control'), port, rate, Math.max(4, Math.round(size))].map(String))
    await untilOpen(port)
    const input = Array(18).fill('01'.repeat(8)).join(',')
    const words = [port, pathsFile(Array(clients).fill('/play')), clients, settle, seconds, control.pid, '01', '-', input, Math.max(0.2, said)]
    const text = await run(CLIENT_CORE, [join(TOOLS, 'walker'), ...words].map(String), { mayFail: true })
    await stop(control)
    const got = walked(text)
    return { ...got, held: got.walking === clients && got.frames >= (rate * delivered) / 100 }
}

/** What tools/walker.c said in its last line. */
export function walked(text) {
    const got = text.includes('"walking"') ? JSON.parse(text.trim().split('\n').at(-1)) : {}
    const { clients = 0, walking = 0, seconds = 0, own_cores: cores = 0, own_waited: waited = 0, late = 0 } = got
    const sent = late + clients * seconds * (got.inputs_per_client_s ?? 0)
    return {
        walking, bytes: got.bytes_per_client_s, gap: got.gap_p99_ms, frames: got.frames_per_client_s, server_cores: got.server_cores, clients_cores: cores,
        limit: limitOf({ cores, waited, late, turns: sent }),
    }
}

/** The same of tidewire-bots' --json. */
export const botsLimit = (got) => limitOf({ cores: got.bots_cpu_cores, waited: got.bots_waited_cores, late: got.late, turns: got.clients * got.seconds * 20 })
