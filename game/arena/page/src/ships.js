// @ts-check
// Ships as they are drawn: glow, flame, hull, shield, how much hull is left, and the name above. One view per
// slot, kept; a new life in a slot starts it afresh.
import { BitmapText, Container, Sprite } from 'pixi.js';
import { ARC_STEPS } from './atlas.js';
import { calm } from './calm.js';
import { LOOKS } from './looks.js';

const HULL = 0.42; // pictures to units
const [THRUST, SAFE, SHIELD, RAPID] = [1, 4, 8, 16]; // of the row's flags
const TRAIL_S = 0.022;
const NAME_STYLE = { fontFamily: 'Inter, "Segoe UI", Roboto, "DejaVu Sans", sans-serif', fontSize: 26, fill: 0xffffff, fontWeight: /** @type {const} */ ('600'), stroke: { color: 0x04060f, width: 6, join: /** @type {const} */ ('round') } };

/** @param {import('pixi.js').Texture} texture @param {Container} layer */
function sprite(texture, layer) {
  const made = new Sprite({ texture, anchor: 0.5 });
  return layer.addChild(made);
}

class ShipView {
  /** @param {import('./scene.js').Scene} scene */
  constructor(scene) {
    this.born = 0;
    this.glow = sprite(scene.atlas.glow, scene.glow);
    this.flame = sprite(scene.atlas.flame, scene.glow);
    this.flame.anchor.set(1, 0.5);
    this.hull = sprite(scene.atlas.hull0, scene.ships);
    this.hull.scale.set(HULL);
    this.arc = sprite(scene.atlas[`arc${ARC_STEPS}`], scene.ships);
    this.arc.scale.set(HULL * 1.15);
    this.bubble = sprite(scene.atlas.shield, scene.shots);
    this.name = new BitmapText({ text: '', style: NAME_STYLE, anchor: { x: 0.5, y: 1 } });
    this.name.scale.set(0.5);
    scene.names.addChild(this.name);
    this.look = LOOKS[0];
    this.flicker = Math.random() * 9; // so that flames do not beat in time
    this.health = -1;
    this.trail = 0;
    this.hit = 0; // when it was last struck, for a moment's flash
  }

  get parts() {
    return [this.glow, this.flame, this.hull, this.arc, this.bubble, this.name];
  }

  hide() {
    for (const part of this.parts) part.visible = false;
  }

  /** @param {import('./atlas.js').Atlas} atlas @param {import('./looks.js').Look} look */
  wear(atlas, look) {
    if (look === this.look && this.name.tint === look.pale) return;
    this.look = look;
    this.hull.texture = atlas[`hull${look.hull}`];
    this.glow.tint = this.flame.tint = look.tint;
    this.name.tint = look.pale;
  }

  /** @param {import('./atlas.js').Atlas} atlas @param {number} health 0 … 100 */
  hurt(atlas, health) {
    if (health === this.health) return;
    this.health = health;
    this.arc.texture = atlas[`arc${Math.round((health / 100) * ARC_STEPS)}`];
    this.arc.tint = health > 60 ? 0x7dffb0 : health > 30 ? 0xffd75e : 0xff5d6c;
  }
}

export class Ships {
  /** @param {import('./scene.js').Scene} scene @param {import('./world.js').World} world @param {import('./particles.js').Particles} particles */
  constructor(scene, world, particles) {
    this.scene = scene;
    this.world = world;
    this.particles = particles;
    /** @type {(ShipView|undefined)[]} */ this.views = [];
  }

  /** @param {import('./camera.js').Camera} camera @param {number} now seconds @param {number} dt */
  draw(camera, now, dt) {
    const { ships } = this.world;
    for (let slot = 0; slot < (ships?.kind.slots ?? 0); slot++) {
      const row = ships?.at(slot) ?? -1;
      if (ships && row >= 0) this.#ship(ships.values, row * ships.width, slot, camera, now, dt);
      else this.views[slot]?.hide();
    }
  }

  /** @param {Float32Array} of @param {number} from where its values begin @param {number} slot @param {import('./camera.js').Camera} camera
   * @param {number} now @param {number} dt */
  #ship(of, from, slot, camera, now, dt) {
    const at = this.world.at.ship;
    const mine = slot === this.world.room.player;
    const [x, y, vx, vy] = [of[from + at.x], of[from + at.y], of[from + at.vx], of[from + at.vy]];
    const [heading, flags, health] = [of[from + at.heading], of[from + at.flags], of[from + at.health]];
    const [dx, dy] = [camera.right(x), camera.below(y)];
    const view = (this.views[slot] ??= new ShipView(this.scene));
    if (!camera.sees(dx, dy, 60)) return view.hide();
    const angle = (heading / 256) * Math.PI * 2;
    view.wear(this.scene.atlas, this.world.lookOf(slot));
    view.hurt(this.scene.atlas, health);
    view.hull.visible = view.glow.visible = true;
    view.hull.position.set(dx, dy);
    view.hull.rotation = angle;
    view.hull.alpha = flags & SAFE ? 0.62 + (calm.on ? 0 : 0.3 * Math.sin(now * 9)) : 1;
    view.hull.tint = mine || now - view.hit < 0.09 ? 0xffffff : view.look.pale; // one's own is white, as on the radar
    view.glow.position.set(dx, dy);
    view.glow.scale.set(mine ? 1.15 : 0.95);
    view.glow.alpha = (mine ? 0.5 : 0.36) + (flags & RAPID ? 0.25 + 0.15 * Math.sin(now * 22) : 0);
    this.#flame(view, flags, dx, dy, angle, now);
    if (flags & THRUST) this.#trail(view, x, y, vx, vy, angle, dt);
    this.#around(view, flags, dx, dy, now, mine);
    this.#name(view, slot, mine, dx, dy, camera);
  }

  #flame(/** @type {ShipView} */ view, /** @type {number} */ flags, /** @type {number} */ dx, /** @type {number} */ dy, /** @type {number} */ angle, /** @type {number} */ now) {
    view.flame.visible = (flags & THRUST) !== 0;
    if (!view.flame.visible) return;
    view.flame.position.set(dx - Math.cos(angle) * 11, dy - Math.sin(angle) * 11);
    view.flame.rotation = angle;
    view.flame.scale.set(0.3 + 0.05 * Math.sin(now * 61 + view.flicker), 0.42);
    view.flame.alpha = 0.85 + 0.15 * Math.sin(now * 47);
  }

  #trail(/** @type {ShipView} */ view, /** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ vx, /** @type {number} */ vy, /** @type {number} */ angle, /** @type {number} */ dt) {
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    for (view.trail = Math.min(view.trail + dt, 4 * TRAIL_S); view.trail >= TRAIL_S; view.trail -= TRAIL_S) {
      const ago = view.trail - TRAIL_S; // so that the trail is even at few pictures a second, too
      this.particles.trail(x - c * 15 - vx * ago, y - s * 15 - vy * ago, vx * 0.35 - c * 90, vy * 0.35 - s * 90, view.look.tint);
    }
  }

  /** Shield, safe moment and hull arc. */
  #around(/** @type {ShipView} */ view, /** @type {number} */ flags, /** @type {number} */ dx, /** @type {number} */ dy, /** @type {number} */ now, /** @type {boolean} */ mine) {
    view.bubble.visible = (flags & (SHIELD | SAFE)) !== 0;
    if (view.bubble.visible) {
      view.bubble.position.set(dx, dy);
      view.bubble.tint = flags & SHIELD ? 0x58c8ff : view.look.pale;
      view.bubble.scale.set(0.4 + 0.012 * Math.sin(now * 7));
      view.bubble.alpha = flags & SHIELD ? 0.9 : 0.4 + 0.25 * Math.sin(now * 9);
    }
    view.arc.visible = view.health < 100 || mine;
    view.arc.position.set(dx, dy);
    view.arc.alpha = view.health < 100 ? 0.8 : 0.28;
  }

  #name(/** @type {ShipView} */ view, /** @type {number} */ slot, /** @type {boolean} */ mine, /** @type {number} */ dx, /** @type {number} */ dy, /** @type {import('./camera.js').Camera} */ camera) {
    view.name.visible = !mine;
    if (mine) return;
    const name = this.world.nameOf(slot);
    if (view.name.text !== name) view.name.text = name;
    const above = (dy - 46) * camera.zoom > -camera.height / 2; // else it would hang over the edge
    view.name.position.set(dx, above ? dy - 30 : dy + 46);
    view.name.alpha = 0.92;
  }

  /** A ship was struck: it flashes. @param {number} slot @param {number} now */
  struck(slot, now) {
    const view = this.views[slot];
    if (view) view.hit = now;
  }
}
