// @ts-check
// The page from its first moment: connect, open the stage, then one loop that moves the world on and draws it.
import { openOverlay } from 'tidewire/overlay';
import { watchTab } from './away.js';
import { Board } from './board.js';
import { Camera } from './camera.js';
import { calm } from './calm.js';
import { Card } from './card.js';
import { Deathcam } from './deathcam.js';
import { find } from './dom.js';
import { Effects } from './effects.js';
import { Feed } from './feed.js';
import { Gains } from './gains.js';
import { Help } from './help.js';
import { Hud } from './hud.js';
import { Controls } from './input.js';
import { Line } from './line.js';
import { Message, refuse } from './message.js';
import { Radar } from './radar.js';
import { Nebula } from './nebula.js';
import { openNet } from './net.js';
import { Own } from './own.js';
import { Particles } from './particles.js';
import { Quality } from './quality.js';
import { canDraw, openScene } from './scene.js';
import { Ships } from './ships.js';
import { Sounds } from './sounds.js';
import { Stars } from './stars.js';
import { Things } from './things.js';
import { openTouch } from './touch.js';
import { World } from './world.js';

const FRAME_S_MAX = 0.1; // a picture after a longer pause moves on by no more than this

if (!canDraw()) {
  refuse('This browser cannot draw the arena', 'It needs WebGL 2, which is missing or switched off: a newer browser, or graphics acceleration in its settings, may help.');
  throw new Error('the arena needs WebGL 2'); // nothing of what follows makes sense
}

const net = openNet();
const stage = /** @type {HTMLCanvasElement} */ (find('#stage'));
const world = new World(net.room);
const own = new Own(world);
const camera = new Camera(world);
const controls = new Controls(stage, camera, own);
const board = new Board(world);
const feed = new Feed(world);
const hud = new Hud(world, controls);
const deathcam = new Deathcam(world, own, feed);
const message = new Message(world, feed, own, deathcam, stage);
const line = new Line(net.room);
const sounds = new Sounds(world, camera);
new Help(sounds, controls, openOverlay(net.room, { key: 'KeyL' }));
const card = new Card(net, board, controls);
openTouch(stage, controls);
card.open();

const scene = await openScene(stage);
const nebula = new Nebula(/** @type {HTMLCanvasElement} */ (find('#nebula')), world.size);
const stars = new Stars(scene);
const quality = new Quality(() => scene.resize(quality.pixels));
const particles = new Particles(scene, quality);
const ships = new Ships(scene, world, particles, quality);
const gains = new Gains(scene, world, own);
const things = new Things(scene, world, sounds);
const effects = new Effects(world, particles, camera, ships);
const radar = new Radar(/** @type {HTMLCanvasElement} */ (find('#radar')), world, camera, own);

let fineness = 0; // pixels of the screen to one of the page
function resize() {
  fineness = devicePixelRatio;
  scene.resize(quality.pixels);
  nebula.resize(innerWidth, innerHeight);
  camera.resize(innerWidth, innerHeight);
}
addEventListener('resize', resize);
resize();
watchTab({
  room: net.room, controls,
  begin() {
    world.forget();
    particles.clear();
  },
});

let said = 0;
/** Hands the controls to the room, which makes an input of them once a tick. */
function steer() {
  if (net.room.state !== 'playing') return sounds.engine(0);
  if (net.room.sequence !== said) controls.taken();
  said = net.room.sequence;
  const input = controls.wanted();
  sounds.engine(own.alive ? input.thrust / 8 : 0);
  net.room.input(input);
}

let lastMs = performance.now();
/** One picture. @param {number} ms */
function picture(ms) {
  requestAnimationFrame(picture);
  if (fineness !== devicePixelRatio) resize(); // the window went to another screen: that is not told
  const now = ms / 1000;
  const dt = Math.min(FRAME_S_MAX, Math.max(0, (ms - lastMs) / 1000));
  quality.picture((ms - lastMs) / 1000);
  lastMs = ms;
  steer();
  net.room.look();
  world.happen((event) => {
    effects.show(event, now);
    feed.hear(event);
    sounds.hear(event);
  });
  own.update();
  const watched = deathcam.update(now);
  camera.update(own.alive ? own.body : watched, dt, !own.alive);
  nebula.draw(camera);
  stars.draw(camera);
  things.draw(camera, now);
  ships.draw(camera, now, dt);
  gains.draw(camera, now);
  particles.draw(camera, dt);
  scene.draw(camera);
  radar.draw(now);
  board.draw(now);
  hud.draw(now, dt, effects.struckAt);
  message.draw(now);
  line.draw(now);
}
requestAnimationFrame(picture);

/** For tests and the curious. */
Object.assign(window, {
  tidewire: {
    room: net.room, world, own, camera, controls, card, scene, quality, sounds, deathcam, calm,
    get state() { return net.room.state; },
    get fps() { return hud.fps; },
  },
});
