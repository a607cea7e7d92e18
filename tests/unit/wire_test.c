/* The MessagePack of protocol/wire: every width, every bound, and a cursor that fails once and for all. */
#include "protocol/wire.h"
#include "tests/check.h"

static uint8_t bytes[256];
static struct wire_writer writer;

static void write_anew(void) {
    writer = wire_writer_init(bytes, sizeof bytes);
}
static struct wire_reader read_back(void) {
    return wire_reader_init(bytes, writer.size);
}
#define READER(...) wire_reader_init((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void numbers_take_the_fewest_bytes(void) {
    static const struct {
        uint64_t value;
        size_t size;
    } cases[] = {{0, 1},     {127, 1},   {128, 2},        {255, 2},        {256, 3},
                 {65535, 3}, {65536, 5}, {UINT32_MAX, 5}, {1ull << 32, 9}, {UINT64_MAX, 9}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        write_anew();
        wire_uint(&writer, cases[i].value);
        struct wire_reader reader = read_back();
        EXPECT_EQ(writer.size, cases[i].size);
        EXPECT(wire_read_uint(&reader, UINT64_MAX) == cases[i].value && wire_read_all(&reader));
    }
}

static void numbers_below_zero(void) {
    static const struct {
        int64_t value;
        size_t size;
    } cases[] = {{-1, 1},        {-32, 1},       {-33, 2},
                 {-128, 2},      {-129, 3},      {-32768, 3},
                 {-32769, 5},    {INT32_MIN, 5}, {INT32_MIN - 1ll, 9},
                 {INT64_MIN, 9}, {INT64_MAX, 9}, {127, 1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        write_anew();
        wire_int(&writer, cases[i].value);
        struct wire_reader reader = read_back();
        EXPECT_EQ(writer.size, cases[i].size);
        EXPECT_EQ(wire_read_int(&reader, INT64_MIN, INT64_MAX), cases[i].value);
        EXPECT(wire_read_all(&reader));
    }
}

static void every_width_is_read(void) {
    struct wire_reader reader =
        READER(0x05, 0xcc, 5, 0xcd, 0, 5, 0xce, 0, 0, 0, 5, 0xcf, 0, 0, 0, 0, 0, 0, 0, 5, 0xd0, 5, 0xd1, 0, 5,
               0xd2, 0, 0, 0, 5, 0xd3, 0, 0, 0, 0, 0, 0, 0, 5);
    for (int i = 0; i < 9; i++) EXPECT_EQ(wire_read_uint(&reader, 5), 5);
    EXPECT(wire_read_all(&reader));
    struct wire_reader below = READER(0xff, 0xd0, 0xff, 0xd1, 0xff, 0xff, 0xd2, 0xff, 0xff, 0xff, 0xff);
    for (int i = 0; i < 4; i++) EXPECT_EQ(wire_read_int(&below, -1, 0), -1);
    EXPECT(wire_read_all(&below));
}

static void bounds_are_kept(void) {
    struct wire_reader above = READER(0x06), below = READER(0xff), low = READER(0xd0, 0x80), huge;
    EXPECT_EQ(wire_read_uint(&above, 5), 0);
    EXPECT_EQ(wire_read_uint(&below, UINT64_MAX), 0);
    EXPECT_EQ(wire_read_int(&low, -127, 127), 0);
    EXPECT(above.failed && below.failed && low.failed);
    huge = READER(0xcf, 0x80, 0, 0, 0, 0, 0, 0, 0);
    EXPECT_EQ(wire_read_int(&huge, INT64_MIN, INT64_MAX), 0);
    EXPECT(huge.failed);
}

static void other_forms_are_errors(void) {
    static const uint8_t heads[] = {0xc0, 0xc1, 0xc2, 0xc3, 0x80, 0xde, 0xcb,
                                    0xc4, 0xc7, 0xd4, 0xca, 0xa1, 0x91};
    for (size_t i = 0; i < sizeof heads; i++) {
        uint8_t form[12] = {heads[i]};
        struct wire_reader reader = wire_reader_init(form, sizeof form);
        EXPECT(wire_read_uint(&reader, UINT64_MAX) == 0 && reader.failed);
    }
    struct wire_reader nothing = READER(0xc0, 0xc0);
    wire_skip(&nothing);
    EXPECT(nothing.failed);
}

static void the_cursor_fails_once_and_for_all(void) {
    struct wire_reader reader = READER(0xcd, 1);
    char text[4];
    EXPECT_EQ(wire_read_uint(&reader, 9), 0);
    const uint8_t *at = reader.at;
    EXPECT(wire_read_uint(&reader, 9) == 0 && wire_read_int(&reader, -9, 9) == 0 &&
           wire_read_array(&reader) == 0);
    wire_read_text(&reader, text, sizeof text);
    wire_skip(&reader);
    EXPECT(reader.failed && reader.at == at && !wire_read_all(&reader) && text[0] == 0);
}

static void an_array_claims_no_more_than_there_is(void) {
    struct wire_reader fits = READER(0x92, 1, 2), claims = READER(0x93, 1, 2),
                       huge = READER(0xdd, 0xff, 0xff, 0xff, 0xff), wide = READER(0xdc, 0, 1, 7);
    EXPECT_EQ(wire_read_array(&fits), 2);
    EXPECT(wire_read_array(&claims) == 0 && claims.failed);
    EXPECT(wire_read_array(&huge) == 0 && huge.failed);
    EXPECT_EQ(wire_read_array(&wide), 1);
}

static void texts_are_bounded(void) {
    char text[6], long_text[64];
    struct wire_reader fits = READER(0xa5, 'h', 'e', 'l', 'l', 'o'), cut = READER(0xa5, 'h', 'e');
    wire_read_text(&fits, text, sizeof text);
    EXPECT(strcmp(text, "hello") == 0 && wire_read_all(&fits));
    fits = READER(0xa5, 'h', 'e', 'l', 'l', 'o');
    wire_read_text(&fits, text, 5);
    EXPECT(fits.failed);
    wire_read_text(&cut, text, sizeof text);
    EXPECT(cut.failed);
    struct wire_reader zero = READER(0xa2, 'a', 0), broken = READER(0xa1, 0xff),
                       wide = READER(0xdb, 0, 0, 0, 1, 'x');
    wire_read_text(&zero, text, sizeof text);
    wire_read_text(&broken, text, sizeof text);
    EXPECT(zero.failed && broken.failed);
    wire_read_text(&wide, text, sizeof text);
    EXPECT(wire_read_all(&wide) && strcmp(text, "x") == 0 && text[5] == 0);
    write_anew();
    wire_text(&writer, "0123456789012345678901234567890123456789");
    struct wire_reader reader = read_back();
    wire_read_text(&reader, long_text, sizeof long_text);
    EXPECT(wire_read_all(&reader) && strlen(long_text) == 40);
}

static void reals(void) {
    write_anew();
    wire_real(&writer, -0.25f);
    struct wire_reader reader = read_back(), whole = READER(1, 0, 0, 0, 0);
    EXPECT(wire_read_real(&reader) == -0.25f && wire_read_all(&reader));
    wire_read_real(&whole);
    EXPECT(whole.failed);
}

static void skipping_goes_one_level_deep(void) {
    struct wire_reader flat = READER(0x93, 1, 0xa1, 'a', 0xca, 0, 0, 0, 0, 7), deep = READER(0x91, 0x91, 1);
    wire_skip(&flat);
    EXPECT_EQ(wire_read_uint(&flat, 9), 7);
    EXPECT(wire_read_all(&flat));
    wire_skip(&deep);
    EXPECT(deep.failed);
}

/* Wherever among many small numbers a longer element lies. */
static void many_are_skipped_as_one_by_one(void) {
    static const uint8_t longer[][3] = {{0xcc, 0xc8}, {0xcd, 1, 0}, {0xd0, 0x80},
                                        {0xa1, 'a'},  {0x91, 0xe0}, {0xc1}};
    for (size_t place = 0; place < 24 * COUNT_OF(longer); place++) {
        uint8_t list[26];
        for (size_t i = 0; i < sizeof list; i++) list[i] = (uint8_t)(i % 2 ? i : 0xff - i);
        memcpy(list + place % 24, longer[place / 24], 3);
        for (uint32_t count = 0; count <= sizeof list; count++) {
            struct wire_reader one = wire_reader_init(list, sizeof list), many = one;
            for (uint32_t i = 0; i < count; i++) wire_skip(&one);
            wire_skip_many(&many, count);
            EXPECT(many.at == one.at && many.failed == one.failed);
        }
    }
}

static void a_full_writer_stays_full(void) {
    for (size_t room = 0; room < 12; room++) {
        writer = wire_writer_init(bytes, room);
        wire_array(&writer, 3);
        wire_uint(&writer, 1000);
        wire_text(&writer, "hello");
        wire_int(&writer, -5);
        EXPECT(writer.size <= room && writer.full == (room < 11));
    }
}

static void utf8(void) {
    static const struct {
        const char *text;
        bool well;
    } cases[] = {{"", true},
                 {"aé€🚀", true},
                 {"\xc2\x80", true},
                 {"\xed\x9f\xbf", true},
                 {"\xee\x80\x80", true},
                 {"\xf4\x8f\xbf\xbf", true},
                 {"\x80", false},             /* a continuation alone */
                 {"\xc1\xbf", false},         /* longer than needed */
                 {"\xe0\x9f\xbf", false},     /* longer than needed */
                 {"\xf0\x8f\xbf\xbf", false}, /* longer than needed */
                 {"\xed\xa0\x80", false},     /* half a surrogate pair */
                 {"\xf4\x90\x80\x80", false}, /* beyond U+10FFFF */
                 {"\xf5\x80\x80\x80", false},
                 {"\xe2\x82", false}, /* cut short */
                 {"\xe2\x28\xa1", false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        EXPECT_EQ(wire_utf8((const uint8_t *)cases[i].text, strlen(cases[i].text)), cases[i].well);
}

int main(void) {
    RUN(numbers_take_the_fewest_bytes);
    RUN(numbers_below_zero);
    RUN(every_width_is_read);
    RUN(bounds_are_kept);
    RUN(other_forms_are_errors);
    RUN(the_cursor_fails_once_and_for_all);
    RUN(an_array_claims_no_more_than_there_is);
    RUN(texts_are_bounded);
    RUN(reals);
    RUN(skipping_goes_one_level_deep);
    RUN(many_are_skipped_as_one_by_one);
    RUN(a_full_writer_stays_full);
    RUN(utf8);
    return check_done();
}
