/* SPDX-License-Identifier: GPL-3.0-or-later
 * Differential fuzz of the core: random instructions of every encoding class in random states, against the oracle.
 *
 * Method: case number k is a function of (seed, k) alone, so --only replays one. Four cases share an encoding and differ in state.
 * An encoding that the manual calls UNDEFINED or UNPREDICTABLE must raise UsageFault UNDEFINSTR (this project's choice); the oracle
 * is not asked. Every other one is run in both, and registers, flags, FP state, memory and "faulted or not" must agree, unless the
 * difference is one of the oracle's known deviations, which have names and reasons (oracle_masks.c). Besides, all 65,536 halfwords
 * and random 32-bit encodings are checked against the table alone: what no class claims must be UNDEFINED, and only that.
 */
#include "base/rng.h"
#include "sim/cpu.h"
#include "tests/oracle_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATES = 4, REPORTS = 10 };

struct tally { uint64_t compared, refused, masked; };

struct fuzz {
    struct bench *b;
    struct tally tally[512];
    uint64_t *by_mask;
    uint64_t mismatches, decoded;
    uint64_t seed, count, only;
    bool has_only, verbose;
    const char *class_name;
};

static size_t choose_class(const struct fuzz *f, struct rng *r)
{
    for (;;) {
        size_t k = rng_below(r, encoding_classes_n);
        if (f->class_name && strcmp(encoding_classes[k].name, f->class_name) != 0)
            continue;
        if (!(encoding_classes[k].flags & CLASS_OWN))
            return k;
    }
}

/* An encoding of the class: sound in 15 of 16 draws, else whatever comes, if it is the class's own. */
static struct encoding draw(const struct encoding_class *c, struct rng *r)
{
    struct encoding e = {c, 0};
    uint32_t mask, value;
    bool any = rng_below(r, 16) == 0;
    encoding_pattern(c, &mask, &value);
    for (;;) {
        e.bits = ((uint32_t)rng_u64(r) & ~mask) | value;
        if (!encoding_wide(c))
            e.bits &= 0xffff;
        if (!any || rng_below(r, 4))
            e.bits = encoding_should(c, e.bits);
        int check = encoding_check(&e);
        if (check == 0 || (check == 1 && any))
            return e;
    }
}

static void explain(const struct fuzz *f, uint64_t k, const struct trial *t, const char *what)
{
    printf("mismatch: %s in %s, encoding %0*x, case %llu: %s\n", what, t->e.c->name, encoding_wide(t->e.c) ? 8 : 4, t->e.bits,
           (unsigned long long)k, t->in_it ? "in an IT block" : "");
    trial_print(t);
    printf("replay: build/fuzz_cpu_unicorn --seed %llu --only %llu%s%s\n", (unsigned long long)f->seed, (unsigned long long)k,
           f->class_name ? " --class " : "", f->class_name ? f->class_name : "");
}

static void one(struct fuzz *f, uint64_t k)
{
    struct rng r;
    struct trial t = {.in_it = false};
    rng_seed(&r, f->seed, k / STATES * 2);
    size_t which = choose_class(f, &r);
    t.e = draw(&encoding_classes[which], &r);
    trial_place(&t, &r);
    rng_seed(&r, f->seed, k * 2 + 1);
    trial_state(&t, &r);
    const char *what = trial_run(f->b, &t);
    if (f->has_only)
        trial_print(&t);
    if (t.refused)
        f->tally[which].refused++;
    else
        f->tally[which].compared++;
    int mask = what ? trial_mask(&t) : -1;
    if (mask >= 0) {
        f->by_mask[mask]++;
        f->tally[which].masked++;
    } else if (what && f->mismatches++ < REPORTS)
        explain(f, k, &t, what);
}

/* The decoder against the table: faults with UNDEFINSTR or NOCP exactly where no class has it, or has it as UNPREDICTABLE. */
static void decode_one(struct fuzz *f, uint32_t bits, bool wide)
{
    struct encoding e = {encoding_find(bits, wide), bits};
    bool sound = e.c && encoding_check(&e) == 0, nocp = e.c && !strcmp(e.c->name, "coprocessor");
    enum refusal got = bench_decode(f->b, bits, wide), want = nocp && sound ? REFUSED_NOCP : sound ? REFUSED_NOT : REFUSED_UNDEF;
    f->decoded++;
    if (got != want && f->mismatches++ < REPORTS)
        printf("mismatch: %0*x (%s) is %s, should be %s\n", wide ? 8 : 4, bits, e.c ? e.c->name : "no class", refusal_name(got),
               refusal_name(want));
}

static void decode_all(struct fuzz *f)
{
    struct rng r;
    rng_seed(&r, f->seed, UINT64_MAX);
    for (uint32_t h = 0; h < 0xe800; h++)
        decode_one(f, h, false);
    for (uint64_t k = 0; k < f->count / 8; k++) {
        uint32_t bits = (uint32_t)rng_u64(&r) | 0xe0000000;
        if (rng_below(&r, 2)) { /* near a class: one of its encodings with one bit turned */
            struct encoding e = draw(&encoding_classes[rng_below(&r, encoding_classes_n)], &r);
            bits = e.bits ^ 1u << rng_below(&r, 32);
        }
        if (bits >= 0xe8000000)
            decode_one(f, bits, true);
    }
}

static int summary(struct fuzz *f)
{
    uint64_t compared = 0, refused = 0, fewest = UINT64_MAX;
    size_t classes = 0;
    const char *rarest = "";
    for (size_t k = 0; k < encoding_classes_n; k++) {
        const struct tally *t = &f->tally[k];
        compared += t->compared;
        refused += t->refused;
        if (encoding_classes[k].flags & CLASS_OWN)
            continue;
        classes++;
        if (t->compared - t->masked < fewest) {
            fewest = t->compared - t->masked;
            rarest = encoding_classes[k].name;
        }
        if (f->verbose)
            printf("%-18s %8llu compared %8llu refused %8llu masked\n", encoding_classes[k].name, (unsigned long long)t->compared,
                   (unsigned long long)t->refused, (unsigned long long)t->masked);
    }
    for (size_t k = 0; k < oracle_masks_n; k++)
        printf("masked  %-22s %9llu  %s\n", oracle_masks[k].name, (unsigned long long)f->by_mask[k], oracle_masks[k].reason);
    printf("fuzz_cpu_unicorn: seed %llu: %llu instructions compared and %llu refused in %zu classes, fewest %llu (%s); %llu decoded; "
           "%llu mismatches\n", (unsigned long long)f->seed, (unsigned long long)compared, (unsigned long long)refused, classes,
           (unsigned long long)fewest, rarest, (unsigned long long)f->decoded, (unsigned long long)f->mismatches);
    bool thin = !f->class_name && !f->has_only && (!classes || fewest < f->count / classes / 4);
    if (thin)
        printf("fuzz_cpu_unicorn: class %s was hardly tested\n", rarest);
    return f->mismatches || thin;
}

static int usage(void)
{
    puts("usage: fuzz_cpu_unicorn [--seed N] [--count N] [--class NAME] [--only CASE] [--list] [--verbose]");
    return 4;
}

static int list(void)
{
    for (size_t k = 0; k < encoding_classes_n; k++)
        printf("%-18s %s\n", encoding_classes[k].name, encoding_classes[k].pattern);
    return 0;
}

static bool known(const char *class_name)
{
    for (size_t k = 0; k < encoding_classes_n; k++)
        if (!strcmp(encoding_classes[k].name, class_name))
            return !(encoding_classes[k].flags & CLASS_OWN);
    return false;
}

static int options(struct fuzz *f, int argc, char **argv)
{
    for (int k = 1; k < argc; k++) {
        if (!strcmp(argv[k], "--list"))
            return list();
        if (!strcmp(argv[k], "--verbose"))
            f->verbose = true;
        else if (k + 1 == argc)
            return usage();
        else if (!strcmp(argv[k], "--seed"))
            f->seed = strtoull(argv[++k], NULL, 0);
        else if (!strcmp(argv[k], "--count"))
            f->count = strtoull(argv[++k], NULL, 0);
        else if (!strcmp(argv[k], "--class") && known(argv[k + 1]))
            f->class_name = argv[++k];
        else if (!strcmp(argv[k], "--only")) {
            f->only = strtoull(argv[++k], NULL, 0);
            f->has_only = true;
        } else
            return usage();
    }
    return -1;
}

int main(int argc, char **argv)
{
    static struct fuzz f = {.seed = 1, .count = 2000000};
    int end = options(&f, argc, argv);
    if (end >= 0)
        return end;
    f.b = bench_new();
    f.by_mask = calloc(oracle_masks_n + 1, sizeof *f.by_mask);
    if (f.has_only)
        one(&f, f.only);
    else {
        for (uint64_t k = 0; k < f.count; k++)
            one(&f, k);
        if (!f.class_name)
            decode_all(&f);
    }
    end = summary(&f);
    bench_free(f.b);
    free(f.by_mask);
    return end;
}
