/* SPDX-License-Identifier: GPL-3.0-or-later
 * A seeded source under libcrypto. The providers of OpenSSL 3 ask RAND_get_rand_method too, so one method reaches key generation,
 * ECDSA's nonces and libssl; there is a newer way (a provider of one's own), but it takes 300 lines for the same. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/crypto_random.h"

#include "base/rng.h"

#include <openssl/rand.h>

static struct rng *source;

static int draw(unsigned char *out, int n)
{
    uint64_t word = 0;
    for (int i = 0; i < n; i++) {
        word = i % 8 ? word >> 8 : rng_u64(source);
        out[i] = (unsigned char)word;
    }
    return 1;
}

static int seed(const void *bytes, int n)
{
    (void)bytes;
    (void)n;
    return 1;
}

static int add(const void *bytes, int n, double entropy)
{
    (void)entropy;
    return seed(bytes, n);
}

static int status(void)
{
    return 1;
}

struct rng *crypto_random_from(struct rng *r)
{
    static const RAND_METHOD seeded = {.seed = seed, .bytes = draw, .add = add, .pseudorand = draw, .status = status};
    struct rng *before = source;
    source = r;
    if ((before == NULL) != (r == NULL))
        RAND_set_rand_method(r ? &seeded : RAND_OpenSSL());
    return before;
}
