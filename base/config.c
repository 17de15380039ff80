#include "base/config.h"

#include <stdarg.h>
#include <stdio.h>

#include <ini.h>

#include "base/utf8.h"

static const struct section_kind {
	const char *kind;
	bool named; /* [feed x]; else it stands once, without a name */
} kinds[] = { { "state", false }, { "publish", false }, { "notify", false },
	{ "network", false }, { "feed", true }, { "follow", true },
	{ "merge", true } };

struct config {
	struct words files;
	struct config_section *sections;
	size_t count;
};

/*
 * inih reads through a reader of ours, which hands it one significant line
 * at a time.  What it would do silently is so kept from it: it cuts lines to
 * the room that it offers, glues an indented line to the value before, cuts
 * section names to 49 bytes, ignores what follows a heading and lines that
 * it does not understand, and says nothing of a section without keys.  The
 * last is why a heading is followed by the line "=": an empty key.
 */
struct parser {
	struct config *config;
	const char *file;
	const char *next; /* what is not read yet */
	size_t left;
	const char *text; /* the line at hand, without blanks around it */
	size_t len;
	int line;
	bool heading;  /* the line at hand is one */
	bool mark;     /* the "=" of a heading comes next */
	bool answered; /* inih understood the line at hand */
	bool failed;
	struct fault *f;
};

static int refuse(struct parser *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int
at_line(const struct parser *p)
{
	p->f->kind = FAULT_CONFIG;
	return fault_within(p->f, "%s:%d", p->file, p->line);
}

static int
refuse(struct parser *p, const char *fmt, ...)
{
	char text[FAULT_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)fault_set(p->f, FAULT_CONFIG, "%s", text);
	return at_line(p);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Move to the next line, without its end and the blanks around it. */
static bool
next_line(struct parser *p)
{
	const char *end = memchr(p->next, '\n', p->left);
	size_t n = end != NULL ? (size_t)(end - p->next) : p->left;

	if (p->left == 0)
		return false;
	p->text = p->next;
	p->len = n;
	p->next += n + (end != NULL);
	p->left -= n + (end != NULL);
	p->line++;
	while (p->len > 0 && is_blank(p->text[p->len - 1]))
		p->len--;
	while (p->len > 0 && is_blank(*p->text)) {
		p->text++;
		p->len--;
	}
	return true;
}

static int
check_characters(struct parser *p)
{
	size_t i, len;
	uint32_t c;

	for (i = 0; i < p->len; i += len) {
		len = utf8_next(p->text + i, p->len - i, &c);
		if (len == 0)
			return refuse(p, "the line is not UTF-8");
		if (c != '\t' && (c < 0x20 || (c >= 0x7f && c <= 0x9f)))
			return refuse(p, "the line has a control character");
	}
	return 0;
}

/* Nothing but a comment may stand behind the bracket. */
static int
check_heading(struct parser *p)
{
	const char *end = memchr(p->text, ']', p->len);
	size_t rest, i;

	if (end == NULL)
		return refuse(p, "the heading of the section has no ']'");
	rest = p->len - (size_t)(end - p->text) - 1;
	for (i = 1; i <= rest && is_blank(end[i]); i++)
		;
	if (i <= rest && (i == 1 || end[i] != ';'))
		return refuse(p, "the heading of the section ends at the ']'");
	return 0;
}

static int
check_line(struct parser *p, size_t room)
{
	const char *sign;

	if (check_characters(p) == -1)
		return -1;
	if (p->len + 2 > room)
		return refuse(p, "the line is longer than %zu bytes", room - 2);
	if (p->heading)
		return check_heading(p);
	sign = memchr(p->text, '=', p->len);
	if (sign == NULL)
		return refuse(p, "neither a [section] nor a key = value");
	/* inih takes a colon as well. */
	if (memchr(p->text, ':', (size_t)(sign - p->text)) != NULL)
		return refuse(p, "a key ends at '=', not at ':'");
	return 0;
}

static void
hand_over(char *room, const char *text, size_t n)
{
	memcpy(room, text, n);
	room[n] = '\n';
	room[n + 1] = '\0';
}

/* For inih, like fgets(): the next line that says something. */
static char *
reader(char *room, int size, void *parser)
{
	struct parser *p = parser;

	if (p->failed)
		return NULL;
	if (p->mark) {
		p->mark = false;
		hand_over(room, "=", 1);
		return room;
	}
	if (!p->answered) {
		p->failed = true;
		(void)refuse(p, "the line cannot be understood");
		return NULL;
	}
	do {
		if (!next_line(p))
			return NULL;
	} while (p->len == 0 || *p->text == ';' || *p->text == '#');
	p->heading = p->mark = *p->text == '[';
	p->answered = false;
	if (check_line(p, (size_t)size) == -1) {
		p->failed = true;
		return NULL;
	}
	hand_over(room, p->text, p->len);
	return room;
}

static const struct section_kind *
find_kind(const char *kind)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return &kinds[i];
	return NULL;
}

/* Takes the name; the kind is that of the table. */
static int
add_section(struct parser *p, const char *kind, char *name)
{
	const struct config_section *twin = config_find(p->config, kind, name);
	OWNED_MEM char *owned = name;
	struct config_section *all;

	if (twin != NULL)
		return refuse(p, "section [%s%s%s] stands in %s:%d already",
		    kind, name != NULL ? " " : "", name != NULL ? name : "",
		    twin->file, twin->line);
	all = reallocarray(p->config->sections, p->config->count + 1,
	    sizeof(*all));
	if (all == NULL)
		return fault_memory(p->f);
	p->config->sections = all;
	all[p->config->count++] = (struct config_section){ .kind = kind,
		.name = own_give(&owned),
		.file = p->file,
		.line = p->line };
	return 0;
}

static int
take_heading(struct parser *p, const char *section)
{
	const char *end = memchr(p->text, ']', p->len);
	size_t n = strlen(section);
	OWNED_WORDS struct words w = WORDS_INIT;
	const struct section_kind *kind;
	char *name = NULL;

	if (n != (size_t)(end - p->text) - 1 ||
	    memcmp(section, p->text + 1, n) != 0)
		return refuse(p,
		    "the name of the section is too long or has "
		    "a comment in it");
	if (words_split(section, &w, p->f) == -1)
		return at_line(p);
	kind = w.count > 0 ? find_kind(w.word[0]) : NULL;
	if (kind == NULL)
		return refuse(p, "unknown section [%s]", section);
	if (w.count != (kind->named ? 2 : 1) ||
	    (kind->named && *w.word[1] == '\0'))
		return refuse(p, "section [%s] %s", section,
		    kind->named ? "needs one name, such as [kind name]" :
				  "has no name");
	if (kind->named && (name = strdup(w.word[1])) == NULL)
		return fault_memory(p->f);
	return add_section(p, kind->kind, name);
}

/* A "#" outside of quotes behind a blank, or at the start. */
static bool
has_stray_hash(const char *value)
{
	bool quoted = false;
	const char *c;

	for (c = value; *c != '\0'; c++) {
		if (*c == '"')
			quoted = !quoted;
		else if (quoted && *c == '\\' && c[1] != '\0')
			c++;
		else if (*c == '#' && !quoted &&
		    (c == value || is_blank(c[-1])))
			return true;
	}
	return false;
}

static int
take_value(struct parser *p, const char *key, const char *value)
{
	OWNED_MEM char *own_key = NULL;
	OWNED_MEM char *own_value = NULL;
	struct config_section *s;
	struct config_value *all;

	if (*key == '\0')
		return refuse(p, "no key before the '='");
	if (p->config->count == 0 ||
	    p->config->sections[p->config->count - 1].file != p->file)
		return refuse(p, "key '%s' stands before the first section",
		    key);
	if (*value == '\0')
		return refuse(p, "'%s' has no value", key);
	if (has_stray_hash(value))
		return refuse(p,
		    "'#' begins no comment behind a value, "
		    "';' does: put it in double quotes");
	s = &p->config->sections[p->config->count - 1];
	own_key = strdup(key);
	own_value = strdup(value);
	all = reallocarray(s->values, s->value_count + 1, sizeof(*all));
	if (all != NULL)
		s->values = all;
	if (own_key == NULL || own_value == NULL || all == NULL)
		return fault_memory(p->f);
	all[s->value_count++] = (struct config_value){ own_give(&own_key),
		own_give(&own_value), p->line };
	return 0;
}

/* For inih: 0 is a failure. */
static int
handler(void *parser, const char *section, const char *key, const char *value)
{
	struct parser *p = parser;
	int rc;

	/* Some builds tell of headings and of keys without values this way. */
	if (p->failed || key == NULL || value == NULL)
		return 1;
	if (p->heading)
		rc = take_heading(p, section);
	else
		rc = take_value(p, key, value);
	p->answered = true;
	p->failed = rc == -1;
	return !p->failed;
}

int
config_add(struct config **c, const char *name, const char *text, size_t n,
    struct fault *f)
{
	struct parser p = { .next = text, .left = n, .answered = true, .f = f };

	if (*c == NULL && (*c = calloc(1, sizeof(**c))) == NULL)
		return fault_memory(f);
	p.config = *c;
	if (words_add(&p.config->files, name, f) == -1)
		return -1;
	p.file = p.config->files.word[p.config->files.count - 1];
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		p.next += 3;
		p.left -= 3;
	}
	if (ini_parse_stream(reader, &p, handler, &p) == -2)
		return fault_memory(f);
	return p.failed ? -1 : 0;
}

static void
clear_section(struct config_section *s)
{
	size_t i;

	for (i = 0; i < s->value_count; i++) {
		free(s->values[i].key);
		free(s->values[i].value);
	}
	free(s->values);
	free(s->name);
}

void
config_free(struct config *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->count; i++)
		clear_section(&c->sections[i]);
	free(c->sections);
	words_clear(&c->files);
	free(c);
}

void
config_free_p(struct config **c)
{
	config_free(*c);
	*c = NULL;
}

const struct config_section *
config_next(const struct config *c, const struct config_section *after,
    const char *kind)
{
	size_t i = after == NULL ? 0 : (size_t)(after - c->sections) + 1;

	for (; i < c->count; i++)
		if (kind == NULL || strcmp(c->sections[i].kind, kind) == 0)
			return &c->sections[i];
	return NULL;
}

const struct config_section *
config_find(const struct config *c, const char *kind, const char *name)
{
	const struct config_section *s = NULL;

	while ((s = config_next(c, s, kind)) != NULL)
		if (name == NULL ?
			s->name == NULL :
			s->name != NULL && strcmp(s->name, name) == 0)
			return s;
	return NULL;
}
