// A room as its player sees it: says hello, feeds the core, acknowledges, sends inputs and calls, and comes back by
// itself. Everything that is drawn or decided above reads from here.
import { Calls } from './calls.js';
import { codeOf } from './codes.js';
import { Core, loadCore, NEWS, PLACE, STATE, TIMES } from './core.js';
import { CallError, ClosedError, CoreError, HashError, ProtocolError } from './errors.js';
import { Inputs } from './inputs.js';
import { Link } from './link.js';
import { coreUrl, playUrl, worldOf } from './place.js';
import { Pulse } from './pulse.js';
import { Table } from './rows.js';
import { readSchema, readValues } from './schema.js';
import { Shown } from './shown.js';
import { Signals } from './signals.js';
import { defaultStore, memoryStore } from './store.js';

const LANE_GAME = 2;
const STABLE_MS = 5000; // played for so long: the next drop counts as the first
const [LOST, LEFT, MALFORMED, BAD_TOKEN] = [1006, 4000, 4002, 4014];
const KINDS_MAX = 16;

/** @typedef {import('./index.js').ConnectOptions} ConnectOptions */
/** @typedef {'connecting'|'playing'|'waiting'|'over'} State */

export class Room {
  #wish;
  #loaded = ''; // the game whose core it is
  #news = { bytes: 0, events: 0, ...newsOf(new Uint32Array(3 * KINDS_MAX)) };
  #signals = new Signals();
  #calls;
  #inputs;
  #pulse;
  #link;
  #greets = false; // a line is open, and the core is not there yet
  #counted = { hashes: 0, wrong: 0, corrections: 0 }; // of what the core counts since it last began anew
  #first = true; // no frame since WELCOME
  #forgiven = false; // a device token that the server refuses is forgotten once
  #playingAt = 0;
  /** @type {{resolve(room: Room): void, reject(error: Error): void}} */ #settle = { resolve() {}, reject() {} };
  /** @type {State} */ state = 'connecting';
  /** @type {Error|null} */ error = null;
  /** @type {Core|null} */ core = null;
  /** @type {import('./schema.js').Schema|null} */ schema = null;
  /** @type {Table[]} */ tables = [];
  name = '';
  room = '';
  /** @type {{[name: string]: any}} */ rules = {};
  stats = { frames: 0, bytes: 0, bytesUp: 0, messagesUp: 0, hashes: 0, mismatches: 0, reconnects: 0, corrections: 0 };
  retryAt = 0; // when waiting: the time of the next attempt, on performance.now()

  /** @param {ConnectOptions & {transports: import('./transports/transport.js').Transport[]}} options */
  constructor(options) {
    this.world = worldOf(options);
    this.options = options;
    this.#wish = { game: options.game, room: options.room ?? '', name: options.name ?? '' };
    this.store = options.store ?? (options.device === undefined ? defaultStore() : memoryStore(options.device));
    this.session = options.session ?? '';
    this.#calls = new Calls(this.world);
    this.#inputs = new Inputs(this.world, (core) => this.#send(core.said(core.c.input(this.world.now()))));
    this.#pulse = new Pulse(this.world, () => this.#ping(), () => this.#lose('silent'));
    this.ready = new Promise((resolve, reject) => { this.#settle = { resolve, reject }; });
    this.ready.catch(() => {}); // who does not look at it is not to be troubled by it
    this.#link = new Link(playUrl(options.url), this.world, options.transports, {
      open: () => this.#open(),
      message: (bytes) => this.#message(bytes),
      down: (code, text) => this.#down(code, text),
      holds: () => ({ tick: this.tick, event: this.core?.state[STATE.event] ?? 0 }),
      anew: () => this.core?.c.fresh(),
    });
    this.#load();
    this.#link.dial();
  }

  // ---- For the game's page.

  /** Listens to 'state', 'welcome', 'frame', 'event', 'queued', 'transport' or 'error'. @param {string} name @param {(...what: any[]) => void} listener */
  on(name, listener) {
    return this.#signals.on(name, listener);
  }

  /** Listens to one of the game's events. @param {string} name @param {(values: any, event: any) => void} listener */
  onEvent(name, listener) {
    return this.#signals.on(`event ${name}`, listener);
  }

  /** A word of the core's, 0 without one. */
  #word(/** @type {number} */ which) {
    return this.core?.state[which] ?? 0;
  }

  /** The tick that the rows are at. */
  get tick() {
    return this.#word(STATE.tick);
  }

  get player() {
    return this.core ? this.#word(STATE.player) : -1;
  }

  get instance() {
    return this.#word(STATE.instance);
  }

  /** Ticks a second. */
  get rate() {
    return this.#word(STATE.rate) || 20;
  }

  /** How rows are predicted: 0 not, 1 linear, 2 by the game's own code. */
  get lane() {
    return this.#word(STATE.lane);
  }

  /** The place in the line of those who wait for a seat, 0: not in line. */
  get place() {
    return this.#word(STATE.place);
  }

  /** The transport in use, '' while there is none. */
  get transport() {
    return this.#link.name;
  }

  /** Milliseconds there and back, smoothed. */
  get rtt() {
    return this.core?.times[TIMES.rtt] ?? 0;
  }

  /** The server's steady clock, in milliseconds. */
  serverTime() {
    return this.world.now() + (this.core?.times[TIMES.offset] ?? 0);
  }

  /** The tick, with its fraction, whose frame should be arriving now. */
  tickNow() {
    const { times } = this.core ?? {};
    return times ? times[TIMES.tick] + ((this.world.now() - times[TIMES.at]) * this.rate) / 1000 : 0;
  }

  /** By how many milliseconds frames come later than the fastest, on average. */
  get jitter() {
    return this.core?.times[TIMES.jitter] ?? 0;
  }

  /** What arrived in the newest frame, by kind. */
  get lastFrame() {
    this.core?.c.count_rows();
    return this.#news;
  }

  /** The player's own row as it will be when all inputs are used; null while there is none to be predicted. */
  get me() {
    const own = this.#word(STATE.own) - 1;
    if (!this.core || own < 0 || !this.#word(STATE.predicting)) return null;
    const table = this.tables.findLast(({ kind }) => kind.first <= own);
    return table ? table.own(own - table.kind.first) : null;
  }

  /** The held rows of a kind; the views are kept and used again. @param {string} kind */
  *rows(kind) {
    const table = this.table(kind);
    if (table) for (let slot = table.next(0); slot >= 0; slot = table.next(slot + 1)) yield table.view(slot);
  }

  /** One row, or null if it is not held. @param {string} kind @param {number} slot */
  row(kind, slot) {
    const table = this.table(kind);
    return table?.has(slot) ? table.view(slot) : null;
  }

  /** All of a kind's rows as they lie. @param {string} kind */
  table(kind) {
    return this.tables.find((table) => table.kind.name === kind);
  }

  /** Moves what is to be drawn on to this moment: once a picture, before `shown`. */
  look() {
    if (this.core && this.schema) this.core.c.show(this.world.now());
  }

  /** A kind's rows as they are to be drawn since the last look(), null before WELCOME. @param {string} kind */
  shown(kind) {
    const table = this.table(kind);
    return table ? (table.shown ??= new Shown(table)) : null;
  }

  /** The number of the newest input that was made. */
  get sequence() {
    return this.#word(STATE.sequence);
  }

  /** What the player wants from now on; fields left out are 0. @param {{[name: string]: any}} values */
  input(values) {
    if (this.core && this.schema && this.state !== 'over') this.#inputs.want(this.core, this.schema.input, values);
  }

  /** Asks the game. @param {string} name @param {{[name: string]: any}} [values] @param {{timeout?: number}} [options] */
  call(name, values = {}, options = {}) {
    const { core, schema } = this;
    if (this.state !== 'playing' || !core || !schema) return Promise.reject(new CallError('lost', 'not connected'));
    return this.#calls.ask(core, schema, name, values, options.timeout, (bytes) => this.#send(bytes));
  }

  /** Says goodbye; the seat is given up. */
  leave() {
    if (this.state === 'over') return;
    this.#goodbye();
    this.#over(new ClosedError(LEFT));
  }

  /** Leaves, and enters anew: under another name or into another room. @param {{game?: string, room?: string, name?: string}} [wish] */
  rejoin(wish = {}) {
    Object.assign(this.#wish, wish);
    this.#goodbye();
    this.session = '';
    this.error = null;
    this.#away();
    this.#dial();
  }

  /** Lets go of the connection as a bad network would, and comes back by itself. */
  drop() {
    if (this.state !== 'playing' && this.state !== 'connecting') return;
    this.#lose('dropped');
  }

  /** Who stands in the way of every message, or null. */
  get meddle() {
    return this.#link.meddle;
  }

  set meddle(/** @type {import('./index.js').Meddle|null} */ meddle) {
    this.#link.meddle = meddle;
  }

  /** Tries again at once if an attempt is planned: the network is back, the page is looked at again. */
  wake() {
    if (this.state === 'waiting') this.#dial();
  }

  #dial() {
    this.#load();
    this.#link.dial();
    this.#set('connecting'); // the last: a listener may leave
  }

  // ---- The core.

  /** Sees to it that the core of the wished game is there, or comes. */
  #load() {
    const { game } = this.#wish;
    if (this.#loaded === game) return;
    this.#loaded = game;
    this.core = null;
    const source = this.options.core ?? coreUrl(this.#link.url, game);
    if (source instanceof WebAssembly.Module) return this.#arm(new Core(source));
    loadCore(source).then((module) => new Core(module)).then(
      (core) => { if (this.#loaded === game) this.#arm(core); },
      (error) => { if (this.#loaded === game) this.#unarmed(error); });
  }

  #arm(/** @type {Core} */ core) {
    this.core = core;
    if (this.#greets) {
      this.#link.asked();
      this.#open();
    }
  }

  /** No core: for good if the server has none, else with the next attempt. */
  #unarmed(/** @type {Error} */ error) {
    this.#loaded = '';
    if (error instanceof CoreError) {
      this.#link.drop();
      return this.#over(error);
    }
    if (this.#greets) this.#lose(error.message);
  }

  /** Has the core write a message, and sends it. */
  #say(/** @type {(core: Core) => number} */ write) {
    if (this.core) this.#send(this.core.said(write(this.core)));
  }

  #send(/** @type {Uint8Array|null} */ bytes) {
    if (!bytes) return;
    this.stats.bytesUp += bytes.length;
    this.stats.messagesUp++;
    this.#link.send(bytes);
  }

  // ---- The conversation.

  #open() {
    const { core } = this;
    const { game, room, name } = this.#wish;
    this.#greets = !core;
    if (!core) return this.#link.queued(), this.#load(); // the line waits for us, not we for it
    this.#inputs.close();
    const words = [game, room, name, this.store.get(), this.session];
    this.#send(core.hello(words, this.options.lane ?? LANE_GAME, this.options.budget ?? 0));
  }

  #ping() {
    if (this.world.now() - this.#playingAt > STABLE_MS) this.#link.stable();
    this.#say((core) => core.c.ping(this.world.now()));
  }

  #message(/** @type {Uint8Array} */ bytes) {
    const { core } = this;
    if (!core) return;
    const now = this.world.now();
    this.#pulse.heardAt = now;
    this.stats.bytes += bytes.length;
    switch (core.take(bytes, now)) {
      case NEWS.frame: return this.#frame(core, bytes.length);
      case NEWS.welcomed: return this.#welcome(core, false);
      case NEWS.resumed: return this.#welcome(core, true);
      case NEWS.queued: return this.#queued();
      case NEWS.goodbye: return this.#bye(core);
      case NEWS.broken: return this.#broken(new ProtocolError('what came makes no sense'));
    }
  }

  /** @param {Core} core @param {boolean} kept the client goes on with what it holds */
  #welcome(core, kept) {
    const device = core.told(PLACE.device);
    if (device) this.store.set(device);
    this.session = core.told(PLACE.session);
    this.name = core.told(PLACE.name);
    this.room = core.told(PLACE.room);
    if (!kept) this.#learn(core);
    this.#counted = { hashes: core.state[STATE.hashes], wrong: core.state[STATE.hashesWrong], corrections: core.state[STATE.corrections] };
    this.#first = true;
    if (kept) this.#sayAgain(core); // before a listener says something newer
    this.#signals.emit('welcome', this);
  }

  /** The inputs that the server has not used, as far as it has told. */
  #sayAgain(/** @type {Core} */ core) {
    for (let before = 0, size; (size = core.c.resend(before)) > 0; before = core.state[STATE.resent]) this.#send(core.said(size));
  }

  /** Looks up what this room's game is like. */
  #learn(/** @type {Core} */ core) {
    const schema = readSchema(core);
    this.schema = schema;
    this.rules = readValues(core, schema.rules, core.places[PLACE.rules]);
    this.tables = schema.kinds.map((kind) => new Table(core, kind));
    for (const [kind, field] of Object.entries(this.options.mine ?? {})) this.#mine(core, kind, field);
    Object.assign(this.#news, newsOf(core.state.subarray(STATE.entered, STATE.entered + 3 * KINDS_MAX)));
  }

  /** Rows of this kind whose field is our number are drawn at our own time. */
  #mine(/** @type {Core} */ core, /** @type {string} */ kind, /** @type {string} */ name) {
    const table = this.table(kind);
    const field = table?.field(name);
    if (!table || !field) throw new RangeError(`options.mine: there is no ${kind}.${name}`);
    core.c.mine(table.kind.index, field.index);
  }

  #frame(/** @type {Core} */ core, /** @type {number} */ size) {
    const { schema, tick } = this;
    const { line } = this.#link;
    if (!schema || !line) return;
    this.#count(core, size);
    if (core.state[STATE.hashesWrong] !== this.#counted.wrong) return this.#broken(new HashError(tick));
    for (let i = 0; i < this.tables.length; i++) this.tables[i].note(tick);
    this.#events(core, schema);
    const well = this.#calls.replies(core, schema);
    if (!well) return this.#broken(new ProtocolError('a malformed answer'));
    if (this.#link.line !== line) return; // a listener has left, or entered anew
    if (this.#first) this.#playing(core);
    if (!line.acks) this.#say(({ c }) => c.ack(this.world.now()));
    this.#signals.emit('frame', this);
  }

  #count(/** @type {Core} */ core, /** @type {number} */ size) {
    const { stats } = this;
    const news = this.#news;
    const counted = this.#counted;
    stats.frames++;
    stats.hashes += core.state[STATE.hashes] - counted.hashes;
    stats.corrections += core.state[STATE.corrections] - counted.corrections;
    counted.hashes = core.state[STATE.hashes];
    counted.corrections = core.state[STATE.corrections];
    news.bytes = size;
    news.events = 0;
  }

  #events(/** @type {Core} */ core, /** @type {import('./schema.js').Schema} */ schema) {
    for (let at; (at = core.c.event()); ) {
      this.#news.events++;
      const [number, index, tick] = new Uint32Array(core.words.buffer, at, 3);
      const { name, fields } = schema.records[index];
      const event = { name, tick, number, values: readValues(core, fields, at + 12) };
      this.#signals.emit(`event ${name}`, event.values, event);
      this.#signals.emit('event', event);
    }
  }

  #playing(/** @type {Core} */ core) {
    this.#first = false;
    this.error = null;
    this.#playingAt = this.world.now();
    this.#link.settled();
    this.#inputs.begin(this.rate, core);
    this.#set('playing');
    this.#settle.resolve(this);
    this.#pulse.begin();
    this.#signals.emit('transport', this.transport);
  }

  #queued() {
    this.#link.queued();
    this.#say(({ c }) => c.ping(this.world.now())); // over HTTP, who says nothing is taken for gone
    this.#signals.emit('queued', this.place);
  }

  // ---- How it ends, and begins again.

  #bye(/** @type {Core} */ core) {
    const { state } = core;
    this.#link.drop(1000);
    this.#down(state[STATE.byeCode], core.told(PLACE.byeText), state[STATE.byeWait]);
  }

  #goodbye() {
    this.#say(({ c }) => c.bye());
    this.#link.drop(1000, 'left');
  }

  /** What came cannot be right: say so, and ask for everything anew. */
  #broken(/** @type {Error} */ error) {
    if (error instanceof HashError) this.stats.mismatches++;
    this.core?.c.forget();
    this.#signals.emit('error', error);
    this.#lose(error.message, MALFORMED, 'malformed');
  }

  /** The line is of no use. @param {string} text @param {number} [code] @param {string} [reason] what the server is told */
  #lose(text, code, reason) {
    this.#link.drop(code, reason);
    this.#down(LOST, text);
  }

  #down(/** @type {number} */ code, /** @type {string} */ text, wait = 0) {
    if (this.state === 'over') return;
    const error = new ClosedError(code, text);
    this.#away();
    if (!codeOf(code).retry && !wait && !this.#forgive(code)) return this.#over(error);
    this.error = error;
    this.stats.reconnects++;
    this.retryAt = this.world.now() + this.#link.later(wait, () => this.#dial());
    this.#set('waiting');
  }

  /** A device token of another server or an emptied one must not lock a player out for good. */
  #forgive(/** @type {number} */ code) {
    if (code !== BAD_TOKEN || this.#forgiven || (!this.store.get() && !this.session)) return false;
    this.#forgiven = true;
    this.session = '';
    this.store.set('');
    return true;
  }

  #away() {
    if (this.core) this.core.state[STATE.place] = 0;
    this.#greets = false;
    this.#inputs.close();
    this.#calls.lose();
    this.#pulse.end();
  }

  #over(/** @type {Error} */ error) {
    this.error = error;
    this.#away();
    this.#set('over');
    this.#settle.reject(error);
  }

  #set(/** @type {State} */ state) {
    if (this.state === state) return;
    this.state = state;
    this.#signals.emit('state', state, this);
  }
}

/** What came in the last frame, by kind, where the core counts it. @param {Uint32Array} words three times KINDS_MAX */
function newsOf(words) {
  const part = (/** @type {number} */ which) => words.subarray(which * KINDS_MAX, (which + 1) * KINDS_MAX);
  return { entered: part(0), changed: part(1), left: part(2) };
}
