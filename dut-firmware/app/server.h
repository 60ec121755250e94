/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which server, and how it is spoken to: plain HTTP, or HTTPS in the product (built with TRANSPORT_TLS).
 */
#ifndef APP_SERVER_H
#define APP_SERVER_H

#ifdef TRANSPORT_TLS
#define SERVER_HOST "update.otarig.invalid"
#define SERVER_PORT 443
#define SERVER_URL "https://" SERVER_HOST
#define SERVER_URL_PORT ":443"
#else
#define SERVER_HOST "10.0.0.1"
#define SERVER_PORT 80
#define SERVER_URL "http://" SERVER_HOST
#define SERVER_URL_PORT ":80"
#endif

struct transport;
const struct transport *server_transport(void);
#endif
