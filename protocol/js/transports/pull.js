// HTTP pull: the whole state, asked for again and again. Only to compare the others with: it is taken if it is named.
import { overHttp } from './http.js';

const EVERY_MS = 50;
const UNCHANGED = 304;

export const pull = overHttp('pull', async (line) => {
  let known = '';
  for (;;) {
    const answer = await line.ask(`${line.link}/state`, known ? { headers: { 'If-None-Match': known } } : {});
    const bytes = await answer?.arrayBuffer().catch(() => null);
    if (line.over) return;
    if (answer?.ok && bytes) {
      known = answer.headers.get('ETag') ?? '';
      line.ears.anew();
      line.hear(new Uint8Array(bytes));
    } else if (answer && answer.status >= 400 && answer.status < 500) return line.refused(answer.status, new Uint8Array(bytes ?? new ArrayBuffer(0)));
    else if (answer?.status !== UNCHANGED && !(await line.again())) return;
    await new Promise((done) => line.world.setTimeout(() => done(undefined), EVERY_MS));
  }
}, { acks: true });
