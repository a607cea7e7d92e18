// @ts-check
// What events look like when the picture reaches them: sparks where something was hit, fire where it ended.
import { calm } from './calm.js';
import { PICKUP_TINTS } from './looks.js';

const SHIP = 4; // the size of a boom that was a ship

export class Effects {
  /** @param {import('./world.js').World} world @param {import('./particles.js').Particles} particles
   * @param {import('./camera.js').Camera} camera @param {import('./ships.js').Ships} ships */
  constructor(world, particles, camera, ships) {
    this.world = world;
    this.particles = particles;
    this.camera = camera;
    this.ships = ships;
    this.struckAt = -Infinity; // when the own ship was last hit, in seconds
  }

  /** @param {import('tidewire').GameEvent} event @param {number} now seconds */
  show({ name, values }, now) {
    if (name === 'hit') this.#hit(values, now);
    else if (name === 'boom') this.#boom(values);
    else if (name === 'spawn') this.#spawn(values);
    else if (name === 'taken') this.#taken(values);
  }

  /** 1 here, 0 out of sight. */
  #near(/** @type {number} */ x, /** @type {number} */ y) {
    return Math.max(0, 1 - Math.hypot(this.camera.right(x), this.camera.below(y)) / 900);
  }

  #hit(/** @type {any} */ { x, y, by, of }, /** @type {number} */ now) {
    this.particles.burst(x, y, of < 0 ? 7 : 12, 170, this.world.lookOf(by).tint, 0.3);
    this.particles.flash(x, y, 0.25, 0xffffff, 0.12);
    if (of < 0) return this.particles.shatter(x, y, 3, 110, 0x8a95bd);
    this.ships.struck(of, now);
    if (of !== this.world.room.player) return;
    this.struckAt = now;
    this.camera.shake(0.45);
  }

  #boom(/** @type {any} */ { x, y, size }) {
    const near = this.#near(x, y);
    if (!near) return;
    if (size < SHIP) {
      this.particles.shatter(x, y, 5 + size * 5, 60 + size * 35, 0x7c88b2);
      this.particles.burst(x, y, 6 * size, 120 + size * 30, 0xbfd0ff, 0.3);
      this.particles.flash(x, y, 0.3 + size * 0.28, 0xaebfff);
      return this.camera.shake(near * 0.1 * size);
    }
    if (!calm.on) this.particles.flash(x, y, 1.9, 0xfff1c9, 0.3);
    this.particles.flash(x, y, calm.on ? 1.2 : 3.2, 0xff7a2f, 0.5);
    this.particles.ring(x, y, 150, 0xffc27a);
    this.particles.burst(x, y, 44, 330, 0xffa64d, 0.5);
    this.particles.burst(x, y, 22, 200, 0xfff3d0, 0.4);
    this.particles.shatter(x, y, 12, 190, 0x6b7494);
    this.camera.shake(near * 0.7);
  }

  #spawn(/** @type {any} */ { x, y, who }) {
    const colour = this.world.lookOf(who).tint;
    this.particles.ring(x, y, 80, colour);
    this.particles.flash(x, y, 1.3, colour, 0.4);
  }

  #taken(/** @type {any} */ { x, y, type }) {
    const colour = PICKUP_TINTS[type] ?? 0xffffff;
    this.particles.ring(x, y, type === 3 ? 190 : 60, colour);
    this.particles.burst(x, y, type === 3 ? 40 : 16, type === 3 ? 320 : 140, colour, 0.3);
  }
}
