// @ts-check
// The card that asks for name and colour, in front of an arena that already moves. Enter flies; Esc puts it
// away, and brings it back.
import { find, make, write } from './dom.js';
import { hueOf, lookOf, LOOKS, markOf } from './looks.js';
import { inLine, why } from './words.js';

const NAME_BYTES_MAX = 23;
/** What nobody sees, but for what holds letters together. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u2800]|(?![\u200c\u200d\ufe0f])\p{Default_Ignorable_Code_Point}/gu;
const LOOSE = /^[\s\u200c\u200d\ufe0f]+|[\s\u200c\u200d]+$/g; // holds nothing together

/** A name as the server takes it, at most 23 bytes, and as others can read it; empty if nothing is left. @param {string} typed */
export function cleanName(typed) {
  let name = typed.replace(UNSEEN, '').trim();
  while (new TextEncoder().encode(name).length > NAME_BYTES_MAX) name = [...name].slice(0, -1).join('');
  return name.replace(LOOSE, '');
}

export class Card {
  /** @param {ReturnType<typeof import('./net.js').openNet>} net @param {import('./board.js').Board} board
   * @param {import('./input.js').Controls} controls */
  constructor(net, board, controls) {
    this.net = net;
    this.board = board;
    this.controls = controls;
    this.dialog = /** @type {HTMLDialogElement} */ (find('#card'));
    this.name = /** @type {HTMLInputElement} */ (find('#name'));
    this.name.value = net.known.name;
    this.hue = net.known.hue >= 0 ? net.known.hue : hueOf(Math.floor(Math.random() * LOOKS.length));
    this.#swatches();
    this.#colour();
    find('#card form').addEventListener('submit', (event) => this.#fly(event));
    find('#menu').addEventListener('click', () => this.open());
    addEventListener('keydown', (event) => this.#key(event));
    for (const news of /** @type {const} */ (['state', 'queued', 'welcome'])) net.room.on(/** @type {any} */ (news), () => this.#trouble());
  }

  #swatches() {
    const set = find('#colours');
    LOOKS.forEach((look, index) => {
      const hue = hueOf(index);
      const label = make('label');
      const radio = /** @type {HTMLInputElement} */ (make('input'));
      Object.assign(radio, { type: 'radio', name: 'hue', value: String(hue), checked: lookOf(this.hue) === look, ariaLabel: `${look.name} ship` });
      radio.addEventListener('change', () => { this.hue = hue; this.#colour(); });
      const dot = make('i');
      dot.style.background = look.css;
      dot.style.clipPath = markOf(look.hull);
      label.append(radio, dot);
      set.append(label);
    });
  }

  #colour() {
    document.documentElement.style.setProperty('--mine', lookOf(this.hue).css);
  }

  open() {
    this.controls.enabled = false;
    this.controls.release();
    find('#hud').hidden = true;
    this.dialog.show();
    this.board.showTop();
    if (matchMedia('(pointer: fine)').matches) this.name.select();
    this.#trouble();
  }

  close() {
    this.dialog.close();
    find('#hud').hidden = false;
    this.controls.enabled = true;
    find('#stage').focus({ preventScroll: true });
  }

  #key(/** @type {KeyboardEvent} */ { code, repeat, isComposing }) {
    if (code !== 'Escape' || repeat || isComposing || document.querySelector('#help[open]')) return;
    if (this.dialog.open) this.close();
    else this.open();
  }

  #fly(/** @type {Event} */ event) {
    event.preventDefault();
    const name = cleanName(this.name.value);
    this.name.value = name;
    this.net.choose(name, this.hue);
    this.close();
  }

  /** Says on the card why there is no arena behind it; a refused name brings the card back. */
  #trouble() {
    const { room } = this.net;
    const error = /** @type {any} */ (room.error);
    if (error?.code === 'bad-name' && room.state === 'over' && !this.dialog.open) this.open();
    const lost = error && !room.place;
    write(find('#trouble'), lost ? `${why(error)}${room.state === 'over' ? '' : ' The page goes on trying.'}` : room.place ? `All seats are taken. ${inLine(room.place)}.` : '');
  }
}
