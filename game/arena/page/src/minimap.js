// @ts-check
// The whole round world, small, with the own ship in its middle: what lies beyond the seam is shown where it is
// nearest. Painted a few times a second on a plain canvas.
import { hueCss } from './colour.js';

const PAINT_S = 0.1;
const PICKUP_CSS = ['#5dff9b', '#ffd34d', '#58c8ff', '#ff6be6'];

export class Minimap {
  /** @param {HTMLCanvasElement} canvas @param {import('./world.js').World} world @param {import('./camera.js').Camera} camera @param {import('./own.js').Own} own */
  constructor(canvas, world, camera, own) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    this.world = world;
    this.camera = camera;
    this.own = own;
    this.next = 0;
  }

  /** @param {number} now seconds */
  draw(now) {
    if (now < this.next) return;
    this.next = now + PAINT_S;
    const side = this.canvas.clientWidth;
    const ratio = Math.min(2, devicePixelRatio || 1);
    if (!side) return;
    if (this.canvas.width !== Math.round(side * ratio)) this.canvas.width = this.canvas.height = Math.round(side * ratio);
    const { context } = this;
    context.setTransform(ratio, 0, 0, ratio, (side * ratio) / 2, (side * ratio) / 2);
    context.clearRect(-side / 2, -side / 2, side, side);
    this.#paint(side / this.world.size);
  }

  #paint(/** @type {number} */ scale) {
    const { context, camera, world } = this;
    const [w, h] = [(camera.width / camera.zoom) * scale, (camera.height / camera.zoom) * scale];
    context.strokeStyle = 'rgba(150,180,255,.22)';
    context.lineWidth = 1;
    context.strokeRect(-w / 2, -h / 2, w, h);
    for (const row of /** @type {Iterable<any>} */ (world.room.rows('rock'))) {
      this.#dot(row.x, row.y, 0.6 + row.size * 0.55, 'rgba(150,162,205,.5)', scale);
    }
    for (const row of /** @type {Iterable<any>} */ (world.room.rows('pickup'))) this.#dot(row.x, row.y, 1.5, PICKUP_CSS[row.type], scale);
    for (const row of /** @type {Iterable<any>} */ (world.room.rows('ship'))) {
      if (row.slot !== world.room.player) this.#dot(row.x, row.y, 2.3, hueCss(world.hue(row.slot)), scale);
    }
    if (this.own.alive) this.#self(scale);
  }

  #dot(/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ radius, /** @type {string} */ colour, /** @type {number} */ scale) {
    const { context, camera } = this;
    context.fillStyle = colour;
    context.beginPath();
    context.arc(camera.right(x) * scale, camera.below(y) * scale, radius, 0, Math.PI * 2);
    context.fill();
  }

  #self(/** @type {number} */ scale) {
    const { context, camera } = this;
    const { x, y, heading } = this.own.body;
    context.save();
    context.translate(camera.right(x) * scale, camera.below(y) * scale);
    context.rotate((heading / 128) * Math.PI);
    context.fillStyle = '#fff';
    context.beginPath();
    context.moveTo(6, 0);
    context.lineTo(-4, 4);
    context.lineTo(-2, 0);
    context.lineTo(-4, -4);
    context.fill();
    context.restore();
  }
}
