#include "server/world/clipped.h"
#include "server/log.h"
#include "server/metrics.h"

/* The field of the plain struct. */
static double value_of(const struct shape_field *field, const void *plain) {
    const char *from = (const char *)plain + field->offset;
    int32_t whole;
    float real;
    memcpy(&whole, from, sizeof whole);
    memcpy(&real, from, sizeof real);
    return field->type == SCHEMA_INT ? whole : (double)real;
}

void clipped_tell(const char *game, const struct shape *shape, const void *plain, uint32_t fields) {
    for (; fields; fields &= fields - 1) {
        const struct shape_field *field = &shape->fields[__builtin_ctz(fields)];
        double step = field->type == SCHEMA_INT ? 1 : (double)field->step;
        metrics_add(METRIC_values_clipped, 1);
        log_limited(LOG_WARN, "value_clipped", "game=%s kind=%s field=%s value=%.7g min=%.7g max=%.7g", game,
                    shape->name, field->name, value_of(field, plain), field->min * step, field->max * step);
    }
}
