// @ts-check
// The sky: a slow nebula and three depths of stars, which drift against the camera's (never wrapping) place.
import { Particle, ParticleContainer, Rectangle, Texture, TilingSprite } from 'pixi.js';
import { tint } from './colour.js';

const LAYERS = [
  { count: 110, depth: 0.12, size: 0.05, alpha: 0.5 },
  { count: 70, depth: 0.28, size: 0.075, alpha: 0.75 },
  { count: 34, depth: 0.55, size: 0.12, alpha: 0.95 },
];
const NEBULA = 256; // pixels of its tile
const NEBULA_SCALE = 7;
const NEBULA_DEPTH = 0.06;

/** Cloudy light that tiles: sums of waves, so that it meets itself at the edges. */
function paintNebula() {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = NEBULA;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = context.createImageData(NEBULA, NEBULA);
  const turn = (Math.PI * 2) / NEBULA;
  for (let y = 0; y < NEBULA; y++) {
    for (let x = 0; x < NEBULA; x++) {
      const [u, v] = [x * turn, y * turn];
      const bend = Math.sin(u * 2 + Math.cos(v * 3)) + Math.sin(v * 2 - Math.cos(u));
      const cloud = Math.max(0, Math.sin(u + bend * 0.7) * Math.cos(v - bend * 0.5) * 0.5 + Math.sin(3 * u - 2 * v + bend) * 0.22 + 0.08);
      const other = Math.max(0, Math.cos(2 * u + bend * 0.6) * Math.sin(v + 2 + bend * 0.4) * 0.5 + Math.cos(2 * v + 3 * u) * 0.12 - 0.05);
      const at = (y * NEBULA + x) * 4;
      image.data[at] = 4 + cloud * 20 + other * 46;
      image.data[at + 1] = 6 + cloud * 36 + other * 12;
      image.data[at + 2] = 16 + cloud * 74 + other * 56;
      image.data[at + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  return Texture.from(canvas);
}

export class Stars {
  /** @param {import('./scene.js').Scene} scene */
  constructor(scene) {
    this.nebula = new TilingSprite({ texture: paintNebula(), width: 16, height: 16 });
    this.nebula.tileScale.set(NEBULA_SCALE);
    this.field = new ParticleContainer({ texture: scene.atlas.glow, blendMode: 'add', dynamicProperties: { position: true } });
    this.field.boundsArea = new Rectangle(0, 0, 8000, 8000);
    scene.sky.addChild(this.nebula, this.field);
    /** @type {{star: Particle, x: number, y: number, depth: number}[]} */ this.stars = [];
    for (const layer of LAYERS) this.#scatter(scene.atlas.glow, layer);
  }

  #scatter(/** @type {Texture} */ texture, /** @type {typeof LAYERS[0]} */ { count, depth, size, alpha }) {
    for (let i = 0; i < count; i++) {
      const scale = size * (0.6 + Math.random() * 0.9);
      const star = new Particle({
        texture, anchorX: 0.5, anchorY: 0.5, scaleX: scale, scaleY: scale,
        tint: tint(Math.random() < 0.7 ? 215 : 30, 0.7, 0.88), alpha: alpha * (0.5 + Math.random() * 0.5),
      });
      this.field.addParticle(star);
      this.stars.push({ star, x: Math.random(), y: Math.random(), depth });
    }
  }

  /** @param {import('./camera.js').Camera} camera */
  draw(camera) {
    const [width, height] = [camera.width + 20, camera.height + 20];
    this.nebula.width = camera.width;
    this.nebula.height = camera.height;
    this.nebula.tilePosition.set(-camera.x * NEBULA_DEPTH * camera.zoom, -camera.y * NEBULA_DEPTH * camera.zoom);
    for (const { star, x, y, depth } of this.stars) {
      star.x = modulo(x * width - camera.x * depth * camera.zoom, width) - 10;
      star.y = modulo(y * height - camera.y * depth * camera.zoom, height) - 10;
    }
  }
}

/** @param {number} value @param {number} span */
function modulo(value, span) {
  return ((value % span) + span) % span;
}
