// Where we run and whom we reach: the sockets, time, chance and memory of this place, and the URLs of a server.
import { attempt } from './store.js';

/** @param {import('./index.js').ConnectOptions} options @returns {import('./transports/transport.js').World} */
export function worldOf(options) {
  return {
    WebSocket: options.WebSocket ?? globalThis.WebSocket,
    EventSource: options.EventSource ?? /** @type {any} */ (globalThis).EventSource,
    fetch: (/** @type {any} */ url, /** @type {any} */ init) => fetch(url, init),
    storage: attempt(() => globalThis.localStorage) ?? null,
    now: () => performance.now(),
    random: Math.random,
    setTimeout: (/** @type {() => void} */ run, /** @type {number} */ ms) => setTimeout(run, ms),
    clearTimeout: (/** @type {any} */ id) => clearTimeout(id),
    ...options.world,
  };
}

/** A ws(s) URL as it is, a page's URL as its server's /play, nothing as this page's own server. @param {string|URL} [url] */
export function playUrl(url) {
  const target = new URL(url ?? globalThis.location?.href ?? '', globalThis.location?.href);
  if (!target.protocol.startsWith('http')) return target.href;
  target.protocol = target.protocol.replace('http', 'ws');
  target.pathname = '/play';
  target.search = target.hash = '';
  return target.href;
}

/** Where a server has the core of a game. @param {string} play its /play @param {string} game */
export function coreUrl(play, game) {
  return new URL(`/wasm/${game}.wasm`, play.replace(/^ws/, 'http'));
}
