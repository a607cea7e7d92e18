/* Line plots as inline SVG. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { PLOT_LINES = 4 };

struct plot_line {
    const char *title;
    const double *values; /* every `stride`-th belongs to it */
    uint32_t stride;
};
struct plot {
    const char *title, *unit;
    const double *at; /* along the bottom, rising; every `stride`-th */
    uint32_t stride, count;
    struct plot_line lines[PLOT_LINES];
    uint32_t line_count;
    double from, to;    /* a part of the bottom that is shaded; equal: none */
    const char *bottom; /* what runs along it */
};

void plot_write(FILE *file, const struct plot *plot);
