// MessagePack, in the forms that the protocol uses, and elements taken one after another; whatever is not as the document
// says is Refused.

/** What a message is refused with: one of the codes in docs/protocol.md. */
export class Refused extends Error {
    constructor(code, text) {
        super(text)
        this.code = code
    }
}
export const MALFORMED = 4002, UNKNOWN = 4003, RANGE = 4004

export function need(condition, text, code = MALFORMED) {
    if (!condition) throw new Refused(code, text)
}

// ---- MessagePack.

/** A float32, kept apart from whole numbers: where one is due the other is an error. */
export class Real {
    constructor(value) {
        this.value = value
    }
}
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const DEPTH_MAX = 8 // the schema's fields lie five deep

/** The one array in `bytes`, as nested arrays of numbers (BigInt beyond 2⁵³), strings and Reals. */
export function unpack(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let at = 0
    const take = (size) => {
        need(size <= bytes.length - at, 'the message ends too early')
        at += size
        return at - size
    }
    const narrow = (big) => (big >= -(2n ** 53n) && big <= 2n ** 53n ? Number(big) : big)
    const string = (size) => {
        const start = take(size)
        try {
            return utf8.decode(bytes.subarray(start, start + size))
        } catch {
            throw new Refused(MALFORMED, 'a string that is not UTF-8')
        }
    }
    const array = (count, depth) => {
        need(depth < DEPTH_MAX, 'arrays too deep')
        need(count <= bytes.length - at, 'an array longer than its message') // before a single element is made
        return Array.from({ length: count }, () => value(depth + 1))
    }
    const value = (depth) => {
        const head = view.getUint8(take(1))
        if (head < 0x80) return head
        if (head >= 0xe0) return head - 0x100
        if (head >= 0xa0 && head < 0xc0) return string(head & 31)
        if (head >= 0x90 && head < 0xa0) return array(head & 15, depth)
        switch (head) {
            case 0xca: return new Real(view.getFloat32(take(4)))
            case 0xcc: return view.getUint8(take(1))
            case 0xcd: return view.getUint16(take(2))
            case 0xce: return view.getUint32(take(4))
            case 0xcf: return narrow(view.getBigUint64(take(8)))
            case 0xd0: return view.getInt8(take(1))
            case 0xd1: return view.getInt16(take(2))
            case 0xd2: return view.getInt32(take(4))
            case 0xd3: return narrow(view.getBigInt64(take(8)))
            case 0xd9: return string(view.getUint8(take(1)))
            case 0xda: return string(view.getUint16(take(2)))
            case 0xdb: return string(view.getUint32(take(4)))
            case 0xdc: return array(view.getUint16(take(2)), depth)
            case 0xdd: return array(view.getUint32(take(4)), depth)
        }
        throw new Refused(MALFORMED, `form 0x${head.toString(16)} is not used here`) // nil and booleans too
    }
    const message = value(0)
    need(Array.isArray(message), 'a message is an array')
    need(at === bytes.length, 'something follows the array')
    return message
}

// ---- Elements: each takes the next one of a list, or refuses.

const INT32 = 2 ** 31
export const UINT32 = 2 ** 32

export class List {
    constructor(elements) {
        need(Array.isArray(elements), 'an array is due')
        this.elements = elements
        this.at = 0
    }
    get more() {
        return this.at < this.elements.length
    }
    next() {
        need(this.more, 'an element is missing')
        return this.elements[this.at++]
    }
    whole(min, max) {
        const value = this.next()
        need(Number.isInteger(value), 'a whole number is due')
        need(value >= min && value <= max, 'a number beyond its bounds')
        return value
    }
    uint(max = UINT32 - 1) {
        return this.whole(0, max)
    }
    int() {
        return this.whole(-INT32, INT32 - 1)
    }
    time() {
        return this.uint(2 ** 53)
    }
    string() {
        const value = this.next()
        need(typeof value === 'string', 'a string is due')
        return value
    }
    real() {
        const value = this.next()
        need(value instanceof Real && Number.isFinite(value.value), 'a float32 is due')
        return value.value
    }
    list() {
        return new List(this.next())
    }
    each(read) {
        const out = []
        while (this.more) out.push(read(this))
        return out
    }
    end() {
        need(!this.more, 'too many elements')
    }
}
