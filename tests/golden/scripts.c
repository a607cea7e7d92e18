#include "tests/golden/scripts.h"
#include "tests/check.h"
#include "tests/golden/script.h"

void scripts_keyframe(void) {
    script_ship(0, 10, 20, 0, 0);
    script_ship(1, 999.5f, 500, -100, 100);
    script_sign(0, 3, "hello");
    script_enter(LANE_LINEAR);
    script_turns(1);
}
static void motion(void) {
    script_ship(0, 990, 480, 33.5f, 70);
    script_ship(2, 3, 7, -77.5f, -31);
    script_enter(LANE_LINEAR);
    script_turns(40);
}
static void changes(void) {
    script_ship(0, 998, 20, 0, 0);
    script_sign(1, 1, "a");
    script_enter(LANE_LINEAR);
    script_turns(2);
    script.ship[0].x = 4; /* over the seam, unforeseen */
    script.ship[0].health = 2;
    script_turns(1);
    script.ship[0].vx = 50;
    script_sign(1, 7, "Grüße");
    script_turns(1);
    script.ship[0].vy = -12.5f;
    script.ship[0].y = 300;
    script_sign(1, 7, "");
    script_turns(3);
}
static void lives(void) {
    for (int i = 0; i < SCRIPT_SHIPS; i++) script_ship(i, 10, 10, 5, 5);
    for (int i = 0; i < SCRIPT_SIGNS; i++) script_sign(i, i, "x");
    script_enter(LANE_LINEAR);
    script_turns(3);
    script.ship_life[1] = script.sign_life[3] = 0;
    script_turns(1);
    script_ship(1, 500, 100, -5, 0); /* another */
    script_ship(2, 700, 100, 0, 5);  /* reborn in one tick */
    script_turns(2);
    script.sign_life[0] = script.sign_life[1] = 0;
    script.sign[2].colour = 5;
    script_turns(1);
}
static void stale(void) {
    for (int i = 0; i < SCRIPT_SHIPS; i++) script_ship(i, 100, 100, 20, 10);
    script_sign(0, 1, "one");
    script_enter(LANE_LINEAR);
    script_turns(1);
    script_skip(2);
    script.ship[0].vx = -20; /* once */
    script_skip(2);
    script.ship[1].vy = 40; /* twice: whole */
    script_skip(2);
    script.ship[1].vy = -40;
    script_sign(0, 2, "two");
    script_skip(2);
    script_sign(0, 3, "three");
    script.ship_life[2] = 0;
    script_turns(1);
    script_turns(1);
}
static void latecomer(void) {
    script_ship(0, 100, 100, 12.5f, -3.5f);
    script_sign(0, 1, "old");
    rig_hello(script.rig, &(struct rig_client){0}, "First", LANE_LINEAR, "");
    script_skip(90);
    script_enter(LANE_LINEAR);
    script_turns(2);
}
static void anchors(void) {
    script_ship(0, 100, 100, 0.5f, 1.5f);
    script_ship(1, 100, 100, 1.5f, -0.5f);
    script_enter(LANE_LINEAR);
    script_turns(1);
    script_skip(300);
    script_turns(1);
}
static void tell(void) {
    script_sign(0, 1, "x");
    script_enter(LANE_LINEAR);
    script_boom(4, GAME_ALL);
    script_dust("puff");
    script_turns(1);
    script_boom(1, GAME_ONE(3));
    script_skip(2);
    script_boom(2, GAME_ONE(0));
    script_skip(30);
    script_dust("ä");
    script_turns(1);
}
static void answers(void) {
    uint8_t bytes[16];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    script_enter(LANE_LINEAR);
    script_turns(1);
    script_ask(70, 0);
    script_ask(71, 1);
    message_write_ping(&writer, UINT64_C(1) << 53);
    rig_say(script.rig, &script.client, &writer);
    script_turns(1);
}
static void inputs(void) {
    script_enter(LANE_LINEAR);
    script_turns(1);
    for (int32_t push = 0; push < 5; push++) {
        rig_input(script.rig, &script.client, &push);
        push == 2 || push == 3 ? script_skip(1) : script_turns(1);
    }
}
/* Steered, let go, steered again; then a tick without input is followed by two with, of which no frame tells;
 * then more inputs at once than wait. */
static void steering(void) {
    int32_t push = 1;
    script.owns = true;
    script_ship(1, 10, 20, 30, 40);
    script_enter(LANE_LINEAR);
    script_turns(1);
    script.owns = false;
    script_turns(1);
    script.owns = true;
    for (int i = 0; i < 2; i++) {
        rig_input(script.rig, &script.client, &push);
        script_turns(1);
    }
    script_skip(1);
    for (int i = 0; i < 4; i++) rig_input(script.rig, &script.client, &push);
    script_skip(1);
    script_turns(1);
    for (int i = 0; i < 10; i++) rig_input(script.rig, &script.client, &push);
    script_turns(1);
}
static void hashes(void) {
    script_ship(0, 10, 20, 30, 40);
    script_sign(0, 3, "hello");
    script_enter(LANE_LINEAR);
    script_turns(130);
}
static void audience(void) {
    script.secret_life[0] = script.secret_life[1] = 1;
    script.secret[0] = (struct secret){INT32_MIN, -0.75f};
    script.secret[1] = (struct secret){INT32_MAX, 1000};
    script.secret_to[0] = GAME_GROUP(5);
    script.secret_to[1] = GAME_ONE(0);
    script_enter(LANE_LINEAR);
    script_turns(1);
    script.groups = 1u << 5;
    script.secret[1].count = INT32_MIN;
    script_turns(1);
    script.groups = 0;
    script.secret[0].level = 3;
    script_turns(1);
}
static void without_prediction(void) {
    script_ship(0, 10, 20, 30, 40);
    script_enter(LANE_NONE);
    script_turns(6);
}

static void in_line(void) {
    struct rig *rig = script.rig;
    script_sign(1, 3, "hello");
    rig_hello(rig, &script.client, "Ada", 1, "");
    for (uint32_t place = 300; place; place = place == 300 ? 1 : 0) {
        EXPECT(session_line(rig->sessions, script.client.attachment.session, place));
        script_take();
        rig->now_us += 1000000;
    }
    script_turns(2);
}

const struct scripts_entry scripts[] = {{"a keyframe", scripts_keyframe},
                                        {"linear motion: seam, walls, remainders", motion},
                                        {"changes: differences, texts, intents before the step", changes},
                                        {"leavings, enterings, another life", lives},
                                        {"stale changes and wholes after skipped ticks", stale},
                                        {"a latecomer steps rows forward by their age", latecomer},
                                        {"anchors in a frame of 301 ticks", anchors},
                                        {"events: in order, some private, some too old", tell},
                                        {"answers ride in frames", answers},
                                        {"used inputs", inputs},
                                        {"which row is steered, and inputs that were late", steering},
                                        {"stated hashes", hashes},
                                        {"rows for a group and for one alone", audience},
                                        {"lane 0", without_prediction},
                                        {"two places in line before WELCOME", in_line}};
const size_t scripts_count = COUNT_OF(scripts);
