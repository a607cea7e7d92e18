// The tables of arena, version 1: made by protocol/js/types.mjs from arena.wasm, not by hand.
import type { Game } from 'tidewire';

export interface Arena extends Game {
  rows: {
    ship: {
      x: number; // 0 … 3200, and 3200 is 0 again, in steps of 0.0625
      y: number; // 0 … 3200, and 3200 is 0 again, in steps of 0.0625
      vx: number; // -2000 … 2000, in steps of 1.25
      vy: number; // -2000 … 2000, in steps of 1.25
      heading: number; // 0 … 256, and 256 is 0 again
      flags: number; // 0 … 31
      health: number; // 0 … 100
      turn: number; // -128 … 128
      thrust: number; // 0 … 8
      wish_vx: number; // -500 … 500, in steps of 0.015625
      wish_vy: number; // -500 … 500, in steps of 0.015625
    };
    shot: {
      x: number; // 0 … 3200, and 3200 is 0 again, in steps of 0.0625
      y: number; // 0 … 3200, and 3200 is 0 again, in steps of 0.0625
      vx: number; // -2000 … 2000, in steps of 1.25
      vy: number; // -2000 … 2000, in steps of 1.25
      owner: number; // 0 … 255
    };
    rock: {
      x: number; // 0 … 3200, and 3200 is 0 again, in steps of 0.0625
      y: number; // 0 … 3200, and 3200 is 0 again, in steps of 0.0625
      vx: number; // -2000 … 2000, in steps of 1.25
      vy: number; // -2000 … 2000, in steps of 1.25
      size: number; // 1 … 3
      shape: number; // 0 … 255
    };
    pickup: {
      x: number; // 0 … 3200, and 3200 is 0 again, in steps of 0.0625
      y: number; // 0 … 3200, and 3200 is 0 again, in steps of 0.0625
      type: number; // 0 … 3
    };
    pilot: {
      score: number;
      kills: number;
      deaths: number;
      kept: number;
      hue: number; // 0 … 360, and 360 is 0 again
      computer: number; // 0 … 1
      name: string; // at most 23 bytes
    };
    hud: {
      heat: number; // 0 … 20
      respawn: number; // 0 … 60
      rapid: number; // 0 … 60
      shield: number; // 0 … 60
    };
  };
  input: {
    turn: number; // -8 … 8
    thrust: number; // 0 … 8
    fire: number; // 0 … 1
    aim: number; // -1 … 255
  };
  events: {
    kill: {
      killer: number; // -1 … 255
      victim: number; // 0 … 255
    };
    hit: {
      x: number; // 0 … 3200, and 3200 is 0 again
      y: number; // 0 … 3200, and 3200 is 0 again
      by: number; // 0 … 255
      of: number; // -1 … 255
    };
    boom: {
      x: number; // 0 … 3200, and 3200 is 0 again
      y: number; // 0 … 3200, and 3200 is 0 again
      size: number; // 1 … 4
    };
    spawn: {
      x: number; // 0 … 3200, and 3200 is 0 again
      y: number; // 0 … 3200, and 3200 is 0 again
      who: number; // 0 … 255
    };
    taken: {
      x: number; // 0 … 3200, and 3200 is 0 again
      y: number; // 0 … 3200, and 3200 is 0 again
      who: number; // 0 … 255
      type: number; // 0 … 3
    };
  };
  calls: {
    paint: { ask: {
      hue: number; // 0 … 360, and 360 is 0 again
    }; answer: {
      hue: number; // 0 … 360, and 360 is 0 again
    } };
  };
  rules: {
    ship_speed: number; // 50 … 500
    turn_rate: number; // 0.125 … 3, in steps of 0.0625
    thrust: number; // 50 … 1500
    drag: number; // 0 … 3, in steps of 0.0625
    shot_speed: number; // 100 … 1000
    shot_life: number; // 0.25 … 3, in steps of 0.0625
    shot_rate: number; // 0.5 … 10, in steps of 0.5
    respawn: number; // 0.5 … 60, in steps of 0.5
    safe: number; // 0 … 30, in steps of 0.5
    sight: number; // 200 … 2400
    shot_damage: number; // 1 … 100
    rocks: number; // 0 … 96
    pickups: number; // 0 … 40
    kill_score: number; // 0 … 10000
    rock_score: number; // 0 … 10000
    pickup_score: number; // 0 … 10000
    death_cost: number; // 0 … 10000
  };
}
