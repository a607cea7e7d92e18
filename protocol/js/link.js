// One connection at a time, and coming back: opens the WebSocket, gives up on one that does not answer, and
// waits with full jitter between attempts. Knows bytes and codes, nothing of what they say.

export const SUBPROTOCOL = 'tidewire.1';
const OPEN_MS = 10000; // from dialling to WELCOME
const RETRY_MS = 500;
const RETRY_MS_MAX = 15000;

/** What a link needs from the world; a test gives its own. */
/** @typedef {{WebSocket: any, now(): number, random(): number, setTimeout: (f: () => void, ms: number) => any, clearTimeout: (id: any) => void}} World */

/** @typedef {{open(): void, message(bytes: Uint8Array): void, down(code: number, text: string): void}} Above */

export class Link {
  /** @param {string} url @param {World} world @param {Above} above */
  constructor(url, world, above) {
    this.url = url;
    this.world = world;
    this.above = above;
    /** @type {any} */ this.socket = null;
    this.attempts = 0;
    /** @type {any} */ this.timer = undefined;
    /** @type {import('./index.js').Meddle|null} */ this.meddle = null;
  }

  /** Dials now, whatever was planned. */
  dial() {
    this.drop();
    let socket;
    try {
      socket = new this.world.WebSocket(this.url, SUBPROTOCOL);
    } catch (error) {
      return this.above.down(1006, String(error));
    }
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    this.#listen(socket);
    this.timer = this.world.setTimeout(() => this.#fail(socket, 'no answer'), OPEN_MS);
  }

  #listen(/** @type {any} */ socket) {
    const ours = () => this.socket === socket;
    const take = (/** @type {Uint8Array} */ bytes) => void (ours() && this.above.message(bytes));
    socket.onopen = () => ours() && this.above.open();
    socket.onerror = () => {}; // a close follows and says as much
    socket.onmessage = (/** @type {{data: any}} */ { data }) => {
      if (!ours()) return;
      if (data instanceof ArrayBuffer) this.#pass('down', new Uint8Array(data), take);
      else this.#fail(socket, 'text where binary is due');
    };
    socket.onclose = (/** @type {{code: number, reason: string}} */ { code, reason }) => {
      if (!ours()) return;
      this.drop();
      this.above.down(code, reason);
    };
  }

  #fail(/** @type {any} */ socket, /** @type {string} */ text) {
    if (this.socket !== socket) return;
    this.drop();
    this.above.down(1006, text);
  }

  /** The conversation stands: the time to answer no longer runs. */
  settled() {
    this.world.clearTimeout(this.timer);
  }

  /** @param {Uint8Array} bytes */
  send(bytes) {
    const socket = this.socket;
    if (socket?.readyState !== 1) return;
    this.#pass('up', bytes.slice(), (whole) => { if (this.socket === socket && socket.readyState === 1) socket.send(whole); });
  }

  /** Hands a message on, or to who meddles with them. @param {'up'|'down'} way @param {Uint8Array} bytes @param {(bytes: Uint8Array) => void} pass */
  #pass(way, bytes, pass) {
    if (this.meddle) this.meddle[way](bytes, pass);
    else pass(bytes);
  }

  /** Dials again after `wait` ms, or (0) after a random wait that doubles with each attempt. Returns the wait.
   * @param {number} wait */
  later(wait) {
    const most = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** Math.min(this.attempts++, 16));
    const ms = wait || this.world.random() * most;
    this.world.clearTimeout(this.timer);
    this.timer = this.world.setTimeout(() => this.dial(), ms);
    return ms;
  }

  /** Lets go of the socket, telling nobody above. @param {number} [code] @param {string} [reason] */
  drop(code, reason) {
    this.world.clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    if (!socket || socket.readyState > 1) return;
    if (code) socket.close(code, reason);
    else socket.close();
  }
}
