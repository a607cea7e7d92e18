// @ts-check
// Three depths of stars, which drift against the camera's (never wrapping) place.
import { Particle, ParticleContainer, Rectangle } from 'pixi.js';

const [COLD, WARM] = [0xcad9f7, 0xf7e0ca];
const LAYERS = [
  { count: 110, depth: 0.12, size: 0.05, alpha: 0.5 },
  { count: 70, depth: 0.28, size: 0.075, alpha: 0.75 },
  { count: 34, depth: 0.55, size: 0.12, alpha: 0.95 },
];

export class Stars {
  /** @param {import('./scene.js').Scene} scene */
  constructor(scene) {
    this.field = new ParticleContainer({ texture: scene.atlas.glow, blendMode: 'add', dynamicProperties: { position: true } });
    this.field.boundsArea = new Rectangle(0, 0, 8000, 8000);
    scene.sky.addChild(this.field);
    /** @type {{star: Particle, x: number, y: number, depth: number}[]} */ this.stars = [];
    for (const layer of LAYERS) this.#scatter(scene.atlas.glow, layer);
  }

  #scatter(/** @type {import('pixi.js').Texture} */ texture, /** @type {typeof LAYERS[0]} */ { count, depth, size, alpha }) {
    for (let i = 0; i < count; i++) {
      const scale = size * (0.6 + Math.random() * 0.9);
      const star = new Particle({
        texture, anchorX: 0.5, anchorY: 0.5, scaleX: scale, scaleY: scale,
        tint: Math.random() < 0.7 ? COLD : WARM, alpha: alpha * (0.5 + Math.random() * 0.5),
      });
      this.field.addParticle(star);
      this.stars.push({ star, x: Math.random(), y: Math.random(), depth });
    }
  }

  /** @param {import('./camera.js').Camera} camera */
  draw(camera) {
    const [width, height] = [camera.width + 20, camera.height + 20];
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
