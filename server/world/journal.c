#include "server/world/journal.h"
#include "server/log.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUFFER_BYTES = 65536, PATH_BYTES = 512 };

struct journal {
    FILE *file;
    char buffer[BUFFER_BYTES];
};

static void write_head(FILE *file, const struct journal_head *head) {
    fprintf(file, "journal 2 %s %s %" PRIu64 " %u %u %u ", head->game, head->room, head->seed, head->rate,
            head->computers, head->tick);
    for (size_t i = 0; i < head->rules_size; i++) fprintf(file, "%02x", head->rules[i]);
    fputc('\n', file);
}

struct journal *journal_open(const char *dir, const struct journal_head *head) {
    char path[PATH_BYTES];
    struct journal *journal = calloc(1, sizeof *journal);
    snprintf(path, sizeof path, "%s/%s-%u.journal", dir, head->game, head->instance);
    if (journal) journal->file = fopen(path, "w");
    if (!journal || !journal->file) {
        log_write(LOG_WARN, "journal_failed", "path=%s why=\"%s\"", LOG_QUOTE(path), strerror(errno));
        free(journal);
        return NULL;
    }
    setvbuf(journal->file, journal->buffer, _IOFBF, sizeof journal->buffer);
    write_head(journal->file, head);
    return journal;
}

void journal_arrival(struct journal *journal, uint32_t tick, const struct arrival *arrival, uint16_t player,
                     uint32_t cells) {
    FILE *file = journal->file;
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

void journal_hash(struct journal *journal, uint32_t tick, uint64_t hash) {
    fprintf(journal->file, "%u hash %016" PRIx64 "\n", tick, hash);
}

void journal_flush(struct journal *journal) {
    if (fflush(journal->file) != 0) log_limited(LOG_WARN, "journal_failed", "why=\"%s\"", strerror(errno));
}

void journal_close(struct journal *journal) {
    if (!journal) return;
    journal_flush(journal);
    fclose(journal->file);
    free(journal);
}
