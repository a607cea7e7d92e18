// @ts-check
// Sparks, smoke of light, splinters and rings: short lives in fixed pools. Places are the world's; what is
// drawn is their short way from the camera.
import { calm } from './calm.js';

const SPARKS_MAX = 700;
const DEBRIS_MAX = 160;

/** @typedef {{picture: import('./layer.js').Frame, tint: number, turn: number, x: number, y: number, vx: number, vy: number, age: number,
 * life: number, size: number, grow: number, spin: number, drag: number, alpha: number}} Mote */

export class Particles {
  /** @param {import('./scene.js').Scene} scene @param {import('./quality.js').Quality} quality */
  constructor({ atlas, light, below }, quality) {
    this.atlas = atlas;
    this.quality = quality;
    this.sparks = pool(light, atlas.spark, SPARKS_MAX);
    this.debris = pool(below, atlas.shard, DEBRIS_MAX);
  }

  /** How many of the asked-for really fly. */
  get share() {
    return (calm.on ? 0.35 : 1) * this.quality.sparks;
  }

  /** Takes all of them out of the picture. */
  clear() {
    for (const mote of [...this.sparks.motes, ...this.debris.motes]) mote.age = mote.life;
  }

  /** @param {ReturnType<typeof pool>} of @param {Partial<Mote> & {x: number, y: number}} what
   * @param {import('./layer.js').Frame} picture @param {number} tint */
  #fly(of, what, picture, tint) {
    const mote = of.motes[of.next];
    of.next = (of.next + 1) % of.motes.length;
    Object.assign(mote, AT_REST, what, { picture, tint });
    mote.turn = Math.atan2(mote.vy, mote.vx);
  }

  /** Sparks in all directions from a place. @param {number} x @param {number} y @param {number} count
   * @param {number} speed @param {number} colour @param {number} [size] */
  burst(x, y, count, speed, colour, size = 0.35) {
    for (let i = count * this.share; i > 0; i--) {
      const [angle, fast] = [Math.random() * Math.PI * 2, speed * (0.25 + Math.random())];
      this.#fly(this.sparks, {
        x, y, vx: Math.cos(angle) * fast, vy: Math.sin(angle) * fast,
        life: 0.3 + Math.random() * 0.55, size: size * (0.6 + Math.random() * 0.8), drag: 2.4,
      }, this.atlas.spark, colour);
    }
  }

  /** What a thrusting ship leaves behind. @param {number} x @param {number} y @param {number} vx @param {number} vy @param {number} colour */
  trail(x, y, vx, vy, colour) {
    this.#fly(this.sparks, {
      x, y, vx: vx + (Math.random() - 0.5) * 40, vy: vy + (Math.random() - 0.5) * 40,
      life: 0.35 + Math.random() * 0.3, size: 0.16 + Math.random() * 0.1, drag: 2, alpha: 0.55,
    }, this.atlas.glow, colour);
  }

  /** A flash that swells and dies. @param {number} x @param {number} y @param {number} size @param {number} colour @param {number} [life] */
  flash(x, y, size, colour, life = 0.22) {
    this.#fly(this.sparks, { x, y, life, size, grow: size * 1.5, drag: 0 }, this.atlas.glow, colour);
  }

  /** A ring that runs outward. @param {number} x @param {number} y @param {number} reach units @param {number} colour */
  ring(x, y, reach, colour) {
    const size = reach / 122;
    this.#fly(this.sparks, { x, y, life: 0.55, size: size * 0.12, grow: size * 1.7, drag: 0, alpha: 0.8 }, this.atlas.ring, colour);
  }

  /** Splinters. @param {number} x @param {number} y @param {number} count @param {number} speed @param {number} colour */
  shatter(x, y, count, speed, colour) {
    for (let i = count * this.share; i > 0; i--) {
      const [angle, fast] = [Math.random() * Math.PI * 2, speed * (0.3 + Math.random())];
      this.#fly(this.debris, {
        x: x + Math.cos(angle) * 8, y: y + Math.sin(angle) * 8, vx: Math.cos(angle) * fast, vy: Math.sin(angle) * fast,
        life: 0.7 + Math.random() * 0.8, size: 0.18 + Math.random() * 0.34, spin: (Math.random() - 0.5) * 12, drag: 1,
      }, this.atlas.shard, colour);
    }
  }

  /** @param {import('./camera.js').Camera} camera @param {number} dt */
  draw(camera, dt) {
    for (const { layer, motes } of [this.debris, this.sparks]) {
      for (const mote of motes) if (mote.age < mote.life) move(mote, dt), show(mote, layer, camera);
    }
  }
}

const AT_REST = { vx: 0, vy: 0, age: 0, life: 0.5, size: 0.3, grow: 0, spin: 0, drag: 1.5, alpha: 1 };

/** @param {import('./layer.js').Layer} layer @param {import('./layer.js').Frame} picture @param {number} count */
function pool(layer, picture, count) {
  /** @type {Mote[]} */
  const motes = Array.from({ length: count }, () => ({ picture, tint: 0, turn: 0, x: 0, y: 0, ...AT_REST, life: 0 }));
  return { layer, motes, next: 0 };
}

/** @param {Mote} mote @param {number} dt */
function move(mote, dt) {
  mote.age += dt;
  const kept = Math.max(0, 1 - mote.drag * dt);
  mote.x += mote.vx * dt;
  mote.y += mote.vy * dt;
  mote.vx *= kept;
  mote.vy *= kept;
  mote.turn += mote.spin * dt;
  mote.size += mote.grow * dt * (1 / mote.life) * 0.5;
}

/** @param {Mote} mote @param {import('./layer.js').Layer} layer @param {import('./camera.js').Camera} camera */
function show(mote, layer, camera) {
  const left = Math.max(0, 1 - mote.age / mote.life);
  const size = mote.grow ? mote.size : mote.size * (0.35 + 0.65 * left);
  layer.put(mote.picture, camera.right(mote.x), camera.below(mote.y), mote.turn, size, size, mote.tint, left * mote.alpha);
}
