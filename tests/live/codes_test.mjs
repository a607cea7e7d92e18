// Every code of docs/protocol.md: one way to come by it, for each row of the table. Each is told twice (BYE and
// closing frame), counted once, and logged. A row without a way fails.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BINARY, CONTINUE, TEXT } from './frames.mjs'
import { OWN_GAMES, ROOT, SANITIZED, Server, done, equal, hold, skip, sleep, test, until } from './lib.mjs'
import { Player, pack } from './player.mjs'

const document = readFileSync(join(ROOT, 'docs/protocol.md'), 'utf8')
const rows = [...document.matchAll(/^\| (\d{4}) \| (.+) \| (yes|no) \|$/gm)].map(([, code, why, retry]) => ({ code: Number(code), why, retry: retry === 'yes' }))

const RATE = 60
const usual = await Server.start({ rate: RATE, line_max: 0 }, { ini: '[game arena]\ncomputers = 0\n' })
const impatient = await Server.start({ rate: RATE, hello_s: 1, ping_s: 1, silence_s: 2 }, { ini: '[game arena]\ncomputers = 0\n' })
const narrow = await Server.start({ rate: RATE, sessions_max: 2, line_max: 0, idle_s: 3 })

const NOBODY = '0'.repeat(32)
/** A seated player who then says this. */
const said = (message) => async () => {
    const player = await Player.join(usual)
    await until(() => player.client.frames > 0, 'a frame')
    player.say(typeof message === 'function' ? message(player) : message)
    return player
}
/** Somebody whose HELLO is this. */
const hello = (words) => () => Player.enter(usual, words)
/** Bytes instead of a HELLO. */
const bytes = (send) => async () => {
    const player = await Player.enter(usual, null)
    send(player.ws)
    return player
}

const calls = (record) => async () => {
    const player = await Player.join(usual, { game: 'faulty', room: record })
    player.call(1, player.recordIndex(record), 0)
    return player
}

/** Two of a game with two seats. */
async function fillRoom() {
    const seated = [await Player.join(usual, { game: 'faulty', room: 'full' }), await Player.join(usual, { game: 'faulty', room: 'full' })]
    const third = await Player.enter(usual, { game: 'faulty', room: 'full' })
    await third.end()
    for (const player of seated) await player.leave()
    return third
}

/** The last place goes between the upgrade and HELLO. */
async function fillServer() {
    const late = await Player.enter(narrow, null)
    const seated = [await Player.join(narrow), await Player.join(narrow)]
    late.say([0, 'arena', '', '', '-', '', 1])
    await late.end()
    for (const player of seated) await player.leave()
    return late
}

async function flood() {
    const player = await Player.join(usual)
    for (let i = 0; i < 4000 && !player.over; i++) player.ping(i)
    return player
}

async function silent() {
    const player = await Player.join(impatient)
    player.acknowledges = player.ws.polite = false
    return player
}

/** Says the same thing all the time, beside somebody who steers. */
async function idle() {
    const [player, busy] = [await Player.join(narrow), await Player.join(narrow)]
    for (let i = 0; !player.over && i < 100; i++) {
        player.input(1, 0, 0, 0)
        busy.input(i % 2, 0, 0, 0)
        await sleep(100)
    }
    await player.end()
    equal(Boolean(busy.over), false, 'who steers stays')
    await busy.leave()
    return player
}

async function replaced() {
    const player = await Player.join(usual)
    const second = await Player.join(usual, { session: player.welcome.session })
    await player.end()
    await second.leave()
    return player
}

/** Thousands of events that must arrive, for one who does not acknowledge any. */
async function tooSlow() {
    const player = await Player.join(usual, { game: 'faulty', room: 'talk' })
    player.acknowledges = false
    player.call(1, player.recordIndex('talk'), 0)
    return player
}

async function shutDown() {
    const server = await Server.start({ rate: RATE })
    const player = await Player.join(server)
    server.child.kill('SIGTERM')
    await player.end()
    await server.exit
    equal(server.ended.code, 0, 'exit')
    equal(Boolean(server.logged('closed', ({ code }) => code === '4001')), true, 'a line')
    await server.discard()
    return player
}

/** Memory for one thing alone is short (games/scarce.c). */
async function broken() {
    const server = await Server.start({ rate: RATE, plain: true }, { env: { LD_PRELOAD: join(OWN_GAMES, 'scarce.so') } })
    const first = await Player.join(server, { game: 'faulty' })
    server.child.kill('SIGURG')
    await until(() => /^ShdPnd:\s+0+$/m.test(readFileSync(`/proc/${server.pid}/status`, 'utf8')), 'the signal to be taken')
    const player = await Player.enter(server, { game: 'faulty' })
    await player.end()
    await first.leave()
    equal((await server.metrics())['closed{code="4050"}'], 1, 'counter')
    await server.told('closed', ({ code }) => code === '4050')
    await server.finish()
    return player
}

const ways = {
    1003: bytes((ws) => ws.send(TEXT, Buffer.from('hello'))),
    1008: bytes((ws) => {
        ws.send(BINARY, Buffer.from([0x90]), { fin: false })
        for (let i = 0; i < 40; i++) ws.send(CONTINUE, Buffer.alloc(1), { fin: false })
    }),
    1009: bytes((ws) => ws.send(BINARY, Buffer.alloc(1025))),
    4000: said([5]),
    4001: shutDown,
    4002: bytes((ws) => ws.send(BINARY, Buffer.from([0xc1]))),
    4003: bytes((ws) => ws.send(BINARY, pack([7]))),
    4004: said((player) => [1, 1, player.tick, 99, 0, 0, 0]),
    4010: () => Player.enter(impatient, null),
    4011: said([0, 'arena', '', '', '-', '', 1]),
    4012: bytes((ws) => ws.send(BINARY, pack([3, 1]))),
    4013: hello({ name: 'a\u0007b' }),
    4014: hello({ device: 'x'.repeat(32) }),
    4020: hello({ game: 'chess' }),
    4021: hello({ room: 'Not A Room' }),
    4022: fillRoom,
    4023: fillServer,
    4030: flood,
    4031: silent,
    4032: replaced,
    4033: calls('kick-me'),
    4034: calls('end-room'),
    4035: tooSlow,
    4036: idle,
    4040: said((player) => [1, 0, player.tick, 0, 0, 0, 0]),
    4050: broken,
}
const elsewhere = [4001, 4050] // look at their own servers
const serverOf = (code) => ([4023, 4036].includes(code) ? narrow : [4010, 4031].includes(code) ? impatient : usual)

await test('the table of the document is read', () => equal(rows.length >= 20, true, 'rows'))

/** One row of the table, on its server. */
async function comeBy({ code, why, retry }, server) {
    const label = `closed{code="${code}"}`
    await sleep(120) // lines of one event are limited to ten a second
    const before = elsewhere.includes(code) ? {} : await server.metrics()
    if (!ways[code]) throw new Error('no test reaches this code')
    const player = await ways[code]()
    const end = await player.end()
    equal(end.bye, code, 'BYE')
    equal(end.close, code, 'closing frame')
    equal(end.text, why, "BYE's words")
    equal(end.reason, why, "the closing frame's words")
    equal(end.wait > 0, retry, 'whether to come back')
    if (elsewhere.includes(code)) return
    await server.told(code === 4000 ? 'left' : 'closed', (line) => line.code === String(code) && line.why === why)
    equal((await server.metrics())[label] - before[label], 1, 'counter')
}

await Promise.all([usual, impatient, narrow].map(async (server) => { // beside one another: some ways wait
    for (const row of rows.filter(({ code }) => serverOf(code) === server)) {
        const name = `${row.code} ${row.why}`
        if (row.code === 4050 && SANITIZED) skip(name, 'sanitizers bring an allocator of their own')
        else await test(name, () => comeBy(row, server))
    }
}))

await test('no way leads to a code that the document has not', () => {
    for (const code of Object.keys(ways)) if (!rows.some((row) => row.code === Number(code))) throw new Error(code)
})

await test('a game may refuse somebody at once: 4033', async () => {
    const player = await Player.enter(usual, { game: 'faulty', room: 'door', name: 'Unwelcome' })
    equal((await player.end()).bye, 4033, 'BYE')
    await usual.told('left', ({ name, code }) => name === 'Unwelcome' && code === '4033')
})

await test('a valid token of nobody is a newcomer', async () => {
    const player = await Player.join(usual, { session: NOBODY, device: NOBODY })
    await player.leave()
})

await test('lines are limited: many refusals, few lines, and all are told of in the end', async () => {
    const refusal = async () => (await Player.enter(usual, { name: '\u0001' })).end()
    const closed = () => usual.lines.filter(({ event }) => event === 'closed')
    const accounted = (lines) => lines.reduce((sum, { code, held }) => sum + (code ? 1 : 0) + Number(held ?? 0), 0)
    const before = closed().length
    await sleep(1100)
    await refusal()
    const first = await until(() => 1 + closed().findIndex(({ code }, i) => i >= before && code), 'the line of one alone')
    await Promise.all([...Array(60).keys()].map(refusal))
    const lines = await until(() => accounted(closed().slice(first)) >= 60 && closed().slice(first), 'lines and those held back')
    equal(accounted(lines), 60, 'lines and those held back')
    const seconds = (lines.at(-1).at - lines[0].at) / 1000
    hold(lines.length <= 11 * (seconds + 2), `${lines.length} lines in ${seconds} s`)
})

await test('the servers end well', async () => {
    for (const server of [usual, impatient, narrow]) await server.finish()
})
await done()
