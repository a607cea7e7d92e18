/* What this process, which has one thread, had of a processor, by the scheduler's own count. */
#pragma once

struct processor { /* seconds since it began */
    double used;
    double waited; /* ready to run, while others had the processor */
};

/* Zeros where the system does not tell. */
struct processor processor_now(void);
