// @ts-check
// Ships as they are drawn: glow, flame, hull, shield, how much hull is left, and the name above.
import { ARC_STEPS } from './atlas.js';
import { calm } from './calm.js';
import { Names } from './names.js';

const HULL = 0.42; // pictures to units
const ARC = HULL * 1.15;
const [FLAME, FLAME_HIGH] = [0.3, 0.42];
const [THRUST, SAFE, SHIELD, RAPID] = [1, 4, 8, 16]; // of the row's flags
const TRAIL_S = 0.022; // from one mote of a trail to the next …
const TRAILS = 24; // … for so many ships that thrust; with more of them each leaves fewer, for motes are limited
const FLASH_S = 0.09; // after being struck
const WHITE = 0xffffff;

/** What is remembered of the ship in a slot. @typedef {{flicker: number, trail: number, hit: number}} Memory
 * `flicker`: so that flames do not beat in time; `trail`: seconds since its last mote; `hit`: when it was last struck */
/** A ship in sight: its place from the middle of the picture, and what it is drawn with.
 * @typedef {{slot: number, mine: boolean, x: number, y: number, angle: number, flags: number, health: number, look: import('./looks.js').Look, memory: Memory}} Ship */

export class Ships {
  /** @param {import('./scene.js').Scene} scene @param {import('./world.js').World} world @param {import('./particles.js').Particles} particles
   * @param {import('./quality.js').Quality} quality */
  constructor(scene, world, particles, quality) {
    this.scene = scene;
    this.world = world;
    this.particles = particles;
    this.quality = quality;
    this.names = new Names(scene);
    /** @type {Memory[]} */ this.memories = [];
    this.thrusting = 0; // ships in the last picture
  }

  /** @param {import('./camera.js').Camera} camera @param {number} now seconds @param {number} dt */
  draw(camera, now, dt) {
    const { ships } = this.world;
    const every = TRAIL_S * Math.max(1, this.thrusting / TRAILS);
    this.thrusting = 0;
    for (let row = 0; ships && row < ships.count; row++) {
      const [of, from] = [ships.values, row * ships.width];
      const ship = this.#seen(of, from, ships.slots[row], camera);
      if (!ship) continue;
      this.#ship(ship, now);
      if (ship.flags & THRUST) this.#flame(ship, now), this.#trail(ship, of, from, dt, every);
      if (!ship.mine) this.#name(ship, camera);
    }
  }

  /** @param {Float32Array} of @param {number} from where its values begin @param {number} slot
   * @param {import('./camera.js').Camera} camera @returns {Ship|null} */
  #seen(of, from, slot, camera) {
    const at = this.world.at.ship;
    const [x, y] = [camera.right(of[from + at.x]), camera.below(of[from + at.y])];
    if (!camera.sees(x, y, 60)) return null;
    return {
      slot, mine: slot === this.world.room.player, x, y, angle: (of[from + at.heading] / 128) * Math.PI,
      flags: of[from + at.flags], health: of[from + at.health], look: this.world.lookOf(slot), memory: this.#memory(slot),
    };
  }

  #memory(/** @type {number} */ slot) {
    return (this.memories[slot] ??= { flicker: Math.random() * 9, trail: 0, hit: -Infinity });
  }

  #ship(/** @type {Ship} */ { x, y, angle, flags, health, look, mine, memory }, /** @type {number} */ now) {
    const { atlas, light, ships, over } = this.scene;
    const [safe, shield] = [flags & SAFE, flags & SHIELD];
    const blink = calm.on ? 0 : Math.sin(now * 9);
    const rapid = flags & RAPID ? 0.25 + (calm.on ? 0 : 0.15 * Math.sin(now * 22)) : 0;
    const glow = mine ? 1.15 : 0.95;
    light.put(atlas.glow, x, y, 0, glow, glow, look.tint, (mine ? 0.5 : 0.36) + rapid);
    const bright = mine || now - memory.hit < FLASH_S; // one's own is white, as on the radar
    ships.put(atlas.hulls[look.hull], x, y, angle, HULL, HULL, bright ? WHITE : look.pale, safe ? 0.62 + 0.3 * blink : 1);
    if (health < 100 || mine) ships.put(atlas.arcs[Math.round((health / 100) * ARC_STEPS)], x, y, 0, ARC, ARC, arcTint(health), health < 100 ? 0.8 : 0.28);
    if (!safe && !shield) return;
    const bubble = 0.4 + 0.012 * (calm.on ? 0 : Math.sin(now * 7));
    over.put(atlas.shield, x, y, 0, bubble, bubble, shield ? 0x58c8ff : look.pale, shield ? 0.9 : 0.4 + 0.25 * blink);
  }

  #flame(/** @type {Ship} */ { x, y, angle, look, memory }, /** @type {number} */ now) {
    const { atlas, light } = this.scene;
    const long = FLAME + (calm.on ? 0 : 0.05 * Math.sin(now * 61 + memory.flicker));
    const behind = 11 + (atlas.flame.width * long) / 2; // from the ship's middle to the flame's
    const alpha = 0.85 + (calm.on ? 0 : 0.15 * Math.sin(now * 47));
    light.put(atlas.flame, x - Math.cos(angle) * behind, y - Math.sin(angle) * behind, angle, long, FLAME_HIGH, look.tint, alpha);
  }

  /** @param {Ship} ship @param {Float32Array} of @param {number} from @param {number} dt @param {number} every seconds */
  #trail({ angle, look, memory }, of, from, dt, every) {
    this.thrusting++;
    const at = this.world.at.ship;
    const [x, y, vx, vy] = [of[from + at.x], of[from + at.y], of[from + at.vx], of[from + at.vy]];
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    for (memory.trail = Math.min(memory.trail + dt, 4 * every); memory.trail >= every; memory.trail -= every) {
      const ago = memory.trail - every; // so that the trail is even at few pictures a second, too
      this.particles.trail(x - c * 15 - vx * ago, y - s * 15 - vy * ago, vx * 0.35 - c * 90, vy * 0.35 - s * 90, look.tint);
    }
  }

  #name(/** @type {Ship} */ { slot, x, y, look }, /** @type {import('./camera.js').Camera} */ camera) {
    if (Math.hypot(x, y) > this.quality.names) return;
    const above = (y - 50) * camera.zoom > -camera.height / 2; // else it would hang over the edge
    this.names.put(this.world.nameOf(slot), x, above ? y - 40 : y + 40, look.pale, 0.92);
  }

  /** A ship was struck: it flashes. @param {number} slot @param {number} now */
  struck(slot, now) {
    this.#memory(slot).hit = now;
  }
}

/** @param {number} health 0 … 100 */
const arcTint = (health) => (health > 60 ? 0x7dffb0 : health > 30 ? 0xffd75e : 0xff5d6c);
