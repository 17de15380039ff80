#include "feeds/network.h"

#include <string.h>

#include "base/num.h"
#include "feeds/xml.h"

enum { NETWORK = 1, MIRROR, PEER, RULES };

static const struct xml_rule rules[RULES] = {
	[NETWORK] = { .name = "network", .attributes = { { "feed" } } },
	[MIRROR] = { .in = NETWORK,
	    .name = "mirror",
	    .often = XML_ANY,
	    .attributes = { { "url" }, { "priority" } } },
	[PEER] = { .in = NETWORK,
	    .name = "peer",
	    .often = XML_ANY,
	    .attributes = { { "url" }, { "notify", true } } },
};

static const struct xml_grammar grammar = { .rules = rules,
	.count = RULES,
	.space = XML_WIKICAST,
	.max = NETWORK_MAX };

int
network_write(const struct network *n, struct buf *out, struct fault *f)
{
	OWNED_XML_WRITER struct xml_writer *w = NULL;
	size_t i;

	if (!feed_id_valid(n->feed))
		return fault_set(f, FAULT_FORMAT, "'%.45s' is not a feed id",
		    n->feed);
	if (xml_create(out, &w, f) == -1)
		return -1;
	xml_begin(w, "network");
	xml_put(w, "xmlns", XML_WIKICAST);
	xml_put(w, "feed", n->feed);
	for (i = 0; i < n->mirror_count; i++) {
		xml_begin(w, "mirror");
		xml_put(w, "url", n->mirrors[i].url);
		xml_put_number(w, "priority", n->mirrors[i].priority);
		xml_end(w);
	}
	for (i = 0; i < n->peer_count; i++) {
		xml_begin(w, "peer");
		xml_put(w, "url", n->peers[i].url);
		xml_put(w, "notify", n->peers[i].notify);
		xml_end(w);
	}
	xml_end(w);
	return xml_finish(&w, f);
}

static int
take_element(const struct xml_reader *x, size_t rule, struct network *n,
    struct fault *f)
{
	const char *url, *notify;
	int64_t priority;

	switch (rule) {
	case NETWORK:
		return feed_id_parse(xml_value(x, "feed"), n->feed, f);
	case MIRROR:
		url = xml_value(x, "url");
		if (xml_number(x, "priority", 0, NUM_MAX, &priority, f) == -1)
			return -1;
		if (n->mirror_count >= MIRRORS_MAX || !network_is_folder(url))
			return 0;
		return network_add_mirror(n, url, priority, f);
	case PEER:
		url = xml_value(x, "url");
		notify = xml_value(x, "notify");
		if (!network_is_folder(url))
			return 0;
		if (notify != NULL && !network_url_valid(notify))
			notify = NULL;
		return network_add_peer(n, url, notify, f);
	default:
		return 0;
	}
}

int
network_read(const char *bytes, size_t len, struct network *n, struct fault *f)
{
	OWNED_XML struct xml_reader *x = NULL;
	OWNED_NETWORK struct network read = { 0 };
	size_t rule;

	if (xml_open(&grammar, bytes, len, &x, f) == -1)
		return -1;
	do {
		if (xml_next(x, &rule, f) == -1)
			return -1;
		if (take_element(x, rule, &read, f) == -1)
			return xml_within(x, f);
	} while (rule != 0);
	network_clear(n);
	*n = read;
	network_init(&read);
	return 0;
}
