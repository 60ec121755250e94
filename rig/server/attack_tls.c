/* SPDX-License-Identifier: GPL-3.0-or-later
 * Attacks on TLS (T1 to T9). Those of a handshake act on a connection before anything is asked on it: "request" of their rule counts
 * connections, and path and device mean nothing. The others act at a byte of an answer, and only where the stream is encrypted. */
#include "server/attack_tls.h"

#include "server/exchange.h"
#include "server/tls.h"

#include <string.h>

#define SECOND_NS UINT64_C(1000000000)

static uint64_t number(const struct attack_call *c, const char *name)
{
    return option_number(c->attack->row.options, c->value, name);
}

/* Index of a word among an option's words. */
static unsigned word(const struct attack_call *c, const char *name)
{
    for (const struct option_row *row = c->attack->row.options; row->name; row++)
        for (unsigned i = 0; strcmp(row->name, name) == 0 && row->words[i]; i++)
            if (option_is(c->attack->row.options, c->value, name, row->words[i]))
                return i;
    return 0;
}

/* --- the handshake --- */

static bool act(struct attack_call *c, enum tls_part part)
{
    c->tls->attack[part] = c->attack->row.name;
    return true;
}

static bool certificate(struct attack_call *c, enum certs_kind kind)
{
    uint64_t by = kind == CERTS_EXPIRED || kind == CERTS_NOT_YET ? number(c, "by") : 0;
    c->tls->certificate = kind;
    c->tls->by_s = by / SECOND_NS ? by / SECOND_NS : 1;
    return act(c, TLS_PART_CERTIFICATE);
}

static bool expired(struct attack_call *c)
{
    return certificate(c, CERTS_EXPIRED);
}

static bool not_yet(struct attack_call *c)
{
    return certificate(c, CERTS_NOT_YET);
}

static bool wrong_host(struct attack_call *c)
{
    return certificate(c, CERTS_WRONG_HOST);
}

static bool unknown_ca(struct attack_call *c)
{
    return certificate(c, CERTS_UNKNOWN_CA);
}

static bool self_signed(struct attack_call *c)
{
    return certificate(c, CERTS_SELF_SIGNED);
}

static const char *const chains[] = {"short", "wrong-use", "leaf-as-ca", "bad-signature", "impostor", "intermediate", "renewed", NULL};
static const enum certs_kind chain_kinds[] = {CERTS_SHORT_CHAIN, CERTS_WRONG_USE, CERTS_LEAF_CA, CERTS_BAD_SIGNATURE, CERTS_IMPOSTOR,
                                              CERTS_CHAIN, CERTS_RENEWED};

static bool chain(struct attack_call *c)
{
    return certificate(c, chain_kinds[word(c, "kind")]);
}

static const char *const versions[] = {"1.2", "1.1", "1.0", "3.0", NULL};
static const char *const insists[] = {"refuses", "forges", NULL};

static bool old_version(struct attack_call *c)
{
    unsigned old = word(c, "version");
    c->tls->version = 0x0303 - old;
    c->tls->forged = word(c, "otherwise") == 1 || old == 3; /* the library has no SSL 3.0 */
    return act(c, TLS_PART_VERSION);
}

static const char *const messages[] = {"server-hello", "extensions", "certificate", "verify", "finished", NULL};

static const char *const garbages[] = {"content", "shapeless", NULL};

static bool stall(struct attack_call *c)
{
    c->tls->stall = (enum tls_message)(TLS_SERVER_HELLO + word(c, "before"));
    c->tls->stall_ns = number(c, "for");
    return act(c, TLS_PART_STALL);
}

static bool garbage(struct attack_call *c)
{
    c->tls->garbage = (enum tls_message)(TLS_SERVER_HELLO + word(c, "in"));
    c->tls->shapeless = word(c, "kind") == 1;
    return act(c, TLS_PART_GARBAGE);
}

/* --- in mid-answer --- */

/* The byte that the options name, or the middle. False where there is no such byte, or no TLS. */
static bool spoil(struct attack_call *c, enum stream_spoil how)
{
    const struct option_row *rows = c->attack->row.options;
    struct exchange *x = c->x;
    uint64_t size = x->size, at = size / 2;
    if (option_given(rows, c->value, "at-byte"))
        at = number(c, "at-byte");
    else if (option_given(rows, c->value, "percent"))
        at = size / 10000 * number(c, "percent") + size % 10000 * number(c, "percent") / 10000;
    if (!c->secure || at >= size)
        return false;
    x->spoils = true;
    x->spoil = how;
    x->spoil_at = at;
    c->at = at;
    return true;
}

static const char *const records[] = {"bad-mac", "too-long", "cleartext-close", "new-keys", NULL};

static bool record(struct attack_call *c)
{
    static const enum stream_spoil how[] = {STREAM_BAD_MAC, STREAM_LONG_RECORD, STREAM_CLEARTEXT, STREAM_REKEY};
    return spoil(c, how[word(c, "kind")]);
}

static const char *const places[] = {"between", "within", NULL};

static bool cut(struct attack_call *c)
{
    if (!spoil(c, word(c, "records") == 1 ? STREAM_HALF_RECORD : STREAM_NO_NOTIFY))
        return false;
    exchange_cut(c->x, c->x->spoil_at, EXCHANGE_CLOSE, "cut-short");
    return true;
}

static const char *const rotations[] = {"renewed",       "intermediate", "unknown-ca",  "expired",
                                        "not-yet-valid", "wrong-host",   "self-signed", NULL};
static const enum certs_kind rotation_kinds[] = {CERTS_RENEWED, CERTS_CHAIN, CERTS_UNKNOWN_CA, CERTS_EXPIRED, CERTS_NOT_YET,
                                                 CERTS_WRONG_HOST, CERTS_SELF_SIGNED};

/* The connection ends here; what the next ones show is another certificate. */
static bool rotate(struct attack_call *c)
{
    if (!spoil(c, STREAM_NO_NOTIFY))
        return false;
    c->x->spoils = false;
    exchange_cut(c->x, c->x->spoil_at, EXCHANGE_CLOSE, "cut-short");
    *c->later = (struct tls_faults){.certificate = rotation_kinds[word(c, "to")], .by_s = 1};
    c->later->attack[TLS_PART_CERTIFICATE] = c->attack->row.name;
    return true;
}

/* --- rows --- */

#define ROW(row_name, row_help, row_example, row_catalogue, row_stage, row_apply, ...) \
    {.row = {row_name, row_help, (const struct option_row[]){__VA_ARGS__, {.name = NULL}}, row_example}, .stage = row_stage, \
     .apply = row_apply, .catalogue = row_catalogue, .place = "TLS"}
#define NO_OPTIONS {.name = NULL}
#define AT_BYTE \
    {"at-byte", "byte of the body, from 0; the middle when neither this nor percent is given", OPTION_BYTES, false, NULL, NULL, 0, 0}
#define PERCENT {"percent", "the same as a share of the body", OPTION_PERCENT, false, NULL, NULL, 0, 9999}
#define BY(help) {"by", help, OPTION_TIME, false, "24h", NULL, SECOND_NS, 0}

static const struct attack table[] = {
    ROW("tls-expired", "shows a certificate that has expired", "{do: serve, attack: tls-expired, by: 1s}", "T1", ATTACK_TLS, expired,
        BY("how long ago")),
    ROW("tls-not-yet-valid", "shows a certificate of the future", "{do: serve, attack: tls-not-yet-valid, by: 2h}", "T2", ATTACK_TLS,
        not_yet,
        BY("how long until it is valid")),
    ROW("tls-wrong-host", "shows a certificate of the right CA for another host", "{do: serve, attack: tls-wrong-host}", "T3", ATTACK_TLS,
        wrong_host, NO_OPTIONS),
    ROW("tls-unknown-ca", "shows a certificate of another CA that calls itself the same", "{do: serve, attack: tls-unknown-ca}", "T4",
        ATTACK_TLS,
        unknown_ca, NO_OPTIONS),
    ROW("tls-self-signed", "shows a certificate that nobody else signed", "{do: serve, attack: tls-self-signed}", "T4", ATTACK_TLS,
        self_signed,
        NO_OPTIONS),
    ROW("tls-chain",
        "shows a chain that is wrong in another way (short: the intermediate CA is left out; impostor: the genuine certificate "
        "without its key), or one that is right (intermediate, renewed)",
        "{do: serve, attack: tls-chain, kind: impostor}", "T4", ATTACK_TLS, chain,
        {"kind", "which", OPTION_WORD, false, "short", chains, 0, 0}),
    ROW("tls-old-version", "speaks one old version alone", "{do: serve, attack: tls-old-version, version: 1.1}", "T5", ATTACK_TLS,
        old_version,
        {"version", "which", OPTION_WORD, false, "1.2", versions, 0, 0},
        {"otherwise", "to a client that does not offer it: refuses by an alert, or forges an answer as if it had", OPTION_WORD, false,
         "refuses", insists, 0, 0}),
    ROW("tls-stall", "goes silent in the handshake", "{do: serve, attack: tls-stall, before: certificate}", "T6", ATTACK_TLS, stall,
        {"before", "the server's message that does not come", OPTION_WORD, false, "server-hello", messages, 0, 0},
        {"for", "how long; 0: for ever", OPTION_TIME, false, "0", NULL, 0, 0}),
    ROW("tls-garbage", "sends random bytes in the handshake", "{do: serve, attack: tls-garbage, in: finished}", "T6", ATTACK_TLS, garbage,
        {"in", "instead of this message of the server", OPTION_WORD, false, "server-hello", messages, 0, 0},
        {"kind", "a record with random content, or not even a record", OPTION_WORD, false, "content", garbages, 0, 0}),
    ROW("tls-record", "spoils a record in mid-body: tag, length beyond the limit, close that is not encrypted; new keys are allowed",
        "{do: serve, attack: tls-record, kind: bad-mac, at-byte: 40000}", "T6", ATTACK_CONNECTION, record, AT_BYTE, PERCENT,
        {"kind", "how", OPTION_WORD, false, "bad-mac", records, 0, 0}),
    ROW("tls-cut", "closes the connection in mid-body without close_notify, as somebody on the way can",
        "{do: serve, attack: tls-cut, at-byte: 40000}", "S2", ATTACK_CONNECTION, cut, AT_BYTE, PERCENT,
        {"records", "between two records, or within one behind that byte", OPTION_WORD, false, "between", places, 0, 0}),
    ROW("tls-rotate", "closes the connection in mid-body; every later one shows another certificate",
        "{do: serve, attack: tls-rotate, to: renewed, at-byte: 40000}", "T9", ATTACK_CONNECTION, rotate, AT_BYTE, PERCENT,
        {"to", "which: renewed and intermediate are good", OPTION_WORD, false, "renewed", rotations, 0, 0}),
};

const struct attack *attack_tls_at(size_t i)
{
    return i < sizeof table / sizeof table[0] ? &table[i] : NULL;
}
