/* SPDX-License-Identifier: GPL-3.0-or-later
 * The virtual bench: a simulated STM32L476, the in-process TCP/IP stack and the update server on one virtual clock. */
#ifndef DRV_VIRTUAL_H
#define DRV_VIRTUAL_H
#include "port/bench.h"

struct virtual_load { uint32_t addr; const uint8_t *bytes; size_t size; };

struct virtual_config {
    const struct virtual_load *load; /* what is in flash before the first power-on; bytes outlive the bench */
    size_t loads;
    unsigned console_uart, slip_uart; /* 1 or 2; slip_uart 0: no network */
    uint32_t console_baud, slip_baud;
    uint8_t rig_ip[4], device_ip[4];
    uint16_t port;
    void (*console_byte)(void *ctx, uint8_t byte, uint64_t t); /* every byte, for a person who watches; may be NULL */
    void *console_ctx;
};

/* ctx of the opener is the config, which outlives every bench. */
struct bench *virtual_open(void *config, uint64_t seed, struct err *e);
#endif
