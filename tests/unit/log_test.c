/* The log: the form of a line, quoting, cutting, levels, limits, whole lines from many threads; and what
 * becomes of lines that nobody reads, or that a full disk refuses. */
#include "server/log.h"
#include "server/clock.h"
#include "tests/check.h"
#include "tests/unit/capture.h"
#include <pthread.h>
#include <regex.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { MANY = 30000 /* lines: twice what a pipe and the log itself hold */ };

static char text[1 << 20];

static bool matches(const char *pattern) {
    regex_t regex;
    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB)) return false;
    bool found = !regexec(&regex, text, 0, NULL, 0);
    regfree(&regex);
    return found;
}

static int count_lines(void) {
    int lines = 0;
    for (const char *c = text; *c; c++) lines += *c == '\n';
    return lines;
}

static void line_form(void) {
    char quoted[64];
    struct capture capture = capture_begin(STDERR_FILENO);
    log_write(LOG_INFO, "joined", "room=%s player=%d name=%s", "main", 3,
              log_quote(quoted, sizeof(quoted), "Ada L"));
    capture_end(&capture, text, sizeof(text));
    EXPECT(matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z "
                   "info joined room=main player=3 name=\"Ada L\"\n$"));
}

static void quoting(void) {
    char into[64], small[8];
    EXPECT(!strcmp(log_quote(into, sizeof(into), "plain-1.2"), "plain-1.2"));
    EXPECT(!strcmp(log_quote(into, sizeof(into), ""), "\"\""));
    EXPECT(!strcmp(log_quote(into, sizeof(into), "a=b"), "\"a=b\""));
    EXPECT(!strcmp(log_quote(into, sizeof(into), "say \"x\"\\\n\x01"), "\"say \\\"x\\\"\\\\\\n\\x01\""));
    EXPECT(!strcmp(log_quote(into, sizeof(into), "Ünï"), "Ünï"));
    EXPECT(!strcmp(log_quote(small, sizeof(small), "123456789"), "\"12345\""));
    EXPECT(!strcmp(log_quote(small, sizeof(small), "1234567"), "1234567"));
    EXPECT(!strcmp(log_quote(small, sizeof(small), "1234\xC3\xBC++"), "\"1234\"")); /* no half characters */
    EXPECT(!strcmp(log_quote(small, 2, "a b"), ""));
}

static void long_and_dirty_lines(void) {
    static char long_value[3000];
    memset(long_value, 'x', sizeof(long_value) - 1);
    struct capture capture = capture_begin(STDERR_FILENO);
    log_write(LOG_WARN, "long", "value=%s", long_value);
    log_write(LOG_WARN, "dirty", "value=%s", "a\nb\rc\x1b");
    capture_end(&capture, text, sizeof(text));
    EXPECT_EQ(count_lines(), 2);
    EXPECT(strchr(text, '\n') - text < 1000);
    EXPECT(strchr(text, '\n') - text > 900);
    EXPECT(matches(" warn dirty value=a\\?b\\?c\\?\n$"));
}

static void levels(void) {
    struct capture capture = capture_begin(STDERR_FILENO);
    log_write(LOG_DEBUG, "unheard", "a=1");
    log_set_level(LOG_ERROR);
    log_write(LOG_WARN, "unheard", "a=1");
    log_limited(LOG_WARN, "unheard", "a=1");
    log_set_level(LOG_DEBUG);
    log_write(LOG_DEBUG, "heard", "a=1");
    log_set_level(LOG_INFO);
    capture_end(&capture, text, sizeof(text));
    EXPECT_EQ(count_lines(), 1);
    EXPECT(matches(" debug heard a=1\n$"));
}

static void limits(void) {
    struct capture capture = capture_begin(STDERR_FILENO);
    for (int i = 0; i < 500; i++) log_limited(LOG_WARN, "flood", "i=%d", i);
    log_limited(LOG_WARN, "other", "i=1");
    usleep(1100000);
    log_limited(LOG_WARN, "flood", "i=500");
    log_limited(LOG_WARN, "flood", "i=501");
    capture_end(&capture, text, sizeof(text));
    EXPECT_EQ(count_lines(), 13); /* ten, the other's one, and two of the next second */
    EXPECT(matches("flood i=9\n[^\n]*other i=1\n[^\n]*flood i=500 held=490\n[^\n]*flood i=501\n$"));
}

/* How many lines these tell of: those that are there, and those that were held back. */
static int count_told(void) {
    int told = 0, held;
    for (char *save, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        const char *back = strstr(line, " held=");
        if (strstr(line, " i=")) told++;
        if (back && sscanf(back, " held=%d", &held) == 1) told += held;
    }
    return told;
}

static void all_of_a_storm_is_told(void) {
    struct capture capture = capture_begin(STDERR_FILENO);
    for (int i = 0; i < 500; i++) log_limited(LOG_WARN, "storm", "i=%d", i);
    log_sweep(clock_us() + 1000000);
    log_sweep(clock_us() + 2000000);
    capture_end(&capture, text, sizeof(text));
    EXPECT_EQ(count_told(), 500);
}

static void many_events_share_the_last_limit(void) {
    struct capture capture = capture_begin(STDERR_FILENO);
    for (int i = 0; i < 200; i++) {
        char event[24];
        snprintf(event, sizeof(event), "event%d", i);
        log_limited(LOG_WARN, event, "i=%d", i);
    }
    capture_end(&capture, text, sizeof(text));
    EXPECT(count_lines() >= 60 && count_lines() <= 73);
}

static void *chatter(void *name) {
    for (int i = 0; i < 500; i++) {
        log_write(LOG_INFO, name, "i=%d words=%s", i, "abcdefghijklmnopqrstuvwxyz");
        log_limited(LOG_INFO, "shared", "i=%d", i);
    }
    return NULL;
}

static void threads_write_whole_lines(void) {
    static char *const names[] = {"one", "two", "three", "four"};
    pthread_t threads[4];
    struct capture capture = capture_begin(STDERR_FILENO);
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, chatter, names[i]);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    capture_end(&capture, text, sizeof(text));
    int whole = 0;
    for (char *save, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        whole += strstr(line, " words=abcdefghijklmnopqrstuvwxyz") && strlen(line) < 90;
    EXPECT_EQ(whole, 2000);
}

/* The number in a line that tells of a gap; 0: it is another line. */
static unsigned long long gap_in(const char *line) {
    unsigned long long lines = 0;
    const char *told = strstr(line, " warn log_lost lines=");
    return told && sscanf(told, " warn log_lost lines=%llu", &lines) == 1 ? lines : 0;
}

/* Who logs never waits for it; when it goes on it gets what there was room for, and the number of the others.
 */
static void a_reader_that_stops(void) {
    int ends[2], kept = dup(STDERR_FILENO);
    uint64_t before = log_lines_lost(), read = 0, lost = 0;
    EXPECT(!pipe(ends));
    dup2(ends[1], STDERR_FILENO);
    for (int i = 0; i < MANY; i++) log_write(LOG_INFO, "unread", "i=%d words=%s", i, "abcdefghijklmnopqrst");
    uint64_t dropped = log_lines_lost() - before;
    EXPECT(dropped > 0 && dropped < MANY);
    FILE *reader = fdopen(ends[0], "r");
    while (read + lost < MANY && fgets(text, sizeof text, reader)) {
        read += strstr(text, " info unread i=") && strstr(text, " words=abcdefghijklmnopqrst\n");
        lost += gap_in(text);
    }
    EXPECT_EQ(lost, dropped);
    EXPECT_EQ(read + lost, MANY);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(ends[1]);
    fclose(reader);
}

static void allow_bytes(rlim_t bytes) {
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    EXPECT(!setrlimit(RLIMIT_FSIZE, &limit));
}

static void a_disk_that_is_full_for_a_while(void) {
    struct capture capture = capture_begin(STDERR_FILENO);
    allow_bytes(0);
    for (int i = 0; i < 20; i++) log_write(LOG_INFO, "unwritten", "i=%d", i);
    log_flush(10000);
    allow_bytes(RLIM_INFINITY);
    log_write(LOG_INFO, "written", "i=20");
    log_flush(10000);
    capture_end(&capture, text, sizeof(text));
    EXPECT(matches("^[^\n]*info written i=20\n[^\n]*warn log_lost lines=20\n$"));
}

/* Before the log of this process has its thread, which no child would have. */
static void a_crash_waits_for_the_last_lines(void) {
    int ends[2], status, lines = 0;
    EXPECT(!pipe(ends));
    fflush(NULL);
    pid_t child = fork();
    if (!child) {
        dup2(ends[1], STDERR_FILENO);
        log_start();
        for (int i = 0; i < 300; i++) log_write(LOG_INFO, "last", "i=%d", i);
        abort();
    }
    close(ends[1]);
    FILE *reader = fdopen(ends[0], "r");
    while (fgets(text, sizeof text, reader)) lines += strstr(text, " info last i=") != NULL;
    fclose(reader);
    EXPECT_EQ(lines, 300);
    EXPECT(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void) {
    signal(SIGXFSZ, SIG_IGN);
    RUN(line_form);
    RUN(quoting);
    RUN(long_and_dirty_lines);
    RUN(levels);
    RUN(limits);
    RUN(all_of_a_storm_is_told);
    RUN(many_events_share_the_last_limit);
    RUN(threads_write_whole_lines);
    RUN(a_crash_waits_for_the_last_lines);
    EXPECT(log_start());
    RUN(a_reader_that_stops);
    RUN(a_disk_that_is_full_for_a_while);
    return check_done();
}
