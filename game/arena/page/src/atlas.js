// @ts-check
// All pictures, painted once into one canvas when the page opens: one texture, so that a whole layer is drawn at once,
// and nothing has to be fetched. Painted white where a tint is to colour it. Letters are painted when a name first needs them.
import { CanvasSource } from 'pixi.js';
import { HULLS } from './looks.js';
import { paintRock } from './paint-rock.js';
import { LETTER_HEIGHT, letterWidth, paintArc, paintFlame, paintGlow, paintHull, paintLetter, paintPickup, paintRing, paintShard, paintShot, paintSpark } from './paint.js';

const [WIDTH, HEIGHT] = [2048, 1024];
const GAP = 4; // between pictures, so that none bleeds into another
export const ROCK_SHAPES = 14;
export const ARC_STEPS = 20; // a health arc in twentieths
export const PICKUPS = 4;
const USUAL = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)); // letters that are there from the start
/** @typedef {import('./layer.js').Frame} Frame */

/** Lays pictures side by side, row under row. */
class Sheet {
  constructor() {
    this.canvas = document.createElement('canvas');
    Object.assign(this.canvas, { width: WIDTH, height: HEIGHT });
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    this.x = this.y = this.tall = GAP;
  }

  /** Paints one picture with its origin in its middle; null if there is no room for it. @param {number} width @param {number} height
   * @param {(context: CanvasRenderingContext2D) => void} paint @returns {Frame|null} */
  add(width, height, paint) {
    if (this.x + width + GAP > WIDTH) this.endRow();
    if (this.y + height + GAP > HEIGHT) return null;
    const { context, x, y } = this;
    context.save();
    context.translate(x + width / 2, y + height / 2);
    context.beginPath();
    context.rect(-width / 2, -height / 2, width, height);
    context.clip();
    paint(context);
    context.restore();
    this.x += width + GAP;
    this.tall = Math.max(this.tall, height);
    return { u0: x / WIDTH, v0: y / HEIGHT, u1: (x + width) / WIDTH, v1: (y + height) / HEIGHT, width, height };
  }

  /** The next picture begins a row, whose top this gives. */
  endRow() {
    this.x = GAP;
    this.y += this.tall + GAP;
    this.tall = 0;
    return this.y;
  }

  /** Takes away all pictures from a row's top on. @param {number} top */
  erase(top) {
    this.context.clearRect(0, top, WIDTH, HEIGHT - top);
    this.x = GAP;
    this.y = top;
    this.tall = 0;
  }
}

/** What the game's things look like, by name. @param {Sheet} sheet */
function paintThings(sheet) {
  const add = (/** @type {number} */ width, /** @type {number} */ height, /** @type {(c: CanvasRenderingContext2D) => void} */ paint) => (
    /** @type {Frame} */ (sheet.add(width, height, paint)));
  const each = (/** @type {number} */ count, /** @type {number} */ side, /** @type {(c: CanvasRenderingContext2D, i: number) => void} */ paint) => (
    Array.from({ length: count }, (_, i) => add(side, side, (c) => paint(c, i))));
  return {
    glow: add(128, 128, (c) => paintGlow(c, 64)),
    spark: add(64, 24, paintSpark),
    hulls: each(HULLS.length, 128, (c, i) => paintHull(c, HULLS[i])),
    flame: add(128, 48, paintFlame),
    shot: add(96, 40, paintShot),
    ring: add(256, 256, (c) => paintRing(c, 122)),
    shield: add(160, 160, (c) => paintRing(c, 72, true)),
    shard: add(32, 32, paintShard),
    pickups: each(PICKUPS, 96, paintPickup),
    rocks: each(ROCK_SHAPES, 192, (c, i) => paintRock(c, i, 84)),
    arcs: each(ARC_STEPS + 1, 112, (c, i) => paintArc(c, i / ARC_STEPS)),
  };
}

/** Letters as they are first asked for, in what the things leave free; when that is full it begins anew. */
class Letters {
  /** @param {Sheet} sheet @param {CanvasSource} source */
  constructor(sheet, source) {
    this.sheet = sheet;
    this.source = source;
    this.from = sheet.endRow();
    /** @type {Map<string, Frame>} */ this.known = new Map();
    this.begun = 0; // how often: frames of an earlier beginning are no more
    this.fresh = false; // some were painted that the graphics card does not have yet
    for (const letter of USUAL) this.of(letter);
  }

  /** @param {string} letter as it is read: with its accents, or a whole word of a script that joins them @returns {Frame} */
  of(letter) {
    const known = this.known.get(letter);
    if (known) return known;
    const frame = this.#paint(letter) ?? this.#anew(letter);
    this.known.set(letter, frame);
    this.fresh = true;
    return frame;
  }

  /** Hands on what was painted, all at once: the whole atlas goes. */
  send() {
    if (this.fresh) this.source.update();
    this.fresh = false;
  }

  #paint(/** @type {string} */ letter) {
    return this.sheet.add(letterWidth(this.sheet.context, letter), LETTER_HEIGHT, (c) => paintLetter(c, letter));
  }

  #anew(/** @type {string} */ letter) {
    this.begun++;
    this.known.clear();
    this.sheet.erase(this.from);
    return /** @type {Frame} */ (this.#paint(letter));
  }
}

export function makeAtlas() {
  const sheet = new Sheet();
  const things = paintThings(sheet);
  const source = new CanvasSource({ resource: sheet.canvas, autoGenerateMipmaps: true, mipmapFilter: 'nearest' }); // far off nothing glitters
  return { source, letters: new Letters(sheet, source), ...things };
}
/** @typedef {ReturnType<typeof makeAtlas>} Atlas */
