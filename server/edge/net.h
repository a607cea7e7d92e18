/* The edge: I/O threads with a libwebsockets context each, on a libuv loop of their own, behind one port
 * (SO_REUSEPORT). Reads bytes into sessions, writes what the broadcaster makes, serves the page and the API.
 * libwebsockets, libuv and the TLS contexts are used in server/edge/net*.c alone. */
#pragma once
#include "server/session/broadcaster.h"
#include "server/config.h"
#include "server/session/session.h"
#include "server/keep/store.h"

struct net;

struct net_outside {             /* what the edge may reach; all of it outlives the edge */
    const struct config *config; /* io_threads: at least 1 by now */
    struct sessions *sessions;
    struct board *board; /* where rooms publish */
    struct store *store; /* for the top list; may be NULL */
};

/* Raises RLIMIT_NOFILE, makes the certificate if TLS is on and none is there (EC P-256, self-signed, for
 * localhost and this host's name, 10 years, key readable by the owner only), binds the port and starts the
 * threads. NULL after one log line that says what failed: port taken, certificate unreadable. */
struct net *net_start(const struct net_outside *outside);
/* The I/O threads look at what was published; called after each tick, on the thread that publishes. Costs one
 * wake-up a thread; none if there is nothing new and all of its players rest. */
void net_wake(struct net *net);
/* Reads certificate and key anew; from now on each thread shows them to whoever shakes hands. After a log
 * line if they are no good: then the old ones stay. */
void net_renew(struct net *net);
/* Stops accepting; new upgrades get 503. */
void net_drain(struct net *net);
/* Waits until every player's connection was told its end and closed, or none was for `wait_ms`, or six
 * seconds went by; then ends the threads and frees all. NULL is fine. */
void net_stop(struct net *net, uint32_t wait_ms);
