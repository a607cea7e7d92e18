// The schema that a WELCOME brings, and values as its fields say.
import { RANGE, need } from './elements.mjs'

export const byteLength = (text) => new TextEncoder().encode(text).length

export const TYPE_TEXT = 2 // 0: a whole number, 1: a real one
export const USE_MUST = 0, USE_MAY = 1, USE_NEWEST = 4 // events
const USE_CALL = 2, USE_ANSWER = 3

function readLabel(list) {
    const text = list.string()
    need(byteLength(text) >= 1 && byteLength(text) <= 23, 'a name of 1 to 23 bytes is due')
    return text
}

function readField(list) {
    const [inner, field] = [list.list(), {}]
    field.name = readLabel(inner)
    field.type = inner.uint(TYPE_TEXT)
    field.wraps = inner.uint(1) === 1
    field.step = inner.real()
    field.min = inner.int()
    field.max = inner.int()
    inner.end()
    field.span = field.max - field.min
    if (field.type === TYPE_TEXT) need(field.min === 0 && field.max >= 1 && !field.wraps, 'a text with odd bounds')
    else need(field.step > 0 && (field.wraps ? field.span > 0 : field.span >= 0), 'a field with odd bounds')
    field.cells = field.type === TYPE_TEXT ? Math.ceil(field.max / 4) : 1
    return field
}

function readFields(list) {
    const fields = list.list().each(readField)
    need(fields.length <= 24, 'more than 24 fields')
    need(fields.reduce((sum, field) => sum + field.cells, 0) <= 64, 'more than 64 cells')
    return fields
}

function readKind(list) {
    const [inner, kind] = [list.list(), {}]
    kind.name = readLabel(inner)
    kind.slots = inner.uint(65536)
    kind.predictor = inner.uint(1)
    kind.placed = inner.uint(1) === 1
    kind.move = [inner.int(), inner.int()]
    kind.fields = readFields(inner)
    inner.end()
    const numbers = (count) => kind.fields.length >= count && kind.fields.slice(0, count).every((f) => f.type !== TYPE_TEXT)
    need(!kind.placed || numbers(2), 'a placed kind without a place')
    need(kind.predictor === 0 || numbers(4), 'a linear kind without place and speed')
    return kind
}

function readRecord(list) {
    const [inner, record] = [list.list(), {}]
    record.name = readLabel(inner)
    record.use = inner.uint(USE_NEWEST)
    record.answer = inner.uint() // means something for calls only
    record.fields = readFields(inner)
    inner.end()
    return record
}

export function readSchema(inner) {
    const schema = {}
    schema.game = readLabel(inner)
    schema.version = inner.uint()
    schema.players_max = inner.uint()
    schema.input = readFields(inner)
    schema.rules = readFields(inner)
    schema.kinds = inner.list().each(readKind)
    schema.records = inner.list().each(readRecord)
    inner.end()
    need(schema.kinds.length <= 16 && schema.records.length <= 32, 'too many kinds or records')
    need(schema.kinds.reduce((sum, kind) => sum + kind.slots, 0) <= 65536, 'too many rows')
    const answered = ({ use, answer }) => use !== USE_CALL || schema.records[answer]?.use === USE_ANSWER
    need(schema.records.every(answered), 'a call that no answer answers')
    return schema
}

/** A field's raw value, in its range. */
export function readRaw(list, field) {
    if (field.type === TYPE_TEXT) {
        const text = list.string()
        need(byteLength(text) < field.max && !text.includes('\0'), 'a text too long for its field', RANGE)
        return text
    }
    const raw = list.int()
    need(raw >= field.min && raw <= (field.wraps ? field.max - 1 : field.max), 'a value out of range', RANGE)
    return raw
}

export const readWhole = (list, fields) => fields.map((field) => readRaw(list, field))
