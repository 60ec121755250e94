/* SPDX-License-Identifier: GPL-3.0-or-later
 * cmocka with the headers it wants before it. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define CHECK_MAIN(...)                                                                                                          \
    int main(void)                                                                                                               \
    {                                                                                                                            \
        const struct CMUnitTest tests[] = {__VA_ARGS__};                                                                         \
        return cmocka_run_group_tests(tests, NULL, NULL);                                                                        \
    }
#define CLAIM(name) cmocka_unit_test(name)

#endif
