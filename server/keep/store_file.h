/* The SQLite file behind the store: its tables, its upgrades, and each request as statements. Used by store.c
 * alone, by one thread at a time. Every function returns false when the disk (or whoever holds the file)
 * stands in the way; store_file_error then says how. */
#pragma once
#include "server/keep/store.h"

struct sqlite3;
struct sqlite3_stmt;

enum { STORE_STATEMENTS = 10 };

struct store_file {
    struct sqlite3 *db;
    struct sqlite3_stmt *statements[STORE_STATEMENTS];
    int64_t accounts, accounts_before; /* rows of people; as of the transaction's begin */
    int64_t last_us;                   /* when the newest best was reached: later ones are later */
    bool told_full;
};

/* Opens, checks and upgrades. On false one log line said why, and nothing is left open. */
bool store_file_open(struct store_file *file, const char *path);
/* Checkpoints and closes. */
void store_file_close(struct store_file *file);

/* A transaction; `writes`: some request will write. */
bool store_file_begin(struct store_file *file, bool writes);
bool store_file_commit(struct store_file *file);
void store_file_rollback(struct store_file *file);

/* STORE_LOOK; also outside of transactions. */
bool store_file_look(struct store_file *file, const struct store_request *request,
                     struct store_answer *answer);
/* STORE_ADD or STORE_SCORE, within a transaction. */
bool store_file_write(struct store_file *file, const struct store_request *request);
/* A game's top ten as JSON. */
bool store_file_top(struct store_file *file, const char *game, char into[STORE_TOP_BYTES]);
/* Names of all games with a top list, at most STORE_GAMES. */
bool store_file_games(struct store_file *file, char games[STORE_GAMES][LIMIT_LABEL], size_t *count);

/* Why the last call failed, in SQLite's words; valid until the next call. */
const char *store_file_error(const struct store_file *file);
