// @ts-check
// Three depths of stars, which drift against the camera's (never wrapping) place.

const [COLD, WARM] = [0xcad9f7, 0xf7e0ca];
const DEPTHS = [
  { count: 110, depth: 0.12, size: 0.05, alpha: 0.5 },
  { count: 70, depth: 0.28, size: 0.075, alpha: 0.75 },
  { count: 34, depth: 0.55, size: 0.12, alpha: 0.95 },
];
const MARGIN = 10; // pixels beyond each edge

export class Stars {
  /** @param {import('./scene.js').Scene} scene */
  constructor({ sky, atlas }) {
    this.layer = sky;
    this.picture = atlas.glow;
    this.stars = DEPTHS.flatMap(scatter);
  }

  /** @param {import('./camera.js').Camera} camera */
  draw(camera) {
    const [width, height] = [camera.width + 2 * MARGIN, camera.height + 2 * MARGIN];
    for (const { x, y, depth, size, tint, alpha } of this.stars) {
      const right = modulo(x * width - camera.x * depth * camera.zoom, width) - MARGIN;
      const below = modulo(y * height - camera.y * depth * camera.zoom, height) - MARGIN;
      this.layer.put(this.picture, right, below, 0, size, size, tint, alpha);
    }
  }
}

/** @param {typeof DEPTHS[0]} depth */
function scatter({ count, depth, size, alpha }) {
  return Array.from({ length: count }, () => ({
    x: Math.random(), y: Math.random(), depth, size: size * (0.6 + Math.random() * 0.9),
    tint: Math.random() < 0.7 ? COLD : WARM, alpha: alpha * (0.5 + Math.random() * 0.5),
  }));
}

/** @param {number} value @param {number} span */
function modulo(value, span) {
  return ((value % span) + span) % span;
}
