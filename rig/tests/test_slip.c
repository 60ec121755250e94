/* SPDX-License-Identifier: GPL-3.0-or-later
 * SLIP framing of the rig. */
#include "net_peer.h"

#include <string.h>

static struct buf frames;
static size_t frame_count;

static void collect(void *ctx, const uint8_t *f, size_t n)
{
    (void)ctx;
    buf_add(&frames, f, n);
    frame_count++;
}

static void a_datagram_survives_framing_at_any_split(void **state)
{
    (void)state;
    struct slip s = {.most = 1500, .told = collect, .noise = net_peer_noise};
    uint8_t d[512];
    for (size_t i = 0; i < sizeof d; i++)
        d[i] = (uint8_t)i;
    for (size_t split = 1; split < 40; split++) {
        struct buf b = {0};
        slip_encode(d, sizeof d, &b);
        assert_int_equal(sizeof d + 2 + 4, b.size); /* two ENDs and two ESCs of the alphabet are escaped */
        buf_clear(&frames);
        frame_count = 0;
        for (size_t at = 0; at < b.size; at += split)
            slip_receive(&s, (uint8_t *)b.data + at, b.size - at < split ? b.size - at : split);
        assert_int_equal(1, frame_count);
        assert_int_equal(sizeof d, frames.size);
        assert_memory_equal(d, frames.data, sizeof d);
        buf_free(&b);
    }
    buf_free(&frames);
    slip_free(&s);
    assert_int_equal(0, net_peer.noises);
}

static void spoiled_frames_are_told_once_and_dropped(void **state)
{
    (void)state;
    struct slip s = {.most = 4, .told = collect, .noise = net_peer_noise};
    static const struct { const char *bytes; size_t n; const char *why; } bad[] = {
        {"\xc0" "12345" "\xc0", 7, "too long"}, {"\xdb" "1\xc0", 3, "ordinary byte"}, {"1\xdb\xc0", 3, "behind an escape"}};
    frame_count = 0;
    for (size_t i = 0; i < 3; i++) {
        slip_receive(&s, (const uint8_t *)bad[i].bytes, bad[i].n);
        assert_int_equal(i + 1, net_peer.noises);
        assert_non_null(strstr(net_peer.noise, bad[i].why));
    }
    assert_int_equal(0, frame_count);
    slip_receive(&s, (const uint8_t *)"\xc0\xc0" "1234\xc0", 7); /* the next frame is whole again */
    assert_int_equal(1, frame_count);
    buf_free(&frames);
    slip_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NET_PEER_CLAIM(a_datagram_survives_framing_at_any_split),
        NET_PEER_CLAIM(spoiled_frames_are_told_once_and_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
