// What seldom happens to a page, and should harm nobody: odd hands on the controls, a graphics card that goes away, storage that
// is forbidden, a clock that leaps, names as nobody expects them.
import { check } from './tap.mjs';
import { hideTab, watchTab } from './hands.mjs';
import { open, PHONE, playing, shot, SMALL, troubles, until, visit } from './stage.mjs';

/** Whether the controls come to say so; what was tapped is said until an input was made of it. */
const wants = (page, fire, thrust) => until(page, (all) => {
  const now = window.tidewire.controls.wanted();
  return now.fire === all[0] && now.thrust === all[1];
}, [fire, thrust]);

/** Keys and buttons whose ends the page is not told, or not as one would think. */
export async function hands(browser, url) {
  const { page, context } = await open(browser, url, SMALL);
  await page.keyboard.press('Enter');
  await page.mouse.move(600, 100);
  await page.mouse.down();
  await page.mouse.down({ button: 'right' });
  check('hands: both mouse buttons fire and thrust', await wants(page, 1, 8));
  await page.mouse.up();
  check('hands: each lets go of its own', await wants(page, 0, 8));
  await page.mouse.up({ button: 'right' });
  check('hands: and then of all', await wants(page, 0, 0));
  for (const key of ['KeyW', 'ArrowUp']) await page.keyboard.down(key);
  await page.keyboard.up('ArrowUp');
  check('hands: of two keys for one thing, one is enough', await wants(page, 0, 8));
  for (const type of ['keydown', 'keyup']) await page.evaluate((name) => dispatchEvent(new KeyboardEvent(name, { key: 'Meta', code: 'MetaLeft' })), type);
  check('hands: a key whose release a Mac keeps to itself is let go', await wants(page, 0, 0));
  await page.keyboard.up('KeyW');
  await page.keyboard.down('KeyA');
  await page.mouse.move(500, 120);
  check('hands: a mouse that is touched does not turn who turns by keys', (await page.evaluate(() => window.tidewire.controls.wanted().aim)) === -1);
  await page.keyboard.up('KeyA');
  await page.click('#sound');
  await page.keyboard.down('Space');
  check('hands: after a click on a button Space still fires', await wants(page, 1, 0));
  await page.keyboard.up('Space');
  check('hands: and does not press it again', (await page.getAttribute('#sound', 'aria-pressed')) === 'true');
  for (let i = 0; i < 2; i++) await page.keyboard.down('Escape');
  await page.keyboard.up('Escape');
  check('hands: Esc that is held brings the card once', await page.isVisible('#card'));
  await page.keyboard.press('Escape');
  await page.keyboard.down('Tab');
  await page.keyboard.press('Escape');
  await page.keyboard.up('Tab');
  check('hands: Tab that is let go over the card takes the scores away', await page.evaluate(() => document.querySelector('#card').open && document.querySelector('#tab').hidden));
  await page.evaluate(() => document.querySelector('#name').dispatchEvent(new KeyboardEvent('keydown', { code: 'Escape', key: 'Escape', isComposing: true, bubbles: true })));
  check('hands: Esc that ends a word\'s composing leaves it', await page.isVisible('#card'));
  await context.close();
}

/** Fingers that the system takes away without a word. */
export async function fingers(browser, url) {
  const { page, context } = await open(browser, url, PHONE);
  await page.tap('#fly');
  const client = await context.newCDPSession(page);
  const touch = (type, ...points) => client.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  await touch('touchStart', [90, 740]);
  await touch('touchMove', [90, 690]);
  await until(page, () => window.tidewire.controls.stick.on);
  await page.evaluate(() => dispatchEvent(new Event('blur')));
  check('fingers: with the focus lost the stick is where it rests', await page.evaluate(() => !window.tidewire.controls.stick.on && !document.querySelector('#stick.on')));
  await touch('touchCancel');
  await touch('touchStart', [100, 700]);
  await touch('touchMove', [100, 640]);
  check('fingers: and the next finger steers', await until(page, () => window.tidewire.controls.stick.on));
  await touch('touchCancel');
  check('fingers: a finger that is cancelled lets go', await until(page, () => !window.tidewire.controls.stick.on));
  await context.close();
}

/** The graphics card is taken away and given back. */
export async function unplugged(browser, url) {
  const { page, context } = await open(browser, url, SMALL);
  await page.keyboard.press('Enter');
  const colours = () => page.evaluate(() => new Promise((resolve) => {
    const pen = Object.assign(document.createElement('canvas'), { width: 100, height: 60 }).getContext('2d');
    requestAnimationFrame(() => requestAnimationFrame(() => { // after a picture, before it is handed on
      pen.drawImage(document.querySelector('#stage'), 0, 0, 100, 60);
      resolve(new Set(new Uint32Array(pen.getImageData(0, 0, 100, 60).data.buffer)).size);
    }));
  }));
  const before = await colours();
  await page.evaluate(() => {
    window.card = document.querySelector('#stage').getContext('webgl2').getExtension('WEBGL_lose_context');
    window.card.loseContext();
  });
  check('unplugged: the player is told', await until(page, () => document.querySelector('#message').checkVisibility()
    && document.querySelector('#message').textContent.includes('picture')));
  await page.evaluate(() => window.card.restoreContext());
  check('unplugged: and flies on when it is back', await until(page, () => document.querySelector('#message').hidden));
  const after = await colours();
  check('unplugged: the arena is drawn again', after > before / 2, `${before} colours, then ${after}`);
  await context.close();
}

/** A browser that lets the page remember nothing. */
export async function forgetful(browser, url) {
  const { page, context } = await open(browser, url, SMALL, () => {
    for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError'); } });
  });
  await page.fill('#name', 'Nemo');
  await page.keyboard.press('Enter');
  check('forgetful: flies under its name without storage', await until(page, () => window.tidewire.room.name === 'Nemo' && window.tidewire.own.alive));
  await page.keyboard.press('KeyM');
  await page.keyboard.press('KeyH');
  await page.check('#calm');
  check('forgetful: settings hold for this visit', await page.evaluate(() => window.tidewire.calm.on && window.tidewire.sounds.muted));
  await context.close();
}

/** The machine slept, and its clock leaps by an hour. */
export async function slept(browser, url) {
  const { page, context } = await open(browser, url, SMALL, () => {
    const [now, draw] = [performance.now.bind(performance), requestAnimationFrame.bind(window)];
    let leap = 0;
    window.leap = (ms) => { leap += ms; };
    performance.now = () => now() + leap;
    window.requestAnimationFrame = (run) => draw((ms) => run(ms + leap));
  });
  await page.keyboard.press('Enter');
  await page.keyboard.down('KeyW');
  await page.evaluate(() => window.leap(3600000));
  const before = await page.evaluate(() => window.tidewire.room.stats.messagesUp);
  await page.waitForTimeout(1000);
  const said = (await page.evaluate(() => window.tidewire.room.stats.messagesUp)) - before;
  check('slept: what was not said meanwhile is not made up for', said < 1000, String(said)); // of 72,000
  check('slept: the ship flies on', await until(page, () => window.tidewire.state === 'playing' && window.tidewire.room.tickNow() - window.tidewire.room.tick < 40));
  await page.keyboard.up('KeyW');
  await context.close();
}

/** The engine is not heard of a ship that nobody flies any more. */
export async function humming(browser, url) {
  const { page, context } = await open(browser, url, SMALL);
  await page.keyboard.press('Enter');
  await page.evaluate(() => {
    const { sounds } = window.tidewire;
    const { hum } = sounds;
    sounds.hum = (loud) => hum((window.hummed = loud));
  });
  await page.keyboard.down('KeyW');
  check('humming: the engine is heard', await until(page, () => window.hummed > 0));
  await context.setOffline(true);
  await page.evaluate(() => window.tidewire.room.drop());
  check('humming: a lost line is silent', await until(page, () => window.hummed === 0));
  await page.keyboard.up('KeyW');
  await context.close();
}

const NAMES = ['W'.repeat(23), '<b onclick="x">&lt;i</b>', 'مرحبا بالعالم', '👩‍👩‍👧‍👦👩🏽‍🚀', '\u200b\u200b', 'Zoë O\'Hara'];
const [ROOM_OF, RANK] = [40, 31];

/** A full room of names as nobody expects them: everything fits, nothing is taken for HTML, and one's own line is always there. */
export async function named(browser, url) {
  for (const [name, looks] of [['wide', SMALL], ['phone', PHONE]]) {
    const { page, context } = await open(browser, url, looks);
    await page.evaluate(() => document.querySelector('#fly').click());
    await page.evaluate(([names, count, rank]) => {
      const { room, world } = window.tidewire;
      const rows = Object.getPrototypeOf(room).rows.bind(room);
      const pilots = Array.from({ length: count }, (_, i) => (
        { slot: i === rank - 1 ? room.player : 100 + i, score: 100000 - i, kills: i, deaths: i, hue: i * 9, computer: 0, name: names[i % names.length] }));
      room.rows = (kind) => (kind === 'pilot' ? pilots[Symbol.iterator]() : rows(kind));
      world.nameOf = (player) => names[player % names.length];
      for (let i = 0; i < 5; i++) world.events.push({ name: 'kill', tick: room.tick, values: { killer: i, victim: i * 6 } });
    }, [NAMES, ROOM_OF, RANK]);
    check(`named, ${name}: the board has one's own line`, await until(page, (rank) => document.querySelector('#board li.mine b')?.textContent === String(rank), RANK));
    await until(page, () => document.querySelectorAll('#feed li').length > 1);
    const wide = await page.evaluate(() => [...document.querySelectorAll('#board li, #feed li')].filter((line) => {
      const { left, right } = line.getBoundingClientRect();
      return line.scrollWidth > line.clientWidth + 1 || left < 0 || right > innerWidth;
    }).map((line) => line.textContent));
    check(`named, ${name}: nothing is wider than its place`, wide.length === 0, wide.join('\n'));
    check(`named, ${name}: names are no HTML`, await page.evaluate(() => document.querySelectorAll('#hud li b[onclick]').length === 0));
    if (looks === SMALL) await page.keyboard.down('Tab');
    if (looks === SMALL) check('named: all scores have one\'s own line, too', await until(page, (rank) => document.querySelector('#tab-now li.mine b')?.textContent === String(rank), RANK));
    await shot(page, `named-${name}`);
    await context.close();
  }
}

/** A new letter is painted now and then, not sent to the graphics card one by one. */
export async function lettered(browser, url) {
  const { page, context } = await open(browser, url, SMALL, () => {
    for (const name of ['texImage2D', 'texSubImage2D']) {
      const send = WebGL2RenderingContext.prototype[name];
      WebGL2RenderingContext.prototype[name] = function (...words) {
        window.sent++;
        return send.apply(this, words);
      };
    }
  });
  await page.waitForTimeout(500);
  const sent = await page.evaluate(() => new Promise((resolve) => {
    window.sent = 0;
    for (const letter of 'жзийклмнопрст') window.tidewire.scene.atlas.letters.of(letter);
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(window.sent)));
  }));
  check('lettered: a name of new letters goes to the graphics card at once', sent === 1, String(sent));
  await context.close();
}

/** Of a life before, nobody is blamed for the end of this one. */
export async function unblamed(browser, url) {
  const { page, context } = await open(browser, url, SMALL);
  await page.keyboard.press('Enter');
  await page.evaluate(() => {
    const { room, world } = window.tidewire;
    world.events.push({ name: 'kill', tick: room.tick, values: { killer: (room.player + 1) % 8, victim: room.player } });
  });
  await until(page, () => document.querySelector('#feed li') !== null);
  await page.waitForTimeout(300);
  await page.evaluate(() => { window.tidewire.world.ship = () => null; });
  await until(page, () => document.querySelector('#message').checkVisibility());
  const words = await page.textContent('#message strong');
  check('unblamed: an end that was not seen has no name', words === 'Destroyed', words);
  await context.close();
}

/** Nobody can say who is best: then nobody does. */
export async function unlisted(browser, url) {
  const { page, context } = await visit(browser, new URL('/dots/', url).href, SMALL);
  await page.route('**/api/top*', (route) => route.abort());
  await page.goto(url);
  await playing(page);
  check('unlisted: the card tells who leads here and now', await until(page, () => document.querySelector('#top-title').textContent === 'Here and now'
    && document.querySelector('#top li.mine') !== null));
  await page.keyboard.press('Enter');
  await page.keyboard.down('Tab');
  check('unlisted: that there is nobody is not said', await page.evaluate(() => getComputedStyle(document.querySelector('#tab-top'), '::after').content === 'none'));
  await context.close();
}

/** The window is moved to a screen with finer pixels. */
export async function finer(browser, url) {
  const { page, context } = await open(browser, url, SMALL);
  const client = await context.newCDPSession(page);
  const before = await page.evaluate(() => {
    window.tidewire.quality.picture = () => {}; // draws no coarser meanwhile
    return document.querySelector('#stage').width;
  });
  await client.send('Emulation.setDeviceMetricsOverride', { width: 800, height: 500, deviceScaleFactor: 2, mobile: false });
  check('finer: it is drawn with them', await until(page, (width) => document.querySelector('#stage').width > width * 1.4, before), String(before));
  await context.close();
}

/** Out of the arena behind a card: the way back is there for the keyboard, too. */
export async function returned(browser, url) {
  const { page, context } = await open(browser, url, SMALL);
  await page.evaluate(() => window.tidewire.room.leave());
  await until(page, () => document.querySelector('#trouble').textContent !== '');
  await page.keyboard.press('Escape');
  check('returned: the button has the focus once the card is away', await until(page, () => document.activeElement.matches('#message button')));
  await page.evaluate(() => {
    const { activeElement } = document;
    window.pressed = activeElement.dispatchEvent(new KeyboardEvent('keydown', { code: 'Space', key: ' ', repeat: true, bubbles: true, cancelable: true }));
  });
  check('returned: a key that was held before does not press it', (await page.evaluate(() => window.pressed)) === false);
  await page.keyboard.press('Enter');
  check('returned: Enter flies again', await until(page, () => window.tidewire.state === 'playing' && window.tidewire.own.alive));
  await page.keyboard.press('Shift+Tab');
  check('returned: Shift and Tab go to the menu', await page.evaluate(() => document.activeElement.closest('#tools') !== null && document.querySelector('#tab').hidden));
  await page.evaluate(() => {
    window.woken = 0;
    window.tidewire.room.wake = () => { window.woken++; };
  });
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  check('returned: who wants to fly does not wait for the next attempt', (await page.evaluate(() => window.woken)) === 1);
  await context.close();
}

/** Shots that were fired while nobody looked are not heard all at once. */
export async function calmly(browser, url) {
  const { page, context } = await open(browser, url, SMALL, watchTab);
  await page.keyboard.press('Enter');
  await page.evaluate(() => {
    const { room, sounds } = window.tidewire;
    const shown = Object.getPrototypeOf(room).shown.bind(room);
    let next = 1e9;
    window.fired = [];
    sounds.shot = (x) => window.fired.push(x);
    const { width } = shown('shot');
    window.fire = (count) => { // so many new shots are seen from now on
      const first = next;
      next += count;
      const shots = { count, width, slots: Array.from({ length: count }, (_, i) => i), values: new Float32Array(count * width).fill(-1), born: (slot) => first + slot };
      room.shown = (kind) => (kind === 'shot' ? shots : shown(kind));
    };
    window.fire(3);
  });
  const heard = (count) => until(page, (wanted) => window.fired.filter((x) => x === -1).length === wanted, count);
  check('calmly: a shot is heard when it is seen first', await heard(3));
  await hideTab(page, true);
  await page.evaluate(() => window.fire(40));
  await page.waitForTimeout(1200);
  await hideTab(page, false);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  check('calmly: of what was missed nothing is heard', await heard(3), String(await page.evaluate(() => window.fired.length)));
  await page.evaluate(() => window.fire(2));
  check('calmly: of what comes then all', await heard(5));
  await context.close();
}

/** Nothing to hear with: nothing is heard, and nothing else is harmed. */
export async function mute(browser, url) {
  const { page, context } = await open(browser, url, SMALL, () => {
    window.AudioContext = class { constructor() { throw new DOMException('no more of them', 'NotSupportedError'); } };
  });
  const before = troubles.size;
  await page.keyboard.press('Enter');
  await page.keyboard.press('KeyM');
  await page.keyboard.press('KeyM');
  check('mute: the page does not complain', troubles.size === before, [...troubles].join('\n'));
  await context.close();
}
