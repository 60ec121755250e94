/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the world's server needs of its images' maker: the test keys.
 */
#ifndef APP_TESTS_WORLD_IMAGE_H
#define APP_TESTS_WORLD_IMAGE_H
#include "signer.h"
#include "world.h"

struct signer *world_key(const char *path); /* opened once, and kept */
void world_id(const struct signer *s, uint8_t id[32]);
#endif
