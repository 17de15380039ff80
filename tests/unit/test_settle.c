/* Is there anything to do without news? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fetch/settle.h"

#define FOLLOW \
	"[state]\ndir = /x\n[follow a]\nmirror = https://a.example/\n" \
	"signer = 0123456789ABCDEF0123456789ABCDEF01234567\n"

static void
take(const char *lines, struct settings *s)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	struct config *config = NULL;
	struct fault f = { 0 };

	if (buf_format(&b, &f, FOLLOW "%s", lines) == -1 ||
	    config_add(&config, "x", b.data, b.len, &f) == -1 ||
	    settings_take(config, s, &f) == -1)
		fail_msg("%s", f.text);
}

static void
what_is_settled_under_the_same_rules_is_not_due(void **state)
{
	OWNED(settings_clear) struct settings s = { .state = NULL };
	struct book_feed feed = { .stored = 5, .settled = 5 };

	(void)state;
	take("wiki = files:/w\nnot = A\n", &s);
	settings_digest(&s.follows[0], &feed.settings);
	assert_false(settle_due(&s.follows[0], &feed));
	feed.pending = true;
	assert_true(settle_due(&s.follows[0], &feed));
	feed.pending = false;
	feed.stored = 6;
	assert_true(settle_due(&s.follows[0], &feed));
}

static void
other_rules_are_due(void **state)
{
	static const char *const others[] = { "wiki = files:/w\n",
		"wiki = files:/v\nnot = A\n", "wiki = files:/w\npages = A\n",
		"wiki = files:/w\nnot = A\nnot = B\n",
		"wiki = files:/w\nnot = A\ngrant = B\n",
		"wiki = files:/w\nnot = A\nlanguages = en\n",
		"wiki = files:/w\nnot = A\nacl = accept\n",
		"wiki = moin:/w\nunderlay = /u\nnot = A\n" };
	OWNED(settings_clear) struct settings s = { .state = NULL };
	struct book_feed feed = { .stored = 5, .settled = 5 };
	size_t i;

	(void)state;
	take("wiki = files:/w\nnot = A\n", &s);
	settings_digest(&s.follows[0], &feed.settings);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		settings_clear(&s);
		take(others[i], &s);
		assert_true(settle_due(&s.follows[0], &feed));
	}
	/* These say nothing of the wiki's items. */
	settings_clear(&s);
	take("wiki = files:/w\nnot = A\nmax-drop = 1%\nserve = /s\n", &s);
	assert_false(settle_due(&s.follows[0], &feed));
}

static void
nothing_is_due_without_a_wiki_or_a_state(void **state)
{
	OWNED(settings_clear) struct settings s = { .state = NULL };
	struct book_feed feed = { .stored = 5, .pending = true };

	(void)state;
	take("serve = /s\n", &s);
	assert_false(settle_due(&s.follows[0], &feed));
	settings_clear(&s);
	take("wiki = files:/w\n", &s);
	assert_true(settle_due(&s.follows[0], &feed));
	feed.stored = 0;
	assert_false(settle_due(&s.follows[0], &feed));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_settled_under_the_same_rules_is_not_due),
		cmocka_unit_test(other_rules_are_due),
		cmocka_unit_test(nothing_is_due_without_a_wiki_or_a_state),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
