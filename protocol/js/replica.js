// What the server shows this client: its rows, kept alike on both ends. Eats frames, in the order of work that
// docs/protocol.md gives; knows no socket, no clock and no listener.
import { ProtocolError } from './errors.js';
import { hashRows } from './hash.js';
import { advance, anchor, step } from './predict.js';
import { Table } from './rows.js';
import { readValues, USE_ANSWER, USE_CALL } from './schema.js';

const AGE_MAX = 255;
const ADVANCE_MAX = 65536; // far beyond any time-out; only bounds our loops
const EVENT_AGE_MAX = 4096;
const ENTERED = 1;
const CHANGED = 2;
const ELEMENTS = 11; // of a frame, its number included

/** @typedef {import('./msgpack.js').Reader} Reader */
/** @typedef {{name: string, tick: number, number: number, values: {[name: string]: any}}} GameEvent */

export class Replica {
  /** @param {import('./schema.js').Schema} schema @param {number} tick @param {number} used */
  constructor(schema, tick, used) {
    this.schema = schema;
    this.tables = schema.kinds.map((kind) => new Table(kind));
    this.list = new Uint16Array(schema.rows); // numbers of the held rows, rising: rank → number
    this.count = 0;
    this.fresh = new Uint16Array(schema.rows); // scratch: rows that enter with this frame
    this.touched = new Uint8Array(schema.rows); // scratch: ENTERED or CHANGED by this frame
    this.kindOf = new Uint8Array(schema.rows);
    for (const kind of schema.kinds) this.kindOf.fill(kind.index, kind.first, kind.first + kind.slots);
    this.tick = tick;
    this.base = tick;
    this.used = used; // the newest input that the world has used
    this.usedAt = tick; // and the tick that used it
    this.events = 0; // number of the newest event
  }

  /**
   * Applies a frame whose head (array count and message number) was read. Events are told before rows change.
   * @param {Reader} r @param {number} count elements of the message, its number included
   * @param {(event: GameEvent) => void} onEvent
   * @returns {{answers: number, stated: bigint}} where the answers begin (0: none), and the stated hash
   */
  apply(r, count, onEvent) {
    const at = elements(r, count);
    this.base = this.tick;
    this.tick += at[1] ? seek(r, at[1]).uint(ADVANCE_MAX) : 0;
    this.#inputs(at[2] ? seek(r, at[2]).uint() : 0, at[3] ? seek(r, at[3]).uint() : 0);
    if (at[8]) this.#events(seek(r, at[8]), onEvent);
    if (at[6]) this.#leave(seek(r, at[6]));
    if (at[5]) this.#enter(seek(r, at[5]));
    if (at[7]) this.#stale(seek(r, at[7]));
    if (at[4]) this.#changes(seek(r, at[4]));
    this.#rest();
    return { answers: at[9] ?? 0, stated: at[10] ? seek(r, at[10]).big() : 0n };
  }
  /** The hash of what is held. */
  hash() {
    return hashRows(this.tables);
  }

  #inputs(/** @type {number} */ used, /** @type {number} */ late) {
    if (!used) return;
    this.used += used;
    this.usedAt = this.tick - late;
  }

  #events(/** @type {Reader} */ r, /** @type {(event: GameEvent) => void} */ onEvent) {
    for (let left = r.array(); left > 0; ) {
      this.events += r.uint();
      const record = this.schema.records[r.uint()];
      if (!record || record.use === USE_CALL || record.use === USE_ANSWER) throw new ProtocolError('no such event');
      const tick = this.tick - r.uint(EVENT_AGE_MAX);
      left -= 3 + record.fields.length;
      if (left < 0) throw new ProtocolError('events end too early');
      onEvent({ name: record.name, tick, number: this.events, values: readValues(record.fields, r) });
    }
  }

  #leave(/** @type {Reader} */ r) {
    let kept = 0;
    let next = 0; // ranks below are decided
    let rank = -1;
    for (let left = r.array(); left > 0; left--) {
      rank += r.uint() + 1;
      if (rank >= this.count) throw new ProtocolError('a row leaves that is not held');
      while (next < rank) this.list[kept++] = this.list[next++];
      const table = this.#table(this.list[next]);
      table.held[this.list[next++] - table.kind.first] = 0;
    }
    while (next < this.count) this.list[kept++] = this.list[next++];
    this.count = kept;
  }

  #enter(/** @type {Reader} */ r) {
    let fresh = 0;
    let number = -1;
    for (let left = r.array(); left > 0; ) {
      number += r.uint() + 1;
      if (number >= this.schema.rows) throw new ProtocolError('a row enters that cannot be');
      const table = this.#table(number);
      const slot = number - table.kind.first;
      if (table.held[slot]) throw new ProtocolError('a row enters that is held');
      const sent = this.tick - r.uint(AGE_MAX);
      left -= 2 + table.width;
      if (left < 0) throw new ProtocolError('enterings end too early');
      this.#whole(r, table, slot);
      advance(table, slot, sent, this.tick);
      table.enter(slot, this.tick);
      this.touched[number] = ENTERED;
      this.fresh[fresh++] = number;
    }
    this.#merge(fresh);
  }

  /** Puts the rows that entered among those that stayed, from behind, so that the list stays rising. */
  #merge(/** @type {number} */ fresh) {
    let old = this.count - 1;
    let to = (this.count += fresh) - 1;
    while (fresh > 0) {
      if (old >= 0 && this.list[old] > this.fresh[fresh - 1]) this.list[to--] = this.list[old--];
      else this.list[to--] = this.fresh[--fresh];
    }
  }

  #changes(/** @type {Reader} */ r) {
    let rank = -1;
    for (let left = r.array(); left > 0; ) {
      const gap = r.int();
      rank += (gap < 0 ? -1 - gap : gap) + 1;
      const number = this.#stays(rank);
      const mask = gap < 0 ? this.#table(number).kind.usual : r.uint();
      left -= (gap < 0 ? 1 : 2) + bits(mask);
      if (mask === 0 || left < 0) throw new ProtocolError('changes are malformed');
      this.#change(r, number, mask, this.tick);
    }
  }

  #stale(/** @type {Reader} */ r) {
    let rank = -1;
    for (let left = r.array(); left > 0; ) {
      const first = r.int();
      const follows = first >= 0 && first % 4 === 3;
      rank += (first < 0 ? -1 - first : follows ? r.uint() : first % 4) + 1;
      const number = this.#stays(rank);
      const table = this.#table(number);
      if (first < 0) {
        left -= this.#staleChange(r, number, table.kind.usual);
      } else {
        const sent = this.tick - Math.floor(first / 4);
        if (sent < this.tick - AGE_MAX) throw new ProtocolError('a stale row is too old');
        left -= (follows ? 2 : 1) + table.width;
        this.#whole(r, table, number - table.kind.first);
        advance(table, number - table.kind.first, sent, this.tick);
      }
      if (left < 0) throw new ProtocolError('stale rows are malformed');
    }
  }

  /** Returns how many elements it took, with the one before. */
  #staleChange(/** @type {Reader} */ r, /** @type {number} */ number, /** @type {number} */ usual) {
    const age = r.int();
    const sent = this.tick - (age < 0 ? -1 - age : age);
    const mask = age < 0 ? usual : r.uint();
    if (mask === 0 || sent < this.tick - AGE_MAX) throw new ProtocolError('stale rows are malformed');
    this.#change(r, number, mask, sent);
    return (age < 0 ? 2 : 3) + bits(mask);
  }

  /** The number of a row that stays and was not yet told of in this frame. */
  #stays(/** @type {number} */ rank) {
    if (rank >= this.count) throw new ProtocolError('a row changes that is not held');
    const number = this.list[rank];
    if (this.touched[number]) throw new ProtocolError('a row is told twice');
    this.touched[number] = CHANGED;
    return number;
  }

  /** A change that was made in tick `sent`: what is not predicted before that tick's step, what is after it. */
  #change(/** @type {Reader} */ r, /** @type {number} */ number, /** @type {number} */ mask, /** @type {number} */ sent) {
    const table = this.#table(number);
    const slot = number - table.kind.first;
    if (sent <= this.base) throw new ProtocolError('a change from before the base');
    if (mask >= 2 ** table.width) throw new ProtocolError('a change of a field that is not there');
    advance(table, slot, this.base, sent - 1);
    const predicted = table.kind.linear ? 2 : 0;
    let first = 0;
    let second = 0;
    if (predicted && mask & 1) first = r.int();
    if (predicted && mask & 2) second = r.int();
    for (let i = predicted; i < table.width; i++) if (mask & (1 << i)) this.#differ(r, table, slot, i);
    step(table, slot);
    if (first) shift(table, slot, 0, first);
    if (second) shift(table, slot, 1, second);
    anchor(table, slot);
    advance(table, slot, sent, this.tick);
  }

  #differ(/** @type {Reader} */ r, /** @type {Table} */ table, /** @type {number} */ slot, /** @type {number} */ i) {
    const field = table.kind.fields[i];
    if (field.text) table.texts[slot * table.width + i] = r.text(field.size - 1);
    else shift(table, slot, i, r.int());
  }

  #whole(/** @type {Reader} */ r, /** @type {Table} */ table, /** @type {number} */ slot) {
    for (const field of table.kind.fields) {
      const value = field.read(r);
      if (typeof value === 'string') table.texts[slot * table.width + field.index] = value;
      else table.raw[slot * table.width + field.index] = value;
    }
    anchor(table, slot);
  }

  /** Every row that was not told of moves as predicted. */
  #rest() {
    for (let rank = 0; rank < this.count; rank++) {
      const number = this.list[rank];
      const table = this.#table(number);
      if (!this.touched[number]) advance(table, number - table.kind.first, this.base, this.tick);
      this.touched[number] = 0;
    }
  }

  #table(/** @type {number} */ number) {
    return this.tables[this.kindOf[number]];
  }
}

/** Adds a difference to a raw number. @param {Table} table @param {number} slot @param {number} i @param {number} by */
function shift(table, slot, i, by) {
  const field = table.kind.fields[i];
  const at = slot * table.width + i;
  const raw = field.wraps ? field.wrap(table.raw[at] + by) : table.raw[at] + by;
  if (!field.allows(raw)) throw new ProtocolError(`field ${field.name}: ${raw} is out of range`);
  table.raw[at] = raw;
}

/** Where each element of a frame begins (0: left out); the whole message is walked once. */
function elements(/** @type {Reader} */ r, /** @type {number} */ count) {
  if (count > ELEMENTS) throw new ProtocolError('frame too long');
  const at = new Array(ELEMENTS).fill(0);
  for (let i = 1; i < count; i++) {
    at[i] = r.at;
    r.skip();
  }
  r.done();
  return at;
}

function seek(/** @type {Reader} */ r, /** @type {number} */ at) {
  r.at = at;
  return r;
}

function bits(/** @type {number} */ mask) {
  let count = 0;
  for (let rest = mask; rest; rest &= rest - 1) count++;
  return count;
}
