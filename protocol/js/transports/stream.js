// HTTP streaming: one answer that never ends, read as it comes.
import { overHttp } from './http.js';
import { Pieces } from './pieces.js';

export const stream = overHttp('stream', async (line) => {
  do {
    const answer = await line.fetchDown('stream');
    const reader = answer?.body?.getReader();
    if (reader) await read(line, reader).catch(() => {}); // a cut: the next one goes on from what we hold
  } while (!line.over && (await line.again()));
});

/** @param {import('./http.js').HttpLine} line @param {ReadableStreamDefaultReader<Uint8Array>} reader */
async function read(line, reader) {
  const pieces = new Pieces();
  const hear = (/** @type {Uint8Array} */ message) => line.hear(message);
  for (let sane = true; sane && !line.over; ) {
    const { done, value } = await reader.read();
    if (done) return;
    sane = pieces.feed(value, hear);
  }
}
