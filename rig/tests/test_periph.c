/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about serial lines, pins and the small peripherals. */
#include "base/buf.h"
#include "sim/chip_priv.h"
#include "tests/world.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- serial lines --- */

static void uart2(uint32_t brr)
{
    world_poke(RCC + 0x4C, 1);
    world_poke(RCC + 0x58, 1 << 17);
    world_poke(GPIOA, 0xABFFFFAF);
    world_poke(GPIOA + 0x20, 0x7700);
    world_poke(USART2 + 0x0C, brr);
    world_poke(USART2, 1 | 1 << 2 | 1 << 3);
}

static void a_byte_takes_ten_bit_times_each_way(void **state)
{
    (void)state;
    uart2(35); /* 4 MHz / 35 = 114286 */
    uint64_t start = chip_now(world.chip);
    world_poke(USART2 + 0x28, 'x');
    assert_int_equal(world_peek(USART2 + 0x1C) & 0xC0, 0x80); /* TXE, not TC */
    world_pass(MS);
    assert_true(world.tx_at == start + 87500);
    assert_string_equal(buf_text(&world.console), "x");
    start = chip_now(world.chip);
    assert_true(chip_uart_send(world.chip, 2, (const uint8_t *)"yz", 2, 115200) - start == 173612);
    world_pass(86000);
    assert_false(world_peek(USART2 + 0x1C) & 1 << 5);
    world_pass(1000);
    assert_true(world_peek(USART2 + 0x1C) & 1 << 5);
    assert_int_equal(world_peek(USART2 + 0x24), 'y');
    assert_false(world_peek(USART2 + 0x1C) & 1 << 5);
    world_pass(MS);
    assert_int_equal(world_peek(USART2 + 0x24), 'z');
    assert_true(world_peek(USART2 + 0x1C) & 1 << 4); /* IDLE */
}

static void an_unread_byte_is_kept_and_the_next_is_lost(void **state)
{
    (void)state;
    uart2(35);
    chip_uart_send(world.chip, 2, (const uint8_t *)"abc", 3, 115200);
    world_pass(MS);
    assert_true(world_peek(USART2 + 0x1C) & 1 << 3);
    assert_int_equal(world_peek(USART2 + 0x24), 'a');
    world_poke(USART2 + 0x20, 1 << 3);
    assert_false(world_peek(USART2 + 0x1C) & (1 << 3 | 1 << 5));
}

static void a_wrong_baud_rate_garbles_both_ways(void **state)
{
    (void)state;
    unsigned good = 0, framing = 0;
    uart2(37); /* 108108: 6 % slow */
    chip_uart_listen(world.chip, 2, 115200);
    for (unsigned c = 0; c < 256; c++) {
        uint8_t byte = (uint8_t)c;
        chip_uart_send(world.chip, 2, &byte, 1, 115200);
        world_pass(MS / 5);
        framing += world_peek(USART2 + 0x1C) >> 1 & 1;
        good += world_peek(USART2 + 0x24) == c;
        world_poke(USART2 + 0x20, 0xFFFFFFFF);
    }
    assert_true(good > 0 && good < 200);
    world_poke(USART2 + 0x28, 0x55);
    world_pass(MS);
    assert_int_not_equal((uint8_t)buf_text(&world.console)[0], 0x55);
    assert_int_equal(framing, 0); /* a slow receiver samples the stop bit in the idle line; a fast one in the data */
    world_poke(USART2, 0);
    world_poke(USART2 + 0x0C, 20); /* 200 kBd */
    world_poke(USART2, 1 | 1 << 2 | 1 << 3);
    chip_uart_send(world.chip, 2, (const uint8_t *)"\0", 1, 115200);
    world_pass(MS);
    assert_true(world_peek(USART2 + 0x1C) & 1 << 1);
}

static void two_percent_off_is_still_read(void **state)
{
    (void)state;
    uart2(34); /* 117647 */
    for (unsigned c = 0; c < 256; c++) {
        uint8_t byte = (uint8_t)c;
        chip_uart_send(world.chip, 2, &byte, 1, 115200);
        world_pass(MS / 5);
        assert_int_equal(world_peek(USART2 + 0x24), c);
        assert_int_equal(world_peek(USART2 + 0x1C) & 0xF, 0);
    }
}

static void a_uart_without_its_pin_is_silent_and_told(void **state)
{
    (void)state;
    uart2(35);
    world_poke(GPIOA, 0xABFFFFFF);
    world_poke(USART2 + 0x28, 'x');
    world_pass(MS);
    assert_string_equal(buf_text(&world.console), "");
    assert_true(world_told("pin w 0x40004428"));
}

static void bytes_pass_a_chip_that_is_off(void **state)
{
    (void)state;
    uart2(35);
    chip_power_cut(world.chip, FLASH_DONE, 0, NULL, NULL, NULL);
    chip_uart_send(world.chip, 2, (const uint8_t *)"abc", 3, 115200);
    chip_run(world.chip, chip_now(world.chip) + MS);
    chip_power_on(world.chip);
    assert_int_equal(chip_uart_pending(world.chip, 2), 0);
}

static void a_flushed_line_brings_nothing(void **state)
{
    (void)state;
    uart2(35);
    chip_uart_send(world.chip, 2, (const uint8_t *)"abc", 3, 115200);
    assert_int_equal(chip_uart_pending(world.chip, 2), 3);
    chip_uart_flush(world.chip, 2);
    world_pass(MS);
    assert_false(world_peek(USART2 + 0x1C) & 1 << 5);
}

/* --- the other peripherals --- */

static void pins_follow_their_drive_pull_and_mode(void **state)
{
    (void)state;
    world_poke(RCC + 0x4C, 5);
    world_poke(GPIOC, 0xF3FFFFFF);
    assert_true(world_peek(GPIOC + 0x10) & 1 << 13); /* the user button's pull-up */
    chip_gpio_in(world.chip, 'C', 13, 0);
    assert_false(world_peek(GPIOC + 0x10) & 1 << 13);
    world_poke(GPIOA, 0xABFFF7FF);
    world_poke(GPIOA + 0x18, 1 << 5);
    assert_int_equal(world.edges, 1);
    assert_true(world_peek(GPIOA + 0x14) & 1 << 5);
    world_poke(GPIOA + 0x28, 1 << 5);
    assert_int_equal(world.edges, 2);
}

static void an_edge_pends_its_exti_line(void **state)
{
    (void)state;
    world_poke(RCC + 0x4C, 4);
    world_poke(RCC + 0x60, 1);
    world_poke(GPIOC, 0xF3FFFFFF);
    world_poke(SYSCFG + 0x14, 2 << 4);
    world_poke(EXTI + 0x0C, 1 << 13);
    chip_gpio_in(world.chip, 'C', 13, 0);
    assert_int_equal(world_peek(EXTI + 0x14), 1 << 13);
    world_poke(EXTI + 0x14, 1 << 13);
    chip_gpio_in(world.chip, 'C', 13, 1);
    assert_int_equal(world_peek(EXTI + 0x14), 0);
}

static void rng_needs_its_clock_and_repeats_with_the_seed(void **state)
{
    (void)state;
    uint32_t first[2];
    for (int round = 0; round < 2; round++) {
        world_idling(NULL);
        world_poke(RCC + 0x4C, 1 << 18);
        world_poke(RNG, 4);
        assert_true(world_peek(RNG + 4) & 2);
        world_poke(RCC, (world_peek(RCC) & ~0xF8u) | 11 << 4 | 8); /* MSI 48 MHz: too fast for no wait states, but a clock */
        world_poke(RCC + 0x88, 3u << 26);
        assert_false(world_peek(RNG + 4) & 2);
        world_pass(10000);
        assert_true(world_peek(RNG + 4) & 1);
        first[round] = world_peek(RNG + 8);
        assert_false(world_peek(RNG + 4) & 1);
    }
    assert_int_equal(first[0], first[1]);
}

/* IEEE 802.3's check value: 0xCBF43926 over "123456789". */
static void the_crc_unit_computes_crc32(void **state)
{
    (void)state;
    world_poke(RCC + 0x48, 0x1100);
    world_poke(CRC + 8, 1 | 1 << 5 | 1 << 7);
    for (const char *p = "123456789"; *p; p++)
        chip_bus_ops.store(world.chip, CRC, 1, (uint8_t)*p);
    assert_int_equal(~world_peek(CRC), 0xCBF43926);
}

static void a_timer_counts_at_its_clock(void **state)
{
    (void)state;
    world_poke(RCC + 0x58, 1 << 4);
    world_poke(TIM6 + 0x28, 3);
    world_poke(TIM6 + 0x2C, 999);
    world_poke(TIM6 + 0x14, 1);
    world_poke(TIM6 + 0x10, 0);
    world_poke(TIM6, 1);
    world_pass(MS / 2);
    assert_in_range(world_peek(TIM6 + 0x24), 499, 501);
    assert_int_equal(world_peek(TIM6 + 0x10), 0);
    world_pass(MS);
    assert_in_range(world_peek(TIM6 + 0x24), 499, 502);
    assert_int_equal(world_peek(TIM6 + 0x10), 1);
}

/* --- DMA --- */

#define DMA1 0x40020000u
#define CHANNEL(n) (DMA1 + 8 + 20 * ((n) - 1))

static void sram_text(uint32_t addr, const char *text)
{
    for (; *text; addr++, text++)
        world.chip->sram1[addr - 0x20000000] = (uint8_t)*text;
}

static void dma_feeds_a_uart_at_its_pace(void **state)
{
    (void)state;
    uart2(35);
    world_poke(RCC + 0x48, 0x101);
    sram_text(0x20001000, "by channel seven");
    world_poke(DMA1 + 0xA8, 2u << 24);
    world_poke(CHANNEL(7) + 4, 16);
    world_poke(CHANNEL(7) + 8, USART2 + 0x28);
    world_poke(CHANNEL(7) + 12, 0x20001000);
    world_poke(USART2 + 8, 1 << 7);
    world_poke(CHANNEL(7), 1 | 1 << 4 | 1 << 7);
    world_pass(MS);
    assert_in_range(world_peek(CHANNEL(7) + 4), 1, 5); /* a byte takes 87.5 us */
    world_pass(MS);
    assert_string_equal(buf_text(&world.console), "by channel seven");
    assert_int_equal(world_peek(DMA1) >> 24, 7);
    world_poke(DMA1 + 4, 1 << 24);
    assert_int_equal(world_peek(DMA1), 0);
}

static void dma_takes_what_a_uart_receives_in_a_circle(void **state)
{
    (void)state;
    uart2(35);
    world_poke(RCC + 0x48, 0x101);
    world_poke(DMA1 + 0xA8, 2u << 20);
    world_poke(CHANNEL(6) + 4, 4);
    world_poke(CHANNEL(6) + 8, USART2 + 0x24);
    world_poke(CHANNEL(6) + 12, 0x20001000);
    world_poke(USART2 + 8, 1 << 6);
    world_poke(CHANNEL(6), 1 | 1 << 5 | 1 << 7);
    chip_uart_send(world.chip, 2, (const uint8_t *)"abcdef", 6, 115200);
    world_pass(MS);
    assert_memory_equal(world.chip->sram1 + 0x1000, "efcd", 4);
    assert_int_equal(world_peek(CHANNEL(6) + 4), 2);
    assert_int_equal(world_peek(USART2 + 0x1C) & (1 << 3 | 1 << 5), 0);
}

static void dma_copies_memory_and_stops_at_a_bus_error(void **state)
{
    (void)state;
    world_poke(RCC + 0x48, 0x101);
    sram_text(0x20001000, "memory to memory");
    world_poke(CHANNEL(1) + 4, 4);
    world_poke(CHANNEL(1) + 8, 0x20001000);
    world_poke(CHANNEL(1) + 12, 0x10000000);
    world_poke(CHANNEL(1), 1 | 3 << 6 | 2 << 8 | 2 << 10 | 1 << 14);
    world_pass(MS);
    assert_memory_equal(world.chip->sram2, "memory to memory", 16);
    assert_int_equal(world_peek(DMA1), 7);
    world_poke(CHANNEL(2) + 4, 1);
    world_poke(CHANNEL(2) + 8, 0x60000000);
    world_poke(CHANNEL(2) + 12, 0x20001000);
    world_poke(CHANNEL(2), 1 | 2 << 8 | 2 << 10 | 1 << 14);
    assert_int_equal(world_peek(DMA1) >> 4, 9);
    assert_false(world_peek(CHANNEL(2)) & 1);
}

/* --- anything --- */

/* Under ASan and UBSan: whatever a program writes to any register, in whatever width, the chip goes on, and time with it. */
static void random_register_accesses_never_crash_or_hang(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, 1, 77);
    for (unsigned i = 0; i < 60000; i++) {
        const struct periph_site *s = &chip_sites[rng_below(&rng, chip_sites_n)];
        uint32_t addr = s->base + (uint32_t)rng_below(&rng, s->size < 0x100 ? s->size : 0x100), v;
        unsigned size = 1u << rng_below(&rng, 3);
        addr -= addr % size;
        if (i % 50 == 0) { /* clocks on again: a reset may have come */
            chip_power_on(world.chip);
            for (uint32_t enr = 0x48; enr <= 0x60; enr += 4)
                world_poke(RCC + enr, 0xffffffff);
            world_unlock();
        }
        if (rng_below(&rng, 2))
            chip_bus_ops.store(world.chip, addr, size, (uint32_t)(rng_u64(&rng) >> rng_below(&rng, 33)));
        else
            chip_bus_ops.load(world.chip, addr, size, &v);
        if (rng_below(&rng, 50) == 0) {
            uint64_t to = chip_now(world.chip) + rng_below(&rng, 100000);
            chip_run(world.chip, to);
            assert_true(chip_now(world.chip) >= to);
        }
        if (rng_below(&rng, 200) == 0)
            chip_uart_send(world.chip, 1 + (unsigned)rng_below(&rng, 6), (const uint8_t *)"random", 6,
                           300 + (uint32_t)rng_below(&rng, 3000000));
    }
}

#define IDLE(f) cmocka_unit_test_setup_teardown(f, world_idling, world_gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IDLE(a_byte_takes_ten_bit_times_each_way),
        IDLE(an_unread_byte_is_kept_and_the_next_is_lost),
        IDLE(a_wrong_baud_rate_garbles_both_ways),
        IDLE(two_percent_off_is_still_read),
        IDLE(a_uart_without_its_pin_is_silent_and_told),
        IDLE(bytes_pass_a_chip_that_is_off),
        IDLE(a_flushed_line_brings_nothing),
        IDLE(pins_follow_their_drive_pull_and_mode),
        IDLE(an_edge_pends_its_exti_line),
        IDLE(rng_needs_its_clock_and_repeats_with_the_seed),
        IDLE(the_crc_unit_computes_crc32),
        IDLE(a_timer_counts_at_its_clock),
        IDLE(dma_feeds_a_uart_at_its_pace),
        IDLE(dma_takes_what_a_uart_receives_in_a_circle),
        IDLE(dma_copies_memory_and_stops_at_a_bus_error),
        IDLE(random_register_accesses_never_crash_or_hang),
    };
    return cmocka_run_group_tests_name("periph", tests, NULL, NULL);
}
