// Where the device token lives between visits. In a browser: localStorage, if it may be used; elsewhere nowhere.

const KEY = 'tidewire.device';

/** @typedef {{get(): string, set(token: string): void}} Store */

/** @returns {Store} */
export function defaultStore() {
  return {
    get: () => attempt(() => globalThis.localStorage?.getItem(KEY)) ?? '',
    set: (token) => void attempt(() => globalThis.localStorage?.setItem(KEY, token)),
  };
}

/** A store that forgets: for guests and tools. @param {string} token @returns {Store} */
export function memoryStore(token = '') {
  return { get: () => token, set: (value) => void (token = value) };
}

/** Storage may be switched off, full or forbidden; then we play without it. @template T @param {() => T} use */
export function attempt(use) {
  try {
    return use();
  } catch {
    return undefined;
  }
}
