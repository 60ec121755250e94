/* SPDX-License-Identifier: GPL-3.0-or-later
 * Words from other parts of the house. A new driver is its file and one row here: what it is called, which port it serves,
     what can be told
 * to it, and which faults and triggers of scenarios it makes possible. */
#include "cmd/words.h"

#include "judge/judge.h"
#include "server/server.h"

static const struct option_row none[] = {{.name = NULL}};

static const char *const power_sim[] = {"power-cut", "time", "random-time", "every", "fleet", NULL};
static const char *const reset_sim[] = {"reset-pin", NULL};
static const char *const console_sim[] = {"command", "event", "boot", "random-boot", NULL};
static const char *const link_slip[] = {"link-down", "link", NULL};
static const char *const server_in_process[] = {"serve", "offer", "percent", "byte", "random-byte", "request", NULL};
static const char *const rtc_sim[] = {"clock", NULL};
static const char *const nvm_sim[] = {"flash-damage", "flash-op", "random-flash-op", NULL};

static const struct bench_file_driver drivers[] = {
    {BENCH_FILE_POWER, {"sim", "the simulated chip's supply: cuts at a time or inside a flash operation", none, "power: sim"},
     power_sim},
    {BENCH_FILE_RESET, {"sim", "the simulated chip's reset pin", none, "reset: sim"}, reset_sim},
    {BENCH_FILE_CONSOLE, {"sim", "a UART of the simulated chip", none, "console: sim"}, console_sim},
    {BENCH_FILE_LINK, {"slip", "SLIP over a simulated UART, TCP/IP in this process", none, "link: slip"}, link_slip},
    {BENCH_FILE_SERVER, {"in-process", "the update server on the in-process TCP/IP", none, "server: in-process"},
     server_in_process},
    {BENCH_FILE_NVM, {"sim", "the simulated flash array and its operation log", none, "nvm: sim"}, nvm_sim},
    {BENCH_FILE_RTC, {"sim", "the simulated chip's RTC and its battery", none, "rtc: sim"}, rtc_sim},
};

static const struct bench_file_driver *driver(size_t i)
{
    return i < sizeof drivers / sizeof *drivers ? &drivers[i] : NULL;
}

static const char *law(size_t i)
{
    const struct law *l = judge_law(i);
    return l ? l->id : NULL;
}

const struct scenario_words words_scenario = {.attack = server_attack, .law = law};
const struct bench_file_words words_bench = {.driver = driver};
