/* SPDX-License-Identifier: GPL-3.0-or-later
 * The tables of the language: what can happen (do),
     and when (at). A new row here is a new word for people who write scenarios; whether a
 * bench can do it is the plan's question. */
#include "scenario/scenario.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof *(a))

/* --- do --- */

static const struct option_row power_cut[] = {
    {.name = "off", .help = "how long the power stays off",
     .type = OPTION_TIME, .otherwise = "1s", .low = 1000000, .high = UINT64_C(3600000000000)},
    {0}};
static const struct option_row power_dip[] = {
    {.name = "for", .help = "how long the supply is low", .type = OPTION_TIME, .otherwise = "10ms", .low = 1000},
    {.name = "mv", .help = "down to so many millivolts", .type = OPTION_COUNT, .otherwise = "0", .high = 60000},
    {0}};
static const struct option_row power_ramp[] = {
    {.name = "fall", .help = "time from full supply to zero", .type = OPTION_TIME, .otherwise = "100ms"},
    {.name = "rise", .help = "time from zero to full supply", .type = OPTION_TIME, .otherwise = "100ms"},
    {.name = "off", .help = "how long the power stays off between them", .type = OPTION_TIME, .otherwise = "1s"},
    {0}};
static const struct option_row power_bounce[] = {
    {.name = "count", .help = "how often the contact opens", .type = OPTION_COUNT, .otherwise = "5", .low = 1, .high = 1000},
    {.name = "gap", .help = "how long each opening lasts", .type = OPTION_TIME, .otherwise = "2ms", .low = 1000},
    {.name = "off", .help = "how long the power stays off before it bounces back on", .type = OPTION_TIME, .otherwise = "1s"},
    {0}};
static const struct option_row battery[] = {
    {.name = "mv", .help = "voltage at the end of the discharge", .type = OPTION_COUNT, .required = true, .high = 60000},
    {.name = "over", .help = "time the discharge takes", .type = OPTION_TIME, .otherwise = "10s"},
    {0}};
static const struct option_row none[] = {{0}};
static const char *const directions[] = {"both", "to-device", "from-device", NULL};
#define DIRECTION {.name = "direction", \
    .help = "which way it acts", .type = OPTION_WORD, .otherwise = "both", .words = directions}
#define SHARE(NAME, HELP) {.name = NAME, .help = HELP, .type = OPTION_PERCENT, .otherwise = "0%", .high = 10000}
#define CORRELATION(OF) \
    SHARE(OF "-correlation", "chance that the same happens to a packet as to the one before it, whatever the share")
static const struct option_row link_down[] = {
    {.name = "for", .help = "how long nothing passes; 0s: until the faults are over", .type = OPTION_TIME, .otherwise = "5s"},
    DIRECTION,
    {0}};
static const char *const spreads[] = {"uniform", "normal", "pareto", NULL};
static const char *const checksums[] = {"left", "fixed", NULL};
/* Names and meanings are those of tc-netem(8); net/impair.c says in which order they act. */
static const struct option_row link_rows[] = {
    DIRECTION,
    {.name = "for", .help = "how long; 0s: until the faults are over", .type = OPTION_TIME, .otherwise = "0s"},
    {.name = "delay", .help = "of every packet", .type = OPTION_TIME, .otherwise = "0s", .high = UINT64_C(3600000000000)},
    {.name = "jitter", .help = "largest deviation from the delay; its scale in the other distributions",
     .type = OPTION_TIME, .otherwise = "0s", .high = UINT64_C(3600000000000)},
    {.name = "distribution", .help = "of the deviation", .type = OPTION_WORD, .otherwise = "uniform", .words = spreads},
    CORRELATION("delay"),
    SHARE("loss", "share of packets lost"),
    CORRELATION("loss"),
    SHARE("loss-burst", "chance at each packet that a burst of loss begins (p of Gilbert and Elliott)"),
    SHARE("loss-burst-end", "chance at each packet that it ends (r); 0: 100 % less p"),
    {.name = "loss-in-burst", .help = "share of packets lost in a burst (1-h)",
     .type = OPTION_PERCENT, .otherwise = "100%", .high = 10000},
    SHARE("loss-between", "share of packets lost between bursts (1-k)"),
    SHARE("duplicate", "share of packets that come twice"),
    CORRELATION("duplicate"),
    SHARE("corrupt", "share of packets with a flipped bit"),
    CORRELATION("corrupt"),
    {.name = "corrupt-checksum",
     .help = "left: TCP's checksum shows the flip; fixed: it is made right again, and nothing below HTTP shows it",
     .type = OPTION_WORD, .otherwise = "left", .words = checksums},
    SHARE("reorder", "share of packets that leave at once and overtake delayed ones"),
    CORRELATION("reorder"),
    {.name = "reorder-gap", .help = "only every so many packets may overtake", .type = OPTION_COUNT, .otherwise = "1", .high = 100000},
    {.name = "rate", .help = "kbit/s; 0: as fast as the link is", .type = OPTION_COUNT, .otherwise = "0", .high = 10000000},
    {.name = "mtu", .help = "largest packet that passes; 0: the link's own",
     .type = OPTION_COUNT, .otherwise = "0", .high = 65535},
    {0}};
static const struct option_row serve[] = {
    {.name = "attack", .help = "what the server does, by name (otarig list attacks)", .type = OPTION_TEXT},
    {.name = "times", .help = "to how many responses; 0: to every one until the faults are over",
     .type = OPTION_COUNT, .otherwise = "1", .high = 100000},
    {0}};
#define SECONDS_OF_2000 UINT64_C(946684800)
#define SECONDS_OF_2100 UINT64_C(4102444800)
static const struct option_row clock_rows[] = {
    {.name = "set", .help = "date and time it shows, as 2000-01-01T00:00:00Z, or Unix seconds",
     .type = OPTION_DATE, .low = SECONDS_OF_2000, .high = SECONDS_OF_2100 - 1},
    {.name = "offset", .help = "it is that far ahead", .type = OPTION_TIME, .otherwise = "0s"},
    {.name = "back", .help = "it is that far behind", .type = OPTION_TIME, .otherwise = "0s"},
    {.name = "drift", .help = "from now on so many parts per million too fast", .type = OPTION_COUNT, .otherwise = "0", .high = 1000000},
    {.name = "lag", .help = "… too slow", .type = OPTION_COUNT, .otherwise = "0", .high = 900000},
    {.name = "lost", .help = "its battery is empty: it is lost when the supply next goes; at once where the device was just switched on",
     .type = OPTION_BOOL, .otherwise = "false"},
    {0}};
static const char *const wear_words[] = {"erase-fails", "program-fails", "stuck-bits", NULL};
static const struct option_row flash_wear[] = {
    {.name = "region", .help = "region or slot of the profile", .type = OPTION_TEXT, .required = true},
    {.name = "page", .help = "page in it, from 0", .type = OPTION_COUNT, .otherwise = "0"},
    {.name = "how", .help = "what the page does from then on",
     .type = OPTION_WORD, .otherwise = "erase-fails", .words = wear_words},
    {.name = "bits", .help = "of stuck-bits: how many", .type = OPTION_COUNT, .otherwise = "1", .low = 1},
    {0}};
static const char *const damage_words[] = {"zero", "random", "ecc", "erase", NULL};
static const struct option_row flash_damage[] = {
    {.name = "region", .help = "region of the profile, or slot-a", .type = OPTION_TEXT, .required = true},
    {.name = "at-byte", .help = "from this byte of it", .type = OPTION_BYTES, .otherwise = "0"},
    {.name = "bytes", .help = "so many; 0: to its end", .type = OPTION_BYTES, .otherwise = "8"},
    {.name = "how", .help = "what they read as: 0, noise, an uncorrectable ECC error, erased",
     .type = OPTION_WORD, .otherwise = "zero", .words = damage_words},
    {0}};
static const char *const actions[] = {"update", "rollback", "pause", "none", NULL};
static const struct option_row offer[] = {
    {.name = "action", .help = "what the manifest tells the device to do",
     .type = OPTION_WORD, .otherwise = "update", .words = actions},
    {.name = "keyset", .help = "number of the key set from now on", .type = OPTION_COUNT, .low = 1, .high = 2},
    {.name = "for", .help = "how long it stands at least; pause and none: 20s, rollback: until it is obeyed", .type = OPTION_TIME},
    {0}};
static const struct option_row command[] = {
    {.name = "line", .help = "what is sent to the console, a line end is added", .type = OPTION_TEXT, .required = true}, {0}};

static const struct option_owner faults[] = {
    {"power-cut", "the supply goes, and comes back", power_cut,
     "{at: {random: flash-op, during: write}, do: power-cut, off: {random: [20ms, 5s]}}"},
    {"power-dip", "the supply sags for a short time", power_dip, "{at: {time: 2s}, do: power-dip, for: 5ms, mv: 900}"},
    {"power-ramp", "the supply falls and rises slowly", power_ramp, "{at: {percent: 50}, do: power-ramp, fall: 200ms, rise: 2s}"},
    {"power-bounce", "the supply comes back with a bouncing contact", power_bounce,
     "{at: {percent: 50}, do: power-bounce, count: 7, gap: 1ms}"},
    {"battery", "the supply drains slowly", battery, "{at: {event: update.started}, do: battery, mv: 2400, over: 20s}"},
    {"reset-pin", "the reset line is pulled", none, "{at: {random: time, during: write}, do: reset-pin}"},
    {"watchdog", "the watchdog resets the device", none, "{at: {random: time, during: write}, do: watchdog}"},
    {"link-down", "nothing passes the network link for a while", link_down, 
     "{at: {percent: 60}, do: link-down, for: 5s, direction: to-device}"},
    {"link", "the network link gets worse until the faults are over", link_rows,
     "{at: {time: 0s}, do: link, direction: to-device, loss: 10%, delay: 200ms, jitter: 50ms}"},
    {"serve", "the update server attacks", serve,
     "{at: {request: 2, path: /image}, do: serve, attack: truncate, at-byte: 40000}"},
    {"offer", "the server offers something else (image: as under given), pauses, or calls back", offer,
     "{at: {event: update.confirmed}, do: offer, image: {of: v1, counter: 2, genuine: true}, action: rollback}"},
    {"clock", "the device's battery-backed clock is wrong", clock_rows, "{at: {event: update.started}, do: clock, offset: 3h}"},
    {"flash-wear", "a flash page is worn out", flash_wear, "{at: {time: 0s}, do: flash-wear, region: log, page: 1}"},
    {"flash-damage", "flash content rots", flash_damage, "{at: {boot: 2}, do: flash-damage, region: slot-a, at-byte: 1000, how: ecc}"},
    {"command", "a line is typed on the console", command, "{at: {event: device.running}, do: command, line: reset}"},
};

const struct option_owner *scenario_fault_kind(size_t i)
{
    return i < ARRAY_SIZE(faults) ? &faults[i] : NULL;
}

/* --- at --- */

static const char *const phases[] = {"download", "erase", "write", "verify", "activate", "boot", "confirm", "update", "any",
    NULL};
static const char *const random_time[] = {"time", NULL}, *const random_op[] = {"flash-op", NULL}, *const random_byte[] = {"byte",
    NULL},
                  *const random_boot[] = {"boot", NULL};
static const char *const events[] = {
    "update.started", "update.downloaded", "update.verified", "update.installed", "update.booted", "update.confirmed",
        "update.failed",
    "update.rolled-back", "device.reset", "device.slot", "device.decision", "device.boot", "device.running", "device.stage",
        "device.chunk",
    "device.resume", "device.rollback", "device.recovery", "device.settings", "device.retry", "device.fault", NULL};

#define MAIN(NAME, HELP, TYPE, ...) {.name = NAME, .help = HELP, .type = TYPE, .required = true, __VA_ARGS__}
#define OCCURRENCE {.name = "occurrence", \
    .help = "the N-th time it happens", .type = OPTION_COUNT, .otherwise = "1", .low = 1, .high = 10000}
#define DURING {.name = "during", \
    .help = "part of the reference run to draw from", .type = OPTION_WORD, .otherwise = "any", .words = phases}
#define DELAY {.name = "delay", .help = "so much later", .type = OPTION_TIME, .otherwise = "0s"}
#define OUTCOME {.name = "outcome", .type = OPTION_TEXT, \
                 .help = "what the cut leaves: before, after, torn, torn-N (bits), ecc, partial, weak; drawn when not given"}

static const struct option_row at_time[] = {MAIN("time", "since power-on", OPTION_TIME), {0}};
static const struct option_row at_random_time[] = {MAIN("random", "drawn uniformly in time", OPTION_WORD, .words = random_time),
    DURING, {0}};
static const struct option_row at_random_op[] = {MAIN("random", "drawn uniformly over flash operations", OPTION_WORD,
    .words = random_op), DURING, OUTCOME, {0}};
static const struct option_row at_random_byte[] = {MAIN("random", "drawn uniformly over downloaded bytes", OPTION_WORD,
    .words = random_byte), DURING, {0}};
static const struct option_row at_random_boot[] = {MAIN("random", "drawn uniformly over boots", OPTION_WORD,
    .words = random_boot), DURING, {0}};
static const struct option_row at_percent[] = {MAIN("percent", "of the download", OPTION_PERCENT), {0}};
static const struct option_row at_byte[] = {MAIN("byte", "of the image, downloaded", OPTION_BYTES), {0}};
static const struct option_row at_event[] = {MAIN("event", "a stage of the update or a line of the console", OPTION_WORD,
    .words = events), DELAY, OCCURRENCE, {0}};
static const struct option_row at_op[] = {MAIN("flash-op", "number of the program or erase operation since power-on",
    OPTION_COUNT, .low = 1), OUTCOME, {0}};
static const struct option_row at_edge[] = {MAIN("edge", "a probe's line changes", OPTION_TEXT), DELAY, OCCURRENCE, {0}};
static const struct option_row at_every[] = {
    MAIN("every", "again and again after so much time", OPTION_TIME, .low = 1000000),
    {.name = "times", .help = "how often", .type = OPTION_COUNT, .otherwise = "3", .low = 1, .high = 1000}, {0}};
static const struct option_row at_boot[] = {MAIN("boot", "as soon as the device starts for the N-th time", OPTION_COUNT,
    .low = 1, .high = 1000), DELAY, {0}};
static const struct option_row at_request[] = {
    MAIN("request", "when the N-th HTTP request arrives", OPTION_COUNT, .low = 1, .high = 100000),
    {.name = "path", .help = "counts only those whose path starts so", .type = OPTION_TEXT},
    {.name = "device", .help = "counts only those of the device with this id", .type = OPTION_TEXT}, {0}};

static const struct option_owner triggers[SCENARIO_ATS] = {
    [SCENARIO_AT_TIME] = {"time", "a moment", at_time, "{time: 2.5s}"},
    [SCENARIO_AT_RANDOM_TIME] = {"random-time", "a moment drawn from the reference run", at_random_time,
        "{random: time, during: update}"},
    [SCENARIO_AT_RANDOM_OP] = {"random-flash-op", "a flash operation drawn from the reference run", at_random_op,
        "{random: flash-op, during: write}"},
    [SCENARIO_AT_RANDOM_BYTE] = {"random-byte", "a downloaded byte drawn from the reference run", at_random_byte,
        "{random: byte, during: download}"},
    [SCENARIO_AT_RANDOM_BOOT] = {"random-boot", "a boot drawn from the reference run", at_random_boot,
        "{random: boot, during: update}"},
    [SCENARIO_AT_PERCENT] = {"percent", "a share of the download", at_percent, "{percent: 60}"},
    [SCENARIO_AT_BYTE] = {"byte", "a byte of the download", at_byte, "{byte: 4096}"},
    [SCENARIO_AT_EVENT] = {"event", "what the device says", at_event, "{event: update.verified, delay: 3ms}"},
    [SCENARIO_AT_OP] = {"flash-op", "a flash operation by its number", at_op, "{flash-op: 137, outcome: torn-2}"},
    [SCENARIO_AT_EDGE] = {"edge", "an edge on a line", at_edge, "{edge: marker0, delay: 40us}"},
    [SCENARIO_AT_EVERY] = {"every", "a period", at_every, "{every: 300ms, times: 5}"},
    [SCENARIO_AT_BOOT] = {"boot", "a start of the device", at_boot, "{boot: 2}"},
    [SCENARIO_AT_REQUEST] = {"request", "an HTTP request", at_request, "{request: 2, path: /image}"},
};

const struct option_owner *scenario_trigger_kind(size_t i)
{
    return i < ARRAY_SIZE(triggers) ? &triggers[i] : NULL;
}

const char *scenario_at_name(enum scenario_at at)
{
    return (size_t)at < ARRAY_SIZE(triggers) ? triggers[at].name : "?";
}

const char *scenario_phase_name(enum scenario_phase phase)
{
    return (size_t)phase < SCENARIO_PHASES ? phases[phase] : "?";
}
