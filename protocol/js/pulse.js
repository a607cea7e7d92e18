// The heartbeat: PINGs that set the clock, often at first, then now and then; and the verdict that a line is dead when one
// of them brought nothing.

const PING_MS = 2000;
const PING_FIRST_MS = 50; // until the clock is known well: each way is judged by its quickest
const PINGS_FIRST = 30;
const SILENCE_MS = 8000; // a PING that brought nothing for so long: the line is dead

export class Pulse {
  #world;
  #say;
  #dead;
  #pingedAt = 0; // 0: not yet
  #pings = 0;
  /** @type {any} */ #timer;
  heardAt = 0; // when anything came last

  /** @param {import('./transports/transport.js').World} world @param {() => void} ping @param {() => void} dead */
  constructor(world, ping, dead) {
    this.#world = world;
    this.#say = ping;
    this.#dead = dead;
  }

  begin() {
    this.end();
    this.#pings = this.#pingedAt = 0;
    this.#beat();
  }

  end() {
    this.#world.clearTimeout(this.#timer);
  }

  #beat() {
    const now = this.#world.now();
    const waits = this.#pingedAt > 0 && this.heardAt < this.#pingedAt;
    if (waits && now - this.#pingedAt > SILENCE_MS) return this.#dead();
    this.#timer = this.#world.setTimeout(() => this.#beat(), this.#pings < PINGS_FIRST ? PING_FIRST_MS : PING_MS);
    if (!waits || this.#pings < PINGS_FIRST) this.#ping(now, waits); // the last: it may find that the line is gone
  }

  #ping(/** @type {number} */ now, /** @type {boolean} */ waits) {
    this.#pings++;
    if (!waits) this.#pingedAt = now; // of several that wait, the first is the one that counts
    this.#say();
  }
}
