/* Counters and gauges of the whole process, and their text for Prometheus. Any thread; relaxed atomics. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* name, help. Counters only grow; gauges (second table) go both ways. */
#define METRIC_COUNTERS(X)                                                                                   \
    X(ticks, "ticks turned")                                                                                 \
    X(ticks_slipped, "ticks given up after a stall")                                                         \
    X(tick_us, "microseconds spent in ticks")                                                                \
    X(tick_allocations,                                                                                      \
      "heap allocations on the tick path, counted in builds with -Dcount_allocations=true")                  \
    X(rows_changed, "rows that were sent, once for each lane and tick")                                      \
    X(rows_encoded, "encodings of rows that were sent, as change and whole together")                        \
    X(rows_anchored, "encodings of rows that were anchored unasked")                                         \
    X(frames, "frames written")                                                                              \
    X(rows_copied, "encoded rows that were copied into frames")                                              \
    X(frames_alike, "frames whose rows were copied from the session before, byte for byte")                  \
    X(frame_bytes, "bytes of messages in frames, without WebSocket headers")                                 \
    X(frames_held_back, "due frames not written because the connection was not ready")                       \
    X(writes, "messages written to players")                                                                 \
    X(writes_doubled, "second messages to one player in one tick: always 0")                                 \
    X(messages, "messages received")                                                                         \
    X(message_bytes, "bytes of messages received")                                                           \
    X(inputs, "inputs received")                                                                             \
    X(inputs_unused, "inputs passed over because more than a queue of them waited")                          \
    X(notes_lost, "notes of games that did not fit into their tick")                                         \
    X(values_clipped, "values of rows, events and answers that were out of range, or no numbers")            \
    X(replies_lost, "REPLYs that found those of a session waiting, as many as may")                          \
    X(events_lost, "events that a publication had no room for")                                              \
    X(polls, "long polls taken")                                                                             \
    X(polls_empty, "long polls that ended without news")                                                     \
    X(pulls, "states pulled")                                                                                \
    X(posts, "posts applied")                                                                                \
    X(posts_repeated, "posts that were applied before and changed nothing")                                  \
    X(posts_early, "posts that waited for one before them")                                                  \
    X(links_taken_back, "HTTP clients that went on from an earlier frame, since later ones were lost")       \
    X(links_begun_anew, "HTTP clients that held nothing to go on from")                                      \
    X(loop_turns, "turns of the I/O threads' loops")                                                         \
    X(connections_opened, "sockets accepted")                                                                \
    X(connections_refused, "sockets closed at once because too many stood")                                  \
    X(accept_pauses, "times that a thread stopped accepting for a moment")                                   \
    X(refused_address, "sockets and requests refused: too many, or too fast, from one address")              \
    X(refused_rate, "sockets and requests refused: too many new ones")                                       \
    X(refused_memory, "sockets refused: too much memory in use")                                             \
    X(refused_proxy, "sockets refused: a listed proxy sent no proper PROXY header")                          \
    X(sessions_opened, "sessions begun")                                                                     \
    X(sessions_resumed, "sessions taken up again by a new connection")                                       \
    X(rooms_opened, "rooms made")                                                                            \
    X(pings, "WebSocket pings sent")                                                                         \
    X(arrivals_refused, "arrivals that found the inbox full")                                                \
    X(store_commits, "transactions committed")                                                               \
    X(store_failures, "transactions that failed")                                                            \
    X(refused_origin, "upgrades refused: origin")                                                            \
    X(refused_protocol, "requests refused: not as the protocol has them")                                    \
    X(refused_full, "upgrades refused: server full or shutting down")

#define METRIC_GAUGES(X)                                                                                     \
    X(cpu_us, "microseconds of processor that all threads took, in all; as of this text")                    \
    X(log_lines_lost, "lines of the log that nobody took or the disk refused; as of this text")              \
    X(memory_bytes, "memory of its own, without the files that it is made of; as of this text")              \
    X(players, "seated people")                                                                              \
    X(waiting, "players who wait in line")                                                                   \
    X(rooms, "open rooms")                                                                                   \
    X(connections, "open sockets")                                                                           \
    X(links, "sessions of players who came over HTTP")                                                       \
    X(sessions, "sessions")                                                                                  \
    X(tick_p99_us, "99th percentile of the last 1,024 ticks' durations")                                     \
    X(tick_late_p99_us, "99th percentile of the last 1,024 ticks' lateness")

enum metric {
#define X(name, help) METRIC_##name,
    METRIC_COUNTERS(X) METRIC_GAUGES(X)
#undef X
        METRIC_COUNT
};

void metrics_add(enum metric metric, uint64_t amount);  /* counters, and gauges that go up */
void metrics_set(enum metric metric, uint64_t value);   /* gauges */
void metrics_take(enum metric metric, uint64_t amount); /* a gauge goes down */
uint64_t metrics_get(enum metric metric);
/* Sockets by I/O thread, shown as tidewire_thread_connections{thread="0"}: whether threads share alike. */
enum { METRICS_THREADS_MAX = 64 };
void metrics_threads(uint32_t count);
void metrics_thread_connections(uint32_t thread, int32_t more);
/* Counts one conversation that ended with this code (protocol/codes.h); shown as
 * tidewire_closed_total{code="4002"}. */
void metrics_closed(unsigned code);
/* Writes all as text (Prometheus exposition format 0.0.4, names `tidewire_…`, `_total` behind counters) into
 * `into`; returns its length, at most `size` − 1: 16 KiB are enough for all. */
size_t metrics_text(char *into, size_t size);
