// @ts-check
// What is heard: each thing that happens has its sound, quieter and to its side with distance from where we look.
// M is silence; volume and silence are remembered.
import { remembered, remember } from './memory.js';
import { Synth } from './synth.js';

const HEARD = 1000; // units from where we look: beyond it nothing is heard
const SHIP = 4; // the size of a boom that was a ship
const VOLUME = 0.6;

export class Sounds {
  /** @param {import('./world.js').World} world @param {import('./camera.js').Camera} camera */
  constructor(world, camera) {
    this.world = world;
    this.camera = camera;
    this.synth = new Synth();
    const { volume = VOLUME, muted = false } = remembered('sound');
    this.volume = Math.min(1, Math.max(0, Number(volume) || 0));
    this.muted = muted === true;
    this.hum = this.synth.hum();
    this.synth.set(this.loud);
    /** @type {() => void} told when volume or silence changed */ this.changed = () => {};
  }

  /** What the master volume is to be; hearing is not linear. */
  get loud() {
    return this.muted ? 0 : this.volume ** 2;
  }

  /** @param {{volume?: number, muted?: boolean}} what */
  set({ volume = this.volume, muted = this.muted }) {
    Object.assign(this, { volume, muted });
    remember('sound', { volume, muted });
    this.synth.set(this.loud);
    this.changed();
  }

  /** How loud and from which side something is. */
  #from(/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ loud) {
    const [dx, dy] = [this.camera.right(x), this.camera.below(y)];
    return { pan: dx / 900, loud: loud * Math.max(0, 1 - Math.hypot(dx, dy) / HEARD) ** 1.5 };
  }

  /** @param {import('tidewire').GameEvent} event */
  hear({ name, values }) {
    if (name === 'hit') this.#hit(values);
    else if (name === 'boom') this.#boom(values);
    else if (name === 'taken') this.#taken(values);
    else if (name === 'spawn') this.#spawn(values);
    else if (name === 'kill') this.#kill(values);
  }

  /** A gun was fired. @param {number} x @param {number} y @param {boolean} mine */
  shot(x, y, mine) {
    const where = this.#from(x, y, mine ? 0.2 : 0.11);
    this.synth.tone('square', mine ? 880 : 700, mine ? 190 : 150, 0.1, where);
    this.synth.noise('highpass', 4000, 1500, 0.05, { ...where, loud: where.loud * 0.5 });
  }

  /** The own engine. @param {number} thrust 0 … 1 */
  engine(thrust) {
    this.hum(thrust * 0.3);
  }

  #hit(/** @type {any} */ { x, y, by, of }) {
    const { player } = this.world.room;
    const where = this.#from(x, y, of === player ? 0.8 : by === player ? 0.4 : 0.22);
    this.synth.noise('bandpass', 2400, 700, 0.07, where);
    if (of === player) this.synth.tone('sine', 150, 46, 0.22, where);
    else if (by === player && of >= 0) this.synth.tone('triangle', 1250, 1500, 0.06, where);
  }

  #boom(/** @type {any} */ { x, y, size }) {
    const where = this.#from(x, y, 0.3 + size * 0.14);
    this.synth.noise('lowpass', 700 + size * 200, 60, 0.3 + size * 0.16, where);
    this.synth.tone('sine', 100, 30, 0.3 + size * 0.12, where);
    if (size === SHIP) this.synth.noise('bandpass', 3000, 300, 0.25, { ...where, loud: where.loud * 0.5 });
  }

  #taken(/** @type {any} */ { x, y, who, type }) {
    const where = this.#from(x, y, who === this.world.room.player ? 0.34 : 0.1);
    const notes = [[523, 784], [660, 880, 1320], [392, 587, 784], [880, 440, 220]][type] ?? [523];
    notes.forEach((hertz, i) => this.synth.tone('triangle', hertz, hertz * 1.005, 0.16, { ...where, wait: i * 0.07 }));
    if (type === 3) this.synth.noise('lowpass', 2600, 90, 0.7, { ...where, loud: where.loud * 1.6 });
  }

  #spawn(/** @type {any} */ { x, y, who }) {
    this.synth.tone('sine', 220, who === this.world.room.player ? 880 : 600, 0.4, this.#from(x, y, who === this.world.room.player ? 0.3 : 0.1));
  }

  #kill(/** @type {any} */ { killer, victim }) {
    const { player } = this.world.room;
    if (victim === player) this.synth.tone('sawtooth', 260, 38, 0.9, { loud: 0.3 });
    else if (killer === player) [660, 990].forEach((hertz, i) => this.synth.tone('triangle', hertz, hertz, 0.2, { loud: 0.3, wait: i * 0.09 }));
  }
}
