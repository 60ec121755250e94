/* SPDX-License-Identifier: GPL-3.0-or-later
 * Words that scenarios and bench files may use and that come from other parts of the house: attacks, laws, drivers. */
#ifndef CMD_WORDS_H
#define CMD_WORDS_H
#include "scenario/bench_file.h"
#include "scenario/scenario.h"

extern const struct scenario_words words_scenario;
extern const struct bench_file_words words_bench;
#endif
