/* The library's own log lines, through ours: limited, without the lines that tell nothing. */
#include "server/log.h"
#include "server/edge/net_internal.h"

/* Said in ordinary conduct, or of what strangers do at will and we log ourselves. */
static const char *const harmless[] = {
    "malformed or absent conn hdr",
    "malformatted protocol list",
    "b63 of length must be zero",
    "Control frame with xtended length",
    "User code denied",
    "Client key too long",
    "calling service",
};

static bool is_harmless(const char *line) {
    for (size_t i = 0; i < COUNT_OF(harmless); i++)
        if (strstr(line, harmless[i])) return true;
    return false;
}

static void emit(int level, const char *line) {
    if (is_harmless(line)) return;
    char text[400];
    snprintf(text, sizeof text, "%.*s", (int)strcspn(line, "\n"), line);
    log_limited(level == LLL_ERR ? LOG_WARN : LOG_DEBUG, "libwebsockets", "line=%s", LOG_QUOTE(text));
}

void net_log_start(void) {
    lws_set_log_level(LLL_ERR | LLL_WARN, emit);
}
