/* What comes of a tick for those who are not in the room: the notes that its game said, but for events. */
#include "server/world/room_inside.h"

static bool reply(struct room *room, const struct game_note *note, struct room_outcome *outcome) {
    const struct shape *shape = &room->setup.shapes[LANE_NONE]->records[note->record];
    struct wire_writer writer = wire_writer_init(room->outcome_bytes, ROOM_OUTCOME_BYTES);
    int32_t cells[LIMIT_CELLS];
    if (note->status == 0) room_read_note(room, note, cells);
    message_write_reply(&writer, note->ticket, note->status, shape, cells);
    *outcome = (struct room_outcome){.what = ROOM_REPLY,
                                     .session = room_session(room, note->to.id),
                                     .bytes = room->outcome_bytes,
                                     .size = writer.size};
    return outcome->session && !writer.full;
}

static bool keep(const struct room *room, const struct game_note *note, struct room_outcome *outcome) {
    *outcome = (struct room_outcome){.what = note->what == GAME_ADD ? ROOM_ADD : ROOM_SCORE,
                                     .account = note->account,
                                     .number = note->number};
    for (uint32_t i = 0; i < room->gone_count; i++)
        if (room->gone[i].account == note->account)
            memcpy(outcome->name, room->gone[i].name, sizeof outcome->name);
    for (uint16_t i = 0; i < room->seats_used; i++)
        if (room->players[i].kept && room->known[i].account == note->account)
            memcpy(outcome->name, room->known[i].name, sizeof outcome->name);
    return note->account != 0;
}

static bool kick(struct room *room, const struct game_note *note, struct room_outcome *outcome) {
    uint16_t player = note->to.id;
    *outcome =
        (struct room_outcome){.what = ROOM_KICKED, .session = room_session(room, player), .player = player};
    if (player < room->schema->players_max) room_leave(room, player, GAME_KICKED);
    return outcome->session != 0;
}

static bool make_outcome(struct room *room, const struct game_note *note, struct room_outcome *outcome) {
    switch (note->what) {
    case GAME_REPLY:
        return reply(room, note, outcome);
    case GAME_KICK:
        return kick(room, note, outcome);
    case GAME_END:
        *outcome = (struct room_outcome){.what = ROOM_ENDED};
        return true;
    case GAME_ADD:
    case GAME_SCORE:
        return keep(room, note, outcome);
    default:
        return false;
    }
}

/* Whoever is kicked leaves only now: what the game says of that is told with the next publication. */
bool room_outcome(struct room *room, struct room_outcome *outcome) {
    while (room->next_note < room->turn.note_count)
        if (make_outcome(room, &room->turn.notes[room->next_note++], outcome)) return true;
    room_take_events(room);
    room->turn.note_count = room->turn.byte_count = room->next_note = room->next_event = 0;
    return false;
}
