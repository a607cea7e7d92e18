// Questions to the game: each has a ticket, waits for its REPLY, and fails by time-out or with its connection.
import { CallError } from './errors.js';
import { readValues, USE_CALL } from './schema.js';

const CALLS_MAX = 8; // the server keeps no more answers for one session
const TIMEOUT_MS = 5000;

/** @typedef {import('./msgpack.js').Reader} Reader */
/** @typedef {import('./schema.js').Schema} Schema */
/** @typedef {{resolve(values: any): void, reject(error: Error): void, timer: any, answer: number}} Open */

export class Calls {
  /** @param {import('./link.js').World} world */
  constructor(world) {
    this.world = world;
    /** @type {Map<number, Open>} */ this.open = new Map();
    this.ticket = 0;
  }

  /** Keeps a promise for a call of that name; `send` is given ticket and record. @param {Schema} schema
   * @param {string} name @param {number|undefined} timeout @param {(ticket: number, record: import('./schema.js').Record) => void} send */
  ask(schema, name, timeout, send) {
    const record = schema.records.find((each) => each.use === USE_CALL && each.name === name);
    if (!record) return Promise.reject(new CallError('unknown', `the game has no call named ${name}`));
    if (this.open.size >= CALLS_MAX) return Promise.reject(new CallError('busy', 'too many calls wait for their answers'));
    const ticket = ++this.ticket;
    return new Promise((resolve, reject) => {
      send(ticket, record);
      const timer = this.world.setTimeout(
        () => this.#end(ticket)?.reject(new CallError('timeout', `no answer to ${name}`)), timeout ?? TIMEOUT_MS);
      this.open.set(ticket, { resolve, reject, timer, answer: record.answer });
    });
  }

  /** A REPLY of `count` elements, its number read. @param {Schema} schema @param {Reader} r @param {number} count */
  reply(schema, r, count) {
    const call = this.#end(r.uint());
    const status = r.uint(255);
    const fields = call ? (schema.records[call.answer]?.fields ?? []) : [];
    if (!call) for (let i = 3; i < count; i++) r.skip(); // too late: its promise has failed
    else if (status) call.reject(new CallError('refused', `the game answered with status ${status}`, status));
    else call.resolve(count > 3 ? readValues(fields, r) : {});
  }

  #end(/** @type {number} */ ticket) {
    const call = this.open.get(ticket);
    if (call) this.world.clearTimeout(call.timer);
    this.open.delete(ticket);
    return call;
  }

  /** The connection went: whether these calls were heard, nobody knows. */
  lose() {
    for (const ticket of [...this.open.keys()]) this.#end(ticket)?.reject(new CallError('lost', 'connection lost'));
  }
}
