#include "verify/pins.h"

#include <string.h>

#include "feeds/feed.h"

#define IN(member) offsetof(struct pin, member)
static const struct config_key keys[] = {
	{ .key = "id", .type = CONFIG_TEXT, .offset = IN(id) },
	{ .key = "signer",
	    .type = CONFIG_LINES,
	    .offset = IN(lines),
	    .required = true },
	{ .key = "threshold",
	    .type = CONFIG_NUMBER,
	    .offset = IN(threshold),
	    .min = 1,
	    .max = SIGNERS_MAX },
	{ .key = "certificate",
	    .type = CONFIG_TEXT,
	    .offset = IN(certificate) },
	{ .key = "underlay", .type = CONFIG_TEXT, .offset = IN(underlay) },
	{ .key = "pages", .type = CONFIG_WORDS, .offset = IN(select.pages) },
	{ .key = "not", .type = CONFIG_WORDS, .offset = IN(select.not_pages) },
	{ .key = "grant", .type = CONFIG_WORDS, .offset = IN(select.grants) },
	{ .key = "prefix", .type = CONFIG_TEXT, .offset = IN(select.prefix) },
	{ .key = "languages",
	    .type = CONFIG_WORDS,
	    .offset = IN(select.languages) },
	{ .key = NULL },
};
#undef IN

void
pins_clear(struct pins *pins)
{
	size_t i;

	for (i = 0; i < pins->count; i++)
		config_clear(keys, &pins->list[i]);
	free(pins->list);
	config_free(pins->config);
	*pins = (struct pins)PINS_INIT;
}

static int
add_pin(struct pins *pins, const struct config_section *s, struct fault *f)
{
	struct pin *list =
	    reallocarray(pins->list, pins->count + 1, sizeof(*list));
	struct pin *pin;

	if (list == NULL)
		return fault_memory(f);
	pins->list = list;
	pin = &list[pins->count++];
	*pin = (struct pin){ .name = s->name };
	if (config_bind_some(s, keys, pin, f) == -1)
		return -1;
	if (pin->id != NULL && !feed_id_valid(pin->id)) {
		(void)fault_set(f, FAULT_CONFIG,
		    "'%s' is not a feed id (urn:uuid:...)", pin->id);
		return config_refuse(s, "id", f);
	}
	if (signature_signers(&pin->lines, pin->threshold, &pin->signers, f) ==
	    -1)
		return config_refuse(s, "signer", f);
	if (pin->id != NULL)
		return 0;
	config_clear(keys, pin); /* nothing tells which feed it is of */
	pins->count--;
	return 0;
}

int
pins_take(struct config *config, struct pins *pins, struct fault *f)
{
	const struct config_section *s;

	*pins = (struct pins){ .config = config };
	for (s = NULL; (s = config_next(config, s, "follow")) != NULL;)
		if (add_pin(pins, s, f) == -1)
			return -1;
	return 0;
}

int
pins_load(const char *file, struct pins *pins, struct fault *f)
{
	OWNED(config_free_p) struct config *config = NULL;
	OWNED_MEM char *place = NULL;

	if (file != NULL || getenv("WIKICAST_CONFIG") != NULL) {
		if (config_load(file, &config, f) == -1)
			return -1;
	} else if (config_load_to_add(NULL, "verify", &config, &place, f) == -1)
		return -1;
	if (config == NULL)
		return 0;
	return pins_take(own_give(&config), pins, f);
}

const struct pin *
pins_find(const struct pins *pins, const char *id)
{
	size_t i;

	for (i = 0; i < pins->count; i++)
		if (strcmp(pins->list[i].id, id) == 0)
			return &pins->list[i];
	return NULL;
}
