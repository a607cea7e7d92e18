// HTTP pull: the whole state, asked for again and again. Only to compare the others with: it is taken if it is named.
import { overHttp } from './http.js';

const EVERY_MS = 50;
const [CHANGED, NOTHING_YET, UNCHANGED] = [200, 204, 304];

export const pull = overHttp('pull', async (line) => {
  for (let known = ''; ; ) {
    const answer = await line.ask(`${line.link}/state`, known ? { headers: { 'If-None-Match': known } } : {});
    const bytes = new Uint8Array((await answer?.arrayBuffer().catch(() => null)) ?? new ArrayBuffer(0));
    const status = answer?.status ?? 0;
    if (line.over) return;
    if (status === CHANGED) {
      known = answer?.headers.get('ETag') ?? '';
      line.ears.anew();
      line.hear(bytes);
    } else if (status >= 400 && status < 500) return line.refused(status, bytes);
    else if (status !== NOTHING_YET && status !== UNCHANGED && !(await line.again())) return;
    await new Promise((done) => line.world.setTimeout(() => done(undefined), EVERY_MS));
  }
}, { acks: true });
