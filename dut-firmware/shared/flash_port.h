/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the firmware needs of a flash: guarded reads, double-word programming, page erase. Implemented by port/stm32l4/flash.c
 * (the controller of RM0351 §3) and port/host/flash_host.c (a simulation whose power can be cut at any operation).
 *
 * Addresses are absolute (0x08000000 …). Every function blocks until the controller is ready; on the STM32 the core sleeps
 * meanwhile, in SRAM, with interrupts on. None may be called from an interrupt.
 */
#ifndef OTA_FLASH_PORT_H
#define OTA_FLASH_PORT_H
#include <stdbool.h>
#include <stdint.h>

enum flash_port_result {
    FLASH_PORT_OK = 0,
    FLASH_PORT_ECC = -1,    /* a double word in the range has a double ECC error: its bytes mean nothing */
    FLASH_PORT_FAULT = -2,  /* the controller reported an error (not erased, sequence, protection) */
    FLASH_PORT_DENIED = -3, /* outside the flash, misaligned, or inside a protected range: nothing was started */
};

/* Copies n bytes from any address. Returns FLASH_PORT_ECC when a double error was met on the way (the copy is then complete but
 * worthless): the error's NMI is caught and cleared, never a fault. Corrected single errors are not reported. */
int flash_port_read(uint32_t addr, void *to, uint32_t n);

/* Programs 8 bytes at an 8-aligned address that must be erased. FLASH_PORT_OK says that the controller saw no error; what stands
 * in the cell is for the caller to read back. */
int flash_port_program(uint32_t addr, const void *word);

/* Erases the 2 KB page that starts at addr. */
int flash_port_erase(uint32_t addr);

/* From now until reset, writes into [addr, addr + size) are refused (FLASH_PORT_DENIED). One range: the running slot. The
 * bootloader's own region is always refused. */
void flash_port_protect(uint32_t addr, uint32_t size);

/* True when n bytes (multiple of 8) from an 8-aligned addr read as erased without ECC error. */
bool flash_port_erased(uint32_t addr, uint32_t n);

#endif
