/* SPDX-License-Identifier: GPL-3.0-or-later
 * Vector table and reset handler of bootloader and app alike. The table and all code marked RAMFUNC run from SRAM2, so that
 * interrupts are served while the flash bank that holds the program is busy with an erase (RM0351 §3.3.5: a read of a busy bank
 * stalls the core). */
#include "stm32l476.h"

/* From the linker script. */
extern uint32_t _estack[], _sdata[], _edata[], _sidata[], _sbss[], _ebss[];
extern uint32_t _sramfunc[], _eramfunc[], _siramfunc[], _ramvectors[];

int main(void);
void Reset_Handler(void);
void Default_Handler(void);
void NMI_Handler(void);
void HardFault_Handler(void);
void SysTick_Handler(void);
void FLASH_IRQHandler(void);
void USART1_IRQHandler(void) __attribute__((weak, alias("Default_Handler")));
void USART2_IRQHandler(void);

enum { VECTORS = 16 + IRQ_COUNT };

typedef void handler_fn(void);

/* An interrupt that nobody serves. Entered with the frame on MSP. */
__attribute__((naked, used)) void Default_Handler(void) { __asm volatile("mrs r0, msp\n\tb fault_unexpected"); }

__attribute__((section(".vectors"), used)) static handler_fn *const vectors[VECTORS] = {
    [0] = (handler_fn *)_estack,
    [1] = Reset_Handler,
    [2] = NMI_Handler,
    [3] = HardFault_Handler,
    [4 ... 14] = Default_Handler,
    [15] = SysTick_Handler,
    [16 ... VECTORS - 1] = Default_Handler,
};

static void copy_words(uint32_t *to, const uint32_t *end, const uint32_t *from)
{
    while (to < end)
        *to++ = *from++;
}

static void clear_words(uint32_t *to, const uint32_t *end)
{
    while (to < end)
        *to++ = 0;
}

static void install_vectors(void)
{
    copy_words(_ramvectors, _ramvectors + VECTORS, (const uint32_t *)vectors);
    _ramvectors[16 + IRQ_FLASH] = (uint32_t)FLASH_IRQHandler;
    _ramvectors[16 + IRQ_USART1] = (uint32_t)USART1_IRQHandler;
    _ramvectors[16 + IRQ_USART2] = (uint32_t)USART2_IRQHandler;
    SCB_VTOR = (uint32_t)_ramvectors;
    barrier();
}

__attribute__((used)) void Reset_Handler(void)
{
    copy_words(_sdata, _edata, _sidata);
    copy_words(_sramfunc, _eramfunc, _siramfunc);
    clear_words(_sbss, _ebss);
    install_vectors();
    main();
    Default_Handler(); /* main never returns */
}
