// @ts-check
// A radar: everything that this client is told of, with the own ship in its middle. The server tells no more than the
// rule `sight` allows, so that is its rim. Ships have their own marks and colours, pick-ups are rings, rocks grey.
// Painted a few times a second on a plain canvas.
import { HULLS, PICKUPS } from './looks.js';

const PAINT_S = 0.1;
const SIGHT = 800; // units, should the rules not say
const HYSTERESIS = 1.1; // what was seen is seen for a little longer
const MARK = 0.1; // of a hull's outline
const ROCK = 'rgba(150,162,205,.5)';

const marks = HULLS.map((outline) => new Path2D(`M${outline.map(([x, y]) => `${x} ${y}`).join('L')}Z`));

export class Radar {
  /** @param {HTMLCanvasElement} canvas @param {import('./world.js').World} world @param {import('./camera.js').Camera} camera @param {import('./own.js').Own} own */
  constructor(canvas, world, camera, own) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    this.world = world;
    this.camera = camera;
    this.own = own;
    this.next = 0;
    this.side = 0; // in the page's pixels; told by the browser: asking it would make it lay out the page
    new ResizeObserver(([{ contentRect }]) => { this.side = contentRect.width; }).observe(canvas);
    this.ratio = 1; // the canvas's pixels to those of the page
    this.middle = 0; // in the canvas's
  }

  /** @param {number} now seconds */
  draw(now) {
    if (now < this.next) return;
    this.next = now + PAINT_S;
    const { side } = this;
    if (!side) return;
    const ratio = (this.ratio = Math.min(2, devicePixelRatio || 1));
    const middle = (this.middle = (side * ratio) / 2);
    if (this.canvas.width !== Math.round(side * ratio)) this.canvas.width = this.canvas.height = Math.round(side * ratio);
    const { context } = this;
    context.setTransform(ratio, 0, 0, ratio, middle, middle);
    context.clearRect(-side / 2, -side / 2, side, side);
    const reach = (this.world.room.rules.sight ?? SIGHT) * HYSTERESIS;
    this.#rings(side / 2, side / (2 * reach));
    this.#paint(side / (2 * reach));
  }

  #rings(/** @type {number} */ radius, /** @type {number} */ scale) {
    const { context, camera } = this;
    context.lineWidth = 1;
    context.strokeStyle = 'rgba(150,180,255,.12)';
    for (const part of [1 / 3, 2 / 3]) {
      context.beginPath();
      context.arc(0, 0, radius * part, 0, Math.PI * 2);
      context.stroke();
    }
    const [w, h] = [(camera.width / camera.zoom) * scale, (camera.height / camera.zoom) * scale];
    context.strokeStyle = 'rgba(150,180,255,.2)';
    context.strokeRect(-w / 2, -h / 2, w, h);
  }

  #paint(/** @type {number} */ scale) {
    const { world, own } = this;
    const each = (/** @type {string} */ kind) => /** @type {Iterable<any>} */ (world.room.rows(kind));
    for (const { x, y, size } of each('rock')) this.#dot(x, y, 0.6 + size * 0.55, scale, ROCK, true);
    for (const { x, y, type } of each('pickup')) this.#dot(x, y, 2, scale, PICKUPS[type], false);
    for (const { x, y, heading, slot } of each('ship')) {
      const look = world.lookOf(slot);
      if (slot !== world.room.player) this.#mark(x, y, heading, look.hull, look.css, MARK, scale);
    }
    const { x, y, heading } = own.body;
    if (own.alive) this.#mark(x, y, heading, world.lookOf(world.room.player).hull, '#fff', MARK * 1.2, scale);
  }

  #dot(/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ radius, /** @type {number} */ scale, /** @type {string} */ css, /** @type {boolean} */ full) {
    const { context, camera } = this;
    context.fillStyle = context.strokeStyle = css;
    context.beginPath();
    context.arc(camera.right(x) * scale, camera.below(y) * scale, radius, 0, Math.PI * 2);
    if (full) context.fill();
    else context.stroke();
  }

  /** Leaves the canvas turned: marks come last. */
  #mark(/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ heading, /** @type {number} */ hull, /** @type {string} */ css, /** @type {number} */ size, /** @type {number} */ scale) {
    const { context, camera, ratio, middle } = this;
    const angle = (heading / 128) * Math.PI;
    const [c, s] = [Math.cos(angle) * size * ratio, Math.sin(angle) * size * ratio];
    context.setTransform(c, s, -s, c, middle + camera.right(x) * scale * ratio, middle + camera.below(y) * scale * ratio);
    context.fillStyle = css;
    context.fill(marks[hull]);
  }
}
