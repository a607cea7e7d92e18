// @ts-check
// A few words for the page's elements: find, make, write only what changed.

/** @template {HTMLElement} [T=HTMLElement] @param {string} selector @returns {T} */
export function find(selector) {
  const found = document.querySelector(selector);
  if (!found) throw new Error(`the page lacks ${selector}`);
  return /** @type {T} */ (found);
}

/** @param {string} tag @param {string} [className] @param {string} [text] */
export function make(tag, className = '', text = '') {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** @param {Element} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Keeps a list's lines: as many as `items`, each filled by `fill`; lines are used again.
 * @template T @param {Element} list @param {T[]} items @param {() => HTMLElement} create @param {(line: any, item: T, index: number) => void} fill */
export function lines(list, items, create, fill) {
  while (list.children.length > items.length) list.lastElementChild?.remove();
  while (list.children.length < items.length) list.append(create());
  items.forEach((item, index) => fill(list.children[index], item, index));
}
