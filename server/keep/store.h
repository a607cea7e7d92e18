/* What lasts: one thread that owns one SQLite file (WAL, synchronous=FULL). Requests go into a bounded queue,
 * are carried out in order, many in one transaction, and answered after its commit. */
#pragma once
#include "protocol/base.h"
#include "protocol/limits.h"

struct store;

enum {
    STORE_QUEUE = 16384,          /* requests waiting; at 1,024 a transaction some 16 commits */
    STORE_ACCOUNTS_MAX = 1000000, /* people with results: about 120 MB; who comes after them is not kept */
    STORE_GAMES = 64,             /* games with a top list: four times as many as one run may load */
    STORE_TOP_BYTES = 3072,       /* one top list with its end: ten names of 23 bytes, all of them escaped */
};

enum store_what {
    STORE_LOOK,  /* who is this account: answered */
    STORE_ADD,   /* number is added to what is kept for the account in the game */
    STORE_SCORE, /* number competes with the account's best in the game */
    /* An account is made by its first ADD or SCORE: who achieves nothing leaves no row. Account 0 is the
     * guest and never kept. Sums and bests stay within ±2^53, so that JavaScript can read them. */
};
struct store_request {
    uint8_t what;
    uint32_t ticket; /* of LOOK: comes back with the answer */
    uint64_t account;
    int64_t number;
    char game[LIMIT_LABEL];
    char name[LIMIT_NAME]; /* ADD, SCORE: the name to show with the account from now on */
};
struct store_answer {
    uint32_t ticket;
    bool known;
    char name[LIMIT_NAME];
    int64_t kept, best;
};
/* Called on the store's thread, once for each LOOK, after it and all asked before it was committed. Must only
 * put the answer down. While the disk fails, writes wait and are tried again, but LOOKs are answered at once
 * from what was committed. */
typedef void store_listener(void *context, const struct store_answer *answer);

/* Opens (and makes or upgrades) `path` and starts the thread. Its folder must be there. NULL after one log
 * line if that fails: a file of a newer version, not a database, no permission. `listener` may be called
 * until store_close returns. */
struct store *store_open(const char *path, store_listener *listener, void *context);
/* Puts a request down; any thread. False: the queue is full, the caller answers as if nothing were
 * kept. */
bool store_ask(struct store *store, const struct store_request *request);
/* The game's top ten as JSON ("[{…}, …]", by best, then by who had it first), refreshed after each commit
 * that changed it; an empty list for a game that nobody played. Any thread. Returns the length, at most
 * `size` − 1; STORE_TOP_BYTES are enough, and what does not fit is an empty list. */
size_t store_top(struct store *store, const char *game, char *into, size_t size);
/* Carries out what is queued, commits, checkpoints and ends the thread. If the disk goes on failing for 10 s,
 * says how much is lost. NULL is fine. */
void store_close(struct store *store);
