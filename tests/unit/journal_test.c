/* A room's journal beside the one before, and on a disk that is full, or with its share of it taken: it is
 * said once, and what lies there has no gap. That it can be played again, tests/golden/match_test.c shows. */
#include "server/world/journal.h"
#include "tests/check.h"
#include "tests/unit/capture.h"
#include <signal.h>
#include <sys/resource.h>

enum { INSTANCE = 3, KILOBYTES = 100 };

static uint64_t left = UINT64_MAX;
static char folder[] = "/tmp/journal_test_XXXXXX", path[64], said[4096];

static struct journal *open_one(void) {
    struct journal_head head = {.game = "dots", .room = "main", .instance = INSTANCE, .rate = 20};
    return journal_open(folder, &head, &left);
}

/* Writes a line for each of so many ticks, and flushes now and then. */
static void write_ticks(struct journal *journal, uint32_t first, uint32_t end) {
    for (uint32_t tick = first; tick < end; tick++) {
        journal_hash(journal, tick, tick);
        if (tick % 1000 == 0) journal_flush(journal);
    }
}

/* How many ticks it tells, from 0 on without a gap; UINT32_MAX: there is one. */
static uint32_t count_ticks(void) {
    char line[256];
    uint32_t ticks = 0, told;
    FILE *file = fopen(path, "r");
    EXPECT(file && fgets(line, sizeof line, file));
    while (file && fgets(line, sizeof line, file) && strchr(line, '\n'))
        if (sscanf(line, "%u hash", &told) != 1 || told != ticks++) ticks = UINT32_MAX;
    if (file) fclose(file);
    return ticks;
}

static void allow_bytes(rlim_t bytes) {
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    EXPECT(!setrlimit(RLIMIT_FSIZE, &limit));
}

static void it_holds_all_that_was_written(void) {
    struct journal *journal = open_one();
    write_ticks(journal, 0, 5000);
    journal_close(journal);
    journal_close(NULL);
    EXPECT_EQ(count_ticks(), 5000);
}

/* Of the run before, that is: it may have ended by what it tells of. */
static void the_one_before_stays(void) {
    char before[sizeof path + 8];
    for (uint32_t ticks = 10; ticks <= 30; ticks += 10) {
        struct journal *journal = open_one();
        write_ticks(journal, 0, ticks);
        journal_close(journal);
    }
    EXPECT_EQ(count_ticks(), 30);
    snprintf(before, sizeof before, "%s.before", path);
    EXPECT(!rename(before, path));
    EXPECT_EQ(count_ticks(), 20);
}

/* The disk is full for a while; later there would be room again. */
static void it_ends_where_the_disk_is_full(void) {
    struct capture capture = capture_begin(STDERR_FILENO);
    struct journal *journal = open_one();
    allow_bytes(KILOBYTES * 1024);
    write_ticks(journal, 0, 7000);
    allow_bytes(RLIM_INFINITY);
    write_ticks(journal, 7000, 9000);
    journal_close(journal);
    capture_end(&capture, said, sizeof said);
    EXPECT(strstr(said, "warn journal_failed path=") && strstr(said, "why=\"File too large\""));
    EXPECT(strchr(said, '\n') == strrchr(said, '\n')); /* said once */
    uint32_t ticks = count_ticks();
    EXPECT(ticks > 1000 && ticks < 7000);
}

/* Which others take as well; a flush later it has ended, and none is begun any more. */
static void it_ends_where_all_have_taken_their_bytes(void) {
    struct capture capture = capture_begin(STDERR_FILENO);
    left = KILOBYTES * 1024;
    struct journal *journal = open_one();
    EXPECT_EQ(left, KILOBYTES * 1024 - 4096); /* a file takes a block */
    write_ticks(journal, 0, 1001);
    EXPECT(left > KILOBYTES * 1024 / 2 && left < KILOBYTES * 1024 - 1000 * 20);
    left -= KILOBYTES * 1024 / 2;
    write_ticks(journal, 1001, 9000);
    journal_close(journal);
    EXPECT(open_one() == NULL);
    capture_end(&capture, said, sizeof said);
    EXPECT(strstr(said, "warn journal_full path=") && !strstr(said, "journal_failed"));
    EXPECT_EQ(left, 0);
    EXPECT_EQ(count_ticks(), 2001);
    left = UINT64_MAX;
}

static void it_needs_a_folder(void) {
    struct capture capture = capture_begin(STDERR_FILENO);
    struct journal_head head = {.game = "dots", .room = "main"};
    EXPECT(journal_open("/tmp/journal_test_is_not_there", &head, &left) == NULL);
    capture_end(&capture, said, sizeof said);
    EXPECT(strstr(said, "warn journal_failed path=") != NULL);
}

int main(void) {
    if (!mkdtemp(folder)) return 1;
    snprintf(path, sizeof path, "%s/dots-%d.journal", folder, INSTANCE);
    signal(SIGXFSZ, SIG_IGN);
    RUN(it_holds_all_that_was_written);
    RUN(the_one_before_stays);
    RUN(it_ends_where_the_disk_is_full);
    RUN(it_ends_where_all_have_taken_their_bytes);
    RUN(it_needs_a_folder);
    unlink(path);
    strcat(path, ".before");
    unlink(path);
    rmdir(folder);
    return check_done();
}
