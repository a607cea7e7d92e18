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
    this.underWay = 0;
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
    while (line.link && !line.over && waiting.length && this.underWay < UNDER_WAY_MAX) this.#post(this.#body());
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
    const url = `${line.link}?n=${++this.number}`;
    this.underWay++;
    for (let attempt = 0; !line.over; attempt++) {
      const answer = await line.ask(url, { method: 'POST', body });
      if (answer?.ok) break;
      const said = answer ? new Uint8Array(await answer.arrayBuffer().catch(() => new ArrayBuffer(0))) : null;
      const final = answer && said && answer.status < 500 && (answer.status !== CONFLICT || said.length > 0);
      if (final) return line.refused(answer.status, said);
      if (attempt === ATTEMPTS_MAX) return line.lost('posts fail');
      await new Promise((done) => line.world.setTimeout(() => done(undefined), PAUSE_MS * 2 ** attempt));
    }
    this.underWay--;
    this.pump();
  }

  /** The line is being let go: what waits still goes, without hearing whether it arrived. */
  last() {
    const { line, waiting } = this;
    if (!line.link || !waiting.length) return;
    const body = this.#body();
    line.world.fetch(`${line.link}?n=${++this.number}`, { method: 'POST', body, keepalive: true }).catch(() => {});
  }
}
