/* Settings: built-in defaults, then tidewire.ini, then TIDEWIRE_… in the environment, then flags. One table
 * (config_table.c) makes all four and `--help`. Unknown keys are refused with file and line. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONFIG_TEXT = 256, CONFIG_GAME_LINES = 64 };

struct config_game_line { /* one `key = value` of a [game NAME] section: a rule of the game, or `computers` */
    char game[24], key[24];
    float value;
    char where[CONFIG_TEXT]; /* file:line, for the message if the game has no such rule */
};

struct config {
    char bind[64];           /* address to listen on; "::" takes IPv4 too */
    uint32_t port;           /* one port for pages, API and players */
    bool plain;              /* no TLS: for benchmarks and behind a proxy */
    char state[CONFIG_TEXT]; /* folder of the database and the certificate */
    char certificate[CONFIG_TEXT],
        key[CONFIG_TEXT];    /* PEM files; empty: state/certificate.pem and state/key.pem */
    char games[CONFIG_TEXT]; /* folder of the games' shared objects */
    char pages[CONFIG_TEXT]; /* folder of the built pages */
    char game[24]; /* the game that the front page plays, and whose room `main` is open from the start */
    uint32_t rate; /* ticks a second, 1 … 128 */
    uint32_t io_threads;          /* 0: cores − 1, at least 1 */
    uint32_t sessions_max;        /* seated players at once; one more waits in line */
    uint32_t line_max;            /* who wait in line; one more gets 4022 or 4023 */
    uint32_t connections_max;     /* sockets at once: more than config_conversations, for pages */
    uint32_t address_connections; /* sockets of one address at once; 0: no bound */
    uint32_t address_rate;        /* new sockets of one address in a second; 0: no bound */
    uint32_t connection_rate;     /* new sockets of all in a second; 0: no bound */
    uint32_t memory_mb;           /* with more in use nobody new is let in; 0: by what the machine has */
    char proxies[1024];           /* networks of proxies that are believed, separated by spaces */
    bool proxy_protocol;          /* they begin with a PROXY header; else they send X-Forwarded-For */
    uint32_t rooms_max;           /* rooms at once, of all games */
    uint32_t room_empty_s;        /* a room without people closes after this */
    uint32_t resume_s;            /* how long a session outlives its connection */
    uint32_t handshake_s;         /* TLS and the first whole request must come within */
    uint32_t request_s;           /* a connection may rest so long between two requests */
    uint32_t idle_s;              /* a player whose inputs do not change for this long is let go; 0: never */
    uint32_t hello_s;             /* HELLO must come within */
    uint32_t ping_s;              /* a connection quiet for this long is pinged */
    uint32_t silence_s;           /* a connection silent for this long is closed with 4031 */
    uint32_t poll_s;              /* a long poll without news is answered after this */
    uint32_t keepalive_ms;        /* a frame is sent at least this often, even if nothing changed */
    uint32_t budget;              /* bytes a second that one client is sent at most; 0: no bound */
    char origins[1024];        /* origins allowed besides the server's own, separated by spaces; "*": any */
    char metrics[8];           /* who may read /metrics: off, local, all */
    char log[8];               /* debug, info, warn, error */
    char journal[CONFIG_TEXT]; /* folder for the rooms' journals; empty: none are kept */
    uint32_t journal_mb;       /* that the journals of one run take together at most */
    uint64_t seed;             /* of rooms; 0: a new one for each room */
    struct config_game_line game_lines[CONFIG_GAME_LINES];
    uint32_t game_line_count;
};

/* How many may be in conversation with us: more than can be seated or stand in line, since who comes back to
 * a full server must get as far as HELLO, and who is sent away as far as being told so. */
uint32_t config_conversations(const struct config *config);
/* What holds if nobody says otherwise. */
struct config config_default(void);
/* Reads file, environment and flags into `config` (which config_default filled) in that order. Returns false
 * after one clear line on standard error that names the place, with *exit_code 2; or after `--help`,
 * `--version` or `--print-config` printed their text on standard output, with *exit_code 0. */
bool config_read(struct config *config, int argc, char **argv, int *exit_code);
