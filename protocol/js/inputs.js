// What the player wants: kept in the core, which says when the next input is due: one a tick at most, so that each reaches the server
// a little before it is needed, and none that says nothing new if nothing depends on it. Every input carries the acknowledgement.
import { PLACE } from './core.js';

/** @typedef {import('./core.js').Core} Core */

export class Inputs {
  #world;
  #send;
  /** @type {Core|null} */ #core = null; // once something is wanted
  #open = false; // a frame came: the server listens
  #period = 50;
  /** @type {any} */ #timer;

  /** @param {import('./transports/transport.js').World} world @param {(core: Core) => void} send says what lies in the core's input cells */
  constructor(world, send) {
    this.#world = world;
    this.#send = send;
  }

  /** Frames come: the server listens. @param {number} rate ticks a second @param {Core} core another one: of another game */
  begin(rate, core) {
    this.close();
    if (this.#core !== core) this.#core = null;
    this.#period = 1000 / rate;
    this.#open = true;
    this.#beat();
  }

  /** Nobody listens for now. */
  close() {
    this.#open = false;
    this.#world.clearTimeout(this.#timer);
  }

  /** @param {Core} core @param {import('./schema.js').Field[]} fields @param {{[name: string]: any}} values */
  want(core, fields, values) {
    const first = core.places[PLACE.input] / 4;
    for (let i = 0; i < fields.length; i++) core.words[first + fields[i].cell] = fields[i].toRaw(Number(values[fields[i].name] ?? 0));
    this.#core = core;
    this.#look();
  }

  #beat() {
    const wait = this.#look();
    if (this.#open) this.#timer = this.#world.setTimeout(() => this.#beat(), wait);
  }

  /** Gives how long until it is to be looked again, in milliseconds. */
  #look() {
    const core = this.#core;
    if (!this.#open || !core) return this.#period;
    let wait;
    while ((wait = core.c.due(this.#world.now())) === 0) this.#send(core);
    return wait;
  }
}
