/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The transport of server.h.
 */
#include "server.h"
#include "link.h"

#ifdef TRANSPORT_TLS
#include "ca.h"
#include "entropy.h"
#include "tls.h"

const struct transport *server_transport(void)
{
    const struct tls_config config = {
        .under = &link_transport, .host = SERVER_HOST, .ca = ca_der, .ca_size = ca_der_size, .random = entropy_fill,
    };
    return tls_over(&config);
}
#else
const struct transport *server_transport(void)
{
    return &link_transport;
}
#endif
