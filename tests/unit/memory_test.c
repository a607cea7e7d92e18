/* What the system says of memory: how much there is for this process if its control groups have limits. */
#include "server/memory.h"
#include "protocol/base.h"
#include "tests/check.h"
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/tidewire-memory-XXXXXX";

/* A file below the folder. */
static void put(const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    EXPECT(file);
    if (!file) return;
    fputs(text, file);
    fclose(file);
}

static uint64_t limit(const char *groups) {
    char path[256];
    put("groups", groups);
    snprintf(path, sizeof path, "%s/groups", folder);
    return memory_group_limit(path, folder);
}

static void make_groups(void) {
    char path[256];
    snprintf(path, sizeof path, "%s/game.slice", folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/game.slice/tide wire.service", folder);
    mkdir(path, 0700);
    put("game.slice/memory.max", "3000000\n");
    put("game.slice/tide wire.service/memory.max", "max\n");
}

static void the_smallest_of_all_groups_around_holds(void) {
    EXPECT_EQ(limit("0::/game.slice/tide wire.service\n"), 3000000);
    put("game.slice/tide wire.service/memory.max", "2000000\n");
    EXPECT_EQ(limit("4:memory:/old\n0::/game.slice/tide wire.service\n"), 2000000);
    EXPECT_EQ(limit("0::/game.slice\n"), 3000000);
    put("memory.max", "1000000\n"); /* as a container sees its own */
    EXPECT_EQ(limit("0::/game.slice/tide wire.service\n"), 1000000);
    EXPECT_EQ(limit("0::/\n"), 1000000);
    EXPECT_EQ(limit("0::/a/group/that/is/not/seen/from/here\n"), 1000000);
}

static void without_groups_there_is_none(void) {
    put("memory.max", "max\n");
    EXPECT_EQ(limit("0::/\n"), 0);
    EXPECT_EQ(limit("1:name=systemd:/\n"), 0);
    EXPECT_EQ(limit(""), 0);
    EXPECT_EQ(memory_group_limit("/nowhere", folder), 0);
}

static void a_machine_has_memory(void) {
    EXPECT(memory_there_is() > 1 << 20);
    EXPECT(memory_resident() > 0 && memory_resident() < memory_there_is());
}

static void take_away(void) {
    static const char *const names[] = {"game.slice/tide wire.service/memory.max",
                                        "game.slice/tide wire.service",
                                        "game.slice/memory.max",
                                        "game.slice",
                                        "memory.max",
                                        "groups",
                                        ""};
    char path[256];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        EXPECT_EQ(remove(path), 0);
    }
}

int main(void) {
    if (!mkdtemp(folder)) return 1;
    make_groups();
    RUN(the_smallest_of_all_groups_around_holds);
    RUN(without_groups_there_is_none);
    RUN(a_machine_has_memory);
    take_away();
    return check_done();
}
