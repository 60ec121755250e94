/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a trial's records say about offers, images and versions: the questions that several laws ask. */
#ifndef JUDGE_SCENE_H
#define JUDGE_SCENE_H
#include "judge/law.h"

struct header_image;

enum { SCENE_OFFERS = 16 };

struct scene_offer {
    const char *image, *version;
    const char *action; /* update, rollback, pause, none: what the signed manifest tells the device to do */
    unsigned keyset;    /* number of the key set that stands */
    bool good;      /* a healthy device installs and confirms it */
    bool genuine;   /* signed by the vendor as it is; a genuine one may still be of no use (it crashes) */
    bool recovery;  /* made after the faults were over */
    bool requested; /* its image was asked for since, or it stood from the beginning */
    bool fetched;   /* its image was asked for since */
    const struct journal_event *event;
};

/* Walks along with a law's loop over the records. */
struct scene {
    const struct law_case *c;
    struct scene_offer offer[SCENE_OFFERS]; /* in their order; further ones replace the last */
    size_t offers;
    bool recovering; /* faults-over was seen */
    bool revoked;    /* the device has fetched a key set that revokes the first key */
};

void scene_start(struct scene *s, const struct law_case *c);
void scene_take(struct scene *s, const struct journal_event *ev); /* every record, in order, before the law looks at it */
const struct scene_offer *scene_current(const struct scene *s);    /* NULL: nothing was offered yet */
/* Is this an image that a device may run now: installed at the start, or genuine and offered so far? */
bool scene_may_run(const struct scene *s, const char *digest);
/* Was a genuine image of this version offered so far? */
bool scene_offered(const struct scene *s, const char *version);
bool scene_offered_good(const struct scene *s, const char *version);     /* … as one that a healthy device confirms */
bool scene_good_in_recovery(const struct scene *s, const char *version); /* offered as good after the faults */

/* Did a genuine offer so far tell the device to go back to this version? */
bool scene_rolled_back(const struct scene *s, const char *version);
bool scene_stopped(const struct scene *s); /* the offer that stands says that nothing may be activated */

/* Digests as devices print them: hex of any case, or at least 8 leading digits. */
bool scene_same_digest(const char *printed, const char *digest);
const struct header_image *scene_image(const struct header *h, const char *digest); /* genuine ones first; NULL: unknown */
const char *scene_installed_version(const struct law_case *c); /* "" when the header does not say */
const struct journal_event *scene_end(const struct law_case *c); /* the `end` record */
bool scene_rig_restart(const struct journal_event *ev);    /* power on, or a reset made by the rig */
bool scene_device_reset(const struct journal_event *ev);   /* a reset that the device brought about itself */
bool scene_fault_done(const struct journal_event *ev, const char *what); /* a delivered fault of that kind; NULL: any */
/* Does a reported word meet an expectation: a regular expression on the whole of it ("bad-hash|unsigned", "tls-.*")? */
bool scene_matches(const char *expected, const char *word);
/* Where a device can say that it does not want something: to the console or the server, by application or bootloader. */
bool scene_reports(const struct journal_event *ev);
/* A request for something else than an image, answered in full and honestly, after which the device knows what stands. */
bool scene_answered(const struct journal_event *ev);
int64_t scene_asked(const struct journal_event *ev); /* of http and tls records: when the request arrived, ns; -1: not written */
bool scene_newer(const char *version, const char *than); /* 1.10.0 is newer than 1.9.2; false where one is no version */
long long scene_ms(int64_t ns);
int64_t scene_ns(int64_t ms); /* 0 … 10^4 s, so that sums of 100,000 of them are exact */
int64_t scene_bytes(int64_t n); /* 0 … 10^12 */

#endif
