#include "tests/load/scrape.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void scrape_init(struct scrape *scrape, const struct address *address, const struct link_security *security) {
    bool six = strchr(address->host, ':');
    *scrape = (struct scrape){.security = security, .link.state = LINK_CLOSED};
    scrape->ask_size =
        (size_t)snprintf(scrape->ask, sizeof scrape->ask,
                         "GET /metrics HTTP/1.1\r\nHost: %s%s%s:%s\r\nConnection: close\r\n\r\n",
                         six ? "[" : "", address->host, six ? "]" : "", address->port);
}

void scrape_at(struct scrape *scrape, const struct sockaddr *to, socklen_t to_size) {
    scrape->to = to;
    scrape->to_size = to_size;
}

bool scrape_due(const struct scrape *scrape, uint64_t now_us) {
    return scrape->to && !scrape->open && now_us >= scrape->next_us;
}

static void close_it(struct scrape *scrape) {
    link_close(&scrape->link);
    free(scrape->answer);
    scrape->answer = NULL;
    scrape->answer_size = 0;
    scrape->open = scrape->watched = scrape->asked = false;
}

void scrape_ask(struct scrape *scrape, uint64_t now_us) {
    scrape->next_us = now_us + SCRAPE_EVERY_US;
    scrape->answer = malloc(SCRAPE_BYTES);
    scrape->open = scrape->answer && link_open(&scrape->link, scrape->to, scrape->to_size, scrape->security);
    if (!scrape->open) close_it(scrape);
}

/* ---- The answer. */

/* A metric without labels; 0 if it is not there. */
static double metric(const char *text, const char *name) {
    size_t length = strlen(name);
    for (const char *at = strstr(text, name); at; at = strstr(at + 1, name))
        if ((at == text || at[-1] == '\n') && at[length] == ' ') return strtod(at + length, NULL);
    return 0;
}

void scrape_read(const char *text, struct scrape_sample *sample) {
    sample->cpu_us = metric(text, "tidewire_cpu_us");
    sample->ticks = metric(text, "tidewire_ticks_total");
    sample->tick_us = metric(text, "tidewire_tick_us_total");
    sample->ticks_slipped = metric(text, "tidewire_ticks_slipped_total");
    sample->tick_p99_us = metric(text, "tidewire_tick_p99_us");
    sample->tick_late_p99_us = metric(text, "tidewire_tick_late_p99_us");
    sample->memory_bytes = metric(text, "tidewire_memory_bytes");
    sample->connections = metric(text, "tidewire_connections");
}

static void take_answer(struct scrape *scrape, uint64_t now_us) {
    scrape->answer[scrape->answer_size] = 0;
    if (!strstr(scrape->answer, "\ntidewire_ticks_total ")) return;
    scrape_read(scrape->answer, &scrape->newest);
    scrape->newest.at_us = now_us;
    if (!scrape->idle.at_us) scrape->idle = scrape->newest;
}

static void read_more(struct scrape *scrape, uint64_t now_us) {
    for (;;) {
        size_t room = SCRAPE_BYTES - 1 - scrape->answer_size;
        size_t got =
            room ? link_read(&scrape->link, (uint8_t *)scrape->answer + scrape->answer_size, room) : 0;
        scrape->answer_size += got;
        if (got == 0) break;
    }
    if (scrape->link.state != LINK_CLOSED) return;
    take_answer(scrape, now_us);
    close_it(scrape);
}

void scrape_ready(struct scrape *scrape, uint64_t now_us) {
    if (!scrape->open) return;
    enum link_state state = scrape->asked ? LINK_OPEN : link_proceed(&scrape->link, scrape->security);
    if (state == LINK_CLOSED) {
        close_it(scrape);
        return;
    }
    if (state != LINK_OPEN) return;
    if (!scrape->asked && !link_write(&scrape->link, (const uint8_t *)scrape->ask, scrape->ask_size)) {
        close_it(scrape);
        return;
    }
    scrape->asked = true;
    read_more(scrape, now_us);
}

/* ---- What it comes to. */

void scrape_begin(struct scrape *scrape) {
    scrape->first = scrape->newest;
}

struct scraped scrape_result(const struct scrape *scrape) {
    const struct scrape_sample *first = &scrape->first, *last = &scrape->newest;
    double passed_us = (double)(last->at_us - first->at_us), ticks = last->ticks - first->ticks;
    struct scraped result = {.known = first->at_us && passed_us > 0};
    if (!result.known) return result;
    result.cpu_cores = (last->cpu_us - first->cpu_us) / passed_us;
    result.tick_mean_us = ticks > 0 ? (last->tick_us - first->tick_us) / ticks : 0;
    result.tick_p99_us = last->tick_p99_us;
    result.tick_late_p99_us = last->tick_late_p99_us;
    result.ticks_slipped = last->ticks_slipped - first->ticks_slipped;
    result.memory_bytes = last->memory_bytes;
    result.connections = last->connections;
    double more = last->connections - scrape->idle.connections;
    if (more > 0) result.memory_per_connection = (last->memory_bytes - scrape->idle.memory_bytes) / more;
    return result;
}

void scrape_end(struct scrape *scrape) {
    close_it(scrape);
}
