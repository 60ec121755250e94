/* SPDX-License-Identifier: GPL-3.0-or-later
 * References to images, as scenarios make them. */
#ifndef SCENARIO_SCENARIO_IMAGE_H
#define SCENARIO_SCENARIO_IMAGE_H
#include <stdbool.h>
#include <stddef.h>

#include "scenario/image.h"
#include "scenario/mistake.h"

enum { SCENARIO_MUTATIONS = 8, SCENARIO_FILES = 4 };

/* An image: a name of the profile, or files (slots by their load address), with mutations in this order. */
struct scenario_image {
    const char *name;                     /* of the profile, or NULL */
    const char *file[SCENARIO_FILES];     /* paths as seen from the working folder */
    size_t files;
    struct image_mutation mutation[SCENARIO_MUTATIONS];
    size_t mutations;
    bool genuine;    /* what the mutations made of it is the vendor's own work (a re-signed release), not an attack */
    const char *folder; /* below the images folder, of a variant; set by the plan; NULL: none */
    unsigned variant; /* another draw of the same mutation; 0 is the first */
    const char *text; /* canonical: "v2+flip-bits(count=3)" */
    struct place place;
};
#endif
