// @ts-check
// What the player wants, from keys, mouse or touch: whichever was used last decides. Short taps between two
// inputs are kept until one was made of them.
import { find } from './dom.js';

const KEYS = {
  KeyW: 'thrust', ArrowUp: 'thrust', KeyA: 'left', ArrowLeft: 'left', KeyD: 'right', ArrowRight: 'right', Space: 'fire',
};
const meant = (/** @type {string} */ code) => KEYS[/** @type {keyof typeof KEYS} */ (code)];
const FULL = 8;
const TURN = 256;
const STICK_THRUST = 0.42; // a stick pushed farther than this burns

/** @typedef {{turn: number, thrust: number, fire: number, aim: number}} Input */

export class Controls {
  /** @param {HTMLCanvasElement} stage @param {import('./camera.js').Camera} camera @param {import('./own.js').Own} own */
  constructor(stage, camera, own) {
    this.camera = camera;
    this.own = own;
    this.enabled = false; // while the card is open, keys belong to it
    /** @type {Set<string>} keys that are down, by code */ this.held = new Set();
    /** @type {Set<string>} what was pressed since the last input */ this.tapped = new Set();
    this.mouse = { x: 0, y: 0, aims: false, fire: false, thrust: false };
    this.stick = { x: 0, y: 0, on: false };
    this.touchFire = false;
    this.#keys();
    this.#mouse(stage);
    addEventListener('blur', () => this.release()); // a hidden tab: away.js
  }

  #keys() {
    addEventListener('keydown', (event) => {
      const want = this.#wanted(event);
      if (!want) return;
      event.preventDefault();
      this.held.add(event.code);
      this.tapped.add(want);
      if (want === 'left' || want === 'right') this.mouse.aims = false;
    });
    addEventListener('keyup', ({ code, key }) => {
      if (key === 'Meta') this.held.clear(); // keys that were let go while it was down: a Mac does not tell
      this.held.delete(code);
    });
  }

  #wanted(/** @type {KeyboardEvent} */ event) {
    if (!this.enabled || document.querySelector('#help[open]') || event.ctrlKey || event.metaKey || event.altKey) return undefined;
    const onControl = event.target instanceof HTMLElement && event.target.closest('button, input, a');
    if (onControl && event.code === 'Space') return undefined; // it presses what has the focus
    return meant(event.code);
  }

  #mouse(/** @type {HTMLCanvasElement} */ stage) {
    stage.addEventListener('pointermove', (event) => {
      if (event.pointerType !== 'mouse' || this.#on('left') || this.#on('right')) return; // who turns by keys may touch the table
      Object.assign(this.mouse, { x: event.clientX, y: event.clientY, aims: true });
    });
    stage.addEventListener('mousedown', (event) => { // of pointers, a second button is not told
      if (!this.enabled) return;
      stage.focus({ preventScroll: true });
      Object.assign(this.mouse, { x: event.clientX, y: event.clientY, aims: true });
      if (event.button === 2) this.mouse.thrust = true;
      else if (event.button === 0) (this.mouse.fire = true), this.tapped.add('fire');
    });
    addEventListener('mouseup', (event) => {
      if (event.button === 2) this.mouse.thrust = false;
      else if (event.button === 0) this.mouse.fire = false;
    });
    stage.addEventListener('contextmenu', (event) => event.preventDefault());
    find('#tools').addEventListener('mousedown', (event) => event.preventDefault()); // takes no focus: Space goes on firing
  }

  /** Lets go of everything. */
  release() {
    this.held.clear();
    this.tapped.clear();
    Object.assign(this.mouse, { fire: false, thrust: false });
    Object.assign(this.stick, { x: 0, y: 0, on: false });
    this.touchFire = false;
  }

  /** What to send when nobody has the controls. @returns {Input} */
  rest() {
    return { turn: 0, thrust: 0, fire: 0, aim: -1 };
  }

  /** An input was made: taps have had their turn. */
  taken() {
    this.tapped.clear();
  }

  #on(/** @type {string} */ what) {
    return this.tapped.has(what) || [...this.held].some((code) => meant(code) === what);
  }

  /** What the player wants now. @returns {Input} */
  wanted() {
    if (!this.enabled) return this.rest();
    const input = this.stick.on ? this.#fromStick() : {
      turn: (this.#on('right') ? FULL : 0) - (this.#on('left') ? FULL : 0),
      thrust: this.#on('thrust') || this.mouse.thrust ? FULL : 0,
      aim: this.mouse.aims ? this.#aim() : -1, fire: 0,
    };
    input.fire = this.#on('fire') || this.mouse.fire || this.touchFire ? 1 : 0;
    return input;
  }

  #aim() {
    const { camera, own, mouse } = this;
    const dx = (mouse.x - camera.width / 2) / camera.zoom - camera.right(own.body.x);
    const dy = (mouse.y - camera.height / 2) / camera.zoom - camera.below(own.body.y);
    return heading(dx, dy);
  }

  #fromStick() {
    const far = Math.hypot(this.stick.x, this.stick.y);
    const thrust = far < STICK_THRUST ? 0 : Math.round(((far - STICK_THRUST) / (1 - STICK_THRUST)) * 4) + 4;
    return { turn: 0, thrust: Math.min(FULL, thrust), aim: far > 0.15 ? heading(this.stick.x, this.stick.y) : -1, fire: 0 };
  }
}

/** @param {number} dx @param {number} dy */
function heading(dx, dy) {
  return (Math.round((Math.atan2(dy, dx) / (Math.PI * 2)) * TURN) + TURN) % TURN;
}
