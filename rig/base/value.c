/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values with units. Decimal fractions are read digit by digit and scaled by integers, so 0.1s is 100000000 ns on every machine. */
#include "base/value.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/suggest.h"

#include <inttypes.h>
#include <string.h>

struct unit { const char *name; uint64_t scale; };

static const struct unit times[] = {{"ns", 1}, {"us", 1000}, {"µs", 1000}, {"ms", 1000000}, {"s", 1000000000},
                                    {"m", UINT64_C(60000000000)}, {"h", UINT64_C(3600000000000)},
                                    {"d", UINT64_C(86400000000000)}, {NULL, 0}};
static const struct unit sizes[] = {{"", 1}, {"B", 1}, {"kB", 1000}, {"KiB", 1024}, {"MB", 1000000}, {"MiB", 1048576},
                                    {"GB", 1000000000}, {"GiB", 1073741824}, {NULL, 0}};
static const struct unit percents[] = {{"%", 100}, {"", 100}, {NULL, 0}};
static const struct unit counts[] = {{"", 1}, {NULL, 0}};

static const char *unit_word(const void *ctx, size_t i)
{
    return ((const struct unit *)ctx)[i].name;
}

static const char *option_word(const void *ctx, size_t i)
{
    return ((const char *const *)ctx)[i];
}

static const struct unit *unit_find(const struct unit *units, const char *name)
{
    for (; units->name; units++)
        if (strcmp(units->name, name) == 0)
            return units;
    return NULL;
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

enum number { NUMBER_OK, NUMBER_NONE, NUMBER_BIG, NUMBER_FINE };

/* "12.34" at *text times scale; *text moves behind it. */
static enum number decimal(const char **text, uint64_t *whole, const char **fraction, size_t *digits)
{
    const char *p = *text;
    enum number r = digit(*p) ? NUMBER_OK : NUMBER_NONE;
    *whole = 0;
    for (; digit(*p); p++) {
        uint64_t d = (uint64_t)(*p - '0');
        if (*whole > (UINT64_MAX - d) / 10)
            r = NUMBER_BIG;
        else
            *whole = *whole * 10 + d;
    }
    *digits = 0;
    if (r != NUMBER_NONE && *p == '.' && digit(p[1])) {
        *fraction = ++p;
        for (; digit(*p); p++)
            ++*digits;
    }
    *text = p;
    return r;
}

static enum number scaled(uint64_t whole, const char *fraction, size_t digits, uint64_t scale, uint64_t *out)
{
    if (whole > UINT64_MAX / scale)
        return NUMBER_BIG;
    uint64_t sum = whole * scale, part = scale;
    for (size_t i = 0; i < digits; i++) {
        uint64_t d = (uint64_t)(fraction[i] - '0');
        if (d == 0) { /* trailing zeros beyond the unit are no precision */
            part = part % 10 ? part : part / 10;
            continue;
        }
        if (part % 10)
            return NUMBER_FINE;
        part /= 10;
        if (sum > UINT64_MAX - d * part)
            return NUMBER_BIG;
        sum += d * part;
    }
    *out = sum;
    return NUMBER_OK;
}

static bool hexadecimal(const char *text, uint64_t *out)
{
    if (text[0] != '0' || (text[1] != 'x' && text[1] != 'X') || !text[2] || strlen(text) > 18)
        return false;
    uint64_t x = 0;
    for (text += 2; *text; text++) {
        int d = digit(*text)                       ? *text - '0'
                : *text >= 'a' && *text <= 'f' ? *text - 'a' + 10
                : *text >= 'A' && *text <= 'F' ? *text - 'A' + 10
                                               : -1;
        if (d < 0)
            return false;
        x = x << 4 | (uint64_t)d;
    }
    *out = x;
    return true;
}

static const struct { const struct unit *units; const char *name, *example; } kinds[] = {
    [OPTION_TIME] = {times, "a time", "300ms or 2.5s"},
    [OPTION_BYTES] = {sizes, "a number of bytes", "4096 or 64KiB"},
    [OPTION_COUNT] = {counts, "a whole number", "3"},
    [OPTION_PERCENT] = {percents, "a percentage", "60%"},
};

static void expected(const struct option_row *row, const char *problem, struct buf *why)
{
    if (problem)
        buf_printf(why, "%s, ", problem);
    buf_printf(why, "expected %s such as %s", kinds[row->type].name, kinds[row->type].example);
}

static void bound(const struct option_row *row, uint64_t number, struct buf *out)
{
    value_print(row, number, NULL, out);
}

static bool in_bounds(const struct option_row *row, uint64_t x, struct buf *why)
{
    uint64_t high = row->high ? row->high : row->type == OPTION_PERCENT ? 10000 : UINT64_MAX;
    if (x >= row->low && x <= high)
        return true;
    buf_str(why, x < row->low ? "too small, expected " : "too large, expected ");
    if (high == UINT64_MAX) {
        buf_str(why, "at least ");
        bound(row, row->low, why);
    } else {
        bound(row, row->low, why);
        buf_str(why, " to ");
        bound(row, high, why);
    }
    return false;
}

static bool number_read(const struct option_row *row, const char *text, uint64_t *number, struct buf *why)
{
    const char *p = text, *fraction = "";
    uint64_t whole;
    size_t digits;
    if ((row->type == OPTION_COUNT || row->type == OPTION_BYTES) && hexadecimal(text, number))
        return in_bounds(row, *number, why);
    enum number r = decimal(&p, &whole, &fraction, &digits);
    if (r == NUMBER_NONE) {
        expected(row, *text == '-' ? "negative" : NULL, why);
        return false;
    }
    while (*p == ' ')
        p++;
    const struct unit *unit = unit_find(kinds[row->type].units, p);
    if (!unit && !*p && whole == 0 && !digits)
        unit = &kinds[row->type].units[0]; /* 0 needs no unit */
    if (!unit) {
        const char *near = *p ? suggest_nearest(p, unit_word, kinds[row->type].units) : NULL;
        expected(row, *p ? "unknown unit" : "the unit is missing", why);
        if (near && *near)
            buf_printf(why, ", did you mean \"%s\"?", near);
        return false;
    }
    if (r == NUMBER_OK)
        r = scaled(whole, fraction, digits, unit->scale, number);
    if (r == NUMBER_OK)
        return in_bounds(row, *number, why);
    expected(row, r == NUMBER_BIG ? "too large" : row->type == OPTION_COUNT ? "not whole" : "too fine", why);
    return false;
}

static bool bool_read(const char *text, uint64_t *number, struct buf *why)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", NULL};
    for (size_t i = 0; words[i]; i++)
        if (strcmp(text, words[i]) == 0) {
            *number = i & 1;
            return true;
        }
    buf_str(why, "expected true or false");
    return false;
}

static bool word_read(const struct option_row *row, const char *text, uint64_t *number, const char **word, struct buf *why)
{
    for (size_t i = 0; row->words[i]; i++)
        if (strcmp(text, row->words[i]) == 0) {
            *number = i;
            *word = row->words[i];
            return true;
        }
    const char *near = suggest_nearest(text, option_word, row->words);
    if (near)
        buf_printf(why, "did you mean \"%s\"?", near);
    else
        for (size_t i = 0; row->words[i]; i++)
            buf_printf(why, "%s%s", i ? ", " : "expected one of: ", row->words[i]);
    return false;
}

static bool date_value(const struct option_row *row, const char *text, uint64_t *number, struct buf *why)
{
    if (date_read(text, number))
        return in_bounds(row, *number, why);
    buf_str(why, "expected a date such as 2026-07-01T12:00:00Z or 2026-07-01");
    return false;
}

static void date_value_print(uint64_t number, struct buf *out)
{
    char text[DATE_TEXT];
    date_print(number, text);
    buf_str(out, text);
}

bool value_read(const struct option_row *row, const char *text, uint64_t *number, const char **word, struct buf *why)
{
    *number = 0;
    *word = NULL;
    switch (row->type) {
    case OPTION_BOOL: return bool_read(text, number, why);
    case OPTION_WORD: return word_read(row, text, number, word, why);
    case OPTION_DATE: return date_value(row, text, number, why);
    case OPTION_TEXT:
        *word = text;
        if (!*text)
            buf_str(why, "expected some text");
        return *text != 0;
    default: return number_read(row, text, number, why);
    }
}

static void time_print(uint64_t ns, struct buf *out)
{
    static const struct unit shown[] = {{"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}};
    size_t i = 0;
    while (ns % shown[i].scale)
        i++;
    buf_printf(out, "%" PRIu64 "%s", ns / shown[i].scale, shown[i].name);
}

void value_print(const struct option_row *row, uint64_t number, const char *word, struct buf *out)
{
    switch (row->type) {
    case OPTION_TIME: time_print(number, out); break;
    case OPTION_PERCENT:
        if (number % 100)
            buf_printf(out, "%" PRIu64 ".%02u%%", number / 100, (unsigned)(number % 100));
        else
            buf_printf(out, "%" PRIu64 "%%", number / 100);
        break;
    case OPTION_BOOL: buf_str(out, number ? "true" : "false"); break;
    case OPTION_WORD:
    case OPTION_TEXT: buf_str(out, word ? word : ""); break;
    case OPTION_DATE: date_value_print(number, out); break;
    default: buf_printf(out, "%" PRIu64, number);
    }
}

const char *value_type_name(enum option_type type)
{
    switch (type) {
    case OPTION_BOOL: return "true or false";
    case OPTION_WORD: return "one of the words";
    case OPTION_TEXT: return "text";
    case OPTION_DATE: return "a date";
    default: return kinds[type].name;
    }
}
