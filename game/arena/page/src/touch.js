// @ts-check
// Touch: a stick that appears under the left thumb, a fire button under the right. Shown once a finger touched.

const REACH = 56; // pixels from the stick's middle to its end

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
    if (event.clientX > innerWidth * 0.6) return;
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

  const press = (/** @type {boolean} */ down) => (/** @type {Event} */ event) => {
    event.preventDefault();
    controls.touchFire = down && controls.enabled;
    if (down) controls.tapped.add('fire');
    fire.classList.toggle('on', down);
  };
  fire.addEventListener('pointerdown', press(true));
  for (const name of ['pointerup', 'pointercancel', 'pointerleave']) fire.addEventListener(name, press(false));
  for (const element of [stage, pad]) element.addEventListener('touchstart', (event) => event.preventDefault(), { passive: false });
}
