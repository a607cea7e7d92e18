// One player at a wide screen: enters, flies, shoots, listens, reads the scores, comes again another day.
import { check, note } from './tap.mjs';
import { moved, sampleShip, shootRocks, state } from './hands.mjs';
import { open, playing, shot, until, WIDE } from './stage.mjs';

const SCORE_MS = 90000;
const TOP_MS = 50000;
const TOP_EVERY_MS = 5000; // the page asks no more often

/** Takes a name and a ship, and flies. */
export async function enter(page, name, ship) {
  await page.fill('#name', name);
  await page.locator('#colours label').nth(ship).click();
  const hue = Number(await page.locator('#colours input:checked').getAttribute('value'));
  await page.focus('#name');
  await page.keyboard.press('Enter');
  const named = await until(page, (wanted) => window.tidewire.state === 'playing' && window.tidewire.room.name === wanted, name);
  return { hue, named };
}

async function entering(page, ms) {
  note(`flying after ${ms} ms`);
  check('the page connects and flies by itself', (await state(page)).alive);
  check('the name card lies over it', await page.isVisible('#card'));
  check('the best of all time are on the card', await page.isVisible('#top ol'));
  await shot(page, 'wide-card');
  const { hue, named } = await enter(page, 'Ada', 5);
  check('the name is taken', named, (await state(page)).name);
  check('the ship is taken', await until(page, (wanted) => window.tidewire.room.row('pilot', window.tidewire.room.player)?.hue === wanted, hue));
  check('the card is gone', !(await page.isVisible('#card')));
}

async function flying(page) {
  await playing(page);
  const before = await sampleShip(page);
  await page.keyboard.down('KeyW');
  check('thrust moves the ship', await moved(page, before, 40));
  await shot(page, 'wide-thrust');
  await page.keyboard.up('KeyW');
  const after = await sampleShip(page);
  await page.keyboard.down('ArrowRight');
  check('keys turn it', await until(page, (heading) => {
    const ship = window.tidewire.room.row('ship', window.tidewire.room.player);
    return ship !== null && ship.heading !== heading;
  }, after.heading));
  await page.keyboard.up('ArrowRight');
  await page.keyboard.down('Space');
  check('the gun fires', await until(page, () => [...window.tidewire.room.rows('shot')].some((shot) => shot.owner === window.tidewire.room.player)));
  await page.keyboard.up('Space');
}

async function hearing(page) {
  check('after the first key there is sound', await until(page, () => window.tidewire.sounds.synth.context?.state === 'running'));
  await page.keyboard.press('KeyM');
  check('M is silence', await until(page, () => window.tidewire.sounds.synth.context.state === 'suspended'));
  check('which the button tells', (await page.getAttribute('#sound', 'aria-pressed')) === 'true');
  await page.click('#sound');
  check('and takes back', await until(page, () => window.tidewire.sounds.synth.context.state === 'running'));
}

async function scoring(page) {
  const { before, after } = await shootRocks(page, SCORE_MS, () => shot(page, 'wide-fight'));
  check('shooting rocks raises the score', after > before, `${before} to ${after}`);
  check('the own line stands on the board', (await page.locator('#board li.mine').textContent())?.includes('Ada'));
  check('the board tells the score', await until(page, () => {
    const { room } = window.tidewire;
    return document.querySelector('#board li.mine em')?.textContent === room.row('pilot', room.player)?.score.toLocaleString('en');
  }));
}

/** The best score is kept when a pilot leaves: asked for after the page was loaded anew. */
async function top(page) {
  const ask = () => page.evaluate(async () => (await (await fetch('/api/top?game=arena')).json()).top);
  let listed = false;
  const began = Date.now();
  for (; !listed && Date.now() < began + TOP_MS; await page.waitForTimeout(300)) {
    listed = (await ask()).some((each) => each.name === 'Ada' && each.best > 0);
  }
  check('the best of all time know us', listed);
  await page.waitForTimeout(Math.max(0, TOP_EVERY_MS - (Date.now() - began)));
  await page.keyboard.down('Tab');
  check('Tab shows them', await until(page, () => document.querySelector('#tab-top')?.textContent?.includes('Ada')));
  await shot(page, 'wide-scores');
  await page.keyboard.up('Tab');
  check('and lets go of them', !(await page.isVisible('#tab')));
}

async function returning(page) {
  await page.reload();
  await playing(page);
  check('a returning player is remembered', (await page.inputValue('#name')) === 'Ada' && (await state(page)).name === 'Ada');
  await page.keyboard.press('Enter');
  check('and only presses Enter', !(await page.isVisible('#card')));
}

/** Enters as Ada. `during`: what else is done with that page before it is loaded anew. */
export async function solo(browser, url, during) {
  const { page, context, ms } = await open(browser, url, WIDE);
  await entering(page, ms);
  await flying(page);
  await hearing(page);
  await scoring(page);
  await during(page, context);
  await returning(page);
  await top(page);
  await context.close();
}
