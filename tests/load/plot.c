#include "tests/load/plot.h"

enum { WIDE = 640, HIGH = 230, LEFT = 56, RIGHT = 14, TOP = 34, FOOT = 34, TICKS = 4 };

struct scale {
    double x0, x1, y1;
};

static double x_of(const struct scale *scale, double x) {
    double span = scale->x1 - scale->x0;
    return LEFT + (span > 0 ? (x - scale->x0) / span : 0) * (WIDE - LEFT - RIGHT);
}

static double y_of(const struct scale *scale, double y) {
    return HIGH - FOOT - y / scale->y1 * (HIGH - TOP - FOOT);
}

/* The next of 1, 2, 5, 10, 20 … at or above. */
static double round_up(double value) {
    double ten = 1;
    if (!(value > 0)) return 1;
    while (ten * 10 <= value) ten *= 10;
    while (ten > value) ten /= 10;
    return value <= ten ? ten : value <= 2 * ten ? 2 * ten : value <= 5 * ten ? 5 * ten : 10 * ten;
}

static struct scale scale_of(const struct plot *plot) {
    struct scale scale = {plot->at[0], plot->at[(plot->count - 1) * plot->stride], 0};
    for (uint32_t i = 0; i < plot->line_count; i++)
        for (uint32_t j = 0; j < plot->count; j++) {
            double value = plot->lines[i].values[j * plot->lines[i].stride];
            if (value > scale.y1) scale.y1 = value;
        }
    scale.y1 = round_up(scale.y1);
    return scale;
}

static void write_grid(FILE *file, const struct plot *plot, const struct scale *scale) {
    if (plot->to > plot->from)
        fprintf(file, "<rect class='part' x='%.1f' y='%d' width='%.1f' height='%d'/>",
                x_of(scale, plot->from), TOP, x_of(scale, plot->to) - x_of(scale, plot->from),
                HIGH - TOP - FOOT);
    for (int i = 0; i <= TICKS; i++) {
        double y = scale->y1 * i / TICKS, x = scale->x0 + (scale->x1 - scale->x0) * i / TICKS;
        fprintf(file,
                "<line class='grid' x1='%d' x2='%d' y1='%.1f' y2='%.1f'/><text class='y' x='%d' "
                "y='%.1f'>%.4g</text>",
                LEFT, WIDE - RIGHT, y_of(scale, y), y_of(scale, y), LEFT - 6, y_of(scale, y) + 4, y);
        fprintf(file, "<text class='x' x='%.1f' y='%d'>%.3g</text>", x_of(scale, x), HIGH - FOOT + 16, x);
    }
    fprintf(file, "<text class='x' x='%d' y='%d'>%s</text>", (WIDE + LEFT - RIGHT) / 2, HIGH - 4,
            plot->bottom);
}

static void write_line(FILE *file, const struct plot *plot, const struct scale *scale, uint32_t number) {
    const struct plot_line *line = &plot->lines[number];
    fprintf(file, "<polyline class='l%u' points='", number);
    for (uint32_t i = 0; i < plot->count; i++)
        fprintf(file, "%.1f,%.1f ", x_of(scale, plot->at[i * plot->stride]),
                y_of(scale, line->values[i * line->stride]));
    fprintf(file, "'/><text class='l%u' x='%u' y='18'>%s</text>", number, LEFT + 190 + number * 140,
            line->title);
}

void plot_write(FILE *file, const struct plot *plot) {
    if (plot->count < 2) return;
    struct scale scale = scale_of(plot);
    fprintf(file, "<svg viewBox='0 0 %d %d' role='img'><text class='title' x='%d' y='18'>%s%s%s</text>", WIDE,
            HIGH, 8, plot->title, plot->unit[0] ? ", " : "", plot->unit);
    write_grid(file, plot, &scale);
    for (uint32_t i = 0; i < plot->line_count; i++) write_line(file, plot, &scale, i);
    fputs("</svg>\n", file);
}
