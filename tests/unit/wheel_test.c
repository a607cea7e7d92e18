/* The wheel against a model that is nothing but a list: random arming, moving, disarming and turning must
 * give the same timers at the same turns, each once and never early. */
#include "server/edge/wheel.h"
#include "tests/check.h"
#include "tests/dice.h"

enum { TIMERS = 300, STEPS = 20000 };

static uint64_t dice;

static uint64_t draw(uint64_t below) {
    return (uint64_t)dice_within(&dice, 0, (int64_t)below - 1);
}

struct model {
    struct wheel wheel;
    struct wheel_timer timers[TIMERS];
    bool armed[TIMERS];
    uint64_t due_us[TIMERS], armed_us[TIMERS];
    uint64_t now_us;
    uint32_t fired;
};

static void arm(struct model *model, size_t i) {
    static const uint64_t spans_us[] = {1, WHEEL_SLOT_US, 10 * WHEEL_SLOT_US,
                                        3ull * WHEEL_SLOTS * WHEEL_SLOT_US};
    uint64_t span_us = spans_us[draw(4)];
    uint64_t due_us = draw(10) ? model->now_us + draw(span_us) : model->now_us - draw(model->now_us);
    wheel_arm(&model->wheel, &model->timers[i], due_us);
    model->armed[i] = true;
    model->due_us[i] = due_us;
    model->armed_us[i] = model->now_us;
}

static void turn(struct model *model) {
    model->now_us += draw(20) ? draw(2 * WHEEL_SLOT_US) : draw(200ull * WHEEL_SLOT_US);
    struct wheel_timer *timer;
    while ((timer = wheel_turn(&model->wheel, model->now_us))) {
        size_t i = (size_t)(timer - model->timers);
        EXPECT(model->armed[i]);
        EXPECT(model->due_us[i] <= model->now_us);
        EXPECT(!timer->from);
        model->armed[i] = false;
        model->fired++;
        if (draw(4) == 0) arm(model, i); /* as owners do: arm again while the wheel turns */
        if (draw(8) == 0) {              /* or disarm another, which may be due as well */
            size_t other = draw(TIMERS);
            wheel_disarm(&model->timers[other]);
            model->armed[other] = false;
        }
    }
    for (size_t i = 0; i < TIMERS; i++)
        EXPECT(!model->armed[i] || model->due_us[i] > model->now_us || model->armed_us[i] == model->now_us);
}

static void random_model(void) {
    static struct model model;
    model.now_us = 5000000;
    wheel_start(&model.wheel, model.now_us);
    for (int step = 0; step < STEPS; step++) {
        size_t i = draw(TIMERS);
        if (draw(3)) arm(&model, i);
        if (draw(5) == 0) {
            wheel_disarm(&model.timers[i]);
            model.armed[i] = false;
        }
        if (draw(4) == 0) turn(&model);
    }
    for (int around = 0; around < 2 * WHEEL_SLOTS; around++) turn(&model);
    EXPECT(model.fired > STEPS / 4);
}

static void exact_at_the_edge(void) {
    struct wheel wheel;
    struct wheel_timer timer = {0};
    wheel_start(&wheel, 1000000);
    wheel_arm(&wheel, &timer, 1200000);
    EXPECT(!wheel_turn(&wheel, 1199999));
    EXPECT(wheel_turn(&wheel, 1200000) == &timer);
    EXPECT(!wheel_turn(&wheel, 90000000));
}

static void beyond_one_turn(void) {
    struct wheel wheel;
    struct wheel_timer timer = {0};
    uint64_t due_us = 5ull * WHEEL_SLOTS * WHEEL_SLOT_US + 3;
    wheel_start(&wheel, 0);
    wheel_arm(&wheel, &timer, due_us);
    for (uint64_t now_us = 0; now_us < due_us; now_us += WHEEL_SLOT_US) EXPECT(!wheel_turn(&wheel, now_us));
    EXPECT(wheel_turn(&wheel, due_us + 1) == &timer);
}

static void gone_by_comes_next(void) {
    struct wheel wheel;
    struct wheel_timer timer = {0};
    wheel_start(&wheel, 9000000);
    wheel_arm(&wheel, &timer, 10);
    EXPECT(!wheel_turn(&wheel, 9000000)); /* the same time again: an owner that re-arms must not loop */
    EXPECT(wheel_turn(&wheel, 9000001) == &timer);
    wheel_disarm(&timer);
    wheel_arm(&wheel, &timer, 9400000);
    wheel_arm(&wheel, &timer, 9600000);
    EXPECT(!wheel_turn(&wheel, 9500000));
    EXPECT(wheel_turn(&wheel, 9600000) == &timer);
}

int main(void) {
    dice = dice_seed(dice_of_test());
    RUN(exact_at_the_edge);
    RUN(beyond_one_turn);
    RUN(gone_by_comes_next);
    RUN(random_model);
    return check_done();
}
