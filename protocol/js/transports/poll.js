// Long polling: each request is held until there is something to say; the next one says what was applied.
import { overHttp } from './http.js';

const HELD_MS_MAX = 60000; // the server answers earlier; what takes longer is lost on the way

export const poll = overHttp('poll', async (line) => {
  for (;;) {
    const answer = await line.fetchDown('poll', timeLimit(line));
    const bytes = await answer?.arrayBuffer().catch(() => null);
    if (line.over) return;
    if (bytes) (line.failures = 0), line.take(new Uint8Array(bytes));
    else if (!(await line.again())) return;
  }
}, { acks: true });

/** @param {import('./http.js').HttpLine} line */
function timeLimit(line) {
  const { signal } = line.stop;
  return AbortSignal.any ? { signal: AbortSignal.any([signal, AbortSignal.timeout(HELD_MS_MAX)]) } : {};
}
