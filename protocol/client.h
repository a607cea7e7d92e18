/* The client's side of a conversation, without I/O: it says what to send and takes what came. The bots and
 * the browser's core (protocol/wasm/core.c) are built on it. One thread at a time; no allocation. */
#pragma once
#include "protocol/replica.h"

enum client_state { CLIENT_IDLE, CLIENT_GREETING, CLIENT_PLAYING, CLIENT_OVER };
enum client_news {
    CLIENT_NOTHING,
    CLIENT_WELCOMED, /* client_start must follow, with client_bytes of memory */
    CLIENT_RESUMED,  /* the conversation goes on with what is held: nothing is to be started */
    CLIENT_FRAME,    /* a frame was applied: look at `frame` and `replica`, then acknowledge */
    CLIENT_GOODBYE,  /* the server said BYE: look at `bye` */
    CLIENT_BROKEN,   /* what came makes no sense: close and begin anew */
    CLIENT_QUEUED    /* all seats are taken: `place` in the line has changed */
};

struct client {
    uint8_t state;            /* enum client_state */
    struct shape_set *shapes; /* the caller's; written by a WELCOME. Clients of one room may share it */
    const struct schema
        *schema;        /* the game's own tables, if the client has them: it then runs its predictors */
    uint64_t predictor; /* their digest */
    struct message_welcome welcome;
    int32_t rules[LIMIT_CELLS];
    struct replica replica;
    struct frame frame; /* the last; its slices are valid until the bytes that brought it are gone */
    struct message_bye bye;
    uint32_t place;    /* in the line; 0: not in it */
    uint32_t own;      /* the row that this player steers, its number + 1; 0: none */
    uint32_t repeated; /* ticks that had no input of ours in time, since WELCOME */
    uint32_t unused;   /* inputs passed over, since WELCOME */
    bool missed;       /* the last frame told of such in words */
    bool predicts_own; /* it has the code of rows that are steered: it says an input in each tick */
    uint32_t sequence; /* of the newest input */
    uint32_t ahead; /* how far beyond the newest frame its user sees, in parts of a tick (LIMIT_SEEN_PARTS);
                       set by it */
    uint32_t acknowledged;   /* the newest tick that the server was told of */
    uint32_t acks;           /* one acknowledgement for so many frames will do */
    uint32_t events_before;  /* event_number before the last frame */
    uint64_t frames, hashes; /* applied; hashes compared */
    uint64_t hashes_wrong;
    uint64_t frames_acknowledged;
    int32_t said[LIMIT_CELLS]; /* what the newest input said */
    bool says;                 /* there was one since WELCOME */
};

/* An idle client, which has said nothing yet. `shapes` outlives it, and a WELCOME writes them. */
void client_init(struct client *client, struct shape_set *shapes);
/* The client has this game's code: from the next HELLO on it offers to run its predictors. `schema` outlives
 * it; `digest`: predict_digest of it. */
void client_bring(struct client *client, const struct schema *schema, uint64_t digest);
/* Writes HELLO. A client that was OVER may begin anew so; with its session's token it says what it holds
 * still, and its replica must then stay as it is. */
void client_hello(struct client *client, const struct message_hello *hello, struct wire_writer *writer);
/* Takes one message from the server. A WELCOME may come in the midst of playing, too: all begins anew. */
enum client_news client_take(struct client *client, const uint8_t *bytes, size_t size);
/* Takes what answers in `frame` say to the client itself: for who reads frames, but applies none. False: they
 * make no sense. */
bool client_take_answers(struct client *client);
/* Drops all that is held, as of WELCOME's tick: the next frame begins anew. */
void client_fresh(struct client *client);
/* After CLIENT_WELCOMED: memory of client_bytes, which stays the caller's. */
size_t client_bytes(const struct client *client);
void client_start(struct client *client, void *memory);
/* Whether an input with these values is worth saying. A client that predicts its own row says one in each
 * tick, so that it knows which tick uses which; for others the server uses the last one again anyway. */
bool client_says_input(const struct client *client, const int32_t *cells);
/* Writes an INPUT with raw values of the input record; acknowledges, too. */
void client_input(struct client *client, const int32_t *cells, struct wire_writer *writer);
/* Whether frames wait to be acknowledged, as many as one acknowledgement may tell of; client_ack writes the
 * ACK. `flows`: an input was said within the last tick or so. Then who says one in each tick lets the next
 * one take it along, but not for more than one frame: a server that waits for it sends no other. */
bool client_owes_ack(const struct client *client, bool flows);
void client_ack(struct client *client, struct wire_writer *writer);
