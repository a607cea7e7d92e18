// What a room's line was like over the last seconds: a few figures, four times a second, each a ring that can be
// drawn as a small curve. Only looks; the overlay draws it.

export const SAMPLES = 80; // 20 s
export const SAMPLE_MS = 250;

/** The figures, in the order in which they are shown. `least`: a curve's top is never lower than this. */
export const FIGURES = /** @type {const} */ ([
  { name: 'rtt', label: 'Round trip', unit: 'ms', least: 50 },
  { name: 'jitter', label: 'Jitter', unit: 'ms', least: 20 },
  { name: 'age', label: 'Age of state', unit: 'ms', least: 100 },
  { name: 'frames', label: 'Frames', unit: '/s', least: 20 },
  { name: 'bytes', label: 'Received', unit: 'B/s', least: 1000 },
  { name: 'corrections', label: 'Corrections', unit: '/s', least: 4 },
]);

/** @typedef {typeof FIGURES[number]['name']} Figure */

export class Meter {
  /** @param {any} room */
  constructor(room) {
    this.room = room;
    this.next = 0;
    this.count = 0;
    this.at = 0; // of the sample before, ms
    /** @type {{[name: string]: number}} counters as of the sample before */ this.before = {};
    /** @type {{[name in Figure]: Float64Array}} */
    this.rings = /** @type {any} */ (Object.fromEntries(FIGURES.map(({ name }) => [name, new Float64Array(SAMPLES)])));
  }

  /** @param {number} now ms */
  sample(now) {
    const { room } = this;
    const { frames = 0, bytes = 0, corrections = 0 } = room.stats;
    this.#put('rtt', room.rtt);
    this.#put('jitter', room.jitter);
    this.#put('age', this.#age());
    this.#rate('frames', frames, now);
    this.#rate('bytes', bytes, now);
    this.#rate('corrections', corrections, now);
    this.next = (this.next + 1) % SAMPLES;
    this.count = Math.min(SAMPLES, this.count + 1);
    this.at = now;
  }

  /** How long ago what is held was so: since the newest frame was due, and the way that it came. Silence is no news
   * as long as nothing unforeseen happens, so a calm room ages up to the keep-alive. */
  #age() {
    const { room } = this;
    if (!room.schema) return 0;
    return Math.max(0, ((room.tickNow() - room.tick) * 1000) / room.rate) + room.rtt / 2;
  }

  #put(/** @type {Figure} */ name, /** @type {number} */ value) {
    this.rings[name][this.next] = value;
  }

  #rate(/** @type {Figure} */ name, /** @type {number} */ total, /** @type {number} */ now) {
    const grown = this.at ? Math.max(0, total - (this.before[name] ?? 0)) : 0;
    this.before[name] = total;
    this.#put(name, (grown * 1000) / Math.max(SAMPLE_MS / 2, now - this.at));
  }

  /** The newest sample; of what comes in jumps, the mean of the last second. @param {Figure} name */
  value(name) {
    const last = name === 'rtt' || name === 'jitter' || name === 'age' ? 1 : Math.min(this.count, 1000 / SAMPLE_MS);
    let sum = 0;
    for (let i = 1; i <= last; i++) sum += this.rings[name][(this.next - i + SAMPLES) % SAMPLES];
    return last ? sum / last : 0;
  }

  /** Calls `point(i, value)` from the oldest sample, i = 0, to the newest, SAMPLES − 1. @param {Figure} name
   * @param {(i: number, value: number) => void} point */
  each(name, point) {
    for (let i = SAMPLES - this.count; i < SAMPLES; i++) point(i, this.rings[name][(this.next + i) % SAMPLES]);
  }
}
