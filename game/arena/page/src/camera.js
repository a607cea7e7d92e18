// @ts-check
// Where the picture looks: at the own ship, a little ahead of it. Its place never wraps, so that stars drift on
// evenly when the ship crosses the seam; what is drawn is asked for by its short way from here.
import { calm } from './calm.js';

const AHEAD_S = 0.4;
const AHEAD_MAX = 130;
const FOLLOW = 6; // per second, e-fold
const GLIDE = 2.2; // the same, to a ship that is only watched
const SIGHT = 720; // half of the picture's diagonal, in units: what the server shows reaches a little farther
const ZOOM_MIN = 0.82;
const CUT = 700; // a new place farther off than this is cut to, not flown to

export class Camera {
  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.world = world;
    this.x = 0; // unwrapped
    this.y = 0;
    this.zoom = 1;
    this.width = 1280;
    this.height = 720;
    this.shakeLeft = 0;
    this.shakeX = this.shakeY = 0;
  }

  /** @param {number} width @param {number} height in CSS pixels */
  resize(width, height) {
    this.width = width;
    this.height = height;
    this.zoom = Math.max(ZOOM_MIN, Math.hypot(width, height) / 2 / SIGHT);
  }

  /** @param {number} amount 0 … 1 */
  shake(amount) {
    if (!calm.on) this.shakeLeft = Math.min(1, Math.max(this.shakeLeft, amount));
  }

  /** @param {{x: number, y: number, vx: number, vy: number}|null} on @param {number} dt @param {boolean} [glide] slowly, and never by a cut */
  update(on, dt, glide = false) {
    if (on) this.#follow(on, dt, glide);
    this.shakeLeft = Math.max(0, this.shakeLeft - dt * 2.2);
    const reach = this.shakeLeft ** 2 * 9;
    this.shakeX = (Math.random() * 2 - 1) * reach;
    this.shakeY = (Math.random() * 2 - 1) * reach;
  }

  #follow(/** @type {{x: number, y: number, vx: number, vy: number}} */ on, /** @type {number} */ dt, /** @type {boolean} */ glide) {
    const speed = Math.hypot(on.vx, on.vy);
    const ahead = Math.min(AHEAD_S, speed ? AHEAD_MAX / speed : 0);
    const dx = this.world.way(this.x, on.x + on.vx * ahead);
    const dy = this.world.way(this.y, on.y + on.vy * ahead);
    const part = !glide && Math.hypot(dx, dy) > CUT ? 1 : 1 - Math.exp(-(glide ? GLIDE : FOLLOW) * dt);
    this.x += dx * part + (part < 1 ? on.vx * dt * (1 - part) : 0);
    this.y += dy * part + (part < 1 ? on.vy * dt * (1 - part) : 0);
  }

  /** How far right of the middle something stands, in units. @param {number} x */
  right(x) {
    return this.world.way(this.x, x);
  }

  /** @param {number} y */
  below(y) {
    return this.world.way(this.y, y);
  }

  /** Whether something at (dx, dy) from the middle can be seen. @param {number} dx @param {number} dy @param {number} radius */
  sees(dx, dy, radius) {
    return Math.abs(dx) * this.zoom < this.width / 2 + radius * this.zoom && Math.abs(dy) * this.zoom < this.height / 2 + radius * this.zoom;
  }
}
