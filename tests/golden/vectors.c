/* The golden vectors in protocol/vectors/: bytes of small scripted rooms (script.h, scripts.c) and bytes made
 * by hand (handmade.h), and what a client knows after them (known.h). With --write DIR it writes them anew.
 * Without, it is a test: what it would write is what lies there, and a client that reads the files comes to
 * what they expect. tests/golden/decoder_test.mjs reads them, too. A file is JSON with one fact a line, so
 * that this program gets along without a JSON parser. */
#include "server/keep/token.h"
#include "tests/check.h"
#include "tests/golden/handmade.h"
#include "tests/golden/known.h"
#include "tests/golden/script.h"
#include "tests/golden/scripts.h"

enum { LINE_BYTES = 300000 };

static size_t from_hex(const char *text, uint8_t *bytes, size_t max) {
    size_t size = 0;
    for (unsigned byte; *text && size < max; text += 2) {
        while (*text == ' ') text++;
        if (sscanf(text, "%2x", &byte) != 1) break;
        bytes[size++] = (uint8_t)byte;
    }
    return size;
}

/* ---- Writing them. */

static void write_script(FILE *out, size_t i) {
    script_open(out);
    fprintf(out, "%s{\"name\": \"%s\",\n\"messages\": [\n", i ? ",\n" : "", scripts[i].name);
    scripts[i].run();
    fprintf(out, "\n],\n%s", known_text(&script.client.client));
    EXPECT_EQ(script.client.client.hashes_wrong, 0);
    script_close();
}

static void write_frames(FILE *out) {
    fprintf(out, "[\n");
    for (size_t i = 0; i < scripts_count; i++) write_script(out, i);
    fprintf(out, "\n]\n");
}

static void write_handmade_frames(FILE *out) {
    uint8_t bytes[256];
    fprintf(out, "[\n");
    for (size_t i = 0; i < COUNT_OF(handmade_frames); i++) {
        script_open(out);
        fprintf(out, "%s{\"name\": \"FRAME: %s\",\n\"messages\": [\n", i ? ",\n" : "",
                handmade_frames[i].name);
        scripts_keyframe();
        fprintf(out, ",\n");
        script_put_hex(out, bytes, from_hex(handmade_frames[i].bytes, bytes, sizeof bytes));
        fprintf(out, "\n],\n\"error\": true}");
        script_close();
    }
    fprintf(out, "\n]\n");
}

static void write_handmade_up(FILE *out) {
    uint8_t bytes[256];
    fprintf(out, "[\n");
    for (size_t i = 0; i < COUNT_OF(handmade_up); i++) {
        fprintf(out, "%s{\"name\": \"%s\",\n\"bytes\":\n", i ? ",\n" : "", handmade_up[i].name);
        script_put_hex(out, bytes, from_hex(handmade_up[i].bytes, bytes, sizeof bytes));
        fprintf(out, "%s}", handmade_up[i].refused ? ",\n\"error\": true" : "");
    }
    fprintf(out, "\n]\n");
}

static const struct {
    const char *name;
    void (*write)(FILE *out);
} files[] = {{"frames.json", write_frames},
             {"malformed_frames.json", write_handmade_frames},
             {"up.json", write_handmade_up}};

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

/* ---- Reading them again. */

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

/* Whether a server refuses this message of a client that greets; HELLO's words are judged as a session does.
 */
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
    known_begin();
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
        vector->news = known_take(&vector->client, bytes, size);
}

/* A vector's end: what it expects is what its client knows. */
static void finish_vector(struct vector *vector, const char *expect) {
    bool error = strstr(expect, "\"error\": true") != NULL;
    int before = check_failures;
    if (vector->up) {
        EXPECT_EQ(vector->refused, error);
    } else if (error) {
        EXPECT_EQ(vector->news, CLIENT_BROKEN);
    } else {
        const char *known = known_text(&vector->client.client);
        EXPECT(strncmp(known, expect, strlen(known)) == 0);
        EXPECT_EQ(vector->client.client.hashes_wrong, 0);
    }
    if (check_failures != before) printf("# in %s", vector->name);
}

static void append(char text[KNOWN_BYTES], const char *line) {
    size_t length = strlen(text), more = strlen(line);
    CHECK(length + more < KNOWN_BYTES);
    memcpy(text + length, line, more + 1);
}

/* A vector begins with a line that names it, and goes on to the next one's or the file's end. */
static void read_file(size_t i) {
    static char line[LINE_BYTES], expect[KNOWN_BYTES];
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
            append(expect, line);
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
    return check_done();
}
