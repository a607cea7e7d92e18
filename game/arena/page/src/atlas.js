// @ts-check
// All pictures, painted once into one canvas when the page opens: one texture, so that nearly everything is drawn
// in one batch, and nothing has to be fetched. Painted white where a tint is to colour it.
import { Rectangle, Texture } from 'pixi.js';
import { HULLS } from './looks.js';
import { paintRock } from './paint-rock.js';
import { paintArc, paintFlame, paintGlow, paintHull, paintPickup, paintRing, paintShard, paintShot, paintSpark } from './paint.js';

const SIZE = 2048;
const GAP = 4; // between pictures, so that none bleeds into another
export const ROCK_SHAPES = 14;
export const ARC_STEPS = 20; // a health arc in twentieths
export const PICKUPS = 4;

/** Lays pictures side by side, row under row. */
class Sheet {
  constructor() {
    this.canvas = document.createElement('canvas');
    this.canvas.width = this.canvas.height = SIZE;
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    this.x = this.y = this.tall = GAP;
    /** @type {{[name: string]: Rectangle}} */ this.frames = {};
  }

  /** Paints one picture with its origin in its middle. @param {string} name @param {number} width @param {number} height
   * @param {(context: CanvasRenderingContext2D) => void} paint */
  add(name, width, height, paint) {
    if (this.x + width + GAP > SIZE) (this.x = GAP), (this.y += this.tall + GAP), (this.tall = 0);
    const { context } = this;
    context.save();
    context.translate(this.x + width / 2, this.y + height / 2);
    context.beginPath();
    context.rect(-width / 2, -height / 2, width, height);
    context.clip();
    paint(context);
    context.restore();
    this.frames[name] = new Rectangle(this.x, this.y, width, height);
    this.x += width + GAP;
    this.tall = Math.max(this.tall, height);
  }

  /** @returns {{[name: string]: Texture}} */
  textures() {
    const { source } = Texture.from(this.canvas);
    return Object.fromEntries(Object.entries(this.frames).map(([name, frame]) => [name, new Texture({ source, frame })]));
  }
}

export function makeAtlas() {
  const sheet = new Sheet();
  sheet.add('glow', 128, 128, (c) => paintGlow(c, 64));
  sheet.add('spark', 64, 24, paintSpark);
  HULLS.forEach((outline, i) => sheet.add(`hull${i}`, 128, 128, (c) => paintHull(c, outline)));
  sheet.add('flame', 128, 48, paintFlame);
  sheet.add('shot', 96, 40, paintShot);
  sheet.add('ring', 256, 256, (c) => paintRing(c, 122));
  sheet.add('shield', 160, 160, (c) => paintRing(c, 72, true));
  sheet.add('shard', 32, 32, paintShard);
  for (let i = 0; i < PICKUPS; i++) sheet.add(`pickup${i}`, 96, 96, (c) => paintPickup(c, i));
  for (let i = 0; i < ROCK_SHAPES; i++) sheet.add(`rock${i}`, 192, 192, (c) => paintRock(c, i, 84));
  for (let i = 0; i <= ARC_STEPS; i++) sheet.add(`arc${i}`, 112, 112, (c) => paintArc(c, i / ARC_STEPS));
  sheet.add('dot', 8, 8, (c) => { c.fillStyle = '#fff'; c.fillRect(-4, -4, 8, 8); });
  return sheet.textures();
}
/** @typedef {ReturnType<typeof makeAtlas>} Atlas */
