// @ts-check
// Touch: a stick that appears under the left thumb; the right one fires, on the button or anywhere on its side.
// Shown once a finger touched.

const REACH = 56; // pixels from the stick's middle to its end
const LEFT_PART = 0.55; // of the screen is the stick's

/** @param {HTMLCanvasElement} stage @param {import('./input.js').Controls} controls */
export function openTouch(stage, controls) {
  const pad = /** @type {HTMLElement} */ (document.querySelector('#touch'));
  const stick = /** @type {HTMLElement} */ (document.querySelector('#stick'));
  const knob = /** @type {HTMLElement} */ (stick.firstElementChild);
  const fire = /** @type {HTMLElement} */ (document.querySelector('#fire'));
  let finger = -1;
  let middle = { x: 0, y: 0 };

  const show = () => {
    pad.hidden = false;
    document.body.classList.add('touched');
  };
  if (matchMedia('(pointer: coarse)').matches) show();

  const move = (/** @type {PointerEvent} */ event) => {
    let [x, y] = [(event.clientX - middle.x) / REACH, (event.clientY - middle.y) / REACH];
    const far = Math.max(1, Math.hypot(x, y));
    (x /= far), (y /= far);
    Object.assign(controls.stick, { x, y, on: true });
    knob.style.transform = `translate(${x * REACH}px, ${y * REACH}px)`;
  };
  const rest = () => {
    finger = -1;
    Object.assign(controls.stick, { x: 0, y: 0, on: false });
    knob.style.transform = stick.style.left = stick.style.top = '';
    stick.classList.remove('on');
  };

  const begin = (/** @type {PointerEvent} */ event) => {
    if (event.pointerType === 'mouse' || finger >= 0 || !controls.enabled) return;
    show();
    if (event.clientX > innerWidth * LEFT_PART) return;
    finger = event.pointerId;
    middle = { x: event.clientX, y: event.clientY };
    stick.style.left = `${middle.x}px`;
    stick.style.top = `${middle.y}px`;
    stick.classList.add('on');
    controls.used = true;
    controls.mouse.aims = false;
    move(event);
  };
  stage.addEventListener('pointerdown', begin);
  stick.addEventListener('pointerdown', begin);
  addEventListener('pointermove', (event) => { if (event.pointerId === finger) move(event); });
  for (const name of /** @type {const} */ (['pointerup', 'pointercancel'])) {
    addEventListener(name, (event) => { if (event.pointerId === finger) rest(); });
  }

  let trigger = -1; // the finger that fires
  const press = (/** @type {PointerEvent} */ event) => {
    const right = event.currentTarget === fire || event.clientX > innerWidth * LEFT_PART;
    if (event.pointerType === 'mouse' || trigger >= 0 || !right || !controls.enabled) return;
    event.preventDefault();
    trigger = event.pointerId;
    controls.touchFire = true;
    controls.tapped.add('fire');
    fire.classList.add('on');
  };
  const ease = (/** @type {PointerEvent} */ event) => {
    if (event.pointerId !== trigger) return;
    trigger = -1;
    controls.touchFire = false;
    fire.classList.remove('on');
  };
  for (const element of [stage, fire]) element.addEventListener('pointerdown', press);
  for (const name of /** @type {const} */ (['pointerup', 'pointercancel'])) addEventListener(name, ease);
  for (const element of [stage, pad]) element.addEventListener('touchstart', (event) => event.preventDefault(), { passive: false });
}
