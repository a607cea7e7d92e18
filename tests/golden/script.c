#include "tests/golden/script.h"
#include "tests/golden/known.h"
#include "tests/idle.h"

enum { SHIP, SIGN, SECRET, KINDS };
enum { BOOM, DUST, ASK, TOLD, RECORDS };
enum { SEATS = 4 };

struct script script;

/* ---- The game. */

struct push {
    int32_t x;
};
struct rules {
    int32_t lives;
};
static const struct schema_field ship_fields[] = {
    SCHEMA_FIELD(struct ship, x, .max = 1000, .wraps = true, .step = 0.5f, .tolerance = 1),
    SCHEMA_FIELD(struct ship, y, .max = 500, .step = 0.5f, .tolerance = 1),
    SCHEMA_FIELD(struct ship, vx, .min = -100, .max = 100, .step = 0.5f),
    SCHEMA_FIELD(struct ship, vy, .min = -100, .max = 100, .step = 0.5f),
    SCHEMA_FIELD(struct ship, health, .max = 9)};
static const struct schema_field sign_fields[] = {SCHEMA_FIELD(struct sign, colour, .max = 7),
                                                  SCHEMA_FIELD(struct sign, words)};
static const struct schema_field secret_fields[] = {SCHEMA_FIELD(struct secret, count),
                                                    SCHEMA_FIELD(struct secret, level, .step = 0.25f)};
static const struct schema_field push_fields[] = {SCHEMA_FIELD(struct push, x, .min = -8, .max = 8)};
static const struct schema_field rules_fields[] = {SCHEMA_FIELD(struct rules, lives)};
static const struct schema_field where_fields[] = {SCHEMA_FIELD(struct where, where, .max = 9)};
static const struct schema_field words_fields[] = {SCHEMA_FIELD(struct words, words)};
static const struct schema_kind kinds[KINDS] = {
    [SHIP] = {{SCHEMA_RECORD("ship", struct ship, ship_fields)},
              SCRIPT_SHIPS,
              .placed = true,
              .linear = true},
    [SIGN] = {{SCHEMA_RECORD("sign", struct sign, sign_fields)}, SCRIPT_SIGNS, .placed = false},
    [SECRET] = {{SCHEMA_RECORD("secret", struct secret, secret_fields)}, SCRIPT_SECRETS, .placed = false}};
static const struct schema_record records[RECORDS] = {
    [BOOM] = {SCHEMA_RECORD("boom", struct where, where_fields), .use = SCHEMA_MUST_ARRIVE},
    [DUST] = {SCHEMA_RECORD("dust", struct words, words_fields), .use = SCHEMA_MAY_DROP},
    [ASK] = {SCHEMA_RECORD("ask", struct where, where_fields), .use = SCHEMA_CALL, .answer = TOLD},
    [TOLD] = {SCHEMA_RECORD("told", struct words, words_fields), .use = SCHEMA_ANSWER}};

static void call(void *world, struct game_turn *turn, game_player who, uint16_t record, uint32_t ticket,
                 const void *question) {
    int32_t where = ((const struct where *)question)->where;
    struct words words = {"wörd"};
    (void)world;
    struct game_note note = {GAME_REPLY, .status = (uint8_t)where, .record = records[record].answer,
                             .to = GAME_ONE(who), .ticket = ticket};
    game_say(turn, note, where ? NULL : &words);
}

static void tick(void *world, struct game_turn *turn) {
    (void)world;
    for (int i = 0; i < script.says; i++) game_say(turn, script.say[i], &script.said[i]);
    script.says = 0;
    for (int i = 0; i < SCRIPT_SHIPS; i++) {
        struct ship *ship = &script.ship[i];
        ship->x += ship->vx * turn->dt;
        ship->y += ship->vy * turn->dt;
        if (ship->x >= 1000) ship->x -= 1000;
        if (ship->x < 0) ship->x += 1000;
        ship->y = ship->y < 0 ? 0 : ship->y > 500 ? 500 : ship->y;
    }
}

static void show(const void *world, struct game_view *view) {
    (void)world;
    for (uint16_t i = 0; i < SCRIPT_SHIPS; i++)
        if (script.ship_life[i]) game_show(view, SHIP, i, script.ship_life[i], &script.ship[i], GAME_ALL);
    for (uint16_t i = 0; i < SCRIPT_SIGNS; i++)
        if (script.sign_life[i]) game_show(view, SIGN, i, script.sign_life[i], &script.sign[i], GAME_ALL);
    for (uint16_t i = 0; i < SCRIPT_SECRETS; i++)
        if (script.secret_life[i])
            game_show(view, SECRET, i, script.secret_life[i], &script.secret[i], script.secret_to[i]);
    view->seats[0].groups = script.groups;
    view->seats[0].owns = script.owns;
    view->seats[0].kind = SHIP;
    view->seats[0].slot = 1;
}

static const struct schema schema = {.name = "script",
                                     .api = GAME_API,
                                     .version = 2,
                                     .world_size = 1,
                                     .players_max = SEATS,
                                     .input = {SCHEMA_RECORD("push", struct push, push_fields)},
                                     .rules = {SCHEMA_RECORD("rules", struct rules, rules_fields)},
                                     .kinds = kinds,
                                     .kind_count = KINDS,
                                     .records = records,
                                     .record_count = RECORDS};
static const struct game_calls calls = {idle_begin, idle_join, idle_leave,  idle_input,
                                        call,       tick,      .show = show};

void script_open(FILE *out) {
    script = (struct script){.rig = rig_create(&schema, &calls, 1), .out = out};
    known_begin();
}

void script_close(void) {
    rig_client_finish(&script.client);
    rig_destroy(script.rig);
}

/* ---- What may happen. */

void script_ship(int i, float x, float y, float vx, float vy) {
    script.ship[i] = (struct ship){x, y, vx, vy, 9};
    script.ship_life[i]++;
}

void script_sign(int i, int32_t colour, const char *words) {
    script.sign[i].colour = colour;
    snprintf(script.sign[i].words, sizeof script.sign[i].words, "%s", words);
    if (!script.sign_life[i]) script.sign_life[i] = 1;
}

static void say(uint16_t record, struct game_to to) {
    CHECK(script.says < SCRIPT_SAYS);
    script.say[script.says++] = (struct game_note){GAME_EVENT, .record = record, .to = to};
}

void script_boom(int32_t where, struct game_to to) {
    script.said[script.says].where.where = where;
    say(BOOM, to);
}

void script_dust(const char *words) {
    snprintf(script.said[script.says].words.words, sizeof script.said[0].words.words, "%s", words);
    say(DUST, GAME_ALL);
}

void script_ask(uint32_t ticket, int32_t where) {
    uint8_t bytes[64];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    message_write_call(&writer, ticket, ASK, &script.rig->shapes[0].records[ASK], &where);
    rig_say(script.rig, &script.client, &writer);
}

/* ---- Time. */

void script_put_hex(FILE *out, const uint8_t *bytes, size_t size) {
    fputc('"', out);
    for (size_t i = 0; i < size; i++) fprintf(out, "%02x", bytes[i]);
    fputc('"', out);
}

/* The server makes random tokens; in a vector stands this one. */
static void settle_token(uint8_t *bytes) {
    static const char token[] = "0123456789abcdef0123456789abcdef";
    if (bytes[1] == MESSAGE_WELCOME) memcpy(bytes + 4, token, sizeof token - 1);
}

void script_take(void) {
    static uint8_t bytes[LIMIT_FRAME];
    struct broadcast due =
        broadcaster_next(script.rig->broadcaster, &script.client.attachment, script.rig->now_us);
    if (due.size == 0) return;
    memcpy(bytes, due.bytes, due.size);
    settle_token(bytes);
    fprintf(script.out, "%s", script.messages++ ? ",\n" : "");
    script_put_hex(script.out, bytes, due.size);
    known_take(&script.client, bytes, due.size);
}

static void turn(void) {
    rig_turn(script.rig);
    if (client_owes_ack(&script.client.client, false)) rig_ack(script.rig, &script.client);
}

void script_turns(uint32_t count) {
    for (; count; count--) {
        turn();
        script_take();
    }
}

void script_skip(uint32_t count) {
    for (; count; count--) turn();
}

void script_enter(uint32_t lane) {
    rig_hello(script.rig, &script.client, "Ada", lane, "");
    script_turns(1);
}
