/* SPDX-License-Identifier: GPL-3.0-or-later
 * The file that describes a bench: which driver stands behind each port, and with which options. */
#ifndef SCENARIO_BENCH_FILE_H
#define SCENARIO_BENCH_FILE_H
#include <stddef.h>

#include "scenario/mistake.h"
#include "scenario/scenario.h"

enum bench_file_port { BENCH_FILE_POWER, BENCH_FILE_RESET, BENCH_FILE_CONSOLE, BENCH_FILE_LINK, BENCH_FILE_SERVER, BENCH_FILE_PROBE,
                       BENCH_FILE_NVM, BENCH_FILE_RTC, BENCH_FILE_PORTS };
enum { BENCH_FILE_CAPABILITIES = 64 };

/* A driver of one port: its options, and the words of scenarios (do: and at:) that it makes possible. */
struct bench_file_driver {
    enum bench_file_port port;
    struct option_owner owner;
    const char *const *can; /* NULL-terminated */
};

/* The table of drivers, from outside: scenario may not include them. NULL behind the last. */
struct bench_file_words { const struct bench_file_driver *(*driver)(size_t i); };

struct bench_file {
    const char *name, *file, *chip;
    char sha256[65];
    unsigned reset_mv; /* below this rail voltage the device is certainly in reset */
    struct {
        const struct bench_file_driver *driver; /* NULL: the bench has no such port */
        struct scenario_value value[OPTION_MOST];
    } port[BENCH_FILE_PORTS];
    const char *can[BENCH_FILE_CAPABILITIES + 1]; /* what all its drivers make possible, NULL-terminated, each once */
    void *own;
};

const char *bench_file_port_name(size_t i); /* NULL behind the last */
/* NULL with mistakes in m; the caller frees with bench_file_free. */
struct bench_file *bench_file_load(const char *path, const struct bench_file_words *words, struct mistakes *m);
void bench_file_free(struct bench_file *b);
struct json *bench_file_schema(const struct bench_file_words *words);
#endif
