// @ts-check
// What the own score gained, rising from the ship for a moment: so that one sees what a hit was worth without looking away.
import { calm } from './calm.js';
import { Names } from './names.js';

const SHOWN_S = 1.2;
const TOGETHER_S = 0.3; // what comes so soon after another is one with it
const RISE = 50; // units
const ABOVE = 44; // the ship's middle, where they begin
const GOLD = 0xffe08a;

export class Gains {
  /** @param {import('./scene.js').Scene} scene @param {import('./world.js').World} world @param {import('./own.js').Own} own */
  constructor(scene, world, own) {
    this.names = new Names(scene);
    this.world = world;
    this.own = own;
    this.score = 0;
    this.born = 0; // the pilot whose score it is
    /** @type {{sum: number, at: number}[]} */ this.gains = [];
  }

  /** @param {import('./camera.js').Camera} camera @param {number} now seconds */
  draw(camera, now) {
    this.#count(now);
    this.gains = this.gains.filter(({ at }) => now - at < SHOWN_S);
    const [x, y] = [camera.right(this.own.body.x), camera.below(this.own.body.y) - ABOVE];
    for (const { sum, at } of this.gains) {
      const part = (now - at) / SHOWN_S;
      this.names.put(`+${sum}`, x, y - (calm.on ? 0 : RISE * part), GOLD, 1 - part ** 3);
    }
  }

  #count(/** @type {number} */ now) {
    const { room } = this.world;
    const { score = 0, born = 0 } = /** @type {any} */ (room.row('pilot', room.player)) ?? {};
    const gain = born === this.born ? score - this.score : 0;
    Object.assign(this, { score, born });
    if (gain <= 0) return;
    const last = this.gains.at(-1);
    if (last && now - last.at < TOGETHER_S) last.sum += gain;
    else this.gains.push({ sum: gain, at: now });
  }
}
