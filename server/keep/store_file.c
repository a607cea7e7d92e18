/* All SQL of the server. The file is WAL with synchronous=FULL: what was committed is on the disk. */
#include "server/keep/store_file.h"
#include "server/clock.h"
#include "server/log.h"
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* "TIDE": so that no other program's database is taken for ours. */
#define APPLICATION_ID "1414087749"

/* Step n leads from version n to n + 1; never changed once released, only added to. */
static const char *const upgrades[] = {
    "CREATE TABLE accounts ("
    " id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " seen_at INTEGER NOT NULL" /* seconds since 1970 */
    ") STRICT;"
    "CREATE TABLE results ("
    " game TEXT NOT NULL,"
    " account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,"
    " kept INTEGER NOT NULL DEFAULT 0,"
    " best INTEGER,"    /* NULL: no score yet */
    " best_at INTEGER," /* microseconds since 1970, no two alike */
    " PRIMARY KEY (game, account)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX results_top ON results (game, best DESC, best_at) WHERE best IS NOT NULL;"
    "CREATE INDEX results_account ON results (account);",
};
enum { VERSION = COUNT_OF(upgrades), BUSY_MS = 100, NUMBER_BITS = 53 };

enum statement { BEGIN_READ, BEGIN_WRITE, COMMIT, LOOK, SEE, MAKE, ADD, SCORE, TOP, GAMES };
static const char *const statement_texts[STORE_STATEMENTS] = {
    [BEGIN_READ] = "BEGIN",
    [BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [LOOK] = "SELECT name, coalesce(kept, 0), coalesce(best, 0) FROM accounts "
             "LEFT JOIN results ON account = id AND game = ?2 WHERE id = ?1",
    [SEE] = "UPDATE accounts SET name = coalesce(nullif(?2, ''), name), seen_at = ?3 WHERE id = ?1",
    [MAKE] = "INSERT INTO accounts (id, name, seen_at) VALUES (?1, ?2, ?3)",
    [ADD] = "INSERT INTO results (account, game, kept) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE "
            "SET kept = max(-9007199254740992, min(9007199254740992, kept + excluded.kept))",
    [SCORE] =
        "INSERT INTO results (account, game, best, best_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE "
        "SET best = excluded.best, best_at = excluded.best_at WHERE best IS NULL OR excluded.best > best",
    [TOP] = "SELECT name, best, kept FROM results JOIN accounts ON account = id "
            "WHERE game = ?1 AND best IS NOT NULL ORDER BY best DESC, best_at LIMIT 10",
    [GAMES] = "SELECT DISTINCT game FROM results LIMIT ?1",
};

const char *store_file_error(const struct store_file *file) {
    return sqlite3_errmsg(file->db);
}

/* ---- Opening. */

static bool refuse(struct store_file *file, const char *path, const char *why) {
    log_write(LOG_ERROR, "store_refused", "path=%s why=%s", LOG_QUOTE(path), LOG_QUOTE(why));
    store_file_close(file);
    return false;
}

static bool run(struct store_file *file, const char *sql) {
    return sqlite3_exec(file->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* The first column of the first row as a number; false also if there is none. */
static bool ask_number(struct store_file *file, const char *sql, int64_t *number) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(file->db, sql, -1, &statement, NULL) != SQLITE_OK) return false;
    bool there = sqlite3_step(statement) == SQLITE_ROW;
    if (there) *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return there;
}

/* Made by hand, since SQLite would let everyone read it; its own files beside it get the same mode. */
static bool make_private(const char *path) {
    int made = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made >= 0) close(made);
    return made >= 0 || errno == EEXIST;
}

/* Looks before anything is written: a file that is not ours stays as it is. Returns what is wrong or NULL. */
static const char *look_over(struct store_file *file, int64_t *version) {
    int64_t id, tables, sound = 0;
    if (sqlite3_db_readonly(file->db, "main")) return "it can only be read: no permission to write";
    if (!ask_number(file, "PRAGMA application_id", &id) ||
        !ask_number(file, "PRAGMA user_version", version) ||
        !ask_number(file, "SELECT count(*) FROM sqlite_master", &tables))
        return store_file_error(file);
    if (tables && id != strtoll(APPLICATION_ID, NULL, 10)) return "the database of another program";
    if (*version > VERSION) return "made by a newer version of tidewire";
    if (!ask_number(file, "SELECT quick_check = 'ok' FROM pragma_quick_check(1)", &sound))
        return store_file_error(file);
    return sound ? NULL : "damaged: restore a backup, or try sqlite3's .recover";
}

static bool upgrade(struct store_file *file, int64_t version) {
    for (; version < VERSION; version++) {
        char sql[64];
        snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", (int)version + 1);
        if (run(file, "BEGIN IMMEDIATE") && run(file, "PRAGMA application_id = " APPLICATION_ID) &&
            run(file, upgrades[version]) && run(file, sql) && run(file, "COMMIT"))
            continue;
        return false;
    }
    return true;
}

static bool prepare(struct store_file *file) {
    for (int i = 0; i < STORE_STATEMENTS; i++)
        if (sqlite3_prepare_v3(file->db, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &file->statements[i], NULL) != SQLITE_OK)
            return false;
    return true;
}

/* A folder that takes no files beside the database shows only now. Who holds the file meanwhile only delays.
 */
static bool can_begin(struct store_file *file) {
    bool well = run(file, "BEGIN IMMEDIATE") || (sqlite3_errcode(file->db) & 0xFF) == SQLITE_BUSY;
    if (!sqlite3_get_autocommit(file->db)) run(file, "ROLLBACK");
    return well;
}

bool store_file_open(struct store_file *file, const char *path) {
    *file = (struct store_file){0};
    if (!make_private(path)) return refuse(file, path, strerror(errno));
    if (sqlite3_open_v2(path, &file->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return refuse(file, path, store_file_error(file));
    sqlite3_extended_result_codes(file->db, 1);
    sqlite3_busy_timeout(file->db, BUSY_MS);
    int64_t version = 0;
    const char *wrong = look_over(file, &version);
    if (wrong) return refuse(file, path, wrong);
    if (!run(file, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON") ||
        !upgrade(file, version) || !prepare(file) || !can_begin(file) ||
        !ask_number(file, "SELECT count(*) FROM accounts", &file->accounts) ||
        !ask_number(file, "SELECT coalesce(max(best_at), 0) FROM results", &file->last_us))
        return refuse(file, path, store_file_error(file));
    return true;
}

void store_file_close(struct store_file *file) {
    for (int i = 0; i < STORE_STATEMENTS; i++) sqlite3_finalize(file->statements[i]);
    sqlite3_close(file->db); /* the last one to close checkpoints and removes the WAL */
    *file = (struct store_file){0};
}

/* ---- Statements. */

static void bind_text(sqlite3_stmt *statement, int at, const char *text, size_t size) {
    sqlite3_bind_text(statement, at, text, (int)strnlen(text, size), SQLITE_TRANSIENT);
}

/* Runs a statement that returns no rows. A request that breaks a rule of the tables would break it for ever:
 * it is logged and passed over, so that it can't hold up the others. */
static bool finish(struct store_file *file, enum statement which) {
    int code = sqlite3_step(file->statements[which]);
    sqlite3_reset(file->statements[which]);
    if (code == SQLITE_DONE) return true;
    int primary = code & 0xFF;
    if (primary != SQLITE_CONSTRAINT && primary != SQLITE_MISMATCH && primary != SQLITE_TOOBIG) return false;
    log_limited(LOG_ERROR, "store_passed_over", "why=%s", LOG_QUOTE(store_file_error(file)));
    return true;
}

bool store_file_begin(struct store_file *file, bool writes) {
    file->accounts_before = file->accounts;
    return finish(file, writes ? BEGIN_WRITE : BEGIN_READ);
}

bool store_file_commit(struct store_file *file) {
    return finish(file, COMMIT);
}

void store_file_rollback(struct store_file *file) {
    file->accounts = file->accounts_before;
    if (!sqlite3_get_autocommit(file->db)) run(file, "ROLLBACK"); /* some errors have done so already */
}

static void copy_name(char name[LIMIT_NAME], sqlite3_stmt *row, int column) {
    const unsigned char *text = sqlite3_column_text(row, column);
    snprintf(name, LIMIT_NAME, "%s", text ? (const char *)text : "");
}

bool store_file_look(struct store_file *file, const struct store_request *request,
                     struct store_answer *answer) {
    sqlite3_stmt *look = file->statements[LOOK];
    *answer = (struct store_answer){.ticket = request->ticket};
    sqlite3_bind_int64(look, 1, (int64_t)request->account);
    bind_text(look, 2, request->game, sizeof(request->game));
    int code = sqlite3_step(look);
    if (code == SQLITE_ROW) {
        answer->known = true;
        copy_name(answer->name, look, 0);
        answer->kept = sqlite3_column_int64(look, 1);
        answer->best = sqlite3_column_int64(look, 2);
    }
    sqlite3_reset(look);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

static bool run_account(struct store_file *file, enum statement which, const struct store_request *request) {
    sqlite3_stmt *statement = file->statements[which];
    sqlite3_bind_int64(statement, 1, (int64_t)request->account);
    bind_text(statement, 2, request->name, sizeof(request->name));
    sqlite3_bind_int64(statement, 3, clock_wall_s());
    return finish(file, which);
}

/* Makes the account's row or brings it up to date. `*there`: whether it is kept at all. */
static bool keep_account(struct store_file *file, const struct store_request *request, bool *there) {
    if (!run_account(file, SEE, request)) return false;
    *there = sqlite3_changes(file->db) > 0;
    if (*there) return true;
    if (file->accounts >= STORE_ACCOUNTS_MAX) {
        if (!file->told_full)
            log_write(LOG_WARN, "store_accounts_full", "accounts=%lld", (long long)file->accounts);
        file->told_full = true;
        return true;
    }
    if (!run_account(file, MAKE, request)) return false;
    file->accounts++;
    *there = true;
    return true;
}

static int64_t clamp(int64_t number) {
    int64_t most = INT64_C(1) << NUMBER_BITS;
    return number > most ? most : number < -most ? -most : number;
}

/* Who had a score first stands first: so no two bests are reached in the same microsecond. */
static int64_t next_us(struct store_file *file) {
    int64_t now_us = clock_wall_us();
    file->last_us = now_us > file->last_us ? now_us : file->last_us + 1;
    return file->last_us;
}

bool store_file_write(struct store_file *file, const struct store_request *request) {
    enum statement which = request->what == STORE_ADD ? ADD : SCORE;
    bool there = false;
    if (!request->account) return true;
    if (!keep_account(file, request, &there)) return false;
    if (!there) return true;
    sqlite3_stmt *statement = file->statements[which];
    sqlite3_bind_int64(statement, 1, (int64_t)request->account);
    bind_text(statement, 2, request->game, sizeof(request->game));
    sqlite3_bind_int64(statement, 3, clamp(request->number));
    if (which == SCORE) sqlite3_bind_int64(statement, 4, next_us(file));
    return finish(file, which);
}

/* ---- The top list. */

/* `text` as the inside of a JSON string: at most six bytes for each of its own. */
static void escape(char *into, const char *text) {
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7F) {
            into += snprintf(into, 7, "\\u%04x", c);
            continue;
        }
        if (c == '"' || c == '\\') *into++ = '\\';
        *into++ = (char)c;
    }
    *into = 0;
}

static size_t put_row(char *into, size_t size, sqlite3_stmt *row, bool first) {
    char name[LIMIT_NAME], escaped[LIMIT_NAME * 6];
    copy_name(name, row, 0);
    escape(escaped, name);
    return (size_t)snprintf(into, size, "%s{\"name\": \"%s\", \"best\": %lld, \"kept\": %lld}",
                            first ? "" : ", ", escaped, (long long)sqlite3_column_int64(row, 1),
                            (long long)sqlite3_column_int64(row, 2));
}

bool store_file_top(struct store_file *file, const char *game, char into[STORE_TOP_BYTES]) {
    sqlite3_stmt *top = file->statements[TOP];
    bind_text(top, 1, game, LIMIT_LABEL);
    size_t length = 0;
    into[length++] = '[';
    int code = sqlite3_step(top);
    for (; code == SQLITE_ROW; code = sqlite3_step(top)) {
        length += put_row(into + length, STORE_TOP_BYTES - length, top, length == 1);
        CHECK(length + 2 <= STORE_TOP_BYTES); /* 10 × (23 × 6 + 80) */
    }
    sqlite3_reset(top);
    snprintf(into + length, STORE_TOP_BYTES - length, "]");
    return code == SQLITE_DONE;
}

bool store_file_games(struct store_file *file, char games[STORE_GAMES][LIMIT_LABEL], size_t *count) {
    sqlite3_stmt *each = file->statements[GAMES];
    sqlite3_bind_int(each, 1, STORE_GAMES);
    int code = sqlite3_step(each);
    for (*count = 0; code == SQLITE_ROW; code = sqlite3_step(each))
        snprintf(games[(*count)++], LIMIT_LABEL, "%s", (const char *)sqlite3_column_text(each, 0));
    sqlite3_reset(each);
    return code == SQLITE_DONE;
}
