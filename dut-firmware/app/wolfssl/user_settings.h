/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * wolfSSL 5.5 as this application needs it: a TLS 1.3 client with one cipher suite (AES-128-GCM, SHA-256) and one curve (P-256),
 * certificates by ECDSA alone. What is not compiled in cannot be negotiated: there is no older version, no RSA, no session to
 * resume, no renegotiation to fall back to.
 */
#ifndef OTA_USER_SETTINGS_H
#define OTA_USER_SETTINGS_H
#include <stddef.h>

#define SINGLE_THREADED
#define WOLFSSL_USER_IO
#define NO_FILESYSTEM
#define NO_WRITEV
#define NO_MAIN_DRIVER
#define NO_ERROR_STRINGS
#define NO_WOLFSSL_SERVER
#define NO_SESSION_CACHE
#define NO_CLIENT_CACHE
#define WOLFSSL_IGNORE_FILE_WARN
#define SIZEOF_LONG_LONG 8
#define WOLFSSL_GENERAL_ALIGNMENT 4

/* Protocol */
#define WOLFSSL_TLS13
#define WOLFSSL_NO_TLS12
#define NO_OLD_TLS
#define HAVE_TLS_EXTENSIONS
#define HAVE_SUPPORTED_CURVES
#define HAVE_SNI
#define HAVE_MAX_FRAGMENT

/* Algorithms */
#define HAVE_ECC
#define ECC_USER_CURVES /* P-256 alone */
#define ECC_TIMING_RESISTANT
#define HAVE_AESGCM
#define GCM_TABLE_4BIT /* GCM_SMALL is nine times slower */
#define NO_AES_CBC
#define NO_AES_192
#define NO_AES_256
#define HAVE_HKDF
#define WOLFSSL_HAVE_SP_ECC
#define WOLFSSL_SP
#define WOLFSSL_SP_MATH
#define WOLFSSL_SP_ARM_CORTEX_M_ASM
#define SP_WORD_SIZE 32
#define NO_RSA
#define NO_DH
#define NO_DSA
#define NO_DES3
#define NO_RC4
#define NO_MD4
#define NO_MD5
#define NO_SHA
#define NO_PSK
#define NO_PWDBASED
#define NO_PKCS8
#define NO_PKCS12
#define NO_SIG_WRAPPER
#define NO_CODING

/* The chip: random numbers, time, memory come from tls.c, tls_dates.c and tls_pool.c. */
int tls_seed(unsigned char *out, unsigned n);
#define CUSTOM_RAND_GENERATE_SEED tls_seed
int tls_dates_seen(const unsigned char *date, unsigned char format, int type);
#define XVALIDATE_DATE(date, format, type) tls_dates_seen((date), (format), (type))
#define USER_TICKS
void *tls_pool_alloc(size_t n);
void *tls_pool_resize(void *p, size_t n);
void tls_pool_free(void *p);
#define XMALLOC_OVERRIDE
#define XMALLOC(n, heap, type) ((void)(heap), (void)(type), tls_pool_alloc(n))
#define XREALLOC(p, n, heap, type) ((void)(heap), (void)(type), tls_pool_resize((p), (n)))
#define XFREE(p, heap, type) ((void)(heap), (void)(type), tls_pool_free((void *)(p)))
#endif
