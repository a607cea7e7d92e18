#include "server/world/journal.h"
#include "server/log.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define BEFORE ".before"
enum {
    BUFFER_BYTES = 65536,
    PATH_BYTES = 512,
    BLOCK_BYTES = 4096 /* that a file takes at least */
};

struct journal {
    FILE *file;       /* NULL: it could not be written any more, and ended there */
    uint64_t *left;   /* bytes for all */
    uint64_t counted; /* of its own, that were taken off there */
    char path[PATH_BYTES];
    char buffer[BUFFER_BYTES];
};

static void write_head(FILE *file, const struct journal_head *head) {
    fprintf(file, "journal 2 %s %s %" PRIu64 " %u %u %u ", head->game, head->room, head->seed, head->rate,
            head->computers, head->tick);
    for (size_t i = 0; i < head->rules_size; i++) fprintf(file, "%02x", head->rules[i]);
    fputc('\n', file);
}

static void say_failed(const struct journal *journal) {
    log_write(LOG_WARN, "journal_failed", "path=%s why=\"%s\"", LOG_QUOTE(journal->path), strerror(errno));
}

static void say_full(const struct journal *journal) {
    log_limited(LOG_WARN, "journal_full", "path=%s", LOG_QUOTE(journal->path));
}

static void end(struct journal *journal) {
    fclose(journal->file);
    journal->file = NULL;
}

/* After something was written. What comes after a gap is of no use to anybody: the journal ends with it. */
static void look_after(struct journal *journal) {
    if (!ferror(journal->file)) return;
    say_failed(journal);
    end(journal);
}

/* It has become so long. */
static void count(struct journal *journal, uint64_t bytes) {
    uint64_t more = bytes > journal->counted ? bytes - journal->counted : 0;
    *journal->left -= more < *journal->left ? more : *journal->left;
    journal->counted += more;
}

/* A server that starts again after a crash counts its rooms anew: the journal that tells of it stays. */
static void keep_before(const struct journal *journal) {
    char before[PATH_BYTES + sizeof BEFORE];
    snprintf(before, sizeof before, "%s" BEFORE, journal->path);
    rename(journal->path, before);
}

static bool open_file(struct journal *journal) {
    if (!*journal->left) {
        say_full(journal);
        return false;
    }
    keep_before(journal);
    journal->file = fopen(journal->path, "w");
    if (!journal->file) say_failed(journal);
    return journal->file != NULL;
}

struct journal *journal_open(const char *dir, const struct journal_head *head, uint64_t *left) {
    struct journal *journal = calloc(1, sizeof *journal);
    if (!journal) return NULL;
    journal->left = left;
    snprintf(journal->path, sizeof journal->path, "%s/%s-%u.journal", dir, head->game, head->instance);
    if (!open_file(journal)) {
        free(journal);
        return NULL;
    }
    setvbuf(journal->file, journal->buffer, _IOFBF, sizeof journal->buffer);
    write_head(journal->file, head);
    count(journal, BLOCK_BYTES);
    return journal;
}

static void write_arrival(FILE *file, uint32_t tick, const struct arrival *arrival, uint16_t player,
                          uint32_t cells) {
    switch (arrival->what) {
    case ARRIVAL_JOIN:
        fprintf(file, "%u join %u %" PRIu64 " %" PRId64 " %" PRId64 " %s\n", tick, player,
                arrival->join.account, arrival->join.kept, arrival->join.best, arrival->join.name);
        return;
    case ARRIVAL_LEAVE:
        fprintf(file, "%u leave %u %u\n", tick, player, arrival->reason);
        return;
    case ARRIVAL_INPUT:
        fprintf(file, "%u input %u %u %u", tick, player, arrival->number, arrival->seen);
        break;
    default:
        fprintf(file, "%u call %u %u %u", tick, player, arrival->number, arrival->record);
    }
    for (uint32_t i = 0; i < cells; i++) fprintf(file, " %" PRId32, arrival->cells[i]);
    fputc('\n', file);
}

void journal_arrival(struct journal *journal, uint32_t tick, const struct arrival *arrival, uint16_t player,
                     uint32_t cells) {
    if (!journal->file) return;
    write_arrival(journal->file, tick, arrival, player, cells);
    look_after(journal);
}

void journal_hash(struct journal *journal, uint32_t tick, uint64_t hash) {
    if (!journal->file) return;
    fprintf(journal->file, "%u hash %016" PRIx64 "\n", tick, hash);
    look_after(journal);
}

void journal_flush(struct journal *journal) {
    if (!journal->file) return;
    fflush(journal->file);
    look_after(journal);
    if (!journal->file) return;
    count(journal, (uint64_t)ftello(journal->file));
    if (*journal->left) return;
    say_full(journal);
    end(journal);
}

void journal_close(struct journal *journal) {
    if (!journal) return;
    journal_flush(journal);
    if (journal->file) fclose(journal->file);
    free(journal);
}
