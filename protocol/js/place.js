// Where we run and whom we reach: the WebSocket, time and chance of this place, and the URL to play at.

/** @param {import('./index.js').ConnectOptions} options @returns {import('./link.js').World} */
export function worldOf(options) {
  const world = {
    WebSocket: options.WebSocket ?? globalThis.WebSocket,
    now: () => performance.now(),
    random: Math.random,
    setTimeout: (/** @type {() => void} */ run, /** @type {number} */ ms) => setTimeout(run, ms),
    clearTimeout: (/** @type {any} */ id) => clearTimeout(id),
    ...options.world,
  };
  if (!world.WebSocket) throw new TypeError('no WebSocket here: hand one in as options.WebSocket');
  return world;
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
