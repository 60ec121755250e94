/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about the sending side of XMODEM-1K, against a receiver written from the protocol's description. */
#include "run/xmodem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SOH = 1, STX = 2, EOT = 4, ACK = 6, NAK = 21, CAN = 24, MOST = 70000 };

static uint8_t file[MOST], got[MOST + XMODEM_BLOCK];
static size_t received;
static uint8_t expected;

/* Division by the polynomial, bit by bit, of the message and 16 zeros behind it. */
static uint16_t crc(const uint8_t *p, size_t n)
{
    uint32_t rest = 0;
    for (size_t bit = 0; bit < (n + 2) * 8; bit++) {
        uint32_t next = bit < n * 8 ? p[bit / 8] >> (7 - bit % 8) & 1u : 0;
        rest = rest << 1 | next;
        if (rest >> 16)
            rest ^= 0x11021;
    }
    return (uint16_t)rest;
}

/* What a right receiver answers. */
static uint8_t receive(const uint8_t *f, size_t n)
{
    size_t data = f[0] == STX ? 1024 : 128;
    if (n == 1 && f[0] == EOT)
        return ACK;
    assert_true((f[0] == STX || f[0] == SOH) && n == data + 5);
    assert_int_equal(f[1] ^ f[2], 0xFF);
    assert_int_equal(f[data + 3] << 8 | f[data + 4], crc(f + 3, data));
    if (f[1] == (uint8_t)(expected - 1))
        return ACK;
    assert_int_equal(f[1], expected);
    memcpy(got + received, f + 3, data);
    received += data;
    expected++;
    return ACK;
}

/* Sends the first n bytes; every lose-th frame or answer is damaged. */
static enum xmodem_state transfer(size_t n, unsigned lose)
{
    struct xmodem x;
    uint8_t frame[XMODEM_FRAME];
    unsigned turn = 0;
    received = 0;
    expected = 1;
    for (size_t i = 0; i < MOST; i++)
        file[i] = (uint8_t)(i * 31 + i / 251);
    xmodem_start(&x, file, n);
    assert_int_equal(xmodem_byte(&x, '@', frame), 0); /* a line of text is no invitation */
    size_t count = xmodem_byte(&x, 'C', frame);
    while (x.state != XMODEM_DONE && x.state != XMODEM_FAILED) {
        bool lost = lose && ++turn % lose == 0;
        uint8_t answer = lost ? NAK : receive(frame, count);
        if (lose && turn % lose == 1 && turn > 1)
            answer = NAK; /* taken, but the answer was spoilt: it comes again */
        count = xmodem_byte(&x, answer, frame);
    }
    return x.state;
}

static void a_file_of_any_size_arrives_padded(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 127, 128, 129, 1023, 1024, 1025, 1152, 1153, 2048, 65536, MOST};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_int_equal(transfer(sizes[i], 0), XMODEM_DONE);
        assert_true(received >= sizes[i] && received < sizes[i] + XMODEM_BLOCK);
        assert_memory_equal(got, file, sizes[i]);
        for (size_t k = sizes[i]; k < received; k++)
            assert_int_equal(got[k], 0x1A);
    }
}

static void damage_is_sent_again(void **state)
{
    (void)state;
    for (unsigned lose = 3; lose < 8; lose++) {
        assert_int_equal(transfer(MOST, lose), XMODEM_DONE);
        assert_memory_equal(got, file, MOST);
    }
}

static void a_receiver_that_never_agrees_is_given_up(void **state)
{
    (void)state;
    struct xmodem x;
    uint8_t frame[XMODEM_FRAME];
    unsigned sent = 0;
    xmodem_start(&x, file, 100);
    for (size_t n = xmodem_byte(&x, 'C', frame); n; n = xmodem_byte(&x, NAK, frame))
        sent++;
    assert_int_equal(sent, XMODEM_AGAIN);
    assert_int_equal(x.state, XMODEM_FAILED);
}

static void two_cancels_end_it_and_one_does_not(void **state)
{
    (void)state;
    struct xmodem x;
    uint8_t frame[XMODEM_FRAME];
    xmodem_start(&x, file, 3000);
    xmodem_byte(&x, 'C', frame);
    xmodem_byte(&x, CAN, frame);
    assert_true(xmodem_byte(&x, ACK, frame) > 0);
    xmodem_byte(&x, CAN, frame);
    xmodem_byte(&x, CAN, frame);
    assert_int_equal(x.state, XMODEM_FAILED);
    assert_int_equal(xmodem_byte(&x, ACK, frame), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_any_size_arrives_padded),
        cmocka_unit_test(damage_is_sent_again),
        cmocka_unit_test(a_receiver_that_never_agrees_is_given_up),
        cmocka_unit_test(two_cancels_end_it_and_one_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
