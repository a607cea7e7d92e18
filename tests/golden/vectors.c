/* The golden vectors in protocol/vectors/: bytes of a small scripted room, and what a client knows after
 * them. With --write DIR it writes them anew. Without, it is a test: what it would write is what lies there,
 * and a client that reads the files comes to what they expect. tests/golden/decoder_test.mjs reads them, too.
 * A file is JSON with one fact a line, so that this program gets along without a JSON parser. */
#include "server/keep/token.h"
#include "tests/check.h"
#include "tests/rig.h"
#include <inttypes.h>
#include <stdarg.h>

enum { SHIP, SIGN, SECRET, KINDS };
enum { BOOM, DUST, ASK, TOLD, RECORDS };
enum { SHIPS = 3, SIGNS = 4, SECRETS = 2, SEATS = 4, LINE_BYTES = 300000, TEXT_BYTES = 65536 };

/* ---- A game that does what the script says: its world is the script's. */

struct ship {
    float x, y, vx, vy;
    int32_t health;
};
struct sign {
    int32_t colour;
    char words[10];
};
struct secret {
    int32_t count;
    float level;
};
struct push {
    int32_t x;
};
struct rules {
    int32_t lives;
};
struct where {
    int32_t where;
};
struct words {
    char words[6];
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
    [SHIP] = {{SCHEMA_RECORD("ship", struct ship, ship_fields)}, SHIPS, .placed = true, .linear = true},
    [SIGN] = {{SCHEMA_RECORD("sign", struct sign, sign_fields)}, SIGNS, .placed = false},
    [SECRET] = {{SCHEMA_RECORD("secret", struct secret, secret_fields)}, SECRETS, .placed = false}};
static const struct schema_record records[RECORDS] = {
    [BOOM] = {SCHEMA_RECORD("boom", struct where, where_fields), .use = SCHEMA_MUST_ARRIVE},
    [DUST] = {SCHEMA_RECORD("dust", struct words, words_fields), .use = SCHEMA_MAY_DROP},
    [ASK] = {SCHEMA_RECORD("ask", struct where, where_fields), .use = SCHEMA_CALL, .answer = TOLD},
    [TOLD] = {SCHEMA_RECORD("told", struct words, words_fields), .use = SCHEMA_ANSWER}};

static struct script {
    struct ship ship[SHIPS];
    struct sign sign[SIGNS];
    struct secret secret[SECRETS];
    uint32_t ship_life[SHIPS], sign_life[SIGNS], secret_life[SECRETS];
    struct game_to secret_to[SECRETS];
    uint64_t groups;
    bool owns;               /* the first player steers the second ship */
    struct game_note say[4]; /* in the next tick */
    union {
        struct where where;
        struct words words;
    } said[4];
    int says;
    struct rig *rig;
    struct rig_client client;
    FILE *out;
    int messages;
} script;

static void script_begin(void *world, struct game_turn *turn, uint64_t seed) {
    (void)world, (void)turn, (void)seed;
}
static void script_join(void *world, struct game_turn *turn, game_player who,
                        const struct game_profile *profile) {
    (void)world, (void)turn, (void)who, (void)profile;
}
static void script_leave(void *world, struct game_turn *turn, game_player who, enum game_reason why) {
    (void)world, (void)turn, (void)who, (void)why;
}
static void script_input(void *world, struct game_turn *turn, game_player who, const void *input) {
    (void)world, (void)turn, (void)who, (void)input;
}
static void script_call(void *world, struct game_turn *turn, game_player who, uint16_t record,
                        uint32_t ticket, const void *question) {
    int32_t where = ((const struct where *)question)->where;
    struct words words = {"wörd"};
    (void)world;
    struct game_note note = {GAME_REPLY, .status = (uint8_t)where, .record = records[record].answer,
                             .to = GAME_ONE(who), .ticket = ticket};
    game_say(turn, note, where ? NULL : &words);
}

static void script_tick(void *world, struct game_turn *turn) {
    (void)world;
    for (int i = 0; i < script.says; i++) game_say(turn, script.say[i], &script.said[i]);
    script.says = 0;
    for (int i = 0; i < SHIPS; i++) {
        struct ship *ship = &script.ship[i];
        ship->x += ship->vx * turn->dt;
        ship->y += ship->vy * turn->dt;
        if (ship->x >= 1000) ship->x -= 1000;
        if (ship->x < 0) ship->x += 1000;
        ship->y = ship->y < 0 ? 0 : ship->y > 500 ? 500 : ship->y;
    }
}

static void script_show(const void *world, struct game_view *view) {
    (void)world;
    for (uint16_t i = 0; i < SHIPS; i++)
        if (script.ship_life[i]) game_show(view, SHIP, i, script.ship_life[i], &script.ship[i], GAME_ALL);
    for (uint16_t i = 0; i < SIGNS; i++)
        if (script.sign_life[i]) game_show(view, SIGN, i, script.sign_life[i], &script.sign[i], GAME_ALL);
    for (uint16_t i = 0; i < SECRETS; i++)
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
static const struct game_calls calls = {script_begin, script_join, script_leave, script_input,
                                        script_call,  script_tick, script_show,  NULL};

/* ---- What a client knows, as text. */

static char events_text[TEXT_BYTES], answers_text[TEXT_BYTES]; /* of this vector so far, one a line */

static void put(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(char *text, const char *format, ...) {
    size_t length = strlen(text);
    va_list words;
    va_start(words, format);
    vsnprintf(text + length, TEXT_BYTES - length, format, words);
    va_end(words);
}

static void put_values(char *text, const struct shape *shape, const int32_t *cells, bool first) {
    for (int i = 0; i < shape->field_count; i++, first = false) {
        const struct shape_field *field = &shape->fields[i];
        const char *comma = first ? "" : ", ";
        if (field->type == SCHEMA_TEXT)
            put(text, "%s\"%s\"", comma, (const char *)(cells + field->cell));
        else
            put(text, "%s%" PRId32, comma, cells[field->cell]);
    }
}

static void note_events(const struct client *client) {
    const struct frame_slice *list = &client->frame.lists[FRAME_EVENTS];
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    struct replica_event event = {.number = client->events_before};
    while (replica_event_next(client->shapes, &reader, client->replica.tick, &event)) {
        put(events_text, "%s[%u, %u, %u", events_text[0] ? ",\n" : "", event.number, event.record,
            event.tick);
        put_values(events_text, &client->shapes->records[event.record], event.cells, false);
        put(events_text, "]");
    }
}

/* Numbers, and the one text that TOLD has. */
static void note_answers(const struct client *client) {
    const struct frame_slice *list = &client->frame.lists[FRAME_ANSWERS];
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    for (uint32_t i = 0; i < list->elements; i++) {
        uint32_t elements = wire_read_array(&reader);
        uint64_t type = wire_read_uint(&reader, MESSAGE_ACKS);
        bool words_follow = type == MESSAGE_REPLY && elements == 4;
        put(answers_text, "%s[%" PRIu64, answers_text[0] ? ",\n" : "", type);
        for (uint32_t at = 1; at + words_follow < elements; at++)
            put(answers_text, ", %" PRIu64, wire_read_uint(&reader, UINT64_MAX));
        if (words_follow) {
            char words[LIMIT_TEXT];
            wire_read_text(&reader, words, sizeof words);
            put(answers_text, ", \"%s\"", words);
        }
        put(answers_text, "]");
    }
    EXPECT(wire_read_all(&reader));
}

static void put_expect(char *text, const struct client *client) {
    bool first = true;
    put(text, "\"expect\": {\n\"tick\": %u,\n\"hash\": \"0x%016" PRIx64 "\",\n\"rows\": {",
        client->replica.tick, replica_hash(&client->replica));
    for (uint32_t row = 0; row < client->shapes->row_count; row++) {
        const int32_t *cells = replica_row(&client->replica, row);
        if (!cells) continue;
        put(text, "%s\n\"%u\": [", first ? "" : ",", row);
        put_values(text, &shape_kind_of(client->shapes, row)->row, cells, true);
        put(text, "]");
        first = false;
    }
    put(text, "\n},\n\"events\": [\n%s\n],\n\"answers\": [\n%s\n]}}", events_text, answers_text);
}

/* A client that reads a message, and remembers its events and answers. */
static enum client_news read_message(struct rig_client *client, const uint8_t *bytes, size_t size) {
    enum client_news news = client_take(&client->client, bytes, size);
    if (news == CLIENT_WELCOMED) {
        free(client->memory);
        client->memory = calloc(1, client_bytes(&client->client) + 8);
        CHECK(client->memory);
        client_start(&client->client, client->memory);
    }
    if (news == CLIENT_FRAME) {
        note_events(&client->client);
        note_answers(&client->client);
    }
    return news;
}

/* ---- Writing a script down. */

static void put_hex(FILE *out, const uint8_t *bytes, size_t size) {
    fputc('"', out);
    for (size_t i = 0; i < size; i++) fprintf(out, "%02x", bytes[i]);
    fputc('"', out);
}

/* The server makes random tokens; in a vector stands this one. */
static void settle_token(uint8_t *bytes) {
    static const char token[] = "0123456789abcdef0123456789abcdef";
    if (bytes[1] == MESSAGE_WELCOME) memcpy(bytes + 4, token, sizeof token - 1);
}

static void take(void) {
    static uint8_t bytes[LIMIT_FRAME];
    struct broadcast due =
        broadcaster_next(script.rig->broadcaster, &script.client.attachment, script.rig->now_us);
    if (due.size == 0) return;
    memcpy(bytes, due.bytes, due.size);
    settle_token(bytes);
    fprintf(script.out, "%s", script.messages++ ? ",\n" : "");
    put_hex(script.out, bytes, due.size);
    read_message(&script.client, bytes, due.size);
}

static void turns(uint32_t count, bool taken) {
    for (; count; count--) {
        rig_turn(script.rig);
        if (client_owes_ack(&script.client.client)) rig_ack(script.rig, &script.client);
        if (taken) take();
    }
}

static void enter(uint32_t lane) {
    rig_hello(script.rig, &script.client, "Ada", lane, "");
    turns(1, true);
}

static void ship(int i, float x, float y, float vx, float vy) {
    script.ship[i] = (struct ship){x, y, vx, vy, 9};
    script.ship_life[i]++;
}
static void sign(int i, int32_t colour, const char *words) {
    script.sign[i].colour = colour;
    snprintf(script.sign[i].words, sizeof script.sign[i].words, "%s", words);
    if (!script.sign_life[i]) script.sign_life[i] = 1;
}
static struct game_note *say(uint16_t record, struct game_to to) {
    struct game_note *note = &script.say[script.says++];
    *note = (struct game_note){GAME_EVENT, .record = record, .to = to};
    return note;
}
static void boom(int32_t where, struct game_to to) {
    script.said[script.says].where.where = where;
    say(BOOM, to);
}
static void dust(const char *words) {
    snprintf(script.said[script.says].words.words, sizeof script.said[0].words.words, "%s", words);
    say(DUST, GAME_ALL);
}

/* ---- The scripts. */

static void keyframe(void) {
    ship(0, 10, 20, 0, 0);
    ship(1, 999.5f, 500, -100, 100);
    sign(0, 3, "hello");
    enter(LANE_LINEAR);
    turns(1, true);
}
static void motion(void) {
    ship(0, 990, 480, 33.5f, 70);
    ship(2, 3, 7, -77.5f, -31);
    enter(LANE_LINEAR);
    turns(40, true);
}
static void changes(void) {
    ship(0, 998, 20, 0, 0);
    sign(1, 1, "a");
    enter(LANE_LINEAR);
    turns(2, true);
    script.ship[0].x = 4; /* over the seam, unforeseen */
    script.ship[0].health = 2;
    turns(1, true);
    script.ship[0].vx = 50;
    sign(1, 7, "Grüße");
    turns(1, true);
    script.ship[0].vy = -12.5f;
    script.ship[0].y = 300;
    sign(1, 7, "");
    turns(3, true);
}
static void lives(void) {
    for (int i = 0; i < SHIPS; i++) ship(i, 10, 10, 5, 5);
    for (int i = 0; i < SIGNS; i++) sign(i, i, "x");
    enter(LANE_LINEAR);
    turns(3, true);
    script.ship_life[1] = script.sign_life[3] = 0;
    turns(1, true);
    ship(1, 500, 100, -5, 0); /* another */
    ship(2, 700, 100, 0, 5);  /* reborn in one tick */
    turns(2, true);
    script.sign_life[0] = script.sign_life[1] = 0;
    script.sign[2].colour = 5;
    turns(1, true);
}
static void stale(void) {
    for (int i = 0; i < SHIPS; i++) ship(i, 100, 100, 20, 10);
    sign(0, 1, "one");
    enter(LANE_LINEAR);
    turns(1, true);
    turns(2, false);
    script.ship[0].vx = -20; /* once */
    turns(2, false);
    script.ship[1].vy = 40; /* twice: whole */
    turns(2, false);
    script.ship[1].vy = -40;
    sign(0, 2, "two");
    turns(2, false);
    sign(0, 3, "three");
    script.ship_life[2] = 0;
    turns(1, true);
    turns(1, true);
}
static void latecomer(void) {
    ship(0, 100, 100, 12.5f, -3.5f);
    sign(0, 1, "old");
    rig_hello(script.rig, &(struct rig_client){0}, "First", LANE_LINEAR, "");
    turns(90, false);
    enter(LANE_LINEAR);
    turns(2, true);
}
static void anchors(void) {
    ship(0, 100, 100, 0.5f, 1.5f);
    ship(1, 100, 100, 1.5f, -0.5f);
    enter(LANE_LINEAR);
    turns(1, true);
    turns(300, false);
    turns(1, true);
}
static void tell(void) {
    sign(0, 1, "x");
    enter(LANE_LINEAR);
    boom(4, GAME_ALL);
    dust("puff");
    turns(1, true);
    boom(1, GAME_ONE(3));
    turns(2, false);
    boom(2, GAME_ONE(0));
    turns(30, false);
    dust("ä");
    turns(1, true);
}
static void answers(void) {
    uint8_t bytes[64];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    enter(LANE_LINEAR);
    turns(1, true);
    for (int32_t where = 0; where < 2; where++) {
        writer.size = 0;
        message_write_call(&writer, 70 + (uint32_t)where, ASK, &script.rig->shapes[0].records[ASK], &where);
        rig_say(script.rig, &script.client, &writer);
    }
    writer.size = 0;
    message_write_ping(&writer, UINT64_C(1) << 53);
    rig_say(script.rig, &script.client, &writer);
    turns(1, true);
}
static void inputs(void) {
    enter(LANE_LINEAR);
    turns(1, true);
    for (int32_t push = 0; push < 5; push++) {
        rig_input(script.rig, &script.client, &push);
        turns(1, push != 2 && push != 3);
    }
}
/* Steered, let go, steered again; then a tick without input is followed by two with, of which no frame tells;
 * then more inputs at once than wait. */
static void steering(void) {
    int32_t push = 1;
    script.owns = true;
    ship(1, 10, 20, 30, 40);
    enter(LANE_LINEAR);
    turns(1, true);
    script.owns = false;
    turns(1, true);
    script.owns = true;
    for (int i = 0; i < 2; i++) {
        rig_input(script.rig, &script.client, &push);
        turns(1, true);
    }
    turns(1, false);
    for (int i = 0; i < 4; i++) rig_input(script.rig, &script.client, &push);
    turns(1, false);
    turns(1, true);
    for (int i = 0; i < 10; i++) rig_input(script.rig, &script.client, &push);
    turns(1, true);
}
static void hashes(void) {
    ship(0, 10, 20, 30, 40);
    sign(0, 3, "hello");
    enter(LANE_LINEAR);
    turns(130, true);
}
static void audience(void) {
    script.secret_life[0] = script.secret_life[1] = 1;
    script.secret[0] = (struct secret){INT32_MIN, -0.75f};
    script.secret[1] = (struct secret){INT32_MAX, 1000};
    script.secret_to[0] = GAME_GROUP(5);
    script.secret_to[1] = GAME_ONE(0);
    enter(LANE_LINEAR);
    turns(1, true);
    script.groups = 1u << 5;
    script.secret[1].count = INT32_MIN;
    turns(1, true);
    script.groups = 0;
    script.secret[0].level = 3;
    turns(1, true);
}
static void without_prediction(void) {
    ship(0, 10, 20, 30, 40);
    enter(LANE_NONE);
    turns(6, true);
}

static void in_line(void) {
    struct rig *rig = script.rig;
    sign(1, 3, "hello");
    rig_hello(rig, &script.client, "Ada", 1, "");
    for (uint32_t place = 300; place; place = place == 300 ? 1 : 0) {
        EXPECT(session_line(rig->sessions, script.client.attachment.session, place));
        take();
        rig->now_us += 1000000;
    }
    turns(2, true);
}

static const struct {
    const char *name;
    void (*run)(void);
} scripts[] = {{"a keyframe", keyframe},
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

static void begin_script(void) {
    rig_client_finish(&script.client);
    script = (struct script){.out = script.out};
    events_text[0] = answers_text[0] = 0;
    script.rig = rig_create(&schema, &calls, 1);
}

static void write_script(FILE *out, size_t i) {
    static char expect[TEXT_BYTES];
    begin_script();
    script.out = out;
    fprintf(out, "%s{\"name\": \"%s\",\n\"messages\": [\n", i ? ",\n" : "", scripts[i].name);
    scripts[i].run();
    expect[0] = 0;
    put_expect(expect, &script.client.client);
    fprintf(out, "\n],\n%s", expect);
    EXPECT_EQ(script.client.client.hashes_wrong, 0);
    rig_destroy(script.rig);
}

static void write_frames(FILE *out) {
    fprintf(out, "[\n");
    for (size_t i = 0; i < COUNT_OF(scripts); i++) write_script(out, i);
    fprintf(out, "\n]\n");
}

/* Frames after the keyframe (rows 0, 1 and 3 are held), each wrong in one way. */
static const char *const wrong_frames[][2] = {
    {"changes: a rank that is not held", "92 22 93 03 10 01"},
    {"changes: a field that is not there", "92 22 93 00 20 01"},
    {"changes: a value is missing", "92 22 92 00 10"},
    {"changes: out of range", "92 22 93 00 10 01"},
    {"changes: a text as long as its size", "92 22 93 02 02 aa 61 61 61 61 61 61 61 61 61 61"},
    {"changes: a number where a text is due", "92 22 93 02 02 05"},
    {"changes: an array within", "92 22 93 00 10 91 01"},
    {"changes: without a tick", "92 20 93 00 10 ff"},
    {"enterings: a row that is held", "93 22 90 97 00 00 01 01 00 00 05"},
    {"enterings: a number beyond the schema", "93 22 90 94 09 00 01 a1 61"},
    {"enterings: an age beyond the anchor", "93 22 90 97 02 cd 01 00 01 01 00 00 05"},
    {"enterings: a value out of range", "93 22 90 97 02 00 01 01 00 00 0a"},
    {"enterings: the seam itself", "93 22 90 97 02 00 cd 07 d0 01 00 00 05"},
    {"leavings: a rank that is not held", "94 22 90 90 91 03"},
    {"leavings: two, and the second is not held", "94 22 90 90 92 01 01"},
    {"stale: sent in the base's tick", "95 24 90 90 90 94 ff 02 10 ff"},
    {"changes: a mask of 0", "92 22 92 00 00"},
    {"stale: a mask of 0", "95 24 90 90 90 93 ff 01 00"},
    {"stale: whole, of a rank that is not held", "95 24 90 90 90 97 03 03 01 01 00 00 05"},
    {"stale: whole, of more than 255 ticks ago", "95 24 90 90 90 96 cd 04 00 01 01 00 00 05"},
    {"stale: whole, and a value is missing", "95 24 90 90 90 95 04 01 01 00 00"},
    {"changes: a usual one of a rank that is not held", "92 22 93 fc 01 01"},
    {"changes: a usual one without its second value", "92 22 92 ff 01"},
    {"stale: a row that is in changes, too", "95 24 93 00 10 ff 90 90 94 ff 01 10 ff"},
    {"stale: a row that leaves", "95 24 90 90 91 02 94 fd 01 01 01"},
    {"events: no such record", "96 22 90 90 90 90 93 01 04 00"},
    {"events: a call's record", "96 22 90 90 90 90 94 01 02 00 01"},
    {"events: a number that does not grow", "96 22 90 90 90 90 94 00 00 00 01"},
    {"events: a value out of range", "96 22 90 90 90 90 94 01 00 00 0a"},
    {"inputs were used, but none", "92 25 00"},
    {"inputs were used, but how many", "91 25"},
    {"inputs were used late, but by no tick", "93 25 fe 00"},
    {"inputs were used late, but how late", "92 25 fe"},
    {"answers: to steer a row beyond the schema", "97 22 90 90 90 90 90 91 92 16 0a"},
    {"answers: a row to steer, and more", "97 22 90 90 90 90 90 91 93 16 01 01"},
    {"an element after the hash", "99 22 90 90 90 90 90 90 00 00"},
    {"a number that is a text", "91 a1 61"},
    {"an advance beyond 2^20", "91 ce 00200022"},
    {"nil", "92 22 c0"},
    {"an array that claims more than there is", "92 22 dd ff ff ff ff"},
    {"something follows", "91 22 00"},
    {"a map", "81 22 90"},
    {"QUEUED after WELCOME", "92 15 01"},
    {"QUEUED: a place before the first", "92 15 00"},
    {"no message", "91 07"}};

/* Messages of clients; those behind "" are well-formed. */
static const char *const up_messages[][3] = {
    {"HELLO", "97 00 a5 6172656e61 a0 a3 416461 a1 2d a0 01", ""},
    {"HELLO: every width", "97 00 d905 6172656e61 da0000 db00000003 416461 a1 2d a0 ce00000001", ""},
    {"INPUT", "94 01 07 cd 0100 ff", ""},
    {"INPUT: what was seen lies ahead", "95 01 07 cd 0100 ff 7f", ""},
    {"ACK", "92 02 cc ff", ""},
    {"PING: the largest stamp", "92 03 cf 0020000000000000", ""},
    {"CALL", "95 04 01 02 05 a2 6162", ""},
    {"BYE", "91 05", ""},
    {"HELLO: a control character", "97 00 a5 6172656e61 a0 a3 410a61 a1 2d a0 01", "wrong"},
    {"HELLO: a direction mark", "97 00 a5 6172656e61 a0 a4 e280ae61 a1 2d a0 01", "wrong"},
    {"HELLO: a C1 control character", "97 00 a5 6172656e61 a0 a3 61c285 a1 2d a0 01", "wrong"},
    {"HELLO: nothing but spaces", "97 00 a5 6172656e61 a0 a2 2020 a1 2d a0 01", "wrong"},
    {"HELLO: a name of 24 bytes",
     "97 00 a5 6172656e61 a0 b8 616161616161616161616161616161616161616161616161 a1 2d a0 01", "wrong"},
    {"HELLO: no game", "97 00 a0 a0 a3 416461 a1 2d a0 01", "wrong"},
    {"HELLO: a room with a space", "97 00 a5 6172656e61 a3 612062 a0 a1 2d a0 01", "wrong"},
    {"HELLO: half a token", "97 00 a5 6172656e61 a0 a0 a4 30313233 a0 01", "wrong"},
    {"HELLO: an element is missing", "96 00 a5 6172656e61 a0 a3 416461 a1 2d a0", "wrong"},
    {"HELLO: a number for a name", "97 00 a5 6172656e61 a0 05 a1 2d a0 01", "wrong"},
    {"HELLO: half a character", "97 00 a5 6172656e61 a0 a1 c3 a1 2d a0 01", "wrong"},
    {"ACK: below zero", "92 02 ff", "wrong"},
    {"ACK: beyond 32 bits", "92 02 cf 0000000100000000", "wrong"},
    {"ACK: two", "93 02 01 02", "wrong"},
    {"PING: a stamp too large", "92 03 cf 0020000000000001", "wrong"},
    {"PING: float64", "92 03 cb 0000000000000000", "wrong"},
    {"BYE: with a reason", "92 05 01", "wrong"},
    {"an unknown message", "91 07", "wrong"},
    {"a message without a number", "90", "wrong"},
    {"a number without a message", "05", "wrong"},
    {"a map", "81 02 05", "wrong"},
    {"true", "92 02 c3", "wrong"},
    {"cut short", "92 02 cd 01", "wrong"}};

static size_t from_hex(const char *text, uint8_t *bytes, size_t max) {
    size_t size = 0;
    for (unsigned byte; *text && size < max; text += 2) {
        while (*text == ' ') text++;
        if (sscanf(text, "%2x", &byte) != 1) break;
        bytes[size++] = (uint8_t)byte;
    }
    return size;
}

static void write_wrong_frames(FILE *out) {
    uint8_t bytes[256];
    fprintf(out, "[\n");
    for (size_t i = 0; i < COUNT_OF(wrong_frames); i++) {
        begin_script();
        script.out = out;
        fprintf(out, "%s{\"name\": \"FRAME: %s\",\n\"messages\": [\n", i ? ",\n" : "", wrong_frames[i][0]);
        keyframe();
        fprintf(out, ",\n");
        put_hex(out, bytes, from_hex(wrong_frames[i][1], bytes, sizeof bytes));
        fprintf(out, "\n],\n\"error\": true}");
        rig_destroy(script.rig);
    }
    fprintf(out, "\n]\n");
}

static void write_up(FILE *out) {
    uint8_t bytes[256];
    fprintf(out, "[\n");
    for (size_t i = 0; i < COUNT_OF(up_messages); i++) {
        fprintf(out, "%s{\"name\": \"%s\",\n\"bytes\":\n", i ? ",\n" : "", up_messages[i][0]);
        put_hex(out, bytes, from_hex(up_messages[i][1], bytes, sizeof bytes));
        fprintf(out, "%s}", up_messages[i][2][0] ? ",\n\"error\": true" : "");
    }
    fprintf(out, "\n]\n");
}

static const struct {
    const char *name;
    void (*write)(FILE *out);
} files[] = {
    {"frames.json", write_frames}, {"malformed_frames.json", write_wrong_frames}, {"up.json", write_up}};

static FILE *open_file(const char *dir, size_t i, const char *mode) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, files[i].name);
    return fopen(path, mode);
}

static int write_all(const char *dir) {
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        FILE *out = open_file(dir, i, "w");
        if (!out) return 1;
        files[i].write(out);
        fclose(out);
    }
    return check_failures != 0;
}

/* ---- The tests. */

static const char folder[] = "protocol/vectors";

static void written_anew_they_are_the_same(void) {
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char *text = NULL, *line = NULL;
        size_t size = 0, capacity = 0, at = 0;
        FILE *memory = open_memstream(&text, &size), *file = open_file(folder, i, "r");
        files[i].write(memory);
        fclose(memory);
        EXPECT(file);
        for (ssize_t length; file && (length = getline(&line, &capacity, file)) > 0; at += (size_t)length)
            EXPECT(size - at >= (size_t)length && memcmp(text + at, line, (size_t)length) == 0);
        EXPECT_EQ(at, size);
        if (file) fclose(file);
        free(line);
        free(text);
    }
}

/* Whether a client that greets refuses this message; HELLO's words are judged as a session does. */
static bool refused_up(const uint8_t *bytes, size_t size) {
    struct message_up up;
    if (message_read_up(bytes, size, &up) != CODE_NONE) return true;
    if (up.type != MESSAGE_HELLO) return false;
    const struct message_hello *hello = &up.hello;
    bool device = !hello->device[0] || strcmp(hello->device, "-") == 0 || token_valid(hello->device);
    return !device || (hello->session[0] && !token_valid(hello->session)) ||
           !message_label_valid(hello->game) || (hello->room[0] && !message_label_valid(hello->room)) ||
           !message_name_valid(hello->name);
}

struct vector { /* while it is read */
    char name[128];
    struct rig_client client;
    enum client_news news;
    bool up, refused;
    uint32_t messages;
};

static void begin_vector(struct vector *vector, const char *line) {
    uint8_t bytes[LIMIT_MESSAGE_UP];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    rig_client_finish(&vector->client);
    memset(vector, 0, sizeof *vector);
    snprintf(vector->name, sizeof vector->name, "%.100s", line);
    events_text[0] = answers_text[0] = 0;
    client_init(&vector->client.client, &vector->client.shapes);
    client_hello(&vector->client.client, &(struct message_hello){0}, &writer);
}

static void take_line(struct vector *vector, const char *line) {
    static uint8_t bytes[LIMIT_FRAME];
    size_t size = from_hex(line + 1, bytes, sizeof bytes);
    bool good = vector->messages == 0 || vector->news == CLIENT_QUEUED || vector->news == CLIENT_WELCOMED ||
                vector->news == CLIENT_FRAME;
    EXPECT(good || vector->up);
    vector->messages++;
    if (vector->up)
        vector->refused = refused_up(bytes, size);
    else
        vector->news = read_message(&vector->client, bytes, size);
}

/* A vector's end: what it expects is what its client knows. */
static void finish_vector(struct vector *vector, const char *expect) {
    static char known[TEXT_BYTES];
    bool error = strstr(expect, "\"error\": true") != NULL;
    int before = check_failures;
    if (vector->up) {
        EXPECT_EQ(vector->refused, error);
    } else if (error) {
        EXPECT_EQ(vector->news, CLIENT_BROKEN);
    } else {
        known[0] = 0;
        put_expect(known, &vector->client.client);
        EXPECT(strncmp(known, expect, strlen(known)) == 0);
        EXPECT_EQ(vector->client.client.hashes_wrong, 0);
    }
    if (check_failures != before) printf("# in %s", vector->name);
}

/* A vector begins with a line that names it, and goes on to the next one's or the file's end. */
static void read_file(size_t i) {
    static char line[LINE_BYTES], expect[TEXT_BYTES];
    static struct vector vector;
    FILE *file = open_file(folder, i, "r");
    uint32_t found = 0;
    EXPECT(file);
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "{\"name\"", 7) == 0) {
            if (found++) finish_vector(&vector, expect);
            begin_vector(&vector, line);
            expect[0] = 0;
        } else if (expect[0] || strncmp(line, "\"expect\"", 8) == 0 || strncmp(line, "\"error\"", 7) == 0) {
            put(expect, "%s", line);
        } else if (strncmp(line, "\"bytes\"", 7) == 0) {
            vector.up = true;
        } else if (line[0] == '"' && line[1] != 'm') {
            take_line(&vector, line);
        }
    }
    if (found) finish_vector(&vector, expect);
    printf("# %s: %u vectors\n", files[i].name, found);
    EXPECT(found > 5);
    rig_client_finish(&vector.client);
    if (file) fclose(file);
}

static void a_client_comes_to_what_they_expect(void) {
    for (size_t i = 0; i < COUNT_OF(files); i++) read_file(i);
}

int main(int count, char **words) {
    if (count == 3 && strcmp(words[1], "--write") == 0) return write_all(words[2]);
    RUN(written_anew_they_are_the_same);
    RUN(a_client_comes_to_what_they_expect);
    rig_client_finish(&script.client);
    return check_done();
}
