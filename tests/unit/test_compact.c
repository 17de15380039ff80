#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "items/compact.h"

#define NOTE \
	"## merged by wikicast; the originals follow as comments, add lines " \
	"of your own anywhere\n"
#define THESE "## these were merged:\n"

static void
check(const char *list, const char *wanted)
{
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };

	assert_int_equal(compact_list(list, strlen(list), &out, &f), 0);
	assert_string_equal(out.data, wanted);
}

static void
plain_patterns_become_tries_and_others_stay(void **state)
{
	(void)state;
	check("#acl All:read\n\nspam\\.com\nSpam\\.net # bad\nsex\\.biz\n"
	      "# a comment\ncasino\\w+\\.com\n",
	    "#acl All:read\n\n" NOTE
	    "s(?:ex\\.biz|pam\\.(?:com|net))\ncasino\\w+\\.com\n" THESE
	    "# spam\\.com\n# Spam\\.net # bad\n# sex\\.biz\n# a comment\n");
}

static void
alternatives_and_dots_are_multiplied_out(void **state)
{
	(void)state;
	check("b(uy|et)s?x\na.c\n",
	    NOTE "a.c\nb(?:et(?:sx|x)|uy(?:sx|x))\n" THESE
		 "# b(uy|et)s?x\n# a.c\n");
	check("a.c\na\\.c\nabc\n",
	    NOTE "a(?:.c|\\.c|bc)\n" THESE "# a.c\n# a\\.c\n# abc\n");
}

static void
what_begins_with_another_text_is_not_needed(void **state)
{
	(void)state;
	check("spammer\nspam\nspammers\nspan\n",
	    NOTE "spa(?:m|n)\n" THESE
		 "# spammer\n# spam\n# spammers\n# span\n");
}

/* Blanks at the end and " # " would be cut off by the reader. */
static void
what_a_line_cannot_show_is_escaped(void **state)
{
	(void)state;
	check("ab\\x20\nc\\x23\nd \\# e\n",
	    NOTE "ab\\x20\nc\\#\nd\\x20\\#\\x20e\n" THESE
		 "# ab\\x20\n# c\\x23\n# d \\# e\n");
}

static void
lists_without_two_to_merge_stay_as_they_are(void **state)
{
	(void)state;
	check("", "");
	check("spam", "spam");
	check("#x\n\\bspam\\b\n(a+)+\n[a-z]+x\n(",
	    "#x\n\\bspam\\b\n(a+)+\n"
	    "[a-z]+x\n(");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_patterns_become_tries_and_others_stay),
		cmocka_unit_test(alternatives_and_dots_are_multiplied_out),
		cmocka_unit_test(what_begins_with_another_text_is_not_needed),
		cmocka_unit_test(what_a_line_cannot_show_is_escaped),
		cmocka_unit_test(lists_without_two_to_merge_stay_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
