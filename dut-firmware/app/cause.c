/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The names of cause.h.
 */
#include "cause.h"
#include <string.h>

static const char *const names[CAUSE_COUNT] = {
    [CAUSE_NONE] = "none",
    [CAUSE_NO_SERVER] = "no-server", [CAUSE_CONNECTION_LOST] = "connection-lost", [CAUSE_HTTP_STATUS] = "http-status",
    [CAUSE_BAD_MANIFEST] = "bad-manifest", [CAUSE_BAD_LENGTH] = "bad-length", [CAUSE_BAD_CHUNK] = "bad-chunk", [CAUSE_TIMEOUT] = "timeout",
    [CAUSE_FLASH] = "flash", [CAUSE_BAD_MAGIC] = "bad-magic", [CAUSE_BAD_HEADER] = "bad-header", [CAUSE_TOO_LARGE] = "too-large",
    [CAUSE_TRUNCATED] = "truncated", [CAUSE_WRONG_SLOT] = "wrong-slot", [CAUSE_WRONG_HARDWARE] = "wrong-hardware",
    [CAUSE_BAD_HASH] = "bad-hash", [CAUSE_UNSIGNED] = "unsigned", [CAUSE_WRONG_KEY] = "wrong-key", [CAUSE_BAD_SIGNATURE] = "bad-signature",
    [CAUSE_DOWNGRADE] = "downgrade", [CAUSE_BAD_VECTOR] = "bad-vector", [CAUSE_BAD_TLV] = "bad-tlv", [CAUSE_ECC] = "ecc",
    [CAUSE_ATTEMPTS] = "attempts", [CAUSE_UNHEALTHY] = "unhealthy", [CAUSE_INVALID] = "invalid",
    [CAUSE_ROLLBACK] = "rollback", [CAUSE_EXPIRED] = "expired", [CAUSE_FREEZE] = "freeze", [CAUSE_REVOKED_KEY] = "revoked-key",
    [CAUSE_BAD_KEYS] = "bad-keys", [CAUSE_WITHDRAWN] = "withdrawn", [CAUSE_PAUSED] = "paused", [CAUSE_BAD_REDIRECT] = "bad-redirect",
    [CAUSE_BAD_BASE] = "bad-base", [CAUSE_BAD_DELTA] = "bad-delta", [CAUSE_TLS_HANDSHAKE] = "tls-handshake", [CAUSE_TLS_EXPIRED] = "tls-expired",
    [CAUSE_TLS_NOT_YET] = "tls-not-yet", [CAUSE_TLS_HOST] = "tls-host", [CAUSE_TLS_CA] = "tls-ca", [CAUSE_TLS_VERSION] = "tls-version",
    [CAUSE_TLS_RECORD] = "tls-record",
};

const char *cause_name(enum cause c)
{
    return (unsigned)c < CAUSE_COUNT ? names[c] : names[CAUSE_NONE];
}

enum cause cause_named(const char *name)
{
    for (int c = 1; c < CAUSE_COUNT; c++)
        if (strcmp(name, names[c]) == 0)
            return (enum cause)c;
    return CAUSE_NONE;
}
