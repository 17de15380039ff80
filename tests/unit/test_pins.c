#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "verify/pins.h"

#define ID "id = urn:uuid:0b4f3a52-7d7e-4d5c-9e4f-4f2f6d1c2a10\n"
#define ALICE "0123456789ABCDEF0123456789ABCDEF01234567"
#define BOB "76543210FEDCBA9876543210FEDCBA9876543210"

static int
take(const char *text, struct pins *pins, struct fault *f)
{
	struct config *c = NULL;

	if (config_add(&c, "w.conf", text, strlen(text), f) == -1) {
		config_free(c);
		return -1;
	}
	return pins_take(c, pins, f);
}

static void
pins_of(const char *text, struct pins *pins)
{
	struct fault f = { 0 };

	if (take(text, pins, &f) == -1)
		fail_msg("%s", f.text);
}

static void
is_refused(const char *text, const char *words)
{
	OWNED_PINS struct pins pins = PINS_INIT;
	struct fault f = { 0 };

	assert_int_equal(take(text, &pins, &f), -1);
	assert_int_equal(f.kind, FAULT_CONFIG);
	if (strstr(f.text, words) == NULL)
		fail_msg("not '%s' but '%s'", words, f.text);
}

static void
a_follow_with_an_id_is_a_pin(void **state)
{
	OWNED_PINS struct pins pins = PINS_INIT;
	const struct pin *pin;

	(void)state;
	pins_of("[state]\ndir = /x\n[follow a]\n" ID "signer = " ALICE
		"\nsigner = 7654 3210 fedc ba98 7654 3210 fedc ba98 7654 3210\n"
		"threshold = 2\ncertificate = /c\nunderlay = /u\n",
	    &pins);
	assert_int_equal(pins.count, 1);
	pin = pins_find(&pins,
	    "urn:uuid:0b4f3a52-7d7e-4d5c-9e4f-"
	    "4f2f6d1c2a10");
	assert_non_null(pin);
	assert_string_equal(pin->name, "a");
	assert_int_equal(pin->signers.count, 2);
	assert_int_equal(pin->signers.threshold, 2);
	assert_string_equal(pin->signers.list[0].primary, ALICE);
	assert_string_equal(pin->signers.list[1].primary, BOB);
	assert_string_equal(pin->certificate, "/c");
	assert_string_equal(pin->underlay, "/u");
	assert_null(pins_find(&pins,
	    "urn:uuid:0b4f3a52-7d7e-4d5c-9e4f-"
	    "000000000000"));
}

static void
a_follow_without_an_id_is_none(void **state)
{
	OWNED_PINS struct pins pins = PINS_INIT;

	(void)state;
	pins_of("[follow a]\nsigner = " ALICE "\n[follow b]\n" ID
		"signer = " BOB "\n",
	    &pins);
	assert_int_equal(pins.count, 1);
	assert_string_equal(pins.list[0].name, "b");
}

static void
what_fetch_reads_is_left_to_fetch(void **state)
{
	OWNED_PINS struct pins pins = PINS_INIT;

	(void)state;
	pins_of("[follow a]\n" ID "signer = " ALICE "\nmirror = x\nacl = ?\n"
		"on-local-edit = perhaps\nquorum = many\n",
	    &pins);
	assert_int_equal(pins.count, 1);
}

static void
what_is_ours_must_be_right(void **state)
{
	(void)state;
	is_refused("[follow a]\n" ID "signer = 123\n", "w.conf:3: ");
	is_refused("[follow a]\n" ID, "signer");
	is_refused("[follow a]\nid = x\nsigner = " ALICE "\n",
	    "w.conf:2: 'x' is not a feed id");
	is_refused("[follow a]\n" ID "signer = " ALICE "\nsigner = " BOB "\n",
	    "how many must sign");
	is_refused("[follow a]\n" ID "signer = " ALICE "\nthreshold = 2\n",
	    "more signatures wanted");
	is_refused("[follow a]\n" ID "signer = " ALICE "\nthreshold = 17\n",
	    "threshold");
}

static void
the_rules_are_those_of_the_section(void **state)
{
	OWNED_PINS struct pins pins = PINS_INIT;
	char page[] = "SandBox", other[] = "Help", lang[] = "de";
	struct item item = { .kind = ITEM_PAGE, .name = page };
	const struct select_rules *rules;

	(void)state;
	pins_of("[follow a]\n" ID "signer = " ALICE "\nnot = Sand*\n"
		"languages = en\ngrant = Help\n",
	    &pins);
	rules = &pins.list[0].select;
	assert_int_equal(select_item(rules, &item, false), SELECT_NOT_CHOSEN);
	item.name = other;
	assert_int_equal(select_item(rules, &item, true), SELECT_WANTED);
	item.lang = lang;
	assert_int_equal(select_item(rules, &item, true), SELECT_LANGUAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_follow_with_an_id_is_a_pin),
		cmocka_unit_test(a_follow_without_an_id_is_none),
		cmocka_unit_test(what_fetch_reads_is_left_to_fetch),
		cmocka_unit_test(what_is_ours_must_be_right),
		cmocka_unit_test(the_rules_are_those_of_the_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
