/* What the bots are made of: frames put together from pieces, histograms within their error, URLs, and
 * inputs that stay in range. */
#include "protocol/base.h"
#include "tests/check.h"
#include "tests/load/address.h"
#include "tests/load/figures.h"
#include "tests/load/histogram.h"
#include "tests/load/pilot.h"
#include "tests/load/websocket.h"
#include <string.h>

static enum websocket_news next(struct websocket *websocket, const uint8_t *bytes, size_t size,
                                struct websocket_piece *piece, size_t *used) {
    const uint8_t *at = bytes;
    enum websocket_news news = websocket_next(websocket, &at, bytes + size, piece);
    *used = (size_t)(at - bytes);
    return news;
}

static void frames_are_read_once_they_are_whole(void) {
    struct websocket websocket = {0};
    struct websocket_piece piece;
    uint8_t bytes[300] = {0x82, 126, 0, 200};
    size_t used;
    for (size_t size = 0; size < 204; size++)
        EXPECT_EQ(next(&websocket, bytes, size, &piece, &used), WEBSOCKET_MORE);
    EXPECT_EQ(next(&websocket, bytes, sizeof bytes, &piece, &used), WEBSOCKET_MESSAGE);
    EXPECT_EQ(used, 204);
    EXPECT_EQ(piece.size, 200);
}

static void fragments_become_one_message_around_a_ping(void) {
    struct websocket websocket = {0};
    struct websocket_piece piece;
    const uint8_t bytes[] = {0x02, 2, 'a', 'b', 0x89, 1, 'p', 0x00, 1, 'c', 0x80, 1, 'd', 0x82, 1, 'e'};
    const uint8_t *at = bytes, *end = bytes + sizeof bytes;
    EXPECT_EQ(websocket_next(&websocket, &at, end, &piece), WEBSOCKET_NOTHING);
    EXPECT_EQ(websocket_next(&websocket, &at, end, &piece), WEBSOCKET_PINGED);
    EXPECT(piece.size == 1 && piece.bytes[0] == 'p');
    EXPECT_EQ(websocket_next(&websocket, &at, end, &piece), WEBSOCKET_NOTHING);
    EXPECT_EQ(websocket_next(&websocket, &at, end, &piece), WEBSOCKET_MESSAGE);
    EXPECT(piece.size == 4 && memcmp(piece.bytes, "abcd", 4) == 0);
    EXPECT_EQ(websocket_next(&websocket, &at, end, &piece), WEBSOCKET_MESSAGE);
    EXPECT(piece.size == 1 && piece.bytes[0] == 'e');
    EXPECT_EQ(websocket_next(&websocket, &at, end, &piece), WEBSOCKET_MORE);
    websocket_free(&websocket);
}

static void broken_frames_are_known(void) {
    static const uint8_t bad[][4] = {
        {0x82, 0x81, 0, 0}, /* masked */
        {0xC2, 0, 0, 0},    /* a reserved bit */
        {0x81, 0, 0, 0},    /* text */
        {0x80, 0, 0, 0},    /* goes on with nothing */
        {0x09, 0, 0, 0},    /* a PING in pieces */
        {0x83, 0, 0, 0},    /* no such frame */
        {0x89, 126, 0, 126} /* a PING too long */
    };
    uint8_t bytes[140] = {0};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct websocket websocket = {0};
        struct websocket_piece piece;
        size_t used;
        memcpy(bytes, bad[i], 4);
        EXPECT_EQ(next(&websocket, bytes, sizeof bytes, &piece, &used), WEBSOCKET_BROKEN);
    }
}

static void too_long_a_message_is_broken(void) {
    struct websocket websocket = {0};
    struct websocket_piece piece;
    const uint8_t huge[] = {0x82, 127, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    size_t used;
    EXPECT_EQ(next(&websocket, huge, sizeof huge, &piece, &used), WEBSOCKET_BROKEN);
}

static void closing_tells_its_code(void) {
    struct websocket websocket = {0};
    struct websocket_piece piece;
    const uint8_t with[] = {0x88, 2, 0x0F, 0xA1}, without[] = {0x88, 0};
    size_t used;
    EXPECT_EQ(next(&websocket, with, sizeof with, &piece, &used), WEBSOCKET_CLOSED);
    EXPECT_EQ(piece.code, 4001);
    EXPECT_EQ(next(&websocket, without, sizeof without, &piece, &used), WEBSOCKET_CLOSED);
    EXPECT_EQ(piece.code, 1005);
}

static void what_is_written_is_masked(void) {
    uint8_t out[200 + WEBSOCKET_HEAD], bytes[200];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)i;
    EXPECT_EQ(websocket_write(out, WEBSOCKET_BINARY, bytes, 100, 0x01020304), 106);
    EXPECT(out[0] == 0x82 && out[1] == (0x80 | 100));
    for (size_t i = 0; i < 100; i++) EXPECT_EQ(out[6 + i] ^ out[2 + i % 4], bytes[i]);
    EXPECT_EQ(websocket_write(out, WEBSOCKET_BINARY, bytes, 200, 7), 208);
    EXPECT(out[1] == (0x80 | 126) && out[2] == 0 && out[3] == 200);
}

/* The example of RFC 6455, section 1.3, is met by the digest; here the whole way round. */
static void an_upgrade_is_judged_by_its_answer(void) {
    struct websocket_upgrade upgrade = {"localhost", "80", "/play", "tidewire.1"};
    char ask[600], accept[32], answer[300], why[200];
    EXPECT(websocket_ask(&upgrade, ask, sizeof ask, accept) < sizeof ask);
    EXPECT_EQ(strlen(accept), 28);
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: %s\r\n\r\nxyz", accept);
    EXPECT_EQ(websocket_answer((uint8_t *)answer, 40, accept, why, sizeof why), 0);
    EXPECT_EQ(websocket_answer((uint8_t *)answer, (size_t)size, accept, why, sizeof why), size - 3);
    EXPECT_EQ(why[0], 0);
    EXPECT(websocket_answer((uint8_t *)answer, (size_t)size, "another", why, sizeof why) && why[0]);
    size = snprintf(answer, sizeof answer, "HTTP/1.1 503 Service Unavailable\r\n\r\nRefused: full.\n");
    EXPECT(websocket_answer((uint8_t *)answer, (size_t)size, accept, why, sizeof why) && strstr(why, "503"));
}

static void percentiles_are_near(void) {
    static struct histogram histogram;
    for (uint64_t value = 1; value <= 100000; value++) histogram_add(&histogram, value);
    for (int i = 1; i <= 99; i++) {
        double wanted = 1000.0 * i, got = (double)histogram_at(&histogram, i / 100.0);
        EXPECT(got > wanted * 0.96 && got < wanted * 1.04);
    }
    EXPECT_EQ(histogram.max, 100000);
    histogram_add(&histogram, UINT64_MAX);
    EXPECT_EQ(histogram.count, 100001);
    EXPECT_EQ(histogram_at(&(struct histogram){0}, 0.5), 0);
}

static void complaints_are_counted_by_their_words(void) {
    static struct figures figures;
    figures_complain(&figures, "a");
    figures_complain(&figures, "b");
    figures_complain(&figures, "a");
    EXPECT_EQ(figures.complaints[0].count, 2);
    EXPECT_EQ(figures.complaints[1].count, 1);
    for (unsigned i = 0; i < 100; i++) figures_closed(&figures, 4000 + i);
    figures_closed(&figures, 4001);
    EXPECT_EQ(figures.closed[1].count, 2);
}

static void one_failing_is_enough(void) {
    static const struct figures good = {.joined = 3, .now = {.frames = 10, .hashes = 2}};
    struct figures *bad = calloc(10, sizeof *bad);
    if (!bad) abort();
    for (int i = 0; i < 10; i++) bad[i] = good;
    bad[0].joined = 2;
    bad[1].dropped = 1;
    bad[2].silent = 1;
    bad[3].now.hashes_wrong = 1;
    bad[4].now.hashes = 0;
    bad[5].now.frames = 0;
    bad[6].now.private_seen = 1;
    bad[7].now.inputs_misacknowledged = 1;
    bad[8].now.inputs_unacknowledged = 1;
    bad[9].now.ticks_disordered = 1;
    EXPECT(figures_fine(&good, 3));
    for (int i = 0; i < 10; i++) EXPECT(!figures_fine(&bad[i], 3));
    free(bad);
}

static void addresses_are_taken_apart(void) {
    struct address address;
    char why[200];
    EXPECT(address_read(&address, "wss://localhost:8443/play", why, sizeof why));
    EXPECT(address.secure && !strcmp(address.host, "localhost") && !strcmp(address.port, "8443"));
    EXPECT(address_read(&address, "ws://[::1]:80", why, sizeof why));
    EXPECT(!address.secure && !strcmp(address.host, "::1") && !strcmp(address.path, "/play"));
    EXPECT(address_read(&address, "wss://example.org/other", why, sizeof why));
    EXPECT(!strcmp(address.port, "443") && !strcmp(address.path, "/other"));
    const char *bad[] = {
        "http://localhost", "ws://",       "ws://:80",       "ws://host:",    "ws://[::1",      "",
        "wss:///play",      "ws://host:0", "ws://host:http", "ws://host:8 0", "ws://host:65536"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) EXPECT(!address_read(&address, bad[i], why, sizeof why));
}

static void inputs_stay_in_range_and_change(void) {
    struct shape input = {.field_count = 3, .cell_count = 3};
    struct pilot pilot, twin;
    int changes = 0;
    input.fields[0] = (struct shape_field){.min = -8, .max = 8};
    input.fields[1] = (struct shape_field){.min = 0, .max = 4, .wraps = true, .cell = 1};
    input.fields[2] = (struct shape_field){.min = INT32_MIN, .max = INT32_MAX, .cell = 2};
    pilot_start(&pilot, 7);
    pilot_start(&twin, 7);
    for (int i = 0, last = 0; i < 2000; i++) {
        const int32_t *cells = pilot_next(&pilot, &input, 20);
        EXPECT(cells[0] >= -8 && cells[0] <= 8 && cells[1] >= 0 && cells[1] < 4);
        EXPECT(memcmp(cells, pilot_next(&twin, &input, 20), 12) == 0);
        changes += cells[0] != last;
        last = cells[0];
    }
    EXPECT(changes > 50 && changes < 400);
}

int main(void) {
    RUN(frames_are_read_once_they_are_whole);
    RUN(fragments_become_one_message_around_a_ping);
    RUN(broken_frames_are_known);
    RUN(too_long_a_message_is_broken);
    RUN(closing_tells_its_code);
    RUN(what_is_written_is_masked);
    RUN(an_upgrade_is_judged_by_its_answer);
    RUN(percentiles_are_near);
    RUN(complaints_are_counted_by_their_words);
    RUN(one_failing_is_enough);
    RUN(addresses_are_taken_apart);
    RUN(inputs_stay_in_range_and_change);
    return check_done();
}
