/* Settings: defaults, the order file < environment < flags, every refusal with its place, and that
 * docs/tidewire.ini says what the table says. Run from the project's root. */
#include "server/config.h"
#include "tests/check.h"
#include "tests/unit/capture.h"
#include <string.h>

static char example[16384], said[16384];
static int exit_code;

static void write_ini(const char *text) {
    FILE *file = fopen("tidewire.ini", "w");
    fputs(text, file);
    fclose(file);
}

static bool read_with(struct config *config, char *flags[]) {
    int count = 1;
    char *argv[16] = {"tidewire"};
    while (flags && *flags) argv[count++] = *flags++;
    struct capture capture = capture_begin(STDERR_FILENO);
    *config = config_default();
    bool good = config_read(config, count, argv, &exit_code);
    capture_end(&capture, said, sizeof(said));
    return good;
}
#define FLAGS(...) ((char *[]){__VA_ARGS__, NULL})

/* The file is refused with exactly this line. */
static bool refused(const char *ini, const char *line) {
    struct config config;
    write_ini(ini);
    bool good = !read_with(&config, NULL) && exit_code == 2 && !strcmp(said, line);
    if (!good) printf("# %s# instead of\n# %s", said, line);
    unlink("tidewire.ini");
    return good;
}

static bool flags_refused(char *flags[], const char *line) {
    struct config config;
    bool good = !read_with(&config, flags) && exit_code == 2 && !strcmp(said, line);
    if (!good) printf("# %s# instead of\n# %s", said, line);
    return good;
}

static void defaults(void) {
    struct config config;
    EXPECT(read_with(&config, NULL));
    EXPECT(!strcmp(config.bind, "::") && !strcmp(config.state, "state") && !strcmp(config.game, "arena"));
    EXPECT(!strcmp(config.games, "build/game") && !strcmp(config.pages, "build/page"));
    EXPECT(!strcmp(config.metrics, "local") && !strcmp(config.log, "info") && !config.origins[0]);
    EXPECT(config.port == 8443 && config.rate == 20 && !config.plain && config.io_threads == 0);
    EXPECT(config.sessions_max == 20000 && config.connections_max == 25000 && config.rooms_max == 64);
    EXPECT(config.room_empty_s == 60 && config.resume_s == 15 && config.hello_s == 10);
    EXPECT(config.ping_s == 20 && config.silence_s == 45 && config.keepalive_ms == 1000 && config.seed == 0);
}

static void file_environment_flags(void) {
    struct config config;
    write_ini("# a comment\r\n[server]\r\nport = 1000 ; and why\nplain=yes\n\n[rooms]\nrate = 30\n"
              "seed = 18446744073709551615\n[players]\n  ping_s =  5  \n");
    EXPECT(read_with(&config, NULL));
    EXPECT(config.port == 1000 && config.plain && config.rate == 30 && config.ping_s == 5);
    EXPECT(config.seed == UINT64_MAX);
    setenv("TIDEWIRE_PORT", "2000", 1);
    setenv("TIDEWIRE_PLAIN", "0", 1);
    EXPECT(read_with(&config, NULL));
    EXPECT(config.port == 2000 && !config.plain && config.rate == 30);
    EXPECT(read_with(
        &config, FLAGS("--port=3000", "--plain", "--io-threads", "3", "--origins", "https://a https://b")));
    EXPECT(config.port == 3000 && config.plain && config.io_threads == 3);
    EXPECT(!strcmp(config.origins, "https://a https://b"));
    unsetenv("TIDEWIRE_PORT");
    unsetenv("TIDEWIRE_PLAIN");
    unlink("tidewire.ini");
}

static void game_lines(void) {
    struct config config;
    write_ini("[game arena]\ncomputers = 6\nfriendly_fire = 1\n[server]\nport = 1\n[game dots]\ncomputers = "
              "-0.5\n");
    EXPECT(read_with(&config, NULL));
    EXPECT_EQ(config.game_line_count, 3);
    EXPECT(!strcmp(config.game_lines[0].game, "arena") && !strcmp(config.game_lines[0].key, "computers"));
    EXPECT(config.game_lines[0].value == 6 && config.game_lines[2].value == -0.5f);
    EXPECT(!strcmp(config.game_lines[2].game, "dots") &&
           !strcmp(config.game_lines[2].where, "tidewire.ini:7"));
    EXPECT(
        refused("[game arena]\na = 1\na = 2\n", "tidewire.ini:3: a was already given at tidewire.ini:2\n"));
    EXPECT(refused("[game arena]\na = x\n", "tidewire.ini:2: a must be a number, not 'x'\n"));
    EXPECT(refused("[game arena]\na = nan\n", "tidewire.ini:2: a must be a number, not 'nan'\n"));
    EXPECT(refused("[game arena]\na =\n", "tidewire.ini:2: a must be a number, not ''\n"));
    EXPECT(refused("[game Arena]\n", "tidewire.ini:1: 'Arena' is no name of a game\n"));
    EXPECT(refused("[game arena]\na b = 1\n", "tidewire.ini:2: 'a b' is no name of a rule\n"));
    char many[4096] = "[game arena]\n";
    for (int i = 0; i <= CONFIG_GAME_LINES; i++) sprintf(many + strlen(many), "r%d = 1\n", i);
    EXPECT(refused(many, "tidewire.ini:66: more than 64 lines about games\n"));
}

static void a_mark_of_utf8_in_front_says_nothing(void) {
    struct config config;
    write_ini("\xEF\xBB\xBF[rooms]\nrate = 30\n");
    EXPECT(read_with(&config, NULL) && config.rate == 30);
    EXPECT(refused("[rooms]\n\xEF\xBB\xBFrate = 30\n", "tidewire.ini:2: unknown key '\xEF\xBB\xBFrate'\n"));
}

static void bad_files(void) {
    static char endless[4096];
    EXPECT(refused("[server]\nprot = 1\n", "tidewire.ini:2: unknown key 'prot'; did you mean 'port'?\n"));
    EXPECT(refused("[server]\nzebra = 1\n", "tidewire.ini:2: unknown key 'zebra'\n"));
    EXPECT(refused("[sever]\n", "tidewire.ini:1: unknown section 'sever'; did you mean 'server'?\n"));
    EXPECT(refused("[zoological]\n", "tidewire.ini:1: unknown section 'zoological'\n"));
    EXPECT(refused("[server\n", "tidewire.ini:1: a section ends with ']'\n"));
    EXPECT(refused("[server]\nrate = 20\n", "tidewire.ini:2: 'rate' belongs into [rooms], not [server]\n"));
    EXPECT(refused("port = 1\n", "tidewire.ini:1: 'port' stands before the first [section]\n"));
    EXPECT(refused("[server]\nport\n", "tidewire.ini:2: expected 'key = value', not 'port'\n"));
    EXPECT(refused("[server]\nport = 1\n\nport = 1\n", "tidewire.ini:4: 'port' was already given\n"));
    EXPECT(refused("[server]\nport = 0\n",
                   "tidewire.ini:2: port must be a whole number, 1 to 65535, not '0'\n"));
    EXPECT(refused("[server]\nport = 99999999999999999999\n",
                   "tidewire.ini:2: port must be a whole number, 1 to 65535, not '99999999999999999999'\n"));
    EXPECT(refused("[server]\nport = -1\n",
                   "tidewire.ini:2: port must be a whole number, 1 to 65535, not '-1'\n"));
    EXPECT(refused("[server]\nport = 1x\n",
                   "tidewire.ini:2: port must be a whole number, 1 to 65535, not '1x'\n"));
    EXPECT(refused("[rooms]\nrate = 129\n",
                   "tidewire.ini:2: rate must be a whole number, 1 to 128, not '129'\n"));
    EXPECT(refused("[server]\nplain = perhaps\n",
                   "tidewire.ini:2: plain must be true or false, not 'perhaps'\n"));
    EXPECT(refused("[server]\nstate =\n", "tidewire.ini:2: state must not be empty\n"));
    EXPECT(refused("[log]\nlog = loud\n",
                   "tidewire.ini:2: log must be one of debug|info|warn|error, not 'loud'\n"));
    EXPECT(refused("[log]\nlog = deb\n",
                   "tidewire.ini:2: log must be one of debug|info|warn|error, not 'deb'\n"));
    EXPECT(refused("[log]\nmetrics = local|all\n",
                   "tidewire.ini:2: metrics must be one of off|local|all, not 'local|all'\n"));
    EXPECT(refused("[rooms]\ngame = No\n", "game: 'No' is no name of a game\n"));
    EXPECT(refused("[players]\nping_s = 50\n", "ping_s: must be less than silence_s (45), not 50\n"));
    strcpy(endless, "[server]\nstate = ");
    memset(endless + strlen(endless), 'x', 3000);
    EXPECT(refused(endless, "tidewire.ini:2: longer than 1198 bytes, or not text\n"));
    endless[300] = 0;
    EXPECT(refused(endless, "tidewire.ini:2: state is longer than 200 bytes\n"));
}

static void bad_flags_and_environment(void) {
    struct config config;
    EXPECT(flags_refused(FLAGS("--prot", "1"), "--prot: unknown flag 'prot'; did you mean '--port'?\n"));
    EXPECT(flags_refused(FLAGS("--io-tread=1"),
                         "--io-tread: unknown flag 'io-tread'; did you mean '--io-threads'?\n"));
    EXPECT(flags_refused(FLAGS("--port"), "--port: needs a value\n"));
    EXPECT(flags_refused(FLAGS("--rate=0"), "--rate: rate must be a whole number, 1 to 128, not '0'\n"));
    EXPECT(flags_refused(FLAGS("here"), "here: expected a flag such as --port; --help lists them\n"));
    EXPECT(flags_refused(FLAGS("-h"), "-h: expected a flag such as --port; --help lists them\n"));
    EXPECT(flags_refused(FLAGS("--help=1"), "--help: unknown flag 'help'\n"));
    EXPECT(flags_refused(FLAGS("--config", "nix.ini"), "nix.ini: No such file or directory\n"));
    setenv("TIDEWIRE_RATES", "1", 1);
    EXPECT(flags_refused(FLAGS("--plain"),
                         "TIDEWIRE_RATES: unknown setting 'RATES'; did you mean 'TIDEWIRE_RATE'?\n"));
    unsetenv("TIDEWIRE_RATES");
    setenv("TIDEWIRE_CONFIG", "nix.ini", 1);
    EXPECT(flags_refused(FLAGS("--plain"), "nix.ini: No such file or directory\n"));
    write_ini("[server]\nport = 77\n");
    EXPECT(read_with(&config, FLAGS("--config=tidewire.ini"))); /* the flag goes over the variable */
    EXPECT(config.port == 77);
    setenv("TIDEWIRE_CONFIG", "", 1);
    setenv("TIDEWIRE_BINARY", "for the tests", 1);
    EXPECT(read_with(&config, NULL));
    unsetenv("TIDEWIRE_BINARY");
    unsetenv("TIDEWIRE_CONFIG");
    unlink("tidewire.ini");
}

/* What is printed on standard output with this flag. */
static const char *printed(char *flag) {
    struct config config = config_default();
    struct capture capture = capture_begin(STDOUT_FILENO);
    bool good = config_read(&config, 2, (char *[]){"tidewire", flag}, &exit_code);
    capture_end(&capture, said, sizeof(said));
    EXPECT(!good && exit_code == 0);
    return said;
}

static void prints(void) {
    EXPECT(!strncmp(printed("--version"), "tidewire ", 9));
    EXPECT(strstr(printed("--help"), "--keepalive-ms MS") != NULL);
    EXPECT(
        !strcmp(printed("--print-config"), example)); /* else: tidewire --print-config > docs/tidewire.ini */
}

/* With every # before a setting taken away the example is a good file that changes nothing. */
static void example_holds(void) {
    char text[sizeof(example)], *to = text;
    for (const char *from = example; *from; from++)
        if (*from != '#' || from[1] == ' ') *to++ = *from;
    *to = 0;
    write_ini(text);
    struct config config, plain = config_default();
    EXPECT(read_with(&config, NULL));
    EXPECT(!*said);
    EXPECT_EQ(config.game_line_count, 1);
    memset(config.game_lines, 0, sizeof(config.game_lines));
    config.game_line_count = 0;
    EXPECT(!memcmp(&config, &plain, sizeof(config)));
    unlink("tidewire.ini");
}

int main(void) {
    char folder[] = "/tmp/config_test_XXXXXX";
    clearenv(); /* whoever runs the tests may have settings of their own */
    FILE *file = fopen("docs/tidewire.ini", "r");
    if (!file || !fread(example, 1, sizeof(example) - 1, file) || !mkdtemp(folder) || chdir(folder)) return 1;
    fclose(file);
    RUN(defaults);
    RUN(file_environment_flags);
    RUN(game_lines);
    RUN(a_mark_of_utf8_in_front_says_nothing);
    RUN(bad_files);
    RUN(bad_flags_and_environment);
    RUN(prints);
    RUN(example_holds);
    rmdir(folder);
    return check_done();
}
