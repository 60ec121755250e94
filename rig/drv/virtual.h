/* SPDX-License-Identifier: GPL-3.0-or-later
 * The virtual bench: a simulated STM32L476, the in-process TCP/IP stack and the update server on one virtual clock. */
#ifndef DRV_VIRTUAL_H
#define DRV_VIRTUAL_H
#include "port/bench.h"

struct virtual_load { uint32_t addr; const uint8_t *bytes; size_t size; };

/* PEM texts; host NULL: no TLS. */
struct virtual_tls { const char *host, *ca, *ca_key; uint16_t port; };
/* Ed25519 seeds of the update server's keys; have false: manifests are not signed. */
struct virtual_keys { bool have; uint8_t root[32], good[32], next[32], wrong[32]; };

struct virtual_config {
    const struct virtual_load *load; /* what is in flash before the first power-on; bytes outlive the bench */
    size_t loads;
    const struct virtual_load *tls_load; /* … of the device's build that speaks TLS, as many */
    struct virtual_tls tls;
    struct virtual_keys keys;
    uint64_t calendar_s;  /* date and time at the bench's time 0, Unix seconds */
    uint32_t lifetime_s;  /* of signed manifests */
    unsigned console_uart, slip_uart; /* 1 or 2; slip_uart 0: no network */
    uint32_t console_baud, slip_baud;
    uint8_t rig_ip[4], device_ip[4];
    uint16_t port;
    void (*console_byte)(void *ctx, uint8_t byte, uint64_t t); /* every byte, for a person who watches; may be NULL */
    void *console_ctx;
};

/* ctx of the opener is the config, which outlives every bench. */
struct bench *virtual_open(void *config, const struct bench_wish *wish, struct err *e);
#endif
