/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The update agent: asks for updates, installs them, proves a new image healthy, and tells the server of each stage. (Method:
 * top of agent.c.)
 */
#ifndef APP_AGENT_H
#define APP_AGENT_H
#include <stdbool.h>
#include <stdint.h>
#include "bootlog.h"
#include "device.h"
#include "download.h"
#include "exchange.h"
#include "freshness.h"
#include "manifest.h"
#include "patch.h"
#include "progress.h"
#include "request.h"

#define AGENT_FIRST_MS 100u
#define AGENT_POLL_MS 10000u
#define AGENT_RETRY_MS 2000u
#define AGENT_RETRY_MOST_MS 60000u
#define AGENT_HEALTH_MS 20000u /* an unconfirmed image that has not reported by then gives its boot up */
#define AGENT_FETCH_MS 60000u  /* one try at an image or a delta, more than two of its chunks may take */
#define AGENT_FETCH_MS_PER_BYTE 2u /* and so much more per byte of the image: 4 kbit/s need no second try */
#define AGENT_TRIES 3u         /* times that one image is given up by its own fault before it is never tried again */

enum agent_phase { AGENT_WAIT, AGENT_TELL, AGENT_ASK, AGENT_ASK_KEYS, AGENT_ASK_TIME, AGENT_ASK_TIME_KEYS, AGENT_FETCH, AGENT_PATCH };

struct agent {
    const struct device *device;
    struct exchange exchange;
    struct progress progress;
    struct bootlog bootlog;
    struct download download;
    struct patch patch; /* the other way to an image */
    enum agent_phase phase;
    uint32_t start_ms, due_ms, exchange_ms; /* exchange_ms: when the running request began */
    uint32_t fetch_ms;    /* when the running download began */
    uint32_t quiet_ms;    /* no offer is asked for before it */
    unsigned failures;    /* in a row, without progress between */
    bool trial;           /* this image is not confirmed yet */
    bool have_offer;      /* offer was fetched since the last failure */
    bool cleared;         /* the server has offered it again since the image was verified: it may be activated */
    bool reset;           /* wants one */
    bool deferred;        /* an offer that was given up before waits; said once */
    uint32_t gate_ms;     /* since when */
    uint8_t reached;      /* bit per stage of progress' update, known in this run */
    uint32_t candidate;   /* bootlog_tag of the image that was checked, with STAGE_VERIFIED reached */
    struct report telling;
    struct { bool untold; struct report report; } trouble; /* a failure that no flash record stands for */
    bool keys_asked;      /* in this check */
    enum cause keys_why;  /* CAUSE_WRONG_KEY: a stranger signed; CAUSE_NONE: the manifest speaks of a newer set */
    bool time_asked;      /* since the last wait after a failure */
    enum cause time_why;  /* what the dates looked like before */
    struct freshness fresh;
    uint8_t nonce[MANIFEST_NONCE]; /* of the running question */
    struct manifest offer;
    uint32_t text_size;
    char text[MANIFEST_TEXT_MOST]; /* an answer; while an image is fetched, its chunk */
};

/* transport and device outlive the agent. Reads the logs, may write them. Call once, early: before it the rest of an update is
 * not known. */
void agent_init(struct agent *a, const struct device *device, const struct transport *transport, uint32_t now_ms);
/* Moves on without waiting (a chunk's write or an image's check take their time). True: reset the chip now. */
bool agent_step(struct agent *a, uint32_t now_ms);
/* Milliseconds until agent_step has something to do when nothing comes in from the network. */
uint32_t agent_idle_ms(const struct agent *a, uint32_t now_ms);
/* For an image that runs but never proves itself (scenario I5): only the time limit acts. True: reset the chip now. */
bool agent_step_sick(struct agent *a, uint32_t now_ms);
#endif
