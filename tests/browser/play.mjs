// Plays the arena for real in Debian's Chromium, as people would: `node play.mjs https://localhost:8443/`.
// The server needs `sight = 2400` in its [game arena], so that two pages see each other (tests/run.mjs starts one).
// Prints TAP. Pictures go to the folder in SHOTS (default: a fresh temporary one), to be looked at.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { check, finish, note } from './tap.mjs';
import { pilot, sampleShip, shootRocks, state, touchAt } from './hands.mjs';

const url = process.argv[2];
const shots = process.env.SHOTS || mkdtempSync(join(tmpdir(), 'tidewire-shots-'));
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--ignore-certificate-errors'];
const WIDE = { viewport: { width: 1280, height: 720 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
const OPEN_MS = 15000; // generous: the machine may be busy; the time itself is told
const BUSY_MS = 20000;
const SCORE_MS = 90000;

const troubles = []; // what any page complained of
const intended = /ERR_INTERNET_DISCONNECTED|WebSocket connection|Failed to load resource/; // while we cut the network

async function open(browser, options) {
  const context = await browser.newContext({ ...options, ignoreHTTPSErrors: true });
  const page = await context.newPage();
  page.on('pageerror', (error) => troubles.push(String(error.stack ?? error)));
  page.on('console', (line) => { if (line.type() === 'error' && !intended.test(line.text())) troubles.push(line.text()); });
  const began = Date.now();
  await page.goto(url);
  await playing(page, OPEN_MS);
  return { context, page, ms: Date.now() - began };
}

const playing = (page, timeout = BUSY_MS) =>
  page.waitForFunction(() => window.tidewire?.state === 'playing' && window.tidewire.own.alive, null, { timeout });
const shot = (page, name) => page.screenshot({ path: join(shots, `${name}.png`) });
const until = (page, test, argument, timeout = BUSY_MS) =>
  page.waitForFunction(test, argument, { timeout }).then(() => true, () => false);

/** Takes a name and a colour, and flies. */
async function enter(page, name, swatch) {
  await page.fill('#name', name);
  await page.locator('#colours label').nth(swatch).click();
  const hue = Number(await page.locator('#colours input:checked').getAttribute('value'));
  await page.focus('#name');
  await page.keyboard.press('Enter');
  const named = await until(page, (wanted) => window.tidewire.state === 'playing' && window.tidewire.room.name === wanted, name);
  return { hue, named };
}

async function testEntering(page, ms) {
  note(`flying after ${ms} ms`);
  check('the page connects and flies by itself', (await state(page)).alive);
  check('the name card lies over it', await page.isVisible('#card'));
  check('the best of all time are on the card', await page.isVisible('#top ol'));
  await shot(page, 'wide-card');
  const { hue, named } = await enter(page, 'Ada', 7);
  check('the name is taken', named, (await state(page)).name);
  check('the colour is taken', await until(page, (wanted) => window.tidewire.room.row('pilot', window.tidewire.room.player)?.hue === wanted, hue));
  check('the card is gone', !(await page.isVisible('#card')));
}

async function testFlying(page) {
  await playing(page);
  const before = await sampleShip(page);
  await page.keyboard.down('KeyW');
  await page.waitForTimeout(900);
  await shot(page, 'wide-thrust');
  await page.keyboard.up('KeyW');
  const after = await sampleShip(page);
  check('thrust moves the ship', Math.hypot(after.x - before.x, after.y - before.y) > 40, JSON.stringify({ before, after }));
  await page.keyboard.down('ArrowRight');
  await page.waitForTimeout(500);
  await page.keyboard.up('ArrowRight');
  check('keys turn it', (await sampleShip(page)).heading !== after.heading);
  await page.keyboard.down('Space');
  check('the gun fires', await until(page, () => [...window.tidewire.room.rows('shot')].some((shot) => shot.owner === window.tidewire.room.player)));
  await page.keyboard.up('Space');
}

async function testScoring(page) {
  const { before, after } = await shootRocks(page, SCORE_MS, () => shot(page, 'wide-fight'));
  check('shooting rocks raises the score', after > before, `${before} to ${after}`);
  const line = page.locator('#board li.mine');
  check('the own line stands on the board', (await line.textContent())?.includes('Ada'));
  check('the board tells the score', await until(page, () => {
    const { room } = window.tidewire;
    return document.querySelector('#board li.mine em')?.textContent === room.row('pilot', room.player)?.score.toLocaleString('en');
  }));
}

/** The best score is kept when a pilot leaves: asked for after the page was loaded anew. */
async function testTop(page) {
  const ask = () => page.evaluate(async () => (await (await fetch('/api/top?game=arena')).json()).top);
  let listed = false;
  for (const end = Date.now() + BUSY_MS; !listed && Date.now() < end; await page.waitForTimeout(300)) {
    listed = (await ask()).some((each) => each.name === 'Ada' && each.best > 0);
  }
  check('the best of all time know us', listed);
  await page.waitForTimeout(5000); // the page asks no more often
  await page.keyboard.down('Tab');
  check('Tab shows them', await until(page, () => document.querySelector('#tab-top')?.textContent?.includes('Ada')));
  await shot(page, 'wide-scores');
  await page.keyboard.up('Tab');
  check('and lets go of them', !(await page.isVisible('#tab')));
}

async function testDrop(page, context) {
  const before = await state(page);
  await context.setOffline(true);
  await page.evaluate(() => window.tidewire.room.drop());
  check('a dropped connection is told', await until(page, () => document.querySelector('#line.on')?.textContent.includes('Line lost')));
  await shot(page, 'wide-lost');
  await context.setOffline(false);
  check('the page comes back by itself', await until(page, () => window.tidewire.state === 'playing'));
  const after = await state(page);
  check('to the same seat and session', after.player === before.player && after.session === before.session, JSON.stringify({ before, after }));
  check('under the same name', after.name === before.name, JSON.stringify({ before, after })); // its score may have suffered meanwhile
}

/** Two pages, two devices: what they hold of one ship in one tick is the same to the last bit. */
async function testTwo(browser, one) {
  const other = await open(browser, WIDE);
  const player = (await state(one)).player;
  check('a second page sees the first one\'s ship', await until(other.page, (slot) => window.tidewire.room.row('ship', slot) !== null, player));
  await enter(other.page, 'Grace', 2);
  await playing(other.page);
  check('and the first one the second\'s', await until(one, (slot) => window.tidewire.room.row('pilot', slot)?.name === 'Grace', (await state(other.page)).player));
  await one.keyboard.down('KeyW');
  const [ours, theirs] = await Promise.all([pilot(one, player, 1500), pilot(other.page, player, 1500)]);
  await one.keyboard.up('KeyW');
  const common = Object.keys(ours).filter((tick) => tick in theirs);
  check('both saw the same ticks', common.length >= 10, String(common.length));
  check('and the same places', common.every((tick) => ours[tick] === theirs[tick]));
  await shot(other.page, 'wide-second');
  await quiet('second page', other.page);
  await other.context.close();
}

async function testReturning(page) {
  await page.reload();
  await playing(page, OPEN_MS);
  check('a returning player is remembered', (await page.inputValue('#name')) === 'Ada' && (await state(page)).name === 'Ada');
  await page.keyboard.press('Enter');
  check('and only presses Enter', !(await page.isVisible('#card')));
}

async function testPhone(browser) {
  const { page, context } = await open(browser, PHONE);
  await shot(page, 'phone-card');
  check('a phone shows no keys', !(await page.locator('#card .keys').first().isVisible()));
  await page.fill('#name', 'Linus');
  await page.tap('#fly');
  check('a phone flies', await until(page, () => window.tidewire.room.name === 'Linus' && window.tidewire.own.alive));
  check('it has a stick and a button', (await page.isVisible('#stick')) && (await page.isVisible('#fire')));
  const before = await sampleShip(page);
  const thumbs = await touchAt(page, [[90, 740], [90, 690]], [318, 756]);
  const fired = await until(page, () => [...window.tidewire.room.rows('shot')].some((shot) => shot.owner === window.tidewire.room.player));
  await page.waitForTimeout(1000);
  await shot(page, 'phone-flying');
  await thumbs.lift();
  const after = await sampleShip(page);
  check('the left thumb flies', Math.hypot(after.x - before.x, after.y - before.y) > 30, JSON.stringify({ before, after }));
  check('the right thumb fires', fired);
  check('nothing is wider than the screen', await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await page.setViewportSize({ width: 844, height: 390 });
  await page.waitForTimeout(600);
  await shot(page, 'phone-landscape');
  await quiet('phone', page);
  await context.close();
}

/** What the replica says of itself. */
async function quiet(name, page) {
  const { stats, fps } = await page.evaluate(() => ({ stats: window.tidewire.room.stats, fps: window.tidewire.fps }));
  note(`${name}: ${Math.round(fps)} pictures/s, ${JSON.stringify(stats)}`);
  check(`${name}: every stated hash agreed`, stats.mismatches === 0, JSON.stringify(stats));
}

async function main() {
  if (!url) throw new Error('usage: node play.mjs URL');
  mkdirSync(shots, { recursive: true });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGS });
  try {
    const { page, context, ms } = await open(browser, WIDE);
    await testEntering(page, ms);
    await testFlying(page);
    await testScoring(page);
    await testDrop(page, context);
    await testTwo(browser, page);
    await quiet('first page', page);
    await testReturning(page);
    await testTop(page);
    await context.close();
    await testPhone(browser);
    check('no page complained', troubles.length === 0, troubles.join('\n'));
  } catch (error) {
    check('the test runs to its end', false, String(error.stack ?? error));
  }
  await browser.close();
  note(`pictures: ${shots}`);
  finish();
}
await main();
