// What the client says over HTTP: posts with numbers, a few under way at once, each repeated until it is answered.
// The server applies them in order and each once, so that a repeated one does no harm.
import { pieceSize, putPiece } from './pieces.js';

const UNDER_WAY_MAX = 3; // the server lets four wait for one that was overtaken
const BODY_MAX = 4096;
const WAITING_MAX = 1024; // messages: seconds of a line that is up but takes nothing
const ATTEMPTS_MAX = 6;
const PAUSE_MS = 150; // after the first failure; doubles
const CONFLICT = 409;

export class Posts {
  /** @param {import('./http.js').HttpLine} line */
  constructor(line) {
    this.line = line;
    /** @type {Uint8Array[]} */ this.waiting = [];
    this.number = 0;
    /** @type {Map<number, Uint8Array<ArrayBuffer>>} under way */ this.open = new Map();
    this.planned = false;
  }

  /** @param {Uint8Array} message */
  put(message) {
    if (this.waiting.length === WAITING_MAX) return void this.line.lost('posts are not taken');
    this.waiting.push(message);
    if (this.planned) return;
    this.planned = true; // what is said in one turn of the loop goes in one post
    queueMicrotask(() => { this.planned = false; this.pump(); });
  }

  /** Sends what waits, as far as may be under way. */
  pump() {
    const { line, waiting } = this;
    while (line.link && !line.over && waiting.length && this.open.size < UNDER_WAY_MAX) this.#post(this.#body());
  }

  /** As many messages as one post takes. */
  #body() {
    let [count, size] = [0, 0];
    while (count < this.waiting.length && size + pieceSize(this.waiting[count]) <= BODY_MAX) size += pieceSize(this.waiting[count++]);
    const body = new Uint8Array(new ArrayBuffer(size));
    let at = 0;
    for (const message of this.waiting.splice(0, count)) at = putPiece(body, at, message);
    return body;
  }

  async #post(/** @type {Uint8Array<ArrayBuffer>} */ body) {
    const { line } = this;
    const number = ++this.number;
    this.open.set(number, body);
    for (let attempt = 0; !line.over; attempt++) {
      const answer = await line.ask(this.#url(number), { method: 'POST', body });
      if (answer?.ok) break;
      const said = answer ? new Uint8Array(await answer.arrayBuffer().catch(() => new ArrayBuffer(0))) : null;
      const final = answer && said && answer.status < 500 && (answer.status !== CONFLICT || said.length > 0);
      if (final) return line.refused(answer.status, said);
      if (attempt === ATTEMPTS_MAX) return line.lost('posts fail');
      await new Promise((done) => line.world.setTimeout(() => done(undefined), PAUSE_MS * 2 ** attempt));
    }
    this.open.delete(number);
    this.pump();
  }

  #url(/** @type {number} */ number) {
    return `${this.line.link}?n=${number}`;
  }

  /** The line is being let go: what waits still goes, and before it again what may not have arrived; nobody hears whether it does. */
  last() {
    const { line, open } = this;
    if (!line.link || !this.waiting.length) return;
    open.set(++this.number, this.#body());
    for (const [number, body] of open) line.world.fetch(this.#url(number), { method: 'POST', body, keepalive: true }).catch(() => {});
  }
}
