// @ts-check
// Touch: a stick that appears under the left thumb; the right one fires, on the button or anywhere on its side.
// Shown once a finger touched.
import { find } from './dom.js';

const REACH = 56; // pixels from the stick's middle to its end
const LEFT_PART = 0.55; // of the screen is the stick's

/** @param {HTMLCanvasElement} stage @param {import('./input.js').Controls} controls */
export function openTouch(stage, controls) {
  const pad = find('#touch');
  const show = () => {
    pad.hidden = false;
    document.body.classList.add('touched');
  };
  if (matchMedia('(pointer: coarse)').matches) show();
  stage.addEventListener('pointerdown', (event) => { if (event.pointerType !== 'mouse' && controls.enabled) show(); });
  for (const element of [stage, pad]) element.addEventListener('touchstart', (event) => event.preventDefault(), { passive: false });
  const stick = find('#stick');
  const fire = find('#fire');
  follow([stage, stick], (event) => controls.enabled && event.clientX <= innerWidth * LEFT_PART, steering(stick, controls));
  follow([stage, fire], (event) => controls.enabled && (event.currentTarget === fire || event.clientX > innerWidth * LEFT_PART), firing(fire, controls));
}

/** @typedef {{begin(event: PointerEvent): void, move(event: PointerEvent): void, end(): void}} Thumb */

/** Follows one finger from where it lands, if it is wanted there, until it leaves.
 * @param {HTMLElement[]} elements @param {(event: PointerEvent) => boolean} wants @param {Thumb} thumb */
function follow(elements, wants, thumb) {
  let finger = -1;
  for (const element of elements) {
    element.addEventListener('pointerdown', (event) => {
      if (event.pointerType === 'mouse' || finger >= 0 || !wants(event)) return;
      event.preventDefault();
      finger = event.pointerId;
      thumb.begin(event);
    });
  }
  const end = () => {
    finger = -1;
    thumb.end();
  };
  addEventListener('pointermove', (event) => { if (event.pointerId === finger) thumb.move(event); });
  for (const name of /** @type {const} */ (['pointerup', 'pointercancel'])) addEventListener(name, (event) => { if (event.pointerId === finger) end(); });
  addEventListener('blur', end); // where it goes from now on, nobody may tell
}

/** The stick comes to the thumb, and its knob goes with it. @param {HTMLElement} stick @param {import('./input.js').Controls} controls @returns {Thumb} */
function steering(stick, controls) {
  const knob = /** @type {HTMLElement} */ (stick.firstElementChild);
  let middle = { x: 0, y: 0 };
  const move = (/** @type {PointerEvent} */ event) => {
    const [x, y] = [(event.clientX - middle.x) / REACH, (event.clientY - middle.y) / REACH];
    const far = Math.max(1, Math.hypot(x, y));
    Object.assign(controls.stick, { x: x / far, y: y / far, on: true });
    knob.style.transform = `translate(${(x / far) * REACH}px, ${(y / far) * REACH}px)`;
  };
  return {
    move,
    begin(event) {
      middle = { x: event.clientX, y: event.clientY };
      stick.style.left = `${middle.x}px`;
      stick.style.top = `${middle.y}px`;
      stick.classList.add('on');
      controls.mouse.aims = false;
      move(event);
    },
    end() {
      Object.assign(controls.stick, { x: 0, y: 0, on: false });
      knob.style.transform = stick.style.left = stick.style.top = '';
      stick.classList.remove('on');
    },
  };
}

/** @param {HTMLElement} fire @param {import('./input.js').Controls} controls @returns {Thumb} */
function firing(fire, controls) {
  return {
    begin() {
      controls.touchFire = true;
      controls.tapped.add('fire');
      fire.classList.add('on');
    },
    move() {},
    end() {
      controls.touchFire = false;
      fire.classList.remove('on');
    },
  };
}
