// What a line does to a player: it drops and comes back, somebody else sees the same, the tab is hidden, the overlay
// tells and makes it worse.
import { check, note } from './tap.mjs';
import { apart, blockWebSocket, hideTab, moved, pilot, sampleShip, sightings, state, turnsBefore, watchTab } from './hands.mjs';
import { BUSY_MS, open, playing, shot, SMALL, until, WIDE } from './stage.mjs';
import { enter } from './solo.mjs';

const APART = 14; // units: a ship's radius
const [WATCHED, WATCH_MS, TRIES] = [4, 3000, 10]; // ships, how long at a time, how often at most

/** What the replica says of itself. */
export async function quiet(name, page) {
  const { stats, fps } = await page.evaluate(() => ({ stats: window.tidewire.room.stats, fps: window.tidewire.fps }));
  note(`${name}: ${Math.round(fps)} pictures/s, ${JSON.stringify(stats)}`);
  check(`${name}: every stated hash agreed`, stats.mismatches === 0, JSON.stringify(stats));
}

export async function dropped(page, context) {
  const before = await state(page);
  await context.setOffline(true);
  await page.evaluate(() => window.tidewire.room.drop());
  check('a dropped connection is told', await until(page, () => document.querySelector('#line.on')?.textContent.includes('Line lost')));
  check('quietly: nothing is in the middle', !(await page.isVisible('#message')) || !(await state(page)).alive);
  await shot(page, 'wide-lost');
  const tells = (words, code) => until(page, ([wanted, error]) => {
    if (error) window.tidewire.room.error = { code: error }; // until it is looked at: the next attempt in vain has another
    return document.querySelector('#line.on')?.textContent.includes(wanted);
  }, [words, code]);
  check('what the server said of it is told', await tells('restarted', 'shutdown'));
  await page.evaluate(() => { window.tidewire.room.error = { code: 'lost' }; });
  await page.waitForTimeout(300);
  check('and still told while it cannot be reached', await tells('restarted'));
  await context.setOffline(false);
  check('the page comes back by itself', await until(page, () => window.tidewire.state === 'playing'));
  check('and says so', await until(page, () => document.querySelector('#line.on')?.textContent.includes('Back')));
  const after = await state(page);
  check('to the same seat and session', after.player === before.player && after.session === before.session, JSON.stringify({ before, after }));
  check('under the same name', after.name === before.name, JSON.stringify({ before, after })); // its score may have suffered meanwhile
}

/** How far others' ships, which turn and fight, are drawn apart on both pages at the same server time, as far as their clocks know it. */
async function compare(one, other) {
  const slots = await one.evaluate((most) => [...window.tidewire.room.rows('pilot')]
    .filter(({ computer, slot }) => computer && window.tidewire.world.flies(slot)).map(({ slot }) => slot).slice(0, most), WATCHED);
  const [ours, theirs, size] = await Promise.all([sightings(one, slots, WATCH_MS), sightings(other, slots, WATCH_MS), one.evaluate(() => window.tidewire.world.size)]);
  const off = slots.flatMap((_, i) => apart(ours[i], theirs[i], size)).sort((a, b) => a - b);
  const at = (part) => off[Math.floor(off.length * part)];
  const turned = ours.filter((seen) => new Set(seen.map(([, , , heading]) => Math.round(heading))).size > 2).length;
  note(`${slots.length} ships, ${turned} of them turning, drawn apart by ${at(0.5)?.toFixed(1)} units at the median, ${at(0.95)?.toFixed(1)} at p95, ${off.length} pictures`);
  return turned > 0 && off.length > 10 && at(0.5) < APART / 2 && at(0.75) < APART;
}

/** Clocks that a busy machine led astray come back. */
async function together(one, other) {
  let same = false;
  for (let tries = 0; tries < TRIES && !same; tries++) same = await compare(one, other);
  check('both draw ships in turning flight at the same places', same);
}

/** Two pages, two devices: what they hold of one ship in one tick is the same to the last bit. */
export async function two(browser, url, one) {
  const other = await open(browser, url, SMALL);
  const player = (await state(one)).player;
  check('a second page sees the first one\'s ship', await until(other.page, (slot) => window.tidewire.room.row('ship', slot) !== null, player));
  await enter(other.page, 'Grace', 2);
  await playing(other.page);
  check('and the first one the second\'s', await until(one, (slot) => window.tidewire.room.row('pilot', slot)?.name === 'Grace', (await state(other.page)).player));
  await playing(one); // it may have been shot meanwhile
  await one.keyboard.down('KeyW');
  let [common, same] = [0, true];
  for (let tries = 0; tries < TRIES && common < 3; tries++) { // what goes as predicted is not told
    const [ours, theirs] = await Promise.all([pilot(one, player, 1500), pilot(other.page, player, 1500)]);
    const both = Object.keys(ours).filter((tick) => tick in theirs);
    common += both.length;
    same &&= both.every((tick) => ours[tick] === theirs[tick]);
  }
  await one.keyboard.up('KeyW');
  check('both saw the same ticks', common >= 3, String(common));
  check('and the same places', same);
  await together(one, other.page);
  await shot(other.page, 'second');
  await quiet('second page', other.page);
  await other.context.close();
}

/** A tab is hidden with a key held, and looked at again. */
export async function hidden(browser, url) {
  const { page, context } = await open(browser, url, SMALL, watchTab);
  await enter(page, 'Hedy', 1);
  await playing(page);
  await page.keyboard.down('Space');
  const fires = (want) => until(page, (wanted) => {
    const { room } = window.tidewire;
    return Boolean((room.row('ship', room.player)?.flags ?? 0) & 2) === wanted;
  }, want);
  check('hidden: before, it fires', await fires(true));
  await hideTab(page, true);
  check('hidden: the ship lets go of its controls', await fires(false));
  check('hidden: no sound', await until(page, () => window.tidewire.sounds.synth.context.state !== 'running'));
  await page.waitForTimeout(2500);
  const hiddenAt = (await state(page)).session;
  await hideTab(page, false);
  check('hidden: the return is told', await until(page, () => document.querySelector('#toast.on')?.textContent.includes('Welcome back')));
  check('hidden: it goes on where the world is now', await until(page, (session) => {
    const { room, world } = window.tidewire;
    return room.session === session && room.tickNow() - room.tick < 25 && world.events.length < 100;
  }, hiddenAt));
  await page.keyboard.up('Space');
  await quiet('hidden', page);
  await context.close();
}

/** No WebSocket gets through: the page plays on over the next transport, and says over which. */
export async function blocked(browser, url) {
  const { page, context, ms } = await open(browser, url, SMALL, blockWebSocket);
  const transport = await page.evaluate(() => window.tidewire.room.transport);
  note(`blocked: over ${transport} after ${ms} ms`);
  check('blocked: another transport took over', transport !== '' && transport !== 'websocket', transport);
  await enter(page, 'Elihu', 3);
  await playing(page);
  check('blocked: the page says which', await until(page, () => / over .*(stream|events|polling)/.test(document.querySelector('#net-text').textContent)));
  const before = await sampleShip(page);
  await page.keyboard.down('KeyW');
  check('blocked: the ship flies', await moved(page, before, 30));
  await page.keyboard.up('KeyW');
  const { session } = await state(page);
  await page.evaluate(() => window.tidewire.room.drop());
  check('blocked: it comes back to its seat', (await until(page, () => window.tidewire.state === 'playing')) && (await state(page)).session === session);
  await shot(page, 'blocked');
  await quiet('blocked', page);
  await context.close();
}

const TABS_MOST = 12;
const has = (control) => control.evaluate((element) => element.getRootNode().activeElement === element);

/** The overlay's figures and sliders, with the mouse and the keyboard. */
export async function overlay(browser, url) {
  const { page, context } = await open(browser, url, WIDE);
  await enter(page, 'Vint', 6);
  const panel = page.locator('tidewire-overlay section');
  check('overlay: closed at first', !(await panel.isVisible()));
  await page.keyboard.press('KeyL');
  check('overlay: L opens it', await panel.isVisible());
  const figure = (label) => panel.locator('.tiles > div', { hasText: label }).locator('b').textContent().then(Number);
  const settles = async (label, good) => {
    for (const end = Date.now() + BUSY_MS; Date.now() < end; await page.waitForTimeout(150)) if (good(await figure(label))) return true;
    return false;
  };
  check('overlay: frames are counted', await settles('Frames', (value) => value > 5), String(await figure('Frames')));
  check('overlay: the round trip is measured', await settles('Round trip', (value) => value > 0));
  const before = await figure('Round trip');
  await page.locator('#stage').focus();
  for (let i = 0; i < TABS_MOST && !(await has(panel.locator('input[name=delay]'))); i++) await page.keyboard.press('Tab');
  check('overlay: Tab comes to the slider', await has(panel.locator('input[name=delay]')));
  for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowRight');
  check('overlay: arrows move the slider', (await panel.locator('input[name=delay]').inputValue()) === '300');
  check('overlay: delay lengthens the round trip', await settles('Round trip', (value) => value > before + 100), `${before} to ${await figure('Round trip')}`);
  await shot(page, 'wide-overlay');
  await page.locator('#stage').focus();
  await playing(page);
  const used = await turnsBefore(page, 'KeyD');
  check('overlay: the own ship obeys before the server could', used === 0, String(used));
  await panel.locator('button[name=fine]').click();
  check('overlay: all is fine again', (await panel.locator('input[name=delay]').inputValue()) === '0');
  const { session } = await state(page);
  await panel.locator('button[name=drop]').click();
  check('overlay: the line drops', await until(page, () => window.tidewire.state !== 'playing'));
  check('overlay: and is resumed', (await until(page, () => window.tidewire.state === 'playing')) && (await state(page)).session === session);
  await page.keyboard.press('KeyL');
  check('overlay: L closes it', !(await panel.isVisible()));
  await page.keyboard.press('KeyL');
  await panel.locator('button[name=fine]').focus();
  await page.keyboard.press('Escape');
  check('overlay: and Esc, alone', !(await panel.isVisible()) && !(await page.isVisible('#card')));
  await quiet('overlay', page);
  await context.close();
}
