/* Every bound of the protocol, with its reason. Bounds of the server's own resources are settings
 * (server/config.h); these here are known to both ends and stand in docs/protocol.md. */
#pragma once

enum {
    LIMIT_MESSAGE_UP = 1024, /* bytes of one message from a client: HELLO, the longest, stays under 300 */
    LIMIT_FRAME =
        128 * 1024,        /* bytes of one message to a client: a keyframe of 1,600 rows takes about 40,000,
                              65,536 leavings at most 67,000; rows that don't fit enter with the next frame */
    LIMIT_FRAGMENTS = 16,  /* WebSocket fragments of one message: no client of 1 KiB messages needs two */
    LIMIT_NAME = 24,       /* bytes of a player's name with its end: fits a row's text field */
    LIMIT_LABEL = 24,      /* bytes of a game's, room's, kind's or field's name with its end */
    LIMIT_TOKEN = 33,      /* 32 hexadecimal digits (128 random bits) with their end */
    LIMIT_FIELDS = 24,     /* fields of one record: a change names them in one mask of 24 bits */
    LIMIT_TEXT = 64,       /* bytes of one text field with its end */
    LIMIT_CELLS = 64,      /* 32-bit cells of one record, text included */
    LIMIT_CALL_CELLS = 24, /* cells of a call: an arrival carries them, as it carries inputs */
    LIMIT_RECORD_BYTES = 256,   /* bytes of one record as a plain struct: 64 cells of 4 */
    LIMIT_KINDS = 16,           /* kinds of rows in one game */
    LIMIT_RECORDS = 32,         /* events, calls and answers of one game */
    LIMIT_ROWS = 65536,         /* rows of one room: row numbers fit 16 bits */
    LIMIT_PLAYERS = 8192,       /* seats of one room */
    LIMIT_SCHEMA_BYTES = 16384, /* the schema as it travels in WELCOME; the arena's takes under 1,500 */
    LIMIT_EVENTS = 256,         /* events that one publication carries: more than 12 a tick for a second */
    LIMIT_INPUTS = 8,      /* inputs waiting in one player's queue: after a stall, older ones go unused */
    LIMIT_SEEN_PARTS = 16, /* of a tick: how exactly an input says what its player saw */
    LIMIT_AHEAD = 127,     /* such parts, how far that may lie beyond the newest frame: one byte */
    LIMIT_PAST_MS = 500, /* how far a game may look back: who has a longer way than that plays another game */
    LIMIT_ADVANCE = 1 << 20, /* ticks from one frame to the next: over two hours at 128 a second */
    LIMIT_AGE = 255,         /* ticks that a latecomer ever steps a row forward: rows are anchored by then */
};
