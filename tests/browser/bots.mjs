// What tidewire-bots has for browsers: a bad road before the page, and the report of a run, wide and on a phone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { check, note } from './tap.mjs';
import { open, PHONE, shot, shots, SMALL, until, visit, WIDE } from './stage.mjs';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const BOTS = join(process.env.TIDEWIRE_BUILD ?? join(ROOT, 'build'), 'tests/load/tidewire-bots');
const DELAY_MS = 60; // each way
const start = (...words) => spawn(BOTS, words.map(String), { stdio: ['ignore', 'ignore', 'pipe'] });

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** The page by way of tidewire-bots proxy. */
export async function road(browser, url) {
  const port = await freePort();
  const proxy = start('proxy', port, new URL(url).port, '--road', '4g', '--delay', DELAY_MS);
  await once(proxy.stderr, 'data'); // it says that it listens
  const { page, context } = await open(browser, `https://localhost:${port}/`, SMALL);
  check('a bad road: the page plays, and feels it', await until(page, (least) => window.tidewire.room.rtt >= least, 2 * DELAY_MS));
  check('and is told hashes', await until(page, () => window.tidewire.room.stats.hashes > 0));
  check('all of which agree', await page.evaluate(() => window.tidewire.room.stats.mismatches === 0));
  await context.close();
  proxy.kill();
}

async function look(browser, file, device, name) {
  const { page, context } = await visit(browser, pathToFileURL(file).href, device);
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.reload();
  const seen = await page.evaluate(() => ({
    plots: document.querySelectorAll('svg polyline').length,
    beyond: document.documentElement.scrollWidth - window.innerWidth,
    words: document.body.innerText,
  }));
  check(`${name}: the report has its plots`, seen.plots >= 12, String(seen.plots));
  check(`${name}: and its tables`, /all well/.test(seen.words) && /input to effect/.test(seen.words) && /server_tick_p99_ms/.test(seen.words), seen.words);
  check(`${name}: nothing is wider than the screen`, seen.beyond <= 0, `${seen.beyond} pixels`);
  check(`${name}: it asks for nothing else`, asked.length === 1, asked.join());
  await shot(page, `${name}-report`);
  await context.close();
}

/** The report of a short run. */
export async function report(browser, url) {
  const file = join(shots, 'report.html');
  const bots = start('--url', `${url.replace(/^http/, 'ws')}play`, '--room', 'report', '--clients', 8, '--seconds', 3, '--html', file, '--slo', 'divergent=0');
  const [code] = await once(bots, 'close');
  check('bots play', code === 0, `exit ${code}`);
  for (const [device, name] of [[WIDE, 'wide'], [PHONE, 'phone']]) await look(browser, file, device, name);
  note(`report: ${file}`);
}
