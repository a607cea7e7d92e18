#include "tests/load/export.h"
#include <stdio.h>

static void json_text(const char *name, const char *text) {
    printf(",\"%s\":\"", name);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') putchar('\\');
        if ((unsigned char)*text >= ' ') putchar(*text);
    }
    putchar('"');
}

static void json_closed(const struct figures *figures) {
    printf(",\"closed\":{");
    for (int i = 0; i < FIGURES_CODES && figures->closed[i].count; i++)
        printf("%s\"%u\":%u", i ? "," : "", figures->closed[i].code, figures->closed[i].count);
    printf("}");
}

static void json_objectives(const struct report *report) {
    const struct slo *slo = &report->options->slo;
    printf(",\"objectives\":[");
    for (uint32_t i = 0; i < slo->count; i++) {
        const struct value *found;
        bool met = slo_met(&slo->all[i], report->values, &found);
        printf("%s{\"name\":\"%s\",\"than\":\"%s\",\"bound\":%.10g,\"value\":%.10g,\"met\":%s}", i ? "," : "",
               slo->all[i].name, slo->all[i].than, slo->all[i].bound, found ? found->number : 0,
               met ? "true" : "false");
    }
    printf("]");
}

void export_json(const struct report *report, bool fine, bool met) {
    const struct values *values = report->values;
    for (uint32_t i = 0; i < values->count; i++)
        printf("%s\"%s\":%.10g", i ? "," : "{", values->all[i].name, values->all[i].number);
    json_text("scenario", report->options->scenario);
    json_text("game", report->options->game);
    json_closed(report->figures);
    json_objectives(report);
    printf(",\"met\":%s,\"fine\":%s}\n", met ? "true" : "false", fine ? "true" : "false");
}

bool export_csv(const struct series *series, const char *path) {
    FILE *file = fopen(path, "w");
    if (!file) return false;
    for (int i = 0; i < SERIES_COUNT; i++) fprintf(file, "%s%s", i ? "," : "", series_names[i]);
    fputc('\n', file);
    for (uint32_t row = 0; row < series->count; row++)
        for (int i = 0; i < SERIES_COUNT; i++)
            fprintf(file, "%.10g%c", series->all[row][i], i + 1 < SERIES_COUNT ? ',' : '\n');
    return fclose(file) == 0;
}
