// The debug overlay, an import of its own: what a room's line is like, and sliders that make this client's line worse
// than it is. One element with its own style; `openOverlay(room)` puts it on the page, a key shows and hides it.
import { FINE, Meddler } from './meddle.js';
import { FIGURES, Meter, SAMPLE_MS, SAMPLES } from './meter.js';

const KBPS = [0, 256, 128, 64, 32, 16, 8, 4]; // kilobytes a second, by slider: none, then ever narrower
const CURVE = { width: 128, height: 26 };

/** @typedef {{name: keyof typeof FINE, label: string, title: string, max: number, step: number, wish(at: number): number, say(at: number): string}} Slider */
/** @type {Slider[]} */
const SLIDERS = [
  { name: 'delay', label: 'Delay', title: 'added each way', max: 400, step: 10, wish: (at) => at, say: (at) => `${at} ms` },
  { name: 'jitter', label: 'Jitter', title: 'up to so much more, each way', max: 200, step: 10, wish: (at) => at, say: (at) => `${at} ms` },
  { name: 'stall', label: 'Stalls', title: 'nothing passes for so long, every few seconds', max: 3000, step: 100, wish: (at) => at, say: (at) => `${(at / 1000).toFixed(1)} s` },
  { name: 'bandwidth', label: 'Bandwidth', title: 'each way', max: KBPS.length - 1, step: 1, wish: (at) => KBPS[at] * 1000, say: (at) => (at ? `${KBPS[at]} KB/s` : 'all') },
  { name: 'loss', label: 'Drops', title: 'messages lost on the way, which come again after a time-out', max: 30, step: 1, wish: (at) => at / 100, say: (at) => `${at} %` },
];

/** @param {string} tag @param {{[name: string]: any}} [properties] @param {...(Node|string)} children */
function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** @param {Element} element @param {string} text */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export class Overlay {
  /** @param {any} room @param {{key?: string, open?: boolean, parent?: Element}} [options] */
  constructor(room, { key = 'KeyL', open = false, parent = document.body } = {}) {
    this.room = room;
    this.key = key;
    this.meter = new Meter(room);
    this.meddler = new Meddler(() => room.drop());
    this.element = make('tidewire-overlay', { hidden: true });
    this.root = this.element.attachShadow({ mode: 'open' });
    this.badge = make('output');
    /** @type {{curve: HTMLCanvasElement, value: Element}[]} */ this.tiles = [];
    this.last = make('div', { className: 'last' });
    this.said = make('p', { className: 'said' });
    this.sum = make('p', { className: 'said' });
    this.root.append(make('style', { textContent: STYLE }), this.#panel());
    parent.append(this.element);
    this.onKey = (/** @type {KeyboardEvent} */ event) => this.#pressed(event);
    addEventListener('keydown', this.onKey);
    this.timer = setInterval(() => this.#beat(), SAMPLE_MS);
    if (open) this.toggle();
  }

  get shown() {
    return !this.element.hidden;
  }

  toggle() {
    this.element.hidden = !this.element.hidden;
    if (this.shown) this.#draw();
  }

  /** Takes it off the page; the line is as it was, once what is held back has been handed on in order. */
  close() {
    clearInterval(this.timer);
    removeEventListener('keydown', this.onKey);
    Object.assign(this.meddler.wish, FINE);
    this.element.remove();
  }

  #pressed(/** @type {KeyboardEvent} */ event) {
    const types = event.target instanceof Element && event.target.closest('input:not([type=range]), textarea, select');
    if (event.code !== this.key || types || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    event.preventDefault();
    this.toggle();
  }

  // ---- How it is built.

  #panel() {
    const shut = make('button', { type: 'button', className: 'shut', title: 'Close', ariaLabel: 'Close', textContent: '×', onclick: () => this.toggle() });
    const panel = make('section', { ariaLabel: 'The line' },
      make('header', {}, make('h2', { textContent: 'Line' }), this.badge, shut),
      make('div', { className: 'tiles' }, ...FIGURES.map((figure) => this.#tile(figure))),
      make('h3', { textContent: 'Last frame' }), this.said, this.last, this.sum,
      make('h3', { textContent: 'Make it worse' }), this.#sliders());
    panel.setAttribute('role', 'region');
    // Keys that move a slider are not for the game; the key that shows and hides is for us; Escape hides, too.
    panel.addEventListener('keydown', (event) => {
      if (event.code === 'Escape') this.toggle();
      if (event.code !== this.key) event.stopPropagation();
    });
    return panel;
  }

  #tile(/** @type {typeof FIGURES[number]} */ { label, unit }) {
    const curve = /** @type {HTMLCanvasElement} */ (make('canvas', { width: CURVE.width * 2, height: CURVE.height * 2 }));
    const value = make('b', { textContent: '–' });
    this.tiles.push({ curve, value });
    return make('div', {}, make('span', { textContent: label }), make('em', {}, value, ` ${unit}`), curve);
  }

  #sliders() {
    const form = make('form');
    const inputs = SLIDERS.map((slider) => {
      const value = make('output', { textContent: slider.say(0) });
      const input = /** @type {HTMLInputElement} */ (make('input', { type: 'range', name: slider.name, min: '0', max: String(slider.max), step: String(slider.step), value: '0' }));
      input.oninput = () => {
        write(value, slider.say(Number(input.value)));
        this.#wish(slider.name, slider.wish(Number(input.value)));
      };
      form.append(make('label', { title: slider.title }, make('span', { textContent: slider.label }), input, value));
      return input;
    });
    const reset = () => inputs.forEach((input) => { input.value = '0'; input.dispatchEvent(new Event('input')); });
    form.append(make('div', { className: 'buttons' },
      make('button', { type: 'button', name: 'fine', textContent: 'All fine again', onclick: reset }),
      make('button', { type: 'button', name: 'drop', textContent: 'Drop and resume', onclick: () => this.room.drop() })));
    return form;
  }

  /** Stands in the way from the first wish on; what is held back then is still handed on in order. */
  #wish(/** @type {keyof typeof FINE} */ name, /** @type {number} */ value) {
    this.meddler.wish[name] = value;
    this.room.meddle ??= this.meddler;
  }

  // ---- What it shows.

  #beat() {
    this.meter.sample(performance.now());
    if (this.shown) this.#draw();
  }

  #draw() {
    const { room } = this;
    write(this.badge, room.state === 'playing' ? room.transport || 'websocket' : room.state);
    this.badge.className = room.state;
    FIGURES.forEach((figure, i) => {
      write(this.tiles[i].value, round(this.meter.value(figure.name)));
      this.#curve(this.tiles[i].curve, figure);
    });
    this.#frame();
  }

  #curve(/** @type {HTMLCanvasElement} */ canvas, /** @type {typeof FIGURES[number]} */ { name, least }) {
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const top = this.meter.rings[name].reduce((most, value) => Math.max(most, value), least) * 1.1;
    const x = (/** @type {number} */ i) => ((i + 1) / SAMPLES) * canvas.width;
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.beginPath();
    pen.moveTo(x(SAMPLES - this.meter.count), canvas.height);
    this.meter.each(name, (i, value) => pen.lineTo(x(i), canvas.height - 2 - (value / top) * (canvas.height - 4)));
    pen.strokeStyle = '#7fd4ff';
    pen.lineWidth = 2.5;
    pen.lineJoin = 'round';
    pen.stroke();
    pen.lineTo(canvas.width, canvas.height);
    pen.fillStyle = 'rgb(88 200 255 / .14)';
    pen.fill();
  }

  /** What arrived last, by kind. */
  #frame() {
    const { lastFrame, schema, tick, stats } = this.room;
    write(this.said, `tick ${tick} · ${lastFrame?.bytes ?? 0} bytes`);
    write(this.sum, `hashes ${stats.hashes}, wrong ${stats.mismatches} · drops ${stats.reconnects}`);
    if (!lastFrame || !schema) return;
    const rows = schema.kinds.map((/** @type {{name: string}} */ { name }, /** @type {number} */ i) => {
      const counts = /** @type {[string, number][]} */ ([['changed', lastFrame.changed[i]], ['entered', lastFrame.entered[i]], ['left', lastFrame.left[i]]]);
      return make('div', {}, make('span', { textContent: name }),
        ...counts.map(([word, count]) => make('i', { className: count ? word : '', title: word, textContent: count ? `${SIGNS[word]}${count}` : '·' })));
    });
    this.last.replaceChildren(...rows);
  }
}

/** @type {{[word: string]: string}} */
const SIGNS = { changed: '~', entered: '+', left: '−' };

/** @param {number} value */
function round(value) {
  if (value >= 10000) return `${Math.round(value / 1000)} k`;
  return value >= 10 || value === 0 ? String(Math.round(value)) : value.toFixed(1);
}

/** Puts the overlay on the page. @param {any} room @param {{key?: string, open?: boolean, parent?: Element}} [options] */
export function openOverlay(room, options) {
  return new Overlay(room, options);
}

const STYLE = `
:host { all: initial; }
:host([hidden]) { display: none; }
section {
  position: fixed; right: 12px; bottom: 12px; z-index: 50; width: 304px; max-width: calc(100vw - 24px); max-height: calc(100dvh - 24px); overflow: auto;
  padding: 12px 14px 14px; border: 1px solid rgb(140 170 255 / .22); border-radius: 14px; box-sizing: border-box;
  background: rgb(8 12 28 / .93); color: #e9eeff; box-shadow: 0 18px 50px rgb(0 0 0 / .5); cursor: default; user-select: none;
  font: 12px/1.35 Inter, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums;
}
header { display: flex; align-items: center; gap: 9px; }
h2, h3, p { margin: 0; }
h2 { font-size: 14px; font-weight: 700; }
h3 { margin: 13px 0 5px; font-size: 10.5px; font-weight: 600; letter-spacing: .12em; text-transform: uppercase; color: #93a0c8; }
header output { padding: 1px 9px; border-radius: 99px; background: rgb(255 201 77 / .16); color: #ffd98a; font-weight: 600; }
header output.playing { background: rgb(59 224 143 / .15); color: #8cf5bf; }
.shut { margin-left: auto; padding: 0 8px; border: 0; background: none; font-size: 19px; line-height: 1; color: #93a0c8; }
.tiles { display: grid; grid-template-columns: 1fr 1fr; gap: 6px; margin-top: 10px; }
.tiles > div { padding: 5px 9px 0; border-radius: 9px; background: rgb(140 170 255 / .07); display: grid; overflow: hidden; }
.tiles span, label span { color: #a5b1d6; }
.tiles span { font-size: 11px; } .tiles em { font-style: normal; color: #93a0c8; } .tiles b { color: #fff; font-weight: 650; font-size: 15px; }
.tiles canvas { width: calc(100% + 18px); height: 26px; margin: -4px -9px 0; }
.said { color: #93a0c8; font-size: 11px; }
.last { display: grid; grid-template-columns: 1fr 1fr; gap: 0 14px; margin-top: 4px; }
.last div { display: grid; grid-template-columns: 1fr 30px 30px 26px; } .last span { color: #c8d2f2; overflow: hidden; text-overflow: ellipsis; }
.last i { font-style: normal; text-align: right; color: #4d587c; } .last .changed { color: #7fd4ff; } .last .entered { color: #8cf5bf; } .last .left { color: #ffb38a; }
label { display: grid; grid-template-columns: 68px 1fr 58px; align-items: center; gap: 8px; padding: 2px 0; }
label output { text-align: right; } input { width: 100%; margin: 0; accent-color: #58c8ff; height: 18px; cursor: pointer; }
.buttons { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; margin-top: 9px; }
button { font: inherit; font-weight: 600; color: inherit; cursor: pointer; }
.buttons button { padding: 7px 4px; border: 1px solid rgb(140 170 255 / .25); border-radius: 9px; background: rgb(140 170 255 / .1); }
.buttons button:hover, .shut:hover { background: rgb(140 170 255 / .22); color: #fff; }
:focus-visible { outline: 2px solid #7fd4ff; outline-offset: 2px; border-radius: 6px; }
@media (pointer: coarse) {
  .shut { min-width: 44px; min-height: 44px; margin: -10px -8px -10px auto; }
  label { padding: 5px 0; } input { height: 32px; } .buttons button { min-height: 44px; }
}
`;
