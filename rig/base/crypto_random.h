/* SPDX-License-Identifier: GPL-3.0-or-later
 * Where libcrypto's random numbers come from: keys, nonces of signatures, what TLS draws. */
#ifndef BASE_CRYPTO_RANDOM_H
#define BASE_CRYPTO_RANDOM_H

struct rng;

/* From now on libcrypto draws from r (which must live so long), so that the same seed gives the same keys, signatures and wire bytes.
 * NULL: from the system again. Returns the source before, to be put back. The state is the process's; one thread. */
struct rng *crypto_random_from(struct rng *r);

#endif
