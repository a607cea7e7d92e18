/* What a stranger may send without WebSocket: the path of a request, what stands in its query and headers,
 * and a body of messages, each with its length. Up to a newline it is read as text, all of it as a body. */
#include "protocol/piece.h"
#include "server/edge/net_words.h"
#include "tests/fuzz/fuzz.h"
#include <stdio.h>

enum { TEXT_BYTES = 512 };

/* What is let in is spelled in one way only. */
static void read_path(const char *path) {
    static const char *const ends[] = {[LINK_POST] = "",
                                       [LINK_STREAM] = "/stream",
                                       [LINK_SSE] = "/sse",
                                       [LINK_POLL] = "/poll",
                                       [LINK_STATE] = "/state"};
    struct link_name name;
    char again[TEXT_BYTES];
    enum link_way way = words_path(path, &name);
    if (way == LINK_NOTHING || way == LINK_BEGIN) return;
    snprintf(again, sizeof again, "/play/%s-%u%s", name.token, name.epoch, ends[way]);
    CHECK(strcmp(again, path) == 0);
}

static void read_numbers(const char *text) {
    char again[TEXT_BYTES];
    uint32_t number, tick, event;
    snprintf(again, sizeof again, "%s", text);
    if (words_number(text, &number)) snprintf(again, sizeof again, "%u", number);
    if (words_event_id(text, &tick, &event)) snprintf(again, sizeof again, "%u.%u", tick, event);
    CHECK(strcmp(again, text) == 0);
}

static void read_row(const uint8_t *bytes, size_t size) {
    struct piece_reader reader = piece_reader_init(bytes, size);
    const uint8_t *message, *last = bytes;
    size_t length;
    while (piece_next(&reader, &message, &length)) {
        CHECK(message > last || length == 0);
        CHECK(message >= bytes && length <= size && message + length <= bytes + size);
        last = message;
    }
    CHECK(reader.failed || reader.at == bytes + size || size == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    char text[TEXT_BYTES];
    size_t length = 0;
    for (; length < size && length < sizeof text - 1 && bytes[length] && bytes[length] != '\n'; length++)
        text[length] = (char)bytes[length];
    text[length] = 0;
    read_path(text);
    read_numbers(text);
    read_row(bytes, size);
    return 0;
}
