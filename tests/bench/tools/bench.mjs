// What the benchmarks share: options, servers that are started, pinned and ended, their metrics and CPU, and the
// table or the lines of JSON at the end. Programs are told by the environment, as scripts/bench does; else they are
// looked for in build/.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
export { cpuSeconds, memoryOf } from './process.mjs'

const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
const env = process.env
export const BUILD = env.TIDEWIRE_BUILD ?? join(ROOT, 'build')
export const SERVER = env.TIDEWIRE_BINARY ?? join(BUILD, 'server/tidewire')
export const SERVER_COUNTING = env.TIDEWIRE_BINARY_COUNTING ?? join(BUILD, 'counting/server/tidewire')
export const BOTS = env.TIDEWIRE_BOTS ?? join(BUILD, 'tests/load/tidewire-bots')
export const GAMES = env.TIDEWIRE_GAMES ?? join(BUILD, 'game')
export const PAGES = env.TIDEWIRE_PAGES ?? join(BUILD, 'page')
export const TOOLS = join(BUILD, 'tests/bench')

export const NAME = basename(process.argv[1]).replace(/\.mjs$/, '')
const smoke = process.argv.includes('--smoke'), asJson = process.argv.includes('--json')
export const quick = smoke || process.argv.includes('--quick')
/** How long, how often or how many: in a whole run, a quick one, and one that only shows that the benchmark works. */
export const scale = (whole, short, least = short) => (smoke ? least : quick ? short : whole)
const given = { '--only': '', ...(NAME === 'capacity' && { '--scenario': '' }) }
for (let words = process.argv.slice(2), word; (word = words.shift()); ) {
    if (word in given && words.length) given[word] = words.shift()
    else if (!['--quick', '--smoke', '--json'].includes(word)) {
        console.log(`scripts/bench ${NAME} [--quick | --smoke] [--json] [--only CASE]${'--scenario' in given ? ' [--scenario NAME|FILE]' : ''}`)
        process.exit(word === '--help' || word === '-h' ? 0 : 2)
    }
}
const { '--only': only, '--scenario': named } = given
/** A scenario of the bots, as a file; undefined if none was given. */
export const scenario = named && (existsSync(named) ? named : join(ROOT, 'tests/load/scenarios', `${named}.txt`))
/** Whether a case was asked for: all are without --only. */
export const chosen = (name) => name.startsWith(only)

export const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000))
export function median(list) {
    const sorted = [...list].sort((a, b) => a - b)
    return (sorted[(list.length - 1) >> 1] + sorted[list.length >> 1]) / 2
}
export const say = (words) => asJson || !process.stderr.isTTY || process.stderr.write(`\r\x1b[K${words}`)

// ---- Processes. The server has a core to itself, its clients the other.

export const SERVER_CORE = 0, CLIENT_CORE = 1
const pinned = (core, command) => (cpus().length > 1 ? ['taskset', '-c', String(core), ...command] : command)
const children = new Set()
// Settings of the surroundings are not the benchmark's, and a server refuses those that it does not know.
const surroundings = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TIDEWIRE_')))

export function start(core, command, options = {}) {
    const [program, ...words] = pinned(core, command)
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: surroundings, ...options })
    child.words = '' // what it said on standard error
    child.stdout.setEncoding('utf8')
    child.stderr.setEncoding('utf8').on('data', (text) => (child.words = (child.words + text).slice(-20000)))
    child.ended = new Promise((done) => child.on('close', (code) => done(code)).on('error', () => done(127)))
    children.add(child)
    child.ended.then(() => children.delete(child))
    return child
}

/** Runs a program to its end and gives what it printed; throws what it complained of. */
export async function run(core, command, { mayFail = false } = {}) {
    const child = start(core, command)
    let text = ''
    child.stdout.on('data', (more) => (text += more))
    const code = await child.ended
    if (code && !mayFail) throw new Error(`${basename(command[0])} left with ${code}: ${child.words}`)
    return text
}

export async function stop(child, signal = 'SIGTERM') {
    if (children.has(child)) child.kill(signal)
    return child.ended
}

process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

export function freePort() {
    return new Promise((done) => {
        const server = createServer().listen(0, '127.0.0.1', () => {
            const { port } = server.address()
            server.close(() => done(port))
        })
    })
}

/** Until somebody listens there. */
export async function untilOpen(port) {
    for (let left = 100; left > 0; left--) {
        const open = await new Promise((done) => {
            const socket = connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false))
            socket.on('connect', () => socket.destroy())
        })
        if (open) return
        await sleep(0.05)
    }
    throw new Error(`nobody listens on port ${port}`)
}

/** `within`: the words of a program that runs it. `rules`: of the game, by name. `pages`: a folder of pages; left out: none. */
export async function startServer({ within = [], binary = SERVER, games = GAMES, game = 'arena', tls = false, rules, pages, more = [] }) {
    const port = await freePort()
    const state = mkdtempSync(join(tmpdir(), 'tidewire-bench-'))
    const lines = Object.entries(rules ?? {}).map(([name, value]) => `${name} = ${value}`)
    if (rules) writeFileSync(join(state, 'tidewire.ini'), [`[game ${game}]`, ...lines, ''].join('\n'))
    const folders = ['--state', state, '--games', games, '--pages', pages ?? join(state, 'none')]
    const settings = ['--game', game, '--resume-s', '0', '--log', 'info', ...(tls ? [] : ['--plain']), ...more]
    const server = start(SERVER_CORE, [...within, binary, '--port', String(port), ...folders, ...settings], { cwd: state })
    server.stdout.resume()
    for (let i = 0; !server.words.includes(' listening '); i++) {
        if (i > 200 || server.exitCode !== null) throw new Error(`the server does not start: ${server.words}`)
        await sleep(0.05)
    }
    const url = `${tls ? 'wss' : 'ws'}://127.0.0.1:${port}/play`
    const end = async () => {
        await stop(server)
        rmSync(state, { recursive: true, force: true })
    }
    return { pid: server.pid, port, state, url, end, tls }
}

/** Many listeners (tools/receiver.c), who do what `ask` says, a line at a time. `rooms`: they are evenly spread over
 *  so many; 0: all in the usual one. */
export function startListeners(url, game, rooms = 0) {
    const words = [join(TOOLS, 'receiver'), url, game, String(rooms)]
    const child = start(CLIENT_CORE, words, { stdio: ['pipe', 'pipe', 'pipe'] })
    let told = '', hear = () => {}
    child.stdout.on('data', (text) => {
        told += text
        if (told.endsWith('\n')) hear(told)
    })
    const ask = async (line) => {
        told = ''
        const answered = new Promise((done) => (hear = done))
        child.stdin.write(`${line}\n`)
        const answer = JSON.parse((await Promise.race([answered, child.ended.then(() => '')])) || '{"lost":1}')
        if (answer.lost) throw new Error(`${line}: listeners were lost: ${child.words}`)
        return answer
    }
    const grow = async (count) => {
        const { listening } = await ask(`grow ${count}`)
        if (listening !== count) throw new Error(`${listening} of ${count} listen`)
    }
    const end = () => {
        child.stdin.end()
        return child.ended
    }
    return { ask, grow, end }
}

// ---- What a server says of itself, and what the system says of it.

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0' // our own certificate, made a moment ago
process.removeAllListeners('warning')
process.on('warning', () => {})

/** All of /metrics, by names without `tidewire_` and `_total`. */
export async function metrics(server) {
    const answer = await fetch(`${server.tls ? 'https' : 'http'}://127.0.0.1:${server.port}/metrics`)
    const lines = (await answer.text()).matchAll(/^tidewire_(\w+?)(?:_total)? (\d+)$/gm)
    return Object.fromEntries([...lines].map(([, name, value]) => [name, Number(value)]))
}

export async function until(server, what, wish, seconds = 60) {
    for (let left = seconds * 10; !wish(await metrics(server)); left--) {
        if (left <= 0) throw new Error(`${what}: not within ${seconds} s`)
        await sleep(0.1)
    }
}

/** How much each counter grew while `seconds` passed. */
export async function growth(server, seconds) {
    const before = await metrics(server)
    await sleep(seconds)
    const after = await metrics(server)
    return Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - before[name]]))
}

// ---- The end.

const round = (value) => (value === undefined ? '' : Number(value.toPrecision(4)).toString())

const repeated = Object.entries(given).map(([word, value]) => value && ` ${word} ${value}`).join('')

/** `rows`: { case, figure, value, unit, control, ratio, … }; further keys are shown as they are. */
export function report(rows, notes) {
    say('')
    if (asJson) {
        for (const row of rows) console.log(JSON.stringify({ bench: NAME, ...row }))
        return
    }
    const keys = [...new Set(rows.flatMap(Object.keys))]
    const cell = (value) => (typeof value === 'number' ? round(value) : (value ?? ''))
    const table = [keys, ...rows.map((row) => keys.map((key) => cell(row[key])))]
    const widths = keys.map((_, i) => Math.max(...table.map((line) => line[i].length)))
    for (const line of table) console.log(line.map((text, i) => text.padEnd(widths[i])).join('  ').trimEnd())
    console.log(`\n${notes}`)
    console.log(`Again: scripts/bench ${NAME}${scale('', ' --quick', ' --smoke')}${repeated}   (${cpus()[0].model}, ${cpus().length} cores, loopback)`)
}
