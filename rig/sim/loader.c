/* SPDX-License-Identifier: GPL-3.0-or-later
 * Program files: ELF32 (System V ABI, ELF for the Arm Architecture), Intel hex (Intel, 1988, revision A), raw binary. */
#include "sim/loader.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "sim/flash.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_AT = 0x08000000, EHDR = 52, PHDR = 32, PT_LOAD = 1, EM_ARM = 40 };

/* What is being read. */
struct input {
    const uint8_t *p;
    size_t n;
    const char *name;
    struct err *e;
};

static uint32_t u16(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8;
}

static uint32_t u32(const uint8_t *p)
{
    return u16(p) | u16(p + 2) << 16;
}

static void add(struct loader_image *out, uint32_t addr, const uint8_t *bytes, size_t n)
{
    struct loader_part *last = out->parts ? &out->part[out->parts - 1] : NULL;
    if (!n)
        return;
    if (!last || last->addr + last->n != addr) {
        out->part = mem_grow(out->part, (out->parts + 1) * sizeof *out->part);
        last = &out->part[out->parts++];
        *last = (struct loader_part){.addr = addr};
    }
    last->bytes = mem_grow(last->bytes, last->n + n);
    memcpy(last->bytes + last->n, bytes, n);
    last->n += n;
}

/* --- ELF --- */

static int elf_header(const struct input *in)
{
    const uint8_t *h = in->p;
    if (in->n < EHDR)
        return err_set(in->e, RIG_EINPUT, "%s: ELF header cut off after %zu bytes", in->name, in->n);
    if (h[4] != 1 || h[5] != 1 || u16(h + 18) != EM_ARM)
        return err_set(in->e, RIG_EINPUT, "%s: not a 32-bit little-endian ARM program (class %u, data %u, machine %u)", in->name,
                       h[4], h[5], u16(h + 18));
    uint32_t at = u32(h + 28), size = u16(h + 42), count = u16(h + 44);
    if (!count)
        return err_set(in->e, RIG_EINPUT, "%s: no program headers: an object file? It must be linked first", in->name);
    if (size < PHDR || at > in->n || (uint64_t)size * count > in->n - at)
        return err_set(in->e, RIG_EINPUT, "%s: %u program headers of %u bytes at %u do not fit into %zu bytes", in->name, count,
                       size, at, in->n);
    return 0;
}

static int parse_elf(const struct input *in, struct loader_image *out)
{
    int r = elf_header(in);
    if (r)
        return r;
    uint32_t at = u32(in->p + 28), size = u16(in->p + 42), count = u16(in->p + 44);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *h = in->p + at + (size_t)i * size;
        uint32_t offset = u32(h + 4), addr = u32(h + 12), n = u32(h + 16);
        if (u32(h) != PT_LOAD || !n)
            continue;
        if (offset > in->n || n > in->n - offset)
            return err_set(in->e, RIG_EINPUT, "%s: segment %u: %u bytes at %u are beyond the end of the file", in->name, i, n,
                           offset);
        if (n > UINT32_MAX - addr)
            return err_set(in->e, RIG_EINPUT, "%s: segment %u wraps around the address space", in->name, i);
        add(out, addr, in->p + offset, n);
    }
    if (!out->parts)
        return err_set(in->e, RIG_EINPUT, "%s: nothing to load in it", in->name);
    out->entry = u32(in->p + 24);
    return 0;
}

/* --- Intel hex --- */

struct hex {
    const struct input *in;
    size_t at;
    unsigned line;
    uint32_t base; /* of record types 02 and 04 */
    bool over;
};

static int digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int hex_error(const struct hex *x, const char *what)
{
    return err_set(x->in->e, RIG_EINPUT, "%s:%u: %s", x->in->name, x->line, what);
}

/* Takes one line's bytes; record[0] is the length of the data. */
static int hex_record(struct hex *x, uint8_t record[260], size_t *n)
{
    uint8_t sum = 0;
    const struct input *in = x->in;
    for (*n = 0; x->at < in->n && in->p[x->at] != '\r' && in->p[x->at] != '\n'; x->at += 2) {
        int high = digit(in->p[x->at]), low = x->at + 1 < in->n ? digit(in->p[x->at + 1]) : -1;
        if (high < 0 || low < 0)
            return hex_error(x, "not a pair of hexadecimal digits");
        if (*n == 260)
            return hex_error(x, "a record of more than 255 bytes");
        record[*n] = (uint8_t)(high << 4 | low);
        sum = (uint8_t)(sum + record[(*n)++]);
    }
    if (*n < 5 || *n != (size_t)record[0] + 5)
        return hex_error(x, "the record's length does not match its bytes");
    return sum ? hex_error(x, "wrong checksum") : 0;
}

static int hex_apply(struct hex *x, const uint8_t *r, struct loader_image *out)
{
    unsigned n = r[0], type = r[3];
    uint32_t offset = (uint32_t)r[1] << 8 | r[2];
    if (type == 1) {
        x->over = true;
        return n ? hex_error(x, "an end record with data") : 0;
    }
    if (type == 0) {
        if (n > UINT32_MAX - x->base - offset)
            return hex_error(x, "data wrap around the address space");
        add(out, x->base + offset, r + 4, n);
        return 0;
    }
    if (type > 5)
        return hex_error(x, "an unknown record type");
    if (n != (type == 2 || type == 4 ? 2 : 4))
        return hex_error(x, "an address record of the wrong length");
    if (type == 2)
        x->base = ((uint32_t)r[4] << 8 | r[5]) << 4;
    else if (type == 4)
        x->base = ((uint32_t)r[4] << 8 | r[5]) << 16;
    else if (type == 5)
        out->entry = (uint32_t)r[4] << 24 | (uint32_t)r[5] << 16 | (uint32_t)r[6] << 8 | r[7];
    return 0;
}

static int parse_hex(const struct input *in, struct loader_image *out)
{
    struct hex x = {.in = in, .line = 1};
    uint8_t record[260] = {0};
    size_t n = 0;
    int r = 0;
    while (!r && x.at < in->n) {
        uint8_t c = in->p[x.at++];
        if (c == '\n')
            x.line++;
        if (c == '\r' || c == '\n' || c == ' ' || c == '\t')
            continue;
        if (c != ':')
            return hex_error(&x, "a line that does not start with ':'");
        if (x.over)
            return hex_error(&x, "a record behind the end record");
        r = hex_record(&x, record, &n);
        if (!r)
            r = hex_apply(&x, record, out);
    }
    if (!r && !x.over)
        r = hex_error(&x, "cut off: there is no end record");
    if (!r && !out->parts)
        r = hex_error(&x, "nothing to load in it");
    return r;
}

/* --- all --- */

static bool ends_in(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);
    return n >= m && strcmp(name + n - m, suffix) == 0;
}

static int parse(const struct input *in, uint32_t at, struct loader_image *out)
{
    if (!in->n)
        return err_set(in->e, RIG_EINPUT, "%s: empty", in->name);
    if (in->n >= 4 && memcmp(in->p, "\177ELF", 4) == 0) {
        out->format = LOADER_ELF;
        return parse_elf(in, out);
    }
    if (in->p[0] == ':' || ends_in(in->name, ".hex") || ends_in(in->name, ".ihex")) {
        out->format = LOADER_HEX;
        return parse_hex(in, out);
    }
    if (ends_in(in->name, ".elf") || ends_in(in->name, ".axf"))
        return err_set(in->e, RIG_EINPUT, "%s: not an ELF file", in->name);
    out->format = LOADER_BIN;
    if (in->n > UINT32_MAX - at)
        return err_set(in->e, RIG_EINPUT, "%s: wraps around the address space", in->name);
    add(out, at, in->p, in->n);
    return 0;
}

int loader_parse(const void *bytes, size_t n, const char *name, uint32_t at, struct loader_image *out, struct err *e)
{
    struct input in = {n ? bytes : "", n, name, e};
    *out = (struct loader_image){.format = LOADER_BIN};
    int r = parse(&in, at, out);
    if (r)
        loader_free(out);
    return r;
}

/* Splits FILE@ADDR; a file whose own name holds the @ wins. */
static int split(const char *spec, char **path, uint32_t *at, bool *given, struct err *e)
{
    const char *mark = strrchr(spec, '@');
    *given = false;
    *at = DEFAULT_AT;
    if (!mark || file_exists(spec)) {
        *path = mem_str(spec);
        return 0;
    }
    char *end;
    bool hex = mark[1] == '0' && (mark[2] == 'x' || mark[2] == 'X');
    unsigned long long v = strtoull(mark + 1, &end, hex ? 16 : 10);
    if (!(mark[1] >= '0' && mark[1] <= '9') || *end || v > UINT32_MAX)
        return err_set(e, RIG_EINPUT, "%s: '%s' is not an address like 0x08000000", spec, mark + 1);
    *path = mem_printf("%.*s", (int)(mark - spec), spec);
    *at = (uint32_t)v;
    *given = true;
    return 0;
}

int loader_read(const char *spec, struct loader_image *out, struct err *e)
{
    struct buf b = {0};
    char *path = NULL;
    uint32_t at;
    bool given;
    *out = (struct loader_image){.format = LOADER_BIN};
    int r = split(spec, &path, &at, &given, e);
    if (!r)
        r = file_read(path, LOADER_MOST, &b, e);
    if (!r)
        r = loader_parse(b.data ? b.data : "", b.size, path ? path : spec, at, out, e);
    if (!r && given && out->format != LOADER_BIN) {
        r = err_set(e, RIG_EINPUT, "%s: %s files hold their addresses: leave out @ADDR", path, loader_format_name(out->format));
        loader_free(out);
    }
    free(path);
    buf_free(&b);
    return r;
}

void loader_free(struct loader_image *image)
{
    for (size_t i = 0; i < image->parts; i++)
        free(image->part[i].bytes);
    free(image->part);
    *image = (struct loader_image){.format = LOADER_BIN};
}

/* A programmer erases whole pages: what else is in them is read first and written back. */
static void write_part(struct flash *flash, uint32_t offset, const struct loader_part *part)
{
    uint32_t page = flash_family_of(flash)->page, first = offset - offset % page;
    uint32_t size = (offset - first + (uint32_t)part->n + page - 1) / page * page;
    uint8_t *copy = mem_new(size);
    memcpy(copy, flash_bytes(flash) + first, size);
    memcpy(copy + (offset - first), part->bytes, part->n);
    flash_load(flash, first, copy, size);
    free(copy);
}

int loader_flash(const struct loader_image *image, const char *name, struct flash *flash, uint32_t base, struct err *e)
{
    uint32_t size = flash_family_of(flash)->size;
    for (int pass = 0; pass < 2; pass++) /* first a look, so that an error leaves flash as it was */
        for (size_t i = 0; i < image->parts; i++) {
            const struct loader_part *part = &image->part[i];
            uint32_t offset = part->addr - base < size ? part->addr - base : part->addr;
            if (offset >= size || part->n > size - offset)
                return err_set(e, RIG_EINPUT, "%s: %zu bytes at 0x%08x lie outside flash (0x%08x to 0x%08x)", name, part->n,
                               part->addr, base, base + size - 1);
            if (pass)
                write_part(flash, offset, part);
        }
    return 0;
}

const char *loader_format_name(enum loader_format f)
{
    return f == LOADER_ELF ? "ELF" : f == LOADER_HEX ? "Intel hex" : "binary";
}
