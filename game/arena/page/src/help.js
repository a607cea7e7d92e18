// @ts-check
// Help and settings in one sheet: keys, pick-ups, volume, a calm picture. H shows and hides it, M is silence.
import { calm } from './calm.js';
import { find, make, write } from './dom.js';
import { PICKUPS } from './looks.js';

const WORDS = [['+', 'Repair'], ['»', 'Rapid fire'], ['◇', 'Shield'], ['✱', 'Nova: shots all around']]; // signs as on the pick-ups

export class Help {
  /** @param {import('./sounds.js').Sounds} sounds @param {import('./input.js').Controls} controls @param {import('tidewire/overlay').Overlay} overlay */
  constructor(sounds, controls, overlay) {
    this.sounds = sounds;
    this.controls = controls;
    this.dialog = /** @type {HTMLDialogElement} */ (find('#help'));
    this.volume = /** @type {HTMLInputElement} */ (find('#volume'));
    this.calm = /** @type {HTMLInputElement} */ (find('#calm'));
    PICKUPS.forEach((css, i) => this.#pickup(css, ...WORDS[i]));
    this.volume.addEventListener('input', () => sounds.set({ volume: Number(this.volume.value) / 100, muted: this.volume.value === '0' }));
    this.calm.addEventListener('change', () => calm.choose(this.calm.checked));
    find('#open-line').addEventListener('click', () => { this.dialog.close(); overlay.toggle(); });
    find('#open-help').addEventListener('click', () => this.toggle());
    find('#sound').addEventListener('click', () => sounds.set({ muted: !sounds.muted }));
    addEventListener('keydown', (event) => this.#key(event));
    sounds.changed = () => this.#show();
    this.#show();
  }

  #pickup(/** @type {string} */ css, sign = '', words = '') {
    const line = make('li', '', words);
    line.dataset.sign = sign;
    line.style.setProperty('--colour', css);
    find('#pickups').append(line);
  }

  #key(/** @type {KeyboardEvent} */ event) {
    const types = event.target instanceof HTMLInputElement && event.target.type === 'text';
    if (types || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.code === 'KeyH' || event.key === '?') this.toggle();
    else if (event.code === 'KeyM') this.sounds.set({ muted: !this.sounds.muted });
  }

  toggle() {
    if (this.dialog.open) return this.dialog.close();
    this.controls.release();
    this.#show();
    this.dialog.showModal(); // the browser keeps the focus within, gives it back, and closes with Esc
  }

  #show() {
    const { muted, volume } = this.sounds;
    this.volume.value = String(muted ? 0 : Math.round(volume * 100));
    this.calm.checked = calm.on;
    const button = find('#sound');
    button.setAttribute('aria-pressed', String(muted));
    button.title = muted ? 'Sound on (M)' : 'Silence (M)';
    write(find('#volume-words'), muted ? 'silent' : `${Math.round(volume * 100)} %`);
  }
}
