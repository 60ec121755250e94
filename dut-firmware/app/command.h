/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person may type on the console: `name NAME` sets the device's name, `reset` resets it.
 */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H
struct settings;

void command_poll(struct settings *s); /* takes in what was typed; carries out whole lines */
#endif
