#include "tests/load/audit.h"
#include <stdio.h>
#include <stdlib.h>

/* ---- The first wrong field. */

static void forget(struct audit *audit) {
    free(audit->held);
    audit->held = NULL;
    audit->instance = 0;
}

static void suspect(struct audit *audit, const struct client *client, uint32_t who) {
    const struct replica *replica = &client->replica;
    size_t held_size = held_words(replica->shapes->row_count) * sizeof(uint64_t),
           cells_size = replica_cells(replica->shapes) * sizeof(int32_t);
    if (audit->instance || !(audit->held = malloc(held_size + cells_size))) return;
    audit->cells = (int32_t *)(void *)((uint8_t *)audit->held + held_size);
    memcpy(audit->held, replica->held, held_size);
    for (int i = 0; i < replica->shapes->kind_count; i++)
        replica_forward(replica, &replica->shapes->kinds[i]);
    memcpy(audit->cells, replica->cells, cells_size);
    audit->suspect = who;
    audit->instance = client->welcome.instance;
    audit->tick = replica->tick;
    audit->lane = client->welcome.lane;
}

static const int32_t *suspects_row(const struct audit *audit, const struct replica *replica, uint32_t row) {
    const struct shape_kind *kind = shape_kind_of(replica->shapes, row);
    size_t index = (size_t)(kind - replica->shapes->kinds);
    return audit->cells + replica->first_cell[index] + (size_t)(row - kind->first) * row_stride(kind);
}

/* The first field in which two copies of a row differ, or NULL. */
static const struct shape_field *differing(const struct shape *shape, const int32_t *a, const int32_t *b) {
    for (int i = 0; i < shape->field_count; i++) {
        const struct shape_field *field = &shape->fields[i];
        if (memcmp(a + field->cell, b + field->cell, field->cells * sizeof *a) != 0) return field;
    }
    return NULL;
}

static bool tell_field(struct audit *audit, const struct replica *replica, uint32_t row, uint32_t witness) {
    const struct shape_kind *kind = shape_kind_of(replica->shapes, row);
    const int32_t *wrong = suspects_row(audit, replica, row), *right = replica_row(replica, row);
    const struct shape_field *field = differing(&kind->row, wrong, right);
    char words[AUDIT_WORDS];
    if (!field) return false;
    snprintf(
        words, sizeof words,
        "bot %u diverged at tick %u: the first wrong field is %s of %s %u (row %u): %d, but %d for bot %u",
        audit->suspect, audit->tick, field->name, kind->row.name, row - kind->first, row, wrong[field->cell],
        right[field->cell], witness);
    figures_complain(audit->figures, words);
    return true;
}

/* Compares the suspect's rows with those of a client whose hash was right. */
static void compare(struct audit *audit, const struct replica *replica, uint32_t witness) {
    for (size_t word = 0; word < held_words(replica->shapes->row_count); word++) {
        for (uint64_t both = replica->held[word] & audit->held[word]; both; both &= both - 1) {
            uint32_t row = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(both);
            if (!tell_field(audit, replica, row, witness)) continue;
            forget(audit);
            return;
        }
    }
}

void audit_finish(struct audit *audit) {
    char words[AUDIT_WORDS];
    if (!audit->instance) return;
    snprintf(words, sizeof words,
             "bot %u diverged at tick %u: no other bot of its room held the rows in which it is wrong",
             audit->suspect, audit->tick);
    figures_complain(audit->figures, words);
    forget(audit);
}

void audit_hash(struct audit *audit, const struct client *client, uint32_t who, bool *divergent) {
    const struct replica *replica = &client->replica;
    audit->figures->now.hashes++;
    if (replica->hash_differs) {
        audit->figures->now.hashes_wrong++;
        audit->figures->now.divergent += !*divergent;
        *divergent = true;
        figures_complain(audit->figures, "a hash was wrong: what a bot holds is not what the server says");
        suspect(audit, client, who);
    } else if (audit->instance == client->welcome.instance && audit->instance &&
               audit->tick == replica->tick && audit->lane == client->welcome.lane) {
        compare(audit, replica, who);
    }
    /* Nobody else comes to that tick any more. */
    if (audit->instance == client->welcome.instance && (int32_t)(replica->tick - audit->tick) > 64)
        audit_finish(audit);
}

/* A row that everybody holds, if there is one: those are not placed. */
static uint32_t row_to_garble(const struct replica *replica) {
    uint32_t first = UINT32_MAX;
    for (uint32_t row = 0; row < replica->shapes->row_count; row++) {
        if (!held_has(replica->held, row)) continue;
        if (!shape_kind_of(replica->shapes, row)->placed) return row;
        if (first == UINT32_MAX) first = row;
    }
    return first;
}

void audit_garble(struct client *client) {
    uint32_t row = row_to_garble(&client->replica);
    if (row == UINT32_MAX) return;
    const struct shape_kind *kind = shape_kind_of(client->shapes, row);
    int32_t *cells = (int32_t *)replica_row(&client->replica, row);
    cells[0] += cells[0] < kind->row.fields[0].max ? 1 : -1;
    row_refresh(kind, cells, 1);
}

/* ---- What is not for it; order. */

void audit_private(struct audit *audit, const struct client *client) {
    const struct replica *replica = &client->replica;
    for (int i = 0; i < replica->shapes->kind_count; i++) {
        const struct shape_kind *kind = &replica->shapes->kinds[i];
        if (strcmp(kind->row.name, audit->private_kind) != 0) continue;
        for (uint32_t slot = 0; slot < kind->slots; slot++) {
            if (slot == client->welcome.player || !held_has(replica->held, kind->first + slot)) continue;
            audit->figures->now.private_seen++;
            figures_complain(audit->figures, "a private row of somebody else came");
        }
    }
}

void audit_order(struct audit *audit, const struct client *client, uint32_t used_before) {
    const struct frame *frame = &client->frame;
    bool moves = false;
    for (int i = 0; i < FRAME_ANSWERS; i++) moves |= frame->lists[i].elements != 0;
    if (!frame->advance && (moves || frame->hash || frame->used) && client->frames > 1) {
        audit->figures->now.ticks_disordered++;
        figures_complain(audit->figures, "a frame brought news of a tick that was told already");
    }
    if ((int32_t)(client->sequence - used_before) >= (int64_t)frame->used) return;
    audit->figures->now.inputs_misacknowledged++;
    figures_complain(audit->figures, "an input was acknowledged that was never sent");
}
