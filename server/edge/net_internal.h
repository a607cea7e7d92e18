/* What the files of the edge share: the threads, one connection, and who does what with it. Included by
 * server/edge/net*.c alone. Everything of a thread, its connections included, is touched by that thread
 * alone. */
#pragma once
#include "server/edge/admission.h"
#include "server/edge/net.h"
#include "server/edge/net_words.h"
#include "server/edge/wheel.h"
#include "server/session/session_link.h"
#include <libwebsockets.h>
#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

enum {
    NET_LOOKS = 256,   /* players looked at before a thread reads again: some 3 ms, if each is written to */
    NET_VOLLEY = 64,   /* frames that are made before the first of them leaves: 16 KB of them */
    NET_SMALL = 224,   /* bytes of such a frame at most: with the library's headroom four cache lines */
    NET_TURN_MS = 250, /* how often a thread's wheel turns and its counts are handed in */
    NET_BUFFER = LIMIT_FRAME / 3 * 4 + 2048, /* one whole message in base64, or one piece of a page */
    NET_RX_BYTES = 32,          /* of one message read at once: most inputs; kept for each connection */
    NET_HEADERS = 8192,         /* bytes of one request's headers; more are refused */
    NET_STALL_S = 15,           /* a page's reader that takes nothing for this long is hung up on */
    NET_GOODBYE_S = 3,          /* how long a peer may take to answer our closing frame */
    NET_LEAVING_S = 1,          /* the library's own goodbye after a fault of framing, which can't be heard */
    NET_ENDING_S = 5,           /* how long a peer may take to make room for its BYE */
    NET_LOOK_S = 5,             /* how often it is looked whether who waits for an answer is still there */
    NET_ORIGIN = 256,           /* bytes of an Origin with its end */
    NET_HELLOS = 16,            /* links that one connection may begin: seats are not to be had for nothing */
    NET_CONNECTION_BYTES = 152, /* with the session less than 512 */
    NET_CALLBACKS_MAX = 2000,   /* pieces from one player in a second; 128 of the largest inputs need 1,280 */
};

enum connection_state {
    CONNECTION_NEW,     /* accepted; TLS or the request's headers are under way */
    CONNECTION_HTTP,    /* between requests */
    CONNECTION_SERVING, /* a page is being written, piece by piece */
    CONNECTION_BODY,    /* a post to a link is being read */
    CONNECTION_HELD,    /* a request of a link that waits for its answer, or for more of it */
    CONNECTION_ENDED,   /* its answer ends with what is still being written; then it closes */
    CONNECTION_PLAY,    /* a WebSocket of ours */
    CONNECTION_ECHO,    /* a WebSocket that echoes (TIDEWIRE_ECHO) */
    CONNECTION_ENDING,  /* will be told BYE as soon as it takes it */
    CONNECTION_TOLD,    /* was sent our closing frame; waits for its answer */
    CONNECTION_LEAVING, /* the library closes it, as a rule for a fault of framing: write nothing */
    CONNECTION_GONE,    /* closed or killed: write nothing, wait for nothing */
};

struct net_thread;
struct echo;
struct newcomer;

struct exchange { /* one request of a link, from its headers to the end of its answer */
    enum link_way way;
    struct link_name name;   /* of all but BEGIN */
    struct link_holds holds; /* of downlinks */
    uint32_t number;         /* of POST */
    uint64_t held_us, wrote_us;
    char origin[NET_ORIGIN]; /* of another page that may hear the answer; empty: there is none */
    size_t body_size, body_due;
    uint8_t body[]; /* body_due bytes */
};

struct gathered { /* a message that comes in pieces; there from the first piece to the last only */
    uint16_t size, fragments; /* so far */
    uint8_t bytes[LIMIT_MESSAGE_UP];
};

/* One socket, from accept until the library lets go of it. There are as many as players, so its size counts.
 */
struct connection {
    struct lws *wsi;
    struct net_thread *thread;
    struct wheel_timer timer;     /* the one timer: handshake, HELLO, ping, silence, closing */
    struct attachment attachment; /* the session's */
    union {
        struct {                       /* before it is a WebSocket */
            struct exchange *exchange; /* of BODY, HELD */
            const uint8_t *body;       /* of SERVING: what is left of the page */
        };
        struct newcomer *newcomer; /* of NEW: its proxy's header is awaited, there is no wsi yet */
        struct gathered *message;  /* of a player's WebSocket; or NULL */
        struct echo *echo;         /* of ECHO */
    };
    uint64_t heard_us; /* when the peer last gave a sign of life */
    union {
        uint32_t body_left; /* of SERVING: bytes */
        uint32_t opened_s;  /* of a WebSocket: second by whose beginning it was open */
    };
    uint32_t place;      /* in admission; 0: not counted by address */
    uint32_t talker;     /* where it stands among the thread's talkers */
    uint32_t wrote_wake; /* number of the wake-up of the last write */
    union {
        uint32_t queued;   /* of SERVING: bytes that waited in the kernel when last looked at */
        uint32_t window_s; /* of a WebSocket: second that is counted */
    };
    uint16_t window_count; /* callbacks in it */
    uint16_t end_code;     /* of ENDING, TOLD */
    uint8_t state;         /* enum connection_state */
    uint8_t hellos;        /* links that were begun over it */
    bool websocket : 1;    /* it is one */
    bool echoes : 1;
    bool waiting : 1;    /* owed a frame as soon as it can be written */
    bool pinged : 1;     /* since it was last heard */
    bool talking : 1;    /* among the thread's talkers */
    bool local : 1;      /* the peer is this machine, and no proxy for others */
    bool listed : 1;     /* the peer is a listed proxy */
    bool named : 1;      /* a client that is counted was behind it already */
    struct address peer; /* or the client behind it */
};
_Static_assert(sizeof(struct connection) <= NET_CONNECTION_BYTES,
               "an idle player is to cost next to nothing");

struct small_frame { /* made, and about to leave */
    struct connection *connection;
    size_t size;
    uint8_t bytes[LWS_PRE + NET_SMALL];
};

struct net_thread {
    struct net *net;
    uint32_t number;
    pthread_t thread;
    bool running, opened; /* its thread runs; its loop stands */
    bool accepting;       /* false: drained, or paused for want of places or descriptors */
    bool refused;         /* somebody, in this round of accepting */
    int listener;         /* -1: none */
    uv_loop_t loop;
    uv_async_t woken;
    uv_prepare_t preparing;
    uv_check_t checking;
    bool reading;      /* from `preparing` to `checking`: what the library hands on, it has just read */
    uv_idle_t looking; /* runs while there are some to look at */
    void *tls;         /* its library's SSL_CTX; NULL: plain */
    void *renewed;     /* the net's, held by this thread as well */
    uint32_t renewals; /* that it knows of */
    bool published;    /* woken, and not yet looked */
    uv_timer_t turning;
    uv_poll_t listening;
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct broadcaster *broadcaster;
    struct wheel wheel;
    struct connection **talkers; /* its WebSockets and held requests; room for connections_max */
    uint32_t talker_count;
    atomic_uint follower_count;  /* of them, the first: those who follow a session; this thread's */
    uint32_t unlooked;           /* of them, the first ones: still to be looked at in this round */
    uint32_t heard;              /* which of them was heard last */
    bool mixed;                  /* followers of the same room do not stand together */
    struct newcomer *newcomers;  /* proxies' headers that are awaited */
    struct connection *adopting; /* being handed to the library right now */
    bool adopted;                /* the library made something of it */
    bool killed;                 /* a connection waits for the library's next turn to be killed */
    uint32_t wakes;
    struct small_frame volley[NET_VOLLEY];
    uint32_t volley_count;
    char peer[ADDRESS_TEXT];                                    /* net_peer's */
    uint64_t messages, message_bytes, writes, held_back, turns; /* not handed in to the metrics yet */
    uint8_t buffer[LWS_PRE + NET_BUFFER]; /* what is being written, with the library's headroom */
};

struct page {   /* one file of the page's folder, read at start, never changed */
    char *path; /* as in the request: "/", "/assets/index-1a2b3c4d.js" */
    const char *type;
    uint8_t *bytes, *packed; /* packed: its .gz neighbour, or NULL */
    size_t size, packed_size;
    char etag[20];
    bool immutable; /* its name holds a hash of its content */
};

enum { NET_PEM_PATH = CONFIG_TEXT + 24 /* a setting, or the state folder and a name of ours */ };

struct net {
    struct net_outside outside;
    struct net_thread *threads;
    uint32_t thread_count;
    struct page *pages; /* sorted by path */
    size_t page_count;
    uint8_t ticket_keys[80]; /* shared, so that a TLS session is taken up again on any thread; others for
                                each pair */
    char certificate[NET_PEM_PATH], key[NET_PEM_PATH];
    /* An empty SSL_CTX for clients: else the library reads all that the system trusts, and leaks it. */
    void *client_tls;
    pthread_mutex_t renewing; /* guards `renewed` and `ticket_keys` */
    void *renewed;            /* an SSL_CTX with the pair that was read last; NULL: since the start none */
    atomic_uint renewals;     /* how many were read */
    uint64_t started_us;
    uint32_t news; /* as of the last wake-up */
    uint32_t connections_max, talkers_max;
    struct admission *admission;
    struct networks proxies; /* that are believed */
    uint64_t memory_limit;   /* bytes */
    uint32_t memory_turns;   /* of the first thread, which looks at the memory */
    atomic_uint talking;     /* WebSockets and held requests */
    atomic_bool draining, stopping, ended;
};

/* ---- net.c */
/* The address of the peer, or of the client behind it, without a port; until the next call on this thread. */
const char *net_peer(const struct connection *connection);
/* For a socket that admission has counted; it is given back with the connection. */
struct connection *net_connection_make(struct net_thread *thread, const struct address *peer);
void net_connection_free(struct connection *connection);
void net_due_in(struct connection *connection, uint64_t now_us, uint32_t seconds); /* moves its timer */
/* Ends the socket without a word at the library's next turn. Its struct lives until then. */
void net_kill(struct connection *connection);
/* Writes to the connection what is in its thread's buffer behind LWS_PRE. False: it is dead, and killed. */
bool net_write(struct connection *connection, size_t size, enum lws_write_protocol as);
/* The same from a buffer of its own; the library changes what is before LWS_PRE. */
bool net_write_from(struct connection *connection, uint8_t *bytes, size_t size, enum lws_write_protocol as);

/* ---- net_listen.c */
bool net_listen(struct net *net);                 /* binds each thread's socket; false after a log line */
bool net_listen_start(struct net_thread *thread); /* false after a log line */
void net_listen_stop(struct net_thread *thread);  /* closes the socket */
void net_listen_again(struct net_thread *thread); /* after a pause for want of descriptors */
bool net_descriptors_raise(struct net *net);      /* false after a log line: there are too few */
struct address net_socket_peer(int fd);

/* Hands a socket to the library, which owns it from then on, whatever comes of it. */
void net_adopt(struct connection *connection, int fd);

/* ---- net_admit.c */
bool net_admission_make(struct net *net);
void net_admission_turn(struct net *net); /* about four times a second, on one thread */
void net_tell_refused(enum admission_verdict verdict, const char *address);
/* Whether this client may be behind the connection; it then counts by its address, and if it is `fresh` as a
 * new connection of it. False: it was told. */
bool net_admit(struct connection *connection, const struct address *client, bool fresh);
/* Before each request: if a listed proxy brings it for somebody, that is who the connection is from now on.
 * `fresh`: not if it goes on with what was begun, since some proxies open a connection for each request.
 * False: this somebody is refused. */
bool net_forwarded(struct connection *connection, bool fresh);

/* ---- net_proxy.c */
/* Reads the proxy's header first, then admits and adopts. False: out of memory; the socket is the caller's.
 */
bool net_proxy_wait(struct connection *connection, int fd);
void net_proxy_drop(struct newcomer *newcomer); /* closes its socket, frees its connection */

/* ---- net_tls.c */
bool net_tls_prepare(struct net *net); /* finds or makes the certificate, checks it; false after a log line */
void net_tls_finish(struct net *net);
void net_tls_fill(struct net *net, struct lws_context_creation_info *info);
int net_tls_context(struct net_thread *thread, void *ssl_ctx); /* the library's callback; 0: fine */
void net_tls_renew(struct net_thread *thread); /* takes the renewed pair, if there is a new one */

/* ---- net_http.c, net_page.c, net_upgrade.c */
int net_http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size);
void net_http_due(struct connection *connection, uint64_t now_us);
struct net_reply {
    unsigned status;
    const char *type, *headers; /* headers: whole lines with their ends, or NULL */
    const void *body;
    size_t size;
    bool piece;       /* the body is a message: its length goes before it */
    bool head, close; /* head: without the body, as for HEAD; close: the connection ends with it */
    bool endless;     /* the body follows until the connection ends */
};
/* Writes a whole answer; a body that is not in the thread's buffer by then must outlive the net. Returns what
 * the library's callback must return. */
int net_reply(struct connection *connection, const struct net_reply *reply);
/* Writes the head of an endless answer with the beginning of its body. False: the connection is dead. */
bool net_reply_begin(struct connection *connection, const struct net_reply *reply);
/* The line of headers that goes with 503. */
enum { NET_RETRY_AFTER = 32 };
const char *net_retry_after(char into[NET_RETRY_AFTER]);
int net_reply_text(struct connection *connection, unsigned status, const char *headers, const char *text);
/* The request's header as a string; false: not there, or it doesn't fit. */
bool net_header(struct connection *connection, enum lws_token_indexes which, char *into, size_t size);
bool net_pages_load(struct net *net);
void net_pages_free(struct net *net);
int net_page(struct connection *connection, const char *path);
/* Whether a page of this request's Origin may talk to us; `host` is its Host. */
bool net_origin_allowed(struct connection *connection, const char *host);
/* Whether this request may become a WebSocket: 0 yes, else it was refused. For the library's callback. */
int net_upgrade(struct connection *connection);

/* ---- net_link.c */
/* A request at or below /play that is no upgrade; `method` is the library's LWSHUMETH_. This and what follows
 * return what the library's callback must return. */
int net_link(struct connection *connection, const char *path, int method);
int net_link_body(struct connection *connection, const uint8_t *bytes, size_t size);
int net_link_body_end(struct connection *connection);
/* The answer to the connection's exchange, which ends with it; `headers` of the answer are its own only. */
int net_link_answer(struct connection *connection, const struct net_reply *answer);
int net_link_answer_empty(struct connection *connection, unsigned status, const char *more);
void net_link_headers(const struct exchange *exchange, const char *more, char *into, size_t size);
int net_link_answer_bye(struct connection *connection, unsigned status, enum code code);
unsigned net_link_status(enum code code); /* the HTTP status that goes with a code */

/* ---- net_down.c */
/* The connection's exchange is attached to its session: answers it, or holds it until there is something to
 * say. */
int net_down_open(struct connection *connection);
/* The whole state as its answer; 304 if `known` (If-None-Match) names it. */
int net_down_state(struct connection *connection, const char *known);
void net_down_wake(struct connection *connection, uint64_t now_us);
int net_down_writable(struct connection *connection);
void net_down_due(struct connection *connection, uint64_t now_us);

/* ---- net_ws.c */
int net_ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size);
/* Something was published: all who follow are to be looked at. */
void net_ws_wake(struct net_thread *thread);
/* Looks at the next of them, NET_LOOKS at most, and writes what is due to each. */
void net_ws_look(struct net_thread *thread, uint64_t now_us);
void net_ws_group(struct net_thread *thread); /* has followers of the same room stand together */
void net_ws_due(struct connection *connection, uint64_t now_us);
/* Also of the echo: opens, closes, forgets. */
void net_ws_open(struct connection *connection, enum connection_state state);
void net_ws_gone(struct connection *connection);
void net_ws_end(struct connection *connection, unsigned code); /* tells why, then closes */
void net_talk(struct connection *connection);                  /* joins the thread's talkers */
void net_follow(struct connection *connection); /* of them: is looked at whenever something was published */
void net_count_write(struct connection *connection);
void net_tell_end(const struct connection *connection, unsigned code); /* to log and metrics */
void net_ws_say_goodbye(struct connection *connection);

/* ---- net_volley.c */
/* A WebSocket's message leaves with the next volley. False: it is too long for that. */
bool net_volley(struct connection *connection, const uint8_t *bytes, size_t size);
/* Writes what was made. Before the thread's loop goes on: until then no connection of theirs changes. */
void net_volley_fire(struct net_thread *thread);
/* Hints: so many bytes; what the library has of a connection's socket; what that points to. */
void net_fetch(const void *from, size_t bytes);
void net_fetch_socket(const struct connection *connection);
void net_fetch_framing(const struct connection *connection);

/* ---- net_echo.c */
void net_echo_free(struct connection *connection);
int net_echo_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size);

/* ---- net_log.c */
void net_log_start(void); /* from now on the library's own lines come through ours */
