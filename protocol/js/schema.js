// The shape of a game as the core has it from WELCOME: kinds of rows, records, fields. Looked up once, then only looked at.
// Raw values (whole numbers of steps) become plain ones here and back.
import { PLACE, STATE } from './core.js';

/** Where the core's tables have what is read here, in bytes behind their beginning, which is their name (protocol/wasm/core.c sees to it). */
const FIELD = { step: 24, min: 28, type: 44 }; // then max; wraps, predicted, cell
const RECORD = { use: 1276 }; // then answer
const KIND = { slots: 1280, predictor: 1288 }; // then first; placed
const TEXT = 2; // of a field's types: 0 whole number, 1 real, 2 text
const LINEAR = 1; // of a kind's predictors: 0 none, 1 linear, 2 the game's own
export const USE_CALL = 2; // of a record's uses: 0, 1, 4 events, 2 call, 3 its answer
export const USE_ANSWER = 3;

/** @typedef {import('./core.js').Core} Core */

/** One field of a record. */
export class Field {
  /** @param {Core} core @param {number} at where the core tells of it @param {number} index */
  constructor(core, at, index) {
    const [min, max] = core.wordsAt(at + FIELD.min, 2);
    const [type, wraps, , cell] = core.bytes.subarray(at + FIELD.type);
    this.index = index;
    this.name = core.text(at);
    this.type = type;
    this.text = type === TEXT;
    this.wraps = wraps === 1;
    this.step = new Float32Array(core.words.buffer, at + FIELD.step, 1)[0];
    this.min = min;
    this.max = max;
    this.span = max - min;
    this.cell = cell;
    this.cells = this.text ? Math.ceil(this.max / 4) : 1; // of 32 bits
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

  /** Its plain value in a record whose cells begin at byte `at`. @param {Core} core @param {number} at */
  read(core, at) {
    const cell = at / 4 + this.cell;
    return this.text ? core.text(cell * 4) : core.words[cell] * this.step;
  }

  /** Writes a plain value there. @param {Core} core @param {number} at @param {number|string|boolean|undefined} value */
  write(core, at, value) {
    const cell = at / 4 + this.cell;
    if (this.text) core.put(String(value ?? ''), cell * 4, this.max);
    else core.words[cell] = this.toRaw(Number(value ?? 0));
  }
}

/** All that `next` tells of, until it gives 0. @template Told @param {(index: number) => number} next @param {(at: number, index: number) => Told} make */
function list(next, make) {
  /** @type {Told[]} */ const all = [];
  for (let at; (at = next(all.length)); ) all.push(make(at, all.length));
  return all;
}

/** @param {Core} core @param {number} shape */
const fieldsOf = (core, shape) => list((index) => core.c.field(shape, index), (at, index) => new Field(core, at, index));

/** @param {Core} core @param {number} at @param {number} index */
function kindOf(core, at, index) {
  const [slots, first] = core.wordsAt(at + KIND.slots, 2);
  const [predictor, placed] = core.bytes.subarray(at + KIND.predictor);
  return {
    index, name: core.text(at), slots, first, stride: core.c.stride(index), predictor, linear: predictor === LINEAR,
    placed: placed === 1, fields: fieldsOf(core, at),
  };
}
/** @typedef {ReturnType<typeof kindOf>} Kind */

/** @param {Core} core @param {number} at @param {number} index */
function recordOf(core, at, index) {
  const [use, answer] = core.bytes.subarray(at + RECORD.use);
  return { index, name: core.text(at), use, answer, fields: fieldsOf(core, at) };
}
/** @typedef {ReturnType<typeof recordOf>} Record */

/** What WELCOME told. @param {Core} core */
export function readSchema(core) {
  const { c, places, state } = core;
  return {
    game: core.told(PLACE.game), version: state[STATE.version], playersMax: state[STATE.playersMax], rows: state[STATE.rows],
    input: fieldsOf(core, places[PLACE.inputShape]), rules: fieldsOf(core, places[PLACE.rulesShape]),
    kinds: list(c.kind, (at, index) => kindOf(core, at, index)),
    records: list(c.record, (at, index) => recordOf(core, at, index)),
  };
}
/** @typedef {ReturnType<typeof readSchema>} Schema */

/** The values of a record whose cells begin at byte `at`, by name. @param {Core} core @param {Field[]} fields @param {number} at */
export function readValues(core, fields, at) {
  /** @type {{[name: string]: any}} */ const values = {};
  for (const field of fields) values[field.name] = field.read(core, at);
  return values;
}
