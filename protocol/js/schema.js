// The shape of a game as the core has it from WELCOME: kinds of rows, records, fields. Looked up once, then only looked at.
// Raw values (whole numbers of steps) become plain ones here and back.
import { STATE } from './core.js';

const TEXT = 2; // of a field's types: 0 whole number, 1 real, 2 text
const LINEAR = 1; // of a kind's predictors: 0 none, 1 linear, 2 the game's own
export const USE_CALL = 2; // of a record's uses: 0, 1, 4 events, 2 call, 3 its answer
export const USE_ANSWER = 3;

/** @typedef {import('./core.js').Core} Core */

/** One field of a record. */
export class Field {
  /** @param {Core} core @param {number} shape its handle @param {number} index */
  constructor(core, shape, index) {
    const { c } = core;
    this.index = index;
    this.name = core.text(c.field_name(shape, index));
    this.type = c.field_type(shape, index);
    this.text = this.type === TEXT;
    this.wraps = c.field_wraps(shape, index) === 1;
    this.step = c.field_step(shape, index);
    this.min = c.field_min(shape, index);
    this.max = c.field_max(shape, index);
    this.span = this.max - this.min;
    this.cell = c.field_cell(shape, index);
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

/** @param {Core} core @param {number} shape */
function readFields(core, shape) {
  return Array.from({ length: core.c.field_count(shape) }, (_, index) => new Field(core, shape, index));
}

/** @param {Core} core @param {number} index */
function kindOf(core, index) {
  const { c } = core;
  const shape = c.kind_shape(index);
  return {
    index, name: core.text(c.shape_name(shape)), slots: c.slots(index), first: c.first(index),
    predictor: c.predictor(index), linear: c.predictor(index) === LINEAR, placed: c.placed(index) === 1,
    fields: readFields(core, shape),
  };
}
/** @typedef {ReturnType<typeof kindOf>} Kind */

/** @param {Core} core @param {number} index */
function recordOf(core, index) {
  const { c } = core;
  const shape = c.record_shape(index);
  return { index, name: core.text(c.shape_name(shape)), use: c.record_use(index), answer: c.record_answer(index), fields: readFields(core, shape) };
}
/** @typedef {ReturnType<typeof recordOf>} Record */

/** What WELCOME told. @param {Core} core */
export function readSchema(core) {
  const { c, state } = core;
  const all = (/** @type {number} */ length) => ({ length });
  return {
    game: core.text(c.game_name()), version: state[STATE.version], playersMax: state[STATE.playersMax], rows: state[STATE.rows],
    input: readFields(core, c.input_shape()), rules: readFields(core, c.rules_shape()),
    kinds: Array.from(all(state[STATE.kinds]), (_, index) => kindOf(core, index)),
    records: Array.from(all(state[STATE.records]), (_, index) => recordOf(core, index)),
  };
}
/** @typedef {ReturnType<typeof readSchema>} Schema */

/** The values of a record whose cells begin at byte `at`, by name. @param {Core} core @param {Field[]} fields @param {number} at */
export function readValues(core, fields, at) {
  /** @type {{[name: string]: any}} */ const values = {};
  for (const field of fields) values[field.name] = field.read(core, at);
  return values;
}
