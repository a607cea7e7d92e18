// @ts-check
// What is not a ship: rocks that tumble, pick-ups that invite, shots that fly. Drawn from pools, in slots' order.
import { Container, Sprite } from 'pixi.js';
import { ROCK_SHAPES } from './atlas.js';
import { PICKUP_TINTS } from './looks.js';
import { Pool } from './scene.js';

const ROCK_RADIUS = 16; // units for each step of its size
const ROCK_PAINTED = 80; // pixels of the painted radius
const GROW_S = 0.35; // a pick-up unfolds

export class Things {
  /** @param {import('./scene.js').Scene} scene @param {import('./world.js').World} world @param {import('./sounds.js').Sounds} sounds */
  constructor(scene, world, sounds) {
    this.scene = scene;
    this.world = world;
    this.sounds = sounds;
    this.heard = 0; // the newest shot that was heard: births only grow
    const one = (/** @type {import('pixi.js').Texture} */ texture) => new Sprite({ texture, anchor: 0.5 });
    this.rocks = new Pool(scene.rocks, () => one(scene.atlas.rock0));
    this.shots = new Pool(scene.shots, () => one(scene.atlas.shot));
    this.pickups = new Pool(scene.pickups, () => pickup(scene));
    /** @type {Map<number, number>} when each pick-up was first seen */ this.seen = new Map();
  }

  /** @param {import('./camera.js').Camera} camera @param {number} now seconds */
  draw(camera, now) {
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
      const view = this.rocks.take();
      view.texture = this.scene.atlas[`rock${seed % ROCK_SHAPES}`];
      view.position.set(dx, dy);
      view.scale.set((radius / ROCK_PAINTED) * 1.06);
      view.rotation = seed + now * (((seed * 37) % 100) / 100 - 0.5) * 0.7;
    }
    this.rocks.end();
  }

  #pickups(/** @type {import('./camera.js').Camera} */ camera, /** @type {number} */ now) {
    for (const row of this.world.room.rows('pickup')) {
      const { x, y, type, born, slot } = /** @type {any} */ (row);
      if (!this.seen.has(born)) this.seen.set(born, now);
      const [dx, dy] = [camera.right(x), camera.below(y)];
      if (!camera.sees(dx, dy, 50)) continue;
      const grown = Math.min(1, (now - (this.seen.get(born) ?? now)) / GROW_S);
      const pulse = Math.sin(now * 3.2 + slot);
      const view = this.pickups.take();
      const [halo, sign] = view.children;
      view.position.set(dx, dy + Math.sin(now * 1.9 + slot * 2) * 3);
      view.scale.set(grown * (2 - grown));
      sign.texture = this.scene.atlas[`pickup${type}`];
      sign.rotation = Math.sin(now * 1.3 + slot) * 0.12;
      sign.tint = halo.tint = PICKUP_TINTS[type] ?? 0xffffff;
      halo.scale.set(0.95 + pulse * 0.14);
      halo.alpha = 0.55 + pulse * 0.2;
    }
    this.pickups.end();
    if (this.seen.size > 500) this.seen.clear();
  }

  #shots(/** @type {import('./camera.js').Camera} */ camera) {
    const { shots, room } = this.world;
    const at = this.world.at.shot;
    let newest = this.heard;
    for (let i = 0; shots && i < shots.count; i++) {
      const [of, from] = [shots.values, i * shots.width];
      const [x, y, by, born] = [of[from + at.x], of[from + at.y], of[from + at.owner], shots.born(shots.slots[i])];
      if (born > this.heard) this.sounds.shot(x, y, by === room.player);
      newest = Math.max(newest, born);
      const [dx, dy] = [camera.right(x), camera.below(y)];
      if (!camera.sees(dx, dy, 30)) continue;
      const view = this.shots.take();
      view.position.set(dx, dy);
      view.rotation = Math.atan2(of[from + at.vy], of[from + at.vx]);
      view.scale.set(0.5);
      view.tint = this.world.lookOf(by).pale;
    }
    this.shots.end();
    this.heard = newest;
  }
}

/** @param {import('./scene.js').Scene} scene */
function pickup(scene) {
  const view = new Container();
  const halo = new Sprite({ texture: scene.atlas.glow, anchor: 0.5, blendMode: 'add' });
  const sign = new Sprite({ texture: scene.atlas.pickup0, anchor: 0.5 });
  sign.scale.set(0.36);
  view.addChild(halo, sign);
  return view;
}
