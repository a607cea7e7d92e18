/* What a bot says while it plays: inputs and questions in its turn, acknowledgements. */
#include "tests/load/bot_inside.h"

/* Whether an input was said within the last tick and a half. */
static bool inputs_flow(const struct bot *bot, const struct bot_common *common) {
    uint64_t sent_us = bot->lead.sent_us[bot->lead.newest % LEAD_INPUTS];
    return sent_us + 1500000 / bot->client.welcome.rate > common->now_us;
}

/* If no input goes that it can ride on, it leaves at once, as the client package's does. Over HTTP it waits
 * for the turn, and for a post. */
void bot_acknowledge(struct bot *bot, struct bot_common *common) {
    uint8_t bytes[LIMIT_MESSAGE_UP];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    bool mute = bot->behaviour == BEHAVE_MUTE || bot->http || line_is_full(&bot->line);
    if (bot->state != BOT_PLAYING || mute || !client_owes_ack(&bot->client, inputs_flow(bot, common))) return;
    client_ack(&bot->client, &writer);
    common->figures.now.acks++;
    bot_say(bot, common, &writer);
}

static bool input_due(struct bot *bot, const struct bot_common *common) {
    uint32_t rate = bot->client.welcome.rate;
    if (bot->behaviour >= BEHAVE_WATCH) return false;
    if (common->options->rate < 0) return true;
    bot->inputs_due += (double)common->options->rate / rate;
    if (bot->inputs_due < 1) return false;
    bot->inputs_due = bot->inputs_due >= 2 ? 1 : bot->inputs_due - 1;
    return true;
}

static const int32_t *choose_input(struct bot *bot, struct bot_common *common) {
    bool sees = bot->checks && bot->client.frames;
    if (bot->behaviour == BEHAVE_BRAIN && common->brain_works && sees)
        return brain_next(&common->brain, &bot->client, bot->mind);
    if (bot->behaviour == BEHAVE_SPOT && sees) {
        behaviour_gather(&bot->client, bot->pilot.cells);
        return bot->pilot.cells;
    }
    const struct shape *input = &common->shapes.input;
    uint32_t rate = bot->client.welcome.rate;
    return bot->behaviour == BEHAVE_TURNS ? pilot_turn(&bot->pilot, input, rate)
                                          : pilot_next(&bot->pilot, input, rate);
}

static void write_input(struct bot *bot, struct bot_common *common, const int32_t *cells,
                        struct wire_writer *writer, uint64_t due_us) {
    size_t size = common->shapes.input.cell_count * sizeof *cells;
    bool changes = memcmp(cells, bot->client.said, size) != 0;
    client_input(&bot->client, cells, writer);
    lead_sent(&bot->lead, bot->client.sequence, common->now_us);
    common->figures.now.inputs++;
    if (changes) chair_input(&bot->chair, &common->figures, bot->client.sequence, due_us);
}

static void write_turn(struct bot *bot, struct bot_common *common, struct wire_writer *writer,
                       uint64_t due_us) {
    bool left_out = bot->leaves_out;
    const int32_t *cells = left_out || !input_due(bot, common) ? NULL : choose_input(bot, common);
    bool says = cells && client_says_input(&bot->client, cells);
    bot->leaves_out = false;
    if (says) write_input(bot, common, cells, writer, bot->held_us ? bot->held_us : due_us);
    if (cells) bot->held_us = 0;
    if (says || !client_owes_ack(&bot->client, false) || bot->behaviour == BEHAVE_MUTE) return;
    client_ack(&bot->client, writer);
    common->figures.now.acks++;
}

/* A PING in every second or, after the first two, in every other, as the client package says now and then;
 * and once, so that also a short run is checked, a question for the hash. */
static void write_questions(struct bot *bot, struct bot_common *common, struct wire_writer *writer) {
    uint32_t rate = bot->client.welcome.rate, turn = bot->turns++;
    uint32_t pings = turn < 2 * rate ? rate : 2 * rate;
    if (bot->behaviour == BEHAVE_MUTE) return;
    if (bot->checks && !bot->asked && turn >= rate) {
        bot->asked = true;
        message_write_hash(writer);
    } else if ((turn + bot->number) % pings == 0) {
        uint32_t stamp = bot->pings++ % BOT_PINGS;
        bot->pinged_us[stamp] = common->now_us;
        message_write_ping(writer, stamp);
        common->figures.now.pings++;
    }
}

/* What was said before is still on its way out. */
static bool is_full(const struct bot *bot) {
    if (bot->http) return bot->http->out_size > BOT_POST_MOST / 2 || line_is_full(&bot->http->post);
    return line_is_full(&bot->line);
}

void bot_take_turn(struct bot *bot, struct bot_common *common, uint64_t due_us) {
    uint8_t bytes[LIMIT_MESSAGE_UP];
    bot->turn_us = UINT64_MAX;
    if (bot->state != BOT_PLAYING) return;
    if (is_full(bot)) { /* the key is pressed all the same */
        if (!bot->held_us) bot->held_us = due_us;
        return;
    }
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    write_turn(bot, common, &writer, due_us);
    bot_say(bot, common, &writer);
    writer = wire_writer_init(bytes, sizeof bytes);
    write_questions(bot, common, &writer);
    bot_say(bot, common, &writer);
}

void bot_turn(struct bot *bot, struct bot_common *common, uint64_t due_us) {
    if (bot->state != BOT_PLAYING) return;
    if (bot->turn_us != UINT64_MAX) bot_take_turn(bot, common, bot->turn_us);
    bot->turn_us = due_us + bot->lead.shift_us;
    if (!bot->lead.shift_us) bot_take_turn(bot, common, due_us);
    bot_watch(bot, common);
}
