/* Runs one game without a server, the one that it is linked with: seeds, computer players, and people who
 * join, leave, call and press at random. Prints one hash over every row shown in every tick and every note,
 * by the tables' fields, never by padding. With "time" as an argument: microseconds for each part of a tick
 * with 200 computer players instead. tests/golden/determinism builds it in many ways and compares. */
#include "game/game_api.h"
#include "game/math.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    TICKS = 3000,
    COMPUTERS = 24,
    PEOPLE = 16,
    NOTES = 4096,
    NOTE_BYTES = 1 << 18,
    RATE = 20,
    CROWD = 200
};
enum { MIND_WORDS = 16 };

struct run {
    void *world;
    struct game_view view;
    struct game_turn turn;
    bool seated[LIMIT_PLAYERS];
    uint32_t mind[LIMIT_PLAYERS][MIND_WORDS];
    _Alignas(8) uint8_t input[LIMIT_PLAYERS][LIMIT_RECORD_BYTES], shown_input[LIMIT_RECORD_BYTES];
    uint64_t dice, hash, accounts;
    int64_t busy_ns[4];
};

static void *zeroed(size_t size) {
    void *block = calloc(1, size ? size : 1);
    CHECK(block);
    return block;
}

static void write_number(uint8_t *record, const struct schema_field *f, float v) {
    int32_t whole = (int32_t)v;
    memcpy(record + f->offset, f->type == SCHEMA_INT ? (void *)&whole : (void *)&v, 4);
}

static void preset_rules(void *rules) {
    for (uint16_t i = 0; i < game_schema.rules.field_count; i++)
        write_number(rules, &game_schema.rules.fields[i], game_schema.rules.fields[i].preset);
}

/* A record with random values, each in its field's range. */
static void random_record(struct run *run, const struct schema_record *record, uint8_t *into) {
    for (uint16_t i = 0; i < record->field_count; i++) {
        const struct schema_field *f = &record->fields[i];
        float high = f->type == SCHEMA_INT && !f->wraps ? f->max + 1 : f->max;
        if (f->type != SCHEMA_TEXT)
            write_number(into, f, (float)math_floor(dice_between(&run->dice, f->min, high)));
    }
}

static void prepare(struct run *run) {
    struct game_rows *kinds = zeroed(game_schema.kind_count * sizeof(*kinds));
    for (uint16_t i = 0; i < game_schema.kind_count; i++) {
        const struct schema_kind *kind = &game_schema.kinds[i];
        kinds[i] = (struct game_rows){.rows = zeroed((size_t)kind->slots * kind->row.size),
                                      .life = zeroed(kind->slots * sizeof(uint32_t)),
                                      .to = zeroed(kind->slots * sizeof(struct game_to)),
                                      .slots = kind->slots,
                                      .size = kind->row.size};
    }
    uint8_t *rules = zeroed(game_schema.rules.size);
    preset_rules(rules);
    run->world = zeroed(game_schema.world_size);
    run->view = (struct game_view){kinds, zeroed(game_schema.players_max * sizeof(struct game_seat))};
    run->turn = (struct game_turn){.dt = 1.0f / RATE,
                                   .rules = rules,
                                   .schema = &game_schema,
                                   .notes = zeroed(NOTES * sizeof(struct game_note)),
                                   .bytes = zeroed(NOTE_BYTES),
                                   .note_max = NOTES,
                                   .byte_max = NOTE_BYTES};
}

static void finish(struct run *run) {
    for (uint16_t i = 0; i < game_schema.kind_count; i++) {
        free(run->view.kinds[i].rows);
        free(run->view.kinds[i].life);
        free(run->view.kinds[i].to);
    }
    free(run->view.kinds);
    free(run->view.seats);
    free((void *)(uintptr_t)run->turn.rules);
    free(run->turn.notes);
    free(run->turn.bytes);
    free(run->world);
    free(run);
}

/* ---- Hashing: cells as docs/protocol.md counts them, but floats by their bits. */
static void fold(struct run *run, uint32_t cell) {
    run->hash = mix_step(run->hash, cell);
}

static void fold_record(struct run *run, const struct schema_record *record, const uint8_t *bytes) {
    for (uint16_t i = 0; i < record->field_count; i++)
        for (uint16_t at = 0; at < record->fields[i].size; at = (uint16_t)(at + 4)) {
            uint32_t cell = 0;
            memcpy(&cell, bytes + record->fields[i].offset + at, 4);
            fold(run, cell);
        }
}

static void fold_rows(struct run *run) {
    for (uint16_t kind = 0; kind < game_schema.kind_count; kind++) {
        const struct game_rows *of = &run->view.kinds[kind];
        for (uint32_t slot = 0; slot < of->slots; slot++) {
            if (!of->life[slot]) continue;
            fold(run, (uint32_t)kind << 16 | slot);
            fold(run, of->life[slot]);
            fold(run, (uint32_t)of->to[slot].whom << 16 | of->to[slot].id);
            fold_record(run, &game_schema.kinds[kind].row, of->rows + (size_t)slot * of->size);
        }
    }
}

static void fold_notes(struct run *run) {
    for (uint32_t i = 0; i < run->turn.note_count; i++) {
        const struct game_note *note = &run->turn.notes[i];
        fold(run, (uint32_t)note->what << 16 | note->record);
        fold(run, (uint32_t)note->number);
        if (note->what == GAME_EVENT || note->what == GAME_REPLY)
            fold_record(run, &game_schema.records[note->record], run->turn.bytes + note->at);
    }
    run->turn.note_count = run->turn.byte_count = 0;
}

/* ---- Playing. */
static void join(struct run *run, game_player who, bool computer) {
    char name[] = "player-0000";
    for (uint32_t i = 0, rest = who; i < 4; i++, rest /= 10) name[10 - i] = (char)('0' + rest % 10);
    struct game_profile profile = {name, computer || who % 2 ? 0 : ++run->accounts, who, 100, computer};
    game_calls.join(run->world, &run->turn, who, &profile);
    run->seated[who] = true;
    run->mind[who][0] = dice_next(&run->dice);
    for (uint32_t i = 1; i < MIND_WORDS; i++) run->mind[who][i] = 0;
    random_record(run, &game_schema.input, run->input[who]);
}

static void come_and_go(struct run *run, game_player who) {
    uint32_t roll = dice_below(&run->dice, 200);
    if (roll == 0 && run->seated[who]) {
        game_calls.leave(run->world, &run->turn, who, GAME_LEFT);
        run->seated[who] = false;
    } else if (roll < 4 && !run->seated[who]) {
        join(run, who, false);
    }
    for (uint16_t i = 0; roll == 5 && i < game_schema.record_count; i++) {
        _Alignas(8) uint8_t question[LIMIT_RECORD_BYTES] = {0};
        if (game_schema.records[i].use != SCHEMA_CALL || !game_calls.call || !run->seated[who]) continue;
        random_record(run, &game_schema.records[i], question);
        game_calls.call(run->world, &run->turn, who, i, run->turn.tick, question);
    }
}

/* People change what they press now and then; sometimes several inputs come at once. */
static void press(struct run *run, game_player who) {
    uint32_t times = dice_below(&run->dice, 100) == 0 ? LIMIT_INPUTS : 1;
    if (dice_below(&run->dice, 10) == 0) random_record(run, &game_schema.input, run->input[who]);
    while (times-- > 0) game_calls.input(run->world, &run->turn, who, run->input[who]);
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void clear_view(struct run *run) {
    for (uint16_t i = 0; i < game_schema.kind_count; i++) {
        struct game_rows *of = &run->view.kinds[i];
        memset(of->life, 0, of->slots * sizeof(*of->life));
    }
    memset(run->view.seats, 0, game_schema.players_max * sizeof(*run->view.seats));
}

static void one_tick(struct run *run, uint32_t computers, uint32_t people) {
    int64_t start = now_ns(), thought, moved, ticked;
    run->turn.tick++;
    for (uint32_t i = 0; i < people; i++) come_and_go(run, (game_player)(computers + i));
    for (uint32_t i = 0; i < computers; i++)
        game_calls.think(&run->view, &run->turn, (game_player)i, run->mind[i], run->input[i]);
    thought = now_ns();
    for (uint32_t i = 0; i < computers; i++)
        game_calls.input(run->world, &run->turn, (game_player)i, run->input[i]);
    for (uint32_t i = computers; i < computers + people; i++)
        if (run->seated[i]) press(run, (game_player)i);
    moved = now_ns();
    game_calls.tick(run->world, &run->turn);
    ticked = now_ns();
    clear_view(run);
    game_calls.show(run->world, &run->view);
    int64_t parts[4] = {thought - start, moved - thought, ticked - moved, now_ns() - ticked};
    for (uint32_t i = 0; i < 4; i++) run->busy_ns[i] += parts[i];
}

int main(int count, char **words) {
    struct run *run = zeroed(sizeof(*run));
    bool timed = count > 1 && strcmp(words[1], "time") == 0;
    uint32_t computers = timed ? CROWD : COMPUTERS, people = timed ? 0 : PEOPLE;
    char why[128];
    if (!schema_check(&game_schema, why, sizeof(why))) return printf("%s\n", why), 1;
    if (computers + people > game_schema.players_max) computers = game_schema.players_max - people;
    prepare(run);
    run->dice = dice_seed(17);
    game_calls.begin(run->world, &run->turn, 20240607);
    for (uint32_t i = 0; i < computers; i++) join(run, (game_player)i, true);
    for (uint32_t i = 0; i < TICKS; i++) {
        one_tick(run, computers, people);
        fold_rows(run);
        fold_notes(run);
    }
    if (timed)
        printf("%s: microseconds a tick with %u computers: think %.1f, input %.1f, tick %.1f, show %.1f\n",
               game_schema.name, computers, (double)run->busy_ns[0] / 1e3 / TICKS,
               (double)run->busy_ns[1] / 1e3 / TICKS, (double)run->busy_ns[2] / 1e3 / TICKS,
               (double)run->busy_ns[3] / 1e3 / TICKS);
    else
        printf("%s %016llx\n", game_schema.name, (unsigned long long)run->hash);
    finish(run);
    return 0;
}
