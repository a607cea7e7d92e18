// A room as its player sees it: says hello, keeps the replica fed, acknowledges, sends inputs and calls, and
// comes back by itself. Everything that is drawn or decided above reads from here.
import { Calls } from './calls.js';
import { TickClock } from './clock.js';
import { codeOf } from './codes.js';
import { CallError, ClosedError, HashError, ProtocolError } from './errors.js';
import { Inputs } from './inputs.js';
import { Link } from './link.js';
import { Reader, Writer } from './msgpack.js';
import { playUrl, worldOf } from './place.js';
import { Pulse } from './pulse.js';
import { Replica } from './replica.js';
import { readSchema, readValues } from './schema.js';
import { Signals } from './signals.js';
import { defaultStore, memoryStore } from './store.js';

const UP = { hello: 0, input: 1, ack: 2, ping: 3, call: 4, bye: 5 };
const DOWN = { welcome: 16, frame: 17, pong: 18, reply: 19, bye: 20 };
const LANE_LINEAR = 1;
const WELCOME_PARTS = 14;
const STABLE_MS = 5000; // played for so long: the next drop counts as the first
const TIME_MAX = Number.MAX_SAFE_INTEGER;
const [LEFT, MALFORMED, BAD_TOKEN] = [4000, 4002, 4014];

/** @typedef {import('./index.js').ConnectOptions} ConnectOptions */
/** @typedef {'connecting'|'playing'|'waiting'|'over'} State */

export class Room {
  /** @param {ConnectOptions} options */
  constructor(options) {
    this.world = worldOf(options);
    this.wish = { game: options.game, room: options.room ?? '', name: options.name ?? '' };
    this.store = options.store ?? (options.device === undefined ? defaultStore() : memoryStore(options.device));
    this.session = options.session ?? '';
    /** @type {State} */ this.state = 'connecting';
    /** @type {Error|null} */ this.error = null;
    /** @type {Replica|null} */ this.replica = null;
    this.player = -1;
    this.instance = 0;
    this.rate = 20;
    this.lane = 0;
    this.name = '';
    this.room = '';
    /** @type {{[name: string]: any}} */ this.rules = {};
    this.stats = { frames: 0, bytes: 0, hashes: 0, mismatches: 0, reconnects: 0 };
    this.retryAt = 0; // when waiting: the time of the next attempt, on performance.now()
    this.ticks = new TickClock();
    this.signals = new Signals();
    this.calls = new Calls(this.world);
    this.inputs = new Inputs(this.world, (sequence, values) => this.#sendInput(sequence, values));
    this.writer = new Writer();
    this.pulse = new Pulse(this.world, (stamp) => this.#sendPing(stamp), () => this.#silent());
    this.link = new Link(playUrl(options.url), this.world, {
      open: () => this.#sendHello(),
      message: (bytes) => this.#message(bytes),
      down: (code, text) => this.#down(code, text),
    });
    this.first = true; // no frame since WELCOME
    /** @type {{code: number, text: string, wait: number}|null} what BYE said */ this.farewell = null;
    this.forgiven = false; // a device token that the server refuses is forgotten once
    this.playingAt = 0;
    /** @type {{resolve(room: Room): void, reject(error: Error): void}} */ this.settle = { resolve() {}, reject() {} };
    this.ready = new Promise((resolve, reject) => { this.settle = { resolve, reject }; });
    this.ready.catch(() => {}); // who does not look at it is not to be troubled by it
    this.link.dial();
  }

  // ---- For the game's page.

  /** Listens to 'state', 'welcome', 'frame', 'event' or 'error'. @param {string} name @param {(...what: any[]) => void} listener */
  on(name, listener) {
    return this.signals.on(name, listener);
  }

  /** Listens to one of the game's events. @param {string} name @param {(values: any, event: any) => void} listener */
  onEvent(name, listener) {
    return this.signals.on(`event ${name}`, listener);
  }

  /** The tick that the rows are at. */
  get tick() {
    return this.replica?.tick ?? 0;
  }

  get schema() {
    return this.replica?.schema ?? null;
  }

  /** Milliseconds there and back, smoothed. */
  get rtt() {
    return this.pulse.clock.rtt;
  }

  /** The server's steady clock, in milliseconds. */
  serverTime() {
    return this.pulse.clock.time(this.world.now());
  }

  /** The tick, with its fraction, whose frame should be arriving now. */
  tickNow() {
    return this.ticks.tick(this.world.now());
  }

  /** The held rows of a kind; the views are kept and used again. @param {string} kind */
  *rows(kind) {
    const table = this.table(kind);
    if (!table) return;
    for (let slot = 0; slot < table.kind.slots; slot++) if (table.held[slot]) yield table.view(slot);
  }

  /** One row, or null if it is not held. @param {string} kind @param {number} slot */
  row(kind, slot) {
    const table = this.table(kind);
    return table?.held[slot] ? table.view(slot) : null;
  }

  /** All of a kind's rows as they lie. @param {string} kind */
  table(kind) {
    return this.replica?.tables.find((table) => table.kind.name === kind);
  }

  /** What the player wants from now on; fields left out are 0. @param {{[name: string]: any}} values */
  input(values) {
    if (this.schema && this.state !== 'over') this.inputs.want(this.schema.input, values);
  }

  /** Asks the game. @param {string} name @param {{[name: string]: any}} [values] @param {{timeout?: number}} [options] */
  call(name, values = {}, options = {}) {
    if (this.state !== 'playing' || !this.schema) return Promise.reject(new CallError('lost', 'not connected'));
    return this.calls.ask(this.schema, name, options.timeout, (ticket, record) => {
      const w = this.writer.begin(3 + record.fields.length).int(UP.call).int(ticket).int(record.index);
      for (const field of record.fields) field.write(w, values[field.name]);
      this.link.send(w.end());
    });
  }

  /** Says goodbye; the seat is given up. */
  leave() {
    if (this.state === 'over') return;
    this.link.send(this.writer.begin(1).int(UP.bye).end());
    this.link.drop(1000, 'left');
    this.#over(new ClosedError(LEFT));
  }

  /** Leaves, and enters anew: under another name or into another room. @param {{game?: string, room?: string, name?: string}} [wish] */
  rejoin(wish = {}) {
    Object.assign(this.wish, wish);
    this.link.send(this.writer.begin(1).int(UP.bye).end());
    this.link.drop(1000, 'left');
    this.session = '';
    this.error = null;
    this.#away();
    this.#set('connecting');
    this.link.dial();
  }

  /** Lets go of the connection as a bad network would, and comes back by itself. */
  drop() {
    if (this.state !== 'playing' && this.state !== 'connecting') return;
    this.link.drop();
    this.#down(1006, 'dropped');
  }

  /** Who stands in the way of every message, or null. */
  get meddle() {
    return this.link.meddle;
  }

  set meddle(/** @type {import('./index.js').Meddle|null} */ meddle) {
    this.link.meddle = meddle;
  }

  /** Tries again at once if an attempt is planned: the network is back, the page is looked at again. */
  wake() {
    if (this.state !== 'waiting') return;
    this.#set('connecting');
    this.link.dial();
  }

  // ---- The conversation.

  #sendHello() {
    const w = this.writer.begin(7).int(UP.hello).text(this.wish.game).text(this.wish.room).text(this.wish.name);
    this.link.send(w.text(this.store.get()).text(this.session).int(LANE_LINEAR).end());
  }

  #message(/** @type {Uint8Array} */ bytes) {
    this.pulse.heardAt = this.world.now();
    this.stats.bytes += bytes.length;
    try {
      const r = new Reader(bytes);
      const count = r.array();
      const number = r.uint();
      if (number === DOWN.frame) this.#frame(r, count);
      else if (number === DOWN.welcome) this.#welcome(r, count);
      else if (number === DOWN.bye) this.#bye(r);
      else throw new ProtocolError(`unknown message ${number}`);
    } catch (error) {
      this.#broken(/** @type {Error} */ (error));
    }
  }

  #welcome(/** @type {Reader} */ r, /** @type {number} */ count) {
    if (count !== WELCOME_PARTS) throw new ProtocolError('WELCOME has 13 parts');
    const session = r.text(32);
    const device = r.text(32);
    this.instance = r.uint();
    this.player = r.uint();
    const tick = r.uint();
    this.rate = Math.max(1, r.uint(1000));
    this.lane = r.uint();
    const now = r.uint(TIME_MAX) / 1000;
    const used = r.uint();
    this.name = r.text();
    this.room = r.text();
    const schema = readSchema(r);
    if (r.array() !== schema.rules.length) throw new ProtocolError('rules do not fit their fields');
    this.rules = readValues(schema.rules, r);
    r.done();
    if (device) this.store.set(device);
    this.inputs.begin(used, session === this.session, this.rate);
    this.session = session;
    this.replica = new Replica(schema, tick, used);
    this.pulse.clock.guess(this.world.now(), now);
    this.ticks.reset(this.world.now(), tick, this.rate);
    this.first = true;
    this.link.settled();
    this.signals.emit('welcome', this);
  }

  #frame(/** @type {Reader} */ r, /** @type {number} */ count) {
    const { replica } = this;
    if (!replica) throw new ProtocolError('a frame before WELCOME');
    this.stats.frames++;
    const { answers, stated } = replica.apply(r, count, (event) => this.#event(event));
    this.#verify(stated);
    this.ticks.note(this.world.now(), replica.tick);
    if (this.first) this.#playing();
    if (this.state !== 'playing') return; // a listener has left
    if (!this.inputs.heard()) this.link.send(this.writer.begin(2).int(UP.ack).int(replica.tick).end());
    if (answers) this.#answers(r, answers);
    this.signals.emit('frame', this);
  }

  #event(/** @type {import('./replica.js').GameEvent} */ event) {
    this.signals.emit(`event ${event.name}`, event.values, event);
    this.signals.emit('event', event);
  }

  #verify(/** @type {bigint} */ stated) {
    if (!stated || !this.replica) return;
    this.stats.hashes++;
    const ours = this.replica.hash();
    if (ours === stated) return;
    this.stats.mismatches++;
    throw new HashError(this.replica.tick, stated, ours);
  }

  #playing() {
    this.first = false;
    this.playingAt = this.world.now();
    this.#set('playing');
    this.settle.resolve(this);
    this.pulse.begin();
  }

  #answers(/** @type {Reader} */ r, /** @type {number} */ at) {
    r.at = at;
    for (let left = r.array(); left > 0; left--) {
      const count = r.array();
      const number = r.uint();
      if (number === DOWN.pong && count === 4) this.pulse.pong(r);
      else if (number === DOWN.reply && count >= 3 && this.schema) this.calls.reply(this.schema, r, count);
      else throw new ProtocolError('unknown answer');
    }
  }

  #sendPing(/** @type {number} */ stamp) {
    if (this.world.now() - this.playingAt > STABLE_MS) this.link.attempts = 0;
    this.link.send(this.writer.begin(2).int(UP.ping).int(stamp).end());
  }

  #sendInput(/** @type {number} */ sequence, /** @type {Uint8Array} */ values) {
    const { replica } = this;
    if (!replica) return;
    const w = this.writer.begin(3 + replica.schema.input.length).int(UP.input).int(sequence).int(replica.tick);
    this.link.send(w.append(values).end());
  }

  // ---- How it ends, and begins again.

  #bye(/** @type {Reader} */ r) {
    this.farewell = { code: r.uint(), text: r.text(), wait: r.uint() };
    this.link.drop(1000);
    this.#down(this.farewell.code, this.farewell.text);
  }

  /** What came cannot be right: say so, and ask for everything anew. */
  #broken(/** @type {Error} */ error) {
    this.signals.emit('error', error);
    this.link.drop(MALFORMED, 'malformed');
    this.#down(1006, error.message);
  }

  #silent() {
    this.link.drop();
    this.#down(1006, 'silent');
  }

  #down(/** @type {number} */ code, /** @type {string} */ text) {
    if (this.state === 'over') return;
    const wait = this.farewell?.wait ?? 0;
    const error = new ClosedError(code, text);
    this.#away();
    if (!codeOf(code).retry && !wait && !this.#forgive(code)) return this.#over(error);
    this.error = error;
    this.stats.reconnects++;
    this.retryAt = this.world.now() + this.link.later(wait);
    this.#set('waiting');
  }

  /** A device token of another server or an emptied one must not lock a player out for good. */
  #forgive(/** @type {number} */ code) {
    if (code !== BAD_TOKEN || this.forgiven || (!this.store.get() && !this.session)) return false;
    this.forgiven = true;
    this.session = '';
    this.store.set('');
    return true;
  }

  #away() {
    this.farewell = null;
    this.inputs.close();
    this.calls.lose();
    this.pulse.end();
  }

  #over(/** @type {Error} */ error) {
    this.error = error;
    this.#away();
    this.#set('over');
    this.settle.reject(error);
  }

  #set(/** @type {State} */ state) {
    if (this.state === state) return;
    this.state = state;
    this.signals.emit('state', state, this);
  }
}

/** Enters a room, and keeps coming back to it. @param {ConnectOptions} options */
export function connect(options) {
  return new Room(options);
}
