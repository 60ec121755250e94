/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The TLS transport of tls.h. The one file that includes wolfSSL.
 *
 * Method. All memory of a connection is in the pool of tls_pool.c, which is empty again when the connection is closed: whatever a server
 * makes the library do, the next connection begins the same way. Bytes go up only out of records whose MAC was right. An end is orderly
 * only by a close_notify; a FIN without one is a connection lost, so that nobody on the way can shorten what was sent (RFC 8446 §6.1). The
 * dates of the certificates are judged last, when all else is proved: top of tls_dates.c.
 */
#include "tls.h"
#include <string.h>
#include "platform.h"
#include "tls_dates.h"
#include "tls_pool.h"
#include <wolfssl/ssl.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

enum phase { CLOSED, REACHING, SHAKING, OPEN, ENDED, BROKEN };
enum { ALERT_CLOSE_NOTIFY = 0, ALERT_PROTOCOL_VERSION = 70 /* RFC 8446 §6 */ };

static struct {
    struct tls_config config;
    enum phase phase;
    enum transport_use use;
    enum cause cause;
    bool answered;     /* we may have sent an alert: it must leave before the connection does */
    uint32_t since_ms; /* begin of the phase */
    WOLFSSL_CTX *ctx;
    WOLFSSL *ssl;
    uint8_t head[2];   /* first bytes of the peer: type and major version of a record */
    size_t heads;
} tls;

/* --- what wolfSSL calls --- */

int tls_seed(unsigned char *out, unsigned n)
{
    return tls.config.random(out, n) ? 0 : RNG_FAILURE_E;
}

word32 LowResTimer(void)
{
    return platform_ms() / 1000u;
}

static int receive(WOLFSSL *ssl, char *bytes, int n, void *ctx)
{
    const struct transport *under = tls.config.under;
    (void)ssl;
    (void)ctx;
    size_t got = under->read(under->ctx, bytes, (size_t)n);
    for (size_t i = 0; i < got && tls.heads < sizeof tls.head; i++)
        tls.head[tls.heads++] = (uint8_t)bytes[i];
    if (got > 0)
        return (int)got;
    enum transport_state s = under->state(under->ctx);
    if (s == TRANSPORT_OPEN)
        return WOLFSSL_CBIO_ERR_WANT_READ;
    return s == TRANSPORT_ENDED ? WOLFSSL_CBIO_ERR_CONN_CLOSE : WOLFSSL_CBIO_ERR_CONN_RST;
}

static int transmit(WOLFSSL *ssl, char *bytes, int n, void *ctx)
{
    const struct transport *under = tls.config.under;
    (void)ssl;
    (void)ctx;
    size_t put = under->write(under->ctx, bytes, (size_t)n);
    if (put > 0)
        return (int)put;
    enum transport_state s = under->state(under->ctx);
    return s == TRANSPORT_OPEN ? WOLFSSL_CBIO_ERR_WANT_WRITE : WOLFSSL_CBIO_ERR_CONN_RST;
}

/* --- causes --- */

static enum transport_state broken(enum cause cause)
{
    tls.phase = BROKEN;
    tls.cause = cause;
    return TRANSPORT_BROKEN;
}

static bool alerted(int code)
{
    WOLFSSL_ALERT_HISTORY h;
    return wolfSSL_get_alert_history(tls.ssl, &h) == WOLFSSL_SUCCESS && h.last_rx.code == code;
}

static enum cause cause_of(int error)
{
    switch (error) {
    case ASN_NO_SIGNER_E:
    case ASN_SELF_SIGNED_E:
    case ASN_SIG_CONFIRM_E:
    case ASN_SIG_HASH_E:
    case ASN_SIG_OID_E:
    case ASN_SIG_KEY_E:
    case ASN_PATHLEN_SIZE_E:
    case ASN_PATHLEN_INV_E:
    case ASN_CRIT_EXT_E:
    case NOT_CA_ERROR:
    case KEYUSE_SIGNATURE_E:
    case KEYUSE_ENCIPHER_E:
    case EXTKEYUSE_AUTH_E:
    case MAX_CHAIN_ERROR:
        return CAUSE_TLS_CA;
    case DOMAIN_NAME_MISMATCH:
        return CAUSE_TLS_HOST;
    case VERSION_ERROR:
        return tls.head[1] == 3 ? CAUSE_TLS_VERSION : CAUSE_TLS_HANDSHAKE; /* 3: SSL 3.0 and every TLS; else it is no TLS at all */
    default:
        return alerted(ALERT_PROTOCOL_VERSION) ? CAUSE_TLS_VERSION : CAUSE_TLS_HANDSHAKE;
    }
}

/* --- one connection --- */

static void forget(void)
{
    wolfSSL_free(tls.ssl);
    wolfSSL_CTX_free(tls.ctx);
    tls.ssl = NULL;
    tls.ctx = NULL;
    tls.phase = CLOSED;
    tls_pool_reset();
}

static bool trusted(void)
{
    return wolfSSL_CTX_load_verify_buffer(tls.ctx, tls.config.ca, (long)tls.config.ca_size, WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS;
}

static bool prepared(void)
{
    const char *host = tls.config.host;
    tls.ctx = wolfSSL_CTX_new(wolfTLSv1_3_client_method());
    if (!tls.ctx || !trusted())
        return false;
    wolfSSL_CTX_set_verify(tls.ctx, WOLFSSL_VERIFY_PEER, NULL);
    wolfSSL_CTX_SetIORecv(tls.ctx, receive);
    wolfSSL_CTX_SetIOSend(tls.ctx, transmit);
    tls.ssl = wolfSSL_new(tls.ctx);
    return tls.ssl && wolfSSL_check_domain_name(tls.ssl, host) == WOLFSSL_SUCCESS &&
           wolfSSL_UseSNI(tls.ssl, WOLFSSL_SNI_HOST_NAME, host, (unsigned short)strlen(host)) == WOLFSSL_SUCCESS &&
           wolfSSL_UseMaxFragment(tls.ssl, WOLFSSL_MFL_2_11) == WOLFSSL_SUCCESS;
}

static bool open_connection(void *ctx, enum transport_use use)
{
    (void)ctx;
    tls.use = use;
    tls.cause = CAUSE_NONE;
    tls.answered = false;
    tls.heads = 0;
    tls.head[1] = 0;
    tls.since_ms = platform_ms();
    if (!tls.config.under->open(tls.config.under->ctx, use))
        return false;
    tls.phase = REACHING;
    return true;
}

static enum transport_state reach(void)
{
    const struct transport *under = tls.config.under;
    enum transport_state s = under->state(under->ctx);
    if (s == TRANSPORT_CONNECTING)
        return platform_ms() - tls.since_ms < under->connect_ms ? s : broken(CAUSE_NONE);
    if (s != TRANSPORT_OPEN)
        return broken(CAUSE_NONE);
    if (!prepared())
        return broken(CAUSE_TLS_HANDSHAKE);
    tls_dates_begin(); /* the anchor itself has no dates: it is trusted as long as this program runs */
    tls.phase = SHAKING;
    tls.since_ms = platform_ms();
    return TRANSPORT_CONNECTING;
}

static enum transport_state judge_peer(void)
{
    enum cause c = tls_dates_verdict();
    if (c == CAUSE_TLS_HANDSHAKE || (c != CAUSE_NONE && tls.use == TRANSPORT_FULL))
        return broken(c);
    tls.phase = OPEN;
    return TRANSPORT_OPEN;
}

static enum transport_state shake(void)
{
    int rc = wolfSSL_connect(tls.ssl);
    tls.answered = true;
    if (rc == WOLFSSL_SUCCESS)
        return judge_peer();
    int error = wolfSSL_get_error(tls.ssl, rc);
    if (error != WOLFSSL_ERROR_WANT_READ && error != WOLFSSL_ERROR_WANT_WRITE)
        return broken(cause_of(error));
    return platform_ms() - tls.since_ms < TLS_SHAKE_MS ? TRANSPORT_CONNECTING : broken(CAUSE_TLS_HANDSHAKE);
}

static enum transport_state connection_state(void *ctx)
{
    (void)ctx;
    switch (tls.phase) {
    case REACHING: return reach();
    case SHAKING: return shake();
    case OPEN: return TRANSPORT_OPEN;
    case ENDED: return TRANSPORT_ENDED;
    case BROKEN: return TRANSPORT_BROKEN;
    default: return TRANSPORT_CLOSED;
    }
}

/* What a read or write that moved nothing means. */
static void look_closer(int rc)
{
    int error = wolfSSL_get_error(tls.ssl, rc);
    if (error == WOLFSSL_ERROR_WANT_READ || error == WOLFSSL_ERROR_WANT_WRITE)
        return;
    if (alerted(ALERT_CLOSE_NOTIFY))
        tls.phase = ENDED;
    else if (tls.config.under->state(tls.config.under->ctx) != TRANSPORT_OPEN)
        broken(CAUSE_CONNECTION_LOST);
    else
        broken(CAUSE_TLS_RECORD);
}

static size_t write_bytes(void *ctx, const void *bytes, size_t n)
{
    (void)ctx;
    if (tls.phase != OPEN || n == 0)
        return 0;
    int rc = wolfSSL_write(tls.ssl, bytes, (int)n);
    if (rc > 0)
        return (size_t)rc;
    look_closer(rc);
    return 0;
}

static size_t read_bytes(void *ctx, void *bytes, size_t n)
{
    (void)ctx;
    if (tls.phase != OPEN || n == 0)
        return 0;
    int rc = wolfSSL_read(tls.ssl, bytes, (int)n);
    if (rc > 0)
        return (size_t)rc;
    look_closer(rc);
    return 0;
}

static void close_connection(void *ctx, bool orderly)
{
    const struct transport *under = tls.config.under;
    (void)ctx;
    bool alert = tls.phase == BROKEN && tls.answered;
    if (tls.ssl && ((tls.phase == OPEN && orderly) || tls.phase == ENDED || alert))
        (void)wolfSSL_shutdown(tls.ssl);
    if (tls.phase != CLOSED)
        under->close(under->ctx, orderly || alert);
    forget();
}

static enum cause connection_cause(void *ctx)
{
    (void)ctx;
    return tls.phase == BROKEN ? tls.cause : CAUSE_NONE;
}

static struct transport transport = {
    .open = open_connection,
    .state = connection_state,
    .write = write_bytes,
    .read = read_bytes,
    .close = close_connection,
    .cause = connection_cause,
};

const struct transport *tls_over(const struct tls_config *config)
{
    tls.config = *config;
    tls_pool_reset();
    transport.connect_ms = config->under->connect_ms + TLS_SHAKE_MS + 1000;
    return &transport;
}
