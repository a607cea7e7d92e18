#include "tests/load/chair.h"

enum { QUIET_US = 1500000 /* a room that has nothing to say says so within a second: see keepalive_ms */ };

void chair_begin(struct chair *chair, uint64_t now_us) {
    chair->sampled_us = now_us;
    chair->inputs_at = chair->inputs_end;
    chair->frame_us = 0;
}

/* ---- Age: looked at once each CHAIR_STEP_US. Nothing is missing until `missing_us`, something is from then
 * on. */

static void sample(struct chair *chair, struct figures *figures, uint64_t missing_us, uint64_t until_us) {
    uint64_t from_us = chair->sampled_us;
    if (until_us > figures->until_us) until_us = figures->until_us;
    if (!from_us || until_us <= from_us) return;
    uint64_t looks = (until_us - from_us) / CHAIR_STEP_US, last_us = from_us + looks * CHAIR_STEP_US;
    chair->sampled_us = last_us;
    if (!figures->measuring || !looks) return;
    uint64_t first_us = from_us + CHAIR_STEP_US;
    uint64_t well = missing_us <= first_us ? 0 : (missing_us - first_us + CHAIR_STEP_US - 1) / CHAIR_STEP_US;
    if (well > looks) well = looks;
    histogram_add_many(&figures->second[TIME_AGE], 0, well);
    if (well == looks) return;
    first_us += well * CHAIR_STEP_US;
    histogram_add_ramp(&figures->second[TIME_AGE], first_us - missing_us, last_us - missing_us,
                       CHAIR_STEP_US);
}

/* ---- Inputs. */

static void answer_oldest(struct chair *chair, struct figures *figures, uint64_t now_us) {
    uint64_t due_us = chair->inputs[chair->inputs_at++ % CHAIR_INPUTS].due_us;
    if (due_us < figures->until_us) figures_time(figures, TIME_EFFECT, now_us - due_us);
}

void chair_input(struct chair *chair, struct figures *figures, uint32_t sequence, uint64_t due_us) {
    /* One more than can wait: the oldest took at least so long. */
    if (chair->inputs_end - chair->inputs_at == CHAIR_INPUTS) answer_oldest(chair, figures, due_us);
    chair->inputs[chair->inputs_end % CHAIR_INPUTS].sequence = sequence;
    chair->inputs[chair->inputs_end++ % CHAIR_INPUTS].due_us = due_us;
}

/* An input shows with the frame that brings what was published in the tick that used it. If nothing was, it
 * had no visible effect, and does not count. */
static void answer_inputs(struct chair *chair, struct figures *figures, const struct chair_frame *frame) {
    while (chair->inputs_at < chair->inputs_end) {
        uint32_t sequence = chair->inputs[chair->inputs_at % CHAIR_INPUTS].sequence;
        if ((int32_t)(frame->used - sequence) < 0) return;
        uint32_t used_tick = frame->used_tick - (frame->used - sequence);
        bool shows = frame->says && (int32_t)(used_tick - (frame->tick - frame->late)) >= 0;
        if (shows)
            answer_oldest(chair, figures, frame->at_us);
        else
            chair->inputs_at++;
    }
}

/* ---- Frames. */

/* Gaps and jitter. In ticks with nothing to say no frame is due: the gap begins with the last of them. The
 * frames that were due within a gap would have waited for less and less of it. */
static void take_gap(struct chair *chair, struct figures *figures, const struct chair_frame *frame) {
    if (!chair->frame_us || frame->at_us > figures->until_us) return;
    uint64_t gap_us = frame->at_us - chair->frame_us, tick_us = chair->room->tick_us;
    uint64_t wanted_us = (uint64_t)(frame->tick - chair->tick) * tick_us;
    uint64_t due_us = (frame->late + 1) * tick_us, still_us = wanted_us > due_us ? wanted_us - due_us : 0;
    uint64_t off_us = gap_us > wanted_us ? gap_us - wanted_us : wanted_us - gap_us;
    gap_us = gap_us > still_us ? gap_us - still_us : 0;
    figures_time(figures, TIME_GAP, gap_us);
    for (uint32_t i = 1; i <= frame->late && gap_us > i * tick_us; i++)
        figures_time(figures, TIME_GAP, gap_us - i * tick_us);
    figures_time(figures, TIME_JITTER, off_us);
}

void chair_frame(struct chair *chair, struct figures *figures, const struct chair_frame *frame) {
    if (!chair->room) return;
    rooms_saw(chair->room, frame->tick, frame->road_us);
    uint64_t missing_us = rooms_published_us(chair->room, frame->tick - frame->late);
    sample(chair, figures, frame->says ? missing_us : frame->at_us, frame->at_us);
    answer_inputs(chair, figures, frame);
    take_gap(chair, figures, frame);
    figures->now.missed_ticks += frame->late;
    chair->frame_us = frame->at_us;
    chair->tick = frame->tick;
}

void chair_leave(struct chair *chair) {
    *chair = (struct chair){0};
}

void chair_end(struct chair *chair, struct figures *figures, uint64_t until_us) {
    if (!chair->room || !chair->sampled_us) return;
    bool heard = chair->frame_us && chair->frame_us + QUIET_US > until_us;
    bool behind = (int32_t)(chair->room->newest - chair->tick) > 0;
    uint64_t missing_us = rooms_published_us(chair->room, chair->tick + 1);
    if (!heard && behind) sample(chair, figures, missing_us, until_us);
}

void chair_give_up(struct chair *chair, struct figures *figures, uint64_t now_us) {
    while (chair->inputs_at < chair->inputs_end) answer_oldest(chair, figures, now_us);
}
