// @ts-check
// How finely the picture is drawn, so that it stays fluid: with too few pictures a second it goes down a step (fewer
// pixels and sparks, no names of far ships), with enough for a while up again. A step that does not help is taken back
// (something else is slow, or the browser shows no more), and one that went up too early is tried again later.

const STEPS = [
  { pixels: 1, sparks: 1, names: Infinity },
  { pixels: 0.75, sparks: 0.6, names: 900 },
  { pixels: 0.5, sparks: 0.35, names: 450 },
];
const WINDOW_S = 2; // pictures are counted over so long
const [FEW, ENOUGH] = [28, 50]; // pictures a second
const HELPS = 1.1; // a step down has to bring a tenth more
const [PATIENCE, PATIENCE_MAX] = [4, 64]; // windows with enough before a step up; doubles when that was too early
const REST = 30; // windows after a step that did not help
const GAP_S = 0.5; // nobody looked: not a slow picture

export class Quality {
  /** @param {() => void} changed told when there are to be more or fewer pixels */
  constructor(changed) {
    this.changed = changed;
    this.step = 0;
    this.before = 0; // pictures a second before the last step down; 0: it has been judged
    this.good = 0; // windows with enough, one after the other
    this.rest = 0; // windows until the next step down may be tried
    this.patience = PATIENCE;
    this.raised = false; // the last step went up
    this.pictures = this.seconds = 0; // of this window
  }

  /** Of the screen's pixels, along each side. */
  get pixels() {
    return STEPS[this.step].pixels;
  }

  /** The share of sparks that fly. */
  get sparks() {
    return STEPS[this.step].sparks;
  }

  /** How far from the middle names are read, in units. */
  get names() {
    return STEPS[this.step].names;
  }

  /** One picture was drawn, so long after the one before. @param {number} seconds */
  picture(seconds) {
    if (seconds > GAP_S) return this.#count();
    this.pictures++;
    this.seconds += seconds;
    if (this.seconds < WINDOW_S) return;
    const rate = this.pictures / this.seconds;
    this.#count();
    this.#judge(rate);
  }

  #count() {
    this.pictures = this.seconds = 0;
  }

  #judge(/** @type {number} */ rate) {
    const helped = rate > this.before * HELPS;
    this.rest = Math.max(0, this.rest - 1);
    this.good = rate >= ENOUGH ? this.good + 1 : 0;
    if (this.before && !helped) return this.#go(-1), void (this.rest = REST);
    this.before = 0;
    if (rate < FEW && this.step < STEPS.length - 1 && !this.rest) this.#down(rate);
    else if (this.step > 0 && this.good >= this.patience) this.#go(-1);
  }

  #down(/** @type {number} */ rate) {
    if (this.raised) this.patience = Math.min(PATIENCE_MAX, this.patience * 2);
    this.#go(1);
    this.before = rate;
  }

  #go(/** @type {1|-1} */ way) {
    this.step += way;
    this.raised = way < 0;
    this.before = this.good = 0;
    this.changed();
  }
}
