/* Makes each line on the caller's stack and writes it by one write(2), which the kernel keeps whole for pipes
 * and files opened for appending: so threads need no lock to log. Only the limits have one. */
#include "server/log.h"
#include "server/clock.h"
#include <errno.h>
#include <pthread.h>
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
};

struct limit {
    char event[EVENT_BYTES];
    uint64_t since_us; /* start of the window */
    uint64_t held;     /* lines held back since the last that was written */
    uint32_t written;  /* in the window */
};

static _Atomic int lowest = LOG_INFO;
static pthread_mutex_t limits_lock = PTHREAD_MUTEX_INITIALIZER;
static struct limit limits[LIMIT_EVENTS_MAX];

void log_set_level(enum log_level level) {
    atomic_store_explicit(&lowest, (int)level, memory_order_relaxed);
}

static bool is_heard(enum log_level level) {
    return (int)level >= atomic_load_explicit(&lowest, memory_order_relaxed);
}

/* Time, level and event. Returns the length. */
static size_t put_head(char *line, size_t size, enum log_level level, const char *event) {
    static const char *const names[] = {"debug", "info", "warn", "error"};
    int64_t now_us = clock_wall_us();
    time_t seconds = (time_t)(now_us / 1000000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    size_t length = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
    int more = snprintf(line + length, size - length, ".%03dZ %s %.*s", (int)(now_us / 1000 % 1000),
                        names[level], EVENT_BYTES * 2, event);
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

static void write_whole(const char *line, size_t length) {
    int kept = errno;
    while (write(STDERR_FILENO, line, length) < 0 && errno == EINTR) {
    }
    errno = kept; /* a caller may log before it looks at errno */
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
    write_whole(line, length);
}

void log_write(enum log_level level, const char *event, const char *format, ...) {
    if (!is_heard(level)) return;
    va_list values;
    va_start(values, format);
    write_line(level, 0, event, format, values);
    va_end(values);
}

/* The event's entry, a new one, or the last, which all events beyond the table share. */
static struct limit *find_limit(const char *event) {
    for (size_t i = 0; i < LIMIT_EVENTS_MAX - 1; i++) {
        if (!limits[i].event[0]) snprintf(limits[i].event, EVENT_BYTES, "%s", event);
        if (!strncmp(limits[i].event, event, EVENT_BYTES - 1)) return &limits[i];
    }
    return &limits[LIMIT_EVENTS_MAX - 1];
}

/* Whether another line of the event may be written, and how many were held back before it. */
static bool admit(const char *event, uint64_t now_us, uint64_t *held) {
    pthread_mutex_lock(&limits_lock);
    struct limit *limit = find_limit(event);
    if (now_us - limit->since_us >= LIMIT_WINDOW_US) {
        limit->since_us = now_us;
        limit->written = 0;
    }
    bool admitted = limit->written < LIMIT_LINES;
    *held = admitted ? limit->held : 0;
    limit->held = admitted ? 0 : limit->held + 1;
    if (admitted) limit->written++;
    pthread_mutex_unlock(&limits_lock);
    return admitted;
}

void log_limited(enum log_level level, const char *event, const char *format, ...) {
    uint64_t held;
    if (!is_heard(level) || !admit(event, clock_us(), &held)) return;
    va_list values;
    va_start(values, format);
    write_line(level, held, event, format, values);
    va_end(values);
}

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
