/* Makes each line on the caller's stack and puts it down for the log's own thread, the only one that may wait
 * for whoever reads. Each is written by one write(2), which the kernel keeps whole for pipes and files opened
 * for appending. */
#include "server/log.h"
#include "protocol/base.h"
#include "server/clock.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LINE_MAX_BYTES = 1000,
    HELD_BYTES = 32, /* kept free for " held=N" and the line's end */
    LIMIT_EVENTS_MAX = 64,
    LIMIT_LINES = 10, /* lines of one event in one window */
    LIMIT_WINDOW_US = 1000000,
    EVENT_BYTES = 32,
    CRASH_PAUSES = 1000, /* of a millisecond, as at the end: nobody may keep a server from starting again */
    CRASH_PAUSE_NS = 1000000,
    WAITING_BYTES = 512 * 1024, /* of lines: what SIGUSR1 makes many rooms say at once */
};

struct limit {
    char event[EVENT_BYTES];
    uint64_t since_us;    /* start of the window */
    uint64_t held;        /* lines held back since the last that was written */
    uint32_t written;     /* in the window */
    enum log_level level; /* of the line that was held back last */
};

/* Lines wait in one batch, while the log's thread writes out the other. */
struct batch {
    size_t size;      /* of the lines */
    uint64_t dropped; /* lines behind them, from the first that did not fit */
    char lines[WAITING_BYTES];
};

static pthread_mutex_t waiting_lock = PTHREAD_MUTEX_INITIALIZER; /* guards the batch that waits */
static pthread_cond_t waiting_grew = PTHREAD_COND_INITIALIZER;
static struct batch batches[2], *waiting = &batches[0];
static bool started, writing; /* the log's thread runs; it has taken lines and not written them all */
static _Atomic uint64_t lines_lost;
static _Thread_local bool writes; /* it is the log's thread: what it says of a gap stands in the gap */

static _Atomic int lowest = LOG_INFO;
static pthread_mutex_t limits_lock = PTHREAD_MUTEX_INITIALIZER;
static struct limit limits[LIMIT_EVENTS_MAX] = {[LIMIT_EVENTS_MAX - 1] = {.event = "others"}};

/* ---- How it leaves. */

/* False: refused. */
static bool write_whole(const char *line, size_t length) {
    while (length) {
        ssize_t wrote = write(STDERR_FILENO, line, length);
        struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
        if (wrote < 0 && errno == EAGAIN) /* others made it non-blocking */
            poll(&room, 1, -1);
        else if (wrote < 0 && errno != EINTR)
            return false;
        else if (wrote > 0)
            line += wrote, length -= (size_t)wrote;
    }
    return true;
}

static void lose(uint64_t count) {
    atomic_fetch_add(&lines_lost, count);
}

/* Once a line was dropped all are, until there is room for many: so the gap is in one place. */
static void put_down(const char *line, size_t length) {
    pthread_mutex_lock(&waiting_lock);
    bool fits = !waiting->dropped && waiting->size + length <= WAITING_BYTES;
    if (fits) {
        memcpy(waiting->lines + waiting->size, line, length);
        waiting->size += length;
    } else {
        waiting->dropped++;
        lose(1);
    }
    pthread_cond_signal(&waiting_grew);
    pthread_mutex_unlock(&waiting_lock);
}

static void let_go(const char *line, size_t length) {
    int kept = errno; /* a caller may log before it looks at errno */
    if (started && !writes)
        put_down(line, length);
    else if (!write_whole(line, length))
        lose(1);
    errno = kept;
}

/* Waits for lines, and gives the other batch to those who log. */
static struct batch *take_batch(void) {
    pthread_mutex_lock(&waiting_lock);
    writing = false;
    while (!waiting->size) pthread_cond_wait(&waiting_grew, &waiting_lock);
    struct batch *taken = waiting;
    waiting = &batches[taken == &batches[0]];
    waiting->size = waiting->dropped = 0;
    writing = true;
    pthread_mutex_unlock(&waiting_lock);
    return taken;
}

/* Returns how many lines were refused. */
static uint64_t write_batch(const struct batch *batch) {
    const char *end = batch->lines + batch->size;
    uint64_t refused = 0;
    for (const char *line = batch->lines, *next; line < end; line = next) {
        next = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1;
        refused += !write_whole(line, (size_t)(next - line));
    }
    return refused;
}

static void *write_lines(void *nothing) {
    pthread_setname_np(pthread_self(), "log");
    writes = true;
    for (uint64_t untold = 0;;) {
        const struct batch *batch = take_batch();
        uint64_t refused = write_batch(batch);
        lose(refused);
        untold += refused + batch->dropped;
        if (!untold || refused) continue;
        log_write(LOG_WARN, "log_lost", "lines=%llu", (unsigned long long)untold);
        untold = 0;
    }
    return nothing;
}

/* Whether nothing waits or is being written. Not so, either, while another holds the lock, which may be the
 * one that crashed. */
static bool is_written(void) {
    if (pthread_mutex_trylock(&waiting_lock)) return false;
    bool written = !waiting->size && !writing;
    pthread_mutex_unlock(&waiting_lock);
    return written;
}

/* The thread that crashes waits for the log's; on its return from here the crash goes on where it was. */
static void hold_up(int crash) {
    const struct timespec pause = {.tv_nsec = CRASH_PAUSE_NS};
    for (int i = 0; i < CRASH_PAUSES && !is_written(); i++) nanosleep(&pause, NULL);
    raise(crash);
}

/* Not where a sanitizer has a handler of its own. */
static void expect_crashes(void) {
    static const int crashes[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP};
    struct sigaction before, held_up = {.sa_handler = hold_up, .sa_flags = (int)SA_RESETHAND};
    for (size_t i = 0; i < COUNT_OF(crashes); i++)
        if (sigaction(crashes[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            sigaction(crashes[i], &held_up, NULL);
}

bool log_start(void) {
    pthread_t thread;
    started = pthread_create(&thread, NULL, write_lines, NULL) == 0;
    if (!started) return false;
    pthread_detach(thread); /* it may wait for a reader when all else has ended */
    expect_crashes();
    return true;
}

void log_flush(uint32_t wait_ms) {
    uint64_t until_us = clock_us() + wait_ms * UINT64_C(1000);
    while (!is_written() && clock_us() < until_us) usleep(1000);
}

uint64_t log_lines_lost(void) {
    return atomic_load(&lines_lost);
}

/* ---- Lines. */

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};

enum log_level log_level_named(const char *name) {
    for (int i = LOG_DEBUG; i <= LOG_ERROR; i++)
        if (strcmp(level_names[i], name) == 0) return (enum log_level)i;
    return LOG_INFO;
}

void log_set_level(enum log_level level) {
    atomic_store_explicit(&lowest, (int)level, memory_order_relaxed);
}

static bool is_heard(enum log_level level) {
    return (int)level >= atomic_load_explicit(&lowest, memory_order_relaxed);
}

/* Time, level and event. Returns the length. */
static size_t put_head(char *line, size_t size, enum log_level level, const char *event) {
    int64_t now_us = clock_wall_us();
    time_t seconds = (time_t)(now_us / 1000000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    size_t length = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
    int more = snprintf(line + length, size - length, ".%03dZ %s %.*s", (int)(now_us / 1000 % 1000),
                        level_names[level], EVENT_BYTES * 2, event);
    return length + (size_t)more;
}

/* A fact stays one line whatever its values hold, and a line that was cut ends with a whole character. */
static size_t tidy(char *line, size_t length, bool cut) {
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)line[i];
        if (c < 0x20 || c == 0x7F) line[i] = '?';
    }
    if (!cut) return length;
    while (length && ((unsigned char)line[length - 1] & 0xC0) == 0x80) length--;
    if (length && (unsigned char)line[length - 1] >= 0xC0) length--;
    return length;
}

static void write_line(enum log_level level, uint64_t held, const char *event, const char *format,
                       va_list values) {
    char line[LINE_MAX_BYTES];
    size_t most = sizeof(line) - HELD_BYTES, length = put_head(line, most, level, event);
    if (*format) {
        line[length++] = ' ';
        size_t left = most - length;
        int wanted = vsnprintf(line + length, left, format, values);
        bool cut = wanted >= 0 && (size_t)wanted >= left;
        length += cut ? left - 1 : wanted < 0 ? 0 : (size_t)wanted;
        length = tidy(line, length, cut);
    }
    if (held)
        length += (size_t)snprintf(line + length, HELD_BYTES - 1, " held=%llu", (unsigned long long)held);
    line[length++] = '\n';
    let_go(line, length);
}

void log_write(enum log_level level, const char *event, const char *format, ...) {
    if (!is_heard(level)) return;
    va_list values;
    va_start(values, format);
    write_line(level, 0, event, format, values);
    va_end(values);
}

/* ---- Limits. */

/* The event's entry, a new one, or the last, which all events beyond the table share. */
static struct limit *find_limit(const char *event) {
    for (size_t i = 0; i < LIMIT_EVENTS_MAX - 1; i++) {
        if (!limits[i].event[0]) snprintf(limits[i].event, EVENT_BYTES, "%s", event);
        if (!strncmp(limits[i].event, event, EVENT_BYTES - 1)) return &limits[i];
    }
    return &limits[LIMIT_EVENTS_MAX - 1];
}

/* Whether another line of the event may be written, and how many were held back before it. */
static bool admit(enum log_level level, const char *event, uint64_t now_us, uint64_t *held) {
    pthread_mutex_lock(&limits_lock);
    struct limit *limit = find_limit(event);
    if (now_us - limit->since_us >= LIMIT_WINDOW_US) {
        limit->since_us = now_us;
        limit->written = 0;
    }
    bool admitted = limit->written < LIMIT_LINES;
    *held = admitted ? limit->held : 0;
    limit->held = admitted ? 0 : limit->held + 1;
    limit->level = level;
    if (admitted) limit->written++;
    pthread_mutex_unlock(&limits_lock);
    return admitted;
}

void log_limited(enum log_level level, const char *event, const char *format, ...) {
    uint64_t held;
    if (!is_heard(level) || !admit(level, event, clock_us(), &held)) return;
    va_list values;
    va_start(values, format);
    write_line(level, held, event, format, values);
    va_end(values);
}

static void tell_held(struct limit *limit, uint64_t now_us) {
    pthread_mutex_lock(&limits_lock);
    struct limit told = *limit;
    bool due = limit->held && now_us >= limit->since_us + LIMIT_WINDOW_US;
    if (due) limit->held = 0;
    pthread_mutex_unlock(&limits_lock);
    if (due) log_write(told.level, told.event, "held=%llu", (unsigned long long)told.held);
}

void log_sweep(uint64_t now_us) {
    for (size_t i = 0; i < LIMIT_EVENTS_MAX; i++) tell_held(&limits[i], now_us);
}

/* ---- Values. */

static bool is_plain(const char *text) {
    if (!*text) return false;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7F) return false;
    }
    return true;
}

/* One byte as it stands between quotes: at most four characters. Returns their number. */
static size_t escape(char out[5], unsigned char c) {
    if (c == '"' || c == '\\') return (size_t)snprintf(out, 5, "\\%c", c);
    if (c == '\n') return (size_t)snprintf(out, 5, "\\n");
    if (c < 0x20 || c == 0x7F) return (size_t)snprintf(out, 5, "\\x%02x", c);
    out[0] = (char)c;
    return 1;
}

const char *log_quote(char *into, size_t size, const char *text) {
    if (is_plain(text) && strlen(text) < size) return memcpy(into, text, strlen(text) + 1);
    if (size < 3) { /* not even an empty pair of quotes */
        if (size) into[0] = 0;
        return into;
    }
    size_t length = 0;
    into[length++] = '"';
    for (; *text; text++) {
        char piece[5];
        size_t more = escape(piece, (unsigned char)*text);
        if (length + more + 2 > size) break;
        memcpy(into + length, piece, more);
        length += more;
    }
    while (*text && length > 1 && ((unsigned char)*text & 0xC0) == 0x80)
        text--, length--; /* whole characters */
    into[length++] = '"';
    into[length] = 0;
    return into;
}
