// @ts-check
// What is not a ship: rocks that tumble, pick-ups that invite, shots that fly.
import { ROCK_SHAPES } from './atlas.js';
import { PICKUP_TINTS } from './looks.js';

const ROCK_RADIUS = 16; // units for each step of its size
const ROCK_PAINTED = 80; // pixels of the painted radius
const GROW_S = 0.35; // a pick-up unfolds
const [SIGN, SHOT] = [0.36, 0.5]; // pictures to units
const WHITE = 0xffffff;
const LATE_S = 1; // since the last picture: what flies now was fired long ago

export class Things {
  /** @param {import('./scene.js').Scene} scene @param {import('./world.js').World} world @param {import('./sounds.js').Sounds} sounds */
  constructor(scene, world, sounds) {
    this.scene = scene;
    this.world = world;
    this.sounds = sounds;
    this.heard = 0; // the newest shot that was heard: births only grow
    this.drawnAt = -Infinity; // seconds
    this.deaf = true; // all that is there is new, and was fired before
    world.room.on('state', () => { this.deaf = true; });
    /** @type {Map<number, number>} when each pick-up was first seen */ this.seen = new Map();
  }

  /** @param {import('./camera.js').Camera} camera @param {number} now seconds */
  draw(camera, now) {
    this.deaf ||= now - this.drawnAt > LATE_S;
    this.drawnAt = now;
    this.#rocks(camera, now);
    this.#pickups(camera, now);
    this.#shots(camera);
  }

  #rocks(/** @type {import('./camera.js').Camera} */ camera, /** @type {number} */ now) {
    const { rocks } = this.world;
    const at = this.world.at.rock;
    for (let i = 0; rocks && i < rocks.count; i++) {
      const [of, from] = [rocks.values, i * rocks.width];
      const [dx, dy] = [camera.right(of[from + at.x]), camera.below(of[from + at.y])];
      const radius = of[from + at.size] * ROCK_RADIUS;
      if (!camera.sees(dx, dy, radius + 10)) continue;
      const seed = of[from + at.shape];
      const size = (radius / ROCK_PAINTED) * 1.06;
      const turn = seed + now * (((seed * 37) % 100) / 100 - 0.5) * 0.7;
      this.scene.below.put(this.scene.atlas.rocks[seed % ROCK_SHAPES], dx, dy, turn, size, size, WHITE, 1);
    }
  }

  #pickups(/** @type {import('./camera.js').Camera} */ camera, /** @type {number} */ now) {
    for (const row of this.world.room.rows('pickup')) {
      const { x, y, type, born, slot } = /** @type {any} */ (row);
      if (!this.seen.has(born)) this.seen.set(born, now);
      const [dx, dy] = [camera.right(x), camera.below(y)];
      if (!camera.sees(dx, dy, 50)) continue;
      this.#pickup(dx, dy, type, slot, now - (this.seen.get(born) ?? now), now);
    }
    if (this.seen.size > 500) this.seen.clear();
  }

  #pickup(/** @type {number} */ dx, /** @type {number} */ dy, /** @type {number} */ type, /** @type {number} */ slot, /** @type {number} */ age, /** @type {number} */ now) {
    const { atlas, light, ships } = this.scene;
    const part = Math.min(1, age / GROW_S);
    const size = part * (2 - part);
    const pulse = Math.sin(now * 3.2 + slot);
    const tint = PICKUP_TINTS[type] ?? WHITE;
    const y = dy + Math.sin(now * 1.9 + slot * 2) * 3;
    const halo = size * (0.95 + pulse * 0.14);
    light.put(atlas.glow, dx, y, 0, halo, halo, tint, 0.55 + pulse * 0.2);
    ships.put(atlas.pickups[type] ?? atlas.pickups[0], dx, y, Math.sin(now * 1.3 + slot) * 0.12, size * SIGN, size * SIGN, tint, 1);
  }

  #shots(/** @type {import('./camera.js').Camera} */ camera) {
    const { shots, room } = this.world;
    const at = this.world.at.shot;
    let newest = this.heard;
    for (let i = 0; shots && i < shots.count; i++) {
      const [of, from] = [shots.values, i * shots.width];
      const [x, y, by, born] = [of[from + at.x], of[from + at.y], of[from + at.owner], shots.born(shots.slots[i])];
      if (born > this.heard && !this.deaf) this.sounds.shot(x, y, by === room.player);
      newest = Math.max(newest, born);
      const [dx, dy] = [camera.right(x), camera.below(y)];
      if (!camera.sees(dx, dy, 30)) continue;
      const turn = Math.atan2(of[from + at.vy], of[from + at.vx]);
      this.scene.over.put(this.scene.atlas.shot, dx, dy, turn, SHOT, SHOT, this.world.lookOf(by).pale, 1);
    }
    this.heard = newest;
    this.deaf = false;
  }
}
