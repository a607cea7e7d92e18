/* The whole test harness: a test program is a main() that calls RUN(test) for each test function and returns
 * check_done(). Prints TAP; a failed EXPECT, in whichever file of the program, names its place and the test
 * goes on. */
#pragma once
#include <stdio.h>
#include <stdlib.h>

/* Weak: one of each in a program, though several of its files include this. */
__attribute__((weak)) int check_tests, check_failed_tests, check_failures;

#define EXPECT(condition)                                                                                    \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            check_failures++;                                                                                \
            printf("# %s:%d: expected %s\n", __FILE__, __LINE__, #condition);                                \
        }                                                                                                    \
    } while (0)

#define EXPECT_EQ(actual, expected)                                                                          \
    do {                                                                                                     \
        long long actual_ = (long long)(actual), expected_ = (long long)(expected);                          \
        if (actual_ != expected_) {                                                                          \
            check_failures++;                                                                                \
            printf("# %s:%d: %s is %lld, expected %lld\n", __FILE__, __LINE__, #actual, actual_, expected_); \
        }                                                                                                    \
    } while (0)

#define RUN(test)                                                                                            \
    do {                                                                                                     \
        check_failures = 0;                                                                                  \
        test();                                                                                              \
        check_tests++;                                                                                       \
        if (check_failures) check_failed_tests++;                                                            \
        printf("%sok %d - %s\n", check_failures ? "not " : "", check_tests, #test);                          \
        fflush(stdout);                                                                                      \
    } while (0)

static inline int check_done(void) {
    printf("1..%d\n", check_tests);
    return check_failed_tests ? 1 : 0;
}
