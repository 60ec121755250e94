# SPDX-License-Identifier: GPL-3.0-or-later
# The application's files without hardware and without lwIP, relative to dut-firmware/: what the host tests link (with shared/ and port/host/).
APP_HOST_SRCS := $(addprefix app/,agent.c agent_answer.c agent_fail.c agent_keys.c agent_offer.c agent_tell.c agent_time.c calendar.c candidate.c cause.c clock.c command.c delta.c download.c envelope.c exchange.c freshness.c \
	http.c intake.c manifest.c patch.c progress.c redirect.c release.c request.c settings.c slip.c stage.c text.c tls_dates.c tls_pool.c trust.c)
