/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The application: tells who runs, then keeps the update agent and the network going. The watchdog is fed here and nowhere else
 * in the application, so a loop that no longer turns ends in a reset.
 */
#include "agent.h"
#include "command.h"
#include "console.h"
#include "entropy.h"
#include "flash_port.h"
#include "handover.h"
#include "layout.h"
#include "link.h"
#include "platform.h"
#include "reason.h"
#include "release.h"
#include "server.h"
#include "settings.h"
#include "uart1.h"
#include "version.h"
#include <string.h>

enum { PCLK2_HZ = 80000000, LOOP_MS = 200 };

static struct device device;
static struct settings settings;
static struct agent agent;

/* The slot that this code was linked for: nothing that another program left in RAM is as sure. */
static uint8_t running_slot(void)
{
    return (uint32_t)(uintptr_t)&running_slot >= LAYOUT_SLOT_B_BASE ? 1 : 0;
}

/* Without a bootloader (a debugger's start) there is nobody who could fall back: nothing is on trial then. */
static void know_device(void)
{
    struct handover *h = &device.boot;
    uint8_t slot = running_slot();
    if (!handover_read(h) || h->slot != slot) {
        *h = (struct handover){.confirmed = 1, .slot = slot, .reason = (uint8_t)reason_of(platform_reset_flags(), false)};
        release_parse(version_text, &device.release);
        h->version = release_version(device.release);
    }
    device.release = release_of(&h->version);
    device.image = bootlog_tag(h->digest);
    device.file_size = h->file_size;
    memcpy(device.file, h->file, sizeof device.file);
    device.id = settings.id;
}

static void print_running(void)
{
    const struct handover *h = &device.boot;
    console_event("running");
    console_slot("slot", h->slot);
    console_version("version", &h->version);
    console_bytes("digest", h->digest, sizeof h->digest);
    console_word("reason", reason_name((enum reason)h->reason));
    console_number("confirmed", h->confirmed);
    console_end();
}

static void print_settings(void)
{
    console_event("settings");
    console_word("id", settings.id);
    console_word("name", settings.name);
    console_number("boots", settings.boots);
    console_end();
}

/* Scenario I3: an image that is genuine and broken. Address 0xFFFFFFF0 is outside every memory: a bus fault. */
static void crash(void)
{
    *(volatile uint32_t *)0xFFFFFFF0u = 0;
}

/* Scenario I4. */
static void hang(void)
{
    for (;;)
        platform_sleep();
}

static void start(void)
{
    uint32_t unique_id[3];
    platform_init();
    if (version_behaviour == VERSION_CRASH)
        crash();
    flash_port_protect(LAYOUT_SLOT_BASE(running_slot()), LAYOUT_SLOT_SIZE);
    platform_unique_id(unique_id);
    know_device();
    print_running();
    if (version_behaviour == VERSION_HANG)
        hang();
    entropy_init();
    settings_open(&settings, unique_id, entropy_u32());
    print_settings();
    uart1_init(PCLK2_HZ);
    link_init();
    agent_init(&agent, &device, server_transport(), platform_ms());
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Until a frame has come or something is due. While a request is under way each tick counts. */
static void rest(uint32_t now_ms)
{
    uint32_t ms = least(least(agent_idle_ms(&agent, now_ms), link_idle_ms()), LOOP_MS);
    if (agent.phase != AGENT_WAIT || version_behaviour == VERSION_SICK)
        ms = 1;
    while (!uart1_frame() && platform_ms() - now_ms < ms)
        platform_sleep();
}

/* The last acknowledgement leaves first, or the server would keep a connection that nobody ends. */
static _Noreturn void leave(void)
{
    uint32_t since = platform_ms();
    while (!uart1_sent() && platform_ms() - since < LOOP_MS)
        platform_sleep();
    platform_reset();
}

int main(void)
{
    start();
    for (;;) {
        uint32_t now = platform_ms();
        platform_watchdog_feed();
        link_poll();
        command_poll(&settings);
        bool reset = version_behaviour == VERSION_SICK ? agent_step_sick(&agent, now) : agent_step(&agent, now);
        if (reset)
            leave();
        rest(now);
    }
}
