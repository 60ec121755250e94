/* SPDX-License-Identifier: GPL-3.0-or-later
 * DUT profiles: the table of their keys, and reading a file. */
#include "scenario/profile.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/regex.h"
#include "scenario/profile_parts.h"
#include "scenario/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(NAME, HELP) .value = {.name = NAME, .help = HELP, .type = OPTION_TEXT}
#define NEEDED(NAME, HELP) .value = {.name = NAME, .help = HELP, .type = OPTION_TEXT, .required = true}
#define NUMBER(NAME, HELP, TYPE, ...) .value = {.name = NAME, .help = HELP, .type = TYPE, __VA_ARGS__}

static const char *const classes[] = {"boot", "payload", "metadata", "settings", "download", "other", NULL};
static const struct keys_row region_rows[] = {
    {NEEDED("name", "of the region"), KEYS_AT(struct profile_region, name)},
    {NUMBER("base", "first address", OPTION_BYTES, .required = true, .high = UINT32_MAX), KEYS_AT(struct profile_region, base)},
    {NUMBER("size", "bytes", OPTION_BYTES, .required = true, .low = 1, .high = UINT32_MAX), KEYS_AT(struct profile_region, size)},
    {.value = {.name = "class", .help = "what it holds", .type = OPTION_WORD, .required = true, .words = classes},
     KEYS_AT(struct profile_region, class)},
    KEYS_END};
static const struct keys_row slot_rows[] = {
    {NEEDED("name", "of the slot, as the console and the manifest call it"), KEYS_AT(struct profile_slot, name)},
    {NUMBER("base", "first address", OPTION_BYTES, .required = true, .high = UINT32_MAX), KEYS_AT(struct profile_slot, base)},
    {NUMBER("size", "bytes", OPTION_BYTES, .required = true, .low = 1, .high = UINT32_MAX), KEYS_AT(struct profile_slot, size)},
    KEYS_END};
static const struct keys_row memory_rows[] = {
    {.value = {.name = "regions", .help = "flash outside the slots", .required = true},
     .kind = KEYS_MAPS, KEYS_LIST(struct profile, region, regions), .table = region_rows},
    {.value = {.name = "slots", .help = "where images go", .required = true},
     .kind = KEYS_MAPS, KEYS_LIST(struct profile, slot, slots), .table = slot_rows},
    KEYS_END};
static const struct keys_row flash_rows[] = {
    {NEEDED("file", "raw bytes, below the images folder"), KEYS_AT(struct profile_flash, file)},
    {NUMBER("at", "address of its first byte", OPTION_BYTES, .required = true, .high = UINT32_MAX),
     KEYS_AT(struct profile_flash, at)},
    KEYS_END};
static const struct keys_row factory_rows[] = {
    {NEEDED("installed", "the image that a factory-new device runs"), KEYS_AT(struct profile, installed)},
    {.value = {.name = "flash", .help = "its flash", .required = true},
     .kind = KEYS_MAPS, KEYS_LIST(struct profile, flash, flashes), .table = flash_rows},
    KEYS_END};
static const struct keys_row keys_rows[] = {
    {TEXT("good", "PEM file of the key the fleet trusts, to sign mutated images; relative to this file"),
     KEYS_AT(struct profile, good_key)},
    {TEXT("wrong", "PEM file of a key it does not trust"), KEYS_AT(struct profile, wrong_key)},
    {TEXT("root", "PEM file of the key that signs key sets"), KEYS_AT(struct profile, root_key)},
    {TEXT("next", "PEM file of the key that the good one is rotated to"), KEYS_AT(struct profile, next_key)},
    KEYS_END};
static const struct keys_row console_rows[] = {
    {NUMBER("uart", "number of the UART", OPTION_COUNT, .required = true, .low = 1, .high = 16),
     KEYS_AT(struct profile, console.uart)},
    {NUMBER("baud", "bit/s, 8N1", OPTION_COUNT, .otherwise = "115200", .low = 300, .high = 12000000),
     KEYS_AT(struct profile, console.baud)},
    {.value = {.name = "patterns", .help = "what its lines mean; the first that matches wins", .required = true},
     .kind = KEYS_OWN,
     .read = profile_patterns_read, .schema = profile_patterns_schema},
    KEYS_END};

static void address_read(struct keys_reader *r, const struct yaml_node *n, uint8_t out[4])
{
    const char *text = keys_text(r, n->key, n);
    unsigned a, b, c, d;
    char more;
    if (!text)
        return;
    if (strlen(text) > 15 || sscanf(text, "%3u.%3u.%3u.%3u%c", &a, &b, &c, &d, &more) != 4 || a > 255 || b > 255 || c > 255 ||
        d > 255) {
        mistake_add(r->m, n->at, "%s: \"%.60s\": expected an IPv4 address such as 10.0.0.1", n->key, text);
        return;
    }
    memcpy(out, (uint8_t[]){(uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)d}, 4);
}

static void rig_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    address_read(r, n, ((struct profile *)target)->rig_ip);
}

static void device_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    address_read(r, n, ((struct profile *)target)->device_ip);
}

static const struct keys_row network_rows[] = {
    {NUMBER("uart", "number of the UART with SLIP on it", OPTION_COUNT, .required = true, .low = 1, .high = 16),
     KEYS_AT(struct profile, network.uart)},
    {NUMBER("baud", "bit/s, 8N1", OPTION_COUNT, .otherwise = "921600", .low = 300, .high = 12000000),
     KEYS_AT(struct profile, network.baud)},
    {NEEDED("rig", "address of the rig's end"), .kind = KEYS_OWN, .read = rig_read},
    {NEEDED("device", "address of the device"), .kind = KEYS_OWN, .read = device_read},
    {NUMBER("port", "of the update server", OPTION_COUNT, .otherwise = "80", .low = 1, .high = 65535),
     KEYS_AT(struct profile, port)},
    KEYS_END};
static const struct keys_row update_rows[] = {
    {.value = {.name = "manifest", .help = "path of the manifest", .type = OPTION_TEXT, .otherwise = "/manifest.json"},
     KEYS_AT(struct profile, update.manifest)},
    {.value = {.name = "image", .help = "what the paths of images start with", .type = OPTION_TEXT, .otherwise = "/image/"},
     KEYS_AT(struct profile, update.image)},
    {TEXT("telemetry", "path that stages are reported to; without it the server learns nothing"),
     KEYS_AT(struct profile, update.telemetry)},
    {NUMBER("chunk", "bytes of a chunk in the manifest", OPTION_BYTES, .otherwise = "4096", .low = 64, .high = 1 << 20),
     KEYS_AT(struct profile, update.chunk)},
    {NUMBER("signed", "are manifests signed?", OPTION_BOOL, .otherwise = "false"), KEYS_AT(struct profile, update.is_signed)},
    {NUMBER("lifetime", "for how long a signed manifest is good", OPTION_TIME, .otherwise = "24h", .low = 1000000000,
     .high = UINT64_C(31536000000000000)), KEYS_AT(struct profile, update.lifetime_ns)},
    KEYS_END};
static const struct keys_row tls_rows[] = {
    {NEEDED("host", "name of the update server, as certificates bear it"), KEYS_AT(struct profile, tls.host)},
    {NUMBER("port", "of the update server", OPTION_COUNT, .otherwise = "443", .low = 1, .high = 65535),
     KEYS_AT(struct profile, tls.port)},
    {.value = {.name = "folder", .help = "of this variant's files, below the images folder", .type = OPTION_TEXT, .otherwise = "tls"},
     KEYS_AT(struct profile, tls.folder)},
    {NEEDED("ca", "PEM file of the certificate that the device trusts, below the images folder"), KEYS_AT(struct profile, tls.ca)},
    {NEEDED("ca-key", "PEM file of its key"), KEYS_AT(struct profile, tls.ca_key)},
    KEYS_END};

/* Deadlines are stored in ms; the option's unit is ns. */
static void deadlines_read(struct keys_reader *r, const struct yaml_node *n, void *target);

struct deadlines { uint64_t boot, update, confirm, settle; };
static const struct keys_row deadline_rows[] = {
    {NUMBER("boot", "from power-on to the running application", OPTION_TIME, .required = true, .low = 1000000,
     .high = UINT64_C(3600000000000)), KEYS_AT(struct deadlines, boot)},
    {NUMBER("update", "from an offer to the new image installed", OPTION_TIME, .required = true, .low = 1000000,
     .high = UINT64_C(3600000000000)), KEYS_AT(struct deadlines, update)},
    {NUMBER("confirm", "from there to its confirmation, or to the old image back", OPTION_TIME, .required = true, .low = 1000000,
     .high = UINT64_C(3600000000000)), KEYS_AT(struct deadlines, confirm)},
    {NUMBER("settle", "of quiet after which nothing more is expected", OPTION_TIME, .otherwise = "2s", .low = 1000000,
     .high = UINT64_C(3600000000000)), KEYS_AT(struct deadlines, settle)},
    KEYS_END};

static void deadlines_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    struct profile *p = target;
    struct deadlines d = {0};
    if (!keys_want(r, "deadlines", n, YAML_MAP))
        return;
    keys_read(r, deadline_rows, n, &d);
    p->deadline.boot_ms = (uint32_t)(d.boot / 1000000);
    p->deadline.update_ms = (uint32_t)(d.update / 1000000);
    p->deadline.confirm_ms = (uint32_t)(d.confirm / 1000000);
    p->deadline.settle_ms = (uint32_t)(d.settle / 1000000);
}

static struct json *deadlines_schema(const struct scenario_words *words)
{
    return keys_schema(deadline_rows, words);
}

struct limits { uint64_t download, retries, within, answer, answer_time, retry_after; };
static const struct keys_row limit_rows[] = {
    {NUMBER("download", "times that an update may fetch its image, and once more in all", OPTION_COUNT, .otherwise = "3", .low = 1,
     .high = 1000), KEYS_AT(struct limits, download)},
    {NUMBER("retries", "so many are no waiting at all …", OPTION_COUNT, .otherwise = "30", .low = 1, .high = 64),
     KEYS_AT(struct limits, retries)},
    {NUMBER("within", "… within this time", OPTION_TIME, .otherwise = "10s", .low = 1000000, .high = UINT64_C(3600000000000)),
     KEYS_AT(struct limits, within)},
    {NUMBER("answer", "bytes that it takes of an answer that is no image", OPTION_BYTES, .otherwise = "65536", .low = 1024,
     .high = 1 << 30), KEYS_AT(struct limits, answer)},
    {NUMBER("answer-time", "for which an attack can hold it with one answer", OPTION_TIME, .otherwise = "10m", .low = 1000000,
     .high = UINT64_C(86400000000000)), KEYS_AT(struct limits, answer_time)},
    {NUMBER("retry-after", "the longest Retry-After that it heeds in full", OPTION_TIME, .otherwise = "1m", .low = 1000000,
     .high = UINT64_C(86400000000000)), KEYS_AT(struct limits, retry_after)},
    KEYS_END};

static void limits_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    struct profile *p = target;
    struct limits l = {0};
    if (!keys_want(r, "limits", n, YAML_MAP))
        return;
    keys_read(r, limit_rows, n, &l);
    p->limit.download = (uint32_t)l.download;
    p->limit.retries = (uint32_t)l.retries;
    p->limit.within_ms = (uint32_t)(l.within / 1000000);
    p->limit.answer_bytes = (uint32_t)l.answer;
    p->limit.answer_ms = (uint32_t)(l.answer_time / 1000000);
    p->limit.retry_after_ms = (uint32_t)(l.retry_after / 1000000);
}

static struct json *limits_schema(const struct scenario_words *words)
{
    return keys_schema(limit_rows, words);
}

struct head { struct profile p; unsigned schema; };

static const struct keys_row rows[] = {
    {NUMBER("schema", "version of the language: 1", OPTION_COUNT, .required = true, .low = 1, .high = 1),
     KEYS_AT(struct head, schema)},
    {NEEDED("name", "of the device, as reports call it"), KEYS_AT(struct profile, name)},
    {NEEDED("hardware", "id of the hardware, as the manifest and images name it"), KEYS_AT(struct profile, hardware)},
    {NEEDED("chip", "microcontroller"), KEYS_AT(struct profile, chip)},
    {.value = {.name = "memory", .help = "the flash", .required = true}, .kind = KEYS_MAP, .table = memory_rows},
    {.value = {.name = "factory", .help = "a factory-new device", .required = true}, .kind = KEYS_MAP, .table = factory_rows},
    {.value = {.name = "images", .help = "by name: version, and the file for each slot", .required = true},
     .kind = KEYS_OWN, .read = profile_images_read, .schema = profile_images_schema},
    {TEXT("next", "image of a further good update, newer than all others"), KEYS_AT(struct profile, next)},
    {.value = {.name = "keys", .help = "signing keys for tests"}, .kind = KEYS_MAP, .table = keys_rows},
    {.value = {.name = "console", .help = "where it talks, and what its lines mean", .required = true},
     .kind = KEYS_MAP, .table = console_rows},
    {.value = {.name = "network", .help = "its link to the update server; without it no updates"},
     .kind = KEYS_MAP, .table = network_rows},
    {.value = {.name = "tls", .help = "the build that speaks TLS to the update server; without it there is none"},
     .kind = KEYS_MAP, .table = tls_rows},
    {.value = {.name = "update", .help = "paths of the update protocol"}, .kind = KEYS_MAP, .table = update_rows},
    {.value = {.name = "deadlines", .help = "after which it counts as stuck", .required = true},
     .kind = KEYS_OWN, .read = deadlines_read, .schema = deadlines_schema},
    {.value = {.name = "limits", .help = "beyond which downloads and retries count as endless"},
     .kind = KEYS_OWN, .read = limits_read, .schema = limits_schema},
    {NUMBER("attempts", "boots that an unconfirmed image gets", OPTION_COUNT, .otherwise = "3", .low = 1, .high = 100),
     KEYS_AT(struct profile, attempts)},
    {NUMBER("max-boots", "boots within which a recovery must be over", OPTION_COUNT, .otherwise = "8", .low = 1, .high = 1000),
     KEYS_AT(struct profile, max_boots)},
    {.value = {.name = "reasons", .help = "its words for reset reasons, and ours"},
     .kind = KEYS_OWN, .read = profile_reasons_read, .schema = profile_reasons_schema},
    {.value = {.name = "stages", .help = "its words for the stages of an update, and ours"},
     .kind = KEYS_OWN, .read = profile_stages_read, .schema = profile_stages_schema},
    KEYS_END};
const struct keys_row *const profile_rows = rows;

static const char *beside(struct store *store, const char *file, const char *name)
{
    if (!name)
        return NULL;
    char *folder = file_folder(file), *path = file_join(folder, name);
    const char *kept = store_text(store, path);
    free(folder);
    free(path);
    return kept;
}

struct profile *profile_load(const char *path, struct mistakes *m)
{
    struct store *store = store_new();
    struct buf text = {0};
    size_t before = m->count;
    struct yaml_node *map = yaml_read(store, path, &text, m);
    struct profile *p = NULL;
    if (map) {
        struct head *head = store_room(store, sizeof *head);
        struct keys_reader r = {.m = m, .store = store};
        p = &head->p;
        p->own = store;
        p->file = store_text(store, path);
        limits_read(&r, &(struct yaml_node){.kind = YAML_MAP}, p); /* its defaults, should the key be missing */
        keys_read(&r, rows, map, head);
        p->good_key = beside(store, path, p->good_key);
        p->wrong_key = beside(store, path, p->wrong_key);
        p->root_key = beside(store, path, p->root_key);
        p->next_key = beside(store, path, p->next_key);
        crypto_sha256_hex(buf_text(&text), text.size, p->sha256);
        profile_check(p, map, m);
    }
    buf_free(&text);
    if (p && m->count == before)
        return p;
    if (p)
        profile_free(p);
    else
        store_free(store);
    return NULL;
}

void profile_free(struct profile *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->patterns; i++)
        regex_free(p->pattern[i].match);
    store_free(p->own);
}

const char *profile_image_word(const void *profile, size_t i)
{
    const struct profile *p = profile;
    return i < p->images ? p->image[i].name : NULL;
}

const struct profile_image *profile_find_image(const struct profile *p, const char *name)
{
    for (size_t i = 0; i < p->images; i++)
        if (strcmp(p->image[i].name, name) == 0)
            return &p->image[i];
    return NULL;
}

const struct profile_slot *profile_slot_at(const struct profile *p, uint32_t addr)
{
    for (size_t i = 0; i < p->slots; i++)
        if (addr >= p->slot[i].base && addr - p->slot[i].base < p->slot[i].size)
            return &p->slot[i];
    return NULL;
}

const struct profile_region *profile_region_at(const struct profile *p, uint32_t addr)
{
    for (size_t i = 0; i < p->regions; i++)
        if (addr >= p->region[i].base && addr - p->region[i].base < p->region[i].size)
            return &p->region[i];
    return NULL;
}
