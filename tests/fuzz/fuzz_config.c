/* A configuration: whatever is accepted must also be bindable or refused. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"

struct settings {
	char *text;
	struct words words, lines;
	int64_t number, duration, size, percent;
	bool flag;
	int choice;
};

static const char *const choices[] = { "merge", "keep", NULL };

#define AT(member) offsetof(struct settings, member)
static const struct config_key keys[] = {
	{ "text", CONFIG_TEXT, AT(text) },
	{ "words", CONFIG_WORDS, AT(words) },
	{ "lines", CONFIG_LINES, AT(lines) },
	{ "number", CONFIG_NUMBER, AT(number), .min = 1, .max = 16 },
	{ "duration", CONFIG_DURATION, AT(duration) },
	{ "size", CONFIG_SIZE, AT(size) },
	{ "percent", CONFIG_PERCENT, AT(percent) },
	{ "flag", CONFIG_BOOL, AT(flag) },
	{ "choice", CONFIG_CHOICE, AT(choice), .choices = choices },
	{ 0 },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
bind(const struct config_section *s)
{
	struct settings settings = { .number = 1 };
	struct fault f = { 0 };
	size_t i;

	for (i = 0; i < s->value_count; i++)
		assert(
		    *s->values[i].key != '\0' && *s->values[i].value != '\0');
	if (config_bind(s, keys, &settings, &f) == -1)
		assert(f.kind == FAULT_CONFIG || f.kind == FAULT_MEMORY);
	assert(settings.number >= 1 && settings.number <= 16);
	assert(settings.percent >= 0 && settings.percent <= 100);
	assert(settings.duration >= 0);
	assert(settings.size >= 0);
	assert(settings.choice == 0 || settings.choice == 1);
	config_clear(keys, &settings);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED(config_free_p) struct config *c = NULL;
	const struct config_section *s = NULL;
	struct fault f = { 0 };

	if (config_add(&c, "x", (const char *)data, size, &f) == -1) {
		assert(f.kind == FAULT_CONFIG || f.kind == FAULT_MEMORY ||
		    f.kind == FAULT_LIMIT);
		return 0;
	}
	while ((s = config_next(c, s, NULL)) != NULL) {
		assert(config_find(c, s->kind, s->name) == s);
		bind(s);
	}
	return 0;
}
