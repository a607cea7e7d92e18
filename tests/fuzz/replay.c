/* Gives a fuzzer each file of a folder, its kept corpus: a test without clang's libFuzzer. */
#include "tests/check.h"
#include "tests/fuzz/fuzz.h"
#include <dirent.h>

enum { BYTES_MAX = 1 << 16, PATH_BYTES = 1024 };

static const char *folder;
static uint32_t files;

/* From memory of just its size, so that a sanitizer sees a byte too far. */
static void replay_file(const char *path) {
    static uint8_t bytes[BYTES_MAX];
    FILE *file = fopen(path, "rb");
    EXPECT(file);
    if (!file) return;
    size_t size = fread(bytes, 1, sizeof bytes, file);
    uint8_t *input = malloc(size + !size);
    CHECK(input);
    memcpy(input, bytes, size);
    LLVMFuzzerTestOneInput(input, size);
    free(input);
    fclose(file);
    files++;
}

static void the_corpus(void) {
    DIR *dir = opendir(folder);
    EXPECT(dir);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char path[PATH_BYTES];
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        replay_file(path);
    }
    if (dir) closedir(dir);
    printf("# %u files\n", files);
    EXPECT(files > 0);
}

int main(int count, char **words) {
    CHECK(count == 2);
    folder = words[1];
    RUN(the_corpus);
    return check_done();
}
