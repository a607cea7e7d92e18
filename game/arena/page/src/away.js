// @ts-check
// A tab that nobody looks at: the ship lets go of its controls at once (the last input would be used on and on), and
// when the player returns the picture begins where the world is now, without a storm of what was missed.
import { find } from './dom.js';

const TOLD_S = 2; // shorter looks elsewhere are not worth a word
const SHOWN_MS = 2500;

/** @param {{room: import('tidewire').Room, controls: import('./input.js').Controls, begin: () => void}} page
 * `begin`: what is drawn is to begin anew */
export function watchTab({ room, controls, begin }) {
  let since = 0;
  const hide = () => {
    since ||= performance.now();
    controls.release();
    room.input(controls.rest());
  };
  const show = () => {
    if (!since) return;
    const seconds = (performance.now() - since) / 1000;
    since = 0;
    room.wake();
    begin();
    if (seconds > TOLD_S) tell(`Welcome back. The arena went on for ${Math.round(seconds)} s without you.`);
  };
  document.addEventListener('visibilitychange', () => (document.hidden ? hide() : show()));
  addEventListener('pagehide', hide);
  addEventListener('pageshow', show);
  addEventListener('online', () => room.wake());
}

/** A passing word at the foot of the screen. @param {string} words */
export function tell(words) {
  const toast = find('#toast');
  toast.textContent = words;
  toast.classList.add('on');
  setTimeout(() => toast.classList.remove('on'), SHOWN_MS);
}
