/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The texts of the three requests (README.md, "HTTP protocol").
 */
#ifndef APP_REQUEST_H
#define APP_REQUEST_H
#include <stddef.h>
#include <stdint.h>
#include "cause.h"
#include "device.h"
#include "stage.h"

#define REQUEST_NONCE 8u

struct report {
    enum stage stage;
    uint32_t release; /* the update's; 0: it could not be read */
    uint8_t slot;     /* its target */
    enum cause cause; /* of STAGE_FAILED and STAGE_ROLLED_BACK */
};

/* Each writes a whole request into out[cap] and returns its size in bytes, 0 when it does not fit. */
/* keys: number of the key set in force; nonce: bytes that the answer is asked to repeat. */
size_t request_manifest(char *out, size_t cap, const struct device *d, uint32_t keys, const uint8_t nonce[REQUEST_NONCE]);
size_t request_keys(char *out, size_t cap);
size_t request_image(char *out, size_t cap, const char *url, uint32_t from); /* from 0: no Range */
size_t request_telemetry(char *out, size_t cap, const struct device *d, const struct report *r);
#endif
