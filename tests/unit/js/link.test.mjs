// Which transport is taken, and when another: transports that do what the test says, and time that stands still.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Link } from '../../../protocol/js/link.js';
import { World } from './pretend.mjs';

const MUTE = 3000;
const NO_OPEN = 5000;

/** A transport whose lines are put into `dialled`. */
function pretended(name, dialled, fits = true) {
  return {
    name, fits: () => fits,
    dial(url, world, ears) {
      const line = { name, url, ears, sent: [], closed: false, send: (bytes) => line.sent.push(bytes), close: () => { line.closed = true; } };
      dialled.push(line);
      return line;
    },
  };
}

/** A link over a, b and c, and what its room hears; a room that says HELLO and comes back by itself. */
function linked({ names = ['a', 'b', 'c'], storage = null } = {}) {
  const world = new World();
  const dialled = [];
  const heard = { messages: [], downs: [] };
  const link = new Link('wss://host/play', { ...world.hooks, storage }, names.map((name) => pretended(name, dialled)), {
    open: () => link.send('hello'), holds: () => ({ tick: 7, event: 3 }), anew() {},
    message: (bytes) => { heard.messages.push(bytes); if (bytes === 'frame') link.settled(); },
    down: (code, text) => { heard.downs.push([code, text]); heard.wait = link.later(0, () => link.dial()); },
  });
  link.dial();
  return { world, link, dialled, heard, get line() { return dialled.at(-1); }, names: () => dialled.map(({ name }) => name).join('') };
}

/** Lets the newest line come to life. */
function live(all) {
  all.line.ears.open();
  all.line.ears.message('welcome');
  all.line.ears.message('frame');
}

function memory() {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key), kept };
}

test('the first is taken, and hello goes when it opens', () => {
  const all = linked();
  live(all);
  assert.equal(all.names(), 'a');
  assert.deepEqual(all.line.sent, ['hello']);
  assert.deepEqual(all.heard.messages, ['welcome', 'frame']);
  assert.equal(all.link.name, 'a');
  all.world.pass(60000);
  assert.deepEqual(all.heard.downs, []);
});

test('what does not open is followed by the next', () => {
  const all = linked();
  all.line.ears.down(1006, '');
  assert.equal(all.names(), 'ab');
  all.world.pass(NO_OPEN);
  assert.equal(all.names(), 'abc');
  assert.ok(all.dialled[1].closed);
  live(all);
  assert.equal(all.link.name, 'c');
  assert.deepEqual(all.heard.downs, [], 'the room is not troubled');
});

test('what opens and stays mute is followed by the next; so is what welcomes and brings no frame', () => {
  const all = linked();
  all.line.ears.open();
  all.world.pass(MUTE - 1);
  assert.equal(all.names(), 'a');
  all.world.pass(1);
  assert.equal(all.names(), 'ab');
  all.line.ears.open();
  all.line.ears.message('welcome');
  all.world.pass(MUTE);
  assert.equal(all.names(), 'abc');
  all.dialled[0].ears.message('late');
  assert.deepEqual(all.heard.messages, ['welcome'], 'what an old line says is not heard');
});

test('a place in line is an answer, which is said again every ten seconds; a line that is silent then is dead', () => {
  const all = linked();
  all.line.ears.open();
  for (let i = 0; i < 6; i++) {
    all.link.queued();
    all.world.pass(10000);
  }
  assert.equal(all.names(), 'a');
  all.world.pass(20000);
  assert.equal(all.names(), 'ab');
});

test("the server's word is not a failure of the line", () => {
  const all = linked();
  all.line.ears.open();
  all.line.ears.down(4020, 'no such game');
  assert.deepEqual(all.heard.downs, [[4020, 'no such game']]);
  assert.equal(all.names(), 'a');
});

test('when all have failed the room is told, and patience grows', () => {
  const all = linked();
  for (let i = 0; i < 3; i++) all.line.ears.down(1006, 'no');
  assert.equal(all.heard.downs.length, 1);
  all.world.pass(all.heard.wait);
  assert.equal(all.names(), 'abca', 'from the first on again');
  all.line.ears.open();
  all.world.pass(MUTE);
  assert.equal(all.names(), 'abca');
  all.world.pass(MUTE);
  assert.equal(all.names(), 'abcab');
});

test('what has worked is tried alone at first', () => {
  const all = linked();
  live(all);
  for (let i = 0; i < 3; i++) {
    all.line.ears.down(1006, 'gone');
    all.world.pass(all.heard.wait);
  }
  assert.equal(all.names(), 'aaaa');
  all.line.ears.down(1006, 'gone');
  assert.equal(all.names(), 'aaaab');
});

test('it is remembered per host, for a day', (t) => {
  let date = 1e12;
  t.mock.method(Date, 'now', () => date);
  const storage = memory();
  const first = linked({ storage });
  first.line.ears.down(1006, 'no');
  live(first);
  assert.equal(linked({ storage }).names(), 'b');
  date += 25 * 3600000;
  assert.equal(linked({ storage }).names(), 'a');
  const best = linked({ storage });
  live(best);
  assert.equal(storage.kept.size, 0, 'the first needs no memory');
});

test('storage that throws is done without', () => {
  const broken = () => { throw new Error('forbidden'); };
  const all = linked({ storage: { getItem: broken, setItem: broken, removeItem: broken } });
  live(all);
  assert.equal(all.link.name, 'a');
});

test('it climbs back beside the line that plays', () => {
  const all = linked();
  all.line.ears.down(1006, 'no');
  live(all);
  const old = all.line;
  all.world.pass(60000);
  assert.equal(all.names(), 'aba');
  assert.equal(all.link.name, 'b');
  assert.ok(!old.closed, 'until the better one is open');
  all.line.ears.open();
  assert.ok(old.closed);
  assert.deepEqual(all.line.sent, ['hello']);
  all.line.ears.message('frame');
  assert.equal(all.link.name, 'a');
  all.world.pass(3600000);
  assert.equal(all.names(), 'aba', 'higher it cannot');
});

test('a climb that comes to nothing leaves the line alone, and waits longer', () => {
  const all = linked();
  all.line.ears.down(1006, 'no');
  live(all);
  const [, old] = all.dialled;
  all.world.pass(60000);
  all.line.ears.down(1006, 'still blocked');
  all.world.pass(119999);
  assert.equal(all.names(), 'aba');
  all.world.pass(1);
  assert.equal(all.names(), 'abaa');
  all.world.pass(NO_OPEN);
  assert.ok(all.line.closed && !old.closed);
  old.ears.message('frame');
  assert.equal(all.heard.messages.at(-1), 'frame');
  assert.deepEqual(all.heard.downs, []);
});

test('a climb that opens and stays mute goes back to the one that played', () => {
  const all = linked();
  all.line.ears.down(1006, 'no');
  all.line.ears.down(1006, 'no');
  live(all);
  all.world.pass(60000);
  assert.equal(all.names(), 'abca');
  all.line.ears.open();
  all.world.pass(MUTE);
  assert.equal(all.names(), 'abcac');
  assert.deepEqual(all.heard.downs, []);
});

test('what does not fit this place is passed over; who is let go says nothing', () => {
  const world = new World();
  const dialled = [];
  const ways = [pretended('a', dialled, false), pretended('b', dialled)];
  const link = new Link('wss://host/play', { ...world.hooks, storage: null }, ways, { open() {}, message() {}, down: () => assert.fail() });
  link.dial();
  link.drop();
  dialled[0].ears.down(1006, '');
  world.pass(60000);
  assert.equal(dialled.map(({ name }) => name).join(''), 'b');
});

test('a transport that cannot even begin is a failure like another', () => {
  const world = new World();
  const dialled = [];
  const ways = [{ name: 'x', fits: () => true, dial: () => { throw new Error('policy'); } }, pretended('b', dialled)];
  new Link('wss://host/play', { ...world.hooks, storage: null }, ways, { open() {}, message() {}, down() {} }).dial();
  world.pass(1);
  assert.equal(dialled.length, 1);
});

test('who meddles stands in the way of whole messages', () => {
  const all = linked();
  live(all);
  const held = [];
  all.link.meddle = { up: (bytes, pass) => held.push(() => pass(`${bytes}!`)), down: (bytes, pass) => pass(`${bytes}?`) };
  all.line.ears.message('frame');
  assert.equal(all.heard.messages.at(-1), 'frame?');
  all.link.send('input');
  assert.deepEqual(all.line.sent, ['hello']);
  held[0]();
  assert.deepEqual(all.line.sent, ['hello', 'input!']);
  all.link.drop();
  held[0]();
  assert.equal(all.line.sent.length, 2, 'to a line that is gone nothing is passed on');
});
