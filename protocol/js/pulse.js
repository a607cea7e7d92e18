// The heartbeat: PINGs that measure the way and set the server's clock, often at first, then now and then; and
// the verdict that a line is dead when one of them brought nothing.
import { ServerClock } from './clock.js';

const PING_MS = 2000;
const PING_FIRST_MS = 250; // until the clock is known well
const PINGS_FIRST = 6;
const SILENCE_MS = 8000; // a PING that brought nothing for so long: the line is dead
const TIME_MAX = Number.MAX_SAFE_INTEGER;

export class Pulse {
  /** @param {import('./link.js').World} world @param {(stamp: number) => void} send @param {() => void} dead */
  constructor(world, send, dead) {
    this.world = world;
    this.send = send;
    this.dead = dead;
    this.clock = new ServerClock();
    this.heardAt = 0; // when anything came last
    this.pingedAt = 0; // 0: not yet
    this.pings = 0;
    /** @type {any} */ this.timer = null;
  }

  begin() {
    this.pings = this.pingedAt = 0;
    this.#beat();
  }

  end() {
    this.world.clearTimeout(this.timer);
  }

  #beat() {
    const now = this.world.now();
    const waits = this.pingedAt > 0 && this.heardAt < this.pingedAt;
    if (waits && now - this.pingedAt > SILENCE_MS) return this.dead();
    if (!waits) this.#ping(now);
    this.timer = this.world.setTimeout(() => this.#beat(), this.pings < PINGS_FIRST ? PING_FIRST_MS : PING_MS);
  }

  #ping(/** @type {number} */ now) {
    this.pings++;
    this.pingedAt = now;
    this.send(Math.round(now * 1000));
  }

  /** A PONG, its number read. @param {import('./msgpack.js').Reader} r */
  pong(r) {
    const [sent, received, answered] = [r.uint(TIME_MAX), r.uint(TIME_MAX), r.uint(TIME_MAX)];
    this.clock.sample(sent / 1000, received / 1000, answered / 1000, this.world.now());
  }
}
