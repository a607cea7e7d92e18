// Questions to the game: each has a ticket, waits for its REPLY, and fails by time-out or with its connection.
import { PLACE } from './core.js';
import { CallError } from './errors.js';
import { readValues, USE_CALL } from './schema.js';

const CALLS_MAX = 8; // at once: of answers that wait the server keeps 1 KiB for each session, and drops the others
const TIMEOUT_MS = 5000;

/** @typedef {import('./core.js').Core} Core */
/** @typedef {import('./schema.js').Schema} Schema */
/** @typedef {{resolve(values: any): void, reject(error: Error): void, timer: any, answer: number}} Open */

export class Calls {
  #world;
  /** @type {Map<number, Open>} */ #open = new Map();
  #ticket = 0;

  /** @param {import('./transports/transport.js').World} world */
  constructor(world) {
    this.#world = world;
  }

  /** Asks, and keeps a promise for the answer. @param {Core} core @param {Schema} schema @param {string} name
   * @param {{[name: string]: any}} values @param {number|undefined} timeout @param {(bytes: Uint8Array|null) => void} send */
  ask(core, schema, name, values, timeout, send) {
    const record = schema.records.find((each) => each.use === USE_CALL && each.name === name);
    if (!record) return Promise.reject(new CallError('unknown', `the game has no call named ${name}`));
    if (this.#open.size >= CALLS_MAX) return Promise.reject(new CallError('busy', 'too many calls wait for their answers'));
    const ticket = ++this.#ticket;
    return new Promise((resolve, reject) => {
      for (const field of record.fields) field.write(core, core.places[PLACE.call], values[field.name]);
      send(core.said(core.c.call(ticket, record.index)));
      const timer = this.#world.setTimeout(
        () => this.#end(ticket)?.reject(new CallError('timeout', `no answer to ${name}`)), timeout ?? TIMEOUT_MS);
      this.#open.set(ticket, { resolve, reject, timer, answer: record.answer });
    });
  }

  /** Reads the answers of the last frame; false if they are malformed. @param {Core} core @param {Schema} schema */
  replies(core, schema) {
    for (let at; (at = core.c.reply()); ) {
      const [ticket, status] = core.words.subarray(at / 4, at / 4 + 2);
      const call = this.#end(ticket);
      if (!call) continue; // too late: its promise has failed
      if (status) call.reject(new CallError('refused', `the game answered with status ${status}`, status));
      else if (core.c.reply_values(call.answer)) call.resolve(readValues(core, schema.records[call.answer].fields, at + 8));
      else return false;
    }
    return true;
  }

  #end(/** @type {number} */ ticket) {
    const call = this.#open.get(ticket);
    if (call) this.#world.clearTimeout(call.timer);
    this.#open.delete(ticket);
    return call;
  }

  /** The connection went: whether these calls were heard, nobody knows. */
  lose() {
    for (const ticket of [...this.#open.keys()]) this.#end(ticket)?.reject(new CallError('lost', 'connection lost'));
  }
}
