/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a number of trials can say about the device: the one-sided upper bound on its failure probability. */
#ifndef REPORT_BOUND_H
#define REPORT_BOUND_H
#include <stdint.h>

/* Clopper and Pearson's (1934) exact upper bound at 95 %: the largest probability p for which k or fewer failures in n trials
 * still happen with 5 % probability. 0 of n is 1 - 0.05^(1/n), about 3/n. n 0 or k >= n gives 1. Only + - * /, so that the
 * same journal gives the same digits on every machine. */
double bound_upper(uint64_t k, uint64_t n);

#endif
