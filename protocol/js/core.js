// The C of protocol/ with one game's tables, as WebAssembly: one instance for one client. Messages are put into its
// memory, rows are read where they lie. The memory never grows, so views of it stay good.
import { CoreError } from './errors.js';

export const NEWS = { nothing: 0, welcomed: 1, resumed: 2, frame: 3, goodbye: 4, broken: 5, queued: 6 };

/** Where the core's words stand in `state`, and its times (ms) in `times`. */
export const STATE = {
  tick: 0, used: 1, usedTick: 2, sequence: 3, player: 4, rate: 5, lane: 6, instance: 7, kept: 8, place: 9, byeCode: 10, byeWait: 11,
  event: 12, hashes: 13, hashesWrong: 14, own: 15, predicting: 16, frames: 17, inputs: 18, mispredicted: 19, corrections: 20,
  repeated: 21, unused: 22, rows: 23, version: 24, playersMax: 25, resent: 26, entered: 27, changed: 43, left: 59, anyEntered: 75,
};
export const TIMES = { offset: 0, rtt: 1, jitter: 2, tick: 3, part: 4, correction: 5, lead: 6, pongs: 7, at: 8 };
/** Which of `places` is where what lies, as byte offsets; the words of a HELLO, each with its size, come last. */
export const PLACE = {
  state: 0, times: 1, in: 2, inSize: 3, out: 4, input: 5, call: 6, own: 7, rules: 8, inputShape: 9, rulesShape: 10,
  game: 11, session: 12, device: 13, name: 14, room: 15, byeText: 16, words: 17,
};
const [STATE_WORDS, TIMES_COUNT, PLACES] = [76, 9, 27];

const toUtf8 = new TextEncoder();
const utf8 = new TextDecoder();

/** A game's module from wherever it is: a Module, its bytes, a URL, or in Node a path.
 * @param {WebAssembly.Module|BufferSource|URL|string} source @returns {Promise<WebAssembly.Module>} */
export async function loadCore(source) {
  if (source instanceof WebAssembly.Module) return source;
  const bytes = source instanceof URL || typeof source === 'string' ? await bytesAt(source) : source;
  return WebAssembly.compile(bytes).catch(notOurs);
}

/** @param {Error} error @returns {never} */
function notOurs({ message }) {
  throw new CoreError(`not a game's core: ${message}`);
}

/** @param {URL|string} place */
async function bytesAt(place) {
  if (!/^(https?|blob|data):/.test(String(place)) && !globalThis.location) {
    const files = 'node:fs/promises'; // a name that bundlers for browsers do not follow
    return (await import(/* @vite-ignore */ files)).readFile(place);
  }
  const answer = await fetch(place);
  if (!answer.ok) throw new (answer.status < 500 ? CoreError : Error)(`${place}: HTTP ${answer.status}`); // Error: not just now
  return answer.arrayBuffer();
}

/** What protocol/wasm/core.c exports, holding nothing. @param {WebAssembly.Module} module @returns {any} */
function begun(module) {
  try {
    /** @type {any} */ const { exports } = new WebAssembly.Instance(module);
    exports.forget();
    return exports;
  } catch (error) {
    return notOurs(/** @type {Error} */ (error));
  }
}

export class Core {
  /** @param {WebAssembly.Module} module */
  constructor(module) {
    this.c = begun(module);
    const { buffer } = this.c.memory;
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.places = this.wordsAt(this.c.places(), PLACES);
    this.state = new Uint32Array(buffer, this.places[PLACE.state], STATE_WORDS);
    this.times = new Float64Array(buffer, this.places[PLACE.times], TIMES_COUNT);
  }

  /** `count` 32-bit words from byte `at` on. @param {number} at @param {number} count */
  wordsAt(at, count) {
    return this.words.subarray(at / 4, at / 4 + count);
  }

  /** Takes a message: gives one of NEWS. @param {Uint8Array} message @param {number} now ms */
  take(message, now) {
    if (message.length > this.places[PLACE.inSize]) return NEWS.broken;
    this.bytes.set(message, this.places[PLACE.in]);
    return this.c.take(message.length, now);
  }

  /** A message that the core has just written, null if it had nothing to say. @param {number} size */
  said(size) {
    const out = this.places[PLACE.out];
    return size ? this.bytes.slice(out, out + size) : null;
  }

  /** HELLO with its words: game, room, name, device, session. @param {string[]} words @param {number} lane @param {number} budget */
  hello(words, lane, budget) {
    words.forEach((word, which) => this.put(word, this.places[PLACE.words + 2 * which], this.places[PLACE.words + 2 * which + 1]));
    return this.said(this.c.hello(lane, budget));
  }

  /** Writes a text with its end into `size` bytes; what does not fit is left out. @param {string} text @param {number} at @param {number} size */
  put(text, at, size) {
    const { written } = toUtf8.encodeInto(text, this.bytes.subarray(at, at + size - 1));
    this.bytes.fill(0, at + written, at + size);
  }

  /** The text that begins at byte `at`. @param {number} at */
  text(at) {
    return utf8.decode(this.bytes.subarray(at, this.bytes.indexOf(0, at)));
  }

  /** The text that lies at one of PLACE. @param {number} place */
  told(place) {
    return this.text(this.places[place]);
  }

  /** The hash of what is held. */
  hash() {
    return BigInt.asUintN(64, this.c.hash());
  }
}
