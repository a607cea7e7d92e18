// Server-Sent Events: for proxies that let no other stream through. The browser opens it again by itself, and says with
// Last-Event-ID what came last.
import { overHttp } from './http.js';

const CLOSED = 2;

export const sse = overHttp('sse', (line) => {
  const source = (line.source = new line.world.EventSource(line.at('sse')));
  source.onmessage = (/** @type {{data: string}} */ { data }) => line.hear(fromBase64(data));
  source.onerror = async () => {
    if (line.over || source.readyState !== CLOSED) return; // it tries again
    await line.fetchDown('poll'); // why it is closed, an EventSource does not tell
    line.lost('the event stream is closed');
  };
}, { fits: (world) => Boolean(world.EventSource) });

/** @param {string} text */
function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
