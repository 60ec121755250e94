/* SPDX-License-Identifier: GPL-3.0-or-later
 * The linker script of bootloader and app, run through the preprocessor with ROM_BASE, ROM_SIZE and layout.h. */
#include "layout.h"
ENTRY(Reset_Handler)
MEMORY
{
  ROM (rx) : ORIGIN = ROM_BASE, LENGTH = ROM_SIZE
  RAM (rw) : ORIGIN = LAYOUT_SRAM1_BASE, LENGTH = LAYOUT_SRAM1_SIZE
  RAM2 (rwx) : ORIGIN = LAYOUT_SRAM2_BASE + 0x200, LENGTH = LAYOUT_SRAM2_SIZE - 0x200
}
_estack = LAYOUT_SRAM1_BASE + LAYOUT_SRAM1_SIZE;
ASSERT(LAYOUT_HANDOVER_BASE + LAYOUT_HANDOVER_SIZE <= LAYOUT_SRAM2_BASE + 0x200, "handover overlaps")
SECTIONS
{
  .text : ALIGN(8) { KEEP(*(.vectors)) *(.text .text.*) *(.rodata .rodata.*) . = ALIGN(4); } > ROM
  .ramvectors (NOLOAD) : { . = ALIGN(512); _ramvectors = .; . += 98 * 4; . = ALIGN(8); } > RAM2
  .ramfunc : { . = ALIGN(4); _sramfunc = .; *(.ramfunc .ramfunc.*) . = ALIGN(4); _eramfunc = .; } > RAM2 AT > ROM
  _siramfunc = LOADADDR(.ramfunc);
  .data : { . = ALIGN(4); _sdata = .; *(.data .data.*) . = ALIGN(4); _edata = .; } > RAM AT > ROM
  _sidata = LOADADDR(.data);
  .bss (NOLOAD) : { . = ALIGN(8); _sbss = .; *(.bss .bss.* COMMON) . = ALIGN(8); _ebss = .; } > RAM
  /* Content is lost over a reset and not cleared at start: for big buffers. */
  .sram2 (NOLOAD) : { . = ALIGN(8); *(.sram2 .sram2.*) . = ALIGN(8); } > RAM2
  .noinit (NOLOAD) : { . = ALIGN(8); *(.noinit .noinit.*) . = ALIGN(8); _end_ram = .; } > RAM
  ASSERT(_end_ram + 0x3000 <= _estack, "less than 12 KB left for the stack")
  /DISCARD/ : { *(.ARM.exidx* .ARM.extab* .ARM.attributes .comment .note* .init .fini .eh_frame) }
}
