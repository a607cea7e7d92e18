/* What a run of the bots is told: mixes, scenarios, flags and objectives; and what it finds wrong with
 * frames. */
#include "protocol/base.h"
#include "tests/check.h"
#include "tests/load/audit.h"
#include "tests/load/scenario.h"
#include <string.h>
#include <unistd.h>

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

/* ---- What is found wrong: a client that sent ten inputs, of which three were acknowledged before. */

static struct figures figures;
static struct audit audit = {.figures = &figures};

static uint64_t misacknowledged_by(struct frame frame) {
    static struct client client;
    client = (struct client){.sequence = 10, .frames = 5, .frame = frame};
    figures = (struct figures){0};
    audit_order(&audit, &client, 3);
    return figures.now.inputs_misacknowledged;
}

static uint64_t disordered_by(struct frame frame) {
    misacknowledged_by(frame);
    return figures.now.ticks_disordered;
}

static void only_what_was_sent_is_acknowledged(void) {
    EXPECT_EQ(misacknowledged_by((struct frame){.advance = 1}), 0);
    EXPECT_EQ(misacknowledged_by((struct frame){.advance = 1, .used = 7}), 0);
    EXPECT_EQ(misacknowledged_by((struct frame){.advance = 1, .used = 8}), 1);
    EXPECT_EQ(misacknowledged_by((struct frame){.advance = 1, .used = 4000000000u}), 1);
    EXPECT_EQ(figures.complaints[0].count, 1);
}

static void ticks_rise(void) {
    EXPECT_EQ(disordered_by((struct frame){.advance = 1, .lists[FRAME_ENTERINGS].elements = 1}), 0);
    EXPECT_EQ(disordered_by((struct frame){.lists[FRAME_ANSWERS].elements = 1}),
              0); /* no news of the world */
    EXPECT_EQ(disordered_by((struct frame){.lists[FRAME_ENTERINGS].elements = 1}), 1);
    EXPECT_EQ(disordered_by((struct frame){.hash = 1}), 1);
    EXPECT_EQ(disordered_by((struct frame){.used = 1}), 1);
}

int main(void) {
    RUN(mixes_are_given_out_by_their_shares);
    RUN(scenarios_are_read_line_by_line);
    RUN(a_wrong_line_is_named);
    RUN(flags_win_over_scenarios);
    RUN(objectives_are_held_against_values);
    RUN(only_what_was_sent_is_acknowledged);
    RUN(ticks_rise);
    return check_done();
}
