/* SPDX-License-Identifier: GPL-3.0-or-later
 * otarig sim: any STM32L4 program on the virtual chip, its console on standard output. */
#include "base/buf.h"
#include "base/err.h"
#include "base/regex.h"
#include "cmd/cmd.h"
#include "cmd/sim_options.h"
#include "cmd/sim_pty.h"
#include "cmd/sim_report.h"
#include "cmd/sim_slip.h"
#include "sim/loader.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MOST = 2000, STDIN_MOST = 1 << 24, SLICE = 10000000, FINE_SLICE = 100000 /* ns */ };

struct sim {
    struct sim_report report; /* first: the hooks' ctx is a pointer to it and to us */
    struct sim_options options;
    struct chip *chip;
    struct regex *until;
    struct sim_pty *pty;
    struct sim_slip *slip;
    struct buf line, input;
    size_t fed;
    bool matched;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    interrupted = number;
}

static void console(struct sim *s, uint8_t byte)
{
    putchar(byte);
    if (!s->until)
        return;
    if (byte == '\n' || byte == '\r') {
        buf_clear(&s->line);
        return;
    }
    if (s->line.size == LINE_MOST)
        buf_drop(&s->line, LINE_MOST / 2); /* a flood without line ends */
    buf_char(&s->line, byte ? (char)byte : '?');
    if (regex_match(s->until, buf_text(&s->line), NULL)) { /* prompts end no line: look after every byte */
        s->matched = true;
        chip_stop(s->chip);
    }
}

static void uart_tx(void *ctx, unsigned uart, uint8_t byte, uint64_t t)
{
    struct sim *s = ctx;
    (void)t;
    if (uart == s->options.console)
        console(s, byte);
    else if (uart == 1 && s->pty)
        sim_pty_write(s->pty, byte);
    else if (uart == 1 && s->slip)
        sim_slip_byte(s->slip, byte);
}

static int load(struct sim *s, struct err *e)
{
    int r = 0;
    for (size_t i = 0; i < s->options.flashes && !r; i++) {
        struct loader_image image;
        r = loader_read(s->options.flash[i], &image, e);
        if (!r)
            r = loader_flash(&image, s->options.flash[i], chip_flash(s->chip), 0x08000000, e);
        loader_free(&image);
    }
    return r;
}

static int read_stdin(struct sim *s, struct err *e)
{
    char chunk[4096];
    size_t n;
    while ((n = fread(chunk, 1, sizeof chunk, stdin)) > 0) {
        if (s->input.size + n > STDIN_MOST)
            return err_set(e, RIG_EINPUT, "--stdin: more than %d bytes", STDIN_MOST);
        buf_add(&s->input, chunk, n);
    }
    return 0;
}

static int prepare(struct sim *s, struct err *e)
{
    struct chip_hooks hooks = {.uart_tx = uart_tx};
    int r = 0;
    if (s->options.until && !(s->until = regex_new(s->options.until, e)))
        return RIG_EINPUT;
    sim_report_hooks(&s->report, &hooks);
    if (!(s->chip = s->report.chip = chip_new(&hooks, s->options.seed)))
        return err_set(e, RIG_ENOMEM, "out of memory");
    s->report.trace_flash = s->options.trace_flash;
    s->report.color = s->options.color;
    chip_hse(s->chip, s->options.hse);
    chip_rtc_set(s->chip, s->options.calendar);
    chip_uart_listen(s->chip, s->options.console, s->options.baud);
    r = load(s, e);
    if (!r && s->options.feed_stdin)
        r = read_stdin(s, e);
    if (!r && s->options.uart1 == SIM_UART_PTY && !(s->pty = sim_pty_open(e)))
        r = RIG_EIO;
    if (!r && s->options.uart1 == SIM_UART_SLIP && !(s->slip = sim_slip_open(s->chip, 1, &s->options, e)))
        r = e->code;
    if (!r && s->pty)
        fprintf(stderr, "otarig sim: USART1 is %s\n", sim_pty_name(s->pty));
    return r;
}

/* A byte of standard input when the receiver has taken the one before: a pipe knows no flow control, a file should not overrun. */
static void feed(struct sim *s)
{
    unsigned uart = s->options.console;
    if (s->fed >= s->input.size || chip_uart_pending(s->chip, uart) || !chip_uart_ready(s->chip, uart))
        return;
    chip_uart_send(s->chip, uart, (const uint8_t *)s->input.data + s->fed++, 1,
                   s->options.baud ? s->options.baud : chip_uart_baud(s->chip, uart));
}

static void pump_pty(struct sim *s)
{
    uint8_t bytes[256];
    fflush(stdout);
    size_t n = sim_pty_pass(s->pty, chip_now(s->chip), bytes, sizeof bytes);
    if (n)
        chip_uart_send(s->chip, 1, bytes, n, chip_uart_baud(s->chip, 1));
}

/* Returns why it ended, as a sentence. */
static const char *run(struct sim *s)
{
    uint64_t end = s->options.timeout;
    chip_power_on(s->chip);
    while (chip_now(s->chip) < end && !interrupted) {
        bool feeding = s->fed < s->input.size;
        uint64_t slice = feeding ? FINE_SLICE : SLICE, to = chip_now(s->chip) + slice;
        if (feeding)
            feed(s);
        if (s->pty)
            pump_pty(s);
        if (s->slip && sim_slip_next(s->slip) < to)
            to = sim_slip_next(s->slip);
        enum chip_why why = chip_run(s->chip, to < end ? to : end);
        if (s->slip)
            sim_slip_work(s->slip);
        if (s->matched)
            return "matched";
        if (why == CHIP_DEAD && s->report.faulted)
            return "locked up";
        if (why == CHIP_DEAD && !s->pty && !s->slip && s->fed >= s->input.size)
            return "asleep with nothing that could wake it";
    }
    return interrupted ? "interrupted" : "time is over";
}

static int judge(const struct sim *s)
{
    if (interrupted)
        return 128 + interrupted;
    if (s->until)
        return s->matched ? 0 : 1;
    return s->report.faulted ? 1 : 0;
}

static void watch_signals(void)
{
    struct sigaction act = {.sa_handler = on_signal};
    sigemptyset(&act.sa_mask);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
}

int cmd_sim(int argc, char **argv)
{
    struct sim s = {.matched = false};
    struct err e = {0};
    int code;
    int r = sim_options_read(argc, argv, &s.options, &e);
    if (!r && s.options.help) {
        sim_options_usage(stdout);
        return 0;
    }
    if (!r)
        r = prepare(&s, &e);
    if (r) {
        fprintf(stderr, "otarig sim: %s\n", e.text);
        code = err_exit_code(r);
    } else {
        watch_signals();
        const char *end = run(&s);
        fflush(stdout);
        code = judge(&s);
        fprintf(stderr, "\notarig sim: %s%s%s\n", s.options.color ? (code ? "\033[31m" : "\033[32m") : "", end,
                s.options.color ? "\033[0m" : "");
        sim_report_print(&s.report, stderr);
    }
    sim_pty_close(s.pty);
    sim_slip_close(s.slip);
    chip_free(s.chip);
    regex_free(s.until);
    sim_report_free(&s.report);
    buf_free(&s.line);
    buf_free(&s.input);
    return code;
}
