/* SPDX-License-Identifier: GPL-3.0-or-later
 * Options as a thing with options reads them: the value, or the default of its row. */
#include "base/option.h"

#include "base/buf.h"
#include "base/value.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static size_t find(const struct option_row *rows, const char *name)
{
    size_t i = 0;
    while (rows[i].name && strcmp(rows[i].name, name) != 0)
        i++;
    assert(rows[i].name);
    return i;
}

bool option_given(const struct option_row *rows, const struct option_value *values, const char *name)
{
    return values[find(rows, name)].given;
}

uint64_t option_number(const struct option_row *rows, const struct option_value *values, const char *name)
{
    size_t i = find(rows, name);
    struct buf why = {0};
    const char *word;
    uint64_t x = 0;
    if (values[i].given)
        return values[i].number;
    if (rows[i].otherwise && !value_read(&rows[i], rows[i].otherwise, &x, &word, &why))
        assert(!"the default of an option does not read as its row says");
    buf_free(&why);
    return x;
}

const char *option_text(const struct option_row *rows, const struct option_value *values, const char *name)
{
    size_t i = find(rows, name);
    return values[i].given && values[i].text ? values[i].text : rows[i].otherwise;
}

bool option_is(const struct option_row *rows, const struct option_value *values, const char *name, const char *word)
{
    const char *text = option_text(rows, values, name);
    return text && strcmp(text, word) == 0;
}
