#include "tests/golden/known.h"
#include "tests/check.h"
#include <inttypes.h>
#include <stdarg.h>

static char events_text[KNOWN_BYTES], answers_text[KNOWN_BYTES]; /* of this vector so far, one a line */

static void put(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(char *text, const char *format, ...) {
    size_t length = strlen(text);
    va_list words;
    va_start(words, format);
    vsnprintf(text + length, KNOWN_BYTES - length, format, words);
    va_end(words);
}

static void put_values(char *text, const struct shape *shape, const int32_t *cells, bool first) {
    for (int i = 0; i < shape->field_count; i++, first = false) {
        const struct shape_field *field = &shape->fields[i];
        const char *comma = first ? "" : ", ";
        if (field->type == SCHEMA_TEXT)
            put(text, "%s\"%s\"", comma, (const char *)(cells + field->cell));
        else
            put(text, "%s%" PRId32, comma, cells[field->cell]);
    }
}

static void note_events(const struct client *client) {
    const struct frame_slice *list = &client->frame.lists[FRAME_EVENTS];
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    struct replica_event event = {.number = client->events_before};
    while (replica_event_next(client->shapes, &reader, client->replica.tick, &event)) {
        put(events_text, "%s[%u, %u, %u", events_text[0] ? ",\n" : "", event.number, event.record,
            event.tick);
        put_values(events_text, &client->shapes->records[event.record], event.cells, false);
        put(events_text, "]");
    }
}

/* Numbers, and the one text that TOLD has. */
static void note_answers(const struct client *client) {
    const struct frame_slice *list = &client->frame.lists[FRAME_ANSWERS];
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    for (uint32_t i = 0; i < list->elements; i++) {
        uint32_t elements = wire_read_array(&reader);
        uint64_t type = wire_read_uint(&reader, MESSAGE_ACKS);
        bool words_follow = type == MESSAGE_REPLY && elements == 4;
        put(answers_text, "%s[%" PRIu64, answers_text[0] ? ",\n" : "", type);
        for (uint32_t at = 1; at + words_follow < elements; at++)
            put(answers_text, ", %" PRIu64, wire_read_uint(&reader, UINT64_MAX));
        if (words_follow) {
            char words[LIMIT_TEXT];
            wire_read_text(&reader, words, sizeof words);
            put(answers_text, ", \"%s\"", words);
        }
        put(answers_text, "]");
    }
    EXPECT(wire_read_all(&reader));
}

static void put_rows(char *text, const struct client *client) {
    const char *comma = "";
    for (uint32_t row = 0; row < client->shapes->row_count; row++) {
        const int32_t *cells = replica_row(&client->replica, row);
        if (!cells) continue;
        put(text, "%s\n\"%u\": [", comma, row);
        put_values(text, &shape_kind_of(client->shapes, row)->row, cells, true);
        put(text, "]");
        comma = ",";
    }
}

const char *known_text(const struct client *client) {
    static char text[KNOWN_BYTES];
    text[0] = 0;
    put(text, "\"expect\": {\n\"tick\": %u,\n\"hash\": \"0x%016" PRIx64 "\",\n\"rows\": {",
        client->replica.tick, replica_hash(&client->replica));
    put_rows(text, client);
    put(text, "\n},\n\"events\": [\n%s\n],\n\"answers\": [\n%s\n]}}", events_text, answers_text);
    return text;
}

void known_begin(void) {
    events_text[0] = answers_text[0] = 0;
}

enum client_news known_take(struct rig_client *client, const uint8_t *bytes, size_t size) {
    enum client_news news = rig_read(client, bytes, size);
    if (news == CLIENT_FRAME) {
        note_events(&client->client);
        note_answers(&client->client);
    }
    return news;
}
