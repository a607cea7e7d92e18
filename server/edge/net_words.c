#include "server/edge/net_words.h"

/* Reads digits up to `end`, of which there must be some. */
static bool read_number(const char *text, const char *end, uint32_t *number) {
    uint64_t sum = 0;
    if (text == end || (*text == '0' && end - text > 1) || end - text > 10) return false;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9') return false;
        sum = sum * 10 + (uint64_t)(*text - '0');
    }
    *number = (uint32_t)sum;
    return sum <= UINT32_MAX;
}

bool words_number(const char *text, uint32_t *number) {
    return read_number(text, text + strlen(text), number);
}

bool words_event_id(const char *text, uint32_t *tick, uint32_t *event) {
    const char *dot = strchr(text, '.');
    return dot && read_number(text, dot, tick) && words_number(dot + 1, event);
}

static bool read_token(const char *text, char token[LIMIT_TOKEN]) {
    size_t digits = strspn(text, "0123456789abcdef");
    if (digits != LIMIT_TOKEN - 1) return false;
    memcpy(token, text, digits);
    token[digits] = 0;
    return true;
}

static enum link_way way_of(const char *rest) {
    static const struct {
        const char *word;
        enum link_way way;
    } ways[] = {{"", LINK_POST},
                {"/stream", LINK_STREAM},
                {"/sse", LINK_SSE},
                {"/poll", LINK_POLL},
                {"/state", LINK_STATE}};
    for (size_t i = 0; i < COUNT_OF(ways); i++)
        if (strcmp(rest, ways[i].word) == 0) return ways[i].way;
    return LINK_NOTHING;
}

enum link_way words_path(const char *path, struct link_name *name) {
    if (strcmp(path, "/play") == 0) return LINK_BEGIN;
    if (strncmp(path, "/play/", 6) != 0 || !read_token(path + 6, name->token)) return LINK_NOTHING;
    const char *epoch = path + 6 + LIMIT_TOKEN - 1;
    if (*epoch++ != '-') return LINK_NOTHING;
    size_t digits = strcspn(epoch, "/");
    return read_number(epoch, epoch + digits, &name->epoch) ? way_of(epoch + digits) : LINK_NOTHING;
}
