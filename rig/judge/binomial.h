/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a number of trials can say: the one-sided upper bound on a failure probability. */
#ifndef JUDGE_BINOMIAL_H
#define JUDGE_BINOMIAL_H
#include <stdint.h>

/* Clopper and Pearson's (1934) exact bound at 95 %: the largest p for which `failed` or fewer failures in `trials` trials still
 * happen with 5 % probability. 0 of n is 1 - 0.05^(1/n), about 3/n. No trials, or nothing but failures: 1. Only + - * / and
 * powers of two, so that the same numbers give the same digits on every machine. */
double binomial_upper(uint64_t failed, uint64_t trials);

#endif
