// @ts-check
// Whether the picture is to hold still: as the system asks (prefers-reduced-motion), unless the player chose. Then
// nothing shakes, flickers or drifts, and a third of the sparks fly.
import { remember, remembered } from './memory.js';

const asked = matchMedia('(prefers-reduced-motion: reduce)');
const chosen = remembered('calm').calm;

export const calm = {
  on: typeof chosen === 'boolean' ? chosen : asked.matches,
  /** @param {boolean} on */
  choose(on) {
    remember('calm', { calm: on });
    show(on);
  },
};

/** @param {boolean} on */
function show(on) {
  calm.on = on;
  document.documentElement.classList.toggle('calm', on);
}

show(calm.on);
asked.addEventListener('change', () => { if (typeof remembered('calm').calm !== 'boolean') show(asked.matches); });
