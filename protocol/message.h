/* Messages: what a client says and what it is told, except for the inside of frames (protocol/frame.h). Each
 * has one writer and one reader, both bounded; docs/protocol.md is the specification. */
#pragma once
#include "protocol/codes.h"
#include "protocol/shape.h"

enum message_type {
    MESSAGE_HELLO,
    MESSAGE_INPUT,
    MESSAGE_ACK,
    MESSAGE_PING,
    MESSAGE_CALL,
    MESSAGE_BYE_UP,
    MESSAGE_HASH,
    MESSAGE_WELCOME = 16,
    MESSAGE_PONG = 18,
    MESSAGE_REPLY,
    MESSAGE_BYE,
    MESSAGE_QUEUED,
    MESSAGE_OWN,
    MESSAGE_MISSED,
    MESSAGE_ACKS,
    MESSAGE_FRAME = 32 /* and all above: it says how far the frame goes, too (protocol/frame.h) */
};

enum { MESSAGE_STATUS_UNKNOWN = 255 }; /* of a REPLY: the game knows no such call */

struct message_hello {
    char game[LIMIT_LABEL], room[LIMIT_LABEL], name[LIMIT_NAME];
    char device[LIMIT_TOKEN], session[LIMIT_TOKEN];
    uint32_t lane;
    /* What may be left out: */
    uint64_t predictor;             /* predict_digest of the game that the client has at hand; 0: none */
    uint32_t budget;                /* bytes a second that it can take; 0: no bound */
    uint32_t instance, tick, event; /* it holds still: of this room, as of this tick and event; 0: nothing */
};

struct message_up { /* what a client said */
    uint8_t type;
    struct message_hello hello;
    uint32_t sequence, acknowledged;
    uint64_t stamp;
    uint32_t ticket, record;
    struct wire_reader values; /* of INPUT and CALL: still to be read with message_read_values */
};

/* Reads the outline of a message from a client. CODE_NONE, CODE_MALFORMED or CODE_UNKNOWN; strings of HELLO
 * are copied but not judged. `values` points into `bytes`. */
enum code message_read_up(const uint8_t *bytes, size_t size, struct message_up *up);
/* Reads the values that follow, one for each field of `shape`, to the very end. CODE_NONE, CODE_MALFORMED or
 * CODE_RANGE; writes shape->cell_count cells. */
enum code message_read_values(struct wire_reader *values, const struct shape *shape, int32_t *cells);

/* The same of an INPUT, behind whose values may stand how far its player saw beyond the newest frame: 0 …
 * LIMIT_AHEAD. */
enum code message_read_input(struct wire_reader *values, const struct shape *shape, int32_t *cells,
                             uint32_t *ahead);

/* Whether HELLO's strings may be used: labels of games and rooms (1–23 of a–z, 0–9, '-'), and names (valid
 * UTF-8 is given; no control or direction marks, not only spaces; empty is fine). */
bool message_label_valid(const char *label);
bool message_name_valid(const char *name);

/* What a client says. `cells`: raw values; `ahead`: as of message_read_input. */
void message_write_hello(struct wire_writer *writer, const struct message_hello *hello);
void message_write_input(struct wire_writer *writer, uint32_t sequence, uint32_t acknowledged,
                         const struct shape *shape, const int32_t *cells, uint32_t ahead);
void message_write_ack(struct wire_writer *writer, uint32_t acknowledged);
void message_write_ping(struct wire_writer *writer, uint64_t stamp);
void message_write_call(struct wire_writer *writer, uint32_t ticket, uint32_t record,
                        const struct shape *shape, const int32_t *cells);
void message_write_bye_up(struct wire_writer *writer);
void message_write_hash(struct wire_writer *writer);

struct message_welcome {
    char session[LIMIT_TOKEN], device[LIMIT_TOKEN];
    uint32_t instance, player, tick, rate, lane;
    uint64_t now_us;
    uint32_t used;
    bool kept; /* the client keeps what it holds as of `tick`, shapes and rules too: they do not travel */
    char name[LIMIT_NAME], room[LIMIT_LABEL];
};

/* `shapes`: what the lane is served; `rules`: raw values of the room's rules. */
void message_write_welcome(struct wire_writer *writer, const struct message_welcome *welcome,
                           const struct shape_set *shapes, const int32_t *rules);
/* Reads a whole WELCOME into the three; false if it is malformed. `rules`: LIMIT_CELLS cells. With `kept`
 * shapes and rules stay as they are. */
bool message_read_welcome(const uint8_t *bytes, size_t size, struct message_welcome *welcome,
                          struct shape_set *shapes, int32_t *rules);

struct message_bye {
    uint32_t code, wait_ms;
    char text[LIMIT_TEXT];
};
void message_write_bye(struct wire_writer *writer, uint32_t code, uint32_t wait_ms);
bool message_read_bye(const uint8_t *bytes, size_t size, struct message_bye *bye);

/* Place in the line of those who wait for a seat: 1 is next. */
void message_write_queued(struct wire_writer *writer, uint32_t place);
bool message_read_queued(const uint8_t *bytes, size_t size, uint32_t *place);

/* Opens the next of a frame's answers: its number, and how many elements are to be read or passed over. False
 * after the last, and if it is malformed. */
bool message_next_answer(struct wire_reader *answers, uint32_t *type, uint32_t *elements);

struct message_pong {
    uint64_t stamp, received_us;
    uint64_t held_us; /* from then until it was answered */
};
void message_write_pong(struct wire_writer *writer, const struct message_pong *pong);
/* What follows PONG's number. */
void message_read_pong(struct wire_reader *reader, struct message_pong *pong);
/* The row that the player steers from now on: its number + 1; 0: none. */
void message_write_own(struct wire_writer *writer, uint32_t row_and_one);
/* In how many ticks the last input was used again since no new one had come, and how many were passed over.
 */
void message_write_missed(struct wire_writer *writer, uint32_t repeated, uint32_t unused);
/* From now on one acknowledgement for so many frames will do. */
void message_write_acks(struct wire_writer *writer, uint32_t frames);
/* `shape` and `cells` are written only with status 0, and may be NULL otherwise. */
void message_write_reply(struct wire_writer *writer, uint32_t ticket, uint32_t status,
                         const struct shape *shape, const int32_t *cells);

/* All values of a record in order: numbers raw, texts as strings. How rows travel whole, too. */
void message_write_values(struct wire_writer *writer, const struct shape *shape, const int32_t *cells);
/* Reads them back; the reader fails if one is malformed, `*in_range` becomes false if one lies outside its
 * range. */
void message_take_values(struct wire_reader *reader, const struct shape *shape, int32_t *cells,
                         bool *in_range);
