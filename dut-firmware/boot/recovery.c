/* SPDX-License-Identifier: GPL-3.0-or-later
 * Serial recovery. The image says itself which slot it is linked for; its header is checked before anything is erased, its hash
 * and signature when it has arrived, exactly as at every boot. Power may go at any moment: the next boot finds no good slot and
 * is here again. */
#include "recovery.h"
#include <stddef.h>
#include "console.h"
#include "flash_port.h"
#include "image.h"
#include "layout.h"
#include "platform.h"
#include "report.h"
#include "xmodem.h"

enum { PERIOD_MS = 2000 };

struct reception {
    uint32_t at; /* bytes of the file so far */
    uint8_t slot;
    uint8_t keep;
    enum image_cause refusal;
};

static int wait_byte(void *ctx, uint32_t timeout_ms)
{
    (void)ctx;
    const uint32_t start = platform_ms();
    for (;;) {
        int byte = platform_console_get();
        if (byte >= 0 || platform_ms() - start >= timeout_ms)
            return byte;
        platform_watchdog_feed(); /* it may run by option bytes */
        platform_sleep();
    }
}

static void send_byte(void *ctx, uint8_t byte)
{
    (void)ctx;
    platform_console_put(byte);
}

/* The header stands in the first block: it decides the slot, before a page is erased. */
static enum image_cause choose_slot(struct reception *r, const uint8_t *header)
{
    struct image_info info;
    enum image_cause cause = IMAGE_WRONG_SLOT;
    for (uint8_t slot = 0; slot < LAYOUT_SLOTS && cause == IMAGE_WRONG_SLOT; slot++) {
        cause = image_check_header(header, LAYOUT_SLOT_BASE(slot), LAYOUT_SLOT_SIZE, &info);
        r->slot = slot;
    }
    if (cause == IMAGE_UNCHECKED && r->slot == r->keep)
        cause = IMAGE_WRONG_SLOT;
    return cause;
}

static bool write_block(const struct reception *r, const uint8_t *bytes, uint32_t n)
{
    const uint32_t base = LAYOUT_SLOT_BASE(r->slot);
    for (uint32_t done = 0; done < n && r->at + done < LAYOUT_SLOT_SIZE; done += LAYOUT_WORD) {
        const uint32_t addr = base + r->at + done;
        if (addr % LAYOUT_PAGE == 0 && flash_port_erase(addr) != FLASH_PORT_OK)
            return false;
        if (flash_port_program(addr, bytes + done) != FLASH_PORT_OK)
            return false;
        platform_watchdog_feed();
    }
    return true;
}

static bool take_block(void *ctx, const uint8_t *bytes, uint32_t n)
{
    struct reception *r = ctx;
    if (r->at == 0)
        r->refusal = choose_slot(r, bytes);
    if (r->refusal != IMAGE_UNCHECKED || !write_block(r, bytes, n))
        return false;
    r->at += n;
    return true;
}

/* The image has arrived: verify, record, reset. Returns why not. */
static enum image_cause install(struct bootlog *log, const struct keyset *keys, const struct reception *r)
{
    struct image_info info;
    enum image_cause state = image_verify(LAYOUT_SLOT_BASE(r->slot), LAYOUT_SLOT_SIZE, keys, &info, NULL);
    if (state == IMAGE_VALID && info.counter < log->floor)
        state = IMAGE_DOWNGRADE;
    report_received(r->slot, state, &info);
    if (state == IMAGE_VALID) {
        bootlog_try(log, r->slot, bootlog_tag(info.digest)); /* without it, the next boot finds a genuine image all the same */
        platform_reset();
    }
    return state;
}

void recovery_run(struct bootlog *log, const struct keyset *keys, const char *cause, uint32_t limit_ms, uint8_t keep)
{
    static struct xmodem x;
    const uint32_t start = platform_ms();
    while (limit_ms == 0 || platform_ms() - start < limit_ms) {
        struct reception r = {.keep = keep, .refusal = IMAGE_UNCHECKED};
        const uint32_t round = platform_ms();
        x.get = wait_byte;
        x.put = send_byte;
        x.block = take_block;
        x.ctx = &r;
        report_recovery(cause);
        const enum xmodem_result result = xmodem_receive(&x);
        console_end(); /* the invitations stand on the line */
        switch (result) {
        case XMODEM_DONE:
            cause = image_cause_name(install(log, keys, &r));
            break;
        case XMODEM_REFUSED:
            cause = r.refusal != IMAGE_UNCHECKED ? image_cause_name(r.refusal) : "flash";
            break;
        default:
            break;
        }
        while (platform_ms() - round < PERIOD_MS) /* noise must not make it chatter */
            wait_byte(NULL, 50);
    }
}
