// One line at a time, by the first transport that works here: gives up on one that does not open or stays mute, goes on to
// the next, remembers per host which it was, climbs back when it can, and waits with full jitter when all have failed.
import { codeOf } from './codes.js';
import { attempt } from './store.js';

const OPEN_MS = 5000; // from dialling to an open line
const WAIT_MS_MAX = 2 ** 31 - 1; // of a timer: a longer one would be none
const MUTE_MS = 3000; // an open line says nothing for so long: something on the way swallows what is said
const LINE_MS = 30000; // who waits in line is told so every 10 s: after so long without a word the line is dead
const PATIENCE_MAX = 8; // both grow by up to so much with each round in which all failed: the line may just be slow
const ALONE_ROUNDS = 2; // what has worked here is tried alone at first: the server may be down
const RETRY_MS = 500;
const RETRY_MS_MAX = 15000;
const CLIMB_MS = 60000; // until a better transport is tried beside a worse one; doubles
const CLIMB_MS_MAX = 15 * 60000;
const MEMORY_MS = 24 * 3600000;
const LOST = 1006;

/** @typedef {import('./transports/transport.js').World} World */
/** @typedef {import('./transports/transport.js').Transport} Transport */
/** @typedef {import('./transports/transport.js').Line} Line */
/** @typedef {import('./transports/transport.js').Ears} Above the room: hears what lines say, but for what a link sees to by itself */

export class Link {
  #world;
  #ways;
  #above;
  #key;
  #way; // the one in use
  #proved = -1; // the way over which frames came last
  #back = -1; // the way that played until a better one was tried
  #tried = 0; // in this round
  #rounds = 0; // in which all failed
  #attempts = 0;
  /** @type {Line|null} a better way that is being tried beside it */ #candidate = null;
  #settles = false; // dialled, and no frame yet
  #climbs = 0;
  /** @type {any} */ #timer;
  /** @type {any} */ #climber;
  /** @type {import('./index.js').Meddle|null} */ meddle = null;
  /** @type {Line|null} */ line = null;

  /** @param {string} url @param {World} world @param {Transport[]} ways the best first @param {Above} above */
  constructor(url, world, ways, above) {
    this.url = url;
    this.#world = world;
    this.#ways = ways.filter((way) => way.fits(world));
    this.#above = above;
    this.#key = `tidewire.way.${new URL(url).host}`;
    this.#way = this.#remembered();
  }

  /** The transport in use. */
  get name() {
    return this.line ? this.#ways[this.#way].name : '';
  }

  /** Dials now, whatever was planned. */
  dial() {
    this.drop();
    this.#tried = 0;
    this.#dial();
  }

  #dial() {
    this.#settles = true;
    this.line = this.#begin(this.#way);
    if (this.line) this.#wait(OPEN_MS, 'no answer');
    else this.#wait(0, 'it cannot even begin');
  }

  /** Begins a line, which is heard for as long as it is ours; null if it cannot even begin. */
  #begin(/** @type {number} */ way) {
    /** @type {Line|null} */ let line = null;
    const heard = (/** @type {() => void} */ tell) => {
      if (line && (line === this.line || line === this.#candidate)) tell();
    };
    const take = (/** @type {Uint8Array} */ bytes) => heard(() => this.#message(bytes));
    const ears = {
      open: () => heard(() => this.#open(line, way)),
      message: (/** @type {Uint8Array} */ bytes) => heard(() => this.#pass('down', bytes, take)),
      down: (/** @type {number} */ code, /** @type {string} */ text) =>
        heard(() => (line === this.#candidate ? this.#stayed() : this.#down(code, text))),
      holds: () => this.#above.holds(),
      anew: () => heard(() => this.#above.anew()),
    };
    try {
      line = this.#ways[way].dial(this.url, this.#world, ears);
    } catch {
      // A URL or a policy that this way cannot live with.
    }
    return line;
  }

  #open(/** @type {Line|null} */ line, /** @type {number} */ way) {
    if (line !== this.line) this.#climbed(line, way);
    this.asked();
    this.#above.open();
  }

  #message(/** @type {Uint8Array} */ bytes) {
    this.asked();
    this.#above.message(bytes);
  }

  /** The next word is the server's, if the line is not settled. */
  asked() {
    if (this.#settles) this.#wait(MUTE_MS, 'mute');
  }

  /** Waits for the next sign of life of a line that is not settled. */
  #wait(/** @type {number} */ ms, /** @type {string} */ text) {
    this.#world.clearTimeout(this.#timer);
    this.#timer = this.#world.setTimeout(() => this.#down(LOST, text), ms * Math.min(PATIENCE_MAX, 2 ** this.#rounds));
  }

  /** The server has answered and lets us wait in line: nothing is mute, as long as it says so again. */
  queued() {
    this.#wait(LINE_MS, 'silent');
  }

  /** Frames come: this way works here. */
  settled() {
    if (!this.#settles) return;
    this.#settles = false;
    this.#world.clearTimeout(this.#timer);
    this.#rounds = this.#tried = 0;
    this.#back = -1;
    this.#proved = this.#way;
    this.#remember();
    this.#planClimb();
  }

  /** A stretch of time went well: the next drop counts as the first. */
  stable() {
    this.#attempts = 0;
  }

  // ---- What fails.

  #down(/** @type {number} */ code, /** @type {string} */ text) {
    const unsettled = this.#settles;
    this.drop();
    if (!unsettled || codeOf(code).name !== 'lost') return this.#above.down(code, text);
    const alone = this.#proved === this.#way && this.#rounds < ALONE_ROUNDS;
    if (!alone && ++this.#tried < this.#ways.length) {
      this.#way = this.#back >= 0 ? this.#back : (this.#way + 1) % this.#ways.length;
      this.#back = -1;
      return this.#dial();
    }
    this.#rounds++;
    this.#way = Math.max(0, this.#proved);
    this.#above.down(code, text);
  }

  /** Has it tried again after `wait` ms, or (0) after a random wait that doubles with each attempt. Returns the wait.
   * @param {number} wait @param {() => void} again */
  later(wait, again) {
    const most = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** Math.min(this.#attempts++, 16));
    const ms = Math.min(wait, WAIT_MS_MAX) || this.#world.random() * most;
    this.#world.clearTimeout(this.#timer);
    this.#timer = this.#world.setTimeout(again, ms);
    return ms;
  }

  // ---- Climbing back.

  #planClimb() {
    this.#world.clearTimeout(this.#climber);
    if (this.#way === 0) return void (this.#climbs = 0);
    const ms = Math.min(CLIMB_MS_MAX, CLIMB_MS * 2 ** this.#climbs);
    this.#climber = this.#world.setTimeout(() => this.#climb(), ms);
  }

  /** Tries a better way beside the one that plays; the better ones take turns. */
  #climb() {
    const way = this.#climbs++ % this.#way;
    this.#candidate = this.#begin(way);
    this.#climber = this.#world.setTimeout(() => this.#stayed(), OPEN_MS);
  }

  /** The better way did not open. */
  #stayed() {
    this.#candidate?.close();
    this.#candidate = null;
    this.#planClimb();
  }

  /** The better way opened: the session moves onto it; should it stay mute, the next way is the one that played. */
  #climbed(/** @type {Line|null} */ line, /** @type {number} */ way) {
    this.#world.clearTimeout(this.#climber);
    this.line?.close();
    this.line = line;
    this.#candidate = null;
    this.#tried = 0;
    this.#settles = true;
    this.#back = this.#way;
    this.#way = way;
  }

  // ---- Memory.

  #remembered() {
    const [name, until] = (attempt(() => this.#world.storage?.getItem(this.#key)) ?? '').split(' ');
    const found = this.#ways.findIndex((way) => way.name === name);
    return found > 0 && Number(until) > Date.now() ? found : 0;
  }

  #remember() {
    const { storage } = this.#world;
    const words = `${this.#ways[this.#way].name} ${Date.now() + MEMORY_MS}`;
    attempt(() => (this.#way ? storage?.setItem(this.#key, words) : storage?.removeItem(this.#key)));
  }

  // ---- The line.

  /** @param {Uint8Array|null} bytes */
  send(bytes) {
    const { line } = this;
    if (bytes && line) this.#pass('up', bytes, (whole) => { if (line === this.line) line.send(whole); });
  }

  /** Hands a message on, or to who meddles with them. @param {'up'|'down'} way @param {Uint8Array} bytes @param {(bytes: Uint8Array) => void} pass */
  #pass(way, bytes, pass) {
    if (this.meddle) this.meddle[way](bytes, pass);
    else pass(bytes);
  }

  /** Lets go of the line, telling nobody above. @param {number} [code] @param {string} [reason] */
  drop(code, reason) {
    this.#world.clearTimeout(this.#timer);
    this.#world.clearTimeout(this.#climber);
    this.#candidate?.close();
    this.line?.close(code, reason);
    this.line = this.#candidate = null;
    this.#settles = false;
  }
}
