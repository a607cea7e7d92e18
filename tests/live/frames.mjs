// One WebSocket frame as bytes, as a client writes it, or as it must not. Nothing but Node.
import { randomBytes } from 'node:crypto'

export const CONTINUE = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10

/** `length`: bytes of the extended length, if not as many as are due; `mask`: four bytes. */
export function frame(opcode, payload = '', { fin = true, rsv = 0, masked = true, length, mask = randomBytes(4) } = {}) {
    const body = Buffer.from(payload) // a copy
    const size = body.length
    const wide = length ?? (size < 126 ? 0 : size < 65536 ? 2 : 8)
    const head = Buffer.alloc(2 + wide)
    head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode
    head[1] = (masked ? 0x80 : 0) | (wide === 0 ? size : wide === 2 ? 126 : 127)
    if (wide === 2) head.writeUInt16BE(size, 2)
    if (wide === 8) head.writeBigUInt64BE(BigInt(size), 2)
    if (!masked) return Buffer.concat([head, body])
    for (let i = 0; i < size; i++) body[i] ^= mask[i & 3]
    return Buffer.concat([head, mask, body])
}

/** A closing frame. */
export function closing(code, reason = '') {
    const body = Buffer.alloc(2 + Buffer.byteLength(reason))
    body.writeUInt16BE(code)
    body.write(reason, 2)
    return frame(CLOSE, body)
}
