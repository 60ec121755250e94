/* SPDX-License-Identifier: GPL-3.0-or-later
 * Line 1 of a journal as a typed view: all that a later reader needs to know about plan, device and bench. */
#ifndef RECORD_HEADER_H
#define RECORD_HEADER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct json;

/* Strings belong to the header's JSON and are never NULL unless said otherwise: "" when missing. */
struct header_image {
    const char *name, *file, *slot;  /* one entry per slot variant: v2-a.bin and v2-b.bin are both "v2" */
    const char *sha256, *digest;     /* of the file; of the image as its header and payload hash */
    const char *version;
    int64_t counter;                 /* security counter, -1 when not known */
    const char *signer;              /* good, next, wrong: whose key signed it; "" when not known */
    bool genuine;                    /* signed by the vendor as it is; false: attack content that must never run */
};

struct header_expect {
    const char *versions[16];        /* expect.versions */
    size_t version_count;
    const char *eventually;          /* NULL: none */
    int64_t updates;                 /* of eventually, 0: no limit */
    const char *boot_reason, *cause; /* NULL: none */
    bool refused;
};

/* Of a scenario about many devices, each of its trials one of them. Numbers of expectations: -1 when nothing is expected. */
struct header_fleet {
    int64_t devices;                 /* 0: the scenario is about one device */
    int64_t budget;                  /* failures at which the rollout stops; 0: none */
    int64_t watched_ms;              /* since when crowds count: the server is back, or begins to be overloaded */
    const char *version, *back;      /* offered; what devices are sent back to, "" when nothing */
    int64_t updated, updated_most, back_share, peak; /* 1/100 percent of the devices */
    int64_t failed, overrun;         /* devices */
    int64_t window_ms;               /* of peak */
};

struct header_scenario {
    const char *id, *file, *sha256, *claim, *installed, *offered; /* images by name */
    uint64_t first, trials;          /* trial numbers first … first + trials - 1 */
    struct header_expect expect;
    struct header_fleet fleet;
    const struct json *waive;        /* law id -> reason; NULL: none */
    const struct json *json;
};

struct header_slot { const char *name; int64_t base, size; };

struct header {
    const char *plan_id, *otarig, *source, *seed;
    const char *dut, *bench, *chip;
    int64_t boot_ms, update_ms, confirm_ms, settle_ms; /* deadlines, 0: not given */
    int64_t attempts, max_boots;                       /* 0: not given */
    struct { int64_t download, retries, within_ms, answer_bytes, answer_ms, retry_after_ms; } limit; /* as the profile's; never 0 */
    int64_t reset_mv;                                  /* 0: the bench does not know */
    const struct json *laws;         /* ids that this device's log can show; NULL: all */
    struct header_image *image;
    size_t images;
    struct header_scenario *scenario;
    size_t scenarios;
    struct header_slot *slot;
    size_t slots;
    const struct json *json;         /* the whole record */
};

/* Takes json over (also when it fails). RIG_EINPUT with what is missing or of another schema. */
int header_parse(struct json *json, struct header **out, struct err *e);
void header_free(struct header *h); /* takes NULL */

bool header_law_shown(const struct header *h, const char *law); /* can the device's log show it? */
const char *header_waived(const struct header_scenario *s, const char *law); /* reason, or NULL */
/* The scenario as one trial has it: `given` of its record (NULL: as the header says). out points into both. */
void header_given(const struct header_scenario *s, const struct json *given, struct header_scenario *out);
/* First image of that name or file name; NULL when there is none. */
const struct header_image *header_image_named(const struct header *h, const char *name);
/* Are all images of that name genuine? false when there is none. */
bool header_genuine(const struct header *h, const char *name);
/* First member in which two headers of journals differ ("plan_id", "images", …); NULL when their bytes are equal. */
const char *header_difference(const struct json *a, const struct json *b);
/* Does the bench see every reset, also the device's own? (The virtual one.) */
bool header_sees_resets(const struct header *h);

#endif
