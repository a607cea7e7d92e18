// The last few frames of one kind, for drawing between ticks: `at(tick)` once per picture, then `has` and
// `value` for each row. Seams are crossed the short way; what entered anew is never eased from what was there.

const FRAMES = 16;
const AHEAD_MS = 1000; // silence means "as expected": rows fly on for as long as a keep-alive may take

/** @typedef {{tick: number, raw: Int32Array, held: Uint32Array, born: Float64Array}} Frame */

export class History {
  /** @param {import('./room.js').Room} room @param {string} kind */
  constructor(room, kind) {
    this.room = room;
    this.name = kind;
    /** @type {Frame[]} oldest first */ this.frames = [];
    /** @type {import('./rows.js').Table|undefined} */ this.table = undefined;
    /** @type {Frame|undefined} */ this.a = undefined;
    /** @type {Frame|undefined} */ this.b = undefined;
    this.part = 0; // how far from a to b
    this.ahead = 0; // ticks beyond the newest frame
    const offs = [room.on('welcome', () => this.#reset()), room.on('frame', () => this.#keep())];
    this.stop = () => offs.forEach((off) => off());
    this.#reset();
  }

  #reset() {
    this.table = this.room.table(this.name);
    this.frames.length = 0;
    this.a = this.b = undefined;
  }

  #keep() {
    const { table, frames } = this;
    if (!table) return;
    const frame = frames.length < FRAMES ? blank(table) : /** @type {Frame} */ (frames.shift());
    frame.tick = this.room.tick;
    frame.raw.set(table.raw);
    frame.held.set(table.held.subarray(table.kind.first >>> 5, (table.kind.first >>> 5) + frame.held.length));
    frame.born.set(table.born);
    frames.push(frame);
  }

  /** Chooses the moment that `has` and `value` tell of. @param {number} tick with its fraction */
  at(tick) {
    const { frames } = this;
    let i = frames.length - 1;
    while (i > 0 && frames[i].tick > tick) i--;
    this.a = frames[i];
    this.b = frames[i + 1];
    if (!this.a) return;
    const past = Math.max(0, tick - this.a.tick);
    this.part = this.b ? Math.min(1, past / Math.max(1, this.b.tick - this.a.tick)) : 0;
    this.ahead = this.b ? 0 : Math.min(past, (AHEAD_MS * this.room.rate) / 1000);
  }

  /** Whether a row was there. @param {number} slot */
  has(slot) {
    return this.a !== undefined && holds(this.table, this.a, slot);
  }

  /** Which thing was there: another number is another thing. @param {number} slot */
  born(slot) {
    return this.a ? this.a.born[slot] : 0;
  }

  /** A field's index by its name, −1 if the game has none such. @param {string} name */
  field(name) {
    return this.table ? this.table.kind.fields.findIndex((field) => field.name === name) : -1;
  }

  /** A number field's plain value at the chosen moment. @param {number} slot @param {number} index */
  value(slot, index) {
    const { table, a, b } = this;
    if (!table || !a || index < 0) return 0;
    const field = table.kind.fields[index];
    const from = exact(table, a, slot, index);
    if (this.ahead) return this.#onward(slot, index, from);
    if (!b || !holds(table, b, slot) || b.born[slot] !== a.born[slot]) return from * field.step;
    if (field.type === 0 && !field.wraps) return from * field.step; // a count jumps when it jumps
    let way = exact(table, b, slot, index) - from;
    if (field.wraps && Math.abs(way) > field.span / 2) way -= Math.sign(way) * field.span;
    const raw = from + way * this.part;
    return (field.wraps ? field.wrap(raw) : raw) * field.step;
  }

  /** Beyond the newest frame: places go on with their speed, all else stays. */
  #onward(/** @type {number} */ slot, /** @type {number} */ index, /** @type {number} */ from) {
    const { table, a, room } = this;
    if (!table || !a) return 0;
    const field = table.kind.fields[index];
    if (!table.kind.linear || index > 1) return from * field.step;
    const speed = table.kind.fields[index + 2];
    const raw = from + (a.raw[slot * table.width + speed.cell] * speed.step * this.ahead) / (room.rate * field.step);
    if (field.wraps) return field.wrap(raw) * field.step;
    return Math.min(field.max, Math.max(field.min, raw)) * field.step;
  }
}

/** @param {import('./rows.js').Table} table @returns {Frame} */
function blank({ kind, raw, born }) {
  const words = ((kind.first + kind.slots + 31) >>> 5) - (kind.first >>> 5);
  return { tick: 0, raw: new Int32Array(raw.length), held: new Uint32Array(words), born: new Float64Array(born.length) };
}

/** @param {import('./rows.js').Table|undefined} table @param {Frame} frame @param {number} slot */
function holds(table, frame, slot) {
  const bit = ((table?.kind.first ?? 0) & 31) + slot;
  return ((frame.held[bit >>> 5] >>> (bit & 31)) & 1) === 1;
}

/** Raw with its remainder. @param {import('./rows.js').Table} table @param {Frame} frame @param {number} slot @param {number} index */
function exact(table, frame, slot, index) {
  const at = slot * table.width;
  const raw = frame.raw[at + table.kind.fields[index].cell];
  return table.kind.linear && index < 2 ? raw + frame.raw[at + table.rest + index] / 256 : raw;
}
