/* One line a fact, as logfmt on standard error: time, level, event, then key=value pairs. Any thread may log.
 * Nothing secret is ever logged: no tokens, no keys. What strangers can cause at will goes through a limit.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* The level of this name, as lines have it; LOG_INFO if there is none. */
enum log_level log_level_named(const char *name);
/* From now on lines below `level` are dropped. Default: LOG_INFO. */
void log_set_level(enum log_level level);

/* From now on a thread of its own writes the lines, so that nobody who logs waits for a reader who stopped,
 * or for the disk; before, who logs writes. What finds the room for waiting lines full is dropped, and what
 * the disk refuses is lost: a line `log_lost lines=N` says so when it goes on. Call it with all signals
 * blocked. A crash is held up until all is written, for a second at most. False: there is no thread, and all
 * stays as before. */
bool log_start(void);
/* Waits until all that was logged is written, but no longer than that. At the end. */
void log_flush(uint32_t wait_ms);
/* Since the start, dropped or refused. */
uint64_t log_lines_lost(void);

/* Writes one line: `event` is a bare word, `format` makes the pairs, such as "room=%s players=%u". Lines are
 * written whole, by one write(2); at most 1,000 bytes, longer ones are cut. */
void log_write(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As log_write, but at most ten lines a second for each `event`; what was held back is counted and told with
 * the next line of that event as `held=N`. For everything that a stranger can cause. At most 64 different
 * events. */
void log_limited(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Once a second: what was held back before this second, and no line has told since, is told in one of its
 * own. At the end with UINT64_MAX: all. */
void log_sweep(uint64_t now_us);

/* A value made safe for logfmt: as it is if it is plain, else in quotes with escapes; cut at the buffer's
 * end. Returns `into`. */
const char *log_quote(char *into, size_t size, const char *text);
/* The same within a call of log_write: the buffer lives to the end of the block. For names, paths and
 * whatever else is not our own words. */
#define LOG_QUOTE(text) log_quote((char[LOG_QUOTE_BYTES]){0}, LOG_QUOTE_BYTES, text)
enum { LOG_QUOTE_BYTES = 400 /* two of them fit into a line */ };
