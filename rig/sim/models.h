/* SPDX-License-Identifier: GPL-3.0-or-later
 * The peripheral models, one per file of that name, and the few questions that the chip asks one of them. */
#ifndef SIM_MODELS_H
#define SIM_MODELS_H
#include "sim/periph.h"

extern const struct periph_model crc_periph_model, dbgmcu_model, dma_model, exti_model, flashctl_model, gpio_model, iwdg_model,
    lpuart_model, pwr_model, rcc_model, rng_periph_model, rtc_model, syscfg_model, tim_model, usart_model, wwdg_model;

/* rcc.c */
uint32_t rcc_hz(const struct periph *p, enum periph_clock which);
uint32_t rcc_uart_hz(const struct periph *p, unsigned unit);
bool rcc_enabled(const struct periph *p, unsigned enr, unsigned bit);
void rcc_reset_cause(struct periph *p, enum chip_reset cause);
void rcc_enter_stop(struct periph *p); /* clocks as the core finds them when it wakes from Stop */
void rcc_lsi_forced(struct periph *p); /* IWDG runs: LSI is on */
uint32_t rcc_rtc_hz(const struct periph *p); /* RTCCLK; 0: none, or switched off */
void rcc_domain_reset(struct periph *p);     /* BDCR */
void rcc_rtc_on_lse(struct periph *p);       /* BDCR as a program leaves it that started the RTC on LSE */
/* rtc.c: the backup domain. Times in Unix seconds; the calendar holds the years 2000 to 2099. */
void rtc_domain_reset(struct periph *p);
void rtc_clock(struct periph *p); /* RTCCLK may have changed: BDCR did, or VDD went */
void rtc_set(struct periph *p, uint64_t unix_s);
bool rtc_get(const struct periph *p, uint64_t *unix_s); /* false: never set (INITS) */
void rtc_drift(struct periph *p, int32_t ppm);
/* pwr.c */
bool pwr_backup_open(const struct periph *p);   /* CR1.DBP */
unsigned pwr_range(const struct periph *p);     /* voltage range 1 or 2 */
unsigned pwr_low_power(const struct periph *p); /* CR1.LPMS: 0..2 Stop, 3 Standby, 4 Shutdown */
/* gpio.c */
bool gpio_af(const struct periph *p, unsigned pin, unsigned af); /* the pin is in alternate function af */
bool gpio_level(const struct periph *p, unsigned pin);
void gpio_drive(struct periph *p, unsigned pin, int level);
/* exti.c */
void exti_edge(struct periph *p, unsigned port, unsigned pin, bool level);
/* syscfg.c */
unsigned syscfg_exti_port(const struct periph *p, unsigned line);
/* dma.c */
bool dma_request(struct periph *p, unsigned channel, unsigned select); /* one unit moves; false: no channel listens */
/* usart.c */
void usart_dma(struct periph *p); /* a DMA channel was switched on: asks again */
uint64_t usart_send(struct periph *p, const uint8_t *bytes, size_t n, uint32_t baud);
size_t usart_pending(const struct periph *p);
bool usart_ready(const struct periph *p);
uint32_t usart_baud(const struct periph *p);
void usart_flush(struct periph *p);
void usart_listen(struct periph *p, uint32_t baud);
void usart_free(struct periph *p);

/* What they ask of the chip beyond periph.h (chip_services.c). */
uint32_t periph_hse(const struct periph *p);
void periph_clock_tree(struct periph *p, uint32_t hclk); /* core clock as it is now; tells every peripheral */
void periph_gates(struct periph *p);                     /* RCC's enable bits are new */
void periph_reset_unit(struct periph *p, unsigned rstr, uint32_t bits); /* RCC's reset bits that went from 0 to 1 */
bool periph_backup_open(const struct periph *p);
unsigned periph_voltage_range(const struct periph *p);
unsigned periph_wait_states(const struct periph *p);
void periph_report(struct periph *p, uint32_t offset, uint32_t value, const char *why); /* not tied to an access */
bool periph_pin_af(const struct periph *p, char port, unsigned pin, unsigned af);
void periph_pin_out(struct periph *p, unsigned pin, bool level);     /* gpio: an output shows a new level */
void periph_pin_edge(struct periph *p, unsigned pin, bool level);    /* gpio: a pin changed: EXTI looks */
unsigned periph_exti_port(const struct periph *p, unsigned line);
bool periph_dma(struct periph *p, unsigned controller, unsigned channel, unsigned select);
void periph_dma_ready(struct periph *p);
/* A bus master's access; false: bus error. size 1, 2 or 4. */
bool periph_bus_load(struct periph *p, uint32_t addr, unsigned size, uint32_t *value);
bool periph_bus_store(struct periph *p, uint32_t addr, unsigned size, uint32_t value);
void periph_uart_out(struct periph *p, uint8_t byte);
void periph_nmi_clear(struct periph *p);                             /* its flag is cleared: until then NMI asks again and again */
void periph_nmi(struct periph *p);                                   /* flash: double ECC error */
bool periph_bank_swap(const struct periph *p);
void periph_event(struct periph *p); /* wakes WFE */
void periph_remap(struct periph *p, unsigned mem_mode, bool bank_swap);
void periph_sram2_erase(struct periph *p);
void periph_lsi_forced(struct periph *p);
uint32_t periph_rtc_hz(const struct periph *p); /* RTCCLK now; without VDD only LSE runs */
void periph_domain_reset(struct periph *p);     /* RCC: BDCR.BDRST */

#endif
