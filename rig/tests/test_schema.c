/* SPDX-License-Identifier: GPL-3.0-or-later
 * The JSON Schema says what the reader takes: both come from the same tables. */
#include "tests/scratch.h"

#include "base/json.h"
#include "cmd/words.h"
#include "scenario/schema.h"
#include "server/server.h"

#define HEAD "schema: 1\nclaim: A claim.\ngiven: {installed: v1, offered: v2}\n"

static const struct json *down(const struct json *j, const char *key)
{
    const struct json *next = json_get(j, key);
    if (!next)
        fail_msg("the schema has no %s", key);
    return next;
}

static void the_schema_knows_the_same_words_as_the_reader(void **state)
{
    (void)state;
    struct err e = {0};
    struct json *j = schema_make("scenario", &words_scenario, &words_bench, &e);
    const struct json *keys = down(j, "properties");
    assert_non_null(down(down(down(keys, "expect"), "properties"), "boot-reason"));
    char *text = json_print(j);
    for (size_t i = 0; scenario_fault_kind(i); i++) {
        char word[64];
        snprintf(word, sizeof word, "{\"const\":\"%s\"}", scenario_fault_kind(i)->name);
        assert_non_null(strstr(text, word));
    }
    for (size_t i = 0; server_attack(i); i++)
        assert_non_null(strstr(text, server_attack(i)->name));
    for (size_t i = 0; image_mutation_row(i); i++)
        assert_non_null(strstr(text, image_mutation_row(i)->name));
    free(text);
    for (const struct json *k = json_first(keys); k; k = json_next(k)) { /* what the schema offers, the reader takes as a key */
        struct buf one = {0};
        buf_printf(&one, HEAD "%s: 1\n", json_key(k));
        scratch_put("x.yaml", buf_text(&one));
        struct mistakes m = {0};
        char *path = scratch_path("x.yaml");
        scenario_free(scenario_load(path, NULL, &words_scenario, &m));
        assert_null(strstr(buf_text(&m.text), ": key \"") ? strstr(buf_text(&m.text), "is not known") : NULL);
        mistake_free(&m);
        free(path);
        buf_free(&one);
    }
    json_free(j);
    assert_null(schema_make("scenaro", &words_scenario, &words_bench, &e));
    assert_non_null(strstr(e.text, "did you mean \"scenario\"?"));
}

/* Every $ref leads to a definition, and every object says whether it takes further keys. */
static void refs_lead_somewhere(const struct json *root, const struct json *j)
{
    const char *ref = json_str(j, "$ref");
    if (ref) {
        assert_memory_equal(ref, "#/$defs/", 8);
        down(down(root, "$defs"), ref + 8);
    }
    for (const struct json *m = json_first(j); m; m = json_next(m))
        if (json_is_object(m) || json_is_array(m))
            refs_lead_somewhere(root, m);
}

static void a_schema_is_complete_in_itself(void **state)
{
    (void)state;
    static const char *const kinds[] = {"scenario", "profile", "bench"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct json *j = schema_make(kinds[i], &words_scenario, &words_bench, NULL);
        refs_lead_somewhere(j, j);
        char *text = json_print(j);
        assert_true(strlen(text) < 200000); /* an editor reads it at every start */
        struct json *again = json_parse(text, strlen(text), NULL);
        assert_non_null(again);
        json_free(again);
        free(text);
        json_free(j);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_schema_knows_the_same_words_as_the_reader),
        cmocka_unit_test(a_schema_is_complete_in_itself),
    };
    return cmocka_run_group_tests(tests, scratch_open, scratch_close);
}
