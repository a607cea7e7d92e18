/* What config.c (the order in which settings are read) shares with config_table.c (what they are),
 * config_names.c (how they are named), config_file.c and config_help.c; for nobody else. */
#pragma once
#include "server/config.h"

enum setting_type { TEXT, UINT, FLAG, CHOICE };

struct setting {
    const char *section, *key;
    enum setting_type type;
    const char *preset;
    uint64_t min, max;
    const char *unit, *help;
    size_t offset, size;
};

/* ---- config_table.c */
enum { SETTINGS_MAX = 64 /* a reader keeps a mark for each */ };
/* By number, in the order of their sections; NULL: no more. */
const struct setting *config_setting(size_t number);
/* Sets it as `value` says; `where` that stands. False after a line that says what is wrong with it. */
bool config_put(struct config *config, const struct setting *setting, const char *value, const char *where);

/* ---- config_names.c */
/* Whether a name, as written in the file, the environment or a flag, is this key. */
bool config_is_name(const char *written, size_t length, const char *key);
/* The setting of this name, however it is written; NULL: there is none. */
const struct setting *config_find(const char *written, size_t length);
/* Whether this can be the name of a game; or of a rule, which is named as the field that it is. */
bool config_is_label(const char *text, bool of_rule);
/* Refuses an unknown name as it was written, with what was probably meant; `prefix` is how such names begin
 * in this place. */
bool config_refuse_name(const char *where, const char *what, const char *prefix, const char *written,
                        size_t length, bool of_sections);
/* One clear line on standard error. Returns false, so that a reader can end with it. */
__attribute__((format(printf, 2, 3))) bool config_refuse(const char *where, const char *format, ...);

/* ---- config_file.c */
/* `named`: somebody asked for this file, so it must be there. */
bool config_read_file(struct config *config, const char *path, bool named);

/* ---- config_help.c: on standard output. */
void config_print_help(void);
void config_print_example(void);
