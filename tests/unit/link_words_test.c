/* What stands in a link's requests: paths, numbers, ids of events (net_words), and messages in a row, each
 * with its length (piece). */
#include "protocol/piece.h"
#include "server/edge/net_words.h"
#include "tests/check.h"

#define TOKEN "0123456789abcdef0123456789abcdef"

/* ---- Paths. */

static void paths_name_a_link_and_a_way(void) {
    static const struct {
        const char *path;
        enum link_way way;
    } cases[] = {{"/play", LINK_BEGIN},
                 {"/play/" TOKEN "-1", LINK_POST},
                 {"/play/" TOKEN "-4294967295/stream", LINK_STREAM},
                 {"/play/" TOKEN "-12/sse", LINK_SSE},
                 {"/play/" TOKEN "-12/poll", LINK_POLL},
                 {"/play/" TOKEN "-12/state", LINK_STATE}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct link_name name = {0};
        EXPECT_EQ(words_path(cases[i].path, &name), cases[i].way);
        EXPECT(cases[i].way == LINK_BEGIN || strcmp(name.token, TOKEN) == 0);
    }
    struct link_name name;
    words_path("/play/" TOKEN "-4294967295/poll", &name);
    EXPECT_EQ(name.epoch, UINT32_MAX);
}

static void other_paths_name_nothing(void) {
    static const char *const paths[] = {"",
                                        "/",
                                        "/play/",
                                        "/plays",
                                        "/play/-1",
                                        "/play/" TOKEN,
                                        "/play/" TOKEN "-",
                                        "/play/" TOKEN "-/poll",
                                        "/play/" TOKEN "-+1",
                                        "/play/" TOKEN "--1",
                                        "/play/" TOKEN "-01",
                                        "/play/" TOKEN "-4294967296",
                                        "/play/" TOKEN "-99999999999999999999",
                                        "/play/" TOKEN "-1/",
                                        "/play/" TOKEN "-1/POLL",
                                        "/play/" TOKEN "-1/poll/",
                                        "/play/" TOKEN "-1/polls",
                                        "/play/" TOKEN "-1x",
                                        "/play/" TOKEN "0-1",
                                        "/play/0123456789ABCDEF0123456789abcdef-1",
                                        "/play/0123456789abcdef0123456789abcde-1"};
    struct link_name name;
    for (size_t i = 0; i < COUNT_OF(paths); i++) EXPECT_EQ(words_path(paths[i], &name), LINK_NOTHING);
}

/* ---- Numbers. */

static void numbers_have_one_spelling(void) {
    static const char *const wrong[] = {"",   " 1",  "1 ",  "+1",         "-1",
                                        "01", "1e1", "0x1", "4294967296", "99999999999"};
    uint32_t number = 7;
    EXPECT(words_number("0", &number) && number == 0);
    EXPECT(words_number("10", &number) && number == 10);
    EXPECT(words_number("4294967295", &number) && number == UINT32_MAX);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) EXPECT(!words_number(wrong[i], &number));
}

static void ids_of_events_are_two_numbers(void) {
    static const char *const wrong[] = {"", ".", "1", "1.", ".1", "1.2.3", "1,2", "01.2", "1.x"};
    uint32_t tick, event;
    EXPECT(words_event_id("12.0", &tick, &event) && tick == 12 && event == 0);
    EXPECT(words_event_id("4294967295.7", &tick, &event) && tick == UINT32_MAX && event == 7);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) EXPECT(!words_event_id(wrong[i], &tick, &event));
}

/* ---- Pieces. */

static void lengths_of_every_size_come_back(void) {
    static const size_t sizes[] = {0, 1, 127, 128, 129, 16383, 16384, LIMIT_FRAME};
    static uint8_t row[LIMIT_FRAME + PIECE_HEAD];
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        size_t head = piece_head(row, sizes[i]), size;
        const uint8_t *message;
        struct piece_reader reader = piece_reader_init(row, head + sizes[i]);
        EXPECT_EQ(head, 1 + (sizes[i] > 127) + (sizes[i] > 16383));
        EXPECT(piece_next(&reader, &message, &size) && message == row + head && size == sizes[i]);
        EXPECT(!piece_next(&reader, &message, &size) && !reader.failed);
    }
}

static bool fails(const uint8_t *row, size_t size) {
    struct piece_reader reader = piece_reader_init(row, size);
    const uint8_t *message;
    size_t length;
    while (piece_next(&reader, &message, &length)) continue;
    return reader.failed;
}

static void rows_that_are_cut_fail(void) {
    static const uint8_t long_head[] = {0x80, 0x80, 0x80, 0}, cut_head[] = {1, 5, 0x80},
                         cut_body[] = {1, 5, 3, 1};
    static const uint8_t whole[] = {0, 1, 5, 0, 2, 1, 2};
    EXPECT(fails(long_head, sizeof long_head));
    EXPECT(fails(cut_head, sizeof cut_head));
    EXPECT(fails(cut_body, sizeof cut_body));
    EXPECT(!fails(whole, sizeof whole) && !fails(NULL, 0));
}

int main(void) {
    RUN(paths_name_a_link_and_a_way);
    RUN(other_paths_name_nothing);
    RUN(numbers_have_one_spelling);
    RUN(ids_of_events_are_two_numbers);
    RUN(lengths_of_every_size_come_back);
    RUN(rows_that_are_cut_fail);
    return check_done();
}
