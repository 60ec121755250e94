/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The network of link.h. Received segments wait in a chain of pbufs until the exchange reads them; the TCP window opens only
 * then, so that what is under way while a flash page is being erased always fits into the receive ring.
 */
#include "link.h"
#include <string.h>
#include "platform.h"
#include "server.h"
#include "slip.h"
#include "transport.h"
#include "uart1.h"
#include "lwip/init.h"
#include "lwip/ip4.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/tcp.h"
#include "lwip/timeouts.h"

static struct netif netif;
static struct slip slip;

static struct {
    struct tcp_pcb *pcb;
    struct pbuf *queue;
    enum transport_state state;
} connection;

u32_t sys_now(void)
{
    return platform_ms();
}

static err_t send_packet(struct netif *n, struct pbuf *p, const ip4_addr_t *to)
{
    static uint8_t encoded[2 * SLIP_MTU + 2];
    size_t size = 0;
    (void)n;
    (void)to;
    if (p->tot_len > SLIP_MTU)
        return ERR_VAL;
    encoded[size++] = SLIP_END; /* flushes noise that came before (RFC 1055) */
    for (struct pbuf *q = p; q; q = q->next)
        size += slip_encode(encoded + size, q->payload, q->len);
    encoded[size++] = SLIP_END;
    /* No room: a router would drop the packet too; TCP repeats it. */
    return uart1_write(encoded, size) ? ERR_OK : ERR_MEM;
}

static err_t init_netif(struct netif *n)
{
    n->name[0] = 's';
    n->name[1] = 'l';
    n->mtu = SLIP_MTU;
    n->output = send_packet;
    return ERR_OK;
}

void link_init(void)
{
    ip4_addr_t device, server, mask;
    lwip_init();
    IP4_ADDR(&device, 10, 0, 0, 2);
    IP4_ADDR(&server, 10, 0, 0, 1);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    netif_add(&netif, &device, &mask, &server, NULL, init_netif, ip4_input);
    netif_set_default(&netif);
    netif_set_up(&netif);
    netif_set_link_up(&netif);
}

static void receive_packet(size_t n)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)n, PBUF_POOL);
    if (!p)
        return;
    pbuf_take(p, slip.frame, (u16_t)n);
    if (netif.input(p, &netif) != ERR_OK)
        pbuf_free(p);
}

void link_poll(void)
{
    uint8_t bytes[128];
    size_t n;
    if (uart1_lost())
        slip_broken(&slip);
    while ((n = uart1_read(bytes, sizeof bytes)) > 0) {
        for (size_t i = 0; i < n; i++) {
            size_t packet = slip_byte(&slip, bytes[i]);
            if (packet > 0)
                receive_packet(packet);
        }
    }
    sys_check_timeouts();
}

uint32_t link_idle_ms(void)
{
    return sys_timeouts_sleeptime();
}

static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
    (void)arg;
    (void)pcb;
    (void)error;
    if (!p) {
        connection.state = TRANSPORT_ENDED;
        return ERR_OK;
    }
    if (connection.queue)
        pbuf_cat(connection.queue, p);
    else
        connection.queue = p;
    return ERR_OK;
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t error)
{
    (void)arg;
    (void)pcb;
    connection.state = error == ERR_OK ? TRANSPORT_OPEN : TRANSPORT_BROKEN;
    return ERR_OK;
}

static void on_error(void *arg, err_t error)
{
    (void)arg;
    (void)error;
    connection.pcb = NULL; /* lwIP has freed it */
    connection.state = TRANSPORT_BROKEN;
}

static void close_connection(void *ctx, bool orderly)
{
    (void)ctx;
    struct tcp_pcb *pcb = connection.pcb;
    if (pcb) {
        tcp_recv(pcb, NULL);
        tcp_err(pcb, NULL);
        if (!orderly || tcp_close(pcb) != ERR_OK)
            tcp_abort(pcb);
    }
    if (connection.queue)
        pbuf_free(connection.queue);
    memset(&connection, 0, sizeof connection);
}

static bool open_connection(void *ctx, enum transport_use use)
{
    ip_addr_t server;
    (void)use;
    close_connection(ctx, false);
    connection.pcb = tcp_new();
    if (!connection.pcb)
        return false;
    tcp_err(connection.pcb, on_error);
    tcp_recv(connection.pcb, on_received);
    IP4_ADDR(ip_2_ip4(&server), 10, 0, 0, 1);
    connection.state = TRANSPORT_CONNECTING;
    if (tcp_connect(connection.pcb, &server, SERVER_PORT, on_connected) == ERR_OK)
        return true;
    close_connection(ctx, false);
    return false;
}

static enum transport_state connection_state(void *ctx)
{
    (void)ctx;
    return connection.state;
}

static size_t write_bytes(void *ctx, const void *bytes, size_t n)
{
    (void)ctx;
    struct tcp_pcb *pcb = connection.pcb;
    if (!pcb || connection.state != TRANSPORT_OPEN)
        return 0;
    if (n > tcp_sndbuf(pcb))
        n = tcp_sndbuf(pcb);
    if (n == 0 || tcp_write(pcb, bytes, (u16_t)n, TCP_WRITE_FLAG_COPY) != ERR_OK)
        return 0;
    tcp_output(pcb);
    return n;
}

static size_t read_bytes(void *ctx, void *bytes, size_t n)
{
    (void)ctx;
    if (!connection.queue)
        return 0;
    u16_t got = pbuf_copy_partial(connection.queue, bytes, (u16_t)(n > 0xffff ? 0xffff : n), 0);
    connection.queue = pbuf_free_header(connection.queue, got);
    if (connection.pcb)
        tcp_recved(connection.pcb, got);
    return got;
}

static enum cause connection_cause(void *ctx)
{
    (void)ctx;
    return CAUSE_NONE;
}

const struct transport link_transport = {
    .connect_ms = LINK_CONNECT_MS,
    .open = open_connection,
    .state = connection_state,
    .write = write_bytes,
    .read = read_bytes,
    .close = close_connection,
    .cause = connection_cause,
};
