#include "protocol/predict.h"

void predict_rules(struct shape_set *set, const int32_t *rules) {
    row_restore(&set->rules, rules, set->rules_plain);
}

bool predict_bind(struct shape_set *set, const struct schema *schema, uint32_t rate, const int32_t *rules) {
    if (!shape_set_bind(set, schema, rate)) return false;
    predict_rules(set, rules);
    return true;
}
