// The rows of one kind where they lie in the core's memory: typed arrays, and for who likes names a small view of each
// slot, made once. Looking at rows makes no garbage.

import { PLACE, STATE } from './core.js';

/** @typedef {import('./schema.js').Kind} Kind */
/** @typedef {import('./schema.js').Field} Field */

let births = 0; // over all tables: a thing that enters is never mistaken for one that left

export class Table {
  /** @param {import('./core.js').Core} core @param {Kind} kind */
  constructor(core, kind) {
    const { c, words } = core;
    this.core = core;
    this.kind = kind;
    this.frames = core.state[STATE.frames]; // as of which the rows were moved on
    this.width = kind.stride; // words of a row: its fields' cells, then what its predictor remembers
    this.rest = kind.fields.reduce((cells, field) => cells + field.cells, 0); // where a linear row's two remainders lie
    this.words = words;
    this.base = c.rows(kind.index) / 4; // where its rows begin in them
    this.cells = words.subarray(this.base, this.base + kind.slots * this.width);
    this.held = new Uint32Array(words.buffer, c.held());
    this.entered = new Uint32Array(words.buffer, c.entered());
    this.born = new Float64Array(kind.slots);
    this.since = new Float64Array(kind.slots); // the tick it entered with
    /** @type {Texts} */ this.texts = { words: new Int32Array(0), read: [] };
    this.Row = rowClass(this);
    /** @type {any[]} */ this.views = [];
    /** @type {any} of the player's own row, as predicted */ this.mine = null;
    /** @type {import('./shown.js').Shown|null} the same rows as they are to be drawn */ this.shown = null;
  }

  /** Has the rows that no frame has named since moved on: before their predicted fields are read. */
  forward() {
    const frames = this.core.state[STATE.frames];
    if (frames === this.frames) return;
    this.frames = frames;
    this.core.c.rows(this.kind.index);
  }

  /** The rows' words. To be asked for anew after each frame: that moves them on. */
  get raw() {
    this.forward();
    return this.cells;
  }

  /** Whether the client holds this row. @param {number} slot */
  has(slot) {
    return isSet(this.held, this.kind.first + slot);
  }

  /** The first slot from `slot` on that is held, −1 if there is none: for (let s = t.next(0); s >= 0; s = t.next(s + 1)). @param {number} slot */
  next(slot) {
    return nextSet(this.held, this.kind.first, slot, this.kind.slots);
  }

  /** A field by its name. @param {string} name */
  field(name) {
    return this.kind.fields.find((field) => field.name === name);
  }

  /** A number field's plain value, with what lies between two raw ones. @param {number} slot @param {Field} field */
  value(slot, field) {
    return this.at(this.base + slot * this.width, field);
  }

  /** The same of the row whose words begin there. @param {number} row @param {Field} field */
  at(row, field) {
    this.forward();
    const raw = this.words[row + field.cell];
    if (!this.kind.linear || field.index > 1) return raw * field.step;
    return (raw + this.words[row + this.rest + field.index] / 256) * field.step;
  }

  /** A text field; decoded when it has changed. @param {number} slot @param {Field} field */
  text(slot, field) {
    const { cells: raw, texts } = this; // texts do not move
    if (!texts.words.length) texts.words = new Int32Array(raw.length);
    const at = slot * this.width + field.cell;
    let same = texts.read[at] !== undefined;
    for (let i = at; same && i < at + field.cells; i++) same = texts.words[i] === raw[i];
    if (same) return texts.read[at];
    for (let i = at; i < at + field.cells; i++) texts.words[i] = raw[i];
    return (texts.read[at] = this.core.text(raw.byteOffset + at * 4));
  }

  /** What entered with the last frame is a new thing. @param {number} tick */
  note(tick) {
    const { core, kind, entered } = this;
    if (!core.state[STATE.anyEntered]) return;
    for (let slot = nextSet(entered, kind.first, 0, kind.slots); slot >= 0; slot = nextSet(entered, kind.first, slot + 1, kind.slots)) {
      this.born[slot] = ++births;
      this.since[slot] = tick;
    }
  }

  /** The view of a slot, whether held or not. @param {number} slot */
  view(slot) {
    return (this.views[slot] ??= new this.Row(slot, this.base + slot * this.width));
  }

  /** The view of the player's own row as the core predicts it. @param {number} slot */
  own(slot) {
    if (this.mine?.slot !== slot) this.mine = new this.Row(slot, this.core.places[PLACE.own] / 4);
    return this.mine;
  }
}
/** @typedef {{words: Int32Array, read: string[]}} Texts the cells that were decoded, and what they said */

/** @param {Uint32Array} bits @param {number} number */
function isSet(bits, number) {
  return ((bits[number >>> 5] >>> (number & 31)) & 1) === 1;
}

/** The first of the slots from … slots − 1 of a kind whose bit is set, or −1; whole words are passed over at once.
 * @param {Uint32Array} bits @param {number} first @param {number} from @param {number} slots */
function nextSet(bits, first, from, slots) {
  const end = first + slots;
  for (let number = first + from; number < end; number = (number | 31) + 1) {
    const left = bits[number >>> 5] >>> (number & 31);
    if (left === 0) continue;
    number += 31 - Math.clz32(left & -left);
    return number < end ? number - first : -1;
  }
  return -1;
}

/** The class of one kind's views: a getter for each field, under its name, on a shared prototype. @param {Table} table */
function rowClass(table) {
  const { kind } = table;
  class Row {
    /** @param {number} slot @param {number} row where its words begin */
    constructor(slot, row) {
      this.slot = slot;
      this.row = row;
    }
    get kind() { return kind.name; }
    get number() { return kind.first + this.slot; }
    get held() { return table.has(this.slot); }
    get born() { return table.born[this.slot]; }
    get since() { return table.since[this.slot]; }
  }
  return named(Row, table, (field) => function () { return table.at(this.row, field); });
}

/** Gives a class of views, which know their slot and where their row begins, a getter for each field of their kind. @template View
 * @param {View & {prototype: object}} view @param {Table} table
 * @param {(field: Field) => (this: {slot: number, row: number}) => number} number makes one for numbers */
export function named(view, table, number) {
  for (const field of table.kind.fields) {
    if (field.name in view.prototype || field.name === 'slot' || field.name === 'row') continue; // ours win; such a field needs another name
    const get = field.text ? /** @this {{slot: number}} */ function () { return table.text(this.slot, field); } : number(field);
    Object.defineProperty(view.prototype, field.name, { enumerable: true, get });
  }
  return view;
}
