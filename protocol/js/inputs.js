// What the player wants, sent when it changes and at most once a tick: the server uses the last one again by
// itself. Every input carries the acknowledgement; a frame that no input follows within the tick gets one alone.
import { Writer } from './msgpack.js';

/** @typedef {import('./schema.js').Field} Field */

const EARLY = 0.2; // of a tick: what is nearly due may go now

export class Inputs {
  /** @param {import('./link.js').World} world @param {(sequence: number, values: Uint8Array) => void} send */
  constructor(world, send) {
    this.world = world;
    this.send = send;
    this.draft = new Writer();
    /** @type {Uint8Array|null} */ this.wanted = null;
    this.sequence = 0;
    this.dirty = false;
    this.open = false; // a frame came: the server listens
    this.period = 50;
    this.sentAt = -Infinity;
    /** @type {any} */ this.timer = null;
  }

  /** A conversation begins, or goes on: where the sequence stands. @param {number} used @param {boolean} same @param {number} rate */
  begin(used, same, rate) {
    this.sequence = same ? Math.max(this.sequence, used) : used;
    this.period = 1000 / rate;
    this.dirty = this.wanted !== null;
    this.close();
  }

  /** Nobody listens for now. */
  close() {
    this.open = false;
    this.world.clearTimeout(this.timer);
    this.timer = null;
  }

  /** @param {Field[]} fields @param {{[name: string]: any}} values */
  want(fields, values) {
    const draft = this.draft;
    draft.at = 0;
    for (const field of fields) field.write(draft, values[field.name]);
    const bytes = draft.end();
    if (this.wanted && same(this.wanted, bytes)) return;
    this.wanted = bytes.slice();
    this.dirty = true;
    this.#plan();
  }

  /** A frame came; returns whether an input will carry its acknowledgement within the tick. */
  heard() {
    this.open = true;
    this.#plan();
    return this.timer !== null || this.sentAt === this.world.now();
  }

  #plan() {
    if (!this.open || !this.dirty || this.timer !== null) return;
    const wait = this.sentAt + this.period - this.world.now();
    if (wait <= this.period * EARLY) this.#flush();
    else this.timer = this.world.setTimeout(() => this.#flush(), wait);
  }

  #flush() {
    this.timer = null;
    if (!this.open || !this.dirty || !this.wanted) return;
    this.dirty = false;
    this.sentAt = this.world.now();
    this.send(++this.sequence, this.wanted);
  }
}

/** @param {Uint8Array} a @param {Uint8Array} b */
function same(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
