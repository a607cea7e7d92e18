/* A small room that follows a script, for the golden vectors: its game does what the script says, and what
 * its one client takes is written down, a message a line. What happens in each script stands in scripts.c;
 * what the client knows afterwards, in known.h. There is one such room at a time. */
#pragma once
#include "tests/rig.h"

enum { SCRIPT_SHIPS = 3, SCRIPT_SIGNS = 4, SCRIPT_SECRETS = 2, SCRIPT_SAYS = 4 };

struct ship {
    float x, y, vx, vy;
    int32_t health;
};
struct sign {
    int32_t colour;
    char words[10];
};
struct secret {
    int32_t count;
    float level;
};
struct where {
    int32_t where;
};
struct words {
    char words[6];
};

extern struct script {
    struct ship ship[SCRIPT_SHIPS];
    struct sign sign[SCRIPT_SIGNS];
    struct secret secret[SCRIPT_SECRETS];
    uint32_t ship_life[SCRIPT_SHIPS], sign_life[SCRIPT_SIGNS], secret_life[SCRIPT_SECRETS];
    struct game_to secret_to[SCRIPT_SECRETS];
    uint64_t groups;                   /* of the first player */
    bool owns;                         /* the first player steers the second ship */
    struct game_note say[SCRIPT_SAYS]; /* in the next tick */
    union {
        struct where where;
        struct words words;
    } said[SCRIPT_SAYS];
    int says;
    struct rig *rig;
    struct rig_client client;
    FILE *out; /* where messages are written down */
    int messages;
} script;

void script_open(FILE *out);
void script_close(void);

/* ---- What may happen. */

/* A ship begins, or another one in its place; x, y, vx, vy in units and units a second. */
void script_ship(int i, float x, float y, float vx, float vy);
/* A sign says this from now on. */
void script_sign(int i, int32_t colour, const char *words);
/* Events of the next tick: one that must arrive, and one that may be dropped. */
void script_boom(int32_t where, struct game_to to);
void script_dust(const char *words);
/* The client calls; 0 is answered with words, anything else is the status of a refusal. */
void script_ask(uint32_t ticket, int32_t where);

/* ---- Time. The client acknowledges once it owes that. */

/* The client says HELLO and takes what one tick brings. */
void script_enter(uint32_t lane);
/* Ticks of which the client takes what is due, and ticks of which it takes nothing. */
void script_turns(uint32_t count);
void script_skip(uint32_t count);
/* Takes and writes down what is due now, if anything. */
void script_take(void);

/* Bytes as they are written down: in quotes, in hexadecimal. */
void script_put_hex(FILE *out, const uint8_t *bytes, size_t size);
