/* What the build wants to know of the game that it is linked with, on the machine that builds. `stamp digest`
 * writes, as C, the number of what its predictors do, which the browser's core tells the server; `stamp
 * welcome` a WELCOME with its tables, for tools (protocol/js/types.mjs).
 */
#include "protocol/message.h"
#include "protocol/predict.h"
#include <inttypes.h>
#include <stdio.h>

extern const struct schema game_schema; /* game/game_api.h */

static struct shape_set shapes; /* the game's own, by its presets */

static void write_digest(uint64_t digest) {
    printf("#include <stdint.h>\nextern const uint64_t game_digest;\n");
    printf("const uint64_t game_digest = UINT64_C(0x%016" PRIx64 ");\n", digest);
}

static void write_welcome(void) {
    static uint8_t bytes[LIMIT_FRAME];
    struct wire_writer to = wire_writer_init(bytes, sizeof bytes);
    struct message_welcome welcome = {
        .session = "0123456789abcdef0123456789abcdef", .rate = 20, .lane = LANE_GAME};
    int32_t rules[LIMIT_CELLS] = {0};
    row_quantise(&shapes.rules, shapes.rules_plain, rules);
    message_write_welcome(&to, &welcome, &shapes, rules);
    CHECK(!to.full);
    fwrite(bytes, 1, to.size, stdout);
}

int main(int count, char **words) {
    uint64_t digest = predict_digest(&game_schema, &shapes);
    if (count == 2 && strcmp(words[1], "digest") == 0)
        write_digest(digest);
    else if (count == 2 && strcmp(words[1], "welcome") == 0)
        write_welcome();
    else
        return 2;
    return fflush(stdout) != 0;
}
