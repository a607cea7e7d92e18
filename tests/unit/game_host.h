/* A host for one game without a server, for tests: the world, the view, the notes, seats with their minds and
 * inputs, and random records within their ranges. The game is the one that the test is linked with. */
#pragma once
#include "game/game_api.h"
#include "game/math.h"
#include <stdlib.h>

enum { HOST_NOTES = 4096, HOST_NOTE_BYTES = 1 << 18, HOST_MIND = 16 };

struct host {
    void *world;
    uint8_t *rules;
    struct game_view view;
    struct game_turn turn;
    bool seated[LIMIT_PLAYERS];
    uint32_t mind[LIMIT_PLAYERS][HOST_MIND];
    _Alignas(8) uint8_t input[LIMIT_PLAYERS][LIMIT_RECORD_BYTES];
    uint64_t dice, accounts;
};

static inline void *host_zeroed(size_t size) {
    void *block = calloc(1, size ? size : 1);
    CHECK(block);
    return block;
}

static inline void host_write(uint8_t *record, const struct schema_field *f, float v) {
    int32_t whole = (int32_t)v;
    memcpy(record + f->offset, f->type == SCHEMA_INT ? (void *)&whole : (void *)&v, 4);
}

/* A record with random values, each within its field's range, both ends included. Texts stay as they are. */
static inline void host_random(struct host *host, const struct schema_record *record, uint8_t *into) {
    for (uint16_t i = 0; i < record->field_count; i++) {
        const struct schema_field *f = &record->fields[i];
        float high = f->type == SCHEMA_INT && !f->wraps ? f->max + 1 : f->max;
        if (f->type == SCHEMA_TEXT) continue;
        float v = dice_between(&host->dice, f->min, high);
        host_write(into, f, f->type == SCHEMA_INT ? (float)math_floor(v) : v);
    }
}

static inline struct game_rows *host_kinds(void) {
    struct game_rows *kinds = host_zeroed(game_schema.kind_count * sizeof(*kinds));
    for (uint16_t i = 0; i < game_schema.kind_count; i++) {
        const struct schema_kind *kind = &game_schema.kinds[i];
        kinds[i] = (struct game_rows){.rows = host_zeroed((size_t)kind->slots * kind->row.size),
                                      .life = host_zeroed(kind->slots * sizeof(uint32_t)),
                                      .to = host_zeroed(kind->slots * sizeof(struct game_to)),
                                      .slots = kind->slots,
                                      .size = kind->row.size};
    }
    return kinds;
}

/* A host whose rules are the presets; `begin` is not called yet. */
static inline struct host *host_create(float dt, uint64_t seed) {
    struct host *host = host_zeroed(sizeof(*host));
    host->dice = dice_seed(seed);
    host->rules = host_zeroed(game_schema.rules.size);
    for (uint16_t i = 0; i < game_schema.rules.field_count; i++)
        host_write(host->rules, &game_schema.rules.fields[i], game_schema.rules.fields[i].preset);
    host->world = host_zeroed(game_schema.world_size);
    host->view.kinds = host_kinds();
    host->view.kind_count = game_schema.kind_count;
    host->view.seats = host_zeroed(game_schema.players_max * sizeof(struct game_seat));
    host->turn = (struct game_turn){.dt = dt,
                                    .rules = host->rules,
                                    .schema = &game_schema,
                                    .notes = host_zeroed(HOST_NOTES * sizeof(struct game_note)),
                                    .bytes = host_zeroed(HOST_NOTE_BYTES),
                                    .note_max = HOST_NOTES,
                                    .byte_max = HOST_NOTE_BYTES};
    return host;
}

static inline void host_destroy(struct host *host) {
    for (uint16_t i = 0; i < game_schema.kind_count; i++) {
        free(host->view.kinds[i].rows);
        free(host->view.kinds[i].life);
        free(host->view.kinds[i].to);
    }
    free(host->view.kinds);
    free(host->view.seats);
    free(host->turn.notes);
    free(host->turn.bytes);
    free(host->rules);
    free(host->world);
    free(host);
}

static inline void host_forget_notes(struct host *host) {
    host->turn.note_count = host->turn.byte_count = 0;
}

/* Seats somebody; people of even seats have an account. */
static inline void host_join(struct host *host, game_player who, bool computer) {
    char name[] = "player-0000";
    for (uint32_t i = 0, rest = who; i < 4; i++, rest /= 10) name[10 - i] = (char)('0' + rest % 10);
    uint64_t account = computer || who % 2 ? 0 : ++host->accounts;
    struct game_profile profile = {name, account, who, 100, computer};
    game_calls.join(host->world, &host->turn, who, &profile);
    host->seated[who] = true;
    memset(host->mind[who], 0, sizeof(host->mind[who]));
    host->mind[who][0] = dice_next(&host->dice);
    host_random(host, &game_schema.input, host->input[who]);
}

static inline void host_leave(struct host *host, game_player who) {
    game_calls.leave(host->world, &host->turn, who, GAME_LEFT);
    host->seated[who] = false;
}

/* A computer's next input; of a game without `think` it stays as it is. */
static inline void host_think(struct host *host, game_player who) {
    if (game_calls.think) game_calls.think(&host->view, &host->turn, who, host->mind[who], host->input[who]);
}

/* Asks the game every call that there is, with random questions. */
static inline void host_call(struct host *host, game_player who) {
    for (uint16_t i = 0; i < game_schema.record_count; i++) {
        _Alignas(8) uint8_t question[LIMIT_RECORD_BYTES] = {0};
        if (game_schema.records[i].use != SCHEMA_CALL || !game_calls.call) continue;
        host_random(host, &game_schema.records[i], question);
        game_calls.call(host->world, &host->turn, who, i, host->turn.tick, question);
    }
}

/* Clears the view, as the server does, and lets the game show itself. */
static inline void host_show(struct host *host) {
    for (uint16_t i = 0; i < game_schema.kind_count; i++)
        memset(host->view.kinds[i].life, 0, host->view.kinds[i].slots * sizeof(uint32_t));
    memset(host->view.seats, 0, game_schema.players_max * sizeof(struct game_seat));
    game_calls.show(host->world, &host->view);
}
