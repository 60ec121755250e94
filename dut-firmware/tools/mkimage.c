/* SPDX-License-Identifier: GPL-3.0-or-later
 * mkimage: makes, checks and combines firmware images in MCUboot's format, compatible with imgtool's `--key` Ed25519 images. */
#include "mkimage.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: mkimage sign --key PEM --load-addr ADDR --version X.Y.Z[+N] [--hardware ID] [--counter N] [--hdr-size N]\n"
    "                    [--payload-size N] --out FILE IN.bin\n"
    "       mkimage verify [--key PEM] IMAGE...         structure, SHA-256, key and signature; prints what is in it\n"
    "       mkimage pubkey --key PEM --root PEM --out FILE.c   the public keys as C, for the firmware\n"
    "       mkimage hex --out FILE.hex FILE@ADDR...     Intel hex of several binaries\n"
    "--payload-size: the payload is padded to so many bytes with an asset table that depends on the version alone\n";

struct command {
    const char *name;
    int (*run)(const struct mkimage_options *o, int argc, char **argv);
};
static const struct command commands[] = {
    {"sign", mkimage_sign}, {"verify", mkimage_verify}, {"pubkey", mkimage_pubkey}, {"hex", mkimage_hex}};

static int complain(const char *what, const char *value)
{
    fprintf(stderr, "mkimage: %s '%s'\n%s", what, value, usage);
    return 4;
}

static bool set_number(uint32_t *to, const char *text)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 0);
    *to = (uint32_t)n;
    return errno == 0 && end != text && *end == '\0' && n <= UINT32_MAX && *text != '-';
}

static bool set_option(struct mkimage_options *o, const char *name, const char *value, bool *known)
{
    const struct { const char *name; const char **text; uint32_t *number; } table[] = {
        {"--key", &o->key, NULL},           {"--root", &o->root, NULL},
        {"--hardware", &o->hardware, NULL}, {"--version", &o->version, NULL},
        {"--out", &o->out, NULL},           {"--load-addr", NULL, &o->load_addr},   {"--counter", NULL, &o->counter},
        {"--hdr-size", NULL, &o->header_size}, {"--payload-size", NULL, &o->payload_size}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(name, table[i].name) != 0)
            continue;
        *known = true;
        if (table[i].text != NULL)
            *table[i].text = value;
        else if (value != NULL && table[i].number != NULL)
            return set_number(table[i].number, value);
        return value != NULL;
    }
    *known = false;
    return false;
}

int main(int argc, char **argv)
{
    struct mkimage_options o = {.hardware = "nucleo-l476rg", .header_size = 0x200, .counter = 1};
    const struct command *command = NULL;
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            command = &commands[i];
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    if (command == NULL)
        return complain("no subcommand", argc > 1 ? argv[1] : "");
    int i = 2;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
        bool known;
        if (!set_option(&o, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &known))
            return complain(known ? "bad or missing value of" : "unknown option", argv[i]);
    }
    return command->run(&o, argc - i, argv + i);
}
