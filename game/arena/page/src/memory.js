// @ts-check
// What the page remembers between visits, each thing under its own word. Storage may be off: then this visit alone counts.

const key = (/** @type {string} */ word) => (word === 'pilot' ? 'tidewire.arena' : `tidewire.arena.${word}`);

/** @param {'pilot'|'sound'|'calm'} word @returns {{[name: string]: any}} */
export function remembered(word) {
  try {
    const found = JSON.parse(localStorage.getItem(key(word)) ?? '{}');
    return typeof found === 'object' && found ? found : {};
  } catch {
    return {};
  }
}

/** @param {'pilot'|'sound'|'calm'} word @param {{[name: string]: any}} what */
export function remember(word, what) {
  try {
    localStorage.setItem(key(word), JSON.stringify(what));
  } catch {
    // As said above.
  }
}
