// Every message of either side, read from its bytes. What depends on the schema stays a list of elements until a Client
// (client.mjs) reads it.
import { List, UINT32, UNKNOWN, need, unpack } from './elements.mjs'
import { byteLength, readSchema, readWhole } from './schema.mjs'

const anyValue = (list) => {
    const value = list.next()
    need(typeof value === 'string' || Number.isInteger(value), 'a value is a whole number or a string')
    return value
}
const LABEL = /^[a-z0-9-]{1,23}$/, TOKEN = /^[0-9a-f]{32}$/
const NOT_IN_NAMES = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/

function readHello(list) {
    const hello = { game: list.string(), room: list.string(), name: list.string(), device: list.string() }
    hello.session = list.string()
    hello.lane = Math.min(list.uint(), 1)
    list.end()
    need(hello.session === '' || TOKEN.test(hello.session), 'not a token', 4014)
    need(hello.device === '' || hello.device === '-' || TOKEN.test(hello.device), 'not a token', 4014)
    need(LABEL.test(hello.game), 'not a game', 4020)
    need(hello.room === '' || LABEL.test(hello.room), 'not a room name', 4021)
    need(byteLength(hello.name) <= 23 && !NOT_IN_NAMES.test(hello.name), 'not a name', 4013)
    need(hello.name === '' || /[^ ]/.test(hello.name), 'a name of spaces', 4013)
    return hello
}

function readWelcome(list) {
    const welcome = { session: list.string(), device: list.string(), instance: list.uint(), player: list.uint() }
    welcome.tick = list.uint()
    welcome.rate = list.uint()
    welcome.lane = list.uint(1)
    welcome.now = list.time()
    welcome.used = list.uint()
    welcome.name = list.string()
    welcome.room = list.string()
    const [schema, rules] = [list.list(), list.list()]
    welcome.kept = list.more && list.uint(1) === 1
    if (!welcome.kept) {
        welcome.schema = readSchema(schema)
        welcome.rules = readWhole(rules, welcome.schema.rules)
    }
    schema.end() // whoever goes on with what it holds knows both: they are empty
    rules.end()
    need(TOKEN.test(welcome.session), 'a session is a token')
    need(welcome.device === '' || TOKEN.test(welcome.device), 'a device is a token')
    return welcome
}

function readAnswer(list) {
    const [inner, answer] = [list.list(), {}]
    answer.what = inner.whole(18, 24)
    need(answer.what < 20 || answer.what > 21, 'not an answer')
    if (answer.what === 22) {
        answer.row = inner.uint() - 1
    } else if (answer.what === 23) {
        Object.assign(answer, { repeated: inner.uint(), unused: inner.uint() })
    } else if (answer.what === 24) {
        answer.frames = inner.uint()
    } else if (answer.what === 18) {
        Object.assign(answer, { stamp: inner.time(), received: inner.time(), held: inner.time() })
    } else {
        Object.assign(answer, { ticket: inner.uint(), status: inner.uint(), values: inner.each(anyValue) })
        need(answer.status === 0 || answer.values.length === 0, 'values with a refusal')
    }
    inner.end()
    return answer
}

function readHash(list) {
    const hash = list.next()
    need(typeof hash === 'bigint' || Number.isInteger(hash), 'a hash is a whole number')
    need(hash >= 0, 'a hash is not negative')
    return BigInt(hash)
}

function readFrame(list, number) {
    const or = (read, nothing) => (list.more ? read() : nothing) // trailing elements may be left out
    const lists = () => or(() => list.list(), new List([]))
    const frame = { advance: (number - FRAME) >>> 1, used: 0, late: 0 }
    need(frame.advance <= 2 ** 20, 'an advance that is too far')
    if (number % 2) {
        const used = list.whole(-UINT32, UINT32 - 1)
        frame.used = used < 0 ? -1 - used : used
        need(frame.used > 0, 'inputs used, but none')
        if (used < 0) need((frame.late = list.uint()) > 0, 'inputs used late, but by no tick')
    }
    for (const name of ['changes', 'enterings', 'leavings', 'stale', 'events']) frame[name] = lists()
    frame.answers = lists().each(readAnswer)
    frame.hash = or(() => readHash(list), 0n)
    return frame
}

function readQueued(list) {
    const place = list.uint()
    need(place >= 1, 'a place before the first')
    return { place }
}

export const FRAME = 32 // and every number above
const MESSAGES = {
    0: ['HELLO', readHello],
    1: ['INPUT', (list) => ({ sequence: list.uint(), acknowledged: list.uint(), values: list.each(anyValue) })],
    2: ['ACK', (list) => ({ acknowledged: list.uint() })],
    3: ['PING', (list) => ({ stamp: list.time() })],
    4: ['CALL', (list) => ({ ticket: list.uint(), record: list.uint(), values: list.each(anyValue) })],
    5: ['BYE', () => ({})],
    6: ['HASH', () => ({})],
    16: ['WELCOME', readWelcome],
    20: ['BYE', (list) => ({ code: list.uint(), text: list.string(), wait: list.uint() })],
    21: ['QUEUED', readQueued],
    [FRAME]: ['FRAME', readFrame],
}
const UP_MAX = 1024, DOWN_MAX = 131072

/** Any message of either side, or a Refused. */
export function read(bytes) {
    need(bytes.length <= DOWN_MAX, 'message too long', 1009)
    const list = new List(unpack(bytes))
    const first = list.uint(), number = Math.min(first, FRAME)
    need(Object.hasOwn(MESSAGES, number), 'unknown message', UNKNOWN)
    need(number >= 16 || bytes.length <= UP_MAX, 'message too long', 1009)
    const [name, readElements] = MESSAGES[number]
    const message = { number, name, ...readElements(list, first) }
    list.end()
    return message
}
