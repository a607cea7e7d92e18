#include "tests/property/flight.h"
#include "game/arena/rows.h"
#include "tests/check.h"

enum { SIGHTS = 16 * LOOKERS * FLEET_SHIPS /* some ticks' pictures */ };

/* Another's ship as it was drawn for a time that the server may not have reached yet: it waits for the truth.
 */
struct sight {
    struct view *view;
    double tick;
    float x, y;
    uint16_t slot;
};
static struct sight sights[SIGHTS];
static uint32_t sight_count;

void picture_forget_all(void) {
    sight_count = 0;
}

void picture_begin(struct picture *picture, const struct client *client) {
    free(picture->memory);
    picture->memory = calloc(1, display_bytes(client->shapes));
    CHECK(picture->memory);
    display_init(&picture->display, client->shapes, picture->memory);
}

/* ---- The truth. */

static float across(float from, float to) {
    return math_across(from, to, ARENA_SIZE);
}

/* How far a ship was drawn from where it was at that time. */
static float off_truth(const struct sight *sight) {
    uint32_t tick = (uint32_t)sight->tick;
    float part = (float)(sight->tick - tick);
    const struct fleet_place *here = &fleet.truth[tick % FLEET_KEPT_TICKS][sight->slot];
    const struct fleet_place *next = &fleet.truth[(tick + 1) % FLEET_KEPT_TICKS][sight->slot];
    return math_length(across(here->x, sight->x) - across(here->x, next->x) * part,
                       across(here->y, sight->y) - across(here->y, next->y) * part);
}

static void note_off(struct view *view, float off) {
    view->off = flight_larger(view->off, off);
    view->compared++;
    view->near += off < OFF_SELDOM;
}

void picture_compare_all(void) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < sight_count; i++) {
        struct sight *sight = &sights[i];
        if (sight->tick >= flight.rig->tick)
            sights[kept++] = *sight;
        else
            note_off(sight->view, off_truth(sight));
    }
    sight_count = kept;
}

/* ---- Drawing. */

static void look_at(struct picture *picture, uint16_t slot, bool own, float x, float y) {
    bool before = picture->places[slot].number > 0 && picture->places[slot].number + 1 == picture->number;
    float dx = across(picture->places[slot].x, x), dy = across(picture->places[slot].y, y);
    float way = before ? math_length(dx, dy) : 0;
    EXPECT(x >= 0 && x < ARENA_SIZE && y >= 0 && y < ARENA_SIZE);
    picture->places[slot].x = x;
    picture->places[slot].y = y;
    picture->places[slot].number = picture->number;
    if (own) {
        picture->own_way = flight_larger(picture->own_way, way);
        return;
    }
    picture->others.way = flight_larger(picture->others.way, way);
    CHECK(sight_count < SIGHTS && picture->display.tick + FLEET_KEPT_TICKS > flight.rig->tick);
    sights[sight_count++] = (struct sight){&picture->others, picture->display.tick, x, y, slot};
}

/* Which ships the next picture has news of. */
static void hear(struct picture *picture, double now_ms) {
    for (uint32_t slot = 0; slot < FLEET_SHIPS; slot++)
        if (held_has(picture->display.touched, slot)) picture->places[slot].told_ms = now_ms;
}

void picture_draw(struct flier *flier) {
    struct picture *picture = &flier->picture;
    const struct client *client = &flier->rig.client;
    double now_ms = flier_now_ms(flier);
    struct display_time time = {timing_tick(&flier->timing, now_ms),
                                (float)timing_part(&flier->timing, now_ms), now_ms};
    const struct display_kind *ships = &picture->display.kinds[KIND_SHIP];
    uint32_t fields = client->shapes->kinds[KIND_SHIP].row.field_count;
    hear(picture, now_ms);
    display_show(&picture->display, client, &flier->own, flier->input, &time);
    picture->number++;
    for (uint32_t i = 0; i < ships->count; i++) {
        uint16_t slot = ships->slots[i];
        bool own = slot == client->welcome.player, eased = own || ships->left_ms[slot] == 0;
        look_at(picture, slot, own, ships->values[i * fields], ships->values[i * fields + 1]);
        EXPECT(eased || now_ms - picture->places[slot].told_ms < DISPLAY_EASE_MS);
    }
}
