/* The store on a real file: what is kept, what is refused, a full and a locked disk, and a writer that is
 * killed in the middle. Run as `store_test writer FILE` it is that writer. */
#include "server/keep/store.h"
#include "server/metrics.h"
#include "tests/check.h"
#include "tests/unit/capture.h"
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char folder[] = "/tmp/store_test_XXXXXX", path[64], said[8192];

/* ---- Answers, put down by the store's thread. */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
static struct store_answer last;
static uint32_t answers;

static void put_down(void *context, const struct store_answer *answer) {
    (void)context;
    pthread_mutex_lock(&lock);
    last = *answer;
    answers++;
    pthread_cond_signal(&came);
    pthread_mutex_unlock(&lock);
}

static struct store_answer look(struct store *store, uint64_t account, const char *game) {
    static uint32_t ticket;
    struct store_request request = {.what = STORE_LOOK, .ticket = ++ticket, .account = account};
    snprintf(request.game, sizeof(request.game), "%s", game);
    pthread_mutex_lock(&lock);
    uint32_t before = answers;
    pthread_mutex_unlock(&lock);
    EXPECT(store_ask(store, &request));
    pthread_mutex_lock(&lock);
    while (answers == before) pthread_cond_wait(&came, &lock);
    struct store_answer answer = last;
    pthread_mutex_unlock(&lock);
    EXPECT_EQ(answer.ticket, ticket);
    return answer;
}

static bool say(struct store *store, enum store_what what, uint64_t account, const char *game, int64_t number,
                const char *name) {
    struct store_request request = {.what = (uint8_t)what, .account = account, .number = number};
    snprintf(request.game, sizeof(request.game), "%s", game);
    snprintf(request.name, sizeof(request.name), "%s", name);
    return store_ask(store, &request);
}

/* ---- The file, from outside. */

static struct store *open_store(void) {
    return store_open(path, put_down, NULL);
}

static void remove_files(void) {
    char beside[80];
    unlink(path);
    snprintf(beside, sizeof(beside), "%s-wal", path);
    unlink(beside);
    snprintf(beside, sizeof(beside), "%s-shm", path);
    unlink(beside);
}

static sqlite3 *outside(void) {
    sqlite3 *db = NULL;
    EXPECT(sqlite3_open(path, &db) == SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    return db;
}

static long long number_of(const char *sql) {
    sqlite3 *db = outside();
    sqlite3_stmt *statement = NULL;
    long long number = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

static void run_outside(const char *sql) {
    sqlite3 *db = outside();
    EXPECT(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(db);
}

static const char *top(struct store *store, const char *game) {
    static char text[STORE_TOP_BYTES];
    EXPECT_EQ(store_top(store, game, text, sizeof(text)), strlen(text));
    return text;
}

/* ---- Tests. */

static void strangers_leave_no_row(void) {
    remove_files();
    struct store *store = open_store();
    struct store_answer answer = look(store, 5, "arena");
    EXPECT(!answer.known && answer.kept == 0 && answer.best == 0 && !*answer.name);
    say(store, STORE_ADD, 0, "arena", 1, "Guest");
    EXPECT(!look(store, 0, "arena").known);
    store_close(store);
    store_close(NULL);
    EXPECT_EQ(number_of("SELECT count(*) FROM accounts"), 0);
    EXPECT_EQ(number_of("SELECT count(*) FROM results"), 0);
    struct stat about;
    EXPECT(!stat(path, &about) && (about.st_mode & 0777) == 0600);
}

static void keeps_sums_and_bests(void) {
    remove_files();
    struct store *store = open_store();
    say(store, STORE_ADD, 7, "arena", 3, "Ada");
    say(store, STORE_ADD, 7, "arena", 4, "Ada L");
    say(store, STORE_SCORE, 7, "arena", 10, "");
    say(store, STORE_SCORE, 7, "arena", 5, "Ada L");
    say(store, STORE_SCORE, 8, "arena", -5, "Bo");
    say(store, STORE_ADD, 8, "arena", INT64_MAX, "Bo");
    say(store, STORE_ADD, 8, "arena", INT64_MAX, "Bo");
    struct store_answer ada = look(store, 7, "arena"), dots = look(store, 7, "dots"),
                        bo = look(store, 8, "arena");
    EXPECT(ada.known && ada.kept == 7 && ada.best == 10 && !strcmp(ada.name, "Ada L"));
    EXPECT(dots.known && dots.kept == 0 && dots.best == 0 && !strcmp(dots.name, "Ada L"));
    EXPECT(bo.known && bo.kept == INT64_C(1) << 53 && bo.best == -5);
    store_close(store);
    store = open_store();
    EXPECT_EQ(look(store, 7, "arena").kept, 7);
    EXPECT_EQ(look(store, 8, "arena").best, -5);
    store_close(store);
    EXPECT_EQ(number_of("SELECT count(*) FROM accounts WHERE seen_at > 1700000000"), 2);
    EXPECT_EQ(number_of("PRAGMA user_version"), 1);
}

static void top_lists(void) {
    remove_files();
    struct store *store = open_store();
    char small[20];
    EXPECT(!strcmp(top(store, "arena"), "[]"));
    say(store, STORE_SCORE, 1, "arena", 50, "First");
    say(store, STORE_SCORE, 2, "arena", 50, "Second");
    say(store, STORE_SCORE, 3, "arena", 70, "Q\"\\\x01");
    say(store, STORE_ADD, 3, "arena", 2, "Q\"\\\x01");
    say(store, STORE_ADD, 4, "arena", 9, "No score");
    look(store, 1, "arena");
    EXPECT(!strcmp(top(store, "arena"), "[{\"name\": \"Q\\\"\\\\\\u0001\", \"best\": 70, \"kept\": 2}, "
                                        "{\"name\": \"First\", \"best\": 50, \"kept\": 0}, "
                                        "{\"name\": \"Second\", \"best\": 50, \"kept\": 0}]"));
    EXPECT(!strcmp(top(store, "dots"), "[]"));
    EXPECT_EQ(store_top(store, "arena", small, sizeof(small)), 2);
    EXPECT(!strcmp(small, "[]"));
    char worst[LIMIT_NAME];
    memset(worst, 1, sizeof(worst) - 1);
    worst[sizeof(worst) - 1] = 0;
    for (uint64_t i = 0; i < 15; i++) say(store, STORE_SCORE, 100 + i, "long", INT64_MIN, worst);
    look(store, 1, "arena");
    EXPECT(strlen(top(store, "long")) > 1700);
    char before[STORE_TOP_BYTES];
    strcpy(before, top(store, "arena"));
    store_close(store);
    store = open_store();
    EXPECT(!strcmp(top(store, "arena"), before)); /* there from the start */
    store_close(store);
}

static void *ask_much(void *context) {
    struct store *store = context;
    char text[STORE_TOP_BYTES];
    for (int i = 0; i < 2000; i++) {
        if (!say(store, STORE_ADD, 1 + (uint64_t)i % 50, "arena", 1, "Some")) i--;
        if (i % 100 == 0) EXPECT(store_top(store, "arena", text, sizeof(text)) >= 2);
    }
    return NULL;
}

static void many_threads_ask(void) {
    remove_files();
    struct store *store = open_store();
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, ask_much, store);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    store_close(store); /* what is queued is carried out */
    EXPECT_EQ(number_of("SELECT sum(kept) FROM results"), 6000);
    EXPECT_EQ(number_of("SELECT count(*) FROM accounts"), 50);
}

/* Somebody else holds the file: LOOKs are answered, writes wait, nothing is lost, and then it is few commits.
 */
static void a_locked_file_only_delays(void) {
    remove_files();
    struct store *store = open_store();
    say(store, STORE_ADD, 1, "arena", 5, "Ada");
    EXPECT_EQ(look(store, 1, "arena").kept, 5);
    uint64_t failures = metrics_get(METRIC_store_failures);
    struct capture capture = capture_begin(STDERR_FILENO);
    sqlite3 *holder = outside();
    EXPECT(sqlite3_exec(holder, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK);
    uint32_t asked = 0;
    for (; asked < 5000; asked++) EXPECT(say(store, STORE_ADD, 2, "arena", 1, "Bo"));
    while (metrics_get(METRIC_store_failures) < failures + 2) EXPECT_EQ(look(store, 1, "arena").kept, 5);
    EXPECT_EQ(look(store, 2, "arena").known, false);
    while (say(store, STORE_ADD, 2, "arena", 1, "Bo")) asked++;
    EXPECT(asked >= STORE_QUEUE && asked <= STORE_QUEUE + 1024);
    uint64_t commits = metrics_get(METRIC_store_commits);
    sqlite3_close(holder);
    store_close(store);
    capture_end(&capture, said, sizeof(said));
    EXPECT(strstr(said, "error store_failed why=\"database is locked\" waiting=") != NULL);
    EXPECT(metrics_get(METRIC_store_commits) - commits <= STORE_QUEUE / 1024 + 2);
    EXPECT_EQ(number_of("SELECT kept FROM results WHERE account = 2"), asked);
}

/* No file of ours may grow: as on a full disk. */
static void a_full_disk_only_delays(void) {
    remove_files();
    struct store *store = open_store();
    say(store, STORE_ADD, 1, "arena", 5, "Ada");
    EXPECT_EQ(look(store, 1, "arena").kept, 5);
    struct rlimit limit, before;
    uint64_t failures = metrics_get(METRIC_store_failures);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    struct capture capture = capture_begin(STDERR_FILENO);
    limit = before;
    limit.rlim_cur = 4096;
    setrlimit(RLIMIT_FSIZE, &limit);
    for (uint64_t i = 0; i < 2000; i++) say(store, STORE_ADD, 100 + i, "arena", 1, "Many");
    while (metrics_get(METRIC_store_failures) < failures + 2) EXPECT_EQ(look(store, 1, "arena").kept, 5);
    setrlimit(RLIMIT_FSIZE, &before);
    store_close(store);
    capture_end(&capture, said, sizeof(said));
    EXPECT_EQ(number_of("SELECT sum(kept) FROM results"), 2005);
    EXPECT_EQ(number_of("SELECT count(*) FROM pragma_quick_check WHERE quick_check <> 'ok'"), 0);
}

static void a_bound_on_accounts(void) {
    remove_files();
    store_close(open_store());
    run_outside("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999999) "
                "INSERT INTO accounts SELECT i, '', 0 FROM n");
    struct capture capture = capture_begin(STDERR_FILENO);
    struct store *store = open_store();
    say(store, STORE_ADD, 2000000, "arena", 1, "Last");
    for (uint64_t i = 1; i < 50; i++) say(store, STORE_ADD, 2000000 + i, "arena", 1, "Too late");
    say(store, STORE_ADD, 3, "arena", 1, "Known");
    EXPECT(look(store, 2000000, "arena").known);
    EXPECT(!look(store, 2000001, "arena").known);
    EXPECT_EQ(look(store, 3, "arena").kept, 1);
    store_close(store);
    capture_end(&capture, said, sizeof(said));
    EXPECT(strstr(said, "warn store_accounts_full accounts=1000000\n") != NULL);
    EXPECT(strchr(said, '\n') == strrchr(said, '\n')); /* said once */
    EXPECT_EQ(number_of("SELECT count(*) FROM accounts"), 1000000);
}

static bool refused(const char *words) {
    struct capture capture = capture_begin(STDERR_FILENO);
    struct store *store = open_store();
    store_close(store);
    capture_end(&capture, said, sizeof(said));
    bool good = !store && strstr(said, " error store_refused ") && strstr(said, words) &&
                strchr(said, '\n') == strrchr(said, '\n');
    if (!good) printf("# '%s' instead of %s\n", said, words);
    return good;
}

static void write_at(long offset, const char *bytes, size_t size, const char *mode) {
    FILE *file = fopen(path, mode);
    fseek(file, offset, SEEK_SET);
    EXPECT_EQ(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void refuses_other_files(void) {
    static char garbage[8192];
    remove_files();
    memset(garbage, 'g', sizeof(garbage));
    write_at(0, garbage, sizeof(garbage), "w");
    EXPECT(refused("not a database"));
    struct stat about;
    EXPECT(!stat(path, &about) && about.st_size == sizeof(garbage)); /* left as it was */
    remove_files();
    run_outside("CREATE TABLE cookies (name TEXT)");
    EXPECT(refused("the database of another program"));
    EXPECT_EQ(number_of("SELECT count(*) FROM sqlite_master"), 1);
    remove_files();
    store_close(open_store());
    run_outside("PRAGMA user_version = 2");
    EXPECT(refused("made by a newer version of tidewire"));
    EXPECT_EQ(number_of("PRAGMA user_version"), 2);
}

static void refuses_damaged_files(void) {
    static char garbage[3 * 4096];
    remove_files();
    struct store *store = open_store();
    for (uint64_t i = 1; i < 1000; i++) say(store, STORE_SCORE, i, "arena", (int64_t)i, "Somebody");
    store_close(store);
    memset(garbage, 0x5A, sizeof(garbage));
    write_at(6 * 4096 + 100, garbage, sizeof(garbage), "r+");
    EXPECT(refused("why="));
}

static void refuses_missing_folders(void) {
    char kept[sizeof(path)];
    strcpy(kept, path);
    strcpy(path, "/tmp/store_test_is_not_there/file");
    EXPECT(refused("No such file or directory"));
    strcpy(path, kept);
}

/* As somebody without rights, even if the test runs as root: whose file or folder may only be read. */
static void refuses_what_it_may_only_read(void) {
    remove_files();
    store_close(open_store());
    uid_t self = geteuid();
    EXPECT(!chmod(path, 0444) && !chmod(folder, 0777) && !seteuid(self ? self : 65534));
    EXPECT(refused("it can only be read"));
    EXPECT(!seteuid(self) && !chmod(path, 0666) && !chmod(folder, 0555) && !seteuid(self ? self : 65534));
    EXPECT(refused("readonly"));
    EXPECT(!seteuid(self) && !chmod(folder, 0700));
}

/* ---- Killed in the middle. */

static void tell(void *context, const struct store_answer *answer) {
    EXPECT_EQ(write(*(int *)context, &answer->kept, sizeof(answer->kept)), sizeof(answer->kept));
}

/* Adds for ever; tells on standard output each sum that was answered, so committed. */
static int write_for_ever(void) {
    int to = STDOUT_FILENO;
    struct store *store = store_open(path, tell, &to);
    struct store_request request = {.what = STORE_LOOK, .account = 9, .game = "arena"};
    while (store) {
        say(store, STORE_ADD, 9, "arena", 1, "Nine");
        store_ask(store, &request);
        usleep(50);
    }
    return 1;
}

static pid_t start_writer(int *from) {
    int ends[2];
    EXPECT(!pipe(ends));
    pid_t child = fork();
    if (!child) {
        dup2(ends[1], STDOUT_FILENO);
        execl("/proc/self/exe", "store_test", "writer", path, NULL);
        _exit(1);
    }
    close(ends[1]);
    *from = ends[0];
    return child;
}

static void killed_writers_lose_nothing(void) {
    int64_t told = 0;
    remove_files();
    for (int round = 0; round < 6; round++) {
        int from, status;
        pid_t child = start_writer(&from);
        for (int i = 0; i < 20 + 37 * round; i++) EXPECT_EQ(read(from, &told, sizeof(told)), sizeof(told));
        kill(child, SIGKILL);
        while (read(from, &told, sizeof(told)) == sizeof(told)) {
        } /* told before the end */
        close(from);
        EXPECT(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
        struct store *store = open_store();
        EXPECT(store != NULL);
        EXPECT(look(store, 9, "arena").kept >= told);
        store_close(store);
        EXPECT(told >= 20);
    }
}

int main(int argc, char **argv) {
    if (argc == 3) {
        snprintf(path, sizeof(path), "%s", argv[2]);
        return write_for_ever();
    }
    if (!mkdtemp(folder)) return 1;
    snprintf(path, sizeof(path), "%s/tidewire.db", folder);
    RUN(strangers_leave_no_row);
    RUN(keeps_sums_and_bests);
    RUN(top_lists);
    RUN(many_threads_ask);
    RUN(a_locked_file_only_delays);
    RUN(a_full_disk_only_delays);
    RUN(a_bound_on_accounts);
    RUN(refuses_other_files);
    RUN(refuses_damaged_files);
    RUN(refuses_missing_folders);
    RUN(refuses_what_it_may_only_read);
    RUN(killed_writers_lose_nothing);
    remove_files();
    rmdir(folder);
    return check_done();
}
