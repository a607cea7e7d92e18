#include "server/session/session_link.h"
#include "protocol/piece.h"
#include "server/keep/token.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/session/session_inside.h"
#include <stdlib.h>

struct early { /* a post that overtook others */
    uint32_t number;
    size_t size;
    uint8_t *bytes; /* NULL: this place is free */
};

struct link {
    struct attachment attachment; /* what its messages may still be, as a connection has it */
    uint32_t downlink;            /* the newest; only it is written to */
    uint32_t posts;               /* applied so far */
    struct early early[LINK_POSTS_EARLY];
    /* When its last request came; 0: its HELLO is not answered. Once it is `ended` or `told`: since when. */
    uint64_t heard_us;
    bool met;    /* a request came after the HELLO */
    bool ended;  /* it was seen to have ended: its time to be told runs */
    bool told;   /* its client knows that it ended */
    bool pulled; /* the session's sets are not what its client holds */
    struct link_origin origin;
};

/* ---- Beginning and end. */

void link_begin(struct session *session, const struct attachment *attachment) {
    session->link = calloc(1, sizeof *session->link);
    if (session->link) {
        session->link->attachment = *attachment;
        metrics_add(METRIC_links, 1);
    } else {
        session->epoch = 0;
    }
}

void link_end(struct session *session) {
    if (!session->link) return;
    for (int i = 0; i < LINK_POSTS_EARLY; i++) free(session->link->early[i].bytes);
    if (!session->link->told) metrics_take(METRIC_links, 1);
    free(session->link);
    session->link = NULL;
}

static void note_told(struct session *session, uint64_t now_us) {
    if (!session->link || session->link->told || session->state != SESSION_ENDING) return;
    session->link->told = true;
    session->link->heard_us = now_us;
    metrics_take(METRIC_links, 1);
}

void link_tell(struct sessions *sessions, const struct attachment *attachment, uint64_t now_us) {
    struct session *session = session_lock(sessions, attachment);
    if (!session) return;
    note_told(session, now_us);
    session_unlock(session);
}

static uint32_t patience_s(const struct sessions *sessions, const struct session *session) {
    if (session->state != SESSION_ENDING) return session->link->met ? sessions->silence_s : LINK_MET_S;
    return session->link->told ? LINK_TOLD_S : LINK_ENDED_S;
}

bool link_is_silent(const struct sessions *sessions, struct session *session, uint64_t now_us) {
    struct link *link = session->link;
    if (!link || !link->heard_us) return false; /* who has no link, or not yet, has a connection */
    if (session->state == SESSION_ENDING && !link->ended) {
        link->ended = true;
        if (!link->told) link->heard_us = now_us;
    }
    return now_us > link->heard_us + patience_s(sessions, session) * UINT64_C(1000000);
}

bool link_name(struct sessions *sessions, const struct attachment *attachment, uint64_t now_us,
               struct link_name *name) {
    struct session *session = session_lock(sessions, attachment);
    if (!session) return false;
    if (session->link) session->link->heard_us = now_us;
    session_token(session, name->token);
    name->epoch = attachment->epoch;
    session_unlock(session);
    return true;
}

/* ---- Finding it. */

static enum link_standing judge(const struct session *session, uint32_t epoch, enum code *code) {
    *code = CODE_NONE;
    if (epoch > session->epochs || epoch == 0) return LINK_UNKNOWN;
    if (epoch < session->epochs) {
        *code = CODE_REPLACED;
        return LINK_TAKEN;
    }
    if (session->state == SESSION_ENDING)
        *code = (enum code)session->end_code;
    else if (!session->link || session->epoch != epoch)
        *code = CODE_SILENT;
    return *code == CODE_NONE ? LINK_STANDS : LINK_ENDED;
}

/* The session of this link, locked, if the link stands; else NULL. */
static struct session *find(struct sessions *sessions, const struct link_name *name, uint64_t now_us,
                            enum link_standing *standing, enum code *code) {
    char digits[9] = {0}, token[LIMIT_TOKEN];
    memcpy(digits, name->token, 8);
    *standing = LINK_UNKNOWN;
    struct session *session = session_find(sessions, (uint32_t)strtoul(digits, NULL, 16));
    if (!session) return NULL;
    session_token(session, token);
    if (token_equal(token, name->token)) *standing = judge(session, name->epoch, code);
    if (*standing == LINK_STANDS) {
        session->link->met = true;
        session->link->heard_us = now_us;
        return session;
    }
    if (*standing == LINK_ENDED) note_told(session, now_us);
    session_unlock(session);
    return NULL;
}

/* A rule was broken, or the client left: its downlink will say so. */
static void finish(struct sessions *sessions, struct session *session, enum code code) {
    session_finish(sessions, session, code, code == CODE_LEFT ? GAME_LEFT : GAME_KICKED);
}

/* ---- Posts. */

static enum code apply(struct sessions *sessions, struct session *session, const struct link_post *post,
                       uint64_t now_us) {
    struct piece_reader reader = piece_reader_init(post->bytes, post->size);
    const uint8_t *message;
    size_t size;
    uint64_t count = 0;
    enum code code = CODE_NONE;
    while (code == CODE_NONE && piece_next(&reader, &message, &size)) {
        if (size == 0) continue; /* no message, only a sign that the line stands */
        code = size > LIMIT_MESSAGE_UP
                   ? CODE_TOO_LONG
                   : session_take(sessions, session, &session->link->attachment, message, size, now_us);
        count++;
    }
    session->link->posts = post->number;
    metrics_add(METRIC_posts, 1);
    metrics_add(METRIC_messages, count);
    metrics_add(METRIC_message_bytes, post->size);
    return code == CODE_NONE && reader.failed ? CODE_MALFORMED : code;
}

/* Applies what had waited for the post that was applied last. */
static enum code apply_early(struct sessions *sessions, struct session *session, uint64_t now_us) {
    struct link *link = session->link;
    enum code code = CODE_NONE;
    for (int i = 0; i < LINK_POSTS_EARLY && code == CODE_NONE; i++) {
        struct early *early = &link->early[i];
        if (!early->bytes || early->number > link->posts + 1) continue;
        struct link_post post = {early->number, early->bytes, early->size};
        if (early->number == link->posts + 1) code = apply(sessions, session, &post, now_us);
        free(early->bytes);
        early->bytes = NULL;
        i = -1; /* another may be next now */
    }
    return code;
}

static enum link_standing keep_early(struct link *link, const struct link_post *post) {
    struct early *place = NULL;
    for (int i = 0; i < LINK_POSTS_EARLY; i++) {
        if (!link->early[i].bytes)
            place = &link->early[i];
        else if (link->early[i].number == post->number)
            return LINK_STANDS; /* said twice */
    }
    if (place) place->bytes = malloc(post->size + 1);
    if (!place || !place->bytes) return LINK_AHEAD;
    memcpy(place->bytes, post->bytes, post->size);
    place->number = post->number;
    place->size = post->size;
    metrics_add(METRIC_posts_early, 1);
    return LINK_STANDS;
}

static enum link_standing take_post(struct sessions *sessions, struct session *session,
                                    const struct link_post *post, uint64_t now_us, enum code *code) {
    struct link *link = session->link;
    if (session_floods(sessions, &link->attachment, now_us)) {
        *code = CODE_FLOOD;
    } else if (post->number <= link->posts) {
        metrics_add(METRIC_posts_repeated, 1);
    } else if (post->number > link->posts + 1) {
        return keep_early(link, post);
    } else {
        *code = apply(sessions, session, post, now_us);
        if (*code == CODE_NONE) *code = apply_early(sessions, session, now_us);
    }
    if (*code != CODE_NONE) finish(sessions, session, *code);
    return LINK_STANDS;
}

enum link_standing link_take_post(struct sessions *sessions, const struct link_name *name,
                                  const struct link_post *post, uint64_t now_us, enum code *code) {
    enum link_standing standing;
    struct session *session = find(sessions, name, now_us, &standing, code);
    if (!session) return standing;
    standing = take_post(sessions, session, post, now_us, code);
    session_unlock(session);
    return standing;
}

/* ---- Downlinks. */

/* What was written and is not held was lost: WELCOME says from where it goes on, or that it begins anew. */
static void go_on(const struct sessions *sessions, struct session *session, const struct link_holds *holds,
                  uint64_t now_us) {
    if (session->state != SESSION_SEATED || !session->greeted) return;
    bool has_all = holds->said ? holds->tick == session->base : !session->framed;
    if (has_all && !session->link->pulled) {
        session_acknowledge(sessions, session, holds->tick, now_us);
        return;
    }
    session->kept = holds->said && session_take_back(session, holds->tick, holds->event);
    session->greeted = false;
    metrics_add(session->kept ? METRIC_links_taken_back : METRIC_links_begun_anew, 1);
}

static void tell_way(struct session *session, enum session_over over) {
    if (session->over == over) return;
    log_limited(LOG_INFO, "downlink", "player=%u name=%s over=%s was=%s", session->player,
                LOG_QUOTE(session->name), session_over_text(over), session_over_text(session->over));
    session->over = (uint8_t)over;
}

enum link_standing link_open(struct sessions *sessions, const struct link_name *name,
                             const struct link_holds *holds, uint64_t now_us, struct attachment *attachment,
                             enum code *code) {
    enum link_standing standing;
    struct session *session = find(sessions, name, now_us, &standing, code);
    if (!session) return standing;
    if (session_floods(sessions, &session->link->attachment, now_us)) {
        *code = CODE_FLOOD;
        finish(sessions, session, *code);
    } else {
        tell_way(session, attachment->over);
        if (holds) go_on(sessions, session, holds, now_us);
        attachment->session = session->id;
        attachment->epoch = session->epoch;
        attachment->downlink = ++session->link->downlink;
    }
    session_unlock(session);
    return standing;
}

bool link_speaks(const struct session *session, const struct attachment *attachment) {
    return !attachment->downlink || (session->link && session->link->downlink == attachment->downlink);
}

/* ---- Pulls. */

void link_welcome(struct session *session, const struct link_origin *origin) {
    if (!session->link) return;
    session->link->origin = *origin;
    session->link->pulled = false;
}

bool link_pull(struct session *session, uint32_t tick, struct link_origin *origin) {
    if (!session->link || !session->greeted) return false;
    *origin = session->link->origin;
    session->link->pulled = true;
    return tick - origin->tick <= LIMIT_ADVANCE;
}
