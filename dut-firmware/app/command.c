/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The console commands of command.h. Anyone at the console can reflash the device through the bootloader's recovery anyway;
 * still, nothing here touches images or boot state.
 */
#include "command.h"
#include <string.h>
#include "console.h"
#include "platform.h"
#include "settings.h"

static char line[64];
static unsigned used; /* above the array's size: a line too long, passed over up to its end */

static void rename_device(struct settings *s, const char *name)
{
    int rc = settings_rename(s, name);
    if (rc < 0) {
        console_comment("the settings cannot be written");
    } else if (rc > 0) {
        console_comment("a name is 1 to 31 visible characters without quotes and backslashes");
    } else {
        console_event("settings");
        console_word("id", s->id);
        console_word("name", s->name);
        console_number("boots", s->boots);
        console_end();
    }
}

static void obey(struct settings *s)
{
    if (strncmp(line, "name ", 5) == 0)
        rename_device(s, line + 5);
    else if (strcmp(line, "reset") == 0)
        platform_reset();
    else if (line[0] != '\0')
        console_comment("commands: name NAME, reset");
}

void command_poll(struct settings *s)
{
    int c;
    while ((c = platform_console_get()) >= 0) {
        if (c == '\r' || c == '\n') {
            if (used < sizeof line) {
                line[used] = '\0';
                obey(s);
            }
            used = 0;
        } else if (used < sizeof line) {
            line[used++] = (char)c;
        }
    }
}
