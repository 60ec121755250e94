/* SPDX-License-Identifier: GPL-3.0-or-later
 * The server's certificates: one test CA and what it signs, each relative to a calendar time that the caller gives, so that nothing
 * expires on its own and nothing asks a clock. P-256 and SHA-256 throughout. */
#ifndef SERVER_CERTS_H
#define SERVER_CERTS_H
#include <stdbool.h>
#include <stdint.h>

struct buf;
struct certs;
struct err;
struct evp_pkey_st;    /* OpenSSL's EVP_PKEY, */
struct x509_st;        /* X509, */
struct stack_st_X509;  /* STACK_OF(X509) */

enum certs_kind {
    CERTS_GOOD,        /* the host's name, from 30 days ago to 60 days ahead */
    CERTS_RENEWED,     /* another key and number, good all the same */
    CERTS_CHAIN,       /* good, under an intermediate CA that is sent too */
    CERTS_EXPIRED,
    CERTS_NOT_YET,
    CERTS_WRONG_HOST,
    CERTS_UNKNOWN_CA,  /* signed by a CA of the same name with another key */
    CERTS_SELF_SIGNED,
    CERTS_SHORT_CHAIN, /* under an intermediate CA that is not sent */
    CERTS_WRONG_USE,   /* extended key usage: clientAuth alone */
    CERTS_LEAF_CA,     /* signed by an ordinary leaf of the CA, as if that were one (basic constraints) */
    CERTS_BAD_SIGNATURE, /* one bit of the CA's signature is flipped */
    CERTS_IMPOSTOR,      /* the good certificate in the hands of somebody who has not its key */
    CERTS_KINDS
};

struct certs_config {
    const char *ca_cert, *ca_key; /* PEM texts; both NULL: a CA of its own is made */
    const char *host;             /* of the certificates; at most 200 characters */
    bool local;                   /* also good for localhost, 127.0.0.1 and ::1 */
    uint64_t calendar_s;          /* now, Unix time */
    bool seeded;                  /* keys and signatures from the seed; else from the system's random numbers */
    uint64_t seed;
};

/* What a server shows. Belongs to the certs. */
struct certs_shown {
    struct x509_st *leaf;
    struct evp_pkey_st *key;
    struct stack_st_X509 *chain; /* behind the leaf; the CA itself is never sent */
};

/* Texts are copied. NULL with a message when the CA cannot be read or its key is another's. */
struct certs *certs_new(const struct certs_config *config, struct err *e);
void certs_free(struct certs *c);
/* Made at its first use. by_s: CERTS_EXPIRED: how long ago; CERTS_NOT_YET: how long until then; at least 1. */
const struct certs_shown *certs_show(struct certs *c, enum certs_kind kind, uint64_t by_s);
void certs_ca(const struct certs *c, struct buf *pem);     /* the CA's certificate */
void certs_ca_key(const struct certs *c, struct buf *pem); /* PKCS#8: the caller keeps it from others */

#endif
