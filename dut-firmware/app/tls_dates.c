/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dates of tls_dates.h.
 *
 * Method. wolfSSL asks tls_dates_seen() about each notBefore and notAfter of the chain that the peer sends. The answer is yes for any
 * date that can be read, and the dates are kept; so the handshake ends well exactly when all else is good: the signatures up to the
 * embedded CA, the name, the peer's proof that it holds the key. Only then tls.c asks for the verdict, before a byte of the application
 * has passed. What follows from a bad one:
 *
 *   - for every use but one the connection is closed, with cause tls-expired or tls-not-yet;
 *   - then the agent may ask for the manifest, for the key set if nobody it knows has signed the manifest, and for nothing else, on a
 *     connection without dates (TRANSPORT_UNDATED). A manifest whose own signature is good and fresh sets the calendar (freshness.c),
 *     and what it offers is not taken up;
 *   - the next connection is dated again. If it still fails the certificate is at fault, not the calendar.
 *
 * A calendar that is lost says the floor (clock.c), and goes the same way: a certificate of this year is not yet valid on the day that
 * the program was built. An expired one that was valid on that day passes for the one request that corrects the calendar, if it is a
 * manifest; anything else is protected by the signatures that do not rest on TLS.
 */
#include "tls_dates.h"
#include "calendar.h"
#include "clock.h"

enum { UTC_TIME = 0x17, GENERALIZED_TIME = 0x18, NOT_BEFORE = 0, NOT_AFTER = 1 };
int tls_dates_seen(const unsigned char *date, unsigned char format, int type); /* wolfssl/user_settings.h */

static struct {
    unsigned seen;
    uint32_t latest_start, earliest_end;
} chain;

static bool read_year(const char **text, uint8_t tag, unsigned *year)
{
    unsigned century = 0, low;
    if ((tag == GENERALIZED_TIME && !calendar_digits(text, &century)) || !calendar_digits(text, &low))
        return false;
    if (tag == UTC_TIME)
        century = low >= 50 ? 19 : 20; /* RFC 5280 §4.1.2.5.1 */
    *year = century * 100 + low;
    return true;
}

bool tls_dates_parse(const uint8_t *text, uint8_t tag, uint32_t *unix_s)
{
    const char *t = (const char *)text;
    struct calendar c;
    if ((tag != UTC_TIME && tag != GENERALIZED_TIME) || !read_year(&t, tag, &c.year))
        return false;
    return calendar_digits(&t, &c.month) && calendar_digits(&t, &c.day) && calendar_digits(&t, &c.hour) && calendar_digits(&t, &c.minute) &&
           calendar_digits(&t, &c.second) && *t == 'Z' && calendar_seconds(&c, unix_s);
}

void tls_dates_begin(void)
{
    chain.seen = 0;
    chain.latest_start = 0;
    chain.earliest_end = UINT32_MAX;
}

int tls_dates_seen(const unsigned char *date, unsigned char format, int type)
{
    uint32_t t;
    if (!tls_dates_parse(date, format, &t))
        return 0;
    if (type == NOT_BEFORE && t > chain.latest_start)
        chain.latest_start = t;
    if (type == NOT_AFTER && t < chain.earliest_end)
        chain.earliest_end = t;
    chain.seen |= type == NOT_AFTER ? 2u : 1u;
    return 1;
}

enum cause tls_dates_verdict(void)
{
    uint32_t now = clock_now();
    if (chain.seen != 3)
        return CAUSE_TLS_HANDSHAKE;
    if (now > chain.earliest_end)
        return CAUSE_TLS_EXPIRED;
    return now < chain.latest_start ? CAUSE_TLS_NOT_YET : CAUSE_NONE;
}
