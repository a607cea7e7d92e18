// @ts-check
// The stage: renderer and layers from far to near; clear, so that the nebula shines through. What stands in the layers belongs to other files.
import 'pixi.js/unsafe-eval'; // no code made from strings: the page may forbid it
import { Container, ParticleContainer, Rectangle, WebGLRenderer } from 'pixi.js';
import { makeAtlas } from './atlas.js';

const PIXEL_RATIO_MAX = 2;
const TEXTURES_MAX = 4; // in one batch: we have three, and each further one costs every pixel a question

/** @param {HTMLCanvasElement} canvas */
export async function openScene(canvas) {
  const renderer = new WebGLRenderer();
  await renderer.init({
    canvas, width: innerWidth, height: innerHeight, autoDensity: true, antialias: false, backgroundAlpha: 0,
    resolution: Math.min(PIXEL_RATIO_MAX, devicePixelRatio || 1), powerPreference: 'high-performance',
  });
  renderer.limits.maxBatchableTextures = TEXTURES_MAX;
  const atlas = makeAtlas();
  const stage = new Container();
  const sky = new Container();
  const world = new Container(); // its origin is where the camera looks; units are the world's
  stage.addChild(sky, world);
  const layers = layersIn(world, atlas.glow);
  return {
    renderer, atlas, stage, sky, world, ...layers,
    /** @param {import('./camera.js').Camera} camera */
    draw(camera) {
      world.scale.set(camera.zoom);
      world.position.set(camera.width / 2 + camera.shakeX, camera.height / 2 + camera.shakeY);
      renderer.render(stage);
    },
    resize() {
      renderer.resize(innerWidth, innerHeight, Math.min(PIXEL_RATIO_MAX, devicePixelRatio || 1));
    },
  };
}
/** @typedef {Awaited<ReturnType<typeof openScene>>} Scene */

/** From far to near. The two that glow add their light to what is behind them. @param {Container} world
 * @param {import('pixi.js').Texture} texture any of the atlas: all particles share its picture */
function layersIn(world, texture) {
  const layers = {
    rocks: new Container(), pickups: new Container(), glow: new Container({ blendMode: 'add' }),
    sparks: particles(texture, 'add'), debris: particles(texture, 'normal'), ships: new Container(), shots: new Container({ blendMode: 'add' }), names: new Container(),
  };
  world.addChild(layers.rocks, layers.pickups, layers.debris, layers.glow, layers.sparks, layers.ships, layers.shots, layers.names);
  return layers;
}

/** @param {import('pixi.js').Texture} texture @param {'add'|'normal'} blendMode */
function particles(texture, blendMode) {
  const container = new ParticleContainer({
    texture, blendMode, dynamicProperties: { position: true, vertex: true, rotation: true, color: true, uvs: true },
  });
  container.boundsArea = new Rectangle(-4000, -4000, 8000, 8000);
  return container;
}

/** Sprites that are handed out again for each picture: take one, and what was not taken is hidden at `end`. */
export class Pool {
  /** @param {Container} layer @param {() => any} make */
  constructor(layer, make) {
    this.layer = layer;
    this.make = make;
    /** @type {any[]} */ this.all = [];
    this.used = 0;
  }

  take() {
    let one = this.all[this.used++];
    if (!one) this.all.push((one = this.layer.addChild(this.make())));
    one.visible = true;
    return one;
  }

  end() {
    for (let i = this.used; i < this.all.length; i++) this.all[i].visible = false;
    this.used = 0;
  }
}
