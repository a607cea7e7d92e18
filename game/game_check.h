/* How a game's mistakes end. What would reach beyond its tables, or say what they do not allow, ends the
 * program in the game's own call, where a debugger shows it, with one line on standard error; in release
 * builds, too, since whatever followed would be wrong. */
#pragma once
#include "protocol/schema.h"
#ifndef SCHEMA_BARE
#include <stdarg.h>
#include <stdio.h>
#endif

#define GAME_CHECK(condition, ...)                                                                           \
    do {                                                                                                     \
        if (!(condition)) game_stop(__VA_ARGS__);                                                            \
    } while (0)

/* In the browser's core there are neither words nor ranges, and nothing that is shown or said. */
#ifdef SCHEMA_BARE
__attribute__((noreturn)) static inline void game_stop(const char *format, ...) {
    (void)format;
    __builtin_trap();
}
static inline void game_check_values(const char *call, const struct schema_record *of, const void *record) {
    (void)call, (void)of, (void)record;
}
#else
__attribute__((noreturn, cold, unused, format(printf, 1, 2))) static void game_stop(const char *format, ...) {
    char why[200];
    va_list values;
    va_start(values, format);
    vsnprintf(why, sizeof(why), format, values);
    va_end(values);
    fprintf(stderr, "tidewire: stopped by a mistake of its game: %s\n", why);
    __builtin_trap();
}

static inline float game_value(const struct schema_field *field, const void *record) {
    float real;
    int32_t whole;
    memcpy(&real, (const char *)record + field->offset, sizeof(real));
    memcpy(&whole, (const char *)record + field->offset, sizeof(whole));
    return field->type == SCHEMA_INT ? (float)whole : real;
}
/* All numbers of a record: what is none, or out of its range even when it is rounded as it travels. */
static inline void game_check_values(const char *call, const struct schema_record *of, const void *record) {
    for (const struct schema_field *field = of->fields; field < of->fields + of->field_count; field++) {
        if (field->type == SCHEMA_TEXT) continue;
        float value = game_value(field, record), half = schema_step(field) / 2;
        bool any = field->wraps || (field->min == 0 && field->max == 0);
        GAME_CHECK(value - value == 0, "%s: %s.%s is no number", call, of->name, field->name);
        GAME_CHECK(any || (value >= field->min - half && value <= field->max + half),
                   "%s: %s.%s is %g, its range is %g to %g", call, of->name, field->name, (double)value,
                   (double)field->min, (double)field->max);
    }
}
#endif
