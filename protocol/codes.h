/* Why a conversation ended: one table for the server, the clients and docs/protocol.md (a test compares
 * them). Codes below 4000 are RFC 6455's own. `retry`: whether a client should come back by itself. */
#pragma once
#include <stdbool.h>

#define CODE_TABLE(X)                                                                                        \
    X(1003, TEXT, false, "text where binary is due")                                                         \
    X(1008, FRAGMENTS, false, "too many fragments")                                                          \
    X(1009, TOO_LONG, false, "message too long")                                                             \
    X(4000, LEFT, false, "you left")                                                                         \
    X(4001, SHUTDOWN, true, "server shutting down")                                                          \
    X(4002, MALFORMED, false, "malformed message")                                                           \
    X(4003, UNKNOWN, false, "unknown message")                                                               \
    X(4004, RANGE, false, "value out of range")                                                              \
    X(4010, HELLO_LATE, true, "no HELLO in time")                                                            \
    X(4011, HELLO_TWICE, false, "second HELLO")                                                              \
    X(4012, HELLO_FIRST, false, "HELLO must come first")                                                     \
    X(4013, BAD_NAME, false, "bad name")                                                                     \
    X(4014, BAD_TOKEN, false, "bad token")                                                                   \
    X(4020, NO_GAME, false, "no such game")                                                                  \
    X(4021, BAD_ROOM, false, "bad room name")                                                                \
    X(4022, ROOM_FULL, true, "room full")                                                                    \
    X(4023, SERVER_FULL, true, "server full")                                                                \
    X(4030, FLOOD, false, "too many messages")                                                               \
    X(4031, SILENT, true, "silent for too long")                                                             \
    X(4032, REPLACED, false, "session taken over by another connection")                                     \
    X(4033, KICKED, false, "kicked by the game")                                                             \
    X(4034, ROOM_ENDED, true, "room ended")                                                                  \
    X(4035, TOO_SLOW, true, "too slow for events that must arrive")                                          \
    X(4036, IDLE, false, "idle for too long")                                                                \
    X(4040, SEQUENCE, false, "input sequence went backwards")                                                \
    X(4050, BROKEN, true, "server error")

enum code {
    CODE_NONE = 0,
#define X(number, name, retry, text) CODE_##name = number,
    CODE_TABLE(X)
#undef X
};

/* The words that go with a code; "unknown code" for a stranger. Static, never NULL. */
static inline const char *code_text(unsigned code) {
    switch (code) {
#define X(number, name, retry, text)                                                                         \
    case number:                                                                                             \
        return text;
        CODE_TABLE(X)
#undef X
    default:
        return "unknown code";
    }
}

/* Whether a client should come back by itself, and its session waits for it. */
static inline bool code_retry(unsigned code) {
    switch (code) {
#define X(number, name, retry, text)                                                                         \
    case number:                                                                                             \
        return retry;
        CODE_TABLE(X)
#undef X
    default:
        return false;
    }
}
