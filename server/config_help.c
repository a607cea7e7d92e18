/* What --help and --print-config print. */
#include "server/config_inside.h"
#include <stdio.h>
#include <string.h>

static const char *dashed(char into[32], const char *key) {
    snprintf(into, 32, "%s", key);
    for (char *c = into; *c; c++)
        if (*c == '_') *c = '-';
    return into;
}

void config_print_help(void) {
    printf(
        "tidewire %s: an authoritative real-time game server for browsers\n\n"
        "usage: tidewire [--flag value | --flag=value]...\n\n"
        "Settings come from tidewire.ini, then from TIDEWIRE_... in the environment (TIDEWIRE_PORT=8443),\n"
        "then from flags; the last one holds.\n",
        TIDEWIRE_VERSION);
    const char *section = "";
    const struct setting *s;
    for (size_t i = 0; (s = config_setting(i)); i++) {
        if (strcmp(section, s->section)) printf("\n[%s]\n", section = s->section);
        char name[32], flag[64];
        snprintf(flag, sizeof(flag), "--%s %s", dashed(name, s->key), s->unit);
        printf("  %-27s %s%s%s%s\n", flag, s->help, *s->preset ? " (" : "", s->preset, *s->preset ? ")" : "");
    }
    printf("\nRules of games stand in the file alone, in sections [game NAME].\n\n"
           "  %-27s %s\n  %-27s %s\n  %-27s %s\n  %-27s %s\n",
           "--config FILE", "read this file instead of tidewire.ini (or TIDEWIRE_CONFIG)", "--print-config",
           "print an example of tidewire.ini with all defaults", "--version", "print the version", "--help",
           "print this");
}

static void print_range(const struct setting *s) {
    if (s->type == UINT)
        printf(" (%llu to %llu)", (unsigned long long)s->min, (unsigned long long)s->max);
    else if (s->type == CHOICE)
        printf(" (%s)", s->unit);
}

void config_print_example(void) {
    printf("# Tidewire's settings, each with its default. Copy this file to tidewire.ini in the folder where "
           "the\n"
           "# server is started, and take the # away from what you change. TIDEWIRE_PORT=8443 in the "
           "environment\n"
           "# goes over this file, and --port 8443 over both. Printed by: tidewire --print-config\n");
    const char *section = "";
    const struct setting *s;
    for (size_t i = 0; (s = config_setting(i)); i++) {
        if (strcmp(section, s->section)) printf("\n[%s]\n", section = s->section);
        printf("# %s", s->help);
        print_range(s);
        printf("\n#%s =%s%s\n", s->key, *s->preset ? " " : "", s->preset);
    }
    printf("\n# Rules of a game, by the names in its table of rules, and how many computer players its rooms "
           "have.\n"
           "#[game arena]\n#computers = 6\n");
}
