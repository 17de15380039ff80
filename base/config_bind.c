#include "base/config.h"

#include "base/num.h"

static const struct config_key *
find_key(const struct config_key *keys, const char *key)
{
	for (; keys->key != NULL; keys++)
		if (strcmp(keys->key, key) == 0)
			return keys;
	return NULL;
}

/* The value of a key among the first n of a section, or NULL. */
static const struct config_value *
find_value(const struct config_section *s, const char *key, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(s->values[i].key, key) == 0)
			return &s->values[i];
	return NULL;
}

static int
split(const char *value, struct words *out, struct fault *f)
{
	if (words_split(value, out, f) == 0)
		return 0;
	if (f->kind != FAULT_FORMAT)
		return -1;
	return fault_set(f, FAULT_CONFIG,
	    "a quote is not closed before the "
	    "end of the line or a ';' behind a blank");
}

/* The one word of a line in quotes, or the line as it stands. */
static int
put_text(char **out, const char *value, struct fault *f)
{
	OWNED_WORDS struct words w = WORDS_INIT;
	char *text;

	if (*value != '"') {
		text = strdup(value);
	} else {
		if (split(value, &w, f) == -1)
			return -1;
		if (w.count != 1)
			return fault_set(f, FAULT_CONFIG,
			    "more text behind the quotes");
		text = own_give(&w.word[0]);
	}
	if (text == NULL)
		return fault_memory(f);
	free(*out);
	*out = text;
	return 0;
}

static int
in_range(const struct config_key *k, int64_t n, int64_t most, struct fault *f)
{
	int64_t max = k->max == 0 ? most : k->max;

	if (n >= k->min && n <= max)
		return 0;
	return fault_set(f, FAULT_CONFIG, "%lld is not between %lld and %lld",
	    (long long)n, (long long)k->min, (long long)max);
}

static int
put_number(const struct config_key *k, int64_t *out, const char *value,
    struct fault *f)
{
	int64_t n;

	if (num_parse(value, 0, NUM_MAX, &n, f) == -1 ||
	    in_range(k, n, NUM_MAX, f) == -1)
		return -1;
	*out = n;
	return 0;
}

static int
put_duration(const struct config_key *k, int64_t *out, const char *value,
    struct fault *f)
{
	int64_t seconds;

	if (duration_parse(value, &seconds, f) == -1)
		return -1;
	if (in_range(k, seconds, NUM_MAX, f) == -1)
		return fault_within(f, "'%s' in seconds", value);
	*out = seconds;
	return 0;
}

static int
put_size(const struct config_key *k, int64_t *out, const char *value,
    struct fault *f)
{
	int64_t bytes;

	if (size_parse(value, &bytes, f) == -1)
		return -1;
	if (in_range(k, bytes, NUM_MAX, f) == -1)
		return fault_within(f, "'%s' in bytes", value);
	*out = bytes;
	return 0;
}

static int
put_percent(const struct config_key *k, int64_t *out, const char *value,
    struct fault *f)
{
	size_t n = strlen(value);
	char number[8] = "";
	int64_t percent;

	if (n < 2 || n > sizeof(number) || value[n - 1] != '%')
		return fault_set(f, FAULT_CONFIG,
		    "'%.40s' is not a percentage such as 25%%", value);
	memcpy(number, value, n - 1);
	if (num_parse(number, 0, NUM_MAX, &percent, f) == -1 ||
	    in_range(k, percent, 100, f) == -1)
		return -1;
	*out = percent;
	return 0;
}

static int
put_bool(bool *out, const char *value, struct fault *f)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return fault_set(f, FAULT_CONFIG,
		    "'%.40s' is neither yes nor no", value);
	*out = *value == 'y';
	return 0;
}

static int
put_choice(const struct config_key *k, int *out, const char *value,
    struct fault *f)
{
	OWNED_BUF struct buf known = BUF_INIT(BUF_ANY);
	int i;

	for (i = 0; k->choices[i] != NULL; i++) {
		if (strcmp(k->choices[i], value) == 0) {
			*out = i;
			return 0;
		}
		if (buf_format(&known, f, "%s%s", i > 0 ? ", " : "",
			k->choices[i]) == -1)
			return -1;
	}
	return fault_set(f, FAULT_CONFIG, "'%.40s' is none of %s", value,
	    known.data);
}

static int
put(const struct config_key *k, void *member, const char *value,
    struct fault *f)
{
	switch (k->type) {
	case CONFIG_TEXT:
		return put_text(member, value, f);
	case CONFIG_WORDS:
		return split(value, member, f);
	case CONFIG_LINES:
		return words_add(member, value, f);
	case CONFIG_NUMBER:
		return put_number(k, member, value, f);
	case CONFIG_DURATION:
		return put_duration(k, member, value, f);
	case CONFIG_SIZE:
		return put_size(k, member, value, f);
	case CONFIG_PERCENT:
		return put_percent(k, member, value, f);
	case CONFIG_BOOL:
		return put_bool(member, value, f);
	case CONFIG_CHOICE:
		return put_choice(k, member, value, f);
	}
	return fault_set(f, FAULT_BUG, "type %d of a key", (int)k->type);
}

static bool
may_repeat(const struct config_key *k)
{
	return (k->type == CONFIG_WORDS || k->type == CONFIG_LINES) && !k->once;
}

static int
bind_value(const struct config_section *s, size_t i,
    const struct config_key *keys, void *settings, struct fault *f)
{
	const struct config_value *v = &s->values[i];
	const struct config_key *k = find_key(keys, v->key);
	const struct config_value *twin = find_value(s, v->key, i);

	if (k == NULL)
		return fault_set(f, FAULT_CONFIG,
		    "unknown key '%s' in section [%s]", v->key, s->kind);
	if (twin != NULL && !may_repeat(k))
		return fault_set(f, FAULT_CONFIG,
		    "'%s' stands in line %d already", v->key, twin->line);
	if (put(k, (char *)settings + k->offset, v->value, f) == -1)
		return fault_within(f, "'%s'", v->key);
	return 0;
}

static int
at_line(const struct config_section *s, int line, struct fault *f)
{
	if (f->kind != FAULT_MEMORY && f->kind != FAULT_BUG)
		f->kind = FAULT_CONFIG;
	return fault_within(f, "%s:%d", s->file, line);
}

int
config_bind(const struct config_section *s, const struct config_key *keys,
    void *settings, struct fault *f)
{
	const struct config_key *k;
	size_t i;

	for (i = 0; i < s->value_count; i++)
		if (bind_value(s, i, keys, settings, f) == -1)
			return at_line(s, s->values[i].line, f);
	for (k = keys; k->key != NULL; k++) {
		if (!k->required ||
		    find_value(s, k->key, s->value_count) != NULL)
			continue;
		(void)fault_set(f, FAULT_CONFIG, "section [%s%s%s] has no '%s'",
		    s->kind, s->name != NULL ? " " : "",
		    s->name != NULL ? s->name : "", k->key);
		return at_line(s, s->line, f);
	}
	return 0;
}

int
config_bind_some(const struct config_section *s, const struct config_key *keys,
    void *settings, struct fault *f)
{
	OWNED_MEM struct config_value *values =
	    calloc(s->value_count + 1, sizeof(*values));
	struct config_section ours = *s;
	size_t i;

	if (values == NULL)
		return fault_memory(f);
	ours.values = values;
	ours.value_count = 0;
	for (i = 0; i < s->value_count; i++)
		if (find_key(keys, s->values[i].key) != NULL)
			values[ours.value_count++] = s->values[i];
	return config_bind(&ours, keys, settings, f);
}

void
config_clear(const struct config_key *keys, void *settings)
{
	for (; keys->key != NULL; keys++) {
		void *member = (char *)settings + keys->offset;

		if (keys->type == CONFIG_TEXT) {
			free(*(char **)member);
			*(char **)member = NULL;
		} else if (keys->type == CONFIG_WORDS ||
		    keys->type == CONFIG_LINES) {
			words_clear(member);
		}
	}
}

int
config_refuse(const struct config_section *s, const char *key, struct fault *f)
{
	const struct config_value *v =
	    key == NULL ? NULL : find_value(s, key, s->value_count);

	return at_line(s, v != NULL ? v->line : s->line, f);
}
