// One table per kind: the raw values of all its rows side by side, and a small view for each slot that gives
// them by name. Views are made once and used again, so that looking at rows makes no garbage.

/** @typedef {import('./schema.js').Kind} Kind */

let births = 0; // over all tables: a thing that enters is never mistaken for one that left

/** All rows of one kind. */
export class Table {
  /** @param {Kind} kind */
  constructor(kind) {
    const width = kind.fields.length;
    this.kind = kind;
    this.width = width;
    this.raw = new Int32Array(kind.slots * width);
    this.rest = new Int16Array(kind.linear ? kind.slots * 2 : 0); // remainders, −128 … 127
    /** @type {string[]} */
    this.texts = kind.fields.some((field) => field.text) ? new Array(kind.slots * width).fill('') : [];
    this.held = new Uint8Array(kind.slots);
    this.born = new Float64Array(kind.slots);
    this.since = new Float64Array(kind.slots); // the tick it entered with
    this.Row = rowClass(this);
    /** @type {any[]} */ this.views = [];
  }

  /** A new thing in a slot. @param {number} slot @param {number} tick */
  enter(slot, tick) {
    this.held[slot] = 1;
    this.born[slot] = ++births;
    this.since[slot] = tick;
  }

  /** The view of a slot, whether held or not. @param {number} slot */
  view(slot) {
    return (this.views[slot] ??= new this.Row(slot));
  }
}

/** The class of one kind's views: a getter for each field, under its name, on a shared prototype. @param {Table} table */
function rowClass(table) {
  const { kind, width } = table;
  class Row {
    /** @param {number} slot */
    constructor(slot) {
      this.slot = slot;
    }
    get kind() { return kind.name; }
    get number() { return kind.first + this.slot; }
    get held() { return table.held[this.slot] === 1; }
    get born() { return table.born[this.slot]; }
    get since() { return table.since[this.slot]; }
  }
  for (const field of kind.fields) {
    if (field.name in Row.prototype || field.name === 'slot') continue; // ours win; such a field needs another name
    Object.defineProperty(Row.prototype, field.name, { enumerable: true, get: getter(table, width, field) });
  }
  return Row;
}

/** @param {Table} table @param {number} width @param {import('./schema.js').Field} field @returns {(this: {slot: number}) => number|string} */
function getter(table, width, { index, step, text }) {
  if (text) return function () { return table.texts[this.slot * width + index]; };
  if (table.kind.linear && index < 2) {
    return function () { return (table.raw[this.slot * width + index] + table.rest[this.slot * 2 + index] / 256) * step; };
  }
  return function () { return table.raw[this.slot * width + index] * step; };
}
