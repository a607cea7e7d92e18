/* What a run of the bots is made of: mixes, roads and their simulator, scenarios, objectives, the felt age of
 * state, and who is due when. */
#include "game/math.h"
#include "protocol/base.h"
#include "tests/check.h"
#include "tests/load/chair.h"
#include "tests/load/due.h"
#include "tests/load/http.h"
#include "tests/load/lead.h"
#include "tests/load/scenario.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Histograms. */

static void a_ramp_is_seen_on_schedule(void) {
    static struct histogram histogram, more;
    histogram_add_many(&histogram, 0, 900);
    histogram_add_ramp(&histogram, 1000, 100000, 1000);
    EXPECT_EQ(histogram.count, 1000);
    EXPECT_EQ(histogram.max, 100000);
    EXPECT_EQ(histogram_at(&histogram, 0.5), 0);
    double p99 = (double)histogram_at(&histogram, 0.99);
    EXPECT(p99 > 86000 && p99 < 94000);
    histogram_merge(&more, &histogram);
    histogram_merge(&more, &histogram);
    EXPECT_EQ(more.count, 2000);
    EXPECT_EQ(histogram_at(&more, 0.99), histogram_at(&histogram, 0.99));
}

/* ---- Mixes and roads. */

static void mixes_are_given_out_by_their_shares(void) {
    struct mix mix;
    uint32_t counts[3] = {0};
    EXPECT(mix_read(&mix, "90% fibre, 8% 4g,2 % tunnel"));
    EXPECT_EQ(mix.count, 3);
    EXPECT(!strcmp(mix.parts[1].word, "4g"));
    for (uint32_t i = 0; i < 10000; i++) {
        counts[mix_part_of(&mix, 7, i)]++;
        EXPECT_EQ(mix_part_of(&mix, 7, i), mix_part_of(&mix, 7, i));
    }
    EXPECT(counts[0] > 8800 && counts[0] < 9200 && counts[1] > 700 && counts[1] < 900);
    EXPECT(mix_read(&mix, "4g") && mix.count == 1 && mix.parts[0].share > 0.99);
    const char *bad[] = {"",    "90% fibre",   "50% a, 60% b", "50% a 50% b", "-1% a, 101% b",
                         "% a", "50% a, 50% ", "100% a,"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) EXPECT(!mix_read(&mix, bad[i]));
}

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

/* ---- Scenarios and options. */

static void scenarios_are_read_line_by_line(void) {
    static struct options options;
    char why[200];
    options_init(&options);
    EXPECT(scenario_read(&options,
                         "# a comment\n\nabout  something else  # and more\nclients 50\nramp 2.5\n"
                         "play 50% brain, 50% watch\nroad 90% fibre, 10% slow\ndescribe bad delay=99\n"
                         "at 5 all cut\nat 6 10% stall 2\nat 7 3-9 road bad\nat 8 4 leave\nmeasure-ramp\n"
                         "slo age_p99<1s\n",
                         why, sizeof why));
    EXPECT(!strcmp(options.about, "something else") && options.clients == 50 && options.measure_ramp);
    EXPECT_EQ(options.event_count, 4);
    EXPECT(scenario_concerns(&options, 0, 17) && scenario_concerns(&options, 2, 9));
    EXPECT(!scenario_concerns(&options, 2, 10) && scenario_concerns(&options, 3, 4));
    EXPECT(!strcmp(options.roads.kinds[options.events[2].road].name, "bad"));
    uint32_t stalled = 0;
    for (uint32_t i = 0; i < 1000; i++) stalled += scenario_concerns(&options, 1, i);
    EXPECT(stalled > 60 && stalled < 140);
    EXPECT_EQ(options.slo.count, 1);
}

static void a_wrong_line_is_named(void) {
    static struct options options;
    static const char *const bad[] = {"clients 0",      "colour red",    "play dance", "road gravel",
                                      "at 5 all dance", "at x all cut",  "at 5 all",   "at 5 9-3 cut",
                                      "at 5 all cut 3", "at 5 all road", "slo age",    "stay 0",
                                      "at 5 0% cut",    "describe x y",  "lane 3",     "scenario nowhere"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        char why[200], text[100];
        options_init(&options);
        snprintf(text, sizeof text, "clients 5\n%s\n", bad[i]);
        EXPECT(!scenario_read(&options, text, why, sizeof why) && strncmp(why, "line 2: ", 8) == 0);
    }
}

static void flags_win_over_scenarios(void) {
    static struct options options;
    char path[] = "/tmp/tidewire-scenario-XXXXXX", flag[64];
    int fd = mkstemp(path), exit_code = 9;
    FILE *file = fdopen(fd, "w");
    fputs("clients 33\nseconds 4\n", file);
    fclose(file);
    snprintf(flag, sizeof flag, "--scenario=%s", path);
    char *words[] = {"bots", "--clients", "7", flag, "--json", "--checked=3"};
    EXPECT(options_read(&options, COUNT_OF(words), words, &exit_code));
    EXPECT(options.clients == 7 && options.seconds > 3.9 && options.seconds < 4.1 && options.json);
    EXPECT_EQ(options.checked, 3);
    unlink(path);
}

/* ---- Objectives. */

static void objectives_are_held_against_values(void) {
    static struct values values = {.all = {{"age_p99_ms", 119}, {"divergent", 0}, {"joined", 200}},
                                   .count = 3};
    static const struct {
        const char *text;
        bool met;
    } cases[] = {{"age_p99<120ms", true},    {"age_p99<119ms", false},   {"age_p99<=119", true},
                 {"age_p99_ms<0.12s", true}, {"age_p99>118000us", true}, {"divergent=0", true},
                 {"joined>=200", true},      {"joined>200", false},      {" joined = 200 ", true}};
    char why[200];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct slo slo;
        const struct value *found;
        EXPECT(slo_read(&slo, cases[i].text, why, sizeof why) && slo.count == 1);
        EXPECT_EQ(slo_met(&slo.all[0], &values, &found), cases[i].met);
    }
    struct slo slo;
    const struct value *found;
    EXPECT(slo_read(&slo, "age_p99<120ms,divergent=0,joined>1k", why, sizeof why) && slo.count == 3);
    EXPECT(!slo_met(&slo.all[2], &values, &found) && found);
    EXPECT(slo_read(&slo, "nothing<3", why, sizeof why) && !slo_met(&slo.all[0], &values, &found) && !found);
    const char *bad[] = {"", "age", "age<", "<3", "age<3kg", "age==3x", "age<>3"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) EXPECT(!slo_read(&slo, bad[i], why, sizeof why));
}

/* ---- What is felt. */

enum { TICK_US = 50000 };

static struct figures figures;
static struct rooms rooms;

/* A player in a room of 20 ticks a second, of which tick 100 was published at second 10. */
static struct chair sit_down(uint32_t instance) {
    struct chair chair = {.room = rooms_get(&rooms, instance, 100, 20, 10000000)};
    memset(&figures, 0, sizeof figures);
    figures_begin(&figures);
    chair_begin(&chair, 10000000);
    return chair;
}

static void frame(struct chair *chair, uint32_t base, uint32_t tick, uint32_t late, bool says, uint64_t at_us,
                  uint32_t used) {
    struct chair_frame came = {base, tick, late, says, used, tick, at_us, at_us};
    chair_frame(chair, &figures, &came);
}

static void who_has_everything_feels_no_age(void) {
    struct chair chair = sit_down(1);
    for (uint32_t i = 1; i <= 100; i++) frame(&chair, 99 + i, 100 + i, 0, true, 10000000 + i * TICK_US, 0);
    EXPECT_EQ(figures.second[TIME_AGE].count, 5000);
    EXPECT_EQ(figures.second[TIME_AGE].max, 0);
    EXPECT_EQ(figures.second[TIME_GAP].count, 99);
    EXPECT_EQ(figures.now.missed_ticks, 0);
}

static void a_stall_is_felt_as_long_as_it_lasts(void) {
    struct chair chair = sit_down(2);
    for (uint32_t i = 1; i <= 40; i++)
        rooms_saw(chair.room, 100 + i, 10000000 + i * TICK_US); /* by another */
    frame(&chair, 100, 101, 0, true, 10050000, 0);
    frame(&chair, 101, 141, 39, true, 12050000, 0); /* 2 s later, with all that happened */
    const struct histogram *age = &figures.second[TIME_AGE];
    EXPECT_EQ(age->count, 2050);
    EXPECT(age->max >= 1940000 && age->max <= 1951000); /* the oldest was published one tick after the last */
    double p50 = (double)histogram_at(age, 0.5);
    EXPECT(p50 > 880000 && p50 < 970000);
    EXPECT_EQ(figures.now.missed_ticks, 39);
    EXPECT_EQ(figures.second[TIME_GAP].count, 40); /* the frames that were due would have waited, too */
}

static void silence_is_no_age(void) {
    struct chair chair = sit_down(3);
    frame(&chair, 100, 101, 0, true, 10050000, 0);
    frame(&chair, 101, 121, 0, false, 11050000, 0); /* a keep-alive */
    frame(&chair, 121, 122, 0, true, 11100000, 0);
    EXPECT_EQ(figures.second[TIME_AGE].max, 0);
    EXPECT_EQ(figures.second[TIME_GAP].count, 2);
    EXPECT_EQ(figures.second[TIME_GAP].max, 50000); /* nor a gap: no frame was due */
}

static void what_never_comes_is_told_at_the_end(void) {
    struct chair chair = sit_down(4);
    frame(&chair, 100, 101, 0, true, 10050000, 0);
    for (uint32_t i = 1; i <= 100; i++) rooms_saw(chair.room, 100 + i, 10000000 + i * TICK_US);
    figures_end(&figures, 15000000);
    chair_end(&chair, &figures, 15000000);
    EXPECT_EQ(figures.second[TIME_AGE].count, 5000);
    EXPECT(figures.second[TIME_AGE].max > 4800000);
}

static void inputs_show_with_their_tick(void) {
    struct chair chair = sit_down(5);
    chair_input(&chair, &figures, 7, 10010000);
    chair_input(&chair, &figures, 8, 10060000);
    frame(&chair, 100, 101, 0, true, 10050000, 7);
    EXPECT_EQ(figures.second[TIME_EFFECT].max, 40000);
    frame(&chair, 101, 110, 0, false, 10500000, 8); /* used, but nothing was to be seen of it */
    EXPECT_EQ(figures.second[TIME_EFFECT].count, 1);
    for (uint32_t i = 0; i < CHAIR_INPUTS + 1; i++)
        chair_input(&chair, &figures, 9 + i, 11000000 + i * TICK_US);
    EXPECT_EQ(figures.second[TIME_EFFECT].count, 2); /* more cannot wait: it took at least so long */
    EXPECT(figures.second[TIME_EFFECT].max >= CHAIR_INPUTS * TICK_US);
}

enum { WAY_US = 5000, PLAYED = 200 /* ticks */ };

/* A bot whose turn comes `phase_us` after a tick, and `standing` inputs that wait from the beginning: how
 * long does an input wait in the end? */
static int64_t wait_us_of_last(struct lead *lead, uint32_t standing, uint32_t phase_us) {
    uint64_t made_us[PLAYED + 8] = {0};
    uint32_t made = 0, used = 0;
    int64_t waited_us = 0;
    bool left_out = false;
    for (; made < standing; made++) lead_sent(lead, made, made_us[made] = 1000000);
    for (uint64_t tick_us = 1000000; tick_us < 1000000 + PLAYED * TICK_US; tick_us += TICK_US) {
        uint64_t turn_us = tick_us + phase_us + lead->shift_us;
        if (!left_out) lead_sent(lead, made, turn_us), made_us[made++] = turn_us;
        left_out = false;
        if (used == made || made_us[used] + WAY_US > tick_us + TICK_US) continue;
        waited_us = (int64_t)(tick_us + TICK_US - made_us[used] - WAY_US);
        left_out = lead_used(lead, used++, tick_us + TICK_US, TICK_US);
    }
    return waited_us;
}

static void inputs_come_to_wait_for_a_part_of_a_tick(void) {
    for (uint32_t standing = 0; standing < 3; standing++) {
        for (uint32_t phase_us = 0; phase_us < TICK_US; phase_us += 3000) {
            struct lead lead = {0};
            lead_rtt(&lead, 2 * WAY_US);
            EXPECT_EQ(wait_us_of_last(&lead, standing, phase_us), TICK_US / LEAD_PARTS);
        }
    }
}

/* ---- HTTP. */

static void heads_are_read_once_they_are_whole(void) {
    static const char text[] =
        "HTTP/1.1 201 Created\r\ncontent-length: 7\r\nLocation: /play/abc-1\r\nRetry-After: 3\r\n\r\nbody";
    const uint8_t *bytes = (const uint8_t *)text;
    struct http_answer answer;
    bool broken;
    size_t head = sizeof text - 5;
    for (size_t size = 0; size < head; size++)
        EXPECT(http_head(bytes, size, &answer, &broken) == 0 && !broken);
    EXPECT_EQ(http_head(bytes, sizeof text - 1, &answer, &broken), head);
    EXPECT(answer.status == 201 && answer.size == 7 && !answer.endless && answer.retry_ms == 3000);
    EXPECT(!strcmp(answer.link, "/play/abc-1"));
    EXPECT(!http_head((const uint8_t *)"SSH-2.0-x\r\n\r\n", 13, &answer, &broken) && broken);
    EXPECT(http_head((const uint8_t *)"HTTP/1.1 200 OK\r\n\r\n", 19, &answer, &broken) && answer.endless);
    EXPECT(http_head((const uint8_t *)"HTTP/1.1 204 No Content\r\n\r\n", 27, &answer, &broken) &&
           !answer.endless);
}

static void rows_of_messages_come_apart(void) {
    uint8_t bytes[400] = {0xAC, 0x02};
    size_t size;
    bool broken = false;
    EXPECT(!http_piece(bytes, 1, &size, &broken) && !http_piece(bytes, 301, &size, &broken) && !broken);
    EXPECT(http_piece(bytes, 302, &size, &broken) == 2 && size == 300);
    EXPECT(http_piece((const uint8_t *)"\0", 1, &size, &broken) == 1 && size == 0);
    EXPECT(!http_piece((const uint8_t *)"\xFF\xFF\xFF\x01", 4, &size, &broken) && broken);
}

static void events_are_decoded(void) {
    static const char text[] = "retry: 1000\n\nid: 5.1\ndata: AAECAwQ=\n\n: ping\n\n";
    const uint8_t *bytes = (const uint8_t *)text;
    uint8_t into[64];
    size_t size, at = http_event(bytes, sizeof text - 1, into, &size);
    EXPECT(at == 13 && size == 0);
    EXPECT_EQ(http_event(bytes + at, 20, into, &size), 0);
    at += http_event(bytes + at, sizeof text - 1 - at, into, &size);
    EXPECT(size == 5 && !memcmp(into, "\0\1\2\3\4", 5));
    at += http_event(bytes + at, sizeof text - 1 - at, into, &size);
    EXPECT(size == 0 && at == sizeof text - 1);
}

/* ---- Who is due when. */

static void the_soonest_comes_first(void) {
    enum { MANY = 500 };
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct due due;
        uint64_t dice = dice_seed(seed), times[MANY], last = 0;
        uint32_t who, taken = 0, set = 0;
        EXPECT(due_create(&due, MANY));
        for (int i = 0; i < 4 * MANY; i++) {
            uint32_t one = dice_below(&dice, MANY), time = dice_below(&dice, 1000);
            times[one] = time < 100 ? UINT64_MAX : time;
            due_set(&due, one, times[one]);
        }
        set = due.count;
        for (; due_take(&due, 1000, &who); taken++) {
            EXPECT(times[who] >= last);
            last = times[who];
        }
        EXPECT(taken == set && due_next_us(&due) == UINT64_MAX);
        due_destroy(&due);
    }
}

int main(void) {
    RUN(a_ramp_is_seen_on_schedule);
    RUN(mixes_are_given_out_by_their_shares);
    RUN(roads_are_described_in_words);
    RUN(the_same_seed_is_the_same_road);
    RUN(a_stall_holds_everything_back);
    RUN(scenarios_are_read_line_by_line);
    RUN(a_wrong_line_is_named);
    RUN(flags_win_over_scenarios);
    RUN(objectives_are_held_against_values);
    RUN(who_has_everything_feels_no_age);
    RUN(a_stall_is_felt_as_long_as_it_lasts);
    RUN(silence_is_no_age);
    RUN(what_never_comes_is_told_at_the_end);
    RUN(inputs_show_with_their_tick);
    RUN(inputs_come_to_wait_for_a_part_of_a_tick);
    RUN(heads_are_read_once_they_are_whole);
    RUN(rows_of_messages_come_apart);
    RUN(events_are_decoded);
    RUN(the_soonest_comes_first);
    rooms_free(&rooms);
    return check_done();
}
