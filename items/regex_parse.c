#include "items/regex_work.h"

#include <string.h>

/* ---- the tree ---- */

static void
append(struct parse *p, uint32_t parent, uint32_t *last, uint32_t child)
{
	if (*last == REGEX_NONE)
		regex_node_of(p, parent)->first = child;
	else
		regex_node_of(p, *last)->next = child;
	*last = child;
}

/* ---- (...) ---- */

static bool choice(struct parse *p, uint32_t *out);

/* The name of (?P<name>...), which is read like any group. */
static bool
group_name(struct parse *p)
{
	char c = regex_peek(p, 0);

	if (!regex_is_letter((unsigned char)c) && c != '_')
		return regex_deny(p, "a strange group name");
	while (regex_is_letter((unsigned char)c) || regex_is_digit(c) ||
	    c == '_') {
		p->at++;
		c = regex_peek(p, 0);
	}
	return regex_take(p, ">") || regex_deny(p, "a strange group name");
}

static bool
group_kind(struct parse *p, bool *look, bool *behind, bool *counts)
{
	*behind = regex_take(p, "?<=") || regex_take(p, "?<!");
	*look = *behind || regex_take(p, "?=") || regex_take(p, "?!");
	*counts = false;
	if (*look || regex_take(p, "?:"))
		return true;
	*counts = true;
	if (regex_take(p, "?P<"))
		return group_name(p);
	if (regex_peek(p, 0) == '*')
		return regex_deny(p, "a '(*'");
	return regex_peek(p, 0) != '?' ||
	    regex_deny_named(p, "the group", p->at - 1, 3);
}

static bool same_width(const struct regex *r, uint32_t i, int64_t *width);

static bool
group(struct parse *p, uint32_t *out)
{
	bool look, behind, counts;
	int64_t width;
	uint32_t inner;

	if (!group_kind(p, &look, &behind, &counts))
		return false;
	if (p->depth >= PATTERN_DEPTH_MAX)
		return regex_deny(p, "groups nested too deep");
	p->depth++;
	if (!choice(p, &inner))
		return false;
	p->depth--;
	if (!regex_take(p, ")"))
		return regex_deny(p, "a '(' that is not closed");
	p->groups += counts;
	if (behind && !same_width(p->r, inner, &width))
		return regex_deny(p, "a look-behind of varying width");
	*out = inner;
	if (look) {
		*out = regex_new_node(p, REGEX_LOOK);
		regex_node_of(p, *out)->first = inner;
	}
	return true;
}

/* Of a look-behind: Python wants one width, PCRE one for each branch. */
static bool
same_width(const struct regex *r, uint32_t i, int64_t *width)
{
	const struct regex_node *node = &r->node[i];
	int64_t one, all = 0;
	uint32_t k;

	*width = node->kind == REGEX_SET;
	if (node->kind == REGEX_BACK)
		return false;
	if (node->kind == REGEX_LOOK)
		return true;
	for (k = node->first; k != REGEX_NONE; k = r->node[k].next) {
		if (!same_width(r, k, &one) ||
		    (node->kind == REGEX_ANY_OF && k != node->first &&
			one != all))
			return false;
		all = node->kind == REGEX_ANY_OF ? one : all + one;
	}
	if (node->kind == REGEX_REPEAT) {
		all *= node->min;
		if (node->min != node->max)
			return false;
	}
	*width += all;
	return true;
}

/* ---- repeats ---- */

static bool
read_count(struct parse *p, uint32_t *n)
{
	size_t digits = 0;

	*n = 0;
	while (regex_is_digit(regex_peek(p, digits)) && digits < 5)
		*n = *n * 10 + (uint32_t)(regex_peek(p, digits++) - '0');
	p->at += digits;
	return digits > 0;
}

/* {n}, {n,}, {n,m}; any other brace is itself. */
static bool
braces(struct parse *p, uint32_t *min, uint32_t *max, bool *found)
{
	size_t start = p->at;
	bool low, high, comma;

	p->at++;
	low = read_count(p, min);
	comma = regex_take(p, ",");
	*max = comma ? REGEX_UNBOUNDED : *min;
	high = comma && read_count(p, max);
	if (comma && !high)
		*max = REGEX_UNBOUNDED;
	*found = (low || comma) && regex_take(p, "}");
	if (*found && !low)
		return regex_deny(p, "'{,n}'");
	if (*found && *min > *max)
		return regex_deny(p, "a repeat that is the wrong way round");
	if (!*found)
		p->at = start;
	return true;
}

static bool
quantifier(struct parse *p, uint32_t *min, uint32_t *max, bool *found)
{
	char c = regex_peek(p, 0);

	*found = c != '\0' && strchr("*+?", c) != NULL;
	*min = c == '+';
	*max = c == '?' ? 1 : REGEX_UNBOUNDED;
	if (*found)
		p->at++;
	else if (c == '{' && !braces(p, min, max, found))
		return false;
	if (*found && regex_peek(p, 0) == '+')
		return regex_deny(p, "a possessive repeat");
	if (*found)
		(void)regex_take(p, "?"); /* lazy: the same matches */
	return true;
}

static bool
repeats(struct parse *p, uint32_t *item)
{
	uint32_t min, max, repeat;
	enum regex_kind kind = regex_node_of(p, *item)->kind;
	bool found;

	if (!quantifier(p, &min, &max, &found))
		return false;
	if (!found)
		return true;
	if (kind == REGEX_ASSERT || kind == REGEX_LOOK)
		return regex_deny(p, "a repeat of what has no width");
	repeat = regex_new_node(p, REGEX_REPEAT);
	regex_node_of(p, repeat)->first = *item;
	regex_node_of(p, repeat)->min = min;
	regex_node_of(p, repeat)->max = max;
	*item = repeat;
	if (!quantifier(p, &min, &max, &found))
		return false;
	return !found || regex_deny(p, "a repeat of a repeat");
}

/* ---- items, branches, choices ---- */

static bool
item(struct parse *p, uint32_t *out)
{
	uint32_t c, min, max;
	bool found;

	if (regex_take(p, "("))
		return group(p, out);
	if (regex_take(p, "["))
		return regex_bracket(p, out);
	if (regex_take(p, "\\"))
		return regex_escape(p, out);
	if (regex_take(p, "^") || regex_take(p, "$")) {
		*out = regex_new_node(p, REGEX_ASSERT);
		return true;
	}
	if (!quantifier(p, &min, &max, &found))
		return false;
	if (found)
		return regex_deny(p, "a repeat of nothing");
	if (!regex_take_character(p, &c))
		return false;
	*out = regex_new_node(p, REGEX_SET);
	if (c != '.') {
		regex_set_add(regex_node_of(p, *out), c, c);
		return true;
	}
	regex_set_add(regex_node_of(p, *out), '\n', '\n');
	regex_set_negate(regex_node_of(p, *out));
	return true;
}

static bool
branch(struct parse *p, uint32_t *out)
{
	uint32_t last = REGEX_NONE, one = REGEX_NONE;

	*out = regex_new_node(p, REGEX_ALL);
	while (!regex_at_end(p) && regex_peek(p, 0) != '|' &&
	    regex_peek(p, 0) != ')') {
		if (!item(p, &one) || !repeats(p, &one))
			return false;
		append(p, *out, &last, one);
	}
	return true;
}

static bool
choice(struct parse *p, uint32_t *out)
{
	uint32_t last = REGEX_NONE, one;

	if (!branch(p, out))
		return false;
	if (regex_peek(p, 0) != '|')
		return true;
	one = *out;
	*out = regex_new_node(p, REGEX_ANY_OF);
	append(p, *out, &last, one);
	while (regex_take(p, "|")) {
		if (!branch(p, &one))
			return false;
		append(p, *out, &last, one);
	}
	return true;
}

void
regex_clear(struct regex *r)
{
	free(r->node);
	*r = (struct regex)REGEX_INIT;
}

int
regex_parse(const char *text, size_t n, struct regex *r,
    char denied[REGEX_DENIED], struct fault *f)
{
	struct parse p = { .text = text, .n = n, .r = r, .denied = denied };
	uint32_t last = REGEX_NONE, root, all;

	denied[0] = '\0';
	regex_clear(r);
	/* A byte makes two nodes at most: '|', or a character, repeated. */
	r->node = calloc(2 * n + 4, sizeof(*r->node));
	if (r->node == NULL)
		return fault_memory(f);
	root = regex_new_node(&p, REGEX_ALL);
	/* Flags: case is ignored anyway; all others change meanings. */
	(void)regex_take(&p, "(?i)");
	if (choice(&p, &all)) {
		append(&p, root, &last, all);
		if (!regex_at_end(&p))
			(void)regex_deny(&p, "a ')' without its '('");
	}
	return 0;
}
