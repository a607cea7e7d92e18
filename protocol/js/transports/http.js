// A conversation over HTTP: HELLO by POST, which names the link; what the client says by numbered posts; what the server
// says by a downlink, which is the transport's own (stream, sse, poll, pull).
import { Pieces } from './pieces.js';
import { Posts } from './posts.js';

const CREATED = 201;
const FAILURES_MAX = 4; // in a row, of the downlink: then the line is down
const PAUSE_MS = 200; // after the first failure; doubles
const [BYE, LOST] = [20, 1006];

/** @typedef {import('./transport.js').World} World */
/** @typedef {import('./transport.js').Ears} Ears */

/** A transport of this family. @param {string} name @param {(line: HttpLine) => void|Promise<void>} listen what begins
 * once the link stands @param {{acks?: boolean, fits?: (world: World) => boolean}} [more]
 * @returns {import('./transport.js').Transport} */
export function overHttp(name, listen, { acks = false, fits = () => true } = {}) {
  return {
    name,
    fits: (world) => Boolean(world.fetch) && fits(world),
    dial: (url, world, ears) => new HttpLine(url.replace(/^ws/, 'http'), world, ears, listen, acks),
  };
}

export class HttpLine {
  /** @param {string} url @param {World} world @param {Ears} ears @param {(line: HttpLine) => void|Promise<void>} listen @param {boolean} acks */
  constructor(url, world, ears, listen, acks) {
    this.url = url;
    this.world = world;
    this.ears = ears;
    this.listen = listen;
    this.acks = acks;
    this.link = ''; // the URL of this conversation, once it has one
    this.over = false;
    this.greeted = false;
    this.failures = 0;
    this.stop = new AbortController();
    /** @type {EventSource|null} */ this.source = null;
    this.posts = new Posts(this);
    queueMicrotask(() => this.over || ears.open());
  }

  /** @param {Uint8Array} bytes */
  send(bytes) {
    if (this.greeted) return this.posts.put(bytes);
    this.greeted = true;
    this.#greet(bytes);
  }

  async #greet(/** @type {Uint8Array} */ hello) {
    const answer = await this.ask(this.url, { method: 'POST', body: /** @type {BodyInit} */ (hello) });
    if (!answer) return this.lost('no answer');
    const body = await bodyOf(answer);
    if (this.over) return;
    if (answer.status !== CREATED) return this.refused(answer.status, body);
    this.link = linkIn(answer, this.url);
    if (!this.link) return this.nonsense();
    this.take(body);
    if (this.over) return;
    this.posts.pump();
    this.listen(this);
  }

  /** What came in one answer: messages, each with its length before it. @param {Uint8Array} bytes */
  take(bytes) {
    if (!new Pieces().feed(bytes, (message) => this.hear(message))) this.nonsense();
  }

  /** @param {Uint8Array} message */
  hear(message) {
    this.failures = 0;
    if (!this.over) this.ears.message(message);
  }

  /** A request of this line; null if it came to nothing. @param {string} url @param {RequestInit} [init] @returns {Promise<Response|null>} */
  async ask(url, init = {}) {
    const { fetch } = this.world;
    return fetch(url, { cache: 'no-store', signal: this.stop.signal, ...init }).catch(() => null);
  }

  /** The URL of a downlink, with what the client holds. @param {string} way */
  at(way) {
    const { tick, event } = this.ears.holds();
    return `${this.link}/${way}?tick=${tick}&event=${event}`;
  }

  /** Asks for a downlink: its answer, or null if there is none (the line may then be over). @param {string} way @param {RequestInit} [init] */
  async fetchDown(way, init) {
    const answer = await this.ask(this.at(way), init);
    if (!answer || this.over || answer.status < 300 || answer.status >= 500) return answer?.ok ? answer : null;
    this.refused(answer.status, await bodyOf(answer));
    return null;
  }

  /** A downlink failed: waits before the next attempt; false if there is none. */
  async again() {
    if (this.over || ++this.failures > FAILURES_MAX) return this.lost('the downlink failed');
    await new Promise((done) => this.world.setTimeout(() => done(undefined), PAUSE_MS * 2 ** (this.failures - 1)));
    return !this.over;
  }

  /** The server said no: by a BYE, or by its status alone. @param {number} status @param {Uint8Array} body */
  refused(status, body) {
    if (this.over) return;
    if (isBye(body)) this.ears.message(body);
    else this.lost(`HTTP ${status}`);
  }

  /** What came cannot be a server's. */
  nonsense() {
    return this.lost('what came makes no sense');
  }

  /** @param {string} text */
  lost(text) {
    if (this.over) return false;
    this.#end();
    this.ears.down(LOST, text);
    return false;
  }

  close() {
    if (this.over) return;
    this.posts.last();
    this.#end();
  }

  #end() {
    this.over = true;
    this.stop.abort();
    this.source?.close();
  }
}

/** Whether this is a message of that number (a page of a proxy in between is none). @param {Uint8Array} body */
function isBye(body) {
  return body.length > 1 && (body[0] & 0xf0) === 0x90 && body[1] === BYE;
}

/** The URL that an answer names, '' if it names none. @param {Response} answer @param {string} asked */
function linkIn({ headers, url }, asked) {
  const location = headers.get('Location');
  try {
    return location ? new URL(location, url || asked).href : '';
  } catch {
    return '';
  }
}

/** @param {Response} answer */
async function bodyOf(answer) {
  return new Uint8Array(await answer.arrayBuffer().catch(() => new ArrayBuffer(0)));
}
