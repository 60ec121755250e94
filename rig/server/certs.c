/* SPDX-License-Identifier: GPL-3.0-or-later
 * Certificates by OpenSSL's API (RFC 5280). Each kind draws from its own stream of the seed: which others were made before
 * does not matter. */
#include "server/certs.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/crypto_random.h"
#include "base/err.h"
#include "base/rng.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_MOST = 200, AGE_S = 30 * 86400, LIFE_S = 60 * 86400, SHOWN_MOST = 64 };
#define CA_FROM "20200101000000Z"
#define CA_TO "20991231235959Z"
#define CA_NAME "otarig test CA"
#define MIDDLE_NAME "otarig test intermediate CA"

struct shown {
    struct certs_shown s;
    enum certs_kind kind;
    uint64_t by_s;
};

struct signer {
    X509 *cert;
    EVP_PKEY *key;
};

struct certs {
    struct certs_config config;
    char *host;
    struct signer ca;
    struct rng rng;
    struct shown shown[SHOWN_MOST];
    size_t count;
};

/* What a certificate says. */
struct wish {
    const char *name, *dns;
    bool is_ca, local;
    const char *use;        /* extended key usage, NULL: none */
    int64_t from_s, to_s;   /* Unix time; both 0: the CA's span */
};

static void need(bool ok)
{
    if (!ok)
        abort(); /* libcrypto is out of memory */
}

static void begin(struct certs *c, uint64_t stream)
{
    rng_seed(&c->rng, c->config.seed, rng_mix(0x6365727473, stream, 0));
    crypto_random_from(c->config.seeded ? &c->rng : NULL);
}

static EVP_PKEY *new_key(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    need(key != NULL);
    return key;
}

static void extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    need(ext && X509_add_ext(cert, ext, -1) == 1);
    X509_EXTENSION_free(ext);
}

static void set_serial(struct certs *c, X509 *cert)
{
    need(ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), rng_u64(&c->rng) >> 1 | 1) == 1);
}

static void set_dates(X509 *cert, const struct wish *w)
{
    if (w->to_s == 0) {
        need(ASN1_TIME_set_string_X509(X509_getm_notBefore(cert), CA_FROM) == 1);
        need(ASN1_TIME_set_string_X509(X509_getm_notAfter(cert), CA_TO) == 1);
        return;
    }
    need(ASN1_TIME_set(X509_getm_notBefore(cert), w->from_s) != NULL && ASN1_TIME_set(X509_getm_notAfter(cert), w->to_s) != NULL);
}

static void set_names(X509 *cert, const struct wish *w)
{
    char names[HOST_MOST + 64];
    snprintf(names, sizeof names, "DNS:%s%s", w->dns, w->local ? ",DNS:localhost,IP:127.0.0.1,IP:::1" : "");
    extend(cert, NULL, NID_subject_alt_name, names);
}

/* A certificate for key; by NULL: signed by itself. */
static X509 *issue(struct certs *c, EVP_PKEY *key, const struct signer *by, const struct wish *w)
{
    X509 *cert = X509_new();
    need(cert && X509_set_version(cert, 2) == 1 && X509_set_pubkey(cert, key) == 1);
    set_serial(c, cert);
    set_dates(cert, w);
    X509_NAME *name = X509_get_subject_name(cert);
    need(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)w->name, (int)strnlen(w->name, 64), -1, 0) == 1);
    X509 *issuer = by ? by->cert : cert;
    need(X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1);
    extend(cert, issuer, NID_basic_constraints, w->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extend(cert, issuer, NID_key_usage, w->is_ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
    extend(cert, issuer, NID_subject_key_identifier, "hash");
    if (by) /* of one that is signed by itself it would be empty: no valid encoding */
        extend(cert, issuer, NID_authority_key_identifier, "keyid");
    if (w->use)
        extend(cert, issuer, NID_ext_key_usage, w->use);
    if (w->dns)
        set_names(cert, w);
    need(X509_sign(cert, by ? by->key : key, EVP_sha256()) > 0);
    return cert;
}

static struct signer new_ca(struct certs *c, const char *name, const struct signer *by)
{
    struct wish w = {.name = name, .is_ca = true};
    struct signer s = {.key = new_key()};
    s.cert = issue(c, s.key, by, &w);
    return s;
}

static void signer_free(struct signer *s)
{
    X509_free(s->cert);
    EVP_PKEY_free(s->key);
}

/* --- the CA --- */

static int read_ca(struct certs *c, struct err *e)
{
    struct buf der = {0};
    const unsigned char *p;
    if (crypto_pem_read(c->config.ca_cert, "CERTIFICATE", &der)) {
        p = (const unsigned char *)der.data;
        c->ca.cert = d2i_X509(NULL, &p, (long)der.size);
    }
    buf_clear(&der);
    if (crypto_pem_read(c->config.ca_key, "PRIVATE KEY", &der)) {
        p = (const unsigned char *)der.data;
        c->ca.key = d2i_AutoPrivateKey(NULL, &p, (long)der.size);
    }
    buf_free(&der);
    if (!c->ca.cert)
        return err_set(e, RIG_EINPUT, "the CA's certificate is no X.509 certificate in PEM");
    if (!c->ca.key)
        return err_set(e, RIG_EINPUT, "the CA's key is no private key in PEM");
    if (X509_check_private_key(c->ca.cert, c->ca.key) != 1)
        return err_set(e, RIG_EINPUT, "the CA's key does not belong to its certificate");
    return 0;
}

struct certs *certs_new(const struct certs_config *config, struct err *e)
{
    struct certs *c = mem_new(sizeof *c);
    struct rng *before = crypto_random_from(NULL);
    int r = 0;
    c->config = *config;
    c->host = mem_str(config->host);
    if (!config->seeded)
        c->config.seed = config->calendar_s; /* serial numbers alone come from it */
    if (strlen(config->host) > HOST_MOST || strpbrk(config->host, ",\n\r ") || !config->host[0])
        r = err_set(e, RIG_EINPUT, "\"%s\" is no host name for a certificate", config->host);
    else if (!config->ca_cert != !config->ca_key)
        r = err_set(e, RIG_EINPUT, "a CA is its certificate and its key: one of them is missing");
    else if (config->ca_cert)
        r = read_ca(c, e);
    else {
        begin(c, CERTS_KINDS);
        c->ca = new_ca(c, CA_NAME, NULL);
    }
    c->config.ca_cert = c->config.ca_key = c->config.host = NULL;
    crypto_random_from(before);
    if (!r)
        return c;
    certs_free(c);
    return NULL;
}

static void shown_free(struct shown *s)
{
    X509_free(s->s.leaf);
    EVP_PKEY_free(s->s.key);
    sk_X509_pop_free(s->s.chain, X509_free);
}

void certs_free(struct certs *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->count; i++)
        shown_free(&c->shown[i]);
    signer_free(&c->ca);
    free(c->host);
    free(c);
}

/* --- what is shown --- */

static void fill_wish(const struct certs *c, struct wish *w, enum certs_kind kind, uint64_t by_s)
{
    int64_t now = (int64_t)c->config.calendar_s, by = (int64_t)by_s;
    *w = (struct wish){.name = c->host, .dns = c->host, .local = c->config.local, .use = "serverAuth", .from_s = now - AGE_S,
                       .to_s = now + LIFE_S};
    if (kind == CERTS_EXPIRED) {
        w->to_s = now - by;
        w->from_s = w->to_s - AGE_S - LIFE_S;
    } else if (kind == CERTS_NOT_YET) {
        w->from_s = now + by;
        w->to_s = w->from_s + AGE_S + LIFE_S;
    } else if (kind == CERTS_WRONG_HOST) {
        w->name = w->dns = "other.otarig.invalid";
        w->local = false;
    } else if (kind == CERTS_WRONG_USE) {
        w->use = "clientAuth";
    }
}

/* Who signs instead of the CA, and whether the signer's certificate is sent; *made is freed by the caller. */
static const struct signer *choose_signer(struct certs *c, enum certs_kind kind, struct signer *made)
{
    *made = (struct signer){NULL, NULL};
    if (kind == CERTS_UNKNOWN_CA) {
        *made = new_ca(c, CA_NAME, NULL);
        X509_NAME *name = X509_get_subject_name(c->ca.cert);
        need(X509_set_subject_name(made->cert, name) == 1);
    } else if (kind == CERTS_CHAIN || kind == CERTS_SHORT_CHAIN) {
        *made = new_ca(c, MIDDLE_NAME, &c->ca);
    } else if (kind == CERTS_LEAF_CA) {
        struct wish w;
        fill_wish(c, &w, CERTS_GOOD, 0);
        w.name = w.dns = "customer.otarig.invalid";
        w.local = false;
        made->key = new_key();
        made->cert = issue(c, made->key, &c->ca, &w);
    } else {
        return kind == CERTS_SELF_SIGNED ? NULL : &c->ca;
    }
    return made;
}

static void flip_signature(X509 *cert)
{
    const ASN1_BIT_STRING *signature;
    X509_get0_signature(&signature, NULL, cert);
    ((ASN1_STRING *)(uintptr_t)signature)->data[ASN1_STRING_length(signature) - 1] ^= 1;
}

/* Another key, and the object's idea of its public key with it, or the library would not use the two together. What is sent stays. */
static void steal(struct certs_shown *s)
{
    unsigned char *point;
    EVP_PKEY *stolen = new_key(), *was = X509_get0_pubkey(s->leaf);
    size_t n = EVP_PKEY_get1_encoded_public_key(stolen, &point);
    need(n && was && EVP_PKEY_set1_encoded_public_key(was, point, n) == 1);
    OPENSSL_free(point);
    EVP_PKEY_free(s->key);
    s->key = stolen;
}

static void make(struct certs *c, struct shown *to)
{
    struct signer made;
    struct wish w;
    begin(c, to->kind);
    fill_wish(c, &w, to->kind, to->by_s);
    const struct signer *by = choose_signer(c, to->kind, &made);
    to->s.key = new_key();
    to->s.leaf = issue(c, to->s.key, by, &w);
    to->s.chain = sk_X509_new_null();
    need(to->s.chain != NULL);
    if (to->kind == CERTS_BAD_SIGNATURE)
        flip_signature(to->s.leaf);
    if (to->kind == CERTS_IMPOSTOR)
        steal(&to->s);
    if (to->kind == CERTS_CHAIN || to->kind == CERTS_LEAF_CA)
        need(sk_X509_push(to->s.chain, made.cert) > 0 && X509_up_ref(made.cert) == 1);
    signer_free(&made);
}

const struct certs_shown *certs_show(struct certs *c, enum certs_kind kind, uint64_t by_s)
{
    if (kind != CERTS_EXPIRED && kind != CERTS_NOT_YET)
        by_s = 0;
    for (size_t i = 0; i < c->count; i++)
        if (c->shown[i].kind == kind && c->shown[i].by_s == by_s)
            return &c->shown[i].s;
    if (c->count == SHOWN_MOST) /* only dates are that many: the last makes room */
        shown_free(&c->shown[--c->count]);
    struct shown *to = &c->shown[c->count];
    struct rng *before = crypto_random_from(NULL);
    *to = (struct shown){.kind = kind, .by_s = by_s};
    make(c, to);
    crypto_random_from(before);
    c->count++;
    return &to->s;
}

void certs_ca(const struct certs *c, struct buf *pem)
{
    unsigned char *der = NULL;
    int n = i2d_X509(c->ca.cert, &der);
    need(n > 0);
    crypto_pem_write("CERTIFICATE", der, (size_t)n, pem);
    OPENSSL_free(der);
}

void certs_ca_key(const struct certs *c, struct buf *pem)
{
    unsigned char *der = NULL;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(c->ca.key);
    int n = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;
    need(n > 0);
    crypto_pem_write("PRIVATE KEY", der, (size_t)n, pem);
    OPENSSL_free(der);
    PKCS8_PRIV_KEY_INFO_free(info);
}
