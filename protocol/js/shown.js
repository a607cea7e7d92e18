// The rows of one kind as they are to be drawn: where everything is at this moment, predicted and eased by the core.
// `room.look()` moves all kinds on, once a picture; then read typed arrays, or views by name. Neither makes garbage.
import { named } from './rows.js';

export class Shown {
  /** @param {import('./rows.js').Table} table */
  constructor(table) {
    const { core, kind } = table;
    this.table = table;
    this.kind = kind;
    this.width = kind.fields.length;
    this.told = core.wordsAt(core.c.shown(kind.index), 3); // how many, and where the other two lie
    this.slots = new Uint16Array(core.words.buffer, this.told[1], kind.slots);
    this.values = new Float32Array(core.words.buffer, this.told[2], kind.slots * this.width);
    this.Row = rowClass(this);
    /** @type {any[]} */ this.views = [];
  }

  /** How many there are: their slots rise, row i has values[i × width + field]. */
  get count() {
    return this.told[0];
  }

  /** Which of them is in a slot, −1: none. @param {number} slot */
  at(slot) {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.slots[middle] < slot) low = middle + 1;
      else high = middle;
    }
    return low === high && this.slots[low] === slot ? low : -1;
  }

  /** A field's index by its name, −1: none. @param {string} name */
  field(name) {
    return this.kind.fields.findIndex((field) => field.name === name);
  }

  /** Which thing is in a slot: another number is another thing. @param {number} slot */
  born(slot) {
    return this.table.born[slot];
  }

  /** Views by name, one a slot. */
  *[Symbol.iterator]() {
    const { count } = this;
    for (let i = 0; i < count; i++) {
      const slot = this.slots[i];
      const view = (this.views[slot] ??= new this.Row(slot));
      view.row = i * this.width;
      yield view;
    }
  }
}

/** The class of one kind's views: a getter for each field, under its name. @param {Shown} shown */
function rowClass({ kind, table, values }) {
  class Row {
    /** @param {number} slot */
    constructor(slot) {
      this.slot = slot;
      this.row = 0;
    }
    get kind() { return kind.name; }
    get born() { return table.born[this.slot]; }
  }
  return named(Row, table, ({ index }) => function () { return values[this.row + index]; });
}
