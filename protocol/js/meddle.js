// A worse line for one client, to feel what players far away feel: stands in the way of its messages (room.meddle)
// and hands them on later. Order is kept, as on any stream: what is late holds up what is behind it, and what is
// lost on the way comes again after a time-out. Knows no page: the overlay has its sliders.

const QUEUE_MAX = 4096; // messages held back, each way: more than any line keeps; then the connection is dropped
const RESEND_MS = 200; // what a lost packet costs at least: TCP's shortest time-out
const STALL_EVERY_MS = 5000; // on average

/** No worse than it is. Delay and jitter count each way; a stall stops both; loss is a part of all messages. */
export const FINE = Object.freeze({ delay: 0, jitter: 0, stall: 0, bandwidth: 0, loss: 0 });

/** @typedef {{delay: number, jitter: number, stall: number, bandwidth: number, loss: number}} Wish ms, ms, ms, bytes/s (0: no bound), 0 … 1 */
/** @typedef {{now(): number, random(): number, setTimeout: (run: () => void, ms: number) => any}} Place */

/** One direction: a queue with the time at which each message arrives. */
class Way {
  /** @param {Meddler} meddler */
  constructor(meddler) {
    this.meddler = meddler;
    /** @type {{at: number, bytes: Uint8Array, pass: (bytes: Uint8Array) => void}[]} */ this.queue = [];
    this.free = 0; // when the wire has passed on all that was put on it
    this.last = 0; // when the newest message arrives
    this.armed = false;
  }

  /** @param {Uint8Array} bytes @param {(bytes: Uint8Array) => void} pass */
  put(bytes, pass) {
    const { meddler } = this;
    if (!this.queue.length && meddler.idle) return pass(bytes);
    if (this.queue.length >= QUEUE_MAX) return meddler.overflow();
    this.queue.push({ at: this.#arrival(bytes.length), bytes: bytes.slice(), pass });
    this.#arm();
  }

  #arrival(/** @type {number} */ size) {
    const { wish, place, stalled } = this.meddler;
    this.free = Math.max(this.free, place.now()) + (wish.bandwidth ? (size * 1000) / wish.bandwidth : 0);
    const lost = place.random() < wish.loss ? RESEND_MS + 2 * wish.delay : 0;
    this.last = Math.max(this.last, stalled(), this.free + wish.delay + place.random() * wish.jitter + lost);
    return this.last;
  }

  #arm() {
    if (this.armed || !this.queue.length) return;
    this.armed = true;
    const { place } = this.meddler;
    place.setTimeout(() => this.#deliver(), Math.max(0, this.queue[0].at - place.now()));
  }

  #deliver() {
    this.armed = false;
    const now = this.meddler.place.now() + 0.5; // timers may come a little early
    while (this.queue.length && this.queue[0].at <= now) {
      const next = /** @type {Way['queue'][0]} */ (this.queue.shift());
      next.pass(next.bytes);
    }
    this.#arm();
  }
}

export class Meddler {
  /** @param {() => void} overflow called when far too much is held back @param {Partial<Place>} [place] */
  constructor(overflow, place = {}) {
    this.overflow = overflow;
    /** @type {Place} */
    this.place = { now: () => performance.now(), random: Math.random, setTimeout: (run, ms) => setTimeout(run, ms), ...place };
    /** @type {Wish} */ this.wish = { ...FINE };
    this.stallUntil = this.stallNext = 0;
    const [up, down] = [new Way(this), new Way(this)];
    /** @type {import('./index.js').Meddle['up']} */ this.up = (bytes, pass) => up.put(bytes, pass);
    /** @type {import('./index.js').Meddle['down']} */ this.down = (bytes, pass) => down.put(bytes, pass);
    this.stalled = this.stalled.bind(this);
  }

  /** Whether nothing is to be made worse. */
  get idle() {
    return Object.values(this.wish).every((value) => value === 0);
  }

  /** Until when nothing passes; begins a stall when one is due. */
  stalled() {
    const { place, wish } = this;
    const now = place.now();
    if (!wish.stall) this.stallNext = 0;
    else if (!this.stallNext) this.stallNext = now + place.random() * STALL_EVERY_MS;
    else if (now >= this.stallNext) {
      this.stallUntil = now + wish.stall;
      this.stallNext = this.stallUntil + place.random() * 2 * STALL_EVERY_MS;
    }
    return this.stallUntil;
  }
}
