/* Frames of WebSockets: whole, in pieces of any size, and every fault. */
#include "server/edge/frames.h"
#include "tests/check.h"
#include "tests/dice.h"
#include <stdlib.h>
#include <string.h>

static const uint8_t key[4] = {0xA1, 0x07, 0x5C, 0xF3};

/* A client's frame; returns its length. */
static size_t put(uint8_t *into, uint8_t first, const uint8_t *payload, size_t size) {
    size_t wide = size < 126 ? 0 : size <= UINT16_MAX ? 2 : 8, at = 2 + wide;
    into[0] = first;
    into[1] = (uint8_t)(0x80 | (wide == 0 ? size : wide == 2 ? 126 : 127));
    for (size_t i = 0; i < wide; i++) into[2 + i] = (uint8_t)(size >> (8 * (wide - 1 - i)));
    memcpy(into + at, key, 4);
    for (size_t i = 0; i < size; i++) into[at + 4 + i] = payload[i] ^ key[i & 3];
    return at + 4 + size;
}

/* Bytes come in pieces of at most `most`; what MORE leaves over is kept, as a connection does. */
struct reading {
    struct frames frames;
    uint8_t message[80000], control[FRAMES_CONTROL_MAX];
    size_t size, control_size;
    uint32_t messages, controls;
    bool broken;
};

static void take(struct reading *reading, const struct frames_piece *piece, enum frames_news news) {
    if (news == FRAMES_CONTROL) {
        memcpy(reading->control, piece->bytes, piece->size);
        reading->control_size = piece->size;
        reading->controls++;
        return;
    }
    memcpy(reading->message + reading->size, piece->bytes, piece->size);
    reading->size += piece->size;
    reading->messages += piece->last;
}

static void feed(struct reading *reading, const uint8_t *bytes, size_t size, size_t most) {
    static uint8_t buffer[FRAMES_REST_MAX + 100000];
    size_t kept = 0;
    for (size_t done = 0; done < size && !reading->broken;) {
        size_t some = size - done < most ? size - done : most;
        memcpy(buffer + kept, bytes + done, some);
        done += some;
        uint8_t *at = buffer, *end = buffer + kept + some;
        struct frames_piece piece;
        enum frames_news news;
        while ((news = frames_next(&reading->frames, &at, end, &piece)) == FRAMES_PIECE ||
               news == FRAMES_CONTROL)
            take(reading, &piece, news);
        reading->broken = news == FRAMES_BROKEN;
        kept = (size_t)(end - at);
        EXPECT(reading->broken || kept <= FRAMES_REST_MAX);
        memmove(buffer, at, kept);
    }
}

static void any_size_in_any_pieces(void) {
    static const size_t sizes[] = {0, 1, 7, 8, 125, 126, 127, 1024, 65535, 65536, 70000};
    static uint8_t payload[70000], bytes[70100];
    static struct reading reading;
    uint64_t dice = dice_seed(1);
    for (size_t i = 0; i < sizeof payload; i++) payload[i] = (uint8_t)dice_below(&dice, 256);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        size_t size = put(bytes, 0x82, payload, sizes[i]);
        for (size_t most = 1; most <= 100000; most = most * 3 + 1) {
            memset(&reading, 0, sizeof reading);
            feed(&reading, bytes, size, most);
            EXPECT(!reading.broken);
            EXPECT_EQ(reading.messages, 1);
            EXPECT_EQ(reading.size, sizes[i]);
            EXPECT(memcmp(reading.message, payload, sizes[i]) == 0);
        }
    }
}

/* A text in three fragments with a ping in between, a byte at a time. */
static void fragments_and_control(void) {
    static struct reading reading;
    uint8_t bytes[100];
    size_t size = put(bytes, 0x01, (const uint8_t *)"one ", 4);
    size += put(bytes + size, 0x89, (const uint8_t *)"ping", 4);
    size += put(bytes + size, 0x00, (const uint8_t *)"", 0);
    size += put(bytes + size, 0x80, (const uint8_t *)"two", 3);
    feed(&reading, bytes, size, 1);
    EXPECT(!reading.broken);
    EXPECT_EQ(reading.messages, 1);
    EXPECT_EQ(reading.controls, 1);
    EXPECT(reading.size == 7 && memcmp(reading.message, "one two", 7) == 0);
    EXPECT(reading.control_size == 4 && memcmp(reading.control, "ping", 4) == 0);
}

static bool breaks(const uint8_t *bytes, size_t size) {
    static struct reading reading;
    memset(&reading, 0, sizeof reading);
    feed(&reading, bytes, size, 1);
    return reading.broken;
}

static void faults(void) {
    uint8_t frame[400], payload[200] = {0};
    static const uint8_t firsts[] = {0xC2, 0xA2, 0x92, 0x83, 0x87, 0x8B, 0x8F, 0x80, 0x00, 0x09, 0x08};
    for (size_t i = 0; i < COUNT_OF(firsts); i++)
        EXPECT(breaks(frame, put(frame, firsts[i], payload, 3))); /* reserved, nothing to go on with, split */
    EXPECT(breaks(frame, put(frame, 0x89, payload, 126)));        /* a control frame too long */
    size_t size = put(frame, 0x02, payload, 3);
    size += put(frame + size, 0x82, payload, 3);
    EXPECT(breaks(frame, size)); /* a message within a message */
    put(frame, 0x82, payload, 3);
    frame[1] &= 0x7F;
    EXPECT(breaks(frame, 9)); /* no mask */
    static const uint8_t longer[] = {0x82, 0xFE, 0, 125, 1, 2, 3, 4},
                         longest[] = {0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 1, 2, 3, 4},
                         negative[] = {0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4};
    EXPECT(breaks(longer, sizeof longer));
    EXPECT(breaks(longest, sizeof longest));
    EXPECT(breaks(negative, sizeof negative));
}

static void heads(void) {
    uint8_t buffer[16];
    EXPECT_EQ(frames_head(buffer + 10, FRAMES_BINARY, 125), 2);
    EXPECT(buffer[8] == 0x82 && buffer[9] == 125);
    EXPECT_EQ(frames_head(buffer + 10, FRAMES_BINARY, 126), 4);
    EXPECT(buffer[6] == 0x82 && buffer[7] == 126 && buffer[8] == 0 && buffer[9] == 126);
    EXPECT_EQ(frames_head(buffer + 10, FRAMES_PONG, 65536), 10);
    EXPECT(buffer[0] == 0x8A && buffer[1] == 127 && buffer[7] == 1 && buffer[8] == 0);
}

int main(void) {
    RUN(any_size_in_any_pieces);
    RUN(fragments_and_control);
    RUN(faults);
    RUN(heads);
    return check_done();
}
