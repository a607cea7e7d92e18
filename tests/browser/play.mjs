// Plays the pages for real in Debian's Chromium, as people would: `node play.mjs https://localhost:8443/ [https://localhost:8444/]`.
// The first server needs `sight = 2400` in its [game arena], so that two pages see each other; the second has one seat (tests/run.mjs
// starts both).
// Prints TAP. Pictures go to the folder in SHOTS (default: a fresh temporary one), to be looked at.
import { check, finish, note } from './tap.mjs';
import { launch, shots, troubles } from './stage.mjs';
import { blocked, dropped, hidden, overlay, quiet, two } from './line.mjs';
import { report, road } from './bots.mjs';
import { waiting } from './waiting.mjs';
import { dots, keyboard, misnamed, phone, still, undrawn, worker } from './faces.mjs';
import {
  calmly, fingers, finer, forgetful, hands, humming, lettered, mute, named, returned, slept, unblamed, unlisted, unplugged,
} from './odd.mjs';
import { solo } from './solo.mjs';

const [url, single] = process.argv.slice(2);
const TROUBLES_TOLD = 10;

/** Runs scenes one after the other; one that breaks off fails, and the others go on. */
async function run(scenes) {
  for (const scene of scenes) await scene().catch((error) => check('the scene runs to its end', false, String(error.stack ?? error)));
}

async function main() {
  if (!url) throw new Error('usage: node play.mjs URL [URL]');
  const browser = await launch();
  const during = async (page, context) => {
    await dropped(page, context);
    await two(browser, url, page);
    await quiet('first page', page);
  };
  const visits = (scenes) => scenes.map((scene) => () => scene(browser, url));
  await Promise.all([ // two at once: they mostly wait
    run([() => solo(browser, url, during), ...visits([still, hands, fingers, named, unlisted, returned, calmly]), ...(single ? [() => waiting(browser, single)] : [])]),
    run(visits([hidden, blocked, overlay, phone, keyboard, dots, worker, undrawn, misnamed, unplugged, forgetful, slept, humming, lettered, unblamed, finer, mute, road, report])),
  ]);
  check('no page complained', troubles.size === 0, [...troubles].slice(0, TROUBLES_TOLD).join('\n'));
  await browser.close();
  note(`pictures: ${shots}`);
  finish();
}
await main();
