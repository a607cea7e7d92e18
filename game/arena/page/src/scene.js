// @ts-check
// The stage: renderer and layers from far to near; clear, so that the nebula shines through. What is put into the layers
// belongs to other files; each layer is one draw call, whatever is in it.
import 'pixi.js/unsafe-eval'; // no code made from strings: the page may forbid it
import { Container, WebGLRenderer } from 'pixi.js';
import { makeAtlas } from './atlas.js';
import { Layer, layerShader } from './layer.js';

const PIXEL_RATIO_MAX = 2;

/** Whether this browser has what the stage is drawn with. */
export function canDraw() {
  const context = document.createElement('canvas').getContext('webgl2');
  context?.getExtension('WEBGL_lose_context')?.loseContext(); // browsers keep only some of them
  return context !== null;
}

/** @param {HTMLCanvasElement} canvas */
export async function openScene(canvas) {
  const renderer = new WebGLRenderer();
  await renderer.init({
    canvas, width: innerWidth, height: innerHeight, autoDensity: true, antialias: false, backgroundAlpha: 0,
    resolution: Math.min(PIXEL_RATIO_MAX, devicePixelRatio || 1), powerPreference: 'high-performance',
  });
  const atlas = makeAtlas();
  const shader = layerShader(atlas.source);
  const layer = (/** @type {'normal'|'add'} */ blendMode) => new Layer(shader, blendMode);
  const sky = layer('add'); // in pixels of the page
  const layers = { below: layer('normal'), light: layer('add'), ships: layer('normal'), over: layer('add'), names: layer('normal') };
  const all = [sky, ...Object.values(layers)];
  const stage = new Container();
  const world = new Container(); // its origin is where the camera looks; units are the world's
  world.addChild(...Object.values(layers).map(({ mesh }) => mesh));
  stage.addChild(sky.mesh, world);
  return {
    atlas, sky, ...layers,
    /** @param {import('./camera.js').Camera} camera */
    draw(camera) {
      world.scale.set(camera.zoom);
      world.position.set(camera.width / 2 + camera.shakeX, camera.height / 2 + camera.shakeY);
      for (const each of all) each.show();
      atlas.letters.send();
      renderer.render(stage);
    },
    /** @param {number} share of the screen's pixels, along each side, that are drawn */
    resize(share) {
      renderer.resize(innerWidth, innerHeight, Math.min(PIXEL_RATIO_MAX, devicePixelRatio || 1) * share);
    },
  };
}
/** @typedef {Awaited<ReturnType<typeof openScene>>} Scene */
