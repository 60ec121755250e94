/* SPDX-License-Identifier: GPL-3.0-or-later
 * platform.h in memory. */
#include "platform_host.h"
#include <stdlib.h>
#include <string.h>
#include "handover_place.h"
#include "layout.h"
#include "platform.h"

enum { PRINTED = 1 << 20, INPUT = 256 << 10 };

jmp_buf platform_host_left;
uint32_t platform_host_jumped_to;
unsigned platform_host_feeds;
void (*platform_host_on_put)(uint8_t byte);
static char printed[PRINTED];
static size_t printed_size;
static uint8_t input[INPUT];
static size_t input_in, input_out;
static uint32_t now_ms;
static uint32_t place[LAYOUT_HANDOVER_SIZE / 4];

void platform_host_reset(void)
{
    printed_size = input_in = input_out = 0;
    printed[0] = '\0';
    now_ms = 0;
    platform_host_feeds = 0;
    platform_host_on_put = NULL;
}

const char *platform_host_console(void) { return printed; }

void platform_host_input(const void *bytes, size_t n)
{
    if (input_out == input_in)
        input_in = input_out = 0;
    if (n > INPUT - input_in)
        abort();
    memcpy(input + input_in, bytes, n);
    input_in += n;
}

void *handover_place(void) { return place; }

void platform_init(void) {}
uint32_t platform_ms(void) { return now_ms; }
void platform_sleep(void) { now_ms++; }

void platform_unique_id(uint32_t id[3])
{
    id[0] = 0x11223344;
    id[1] = 0x55667788;
    id[2] = 0x99aabbcc;
}

uint32_t platform_noise(void)
{
    static uint32_t state = 1;
    state = state * 1664525 + 1013904223; /* Knuth's LCG: the same in every run */
    return state;
}

void platform_console_put(uint8_t byte)
{
    if (printed_size < PRINTED - 1)
        printed[printed_size++] = (char)byte;
    printed[printed_size] = '\0';
    if (platform_host_on_put != NULL)
        platform_host_on_put(byte);
}

int platform_console_get(void) { return input_out < input_in ? input[input_out++] : -1; }
void platform_console_flush(void) {}
void platform_console_panic(void) {}
void platform_watchdog_start(void) {}
void platform_watchdog_feed(void) { platform_host_feeds++; }
uint32_t platform_reset_flags(void) { return 0; }
void platform_reset_flags_clear(void) {}
_Noreturn void platform_reset(void) { longjmp(platform_host_left, 1); }

_Noreturn void platform_jump(uint32_t vector_table)
{
    platform_host_jumped_to = vector_table;
    longjmp(platform_host_left, 2);
}
