/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * USART, UART (RM0351 §40) and LPUART (§41): asynchronous mode. Both directions take the time that the baud rate says; the
 * receiver holds one byte. A frame is sampled at the reader's own bit times, so a baud rate that is off by more than about 5 %
 * garbles bytes and breaks stop bits with no number drawn. Flow control, LIN, IrDA, smartcard, half duplex and wake-up from Stop
 * are not modelled.
 */
#include "base/buf.h"
#include "sim/models.h"
#include "sim/ticks.h"

#include <stdlib.h>
#include <string.h>

enum { CR1 = 0x00, CR2 = 0x04, CR3 = 0x08, BRR = 0x0C, GTPR = 0x10, RTOR = 0x14, RQR = 0x18, ISR = 0x1C, ICR = 0x20,
       RDR = 0x24, TDR = 0x28 };
enum { UE = 1 << 0, RE = 1 << 2, TE = 1 << 3, IDLEIE = 1 << 4, RXNEIE = 1 << 5, TCIE = 1 << 6, TXEIE = 1 << 7, PEIE = 1 << 8,
       PS = 1 << 9, PCE = 1 << 10, M0 = 1 << 12, CMIE = 1 << 14, OVER8 = 1 << 15, M1 = 1 << 28 };
enum { PE = 1 << 0, FE = 1 << 1, NF = 1 << 2, ORE = 1 << 3, IDLE = 1 << 4, RXNE = 1 << 5, TC = 1 << 6, TXE = 1 << 7,
       BUSY = 1 << 16, CMF = 1 << 17, TEACK = 1 << 21, REACK = 1 << 22, CLEARABLE = 0x121B5F };
enum { EIE = 1 << 0, DMAR = 1 << 6, DMAT = 1 << 7, OVRDIS = 1 << 12, CR2_ODD = 0x00F7DF60 & ~(3 << 12), CR3_ODD = 0x0000073E };
enum { LINE_MOST = 1 << 20 };

struct line_byte {
    uint64_t arrives; /* its stop bit is over */
    uint32_t baud;
    uint8_t byte;
};

struct usart {
    uint32_t cr1, cr2, cr3, brr, gtpr, rtor, isr;
    uint16_t rdr, tdr, shift;
    bool shifting, idle_armed, in_dma;
    uint64_t tx_end, idle_at, re_since;
    uint32_t listen; /* baud of the other end; 0: ours */
    /* the line towards us: a ring without wrap, compacted when its head has moved far */
    struct line_byte *line;
    size_t head, n, room;
    uint64_t line_free;
};

static struct usart *of(const struct periph *p)
{
    return p->state;
}

static bool low_power(const struct periph *p)
{
    return p->site->unit == 6;
}

/* A bit lasts num/den seconds. den 0: no clock or no divider. */
struct bit_time {
    uint64_t num, den;
};

static struct bit_time bit_time(const struct periph *p)
{
    const struct usart *u = of(p);
    uint32_t hz = periph_uart_hz(p, p->site->unit);
    if (low_power(p)) /* §41.4.4: 256 × clock / BRR, BRR at least 0x300 */
        return (struct bit_time){u->brr & 0xfffff, u->brr >= 0x300 ? (uint64_t)hz * 256 : 0};
    uint32_t div = u->cr1 & OVER8 ? (u->brr & 0xfff0) | (u->brr & 7) << 1 : u->brr & 0xffff; /* §40.5.4 */
    return (struct bit_time){div, div >= 16 ? (uint64_t)hz * (u->cr1 & OVER8 ? 2 : 1) : 0};
}

static unsigned data_bits(const struct usart *u)
{
    return u->cr1 & M1 ? 7 : u->cr1 & M0 ? 9 : 8; /* parity included */
}

static unsigned stop_halves(const struct usart *u)
{
    static const uint8_t halves[4] = {2, 1, 4, 3};
    return halves[u->cr2 >> 12 & 3];
}

static uint64_t frame_ns(const struct usart *u, struct bit_time b, unsigned halves)
{
    uint64_t n = (2 * (1 + data_bits(u)) + halves) * b.num; /* half bits × numerator; below 2^25 */
    return b.den ? (n * 500000000u + b.den - 1) / b.den : PERIPH_NEVER;
}

/* The level that a reader finds at its sample `at` (in 1/16 of its bits, from the start bit's edge): frame has `bits` bits, then
 * idle. */
static unsigned level(uint32_t frame, unsigned bits, uint64_t at, struct bit_time reader, struct bit_time sender)
{
    uint64_t unit = at * reader.num * sender.den / reader.den / sender.num / 16;
    return unit >= bits ? 1 : frame >> unit & 1;
}

/* Majority of the three samples in the middle of bit k (§40.5.3 figure 381). */
static unsigned sampled(uint32_t frame, unsigned bits, unsigned k, struct bit_time reader, struct bit_time sender, bool *noisy)
{
    unsigned ones = 0;
    for (unsigned s = 7; s <= 9; s++)
        ones += level(frame, bits, (uint64_t)k * 16 + s, reader, sender);
    *noisy |= ones == 1 || ones == 2;
    return ones >= 2;
}

static void interrupt(struct periph *p)
{
    const struct usart *u = of(p);
    uint32_t i = u->isr, c = u->cr1;
    bool on = (i & TXE && c & TXEIE) || (i & TC && c & TCIE) || (i & (RXNE | ORE) && c & RXNEIE) || (i & IDLE && c & IDLEIE)
              || (i & PE && c & PEIE) || (i & CMF && c & CMIE) || (i & (FE | NF | ORE) && u->cr3 & EIE);
    periph_irq(p, p->site->irq, on && c & UE);
}

static void plan(struct periph *p)
{
    const struct usart *u = of(p);
    uint64_t due = u->shifting ? u->tx_end : PERIPH_NEVER;
    if (u->n && u->line[u->head].arrives < due)
        due = u->line[u->head].arrives;
    if (u->idle_armed && u->idle_at < due)
        due = u->idle_at;
    periph_due(p, due);
}

/* --- pins (DS10198 tables 17, 18) --- */

struct pin {
    uint8_t unit;
    char port;
    uint8_t pin, af;
};
static const struct pin tx_pins[] = {{1, 'A', 9, 7},  {1, 'B', 6, 7},  {1, 'G', 9, 7},  {2, 'A', 2, 7},
                                     {2, 'D', 5, 7},  {3, 'B', 10, 7}, {3, 'C', 4, 7},  {3, 'C', 10, 7},
                                     {3, 'D', 8, 7},  {4, 'A', 0, 8},  {4, 'C', 10, 8}, {5, 'C', 12, 8},
                                     {6, 'B', 11, 8}, {6, 'C', 1, 8},  {6, 'G', 7, 8},  {0, 0, 0, 0}};
static const struct pin rx_pins[] = {{1, 'A', 10, 7}, {1, 'B', 7, 7},  {1, 'G', 10, 7}, {2, 'A', 3, 7},  {2, 'A', 15, 3},
                                     {2, 'D', 6, 7},  {3, 'B', 11, 7}, {3, 'C', 5, 7},  {3, 'C', 11, 7}, {3, 'D', 9, 7},
                                     {4, 'A', 1, 8},  {4, 'C', 11, 8}, {5, 'D', 2, 8},  {6, 'B', 10, 8}, {6, 'C', 0, 8},
                                     {6, 'G', 8, 8},  {0, 0, 0, 0}};

static bool wired(struct periph *p, const struct pin *pin, uint32_t reg)
{
    for (; pin->unit; pin++)
        if (pin->unit == p->site->unit && periph_pin_af(p, pin->port, pin->pin, pin->af))
            return true;
    periph_report(p, reg, 0, "pin");
    return false;
}

/* --- sending --- */

static unsigned parity_of(unsigned v)
{
    v ^= v >> 8;
    v ^= v >> 4;
    v ^= v >> 2;
    v ^= v >> 1;
    return v & 1;
}

static uint16_t with_parity(const struct usart *u, uint16_t v)
{
    unsigned n = data_bits(u);
    v &= (uint16_t)((1u << n) - 1);
    if (!(u->cr1 & PCE))
        return v;
    v &= (uint16_t)((1u << (n - 1)) - 1);
    unsigned bit = parity_of(v) ^ (u->cr1 & PS ? 1 : 0);
    return (uint16_t)(v | bit << (n - 1));
}

static void shift_out(struct periph *p)
{
    struct usart *u = of(p);
    uint64_t ns = frame_ns(u, bit_time(p), stop_halves(u));
    if (ns == PERIPH_NEVER) /* no clock: it never ends */
        return;
    u->shift = with_parity(u, u->tdr);
    u->shifting = true;
    u->tx_end = periph_now(p) + ns;
    u->isr |= TXE;
    u->isr &= ~(uint32_t)TC;
}

static void sent(struct periph *p)
{
    struct usart *u = of(p);
    unsigned n = data_bits(u);
    uint8_t seen = (uint8_t)u->shift;
    struct bit_time mine = bit_time(p), theirs = {1, u->listen};
    if (u->listen && mine.den) {
        bool noisy = false;
        uint32_t frame = (uint32_t)u->shift << 1;
        seen = 0;
        for (unsigned k = 0; k < 8; k++)
            seen |= (uint8_t)(sampled(frame | ~0u << (n + 1), n + 2, k + 1, theirs, mine, &noisy) << k);
    }
    u->shifting = false;
    if (wired(p, tx_pins, TDR))
        periph_uart_out(p, seen);
    if (u->isr & TXE)
        u->isr |= TC;
    else
        shift_out(p);
}

static void store_tdr(struct periph *p, uint32_t value)
{
    struct usart *u = of(p);
    u->tdr = value & 0x1ff;
    u->isr &= ~(uint32_t)(TXE | TC);
    if ((u->cr1 & (UE | TE)) == (UE | TE) && !u->shifting)
        shift_out(p);
}

/* --- receiving --- */

static void received(struct periph *p, const struct line_byte *b)
{
    struct usart *u = of(p);
    struct bit_time mine = bit_time(p), theirs = {1, b->baud};
    unsigned n = data_bits(u);
    bool noisy = false;
    uint32_t frame = (uint32_t)b->byte << 1 | 1u << 9, flags = 0; /* 8N1 */
    uint16_t v = 0;
    for (unsigned k = 0; k < n; k++)
        v |= (uint16_t)(sampled(frame, 10, k + 1, mine, theirs, &noisy) << k);
    if (!sampled(frame, 10, n + 1, mine, theirs, &noisy))
        flags |= FE;
    if (u->cr1 & PCE && v != with_parity(u, v))
        flags |= PE;
    if (u->isr & RXNE && !(u->cr3 & OVRDIS)) {
        u->isr |= ORE; /* §40.5.3: RDR is kept, the new byte is lost */
        return;
    }
    u->rdr = v;
    u->isr |= RXNE | flags | (noisy ? NF : 0);
    if ((v & 0xff) == u->cr2 >> 24)
        u->isr |= CMF;
}

static void arrive(struct periph *p)
{
    struct usart *u = of(p);
    struct line_byte b = u->line[u->head++];
    if (!--u->n)
        u->head = 0;
    struct bit_time mine = bit_time(p);
    bool ready = (u->cr1 & (UE | RE)) == (UE | RE) && mine.den && periph_clocked(p);
    if (!ready || b.arrives - ticks_time(10, b.baud) < u->re_since || !wired(p, rx_pins, RDR))
        return; /* receiver off, or switched on in mid-frame */
    received(p, &b);
    u->idle_armed = true;
    u->idle_at = periph_now(p) + frame_ns(u, mine, 2);
}

/* DMA channels of the UARTs (RM0351 tables 43, 44): controller, channel, selection; for units 1 to 6. */
static const struct { uint8_t tx[3], rx[3], tx2[3], rx2[3];
} dma_of[7] = {[1] = {{1, 4, 2}, {1, 5, 2}, {2, 6, 2}, {2, 7, 2}},
               [2] = {{1, 7, 2}, {1, 6, 2}, {0}, {0}},
               [3] = {{1, 2, 2}, {1, 3, 2}, {0}, {0}},
               [4] = {{2, 3, 2}, {2, 5, 2}, {0}, {0}},
               [5] = {{2, 1, 2}, {2, 2, 2}, {0}, {0}},
               [6] = {{2, 6, 4}, {2, 7, 4}, {0}, {0}}};

static bool moved(struct periph *p, const uint8_t way[3])
{
    return way[0] && periph_dma(p, way[0], way[1], way[2]);
}

void usart_dma(struct periph *p)
{
    struct usart *u = of(p);
    unsigned n = p->site->unit;
    if (u->in_dma || !(u->cr1 & UE))
        return;
    u->in_dma = true; /* the controller writes TDR and reads RDR, which leads back here */
    while (u->cr3 & DMAR && u->isr & RXNE && (moved(p, dma_of[n].rx) || moved(p, dma_of[n].rx2)))
        ;
    while (u->cr3 & DMAT && u->cr1 & TE && u->isr & TXE && (moved(p, dma_of[n].tx) || moved(p, dma_of[n].tx2)))
        ;
    u->in_dma = false;
}

static void event(struct periph *p)
{
    struct usart *u = of(p);
    uint64_t now = periph_now(p);
    if (u->shifting && u->tx_end <= now)
        sent(p);
    while (u->n && u->line[u->head].arrives <= now) {
        arrive(p);
        usart_dma(p);
    }
    bool busy = u->n && u->line[u->head].arrives - ticks_time(10, u->line[u->head].baud) < now;
    if (u->idle_armed && u->idle_at <= now) {
        u->idle_armed = false;
        if (!busy)
            u->isr |= IDLE;
    }
    usart_dma(p);
    interrupt(p);
    plan(p);
}

/* --- registers --- */

static void acknowledge(struct usart *u)
{
    uint32_t on = u->cr1 & UE ? u->cr1 : 0;
    u->isr = (u->isr & ~(uint32_t)(TEACK | REACK)) | (on & TE ? TEACK : 0) | (on & RE ? REACK : 0);
}

static void store_cr1(struct periph *p, uint32_t value, uint32_t mask)
{
    struct usart *u = of(p);
    uint32_t old = u->cr1;
    u->cr1 = periph_merge(old, value, mask, 0x17FFFFFF);
    if (!(u->cr1 & UE) && old & UE) { /* §40.8.1: the present operation is dropped, flags go back */
        u->shifting = u->idle_armed = false;
        u->isr = TXE | TC;
    }
    if ((u->cr1 & (UE | RE)) == (UE | RE) && (old & (UE | RE)) != (UE | RE))
        u->re_since = periph_now(p);
    acknowledge(u);
    if ((u->cr1 & (UE | TE)) == (UE | TE) && !u->shifting && !(u->isr & TXE))
        shift_out(p);
    if (u->cr1 & (1 << 13 | 1 << 26 | 1 << 27)) /* mute mode, receiver time-out, end of block */
        periph_odd(p, "unmodelled");
}

static void request(struct periph *p, uint32_t value)
{
    struct usart *u = of(p);
    if (value & 1 << 3)
        u->isr &= ~(uint32_t)RXNE;
    if (value & 1 << 4)
        u->isr |= TXE;
    if (value & ~(uint32_t)0x18)
        periph_odd(p, "unmodelled"); /* auto-baud, break, mute */
}

static uint32_t load(struct periph *p, uint32_t o)
{
    struct usart *u = of(p);
    switch (o) {
    case CR1: return u->cr1;
    case CR2: return u->cr2;
    case CR3: return u->cr3;
    case BRR: return u->brr;
    case GTPR: return u->gtpr;
    case RTOR: return u->rtor;
    case ISR: {
        bool busy = u->n && u->line[u->head].arrives - ticks_time(10, u->line[u->head].baud) < periph_now(p);
        return u->isr | (busy && u->isr & REACK ? BUSY : 0);
    }
    case RDR:
        u->isr &= ~(uint32_t)RXNE;
        interrupt(p);
        return u->rdr;
    case TDR: return u->tdr;
    case RQR:
    case ICR: return 0;
    default: periph_odd(p, "reserved"); return 0;
    }
}

static void store(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct usart *u = of(p);
    switch (o) {
    case CR1: store_cr1(p, value, mask); break;
    case CR2:
        u->cr2 = periph_merge(u->cr2, value, mask, 0xFFFFFFF0);
        if (u->cr2 & CR2_ODD)
            periph_odd(p, "unmodelled");
        break;
    case CR3:
        u->cr3 = periph_merge(u->cr3, value, mask, 0x01FFFFFF);
        if (u->cr3 & CR3_ODD)
            periph_odd(p, "unmodelled");
        break;
    case BRR: u->brr = periph_merge(u->brr, value, mask, 0xFFFFF); break;
    case GTPR: u->gtpr = periph_merge(u->gtpr, value, mask, 0xFFFF); break;
    case RTOR: u->rtor = periph_merge(u->rtor, value, mask, 0xFFFFFFFF); break;
    case RQR: request(p, value & mask); break;
    case ICR: u->isr &= ~(value & mask & CLEARABLE); break;
    case TDR: store_tdr(p, value & mask); break;
    case ISR:
    case RDR: break;
    default: periph_odd(p, "reserved"); break;
    }
    usart_dma(p);
    interrupt(p);
    plan(p);
}

static void reset(struct periph *p, enum periph_reset how)
{
    struct usart *u = of(p);
    struct usart fresh = {.isr = TXE | TC, .listen = u->listen, .line = u->line, .head = u->head, .n = u->n, .room = u->room,
                          .line_free = u->line_free};
    *u = fresh;
    while (how == PERIPH_POWER && u->n && u->line[u->head].arrives <= periph_now(p)) { /* went by while we were off */
        u->head++;
        u->n--;
    }
    interrupt(p);
    plan(p); /* the line does not know that we were reset */
}

static bool listens(const struct periph *p)
{
    const struct usart *u = of(p);
    return (u->cr1 & (UE | RE)) == (UE | RE) && (u->cr1 & (RXNEIE | IDLEIE | CMIE) || u->cr3 & EIE);
}

/* --- the other end --- */

uint64_t usart_send(struct periph *p, const uint8_t *bytes, size_t n, uint32_t baud)
{
    struct usart *u = of(p);
    uint64_t now = periph_now(p), start = u->line_free > now ? u->line_free : now;
    if (n > LINE_MOST - u->n)
        n = LINE_MOST - u->n; /* a bench that never lets time pass: keep memory bounded */
    if (u->head + u->n + n > u->room) {
        if (u->n)
            memmove(u->line, u->line + u->head, u->n * sizeof *u->line);
        u->head = 0;
        if (u->n + n > u->room)
            u->line = mem_grow(u->line, (u->room = 2 * (u->n + n)) * sizeof *u->line);
    }
    for (size_t i = 0; i < n; i++)
        u->line[u->head + u->n++] = (struct line_byte){start + ticks_time(10 * (i + 1), baud), baud, bytes[i]};
    u->line_free = n ? u->line[u->head + u->n - 1].arrives : start;
    if (chip_powered(p->chip))
        plan(p);
    return u->line_free;
}

size_t usart_pending(const struct periph *p)
{
    return of(p)->n;
}

bool usart_ready(const struct periph *p)
{
    const struct usart *u = of(p);
    return (u->cr1 & (UE | RE)) == (UE | RE) && !(u->isr & RXNE) && bit_time(p).den && periph_clocked(p);
}

uint32_t usart_baud(const struct periph *p)
{
    struct bit_time b = bit_time(p);
    return b.den ? (uint32_t)((b.den + b.num / 2) / b.num) : 0;
}

void usart_flush(struct periph *p)
{
    of(p)->head = of(p)->n = 0;
    of(p)->line_free = 0;
    if (chip_powered(p->chip))
        plan(p);
}

void usart_listen(struct periph *p, uint32_t baud)
{
    of(p)->listen = baud;
}

void usart_free(struct periph *p)
{
    free(of(p)->line);
    of(p)->line = NULL;
}

const struct periph_model usart_model = {.name = "usart",
                                         .state = sizeof(struct usart),
                                         .reset = reset,
                                         .load = load,
                                         .store = store,
                                         .event = event,
                                         .listens = listens};
const struct periph_model lpuart_model = {.name = "lpuart",
                                          .state = sizeof(struct usart),
                                          .reset = reset,
                                          .load = load,
                                          .store = store,
                                          .event = event,
                                          .listens = listens};
