/* Runs one game without a server, the one that it is linked with: computer players, and people who join,
 * leave, call and press at random. Prints one hash over every row shown in every tick and every note, by the
 * tables' fields, never by padding. With "time" as an argument it tells instead what each part of a tick with
 * 200 computer players takes. tests/golden/determinism builds it in many ways and compares. */
#include "tests/unit/game_host.h"
#include <stdio.h>
#include <time.h>

enum { TICKS = 3000, COMPUTERS = 24, PEOPLE = 16, CROWD = 200, RATE = 20, PARTS = 4 };

struct run {
    struct host *host;
    uint64_t hash;
    int64_t busy_ns[PARTS]; /* think, input, tick, show */
};

/* ---- Hashing: floats by their bits, so that not even a rounding may differ. */
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
        const struct game_rows *of = &run->host->view.kinds[kind];
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
    const struct game_turn *turn = &run->host->turn;
    for (uint32_t i = 0; i < turn->note_count; i++) {
        const struct game_note *note = &turn->notes[i];
        fold(run, (uint32_t)note->what << 16 | note->record);
        fold(run, (uint32_t)note->number);
        if (note->what == GAME_EVENT || note->what == GAME_REPLY)
            fold_record(run, &game_schema.records[note->record], turn->bytes + note->at);
    }
    host_forget_notes(run->host);
}

/* ---- Playing. */
static void come_and_go(struct host *host, game_player who) {
    uint32_t roll = dice_below(&host->dice, 200);
    if (roll == 0 && host->seated[who]) {
        host_leave(host, who);
    } else if (roll < 4 && !host->seated[who]) {
        host_join(host, who, false);
    } else if (roll == 5 && host->seated[who]) {
        host_call(host, who);
    }
}

/* People change what they press now and then; sometimes several inputs come at once. */
static void press(struct host *host, game_player who) {
    uint32_t times = dice_below(&host->dice, 100) == 0 ? LIMIT_INPUTS : 1;
    if (dice_below(&host->dice, 10) == 0) host_random(host, &game_schema.input, host->input[who]);
    while (times-- > 0) game_calls.input(host->world, &host->turn, who, host->input[who]);
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void one_tick(struct run *run, uint32_t computers, uint32_t people) {
    struct host *host = run->host;
    int64_t at_ns[PARTS + 1] = {now_ns()};
    host->turn.tick++;
    for (uint32_t i = computers; i < computers + people; i++) come_and_go(host, (game_player)i);
    for (uint32_t i = 0; i < computers; i++) host_think(host, (game_player)i);
    at_ns[1] = now_ns();
    for (uint32_t i = 0; i < computers; i++)
        game_calls.input(host->world, &host->turn, (game_player)i, host->input[i]);
    for (uint32_t i = computers; i < computers + people; i++)
        if (host->seated[i]) press(host, (game_player)i);
    at_ns[2] = now_ns();
    game_calls.tick(host->world, &host->turn);
    at_ns[3] = now_ns();
    host_show(host);
    at_ns[4] = now_ns();
    for (uint32_t i = 0; i < PARTS; i++) run->busy_ns[i] += at_ns[i + 1] - at_ns[i];
}

static void tell_times(const struct run *run, uint32_t computers) {
    static const char *const parts[PARTS] = {"think", "input", "tick", "show"};
    printf("%s: microseconds a tick with %u computers:", game_schema.name, computers);
    for (uint32_t i = 0; i < PARTS; i++) printf(" %s %.1f", parts[i], (double)run->busy_ns[i] / 1e3 / TICKS);
    printf("\n");
}

int main(int count, char **words) {
    bool timed = count > 1 && strcmp(words[1], "time") == 0;
    uint32_t computers = timed ? CROWD : COMPUTERS, people = timed ? 0 : PEOPLE;
    struct run run = {.host = host_create(1.0f / RATE, 17)};
    if (computers > game_schema.players_max) computers = game_schema.players_max;
    game_calls.begin(run.host->world, &run.host->turn, 20240607);
    for (uint32_t i = 0; i < computers; i++) host_join(run.host, (game_player)i, true);
    for (uint32_t i = 0; i < TICKS; i++) {
        one_tick(&run, computers, people);
        fold_rows(&run);
        fold_notes(&run);
    }
    if (timed)
        tell_times(&run, computers);
    else
        printf("%s %016llx\n", game_schema.name, (unsigned long long)run.hash);
    host_destroy(run.host);
    return 0;
}
