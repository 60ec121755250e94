/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Flash physics: a byte array that behaves like embedded flash, and what a power cut leaves behind.
 * Pure C: no CPU, no clock; numbers come from the caller's seed. (Method: see the top of flash.c.)
 */
#ifndef SIM_FLASH_H
#define SIM_FLASH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng;

/* A flash family as data. STM32L4: RM0351 §3, DS10198 tables "Flash memory characteristics". */
struct flash_family {
    const char *name;
    uint32_t word;         /* program unit in bytes (8) */
    uint32_t page;         /* erase unit in bytes (2048) */
    uint32_t bank;         /* bytes per bank */
    uint32_t size;         /* bytes in all */
    bool ecc;              /* each word carries an ECC: torn words may read as a double error */
    uint8_t erased;        /* value of an erased byte */
    uint32_t program_ns;   /* one word */
    uint32_t row_ns;       /* fast row of 32 words */
    uint32_t erase_ns;     /* one page */
    uint32_t mass_erase_ns;/* one bank */
    struct { uint16_t before, torn, ecc, after; } program_weight; /* relative weights of what a cut during it leaves */
    struct { uint16_t before, partial, after; } erase_weight;
};
extern const struct flash_family flash_stm32l4;

enum flash_kind { FLASH_PROGRAM, FLASH_ROW, FLASH_ERASE, FLASH_MASS_ERASE };
enum flash_outcome { FLASH_DONE, FLASH_BEFORE, FLASH_TORN, FLASH_ECC, FLASH_PARTIAL, FLASH_AFTER };

/* One operation of the controller, numbered from 1 in the order of starting. */
struct flash_op {
    uint64_t index;
    enum flash_kind kind;
    uint32_t addr;     /* offset in the array of the first byte */
    uint32_t size;     /* bytes touched */
    uint64_t start_ns; /* virtual time */
    uint64_t time_ns;  /* how long it takes */
    uint32_t pc;       /* of the instruction that started it */
    uint8_t old[8], new_[8]; /* first word before, and as it should be after */
};

struct flash;
struct flash *flash_new(const struct flash_family *family); /* all erased; NULL when memory is out */
void flash_free(struct flash *f);
uint8_t *flash_bytes(struct flash *f); /* family->size bytes, owned by f, for direct mapping; write only through flash_* */
const struct flash_family *flash_family_of(const struct flash *f);

enum flash_ecc { FLASH_ECC_OK, FLASH_ECC_CORRECTED, FLASH_ECC_DOUBLE };
enum flash_ecc flash_ecc_at(const struct flash *f, uint32_t offset); /* state of the word that holds offset */
void flash_set_ecc(struct flash *f, uint32_t offset, enum flash_ecc state);

/* Whole operations. flash_program: word bytes; false when the word is not erased (PROGERR), except all-zero data (RM0351 §3.3.7).
 * flash_erase: every page that [offset, offset+size) touches. Both ignore what lies outside the array. */
bool flash_program(struct flash *f, uint32_t offset, const uint8_t *word);
void flash_erase(struct flash *f, uint32_t offset, uint32_t size);
bool flash_blank(const struct flash *f, uint32_t offset); /* the word that holds offset can be programmed */
/* Power goes while op is under way. outcome FLASH_DONE: drawn by the family's weights from rng; else forced (torn_bits of
 * FLASH_TORN: how many bits took, 0 draws). Returns the outcome that happened; *torn gets the number of bits for FLASH_TORN, else
 * 0. data: the op->size bytes being programmed; NULL for an erase. An outcome that the kind cannot have is read as its neighbour:
 * FLASH_PARTIAL of a program as FLASH_TORN, FLASH_TORN and FLASH_ECC of an erase as FLASH_PARTIAL, torn with no bit to change as
 * FLASH_AFTER. */
enum flash_outcome flash_cut(struct flash *f, const struct flash_op *op, const uint8_t *data, enum flash_outcome outcome,
                             unsigned torn_bits, struct rng *rng, unsigned *torn);
/* Loads bytes as a programmer would (pages touched are erased first, ECC clean). Used for factory images and nvm access. False,
 * and nothing changed, outside the array. */
bool flash_load(struct flash *f, uint32_t offset, const uint8_t *bytes, size_t n);
/* Content that changes without an operation; ECC is that of the new content, or of FLASH_ROT_ECC a double error in every word touched. What
 * lies outside the array is ignored. */
enum flash_rot { FLASH_ROT_ZERO, FLASH_ROT_RANDOM, FLASH_ROT_ECC, FLASH_ROT_ERASED };
void flash_rot(struct flash *f, uint32_t offset, uint32_t n, enum flash_rot how, struct rng *r);
bool flash_copy(struct flash *to, const struct flash *from); /* same family */
/* Counts changes of content or ECC state; a page's version is the count at its last change. So that a reader that keeps something
 * per page (decoded instructions, slow marks) sees what was changed behind it. page: index from 0. */
uint64_t flash_version(const struct flash *f);
uint64_t flash_page_version(const struct flash *f, uint32_t page);
bool flash_page_flawed(const struct flash *f, uint32_t page); /* some word of it is not FLASH_ECC_OK */
const char *flash_outcome_name(enum flash_outcome o); /* "before", "torn", "ecc", "partial", "after", "done" */
const char *flash_kind_name(enum flash_kind k);       /* "program", "row", "erase", "mass-erase" */
#endif
