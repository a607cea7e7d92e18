// Other ways to play: a phone, the keyboard alone, a picture that holds still, and the smallest game's page.
import { check } from './tap.mjs';
import { moved, sampleShip, touchAt } from './hands.mjs';
import { BUSY_MS, open, PHONE, playing, shot, SMALL, troubles, until, visit } from './stage.mjs';
import { quiet } from './line.mjs';

export async function phone(browser, url) {
  const { page, context } = await open(browser, url, PHONE);
  await shot(page, 'phone-card');
  check('phone: no keys are shown', !(await page.locator('#card .keys').first().isVisible()));
  await page.fill('#name', 'Linus');
  await page.tap('#fly');
  check('phone: flies', await until(page, () => window.tidewire.room.name === 'Linus' && window.tidewire.own.alive));
  check('phone: has a stick and a button', (await page.isVisible('#stick')) && (await page.isVisible('#fire')));
  const before = await sampleShip(page);
  const thumbs = await touchAt(page, [[90, 740], [90, 690]], [318, 756]);
  const fired = await until(page, () => [...window.tidewire.room.rows('shot')].some((shot) => shot.owner === window.tidewire.room.player));
  check('phone: the left thumb flies', await moved(page, before, 30));
  await shot(page, 'phone-flying');
  await thumbs.lift();
  check('phone: the right thumb fires', fired);
  const more = await touchAt(page, [[60, 600], [110, 600]], [340, 500]);
  check('phone: the whole right side does', await until(page, () => window.tidewire.controls.touchFire && document.querySelector('#fire.on') !== null));
  await more.lift();
  check('phone: thumbs that are lifted let go', await until(page, () => !window.tidewire.controls.touchFire && !window.tidewire.controls.stick.on));
  check('phone: nothing is wider than the screen', await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await page.setViewportSize({ width: 844, height: 390 });
  await page.waitForTimeout(600);
  await shot(page, 'phone-landscape');
  await page.tap('#board');
  check('phone: a tap shows all scores', await until(page, () => document.querySelector('#tab-now li.mine')?.checkVisibility()));
  await shot(page, 'phone-scores');
  await page.tap('#tab');
  check('phone: another takes them away', !(await page.isVisible('#tab')));
  await page.tap('#open-help');
  check('phone: help opens by touch', await page.isVisible('#help'));
  await page.tap('#help .shut');
  check('phone: and closes', !(await page.isVisible('#help')));
  await quiet('phone', page);
  await context.close();
}

/** Whether what has the focus shows it: by a ring of its own or of what stands for it. */
const ringed = (page) => page.evaluate(() => {
  const seen = (element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
  };
  const { activeElement } = document;
  return seen(activeElement) || (activeElement.parentElement.matches('label') && seen(activeElement.parentElement));
});

export async function keyboard(browser, url) {
  const { page, context } = await open(browser, url, SMALL);
  check('keyboard: the name has the focus', (await page.evaluate(() => document.activeElement.id)) === 'name' && (await ringed(page)));
  await page.keyboard.type('Mary');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  check('keyboard: arrows choose a ship, which shows it', (await page.evaluate(() => document.activeElement.name)) === 'hue' && (await ringed(page)));
  await shot(page, 'keyboard-card');
  await page.keyboard.press('Tab');
  check('keyboard: Tab comes to the button', (await page.evaluate(() => document.activeElement.id)) === 'fly' && (await ringed(page)));
  await page.keyboard.press('Enter');
  check('keyboard: Enter flies', await until(page, () => window.tidewire.room.name === 'Mary' && window.tidewire.own.alive));
  const before = await sampleShip(page);
  for (const key of ['ArrowUp', 'ArrowLeft', 'Space']) await page.keyboard.down(key);
  check('keyboard: turns, thrusts, fires', await until(page, ({ x, y, heading }) => {
    const { room } = window.tidewire;
    const ship = room.row('ship', room.player);
    return ship && ship.heading !== heading && Math.hypot(ship.x - x, ship.y - y) > 10 && [...room.rows('shot')].some((each) => each.owner === room.player);
  }, before));
  for (const key of ['ArrowUp', 'ArrowLeft', 'Space']) await page.keyboard.up(key);
  await page.keyboard.press('KeyH');
  check('keyboard: H shows help, and the focus is in it', await page.evaluate(() => document.querySelector('#help[open]')?.contains(document.activeElement)));
  await shot(page, 'keyboard-help');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowLeft');
  check('keyboard: the volume moves', (await page.evaluate(() => window.tidewire.sounds.volume)) < 0.6);
  await page.keyboard.press('Escape');
  check('keyboard: Esc closes help alone', !(await page.isVisible('#help')) && !(await page.isVisible('#card')));
  await page.keyboard.press('Escape');
  check('keyboard: Esc again brings the card', await page.isVisible('#card'));
  await page.keyboard.press('Escape');
  check('keyboard: and puts it away', !(await page.isVisible('#card')));
  await context.close();
}

export async function still(browser, url) {
  const { page, context } = await open(browser, url, { ...SMALL, reducedMotion: 'reduce' });
  await page.keyboard.press('Enter');
  await playing(page);
  const before = await page.evaluate(() => document.querySelector('#nebula').style.transform);
  await page.keyboard.down('KeyW');
  const shaken = await page.evaluate(() => new Promise((resolve) => {
    const { camera } = window.tidewire;
    let most = 0;
    camera.shake(1);
    const look = (left) => {
      most = Math.max(most, Math.abs(camera.shakeX), Math.abs(camera.shakeY));
      if (left) requestAnimationFrame(() => look(left - 1));
      else resolve(most);
    };
    look(15);
  }));
  await page.keyboard.up('KeyW');
  check('still: nothing shakes', shaken === 0, String(shaken));
  check('still: the sky stands', (await page.evaluate(() => document.querySelector('#nebula').style.transform)) === before);
  check('still: nothing on the page is animated', await page.evaluate(() => document.getAnimations().length === 0));
  await page.keyboard.press('KeyH');
  await page.uncheck('#calm');
  check('still: the player may choose otherwise', await page.evaluate(() => !window.tidewire.calm.on));
  await context.close();
}

/** A browser without WebGL 2 is told so, and takes nobody's seat. */
export async function undrawn(browser, url) {
  const { page, context } = await visit(browser, url, SMALL, () => {
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = function (kind, ...more) { return kind.startsWith('webgl') ? null : getContext.call(this, kind, ...more); };
  });
  check('undrawn: the page says what it needs', await until(page, () => document.querySelector('#message').checkVisibility()
    && document.querySelector('#message').textContent.includes('WebGL 2')));
  check('undrawn: it does not connect', await page.evaluate(() => !('tidewire' in window)));
  const meant = [...troubles].filter((trouble) => trouble.includes('the arena needs WebGL 2'));
  check('undrawn: the console tells, too', meant.length === 1);
  for (const trouble of meant) troubles.delete(trouble);
  await context.close();
}

/** A room that cannot be is not another one instead. */
export async function misnamed(browser, url) {
  const { page, context } = await visit(browser, new URL('/?room=no_such', url).href, SMALL);
  check('misnamed: the card tells how rooms are called', await until(page, () => document.querySelector('#trouble')?.textContent.includes('from a to z')));
  await context.close();
}

const WORK = (url) => `
  import { connect } from '${new URL('/sdk.js', url)}';
  const room = connect({ url: '${url}', game: 'arena', name: 'Wei' });
  await room.ready;
  const { hue } = await room.call('paint', { hue: 77 });
  room.look();
  postMessage({ hue, transport: room.transport, shown: room.shown('pilot').count });
  room.leave();
`;

/** The package as it is handed out, in a dedicated worker of a page. */
export async function worker(browser, url) {
  const { page, context } = await visit(browser, new URL('/dots/', url).href, SMALL);
  const said = await page.evaluate((work) => new Promise((resolve) => {
    const made = new Worker(URL.createObjectURL(new Blob([work], { type: 'text/javascript' })), { type: 'module' });
    made.onmessage = ({ data }) => resolve(data);
    made.onerror = ({ message }) => resolve({ message });
  }), WORK(url));
  check('worker: the package plays there', said.hue === 77 && said.transport === 'websocket' && said.shown > 0, JSON.stringify(said));
  await context.close();
}

/** The template for newcomers, beside the arena on the same server. */
export async function dots(browser, url) {
  const { page, context } = await visit(browser, new URL('/dots/', url).href, SMALL);
  const place = () => page.evaluate(() => {
    const picture = document.querySelector('canvas').getContext('2d').getImageData(0, 0, 1000, 1000).data;
    let [sum, count] = [0, 0];
    for (let i = 0; i < picture.length; i += 4) if (picture[i] > 250 && picture[i + 1] > 250 && picture[i + 2] > 250) (sum += (i / 4) % 1000), count++;
    return count > 50 ? sum / count : -1;
  });
  const sees = async (good) => {
    for (const end = Date.now() + BUSY_MS; Date.now() < end; await page.waitForTimeout(100)) if (good(await place())) return true;
    return false;
  };
  check('dots: the own dot stands in the middle, ringed white', await sees((x) => x > 480 && x < 520), String(await place()));
  await page.keyboard.down('ArrowRight');
  check('dots: an arrow key runs', await sees((x) => x > 560), String(await place()));
  await page.keyboard.up('ArrowRight');
  check('dots: the scores name us', await until(page, () => document.querySelector('#scores').textContent.includes('you')));
  const box = await page.locator('canvas').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  check('dots: the mouse calls it back', await sees((x) => x > 480 && x < 520), String(await place()));
  await page.mouse.move(box.x + box.width / 2, box.y - 20);
  await page.mouse.up();
  await page.keyboard.down('ArrowLeft');
  check('dots: and lets go of it beside the square, too', await sees((x) => x < 440), String(await place()));
  await page.keyboard.up('ArrowLeft');
  await shot(page, 'dots');
  check('dots: nothing is wider than the screen', await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await context.close();
}
