/* The bad roads of bots: described in words, the same for the same seed, and as bad as they say. */
#include "game/math.h"
#include "protocol/base.h"
#include "tests/check.h"
#include "tests/load/road.h"
#include <string.h>

static void roads_are_described_in_words(void) {
    struct roads roads;
    roads_init(&roads);
    EXPECT(roads_find(&roads, "tunnel") && road_is_plain(roads_find(&roads, "loopback")));
    EXPECT(roads_read(&roads, "mine delay=30 jitter=5.5 down=2.5M up=600k stall=200 every=12 cut=20"));
    const struct road_kind *mine = roads_find(&roads, "mine");
    EXPECT_EQ(mine->down.bandwidth, 2500000);
    EXPECT_EQ(mine->up.bandwidth, 600000);
    EXPECT_EQ(mine->up.jitter_us, 5500);
    EXPECT_EQ(mine->cut_every_us, 20000000);
    uint32_t before = roads.count;
    EXPECT(roads_read(&roads, "mine delay=1") && roads.count == before);
    EXPECT_EQ(roads_find(&roads, "mine")->down.bandwidth, 0);
    const char *bad[] = {
        "", "delay=3", "x delay", "x delay=", "x delay=a", "x speed=3", "x delay=-1", "x down=3G"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) EXPECT(!roads_read(&roads, bad[i]));
}

/* Sends numbered bytes in lumps by chance, takes what arrives each millisecond; a digest of when what came.
 */
static uint64_t drive(const char *words, uint64_t seed, uint32_t *longest_us, size_t *came) {
    struct roads roads;
    struct road road;
    uint64_t dice = dice_seed(seed), digest = 1, last_us = 0, sent = 0, read = 0;
    roads_init(&roads);
    EXPECT(roads_read(&roads, words));
    road_start(&road, &roads.kinds[roads.count - 1], seed, 0);
    *longest_us = 0;
    for (uint64_t now_us = 0; now_us < 20000000; now_us += 1000) {
        uint8_t lump[64];
        uint32_t size = dice_below(&dice, sizeof lump);
        for (uint32_t i = 0; i < size; i++) lump[i] = (uint8_t)(sent + i);
        if (now_us % 50000 == 0 && size && way_room(&road.down) >= size) {
            EXPECT(way_put(&road.down, lump, size, now_us));
            sent += size;
        }
        way_move(&road.down, now_us);
        size_t there;
        uint64_t taken_us = 0;
        for (const uint8_t *bytes; (bytes = way_arrived(&road.down, now_us, &there, &taken_us));) {
            for (size_t i = 0; i < there; i++) EXPECT_EQ(bytes[i], (uint8_t)(read + i));
            EXPECT(taken_us <= now_us && now_us - taken_us + 1000 >= road.down.setup.delay_us);
            if (last_us && now_us - last_us > *longest_us) *longest_us = (uint32_t)(now_us - last_us);
            last_us = now_us;
            read += there;
            digest = (digest ^ now_us) * 0x9E3779B97F4A7C15u + there;
            way_gave(&road.down, there);
        }
    }
    *came = read;
    road_finish(&road);
    return digest;
}

static void the_same_seed_is_the_same_road(void) {
    static const char *const kinds[] = {"a delay=20 jitter=10", "a down=400", "a stall=900 every=4 delay=5",
                                        "a delay=300 jitter=90 down=5k queue=300 stall=100 every=1"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        for (uint64_t seed = 1; seed <= 20; seed++) {
            uint32_t longest_us, again_us;
            size_t came, again;
            uint64_t digest = drive(kinds[i], seed, &longest_us, &came);
            EXPECT(digest == drive(kinds[i], seed, &again_us, &again) && came == again &&
                   longest_us == again_us);
            EXPECT(i != 0 || longest_us < 300000);
            EXPECT(i != 1 || (came > 7000 && came <= 8100)); /* 20 s at 400 a second */
            EXPECT(i != 2 || longest_us >= 800000);
        }
    }
}

static void a_stall_holds_everything_back(void) {
    struct way way;
    struct way_setup setup = {.queue = 1000, .delay_us = 1000};
    size_t size;
    uint64_t taken_us;
    way_start(&way, &setup, 1, 0);
    EXPECT(way_put(&way, (const uint8_t *)"abc", 3, 0));
    way_move(&way, 0);
    way_stall(&way, 50000);
    EXPECT(!way_arrived(&way, 49999, &size, &taken_us));
    EXPECT(way_arrived(&way, 50000, &size, &taken_us) && size == 3 && taken_us == 0);
    EXPECT_EQ(way_due_us(&way), 50000);
    way_gave(&way, 3);
    EXPECT(way_empty(&way) && way_due_us(&way) == UINT64_MAX);
    way_finish(&way);
}

int main(void) {
    RUN(roads_are_described_in_words);
    RUN(the_same_seed_is_the_same_road);
    RUN(a_stall_holds_everything_back);
    return check_done();
}
