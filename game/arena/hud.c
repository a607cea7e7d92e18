#include "game/arena/hud.h"

enum { SECONDS_MOST = 60, HEAT_EACH = 5 /* of the gun's 100, one mark */ };

/* Whole seconds left until a tick, counted upward: 1 means that less than a second is left. */
static int32_t seconds_left(const struct game_turn *turn, uint32_t until_tick) {
    if (turn->tick >= until_tick) return 0;
    int32_t seconds = math_floor((float)(until_tick - turn->tick) * turn->dt + 0.999f);
    return seconds < 1 ? 1 : seconds > SECONDS_MOST ? SECONDS_MOST : seconds;
}

void hud_write(struct arena *arena, const struct game_turn *turn) {
    for (uint32_t i = 0; i < PLAYERS_MAX; i++) {
        const struct seat *seat = &arena->seat[i];
        bool waits = arena->pilot_life[i] && !arena->ship_life[i];
        int32_t respawn = waits ? seconds_left(turn, seat->respawn_tick) : 0;
        arena->hud[i] = (struct hud){.heat = math_floor(seat->heat / HEAT_EACH),
                                     .respawn = waits && respawn == 0 ? 1 : respawn,
                                     .rapid = seconds_left(turn, seat->rapid_tick),
                                     .shield = seconds_left(turn, seat->shield_tick)};
    }
}
