/* SPDX-License-Identifier: GPL-3.0-or-later
 * Kernel sockets: what a client of the kernel's own sees of what the handler does. */
#include "base/buf.h"
#include "base/err.h"
#include "base/stream.h"
#include "net/sockets.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { CLIENTS = 8, PATIENCE_MS = 3000 };
#define MS UINT64_C(1000000)

static struct sockets *sockets;
static struct {
    struct stream *stream[CLIENTS];
    size_t accepted, ended, acked;
    enum stream_end how;
    struct buf got;
    char full[32];
    const char *answer; /* to whatever is said; NULL: none */
} server;

static void on_accept(void *ctx, struct stream *s)
{
    (void)ctx;
    server.stream[server.accepted++ % CLIENTS] = s;
}

static void on_received(void *ctx, struct stream *s, const void *p, size_t n)
{
    (void)ctx;
    buf_add(&server.got, p, n);
    if (server.answer)
        s->ops->write(s, server.answer, strlen(server.answer));
}

static void on_writable(void *ctx, struct stream *s, size_t acked)
{
    (void)ctx;
    (void)s;
    server.acked += acked;
}

static void on_ended(void *ctx, struct stream *s, enum stream_end how)
{
    (void)ctx;
    (void)s;
    server.ended++;
    server.how = how;
}

static void on_full(void *ctx, const char *what)
{
    (void)ctx;
    snprintf(server.full, sizeof server.full, "%s", what);
}

static void build(const char *listen, unsigned most, uint64_t idle_ns, uint64_t stuck_ns)
{
    struct stream_handler handler = {NULL, on_accept, on_received, on_writable, on_ended};
    struct sockets_config c = {.listen = listen, .most = most, .idle_ns = idle_ns, .stuck_ns = stuck_ns, .refusal = "full\n",
                               .full = on_full};
    struct err e = {0};
    buf_free(&server.got);
    memset(&server, 0, sizeof server);
    sockets_free(sockets);
    sockets = sockets_new(&c, &handler, &e);
    assert_non_null(sockets);
}

static int set_up(void **state)
{
    (void)state;
    build("127.0.0.1:0", CLIENTS, 1000 * MS, 0);
    return 0;
}

static int clean_up(void **state)
{
    (void)state;
    sockets_free(sockets);
    sockets = NULL;
    buf_free(&server.got);
    return 0;
}

static int dial_at(const char *host)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *a;
    assert_int_equal(getaddrinfo(host, strrchr(sockets_name(sockets), ':') + 1, &hints, &a), 0);
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, a->ai_addr, a->ai_addrlen), 0);
    freeaddrinfo(a);
    return fd;
}

static void turn(void)
{
    sockets_wait(sockets, sockets_now() + 5 * MS);
}

static int dial(void)
{
    size_t before = server.accepted;
    int fd = dial_at("127.0.0.1");
    for (int i = 0; i < 100 && server.accepted == before; i++)
        turn();
    return fd;
}

/* What the client gets until the end or until so many bytes are there; -1: reset. */
static ssize_t hear(int fd, void *out, size_t n)
{
    size_t have = 0;
    for (int ms = 0; have < n && ms < PATIENCE_MS; ms++) {
        turn();
        ssize_t r = recv(fd, (char *)out + have, n - have, MSG_DONTWAIT);
        if (r < 0 && errno == EAGAIN)
            continue;
        if (r <= 0)
            return r < 0 && errno == ECONNRESET && !have ? -1 : (ssize_t)have;
        have += (size_t)r;
    }
    return (ssize_t)have;
}

static void until_acked(size_t n)
{
    for (int i = 0; i < 500 && server.acked < n; i++)
        turn();
    assert_int_equal(server.acked, n);
}

static void write_all(struct stream *s, const char *text)
{
    assert_int_equal(s->ops->write(s, text, strlen(text)), strlen(text));
}

static void bytes_pass_and_are_acknowledged(void **state)
{
    char got[16] = "";
    (void)state;
    int fd = dial();
    assert_int_equal(send(fd, "hello", 5, 0), 5);
    for (int i = 0; i < 100 && server.got.size < 5; i++)
        turn();
    assert_string_equal(buf_text(&server.got), "hello");
    write_all(server.stream[0], "world");
    assert_int_equal(hear(fd, got, 5), 5);
    assert_string_equal(got, "world");
    until_acked(5);
    close(fd);
    for (int i = 0; i < 100 && !server.ended; i++)
        turn();
    assert_int_equal(server.how, STREAM_PEER_CLOSED);
    assert_int_equal(sockets_count(sockets), 0);
}

static void a_reset_leaves_the_client_what_was_acknowledged(void **state)
{
    char got[64] = "";
    (void)state;
    int fd = dial();
    write_all(server.stream[0], "seven bytes? no: twenty-six");
    until_acked(27);
    server.stream[0]->ops->reset(server.stream[0]);
    assert_int_equal(hear(fd, got, sizeof got), 27); /* then the reset */
    assert_int_equal(sockets_count(sockets), 0);
    close(fd);
}

static void an_orderly_end_comes_behind_the_last_byte(void **state)
{
    char got[64] = "";
    (void)state;
    int fd = dial();
    assert_int_equal(send(fd, "what nobody reads any more", 26, 0), 26);
    write_all(server.stream[0], "bye");
    server.stream[0]->ops->close(server.stream[0]);
    assert_int_equal(send(fd, "nor this", 8, MSG_NOSIGNAL), 8);
    assert_int_equal(hear(fd, got, sizeof got), 3);
    assert_int_equal(recv(fd, got, 1, MSG_DONTWAIT), 0); /* FIN, not RST */
    close(fd);
    for (int i = 0; i < 100 && sockets_count(sockets); i++)
        turn();
    assert_int_equal(sockets_count(sockets), 0);
    assert_int_equal(server.ended, 0);
}

static void a_client_that_says_all_and_half_closes_is_answered(void **state)
{
    char got[64] = "";
    (void)state;
    int fd = dial();
    server.answer = "answer";
    assert_int_equal(send(fd, "ask", 3, 0), 3);
    shutdown(fd, SHUT_WR);
    assert_int_equal(hear(fd, got, sizeof got), 6);
    assert_string_equal(got, "answer");
    assert_int_equal(server.how, STREAM_PEER_CLOSED);
    assert_int_equal(server.acked, 6);
    close(fd);
}

/* What is written and not acknowledged is bounded, and a client that takes nothing is given up. */
static void a_deaf_client_holds_little_and_not_for_long(void **state)
{
    static const char block[8192];
    size_t written = 0, n;
    (void)state;
    build("127.0.0.1:0", CLIENTS, 1000 * MS, 150 * MS);
    int small = 4096, fd = dial();
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    uint64_t begin = sockets_now();
    while (!server.ended && sockets_now() - begin < 20000 * MS) {
        struct stream *s = server.stream[0];
        while ((n = s->ops->write(s, block, sizeof block)) > 0) {
            written += n;
            assert_true(written - server.acked <= SOCKETS_OUT_MOST);
        }
        turn();
    }
    assert_int_equal(server.ended, 1);
    assert_int_equal(server.how, STREAM_TIMED_OUT);
    close(fd);
}

static void above_the_limit_the_longest_idle_one_goes(void **state)
{
    int fd[4];
    char got[8] = "";
    (void)state;
    build("127.0.0.1:0", 2, 50 * MS, 0);
    fd[0] = dial();
    fd[1] = dial();
    fd[2] = dial_at("127.0.0.1"); /* nobody is idle for long enough: turned away */
    assert_int_equal(hear(fd[2], got, 5), 5);
    assert_string_equal(got, "full\n");
    assert_string_equal(server.full, "turned-away");
    assert_int_equal(server.accepted, 2);
    uint64_t end = sockets_now() + 60 * MS;
    while (sockets_now() < end)
        turn();
    assert_int_equal(send(fd[0], "x", 1, 0), 1); /* so that the other is the idle one */
    while (!server.got.size)
        turn();
    fd[3] = dial();
    assert_int_equal(server.accepted, 3);
    assert_int_equal(server.ended, 1);
    assert_int_equal(server.how, STREAM_TIMED_OUT);
    assert_string_equal(server.full, "idle");
    assert_int_equal(hear(fd[1], got, 1), -1);
    assert_int_equal(sockets_count(sockets), 2);
    for (int i = 0; i < 4; i++)
        close(fd[i]);
}

static void both_families_and_every_spelling(void **state)
{
    (void)state;
    build("[::1]:0", 2, 50 * MS, 0);
    assert_memory_equal(sockets_name(sockets), "[::1]:", 6);
    int fd = dial_at("::1");
    for (int i = 0; i < 100 && !server.accepted; i++)
        turn();
    assert_memory_equal(sockets_peer(server.stream[0]), "[::1]:", 6);
    close(fd);
    build(":0", 2, 50 * MS, 0);
    build("localhost:0", 2, 50 * MS, 0);
}

static void what_is_no_address_is_refused(void **state)
{
    static const char *const wrong[] = {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "::1:80", "[::1:80",
                                        "no.such.host.invalid:80", "127.0.0.1:-1", "127.0.0.1:8 0", "256.0.0.1:80"};
    struct stream_handler handler = {NULL, on_accept, on_received, on_writable, on_ended};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct sockets_config c = {.listen = wrong[i], .most = 1};
        struct err e = {0};
        assert_null(sockets_new(&c, &handler, &e));
        assert_int_equal(e.code, RIG_EINPUT);
    }
    struct sockets_config c = {.listen = sockets_name(sockets), .most = 1};
    struct err e = {0};
    assert_null(sockets_new(&c, &handler, &e));
    assert_int_equal(e.code, RIG_EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_pass_and_are_acknowledged, set_up, clean_up),
        cmocka_unit_test_setup_teardown(a_reset_leaves_the_client_what_was_acknowledged, set_up, clean_up),
        cmocka_unit_test_setup_teardown(an_orderly_end_comes_behind_the_last_byte, set_up, clean_up),
        cmocka_unit_test_setup_teardown(a_client_that_says_all_and_half_closes_is_answered, set_up, clean_up),
        cmocka_unit_test_setup_teardown(a_deaf_client_holds_little_and_not_for_long, set_up, clean_up),
        cmocka_unit_test_setup_teardown(above_the_limit_the_longest_idle_one_goes, set_up, clean_up),
        cmocka_unit_test_setup_teardown(both_families_and_every_spelling, set_up, clean_up),
        cmocka_unit_test_setup_teardown(what_is_no_address_is_refused, set_up, clean_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
