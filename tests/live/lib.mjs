// What every live test needs: a real server process with its own folder and port, its log and its counters, HTTP
// by hand, and TAP. Players and their WebSockets are in player.mjs. Run under tests/run.mjs, which names the
// build in the environment, or by hand after a build into build/.
import { spawn, execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import tls from 'node:tls'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
export const BINARY = resolve(process.env.TIDEWIRE_BINARY ?? join(ROOT, 'build/server/tidewire'))
const GAMES = resolve(process.env.TIDEWIRE_GAMES ?? join(ROOT, 'build/game'))
export const OWN_GAMES = resolve(GAMES, '../tests/live') // what tests/live/meson.build makes
/** Whether a sanitizer is in the build: slower, larger, and with its own allocator. */
export const SANITIZED = /__(asan|tsan)_init/.test(readFileSync(BINARY, 'latin1'))
const PATIENCE_MS = 50000 // before something that must come counts as missing, on however slow and busy a machine

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

/** Waits for what must come; a message tells what did not. */
export async function until(found, what, ms = PATIENCE_MS) {
    const end = Date.now() + ms
    for (;;) {
        const result = await found()
        if (result) return result
        if (Date.now() > end) throw new Error(`waited in vain for ${typeof what === 'function' ? what() : what}`)
        await sleep(10)
    }
}

// ---- TAP.

let told = 0, failures = 0
const results = (well, name, note = '') => process.stdout.write(`${well ? 'ok' : 'not ok'} ${++told} - ${name}${note}\n`)

/** Runs one test to its end before the next. What it took is told, and judged by nobody. */
export async function test(name, body) {
    const began = Date.now()
    try {
        await body()
        results(true, name, ` # ${((Date.now() - began) / 1000).toFixed(1)} s`)
    } catch (error) {
        failures++
        results(false, name)
        for (const line of String(error?.stack ?? error).split('\n').slice(0, 12)) process.stdout.write(`# ${line}\n`)
    }
}

const waiting = []
/** A test that mostly waits: it runs beside others, once `all` is called. */
export const also = (name, body) => waiting.push([name, body])

/** Runs what waits, so many at a time, in the order in which it came. */
export async function all(atOnce = SANITIZED ? 2 : 4) {
    const work = async () => {
        for (let next; (next = waiting.shift()); ) await test(...next)
    }
    await Promise.all(Array.from({ length: atOnce }, work))
}

export function equal(actual, expected, what) {
    if (actual !== expected) throw new Error(`${what}: ${actual} is not ${expected}`)
}

export function hold(truth, what) {
    if (!truth) throw new Error(what)
}

export const skip = (name, why) => results(true, name, ` # SKIP ${why}`)

/** The end of a program; servers that a failed test left are ended. */
export async function done() {
    for (const server of standing) await server.discard()
    process.stdout.write(`1..${told}\n`)
    process.exitCode = failures ? 1 : 0
}

// ---- The log.

const LINE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (debug|info|warn|error) ([a-z_]+)((?: [a-z_0-9]+=(?:[^\s"=]*|"(?:[^"\\]|\\.)*"))*)$/
const PAIR = / ([a-z_0-9]+)=("(?:[^"\\]|\\.)*"|[^\s"=]*)/g

/** One line as logfmt, or null if it is not. */
export function parseLine(line) {
    const match = LINE.exec(line)
    if (!match) return null
    const pairs = [...match[4].matchAll(PAIR)].map(([, key, value]) => [key, value.replace(/^"(.*)"$/, '$1').replace(/\\(.)/g, '$1')])
    return { at: Date.parse(match[1]), level: match[2], event: match[3], ...Object.fromEntries(pairs) }
}

// ---- The server.

const standing = new Set()
export const secrets = new Set() // every token that a player was given: none may stand in a log

const bound = (socket, bind) => {
    const well = Promise.race([once(socket, 'listening').then(() => true), once(socket, 'error').then(() => false)])
    bind()
    return well
}
/** A port that nobody listens at. Until this program ends no test beside it is given the same: its twin of UDP is held.
 * Odd ports alone, since connections go out from even ones. */
export async function freePort() {
    for (;;) {
        const twin = createSocket('udp4').unref()
        await bound(twin, () => twin.bind(0, '127.0.0.1'))
        const { port } = twin.address()
        const trial = net.createServer()
        if (port % 2 && (await bound(trial, () => trial.listen(port)))) return new Promise((done) => trial.close(() => done(port)))
        twin.close()
    }
}

/** A folder with pages to serve, so that no test depends on a built page: one for every game, but dots has its own. */
function pagesIn(folder) {
    const pages = join(folder, 'pages')
    mkdirSync(join(pages, 'dots'), { recursive: true })
    writeFileSync(join(pages, 'dots', 'index.html'), '<title>the page of dots</title>\n')
    writeFileSync(join(pages, 'index.html'), '<title>a page</title>\n')
    return pages
}

/** A folder with the games and those that were made for tests. */
function gamesIn(folder) {
    const games = join(folder, 'games')
    mkdirSync(games)
    for (const [from, names] of [[GAMES, ['arena', 'dots']], [OWN_GAMES, ['faulty', 'speechless']]]) {
        for (const name of names) symlinkSync(join(from, `${name}.so`), join(games, `${name}.so`))
    }
    return games
}

const asFlags = (settings) =>
    Object.entries(settings).filter(([, value]) => value !== false).flatMap(([name, value]) => {
        const flag = `--${name.replaceAll('_', '-')}`
        return value === true ? [flag] : [flag, String(value)]
    })

export class Server {
    /** Starts one and waits until it listens. `settings` become flags; `ini` is its tidewire.ini; `descriptors`: how many
     * it may have open; `memory`: how many bytes of addresses. */
    static async start(settings = {}, options = {}) {
        const server = new Server(settings, options)
        await server.launch()
        return server
    }

    constructor(settings = {}, { ini = '', env = {}, descriptors = 0, memory = 0 } = {}) {
        this.folder = mkdtempSync(join(tmpdir(), 'tidewire-live-'))
        this.state = join(this.folder, 'state')
        this.games = gamesIn(this.folder)
        this.pages = pagesIn(this.folder)
        this.plain = Boolean(settings.plain)
        Object.assign(this, { settings, env, descriptorsMax: descriptors, memoryMax: memory })
        standing.add(this)
        writeFileSync(join(this.folder, 'tidewire.ini'), ini)
    }

    /** Starts the process without waiting. `bare`: with these flags alone. */
    spawn(bare) {
        const flags = bare ?? asFlags({ port: this.port, state: this.state, games: this.games, pages: this.pages, ...this.settings })
        const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('TIDEWIRE_'))
        const env = { ...Object.fromEntries(clean), ...this.env }
        this.text = this.output = ''
        const limits = [this.descriptorsMax && `--nofile=${this.descriptorsMax}`, this.memoryMax && `--as=${this.memoryMax}`].filter(Boolean)
        const command = limits.length ? ['prlimit', ...limits, BINARY] : [BINARY]
        this.child = spawn(command[0], [...command.slice(1), ...flags], { cwd: this.folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
        this.pid = this.child.pid
        this.child.stderr.on('data', (bytes) => (this.text += bytes))
        this.child.stdout.on('data', (bytes) => (this.output += bytes))
        this.exit = once(this.child, 'close').then(([code, signal]) => (this.ended = { code, signal }))
        this.ended = null
    }

    /** Also for a second start in the same folder. */
    async launch() {
        this.port = this.settings.port ?? (await freePort())
        this.spawn()
        await until(() => this.ended || this.logged('listening'), 'the server to listen')
        if (this.ended) throw new Error(`the server ended at once: ${JSON.stringify(this.ended)}\n${this.text}`)
    }

    get lines() {
        return this.text.split('\n').slice(0, -1).map(parseLine)
    }

    /** The newest line of an event for which `fits`. */
    logged(event, fits = () => true) {
        return this.lines.findLast((line) => line?.event === event && fits(line))
    }

    /** Waits for such a line. */
    told(event, fits) {
        return until(() => this.logged(event, fits), () => `a line ${event} ${fits ?? ''}\n${this.text.slice(-1500)}`)
    }

    /** What must hold of everything that was ever written there. */
    checkLog() {
        for (const line of this.text.split('\n').slice(0, -1)) {
            if (/Sanitizer|runtime error/.test(line)) throw new Error(`a report: ${this.text.slice(-4000)}`)
            if (!parseLine(line)) throw new Error(`not logfmt: ${line}`)
        }
        for (const secret of secrets) if (this.text.includes(secret)) throw new Error('a token stands in the log')
    }

    /** Ends it by a signal: exit 0, a clean log, nothing left of it but its state. */
    async stop(signal = 'SIGTERM') {
        this.child.kill(signal)
        await until(() => this.ended, `the end after ${signal}`)
        this.checkLog()
        if (this.ended.code !== 0) throw new Error(`exit ${JSON.stringify(this.ended)}: ${this.text.slice(-3000)}`)
        const known = ['certificate.pem', 'key.pem', 'tidewire.db']
        const left = readdirSync(this.state).filter((name) => !known.includes(name))
        if (left.length) throw new Error(`left behind: ${left}`)
        if (!this.logged('stopped')) throw new Error('it did not say that it stopped')
    }

    /** As a power cut would. */
    async kill() {
        this.child.kill('SIGKILL')
        await this.exit
    }

    /** Stops it and takes its folder away. */
    async finish(signal) {
        try {
            await this.stop(signal)
        } finally {
            await this.discard()
        }
    }

    async discard() {
        standing.delete(this)
        if (this.child && !this.ended) await this.kill()
        rmSync(this.folder, { recursive: true, force: true })
    }

    async get(path) {
        return request(this, `GET ${path} HTTP/1.1\r\nHost: localhost:${this.port}\r\nConnection: close\r\n\r\n`)
    }

    async json(path) {
        return JSON.parse((await this.get(path)).body)
    }

    /** All counters and gauges: name, or name{code="…"}, without tidewire_ and _total. */
    async metrics() {
        const { body } = await this.get('/metrics')
        const values = body.split('\n').filter((line) => line.startsWith('tidewire_')).map((line) => line.split(' '))
        return Object.fromEntries(values.map(([name, value]) => [name.replace(/^tidewire_/, '').replace(/_total(?=\{|$)/, ''), Number(value)]))
    }

    query(sql) {
        return execFileSync('sqlite3', ['-cmd', '.timeout 2000', join(this.state, 'tidewire.db'), sql], { encoding: 'utf8' }).trim()
    }

    memoryKib() {
        return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))[1])
    }

    /** How often the tick's thread has woken. */
    wakings() {
        return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))[1])
    }

    /** Of processor, used so far by all of its threads. */
    cpuMs() {
        const [user, system] = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13)
        return (Number(user) + Number(system)) * 10
    }

    descriptors() {
        return readdirSync(`/proc/${this.pid}/fd`).length
    }

    sockets() {
        const links = readdirSync(`/proc/${this.pid}/fd`).map((fd) => {
            const path = `/proc/${this.pid}/fd/${fd}`
            return existsSync(path) ? readlinkSync(path) : ''
        })
        return links.filter((link) => link.startsWith('socket:')).length
    }
}

// ---- Sockets and HTTP.

/** A socket to the server, with TLS unless it is plain; `before`: bytes that go before all else. Its errors are its
 * end. */
export async function dial(server, { plain = server.plain, before = server.before } = {}) {
    const options = { host: '127.0.0.1', port: server.port, noDelay: true, rejectUnauthorized: false, servername: 'localhost' }
    const bare = before && net.connect(options)
    if (before) bare.on('error', () => {}).write(before)
    const socket = plain ? (bare ?? net.connect(options)) : tls.connect({ ...options, ...(bare && { socket: bare }) })
    const late = setTimeout(() => socket.destroy(new Error('no connection')), PATIENCE_MS)
    await once(socket, plain ? 'connect' : 'secureConnect').finally(() => clearTimeout(late))
    socket.on('error', () => {})
    return socket
}

export function parseHead(text) {
    const [first, ...lines] = text.split('\r\n')
    const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
    return { status: Number(first.split(' ')[1]), headers }
}

/** Sends bytes as they are and reads one answer; null if the server hung up without one. */
export async function request(server, bytes, socket) {
    socket ??= await dial(server)
    let received = Buffer.alloc(0), answer = null
    const look = () => {
        const end = received.indexOf('\r\n\r\n')
        if (end < 0) return
        const { status, headers } = parseHead(received.subarray(0, end).toString('latin1'))
        const body = received.subarray(end + 4)
        if (body.length >= Number(headers['content-length'] ?? 0)) answer = { status, headers, body: body.toString() }
    }
    const take = (more) => ((received = Buffer.concat([received, more])), look())
    socket.on('data', take)
    socket.write(bytes)
    await until(() => answer || socket.destroyed || socket.readableEnded, 'an answer')
    socket.off('data', take)
    if (!answer || answer.headers.connection === 'close') socket.destroy()
    return answer
}
