// @ts-check
// Names over ships, letter by letter from the atlas; where each letter stands is found once for a name.
import { letterStep } from './paint.js';

const SIZE = 0.5; // letters' pixels to units
const KNOWN_MAX = 512; // names whose letters' places are kept

/** Scripts whose letters stand beside one another, left to right; what is written otherwise is painted as one. */
const APART = /^[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Common}\p{sc=Inherited}]*$/u;
const reader = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** @param {string} name */
const lettersOf = (name) => (APART.test(name) ? Array.from(reader.segment(name), ({ segment }) => segment) : [name]);

export class Names {
  /** @param {import('./scene.js').Scene} scene */
  constructor({ atlas, names }) {
    this.atlas = atlas;
    this.layer = names;
    /** @type {Map<string, {frame: import('./layer.js').Frame, at: number}[]>} */ this.known = new Map();
    this.begun = 0; // the atlas's letters that they are of
  }

  /** @param {string} name @param {number} x its middle @param {number} y @param {number} tint @param {number} alpha */
  put(name, x, y, tint, alpha) {
    for (const { frame, at } of this.#letters(name)) this.layer.put(frame, x + at, y, 0, SIZE, SIZE, tint, alpha);
  }

  #letters(/** @type {string} */ name) {
    const { letters: painted } = this.atlas;
    if (this.begun !== painted.begun || this.known.size >= KNOWN_MAX) this.known.clear();
    this.begun = painted.begun;
    const known = this.known.get(name);
    if (known) return known;
    const frames = lettersOf(name).map((letter) => painted.of(letter));
    let at = frames.reduce((wide, frame) => wide - letterStep(frame), 0) / 2;
    const letters = frames.map((frame) => {
      const step = letterStep(frame);
      at += step;
      return { frame, at: (at - step / 2) * SIZE };
    });
    this.known.set(name, letters);
    return letters;
  }
}
