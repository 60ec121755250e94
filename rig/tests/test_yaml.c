/* SPDX-License-Identifier: GPL-3.0-or-later
 * YAML trees: every node knows its place, and no file costs more than its size. */
#include "tests/scratch.h"

#include "scenario/store.h"
#include "scenario/yaml.h"

static struct mistakes mistakes;
static struct store *store;

static struct yaml_node *parse_bytes(const char *bytes, size_t n)
{
    store_free(store);
    mistake_free(&mistakes);
    store = store_new();
    return yaml_parse(store, "f.yaml", bytes, n, &mistakes);
}

static struct yaml_node *parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static void refused(const char *text, const char *place, const char *why)
{
    assert_null(parse(text));
    const char *told = buf_text(&mistakes.text);
    if (strncmp(told, place, strlen(place)) != 0 || !strstr(told, why))
        fail_msg("expected %s… %s, got: %s", place, why, told);
}

static void every_node_knows_its_line_and_column(void **state)
{
    (void)state;
    struct yaml_node *map = parse("a: 1\nb:\n  - x\n  - {c: y}\n");
    assert_non_null(map);
    struct yaml_node *b = yaml_get(map, "b"), *c = yaml_get(b->first->next, "c");
    assert_int_equal(yaml_get(map, "a")->at.line, 1);
    assert_int_equal(yaml_get(map, "a")->at.column, 4);
    assert_int_equal(b->key_at.line, 2);
    assert_int_equal(c->at.line, 4);
    assert_int_equal(c->at.column, 9);
    assert_string_equal(c->text, "y");
    assert_string_equal(c->at.file, "f.yaml");
}

static void quoted_null_is_text(void **state)
{
    (void)state;
    struct yaml_node *map = parse("a: ~\nb: '~'\nc:\nd: null\n");
    assert_true(yaml_empty(yaml_get(map, "a")));
    assert_false(yaml_empty(yaml_get(map, "b")));
    assert_true(yaml_empty(yaml_get(map, "c")));
    assert_true(yaml_empty(yaml_get(map, "d")));
}

static void what_is_no_map_of_keys_is_refused_with_its_place(void **state)
{
    (void)state;
    refused("", "f.yaml:1:1", "empty");
    refused("# only a comment\n", "f.yaml:1:1", "empty");
    refused("- a\n- b\n", "f.yaml:1:1", "found a list");
    refused("just words\n", "f.yaml:1:1", "found a single value");
    refused("a: 1\nb: 2\na: 3\n", "f.yaml:3:1", "\"a\" is given twice, first in line 1");
    refused("a: 1\n---\nb: 2\n", "f.yaml:2:1", "second document");
    refused("a:\n\t- b\n", "f.yaml:2:1", "not YAML");
    refused("a: !!int 3\n", "f.yaml:1:4", "tag");
    refused("? [x, y]\n: z\n", "f.yaml:1:3", "a key must be a word");
    refused("a: [1, 2\n", "f.yaml:", "not YAML");
    refused("a: b: c\n", "f.yaml:1:5", "quotes");
}

static void bytes_that_are_no_text_are_refused(void **state)
{
    (void)state;
    refused("a: 1\nb: \xff\xfe\n", "f.yaml:2:4", "UTF-8");
    assert_null(parse_bytes("a: 1\0\nb: 2\n", 11));
    assert_non_null(strstr(buf_text(&mistakes.text), "f.yaml:1:5"));
    assert_null(parse("a: \"x\\0y\"\n"));
    assert_non_null(strstr(buf_text(&mistakes.text), "NUL"));
    assert_non_null(parse("\xef\xbb\xbf" "a: 1\n")); /* a byte-order mark of UTF-8 is fine */
    assert_non_null(parse("a: \xc3\xa9\n"));
}

static void a_megabyte_of_garbage_is_refused_at_once(void **state)
{
    (void)state;
    const size_t n = 1 << 20;
    char *garbage = mem_new(n);
    uint32_t x = 1;
    for (size_t i = 0; i < n; i++)
        garbage[i] = (char)((x = x * 1664525 + 1013904223) >> 24);
    assert_null(parse_bytes(garbage, n));
    assert_non_null(strstr(buf_text(&mistakes.text), "larger than"));
    assert_null(parse_bytes(garbage, YAML_SIZE_MOST));
    assert_int_equal(mistakes.count, 1);
    memset(garbage, '[', YAML_SIZE_MOST);
    assert_null(parse_bytes(garbage, YAML_SIZE_MOST));
    memset(garbage, 'a', n);
    scratch_put_bytes("big.yaml", garbage, n);
    char *path = scratch_path("big.yaml");
    mistake_free(&mistakes);
    assert_null(yaml_read(store, path, NULL, &mistakes));
    assert_non_null(strstr(buf_text(&mistakes.text), "larger than"));
    free(path);
    free(garbage);
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    struct buf text = {0};
    buf_str(&text, "a: ");
    for (int i = 0; i < 200; i++)
        buf_str(&text, "{b: ");
    refused(buf_text(&text), "f.yaml:1:", "nested deeper");
    buf_free(&text);
}

static void an_anchor_stands_for_a_copy_of_its_value(void **state)
{
    (void)state;
    struct yaml_node *map = parse("a: &x {k: v}\nb: *x\n");
    assert_string_equal(yaml_get(yaml_get(map, "b"), "k")->text, "v");
    assert_ptr_not_equal(yaml_get(map, "a"), yaml_get(map, "b"));
    refused("a: *nowhere\n", "f.yaml:1:4", "&nowhere");
    refused("a: &x [1, *x]\n", "f.yaml:1:11", "&x"); /* an anchor is none inside itself */
}

static void aliases_of_aliases_cost_no_more_than_the_bound(void **state)
{
    (void)state;
    struct buf text = {0};
    buf_str(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
        buf_printf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            buf_printf(&text, "%s*a%d", k ? ", " : "", i - 1);
        buf_str(&text, "]\n");
    }
    refused(buf_text(&text), "f.yaml:", "more than 20000 values");
    buf_free(&text);
}

static void control_characters_of_a_file_do_not_reach_the_terminal(void **state)
{
    (void)state;
    refused("a: 1\n\"a\\e[31m\": 2\n\"a\\e[31m\": 3\n", "f.yaml:3:1", "given twice");
    assert_null(strchr(buf_text(&mistakes.text), '\033'));
}

static void mistakes_of_one_file_are_told_up_to_twenty(void **state)
{
    (void)state;
    struct mistakes m = {0}, all = {0};
    for (int i = 0; i < 30; i++)
        mistake_add(&m, (struct place){"g.yaml", (unsigned)i + 1, 1}, "wrong %d", i);
    mistake_add(&m, (struct place){"g.yaml", 1, 1}, "wrong 0"); /* the same again counts once */
    assert_int_equal(m.count, 30);
    assert_non_null(strstr(buf_text(&m.text), "g.yaml:20:1: wrong 19\n"));
    assert_null(strstr(buf_text(&m.text), "wrong 20"));
    mistake_add_all(&all, &m);
    assert_int_equal(all.count, 30);
    assert_non_null(strstr(buf_text(&all.text), "and 10 more"));
    mistake_free(&m);
    mistake_free(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_node_knows_its_line_and_column),
        cmocka_unit_test(quoted_null_is_text),
        cmocka_unit_test(what_is_no_map_of_keys_is_refused_with_its_place),
        cmocka_unit_test(bytes_that_are_no_text_are_refused),
        cmocka_unit_test(a_megabyte_of_garbage_is_refused_at_once),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(an_anchor_stands_for_a_copy_of_its_value),
        cmocka_unit_test(aliases_of_aliases_cost_no_more_than_the_bound),
        cmocka_unit_test(control_characters_of_a_file_do_not_reach_the_terminal),
        cmocka_unit_test(mistakes_of_one_file_are_told_up_to_twenty),
    };
    int r = cmocka_run_group_tests(tests, scratch_open, scratch_close);
    store_free(store);
    mistake_free(&mistakes);
    return r;
}
