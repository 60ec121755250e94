/* SPDX-License-Identifier: GPL-3.0-or-later
 * The one place of the memory map (README.md, "Memory map"). STM32L476RG: RM0351 §2.2 and §3.3.1 (flash organisation).
 * Included by C, linker scripts (preprocessed) and host tools; so only plain #defines of plain numbers.
 */
#ifndef OTA_LAYOUT_H
#define OTA_LAYOUT_H

#define LAYOUT_FLASH_BASE 0x08000000
#define LAYOUT_FLASH_SIZE 0x00100000
#define LAYOUT_BANK_SIZE 0x00080000 /* bank 2 starts at 0x08080000 */
#define LAYOUT_PAGE 2048            /* erase unit, bytes */
#define LAYOUT_WORD 8               /* program unit, bytes: one double word with one ECC */

#define LAYOUT_BOOT_BASE 0x08000000
#define LAYOUT_BOOT_SIZE 0x00010000
#define LAYOUT_LOG_BASE 0x08010000 /* two pages */
#define LAYOUT_LOG_SIZE 0x00001000
#define LAYOUT_SETTINGS_BASE 0x08011000 /* two pages */
#define LAYOUT_SETTINGS_SIZE 0x00001000
#define LAYOUT_DOWNLOAD_BASE 0x08012000 /* two pages */
#define LAYOUT_DOWNLOAD_SIZE 0x00001000
#define LAYOUT_KEYS_BASE 0x08013000 /* two pages */
#define LAYOUT_KEYS_SIZE 0x00001000
#define LAYOUT_FRESH_BASE 0x08014000 /* two pages */
#define LAYOUT_FRESH_SIZE 0x00001000

#define LAYOUT_SLOT_SIZE 0x00060000
#define LAYOUT_SLOT_A_BASE 0x08020000
#define LAYOUT_SLOT_B_BASE 0x08080000
#define LAYOUT_SLOTS 2
#define LAYOUT_SLOT_BASE(slot) ((slot) == 0 ? LAYOUT_SLOT_A_BASE : LAYOUT_SLOT_B_BASE) /* 0 = a, 1 = b */

#define LAYOUT_HDR_SIZE 0x200 /* image header, padded: the vector table behind it meets VTOR's alignment (98 vectors: 512) */

#define LAYOUT_SRAM1_BASE 0x20000000
#define LAYOUT_SRAM1_SIZE 0x00018000
#define LAYOUT_SRAM2_BASE 0x10000000
#define LAYOUT_SRAM2_SIZE 0x00008000
#define LAYOUT_HANDOVER_BASE 0x10000000 /* struct handover: no linker script places anything here */
#define LAYOUT_HANDOVER_SIZE 0x00000100

#define LAYOUT_HARDWARE_ID "nucleo-l476rg"

#endif
