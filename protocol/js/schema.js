// The shape of a game as WELCOME tells it: kinds of rows, records, fields. Read once, checked against the
// protocol's bounds, then only looked at. Raw values (whole numbers of steps) become plain ones here and back.
import { ProtocolError } from './errors.js';

export const TYPE_INT = 0;
export const TYPE_REAL = 1;
export const TYPE_TEXT = 2;
export const USE_CALL = 2;
export const USE_ANSWER = 3;
const USE_MAX = 4; // an event of which only the newest counts

const ROWS_MAX = 65536;
const KINDS_MAX = 16;
const RECORDS_MAX = 32;
const FIELDS_MAX = 24;
const CELLS_MAX = 64;
const LABEL_MAX = 23;
const INT_MIN = -0x80000000;
const INT_MAX = 0x7fffffff;

/** @typedef {import('./msgpack.js').Reader} Reader */
/** @typedef {import('./msgpack.js').Writer} Writer */

/** One field of a record. */
export class Field {
  /** @param {Reader} r @param {number} index */
  constructor(r, index) {
    if (r.array() !== 6) throw new ProtocolError('a field has six parts');
    this.index = index;
    this.name = r.text(LABEL_MAX);
    this.type = r.uint(TYPE_TEXT);
    this.wraps = r.uint(1) === 1;
    this.step = r.float() || 1;
    this.min = r.int();
    this.max = r.int();
    this.text = this.type === TYPE_TEXT;
    if (!this.text && this.min === this.max) [this.min, this.max] = [INT_MIN, INT_MAX]; // no bounds stated
    this.span = this.max - this.min;
    this.size = this.text ? this.max : 4; // bytes; a text's with its end
    this.cells = Math.ceil(this.size / 4);
    this.#check();
  }

  #check() {
    const { min, max, step } = this;
    if (!(step > 0) || !Number.isFinite(step)) throw new ProtocolError(`field ${this.name}: bad step`);
    if (min < INT_MIN || max > INT_MAX || min > max) throw new ProtocolError(`field ${this.name}: bad range`);
    if (this.text && (min !== 0 || max < 1 || max > 256)) throw new ProtocolError(`field ${this.name}: bad size`);
  }

  /** A plain number as whole steps within the field's range. @param {number} value */
  toRaw(value) {
    if (!Number.isFinite(value)) throw new RangeError(`${this.name}: not a number`);
    const raw = Math.floor(value / this.step + 0.5);
    if (this.wraps) return this.wrap(raw);
    return Math.min(this.max, Math.max(this.min, raw));
  }

  /** The same place on a field that wraps, within its range. @param {number} raw */
  wrap(raw) {
    const over = (raw - this.min) % this.span;
    return this.min + (over < 0 ? over + this.span : over);
  }

  /** Whether a raw number may stand in this field. @param {number} raw */
  allows(raw) {
    return raw >= this.min && (this.wraps ? raw < this.max : raw <= this.max);
  }

  /** Reads a whole value: a raw number within range, or a string. @param {Reader} r */
  read(r) {
    if (this.text) return r.text(this.size - 1);
    const raw = r.int();
    if (!this.allows(raw)) throw new ProtocolError(`field ${this.name}: ${raw} is out of range`);
    return raw;
  }

  /** Writes a plain value. @param {Writer} w @param {number|string|boolean|undefined} value */
  write(w, value) {
    if (this.text) w.text(String(value ?? ''));
    else w.int(this.toRaw(Number(value ?? 0)));
  }
}

/** @param {Reader} r */
function readFields(r) {
  const count = r.array();
  if (count > FIELDS_MAX) throw new ProtocolError('too many fields');
  const fields = Array.from({ length: count }, (_, index) => new Field(r, index));
  if (fields.reduce((sum, field) => sum + field.cells, 0) > CELLS_MAX) throw new ProtocolError('record too large');
  return fields;
}

/** @param {Reader} r @param {number} index @param {number} first number of the kind's first row */
function readKind(r, index, first) {
  if (r.array() !== 7) throw new ProtocolError('a kind has seven parts');
  const kind = {
    index, first,
    name: r.text(LABEL_MAX), slots: r.uint(ROWS_MAX),
    linear: r.uint(1) === 1, placed: r.uint(1) === 1,
    moveX: r.int(), moveY: r.int(), fields: readFields(r),
    usual: 0,
  };
  kind.usual = kind.linear ? 0b1100 : kind.placed ? 0b11 : 0b1; // what changes if a change does not say
  const movable = kind.fields.length >= 4 && kind.fields.slice(0, 4).every((field) => !field.text);
  if (kind.linear && !movable) throw new ProtocolError(`kind ${kind.name}: linear needs four numbers in front`);
  if (first + kind.slots > ROWS_MAX) throw new ProtocolError('too many rows');
  return kind;
}
/** @typedef {ReturnType<typeof readKind>} Kind */

/** @param {Reader} r @param {number} index */
function readRecord(r, index) {
  if (r.array() !== 4) throw new ProtocolError('a record has four parts');
  return { index, name: r.text(LABEL_MAX), use: r.uint(USE_MAX), answer: r.uint(), fields: readFields(r) };
}
/** @typedef {ReturnType<typeof readRecord>} Record */

/** @param {Reader} r */
export function readSchema(r) {
  if (r.array() !== 7) throw new ProtocolError('a schema has seven parts');
  const game = r.text(LABEL_MAX);
  const version = r.uint();
  const playersMax = r.uint();
  const input = readFields(r);
  const rules = readFields(r);
  /** @type {Kind[]} */ const kinds = [];
  let rows = 0;
  for (let left = bounded(r, KINDS_MAX); left > 0; left--) {
    const kind = readKind(r, kinds.length, rows);
    kinds.push(kind);
    rows += kind.slots;
  }
  const records = Array.from({ length: bounded(r, RECORDS_MAX) }, (_, index) => readRecord(r, index));
  return { game, version, playersMax, input, rules, kinds, records, rows };
}
/** @typedef {ReturnType<typeof readSchema>} Schema */

function bounded(/** @type {Reader} */ r, /** @type {number} */ max) {
  const count = r.array();
  if (count > max) throw new ProtocolError('schema too large');
  return count;
}

/** Reads one whole value for each field into a plain object by name. @param {Field[]} fields @param {Reader} r */
export function readValues(fields, r) {
  /** @type {{[name: string]: any}} */ const values = {};
  for (const field of fields) {
    const value = field.read(r);
    values[field.name] = typeof value === 'string' ? value : value * field.step;
  }
  return values;
}
