// A row that a client holds: its values, how it moves by itself, and what is done to it.
import { RANGE, need } from './elements.mjs'
import { TYPE_TEXT } from './schema.mjs'

const mod = (a, b) => ((a % b) + b) % b
export const MASK64 = 2n ** 64n - 1n

export class Row {
    constructor(number, kind, predicted, values) {
        Object.assign(this, { number, kind, predicted, values, remainders: [0, 0] })
    }

    anchor() {
        this.remainders = [0, 0]
    }

    step() {
        for (let i = 0; i < this.predicted; i++) {
            const { min, max, span, wraps } = this.kind.fields[i]
            const moved = Math.floor((this.values[2 + i] * this.kind.move[i] + 32768) / 65536)
            const fine = this.values[i] * 256 + this.remainders[i] + moved
            let raw = Math.floor((fine + 128) / 256)
            let remainder = fine - raw * 256
            if (wraps) raw = min + mod(raw - min, span)
            else if (raw < min) [raw, remainder] = [min, 0]
            else if (raw > max) [raw, remainder] = [max, 0]
            this.values[i] = raw
            this.remainders[i] = remainder
        }
    }

    /** From tick `from` to tick `to`, with the anchors that fall between. */
    advance(from, to) {
        for (let tick = from + 1; tick <= to; tick++) {
            this.step()
            if ((tick + this.number) % 256 === 0) this.anchor()
        }
    }

    apply(change, predicted) {
        for (const [i, value] of change.differences) {
            if (i < this.predicted !== predicted) continue
            const field = this.kind.fields[i]
            if (field.type === TYPE_TEXT) {
                this.values[i] = value
                continue
            }
            let raw = this.values[i] + value
            if (field.wraps) raw = field.min + mod(raw - field.min, field.span)
            need(raw >= field.min && raw <= field.max, 'a difference leads out of range', RANGE)
            this.values[i] = raw
        }
    }

    set(values) {
        this.values = [...values]
        this.anchor()
    }

    /** What was sent in tick `sent`, to a row that stands at `base`, seen from `now`. */
    change(change, base, sent, now) {
        if (change.whole) {
            this.set(change.whole)
        } else {
            this.advance(base, sent - 1)
            this.apply(change, false)
            this.step()
            this.apply(change, true)
            this.anchor()
        }
        this.advance(sent, now)
    }

    cells() {
        return this.kind.fields.flatMap((field, i) => {
            if (field.type !== TYPE_TEXT) return [this.values[i]]
            const padded = new Uint8Array(field.cells * 4)
            padded.set(new TextEncoder().encode(this.values[i]))
            const view = new DataView(padded.buffer)
            return Array.from({ length: field.cells }, (_, cell) => view.getUint32(cell * 4, true))
        })
    }

    hash() {
        let h = (0x9e3779b97f4a7c15n * BigInt(this.number + 1)) & MASK64
        for (const cell of this.cells()) {
            h = ((h ^ BigInt(cell >>> 0)) * 0xff51afd7ed558ccdn) & MASK64
            h ^= h >> 32n
        }
        return h
    }
}
