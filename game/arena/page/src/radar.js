// @ts-check
// A radar: everything that this client is told of, with the own ship in its middle. The server tells no more than the
// rule `sight` allows, so that is its rim. Painted a few times a second on a plain canvas.
import { hueCss } from './colour.js';

const PAINT_S = 0.1;
const SIGHT = 800; // units, should the rules not say
const HYSTERESIS = 1.1; // what was seen is seen for a little longer
const PICKUP_CSS = ['#5dff9b', '#ffd34d', '#58c8ff', '#ff6be6'];

export class Radar {
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
    const reach = (this.world.room.rules.sight ?? SIGHT) * HYSTERESIS;
    this.#rings(side / 2);
    this.#paint(side / (2 * reach));
  }

  #rings(/** @type {number} */ radius) {
    const { context } = this;
    context.strokeStyle = 'rgba(150,180,255,.12)';
    context.lineWidth = 1;
    for (const part of [1 / 3, 2 / 3]) {
      context.beginPath();
      context.arc(0, 0, radius * part, 0, Math.PI * 2);
      context.stroke();
    }
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
