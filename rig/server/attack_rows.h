/* SPDX-License-Identifier: GPL-3.0-or-later
 * How rows of attacks are written, and the tables that attacks.c puts one behind the other. */
#ifndef SERVER_ATTACK_ROWS_H
#define SERVER_ATTACK_ROWS_H
#include "server/attacks.h"

#define ATTACK(row_name, row_help, row_example, row_options, ...) \
    {.row = {row_name, row_help, row_options, row_example}, __VA_ARGS__}
#define OPTIONS(...) ((const struct option_row[]){__VA_ARGS__, {.name = NULL}})
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

#define ATTACK_WORD(name, help, otherwise, words) {name, help, OPTION_WORD, false, otherwise, words, 0, 0}
#define ATTACK_BYTES(name, help, otherwise, low, high) {name, help, OPTION_BYTES, false, otherwise, NULL, low, high}
#define ATTACK_COUNT(name, help, otherwise, low, high) {name, help, OPTION_COUNT, false, otherwise, NULL, low, high}
#define ATTACK_TIME(name, help, otherwise, low, high) {name, help, OPTION_TIME, false, otherwise, NULL, low, high}
#define ATTACK_STRING(name, help, otherwise) {name, help, OPTION_TEXT, false, otherwise, NULL, 0, 0}
#define ATTACK_AT_BYTE \
    {"at-byte", "byte of it, from 0; the middle when neither this nor percent is given", OPTION_BYTES, false, NULL, NULL, 0, 0}
#define ATTACK_PERCENT {"percent", "the same as a share of it", OPTION_PERCENT, false, NULL, NULL, 0, 9999}
#define ATTACK_SECOND_NS UINT64_C(1000000000)
/* Who vouches for what was changed: a publisher who errs or was bought, or somebody on the way. */
#define ATTACK_SIGNATURE \
    ATTACK_WORD("signature", "of what was changed", "valid", WORDS("valid", "broken", "missing", "wrong-key", "revoked"))

const struct attack *attack_release_at(size_t i); /* each: NULL behind the last */
const struct attack *attack_manifest_at(size_t i);
const struct attack *attack_keys_at(size_t i);
const struct attack *attack_delta_at(size_t i);
const struct attack *attack_range_at(size_t i);
const struct attack *attack_answer_at(size_t i);
const struct attack *attack_headers_at(size_t i);
const struct attack *attack_body_at(size_t i);
const struct attack *attack_connection_at(size_t i);
#endif
