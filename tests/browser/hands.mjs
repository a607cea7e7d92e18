// Eyes and hands of a player in a page: what it sees through the page's hook, what it does with mouse and fingers.
import { BUSY_MS, until } from './stage.mjs';

/** Who and how we are. */
export const state = (page) => page.evaluate(() => {
  const { room, own } = window.tidewire;
  return { state: room.state, alive: own.alive, name: room.name, player: room.player, session: room.session, score: room.row('pilot', room.player)?.score ?? 0 };
});

/** Where the own ship is by the server's word. */
export const sampleShip = (page) => page.evaluate(() => {
  const { room } = window.tidewire;
  const { x = 0, y = 0, heading = 0 } = room.row('ship', room.player) ?? {};
  return { x, y, heading };
});

/** Whether the own ship comes to be so far, in units, from where it was. */
export const moved = (page, before, far) => until(page, ([{ x, y }, least]) => {
  const { room } = window.tidewire;
  const ship = room.row('ship', room.player);
  return ship !== null && Math.hypot(ship.x - x, ship.y - y) > least;
}, [before, far]);

/** Notes a ship's place in every tick for a while: tick → its fields as text. */
export const pilot = (page, slot, ms) => page.evaluate(([player, time]) => new Promise((resolve) => {
  const { room } = window.tidewire;
  const seen = {};
  const off = room.on('frame', () => {
    const row = room.row('ship', player);
    if (row) seen[room.tick] = [row.x, row.y, row.vx, row.vy, row.heading, row.health].join(' ');
  });
  setTimeout(() => { off(); resolve(seen); }, time);
}), [slot, ms]);

const STRAIGHT_MS = 150;

/** Where ships are drawn, picture by picture for a while: for each slot a list of [server time in ms, x, y, heading]. Taken where the
 * page asks for the picture's moment: what it does with it may take a busy machine longer than a ship's length. */
export const sightings = (page, slots, ms) => page.evaluate(([players, time]) => new Promise((resolve) => {
  const { room, world } = window.tidewire;
  const seen = players.map(() => []);
  room.look = () => {
    const now = room.serverTime();
    Object.getPrototypeOf(room).look.call(room);
    players.forEach((player, i) => {
      const ship = world.ship(player);
      if (ship) seen[i].push([now, ship.x, ship.y, ship.heading]);
    });
  };
  setTimeout(() => {
    delete room.look;
    resolve(seen);
  }, time);
}), [slots, ms]);

/** Turns with a key and waits for the drawn ship to turn. Gives how many inputs newer than the key's press the server had told to be
 * used by then: 0 if the ship obeyed before it could have. */
export async function turnsBefore(page, key) {
  const turned = page.evaluate((most) => new Promise((resolve) => {
    const { room, own } = window.tidewire;
    const USED = 1; // of the core's words
    const [from, made, end] = [own.body.heading, room.sequence, performance.now() + most];
    requestAnimationFrame(function look() {
      if (performance.now() > end) resolve(Infinity);
      else if (own.body.heading !== from) resolve(Math.max(0, room.core.state[USED] - made));
      else requestAnimationFrame(look);
    });
  }), BUSY_MS);
  await page.keyboard.down(key);
  const used = await turned;
  await page.keyboard.up(key);
  return used;
}

/** How far apart two rows of sightings are at the same server time: one number for each of `ours` that lies between two
 * of `theirs`, not longer apart than that a ship flies about straight. */
export function apart(ours, theirs, size) {
  const way = (a, b) => ((b - a + size * 1.5) % size) - size / 2; // the short way in a round world
  return ours.flatMap(([time, x, y]) => {
    const after = theirs.findIndex(([later]) => later >= time);
    if (after < 1) return [];
    const [[t0, x0, y0], [t1, x1, y1]] = [theirs[after - 1], theirs[after]];
    if (t1 - t0 > STRAIGHT_MS) return [];
    const part = (time - t0) / (t1 - t0);
    return [Math.hypot(way(x, x0 + way(x0, x1) * part), way(y, y0 + way(y0, y1) * part))];
  });
}

/** Where on the screen the nearest rock will be when a shot gets there, and how far that is. */
const nearestRock = (page) => page.evaluate(() => {
  const { room, world, camera } = window.tidewire;
  const ship = room.row('ship', room.player);
  if (!ship) return null;
  let best = null;
  for (const rock of room.rows('rock')) {
    const [dx, dy] = [world.way(ship.x, rock.x), world.way(ship.y, rock.y)];
    const far = Math.hypot(dx, dy);
    if (best && best.far <= far) continue;
    const time = far / room.rules.shot_speed;
    const [ax, ay] = [dx + (rock.vx - ship.vx) * time, dy + (rock.vy - ship.vy) * time];
    const length = Math.hypot(ax, ay) || 1;
    const [sx, sy] = [camera.width / 2 + camera.right(ship.x) * camera.zoom, camera.height / 2 + camera.below(ship.y) * camera.zoom];
    best = { far, x: sx + (ax / length) * 150, y: sy + (ay / length) * 150 };
  }
  return best;
});

/** Hunts rocks with the mouse until the score has risen, for `ms` at most; `look` is called in mid-fight. */
export async function shootRocks(page, ms, look) {
  const score = async () => (await state(page)).score;
  const end = Date.now() + ms;
  let before = await score();
  let after = before;
  for (let turn = 0; Date.now() < end && after <= before; turn++) {
    const rock = await nearestRock(page);
    if (rock) await page.mouse.move(rock.x, rock.y);
    if (rock) await page.mouse.down();
    if (rock && rock.far > 260) await page.keyboard.down('KeyW');
    else await page.keyboard.up('KeyW');
    await page.waitForTimeout(120);
    if (turn % 25 === 24) await page.mouse.up(); // the gun cools
    if (turn % 25 === 24) await page.waitForTimeout(700);
    if (turn === 5) await look();
    after = await score();
    if (after < before) before = after; // a death cost points
  }
  await page.mouse.up();
  await page.keyboard.up('KeyW');
  return { before, after };
}

/** Two thumbs on the glass: the first drawn along `path`, the second pressed at `press`. */
export async function touchAt(page, path, press) {
  const client = await page.context().newCDPSession(page);
  const touch = (type, points) => client.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  await touch('touchStart', [path[0]]);
  for (const step of path.slice(1)) await touch('touchMove', [step]);
  await touch('touchStart', [path[path.length - 1], press]);
  return { lift: () => touch('touchEnd', []) };
}

/** Runs in the page before all else: headless Chromium never hides a page, so `hideTab` does what a browser would:
 * says so, and draws no pictures until it is looked at again. */
export function watchTab() {
  const [draw, waiting] = [window.requestAnimationFrame.bind(window), []];
  let hidden = false;
  const ask = (run) => draw((now) => (hidden ? waiting.push(run) : run(now)));
  window.requestAnimationFrame = ask;
  Object.defineProperties(document, { hidden: { get: () => hidden }, visibilityState: { get: () => (hidden ? 'hidden' : 'visible') } });
  window.hideTab = (hide) => {
    hidden = hide;
    document.dispatchEvent(new Event('visibilitychange'));
    if (!hide) for (const run of waiting.splice(0)) ask(run);
  };
}
export const hideTab = (page, hide) => page.evaluate((whether) => window.hideTab(whether), hide);

/** Runs in the page before all else: WebSockets fail, as behind a proxy that does not know them. */
export function blockWebSocket() {
  window.WebSocket = class {
    constructor() {
      this.readyState = 0;
      setTimeout(() => {
        this.readyState = 3;
        this.onerror?.(new Event('error'));
        this.onclose?.(Object.assign(new Event('close'), { code: 1006, reason: '' }));
      }, 30);
    }
    send() {}
    close() {}
  };
}
