/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The host's random number generator, from the test's side.
 */
#ifndef HOST_ENTROPY_HOST_H
#define HOST_ENTROPY_HOST_H
#include <stdbool.h>

void entropy_host_break(bool now); /* it gives nothing any more; false: it runs again */
#endif
