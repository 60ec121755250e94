/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mkca DIR: the certificate authority of the test bench, the same bytes on every machine: DIR/ca-cert.pem, DIR/ca-key.pem (0600) and
 * DIR/ca.c, the certificate for the firmware. The key comes from a text and the signature's nonce from what is signed (as in RFC 6979,
 * simplified), so it is worthless by design and nothing here asks a clock or a random source.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static const char seed_text[] = "otarig test bench CA: worthless by design";
enum { SECRET = 32, POINT = 65, DER_MOST = 2048 };

struct ca {
    EC_GROUP *group;
    BN_CTX *bn;
    BIGNUM *secret;
    EVP_PKEY *key;
    uint8_t der[DER_MOST];
    int der_size;
};

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "mkca: %s: %s\n", what, errno ? strerror(errno) : ERR_error_string(ERR_get_error(), NULL));
    exit(1);
}

static void sha256(uint8_t out[32], const void *a, size_t a_size, const void *b, size_t b_size)
{
    EVP_MD_CTX *h = EVP_MD_CTX_new();
    if (!h || !EVP_DigestInit_ex(h, EVP_sha256(), NULL) || !EVP_DigestUpdate(h, a, a_size) || !EVP_DigestUpdate(h, b, b_size) ||
        !EVP_DigestFinal_ex(h, out, NULL))
        fail("SHA-256");
    EVP_MD_CTX_free(h);
}

static void make_key(struct ca *ca)
{
    uint8_t secret[SECRET], point[POINT];
    sha256(secret, seed_text, strlen(seed_text), "", 0);
    ca->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    ca->bn = BN_CTX_new();
    ca->secret = BN_bin2bn(secret, sizeof secret, NULL);
    EC_POINT *p = EC_POINT_new(ca->group);
    if (!p || !EC_POINT_mul(ca->group, p, ca->secret, NULL, NULL, ca->bn) ||
        EC_POINT_point2oct(ca->group, p, POINT_CONVERSION_UNCOMPRESSED, point, sizeof point, ca->bn) != sizeof point)
        fail("public key");
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
    OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point);
    OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PRIV_KEY, ca->secret);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(b);
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (!params || !c || EVP_PKEY_fromdata_init(c) <= 0 || EVP_PKEY_fromdata(c, &ca->key, EVP_PKEY_KEYPAIR, params) <= 0)
        fail("key");
    EVP_PKEY_CTX_free(c);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(b);
    EC_POINT_free(p);
}

static void extension(X509 *x, int nid, const char *value)
{
    X509V3_CTX v3;
    X509V3_set_ctx_nodb(&v3);
    X509V3_set_ctx(&v3, x, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &v3, nid, value);
    if (!e || !X509_add_ext(x, e, -1))
        fail(value);
    X509_EXTENSION_free(e);
}

/* Signed with any nonce: what is to be signed is complete only then. */
static X509 *make_certificate(const struct ca *ca)
{
    X509 *x = X509_new();
    X509_NAME *name = x ? X509_get_subject_name(x) : NULL;
    if (!name || !X509_set_version(x, X509_VERSION_3) || !ASN1_INTEGER_set(X509_get_serialNumber(x), 1) ||
        !X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"otarig test CA", -1, -1, 0) ||
        !X509_set_issuer_name(x, name) || !ASN1_TIME_set_string_X509(X509_getm_notBefore(x), "20200101000000Z") ||
        !ASN1_TIME_set_string_X509(X509_getm_notAfter(x), "20991231235959Z") || !X509_set_pubkey(x, ca->key))
        fail("certificate");
    extension(x, NID_basic_constraints, "critical,CA:TRUE");
    extension(x, NID_key_usage, "critical,keyCertSign,cRLSign");
    extension(x, NID_subject_key_identifier, "hash");
    if (!X509_sign(x, ca->key, EVP_sha256()))
        fail("signature");
    return x;
}

/* ECDSA (FIPS 186-4 §6.4): r = (k G).x, s = (digest + r secret) / k, all mod n. */
static ECDSA_SIG *sign(const struct ca *ca, const uint8_t digest[32])
{
    const BIGNUM *n = EC_GROUP_get0_order(ca->group);
    uint8_t secret[SECRET], nonce[32];
    BN_bn2binpad(ca->secret, secret, SECRET);
    sha256(nonce, secret, sizeof secret, digest, 32);
    BIGNUM *k = BN_bin2bn(nonce, sizeof nonce, NULL), *z = BN_bin2bn(digest, 32, NULL), *r = BN_new(), *s = BN_new();
    EC_POINT *p = EC_POINT_new(ca->group);
    ECDSA_SIG *sig = ECDSA_SIG_new();
    if (!EC_POINT_mul(ca->group, p, k, NULL, NULL, ca->bn) || !EC_POINT_get_affine_coordinates(ca->group, p, r, NULL, ca->bn) ||
        !BN_nnmod(r, r, n, ca->bn) || !BN_mod_mul(s, r, ca->secret, n, ca->bn) || !BN_mod_add(s, s, z, n, ca->bn) ||
        !BN_mod_inverse(k, k, n, ca->bn) || !BN_mod_mul(s, s, k, n, ca->bn) || !ECDSA_SIG_set0(sig, r, s))
        fail("ECDSA");
    BN_free(k);
    BN_free(z);
    EC_POINT_free(p);
    return sig;
}

/* The signature is put in by hand: the library draws its nonces. */
static void sign_again(struct ca *ca, X509 *x)
{
    const ASN1_BIT_STRING *old;
    uint8_t digest[32], *tbs = NULL, *sig = NULL, *out = ca->der;
    X509_get0_signature(&old, NULL, x);
    int tbs_size = i2d_re_X509_tbs(x, &tbs);
    if (tbs_size <= 0)
        fail("to be signed");
    sha256(digest, tbs, (size_t)tbs_size, "", 0);
    ECDSA_SIG *s = sign(ca, digest);
    int sig_size = i2d_ECDSA_SIG(s, &sig);
    if (sig_size <= 0 || !ASN1_STRING_set((ASN1_STRING *)(uintptr_t)old, sig, sig_size) || X509_verify(x, ca->key) != 1)
        fail("signature");
    ca->der_size = i2d_X509(x, NULL);
    if (ca->der_size <= 0 || ca->der_size > DER_MOST || i2d_X509(x, &out) != ca->der_size)
        fail("certificate");
    OPENSSL_free(tbs);
    OPENSSL_free(sig);
    ECDSA_SIG_free(s);
}

static FILE *create(const char *folder, const char *name, mode_t mode)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)unlink(path); /* an old one may have other rights */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (!f)
        fail(path);
    return f;
}

static void finish(FILE *f)
{
    if (ferror(f) || fclose(f) != 0)
        fail("write");
}

static void write_source(const struct ca *ca, FILE *f)
{
    fprintf(f, "/* Made by mkca. */\n#include \"ca.h\"\n\nconst uint8_t ca_der[] = {");
    for (int i = 0; i < ca->der_size; i++)
        fprintf(f, "%s0x%02x,", i % 16 == 0 ? "\n    " : " ", ca->der[i]);
    fprintf(f, "\n};\nconst size_t ca_der_size = sizeof ca_der;\n");
}

int main(int argc, char **argv)
{
    static struct ca ca;
    if (argc != 2) {
        fprintf(stderr, "usage: mkca DIR\n");
        return 2;
    }
    make_key(&ca);
    X509 *x = make_certificate(&ca);
    sign_again(&ca, x);
    FILE *key = create(argv[1], "ca-key.pem", 0600), *source = create(argv[1], "ca.c", 0666), *cert = create(argv[1], "ca-cert.pem", 0666);
    if (!PEM_write_PKCS8PrivateKey(key, ca.key, NULL, NULL, 0, NULL, NULL) || !PEM_write_X509(cert, x))
        fail("PEM");
    write_source(&ca, source);
    finish(key);
    finish(source);
    finish(cert);
    X509_free(x);
    EVP_PKEY_free(ca.key);
    EC_GROUP_free(ca.group);
    BN_CTX_free(ca.bn);
    BN_free(ca.secret);
    return 0;
}
