/* SPDX-License-Identifier: GPL-3.0-or-later
 * The profile of a device under test: memory map, images, console patterns, network, deadlines. Another firmware or board is
 * another profile (YAML), no C. */
#ifndef SCENARIO_PROFILE_H
#define SCENARIO_PROFILE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenario/mistake.h"

struct json;
struct regex;

enum { PROFILE_REGIONS = 24, PROFILE_SLOTS = 4, PROFILE_FLASH = 4, PROFILE_IMAGES = 24, PROFILE_PATTERNS = 64, PROFILE_FIELDS = 8,
       PROFILE_WORDS = 24, PROFILE_LAWS = 16, PROFILE_DELTAS = 4 };

/* class: boot, payload, metadata, settings, download, other */
struct profile_region { const char *name, *class; uint32_t base, size; };
struct profile_slot { const char *name; uint32_t base, size; };
struct profile_flash { const char *file; uint32_t at; }; /* file: name below the images folder; raw bytes */
/* Patches that make an image out of another one, by the slot of the result; the base stands in another slot. */
struct profile_delta { const char *from, *file[PROFILE_SLOTS]; struct place place; };
struct profile_image {
    const char *name, *version;
    const char *file[PROFILE_SLOTS]; /* by slot; NULL: not there for it */
    struct profile_delta delta[PROFILE_DELTAS];
    size_t deltas;
    struct place place;
};
struct profile_word { const char *theirs, *ours; };

/* Kinds of console lines and their fields: row `dut` of record/events.md. */
enum profile_type { PROFILE_TEXT, PROFILE_NUMBER, PROFILE_FLAG };
struct profile_field { const char *name; enum profile_type type; };
struct profile_kind { const char *name, *help; struct profile_field field[PROFILE_FIELDS]; }; /* ends with a NULL name */
const struct profile_kind *profile_kind(size_t i); /* NULL behind the last */

struct profile_pattern {
    const struct profile_kind *kind;
    struct regex *match;
    struct profile_word set[PROFILE_FIELDS]; /* constants: field (theirs) and its value (ours) */
    size_t sets;
};

struct profile {
    const char *name, *file, *hardware, *chip;
    char sha256[65];
    struct profile_region region[PROFILE_REGIONS];
    size_t regions;
    struct profile_slot slot[PROFILE_SLOTS];
    size_t slots;
    struct profile_flash flash[PROFILE_FLASH]; /* a factory-new device */
    size_t flashes;
    const char *installed;                     /* the image in it */
    struct profile_image image[PROFILE_IMAGES];
    size_t images;
    const char *next;                 /* image of a further good update, above every other; NULL: none */
    const char *good_key, *wrong_key; /* PEM files as seen from the working folder; NULL: none */
    const char *root_key, *next_key;  /* signs key sets; what the good key is rotated to */
    struct { unsigned uart; uint32_t baud; } console, network; /* network.uart 0: none */
    uint8_t rig_ip[4], device_ip[4];
    uint16_t port;
    /* paths; bytes; are manifests signed (dut-firmware/README.md)? for how long they are good */
    struct { const char *manifest, *image, *telemetry; uint32_t chunk; bool is_signed; uint64_t lifetime_ns; } update;
    /* The variant that speaks TLS: its files stand in folder below the images folder; host NULL: there is none. */
    struct { const char *host, *folder, *ca, *ca_key; uint16_t port; } tls;
    struct { uint32_t boot_ms, update_ms, confirm_ms, settle_ms; } deadline;
    unsigned attempts, max_boots;
    /* What is still an honest day (law L11): fetches of an image per update, retries within a time, bytes of an answer that is no
     * image, the longest time that an attack may hold the device with one answer, the longest Retry-After that it heeds in full */
    struct { uint32_t download, retries, within_ms, answer_bytes, answer_ms, retry_after_ms; } limit;
    struct profile_pattern pattern[PROFILE_PATTERNS];
    size_t patterns;
    struct profile_word reason[PROFILE_WORDS], stage[PROFILE_WORDS]; /* the device's words -> the rig's */
    size_t reasons, stages;
    void *own;
};

/* NULL with mistakes in m; the caller frees with profile_free. */
struct profile *profile_load(const char *path, struct mistakes *m);
void profile_free(struct profile *p);

struct profile_event {
    const struct profile_kind *kind;
    char value[PROFILE_FIELDS][80]; /* by the kind's fields; "" when the line does not say; reason and stage in the rig's words */
};

/* The first pattern that matches wins. False: a line like any other. */
bool profile_match(const struct profile *p, const char *line, struct profile_event *out);
/* A field's value, NULL when the kind has none of that name or the line does not say. */
const char *profile_event_get(const struct profile_event *ev, const char *field);
/* Adds the fields that are there to a JSON object, numbers and flags as such. */
void profile_event_add(const struct profile_event *ev, struct json *object);

/* Ids of the laws that this device's log can show (by kinds, fields and protocol it has); returns how many. */
size_t profile_laws(const struct profile *p, const char *law[PROFILE_LAWS]);
const char *profile_image_word(const void *profile, size_t i); /* names of its images: a suggest_word */
const struct profile_image *profile_find_image(const struct profile *p, const char *name); /* NULL: no such */
const struct profile_slot *profile_slot_at(const struct profile *p, uint32_t addr);          /* NULL: in none */
/* NULL: in none; slots are regions too */
const struct profile_region *profile_region_at(const struct profile *p, uint32_t addr);
const char *profile_reason_name(size_t i); /* the rig's words for reset reasons, NULL behind the last */
const char *profile_stage_name(size_t i);  /* … and for stages */
#endif
