/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dates of a certificate chain against the calendar. They are judged apart from the chain itself: a peer whose key, chain and name
 * are good and whose dates alone fail is the only one that can tell a device with a wrong calendar what day it is.
 */
#ifndef APP_TLS_DATES_H
#define APP_TLS_DATES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cause.h"

/* A certificate's date, ASN.1 UTCTime (tag 0x17, 13 bytes "YYMMDDhhmmssZ") or GeneralizedTime (0x18, 15 bytes), as RFC 5280 §4.1.2.5
 * wants them. Seconds since 1970; true and *unix_s, which is UINT32_MAX for a later moment. */
bool tls_dates_parse(const uint8_t *text, uint8_t tag, uint32_t *unix_s);

void tls_dates_begin(void); /* a handshake begins: nothing seen yet */
/* Of the chain seen since: CAUSE_NONE, CAUSE_TLS_NOT_YET, CAUSE_TLS_EXPIRED (which counts first), or CAUSE_TLS_HANDSHAKE when there
 * was no chain. */
enum cause tls_dates_verdict(void);
#endif
