// Runs the tests, leg by leg: what scripts/test calls once everything needed is installed. Builds go on in one
// queue while legs that are ready run. Counts TAP lines: `ok` passes, `not ok` fails, `# SKIP` is neither; a
// program that ends badly without a `not ok`, or breaks its plan, is one failure more. Logs: build/test-logs/.
import { AsyncLocalStorage } from 'node:async_hooks'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, connect } from 'node:net'
import { existsSync, mkdirSync, mkdtempSync, openSync, closeSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const BUILD = join(ROOT, 'build')
const LOGS_OF_ALL = join(BUILD, 'test-logs') // one folder in it for each run that goes on, and for the last
const LOGS = join(LOGS_OF_ALL, String(process.pid))
const PROGRAM_S_MAX = 240 // a program that takes longer hangs
const LIVE_AT_ONCE = 3 // live tests mostly wait: for timeouts, for ticks

// ---- The table of legs: what each builds first, what it runs, and beside which other.

const SANITIZE = ['-Db_lundef=false', '-Doptimization=1', '-Dbuildtype=debugoptimized', '-Dc_args=-gline-tables-only']
const PLAYED = ['server/tidewire', 'game/[^/]+\\.so'] // a server and its games
const LIVE = [...PLAYED, 'protocol/wasm/[^/]+\\.wasm', 'tests/load/tidewire-bots', 'tests/live/[^/]+\\.so'] // what tests/live starts
const BUILDS = {
    test: { options: [] },
    echo: { options: ['-Decho=true'], only: PLAYED },
    asan: { options: ['-Db_sanitize=address,undefined', ...SANITIZE], env: { CC: 'clang' } },
    tsan: { options: ['-Db_sanitize=thread', ...SANITIZE], env: { CC: 'clang' }, only: LIVE },
    page: { script: 'build_page' },
    peers: { script: 'for one in tools client peers replication; do npm_install tests/bench/$one; done' },
    npm: { script: 'npm_install game/arena/page; npm_install tests/browser' },
}
const CONFORMANCE = 'tests/live/conformance.mjs' // needs a server of the echo build
const PROGRAMS = ['unit', 'property', 'golden', 'fuzz']

const LEGS = {
    format: { about: 'all C files are formatted', run: () => one('clang-format', ['scripts/format', '--check']) },
    floors: { about: 'who includes whom', run: () => programs([node('tests/unit/floors.mjs')]) },
    js: { builds: ['test'], about: 'JavaScript: the client package', run: () => javascript() },
    types: { builds: ['npm'], about: 'TypeScript types of the page', run: () => types() },
    unit: { builds: ['test'], about: 'single modules', run: () => group('unit') },
    property: { builds: ['test'], about: 'random worlds', run: () => group('property') },
    golden: { builds: ['test'], about: 'vectors and recorded matches', run: () => group('golden') },
    fuzz: { builds: ['test'], about: 'fuzzers over their kept corpus', run: () => group('fuzz') },
    live: { builds: ['test', 'page'], about: 'a real server process, over TLS', run: () => live('test') },
    browser: { builds: ['test', 'page', 'npm'], about: 'Chromium plays the arena', run: () => browser() },
    conformance: { builds: ['echo'], about: 'RFC 6455, against the echo subprotocol', run: () => conformance() },
    bench: { builds: ['test', 'page', 'npm', 'peers'], about: 'every benchmark, for a moment', run: () => programs([node('tests/bench/smoke_test.mjs')], environmentOf('test')) },
    asan: { builds: ['asan', 'page'], about: 'all of C under ASan and UBSan (clang)', run: () => sanitized('asan', PROGRAMS) },
    tsan: { builds: ['tsan', 'page'], about: 'live tests under TSan (clang)', run: () => sanitized('tsan', []), beside: 'asan' }, // both mostly wait
}

// ---- Programs and their TAP.

const children = new Set()

/** Starts a program in a process group of its own, so that nothing of it can outlive us. */
function start(command, { env = {}, output, cwd = ROOT }) {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TIDEWIRE_')) // somebody's own settings
    const environment = { ...Object.fromEntries(inherited), ...env }
    const child = spawn(command[0], command.slice(1), { cwd, detached: true, stdio: ['ignore', output, output], env: environment })
    child.once('error', () => {}) // reported by its exit
    child.ended = new Promise((resolve) => {
        child.once('error', (error) => resolve(error.message))
        child.once('close', (code, signal) => resolve(signal ?? (code ? `exit status ${code}` : '')))
    })
    children.add(child)
    child.ended.then(() => children.delete(child))
    return child
}

function end(child, signal) {
    try {
        process.kill(-child.pid, signal)
    } catch {
        // it has ended
    }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
        for (const child of children) end(child, 'SIGKILL')
        process.exit(130)
    })
}

let logs = 0
const logFile = (name) => join(LOGS, `${String(++logs).padStart(3, '0')}-${name.replace(/[^\w.-]+/g, '-')}.log`)

/** Runs a command to its end. Returns { wrong: '' or how it ended badly, text, log }. */
async function command(name, words, options = {}) {
    const log = logFile(name)
    const output = openSync(log, 'w')
    const child = start(words, { ...options, output })
    let late = false
    const timer = setTimeout(() => ((late = true), end(child, 'SIGKILL')), (options.seconds ?? PROGRAM_S_MAX) * 1000)
    const wrong = await child.ended
    clearTimeout(timer)
    if (child.pid) end(child, 'SIGKILL') // what it may have left behind
    closeSync(output)
    return { wrong: late ? 'took too long' : wrong, text: readFileSync(log, 'utf8'), log }
}

const isFailure = (line) => line.startsWith('not ok') && !/# *(skip|todo)/i.test(line)

/** Counts one program's TAP. */
function count(program, { wrong, text, log }) {
    const lines = text.split('\n')
    const results = lines.filter((line) => /^(not )?ok\b/.test(line))
    const passed = results.filter((line) => line.startsWith('ok') && !/# *skip/i.test(line)).length
    let failed = results.filter(isFailure).length
    const plan = lines.map((line) => /^1\.\.(\d+)/.exec(line)).find(Boolean)
    const broken = wrong || (!plan ? 'printed no plan' : Number(plan[1]) !== results.length ? 'did not keep its plan' : '')
    if (broken && !failed) failed = 1
    if (failed) tell(`  ✗ ${program.name}: ${broken || `${failed} not ok`}   (${relative(ROOT, log)})`, lines.some(isFailure) ? about(lines) : tail(lines))
    return { passed, failed }
}

const tail = (lines) => lines.slice(-60)
/** The failures among a program's lines: each `not ok` with what was said around it. */
function about(lines) {
    const shown = new Set()
    lines.forEach((line, at) => {
        if (!isFailure(line)) return
        for (let before = at - 1; before >= 0 && /^#/.test(lines[before]); before--) shown.add(before)
        for (let after = at; after < at + 25 && after < lines.length && (after === at || /^[ #]/.test(lines[after])); after++) shown.add(after)
    })
    return lines.filter((_, at) => shown.has(at)).slice(0, 120)
}

const say = (text) => process.stdout.write(text + '\n')
const told = new AsyncLocalStorage() // the failures of a leg, shown when it is done
const tell = (title, lines) => told.getStore().push(title, ...lines.map((line) => `      ${line}`))

/** Runs programs, so many at a time, and sums up. */
async function programs(list, env = {}, atOnce = 1) {
    const sum = { passed: 0, failed: 0 }
    const waiting = [...list]
    const work = async () => {
        for (let program; (program = waiting.shift()); ) {
            const counted = count(program, await command(program.name, program.words, { cwd: program.cwd, env: { ...program.env, ...env } }))
            sum.passed += counted.passed
            sum.failed += counted.failed
        }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    return sum
}

/** A command without TAP: one test that passes if it ends well. */
async function one(name, words, options) {
    const { wrong, text, log } = await command(name, words, options)
    if (wrong) tell(`  ✗ ${name}: ${wrong}   (${relative(ROOT, log)})`, tail(text.split('\n')))
    return { passed: wrong ? 0 : 1, failed: wrong ? 1 : 0 }
}

const node = (path) => ({ name: path, words: [process.execPath, '--test-reporter=tap', path] })
const files = (folder, pattern) => {
    const entries = existsSync(join(ROOT, folder)) ? readdirSync(join(ROOT, folder), { withFileTypes: true }) : []
    return entries.filter((entry) => entry.isFile() && pattern.test(entry.name)).map((entry) => `${folder}/${entry.name}`).sort()
}

// ---- Builds: one at a time, in the order of the legs that want them.

const built = {}
let queue = Promise.resolve()

function wantBuild(name) {
    built[name] ??= queue = queue.catch(() => {}).then(() => makeBuild(name))
    built[name].catch(() => {}) // told by the legs that wait for it
    return built[name]
}

async function makeBuild(name) {
    const { options, env, only, script } = BUILDS[name]
    const folder = join(BUILD, name)
    const alone = ['flock', join(BUILD, `.lock-${name}`)] // another run may want the same
    const began = Date.now()
    const step = async (title, words) => {
        const done = await command(`${title}-${name}`, words, { env, seconds: 900 })
        if (done.wrong) throw Object.assign(new Error(`build/${name}: ${title} failed`), { lines: tail(done.text.split('\n')) })
    }
    if (script) {
        await step('make', ['bash', '-c', `source scripts/lib.sh; lock_tree; ${script}`])
    } else {
        if (!existsSync(join(folder, 'build.ninja'))) await step('setup', [...alone, 'meson', 'setup', folder, ROOT, ...options])
        const targets = only ? await targetsLike(folder, only) : []
        await step('compile', [...alone, 'ninja', '--quiet', '-C', folder, ...targets])
    }
    say(`  build/${name} is ready${seconds(began)}`)
}

/** The files that a build can make whose whole path is like one of these. */
async function targetsLike(folder, paths) {
    const { text } = await command(`targets-${basename(folder)}`, ['ninja', '-C', folder, '-t', 'targets', 'all'])
    const wanted = new RegExp(`^(?:${paths.join('|')})(?=: )`, 'gm')
    return text.match(wanted) ?? []
}

/** The test programs of a build that belong to these groups, as meson knows them. */
async function mesonTests(build, groups) {
    const { wrong, text } = await command(`introspect-${build}`, ['meson', 'introspect', '--tests', join(BUILD, build)])
    if (wrong) throw new Error(`meson introspect: ${wrong}`)
    return JSON.parse(text.slice(text.indexOf('[')))
        .map((test) => ({ name: test.name, words: test.cmd, env: test.env, cwd: test.workdir ?? undefined, group: groupOf(test) }))
        .filter((test) => groups.includes(test.group) && test.words[0].startsWith(BUILD)) // scripts are found by their folder
}

/** A test's group is its suite. */
const groupOf = (test) => test.suite.map((suite) => suite.split(':').pop()).find((suite) => suite in LEGS) ?? 'unit'

// ---- What the legs run.

/** All of tests/NAME: what meson built of it, and its scripts. */
const group = async (name) => programs([...(await mesonTests('test', [name])), ...scripts(`tests/${name}`)], environmentOf('test'))

/** The scripts in a folder: *_test.mjs, and all other files that are executable. */
const scripts = (folder) =>
    files(folder, /./).flatMap((path) => {
        const { mode } = statSync(join(ROOT, path))
        return /test\.mjs$/.test(path) ? [node(path)] : mode & 0o100 ? [{ name: path, words: [join(ROOT, path)] }] : []
    })

const javascript = () =>
    programs(files('tests/unit/js', /test\.mjs$/).map(node), environmentOf('test'))

async function types() {
    const page = join(ROOT, 'game/arena/page')
    if (!existsSync(join(page, 'tsconfig.json'))) return { passed: 0, failed: 0 }
    return one('tsc', ['npm', '--prefix', page, 'run', '--silent', 'check'])
}

/** What tests are told by the environment. */
const environmentOf = (build) => ({
    TIDEWIRE_BUILD: join(BUILD, build),
    TIDEWIRE_BINARY: join(BUILD, build, 'server/tidewire'),
    TIDEWIRE_GAMES: join(BUILD, build, 'game'),
    TIDEWIRE_PAGES: join(BUILD, 'page'),
})

/** Compiled live tests and the scripts of tests/live, against the server of one build. */
async function live(build, env = {}, prefix = []) {
    const all = [...(await mesonTests(build, ['live'])), ...scripts('tests/live').filter(({ name }) => name !== CONFORMANCE)]
    return programs(all.map((program) => ({ ...program, words: [...prefix, ...program.words] })), { ...environmentOf(build), ...env }, LIVE_AT_ONCE)
}

/** Everything under a sanitizer; its reports go into files, so none can be missed: each file is a failure. */
async function sanitized(build, groups) {
    const report = `${build}-report`
    const suppressions = join(ROOT, 'tests', 'live', `${build}.supp`)
    const suppress = existsSync(suppressions) ? `:suppressions=${suppressions}` : ''
    const common = `log_path=${join(LOGS, report)}`
    const env = {
        ASAN_OPTIONS: `${common}:detect_stack_use_after_return=1:strict_string_checks=1`,
        UBSAN_OPTIONS: `${common}:print_stacktrace=1`,
        TSAN_OPTIONS: `${common}:second_deadlock_stack=1${suppress}`,
    }
    const prefix = build === 'tsan' ? await withoutRandomAddresses() : []
    const of = await mesonTests(build, groups)
    const sum = await programs(of, env)
    const more = await live(build, env, prefix)
    const reports = readdirSync(LOGS).filter((name) => name.startsWith(report))
    for (const name of reports) {
        tell(`  ✗ ${build}: a report   (${relative(ROOT, join(LOGS, name))})`, readFileSync(join(LOGS, name), 'utf8').split('\n').slice(0, 40))
    }
    return { passed: sum.passed + more.passed, failed: sum.failed + more.failed + reports.length }
}

/** clang 14's TSan cannot start where the kernel spreads addresses wide; setarch -R turns that off if it may. */
async function withoutRandomAddresses() {
    const { wrong } = await command('setarch', ['setarch', '-R', 'true'])
    return wrong ? [] : ['setarch', '-R']
}

async function freePort() {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address()
    server.close()
    await once(server, 'close')
    return port
}

async function listens(port, child) {
    for (let i = 0; i < 300 && children.has(child); i++) {
        const socket = connect(port, '127.0.0.1')
        const up = await once(socket, 'connect').then(() => true, () => false)
        socket.destroy()
        if (up) return true
        await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return false
}

/** Starts a server with a fresh state and these settings, does `work` with its port, and ends it; it must end well. */
async function withServer(build, settings, work) {
    const state = mkdtempSync(join(tmpdir(), 'tidewire-test-'))
    writeFileSync(join(state, 'tidewire.ini'), settings) // it is looked for in the working folder
    const port = await freePort()
    const log = logFile(`server-${build}`)
    const output = openSync(log, 'w')
    const { TIDEWIRE_BINARY: binary, TIDEWIRE_GAMES: games, TIDEWIRE_PAGES: pages } = environmentOf(build)
    const words = [binary, '--port', String(port), '--state', state, '--games', games, '--pages', pages]
    const server = start(words, { output, cwd: state })
    try {
        if (!(await listens(port, server))) throw Object.assign(new Error('the server does not listen'), { lines: tail(readFileSync(log, 'utf8').split('\n')) })
        const result = await work(port)
        const running = children.has(server)
        end(server, 'SIGTERM')
        const killer = setTimeout(() => end(server, 'SIGKILL'), 15000)
        const wrong = await server.ended
        clearTimeout(killer)
        if (!running || wrong) {
            tell(`  ✗ the server ended badly: ${wrong || 'by itself'}   (${relative(ROOT, log)})`, tail(readFileSync(log, 'utf8').split('\n')))
            result.failed++
        }
        return result
    } finally {
        end(server, 'SIGKILL')
        closeSync(output)
        rmSync(state, { recursive: true, force: true })
    }
}

async function conformance() {
    if (!existsSync(join(ROOT, CONFORMANCE))) return { passed: 0, failed: 0 }
    const words = (port) => [process.execPath, CONFORMANCE, 'localhost', String(port)]
    return withServer('echo', '', (port) => programs([{ name: CONFORMANCE, words: words(port) }])) // over TLS, as players come
}

async function browser() {
    const script = 'tests/browser/play.mjs'
    if (!existsSync(join(ROOT, script))) return { passed: 0, failed: 0 }
    const settings = '[game arena]\nsight = 2400\n' // two pages see each other, wherever their ships are
    const url = (port) => `https://localhost:${port}/`
    return withServer('test', settings, (port) =>
        withServer('test', '[players]\nsessions_max = 1\n', (single) =>
            programs([{ name: script, words: [process.execPath, script, url(port), url(single)] }], environmentOf('test'))))
}

// ---- Running the legs.

const seconds = (began) => `   ${((Date.now() - began) / 1000).toFixed(1)} s`

async function runLeg(name) {
    const leg = LEGS[name], failures = []
    let began, result
    try {
        for (const build of leg.builds ?? []) await wantBuild(build)
        began = Date.now()
        result = await told.run(failures, leg.run)
    } catch (error) {
        told.run(failures, () => tell(`  ✗ ${name}: ${error.message}`, error.lines ?? ['as told above']))
        error.lines = undefined // a build that failed is told in full once
        result = { passed: 0, failed: 1 }
    }
    const words = result.passed + result.failed ? `${result.passed} passed, ${result.failed} failed` : 'nothing to run'
    say(`${result.failed ? '✗' : '✓'} ${name.padEnd(12)} ${words.padEnd(24)} ${leg.about}${seconds(began ?? Date.now())}`)
    if (failures.length) say(failures.join('\n'))
    return result
}

/** The legs, those together that go on beside one another. */
function sideBySide(names) {
    const groups = []
    for (const name of names) groups.at(-1)?.includes(LEGS[name].beside) ? groups.at(-1).push(name) : groups.push([name])
    return groups
}

async function main(names) {
    const unknown = names.find((name) => !(name in LEGS))
    if (unknown) {
        say(`there is no leg '${unknown}'; scripts/test --list names them`)
        return 2
    }
    mkdirSync(LOGS, { recursive: true })
    for (const pid of readdirSync(LOGS_OF_ALL)) if (!existsSync(`/proc/${pid}`)) rmSync(join(LOGS_OF_ALL, pid), { recursive: true, force: true })
    const wanted = Object.keys(LEGS).filter((name) => !names.length || names.includes(name))
    for (const name of wanted) LEGS[name].builds?.forEach(wantBuild)
    const sum = { passed: 0, failed: 0 }
    for (const group of sideBySide(wanted)) {
        for (const { passed, failed } of await Promise.all(group.map(runLeg))) {
            sum.passed += passed
            sum.failed += failed
        }
    }
    say(`${sum.passed} passed, ${sum.failed} failed`)
    return sum.failed || !sum.passed ? 1 : 0
}

const words = process.argv.slice(2)
if (words.includes('--list')) {
    for (const [name, { about }] of Object.entries(LEGS)) say(`${name.padEnd(12)} ${about}`)
} else {
    process.exitCode = await main(words)
}
