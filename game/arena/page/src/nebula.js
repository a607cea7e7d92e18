// @ts-check
// The far light behind the stars: painted once into a plain canvas behind the stage, which is clear where nothing
// flies, and shifted a little with the camera. A full-screen picture drawn by WebGL would cost a software
// renderer half of its time; here the browser's compositor moves finished pixels.
import { calm } from './calm.js';

const DETAIL = 8; // pixels of the screen to one that is computed
const MARGIN = 90; // pixels on each side, for drifting
const SCALE = 1 / 430; // of waves to pixels
const GRAIN = 192; // side of the noise that hides the steps between dark shades

export class Nebula {
  /** @param {HTMLCanvasElement} canvas @param {number} size of the world */
  constructor(canvas, size) {
    this.canvas = canvas;
    this.size = size;
    this.seed = Math.random() * 40;
    this.grain = paintGrain();
    this.place = '';
  }

  /** @param {number} width @param {number} height of the screen */
  resize(width, height) {
    const { canvas } = this;
    canvas.width = width + 2 * MARGIN;
    canvas.height = height + 2 * MARGIN;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
    context.imageSmoothingQuality = 'high';
    context.drawImage(paintClouds(canvas.width, canvas.height, this.seed), 0, 0, canvas.width, canvas.height);
    context.globalCompositeOperation = 'lighter';
    context.fillStyle = /** @type {CanvasPattern} */ (context.createPattern(this.grain, 'repeat'));
    context.fillRect(0, 0, canvas.width, canvas.height);
  }

  /** Drifts with the camera, to and fro once around the world: so it never runs out and has no seam.
   * @param {import('./camera.js').Camera} camera */
  draw(camera) {
    if (calm.on) return;
    const turn = (Math.PI * 2) / this.size;
    const x = Math.round(-MARGIN - Math.sin(camera.x * turn) * MARGIN);
    const y = Math.round(-MARGIN - Math.sin(camera.y * turn) * MARGIN);
    const place = `translate3d(${x}px,${y}px,0)`;
    if (place !== this.place) this.canvas.style.transform = this.place = place;
  }
}

/** @param {number} width @param {number} height @param {number} seed */
function paintClouds(width, height, seed) {
  const small = document.createElement('canvas');
  small.width = Math.ceil(width / DETAIL);
  small.height = Math.ceil(height / DETAIL);
  const context = /** @type {CanvasRenderingContext2D} */ (small.getContext('2d'));
  const image = context.createImageData(small.width, small.height);
  for (let i = 0; i < small.width * small.height; i++) {
    const [u, v] = [(i % small.width) * DETAIL * SCALE + seed, Math.floor(i / small.width) * DETAIL * SCALE + seed * 0.7];
    light(image.data, i * 4, u, v);
  }
  context.putImageData(image, 0, 0);
  return small;
}

/** The colour of one spot: two clouds of waves, blue and violet, over near black. @param {Uint8ClampedArray} into
 * @param {number} at @param {number} u @param {number} v */
function light(into, at, u, v) {
  const bend = Math.sin(u * 1.3 + Math.cos(v * 1.7)) + Math.sin(v * 1.1 - Math.cos(u * 0.7));
  const fine = Math.sin(3.7 * u + 2 * bend) * Math.sin(3.1 * v - 2 * bend) * 0.16;
  const blue = Math.max(0, Math.sin(u * 0.9 + bend * 0.7) * Math.cos(v * 0.8 - bend * 0.5) * 0.6 + fine + 0.06);
  const violet = Math.max(0, Math.cos(1.4 * u + bend * 0.6) * Math.sin(v * 1.2 + 2 + bend * 0.4) * 0.6 + fine - 0.04);
  into[at] = 4 + blue * 13 + violet * 40;
  into[at + 1] = 6 + blue * 34 + violet * 9;
  into[at + 2] = 16 + blue * 76 + violet * 56;
  into[at + 3] = 255;
}

function paintGrain() {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = GRAIN;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = context.createImageData(GRAIN, GRAIN);
  for (let i = 0; i < image.data.length; i += 4) {
    image.data[i] = image.data[i + 1] = image.data[i + 2] = Math.random() * 3;
    image.data[i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
