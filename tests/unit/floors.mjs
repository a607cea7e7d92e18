// Who may include whom: reads the #include lines of all C files and holds them against the floors of the house.
// A room includes only rooms on floors below it, or further left on its own; each outside library has one room.
// The table is the one in docs/architecture.md: a new room gets its place in both.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

// `server/edge/net` is also net_tls.c and all others that begin with net_; a name ending in / is a whole folder.
const FLOORS = [
    'protocol/base protocol/limits protocol/codes protocol/schema protocol/timing server/clock server/lock server/memory server/log server/pace',
    'protocol/wire protocol/piece protocol/shape protocol/row protocol/predict game/game_check game/game_api game/math server/edge/wheel server/edge/address server/edge/admission server/edge/proxy server/config server/metrics ' +
        'server/ticks server/world/inbox server/world/line server/keep/token server/keep/store server/world/journal',
    'protocol/message protocol/delta protocol/frame game/*/ server/world/trial server/world/module server/world/grid server/world/past server/world/lane server/world/clipped',
    'protocol/replica protocol/client protocol/own protocol/display server/session/session server/world/publication server/world/shown server/world/events',
    'tests/load/ protocol/wasm/core protocol/wasm/words protocol/wasm/stamp server/world/room server/games server/lobby server/session/interest server/session/assembly server/session/rests server/session/broadcaster',
    'server/edge/net',
    'server/main',
].map((rooms) => rooms.split(' '))

// What the floors alone would allow and must not be: whole folders that know few others, and strangers.
const FOLDERS = { 'protocol/': ['protocol/'], 'game/': ['game/', 'protocol/'], 'tests/load/': ['tests/load/', 'protocol/', 'game/'] }
const STRANGERS = [
    ['server/world/room', 'server/session/session'],
    ['server/session/session', 'server/world/publication'],
    ['server/world/publication', 'server/session/session'],
]

const LIBRARIES = [
    [/^libwebsockets\.h|^lws/, ['server/edge/net', 'tests/load/']],
    [/^uv(\.h|\/)/, ['server/edge/net', 'tests/load/']],
    [/^openssl\//, ['server/keep/token', 'server/edge/net', 'tests/load/']],
    [/^sqlite3/, ['server/keep/store']],
    [/^msgpack/, ['protocol/wire']],
    [/^dlfcn\.h/, ['server/world/module', 'tests/load/']],
]

const PLACES = new Map(FLOORS.flatMap((rooms, floor) => rooms.map((room, place) => [room, floor * 100 + place])))

/** The room that a file belongs to: its place in the table, and its own name for games' folders. */
function roomOf(path) {
    const stem = path.replace(/\.[ch]$/, '')
    if (stem.startsWith('tests/load/')) return 'tests/load/'
    if (/^game\/[^/]+\//.test(stem)) return 'game/*/'
    const rooms = [...PLACES.keys()].filter((room) => stem === room || stem.startsWith(room + '_'))
    return rooms.sort((a, b) => b.length - a.length)[0]
}

const filesOf = (folder) =>
    !existsSync(join(ROOT, folder)) ? [] : readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
        if (entry.name === 'node_modules') return []
        const path = `${folder}/${entry.name}`
        return entry.isDirectory() ? filesOf(path) : /\.[ch]$/.test(path) ? [path] : []
    })

const files = ['protocol', 'game', 'server', 'tests/load'].flatMap(filesOf)
const includes = new Map(
    files.map((path) => {
        const lines = readFileSync(join(ROOT, path), 'utf8').matchAll(/^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)/gm)
        return [path, [...lines].map(([, mark, name]) => ({ ours: mark === '"', name }))]
    }),
)

/** What is wrong with `path` including our own header `name`, in words; or nothing. */
function wrongWith(path, name) {
    if (!includes.has(name)) return 'is no file of ours: includes are written from the root'
    const [from, to] = [roomOf(path), roomOf(name)]
    if (!from || !to) return // told by the first test
    const folder = (p) => /^game\/[^/]+\//.exec(p)?.[0]
    if (to === 'game/*/' && from === to && folder(path) !== folder(name)) return "is another game's"
    if (to === 'game/*/' && from === 'tests/load/') return // the bots play by a game's tables
    for (const [start, allowed] of Object.entries(FOLDERS)) {
        if (path.startsWith(start) && !allowed.some((other) => name.startsWith(other))) return `is not for ${start}`
    }
    if (STRANGERS.some(([a, b]) => a === from && b === to)) return `${from} does not know ${to}`
    if (PLACES.get(to) > PLACES.get(from)) return `${to} lies above ${from}`
}

/** Circles in a graph: `next` gives what each of `all` leads to. */
function circles(all, next) {
    const [found, done] = [[], new Set()]
    const visit = (one, above) => {
        if (above.includes(one)) return found.push([...above.slice(above.indexOf(one)), one].join(' → '))
        if (done.has(one)) return
        for (const other of next(one)) visit(other, [...above, one])
        done.add(one)
    }
    for (const one of all) visit(one, [])
    return found
}

const oursOf = (path) => (includes.get(path) ?? []).filter(({ ours }) => ours).map(({ name }) => name)
const headersOf = (path) => oursOf(path).filter((name) => name.endsWith('.h'))

// A game is what its author's readers learn from: there a noun, its source and its header together, climbs to no other.
const nounOf = (path) => path.replace(/\.[ch]$/, '')
const nouns = [...new Set(files.filter((path) => path.startsWith('game/')).map(nounOf))]
const nounsBelow = (noun) => [`${noun}.c`, `${noun}.h`].flatMap(oursOf).map(nounOf).filter((other) => other !== noun && nouns.includes(other))

const each = (check) => [...includes].flatMap(([path, list]) => list.flatMap((include) => check(path, include) ?? []))

const TESTS = {
    'every file has a place on a floor': files.filter((path) => !roomOf(path)),
    'includes go down, or left': each((path, { ours, name }) => {
        const wrong = ours && wrongWith(path, name)
        return wrong ? [`${path}: "${name}" ${wrong}`] : []
    }),
    'no circles': circles(files, headersOf),
    'the nouns of a game stand in one order': circles(nouns, nounsBelow),
    'outside libraries stay in their rooms': each((path, { ours, name }) => {
        const rooms = LIBRARIES.find(([pattern]) => !ours && pattern.test(name))?.[1]
        return rooms && !rooms.includes(roomOf(path)) ? [`${path}: <${name}> belongs to ${rooms.join(', ')}`] : []
    }),
    'headers are guarded by #pragma once': files.filter(
        (path) => path.endsWith('.h') && !/^#pragma once$/m.test(readFileSync(join(ROOT, path), 'utf8')),
    ),
}

let number = 0
for (const [name, wrong] of Object.entries(TESTS)) {
    for (const line of wrong) console.log(`# ${line}`)
    console.log(`${wrong.length ? 'not ok' : 'ok'} ${++number} - ${name}`)
    if (wrong.length) process.exitCode = 1
}
console.log(`1..${number}`)
