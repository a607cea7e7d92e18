// The transports over HTTP, fetched when they are first needed: most players never load them. Where fetching fails the line is
// down, and the room goes on to the next way or tries again later as after any other failure.
const LOST = 1006;

/** @typedef {import('./transport.js').World} World */
/** @typedef {import('./transport.js').Line} Line */

/** @param {'stream'|'sse'|'poll'|'pull'} name @param {(world: World) => boolean} [fits] @returns {import('./transport.js').Transport} */
function later(name, fits = () => true) {
  return {
    name,
    fits: (world) => Boolean(world.fetch) && fits(world),
    dial(url, world, ears) {
      /** @type {Line|null} */ let line = null;
      let over = false;
      import('./fallback.js').then(
        (all) => { if (!over) line = all[name].dial(url, world, ears); },
        () => { if (!over) ears.down(LOST, 'the transport cannot be fetched'); });
      return {
        send: (bytes) => line?.send(bytes), // nothing is sent before `open`
        close(code, reason) {
          over = true;
          line?.close(code, reason);
        },
        get acks() { return line?.acks; },
      };
    },
  };
}

export const stream = later('stream');
export const sse = later('sse', (world) => Boolean(world.EventSource));
export const poll = later('poll');
export const pull = later('pull');
