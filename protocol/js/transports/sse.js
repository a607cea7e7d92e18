// Server-Sent Events: for proxies that let no other stream through. The browser opens it again by itself, and says with
// Last-Event-ID what came last.
import { overHttp } from './http.js';

const CLOSED = 2;

export const sse = overHttp('sse', (line) => {
  const source = (line.source = new line.world.EventSource(line.at('sse')));
  source.onmessage = (/** @type {{data: string}} */ { data }) => {
    const message = fromBase64(data);
    if (message) line.hear(message);
    else line.nonsense();
  };
  source.onerror = async () => {
    if (line.over || source.readyState !== CLOSED) return; // it tries again
    await line.fetchDown('poll'); // why it is closed, an EventSource does not tell
    line.lost('the event stream is closed');
  };
}, { fits: (world) => Boolean(world.EventSource) });

/** Null if it is none. @param {string} text */
function fromBase64(text) {
  let binary;
  try {
    binary = atob(text);
  } catch {
    return null;
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
