/* SPDX-License-Identifier: GPL-3.0-or-later
 * XMODEM reception and serial recovery, against a sender that makes every mistake a line can make. */
#include <stdlib.h>
#include "check.h"
#include "crc.h"
#include "flash_host.h"
#include "forge.h"
#include "image.h"
#include "layout.h"
#include "platform.h"
#include "platform_host.h"
#include "recovery.h"
#include "select.h"
#include "xmodem.h"

enum { SOH = 1, STX = 2, EOT = 4, ACK = 6, NAK = 21, CAN = 24 };

/* A sender on the other end of the console. */
static struct sender {
    const uint8_t *bytes;
    size_t size, at, block; /* block: 128 or 1024 */
    bool started, finished;
    unsigned damage_every; /* every n-th block goes out damaged once; 0: never */
    unsigned repeat_every; /* every n-th block is sent twice, as when an ACK is lost */
    unsigned vanish_after; /* stops answering after so many blocks; 0: never */
    unsigned noise;        /* bytes of line noise before the first block */
    unsigned sent, cancelled, refused_at;
} sender;

static void send_block(bool damaged)
{
    uint8_t packet[3 + 1024 + 2];
    const size_t n = sender.size - sender.at < sender.block ? sender.size - sender.at : sender.block;
    const uint8_t number = (uint8_t)(sender.at / sender.block + 1);
    packet[0] = sender.block == 1024 ? STX : SOH;
    packet[1] = number;
    packet[2] = (uint8_t)~number;
    memset(packet + 3, 0x1A, sender.block);
    memcpy(packet + 3, sender.bytes + sender.at, n);
    const uint16_t crc = crc_16(0, packet + 3, (uint32_t)sender.block);
    packet[3 + sender.block] = (uint8_t)(crc >> 8);
    packet[4 + sender.block] = (uint8_t)crc;
    if (damaged)
        packet[3 + 17] ^= 0x40;
    platform_host_input(packet, sender.block + 5);
}

static void send_next(void)
{
    sender.sent++;
    if (sender.vanish_after != 0 && sender.sent > sender.vanish_after)
        return;
    if (sender.at >= sender.size) {
        platform_host_input((const uint8_t[]){EOT}, 1);
        sender.finished = true;
        return;
    }
    send_block(sender.damage_every != 0 && sender.sent % sender.damage_every == 0);
    if (sender.repeat_every != 0 && sender.sent % sender.repeat_every == 0 && sender.at > 0)
        sender.at -= sender.block; /* as if the last ACK had been lost: this block is new, the next is old */
}

static void hear(uint8_t byte)
{
    static const uint8_t noise[64] = {'x', 'C', 0, 0xFF, NAK};
    if (byte == 'C' && !sender.started) {
        platform_host_input(noise, sender.noise);
        sender.started = true;
        send_next();
    } else if (sender.started && !sender.finished && byte == ACK) {
        sender.at += sender.block;
        send_next();
    } else if (sender.started && !sender.finished && byte == NAK) {
        send_next();
    } else if (byte == CAN && sender.started && ++sender.cancelled == 1) {
        sender.refused_at = sender.sent;
        sender.finished = true;
    }
}

static void connect_sender(const uint8_t *bytes, size_t size, size_t block)
{
    platform_host_reset();
    sender = (struct sender){.bytes = bytes, .size = size, .block = block};
    platform_host_on_put = hear;
}

/* The receiver alone. */
static struct blob got;

static int get(void *ctx, uint32_t timeout_ms)
{
    (void)ctx;
    (void)timeout_ms;
    return platform_console_get();
}

static void put(void *ctx, uint8_t byte)
{
    (void)ctx;
    platform_console_put(byte);
}

static bool keep_block(void *ctx, const uint8_t *bytes, uint32_t n)
{
    (void)ctx;
    blob_append(&got, bytes, n);
    return true;
}

static enum xmodem_result receive(void)
{
    static struct xmodem x;
    x.get = get;
    x.put = put;
    x.block = keep_block;
    blob_free(&got);
    return xmodem_receive(&x);
}

static const uint8_t *pattern(size_t n)
{
    static uint8_t bytes[40000];
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(i * 131 + (i >> 8));
    return bytes;
}

static void assert_received(size_t size)
{
    assert_true(got.size >= size && got.size - size < 1024);
    assert_memory_equal(got.bytes, pattern(size), size);
}

static void files_arrive_whole_in_both_block_sizes(void **state)
{
    (void)state;
    for (size_t block = 128; block <= 1024; block *= 8)
        for (size_t size = 1; size < 40000; size = size * 3 + 1) {
            connect_sender(pattern(size), size, block);
            assert_int_equal(receive(), XMODEM_DONE);
            assert_received(size);
        }
    blob_free(&got);
}

static void block_numbers_wrap(void **state)
{
    (void)state;
    connect_sender(pattern(38000), 38000, 128); /* 297 blocks */
    assert_int_equal(receive(), XMODEM_DONE);
    assert_received(38000);
    blob_free(&got);
}

static void damaged_blocks_are_asked_for_again(void **state)
{
    (void)state;
    connect_sender(pattern(9000), 9000, 128);
    sender.damage_every = 3;
    sender.noise = 5;
    assert_int_equal(receive(), XMODEM_DONE);
    assert_received(9000);
    blob_free(&got);
}

static void a_repeated_block_is_taken_once(void **state)
{
    (void)state;
    connect_sender(pattern(9000), 9000, 128);
    sender.repeat_every = 4;
    assert_int_equal(receive(), XMODEM_DONE);
    assert_received(9000);
    blob_free(&got);
}

static void a_sender_that_vanishes_is_given_up(void **state)
{
    (void)state;
    connect_sender(pattern(9000), 9000, 128);
    sender.vanish_after = 4;
    assert_int_equal(receive(), XMODEM_LOST);
    assert_int_equal(got.size, 512);
    blob_free(&got);
}

static void a_line_that_damages_everything_is_given_up(void **state)
{
    (void)state;
    connect_sender(pattern(900), 900, 128);
    sender.damage_every = 1;
    assert_int_equal(receive(), XMODEM_LOST);
    assert_int_equal(got.size, 0);
    assert_true(sender.cancelled > 0);
}

static void nobody_is_nobody(void **state)
{
    (void)state;
    platform_host_reset();
    assert_int_equal(receive(), XMODEM_NOBODY);
}

static void two_cans_cancel_and_one_does_not(void **state)
{
    (void)state;
    platform_host_reset();
    platform_host_input((const uint8_t[]){CAN, 'x', CAN, CAN}, 4);
    assert_int_equal(receive(), XMODEM_CANCELLED);
}

static void a_block_out_of_step_ends_the_transfer(void **state)
{
    (void)state;
    uint8_t packet[133] = {SOH, 7, 0xF8};
    const uint16_t crc = crc_16(0, packet + 3, 128);
    packet[131] = (uint8_t)(crc >> 8);
    packet[132] = (uint8_t)crc;
    platform_host_reset();
    platform_host_input(packet, sizeof packet);
    assert_int_equal(receive(), XMODEM_LOST);
    assert_int_equal(got.size, 0);
}

/* Recovery as a whole. */
static struct bootlog log_;
static struct blob image;

static void dead_device(const struct forge *f)
{
    flash_host_reset();
    bootlog_open(&log_);
    blob_free(&image);
    forge_make(f, &image);
    connect_sender(image.bytes, image.size, 1024);
}

static const struct keyset *keys(void)
{
    static struct keyset built_in;
    keyset_open(&built_in);
    return &built_in;
}

/* What recovery ends with: 1 it reset the device, 0 it gave up after limit_ms. */
static int recover(uint32_t limit_ms, uint8_t keep)
{
    int left = setjmp(platform_host_left);
    if (left == 0)
        recovery_run(&log_, keys(), "empty", limit_ms, keep);
    return left;
}

static bool said(const char *line) { return strstr(platform_host_console(), line) != NULL; }

static void an_image_over_the_console_revives_a_dead_device(void **state)
{
    (void)state;
    for (uint8_t slot = 0; slot < 2; slot++)
        for (size_t block = 128; block <= 1024; block *= 8) {
            struct forge f = forge_good(slot, 4);
            struct select_choice choice;
            f.payload = 5000;
            dead_device(&f);
            sender.block = block;
            sender.damage_every = 4;
            assert_int_equal(recover(60000, RECOVERY_NO_SLOT), 1);
            assert_true(said("@ota ev=recovery cause=empty\r\n"));
            assert_true(said(slot == 0 ? "ev=received slot=a state=valid version=4.0.0"
                                       : "ev=received slot=b state=valid version=4.0.0"));
            bootlog_open(&log_);
            select_run(&choice, &log_, keys());
            assert_int_equal(choice.why, SELECT_TRIAL);
            assert_int_equal(choice.chosen, slot);
            assert_int_equal(flash_host_violations(), 0);
        }
}

static void assert_refused(const struct forge *f, const char *cause, bool erased_before)
{
    char line[80];
    dead_device(f);
    flash_host_load(LAYOUT_SLOT_A_BASE + 0x4000, "old", 3);
    assert_int_equal(recover(8000, RECOVERY_NO_SLOT), 0);
    snprintf(line, sizeof line, "@ota ev=recovery cause=%s\r\n", cause);
    assert_true(said(line));
    assert_false(log_.trial.known);
    assert_int_equal(*flash_host_at(LAYOUT_SLOT_A_BASE) == 0xFF, erased_before);
}

static void a_bad_header_is_refused_before_anything_is_erased(void **state)
{
    (void)state;
    struct forge f = forge_good(0, 4);
    f.magic = 0x464C457F;
    assert_refused(&f, "bad-magic", true);
    f = forge_good(0, 4);
    f.load_addr = 0x08000000;
    assert_refused(&f, "wrong-slot", true);
}

static void a_bad_image_is_received_and_refused(void **state)
{
    (void)state;
    struct forge f = forge_good(0, 4);
    f.foreign_signature = true;
    assert_refused(&f, "bad-signature", false);
    f = forge_good(0, 4);
    f.hardware = "other";
    assert_refused(&f, "wrong-hardware", false);
}

static void a_counter_below_the_floor_is_refused(void **state)
{
    (void)state;
    struct forge f = forge_good(0, 4);
    dead_device(&f);
    bootlog_raise_floor(&log_, 2);
    assert_int_equal(recover(8000, RECOVERY_NO_SLOT), 0);
    assert_true(said("ev=received slot=a state=downgrade"));
}

static void the_slot_to_keep_is_kept(void **state)
{
    (void)state;
    struct forge f = forge_good(1, 4);
    dead_device(&f);
    flash_host_load(LAYOUT_SLOT_B_BASE, "last hope", 9);
    assert_int_equal(recover(8000, 1), 0);
    assert_memory_equal(flash_host_at(LAYOUT_SLOT_B_BASE), "last hope", 9);
    assert_true(said("@ota ev=recovery cause=wrong-slot\r\n"));
}

static void without_a_sender_it_says_so_every_two_seconds(void **state)
{
    (void)state;
    flash_host_reset();
    platform_host_reset();
    bootlog_open(&log_);
    assert_int_equal(recover(20000, RECOVERY_NO_SLOT), 0);
    unsigned lines = 0;
    for (const char *p = platform_host_console(); (p = strstr(p, "ev=recovery")) != NULL; p++)
        lines++;
    assert_in_range(lines, 9, 11);
    assert_true(platform_host_feeds > 1000);
}

static void a_cut_at_any_operation_of_a_recovery_can_be_recovered_from(void **state)
{
    (void)state;
    struct forge f = forge_good(0, 4);
    f.payload = 2000;
    unsigned long cuts = 0;
    for (int outcome = 0; outcome < FLASH_HOST_OUTCOMES; outcome++)
        for (volatile uint64_t op = 1;; op += op < 8 ? 1 : 5) {
            struct select_choice choice;
            dead_device(&f);
            flash_host_cut(op, outcome, (unsigned)op % FLASH_HOST_VARIANTS);
            if (setjmp(flash_host_power) == 0) {
                assert_int_equal(recover(20000, RECOVERY_NO_SLOT), 1);
                flash_host_cut(0, FLASH_HOST_BEFORE, 0);
                break;
            }
            cuts++;
            bootlog_open(&log_);
            select_run(&choice, &log_, keys());
            if (choice.why == SELECT_NOTHING) {
                connect_sender(image.bytes, image.size, 1024);
                assert_int_equal(recover(20000, RECOVERY_NO_SLOT), 1);
                bootlog_open(&log_);
                select_run(&choice, &log_, keys());
            }
            assert_int_equal(choice.slot[0].state, IMAGE_VALID);
            assert_int_equal(flash_host_violations(), 0);
        }
    blob_free(&image);
    printf("  %lu cuts\n", cuts);
    assert_true(cuts > 200);
}

CHECK_MAIN(CLAIM(files_arrive_whole_in_both_block_sizes), CLAIM(block_numbers_wrap), CLAIM(damaged_blocks_are_asked_for_again),
           CLAIM(a_repeated_block_is_taken_once), CLAIM(a_sender_that_vanishes_is_given_up),
           CLAIM(a_line_that_damages_everything_is_given_up), CLAIM(nobody_is_nobody), CLAIM(two_cans_cancel_and_one_does_not),
           CLAIM(a_block_out_of_step_ends_the_transfer), CLAIM(an_image_over_the_console_revives_a_dead_device),
           CLAIM(a_bad_header_is_refused_before_anything_is_erased), CLAIM(a_bad_image_is_received_and_refused),
           CLAIM(a_counter_below_the_floor_is_refused), CLAIM(the_slot_to_keep_is_kept),
           CLAIM(without_a_sender_it_says_so_every_two_seconds),
           CLAIM(a_cut_at_any_operation_of_a_recovery_can_be_recovered_from))
