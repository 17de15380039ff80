#include "tests/sim/picture.h"

#include <math.h>
#include <stdio.h>

#include "base/buf.h"
#include "feeds/xml.h"

#define WIDTH 760
#define HEIGHT 460
#define LEFT 70
#define RIGHT 20
#define TOP 50
#define BOTTOM 60
#define DECADES 4.4 /* of seconds: 7 hours */

void
picture_trace(struct picture_curve *c, const char *name, uint32_t wikis,
    const int64_t *got)
{
	uint32_t never = 0, n = 0;
	size_t i;

	c->name = name;
	c->wikis = wikis;
	while (never < wikis && got[never] < 0)
		never++;
	for (i = 0; i < PICTURE_POINTS; i++) {
		double t = pow(10, DECADES * (double)i / (PICTURE_POINTS - 1));

		while (never + n < wikis && (double)got[never + n] <= t)
			n++;
		c->share[i] = (double)n / wikis;
	}
}

static double
x_of(double decades)
{
	return LEFT + decades / DECADES * (WIDTH - LEFT - RIGHT);
}

static double
y_of(double share)
{
	return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
}

static void
put_double(struct xml_writer *x, const char *name, double value)
{
	char number[32];

	(void)snprintf(number, sizeof(number), "%.1f", value);
	xml_put(x, name, number);
}

static void
put_text(struct xml_writer *x, double at, double y, const char *anchor,
    const char *text)
{
	xml_begin(x, "text");
	put_double(x, "x", at);
	put_double(x, "y", y);
	xml_put(x, "text-anchor", anchor);
	xml_put_text(x, text);
	xml_end(x);
}

static void
put_line(struct xml_writer *x, double x1, double y1, double x2, double y2)
{
	xml_begin(x, "line");
	put_double(x, "x1", x1);
	put_double(x, "y1", y1);
	put_double(x, "x2", x2);
	put_double(x, "y2", y2);
	xml_put(x, "stroke", "#ccc");
	xml_end(x);
}

static void
put_axes(struct xml_writer *x)
{
	static const struct {
		double seconds;
		const char *name;
	} times[] = { { 1, "1 s" }, { 10, "10 s" }, { 60, "1 min" },
		{ 600, "10 min" }, { 3600, "1 h" }, { 10800, "3 h" } };
	char text[16];
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		double at = x_of(log10(times[i].seconds));

		put_line(x, at, y_of(0), at, y_of(1));
		put_text(x, at, y_of(0) + 18, "middle", times[i].name);
	}
	for (i = 0; i <= 4; i++) {
		double share = (double)i / 4;

		put_line(x, x_of(0), y_of(share), x_of(DECADES), y_of(share));
		(void)snprintf(text, sizeof(text), "%.0f %%", 100 * share);
		put_text(x, LEFT - 6, y_of(share) + 4, "end", text);
	}
	put_text(x, x_of(DECADES / 2), HEIGHT - 14, "middle",
	    "time since the publication (logarithmic)");
	xml_begin(x, "g");
	xml_put(x, "transform", "rotate(-90)");
	put_text(x, -(y_of(0) + y_of(1)) / 2, 18, "middle",
	    "wikis that have the news");
	xml_end(x);
}

static int
put_curve(struct xml_writer *x, const struct picture_curve *c, size_t at,
    struct fault *f)
{
	static const char *const colours[PICTURE_CURVES] = { "#1b9e77",
		"#7570b3", "#d95f02", "#e7298a", "#444444", "#b8860b",
		"#1f78b4", "#a6761d" };
	OWNED_BUF struct buf points = BUF_INIT(BUF_ANY);
	char text[120];
	size_t i;

	for (i = 0; i < PICTURE_POINTS; i++)
		if (buf_format(&points, f, "%s%.1f,%.1f", i == 0 ? "" : " ",
			x_of(DECADES * (double)i / (PICTURE_POINTS - 1)),
			y_of(c->share[i])) == -1)
			return -1;
	xml_begin(x, "polyline");
	xml_put(x, "points", points.data);
	xml_put(x, "fill", "none");
	xml_put(x, "stroke", colours[at]);
	xml_put(x, "stroke-width", "2");
	xml_end(x);
	xml_begin(x, "g");
	xml_put(x, "fill", colours[at]);
	(void)snprintf(text, sizeof(text), "%u wikis: %s", c->wikis, c->name);
	put_text(x, LEFT + 10, TOP + 22 + 17 * (double)at, "start", text);
	xml_end(x);
	return 0;
}

static int
put_all(struct xml_writer *x, const struct picture_curve *curves, size_t n,
    struct fault *f)
{
	char box[32];
	size_t i;

	(void)snprintf(box, sizeof(box), "0 0 %d %d", WIDTH, HEIGHT);
	xml_begin(x, "svg");
	xml_put(x, "xmlns", "http://www.w3.org/2000/svg");
	xml_put_number(x, "width", WIDTH);
	xml_put_number(x, "height", HEIGHT);
	xml_put(x, "viewBox", box);
	xml_put(x, "font-family", "sans-serif");
	xml_put(x, "font-size", "13");
	xml_begin(x, "rect");
	xml_put_number(x, "width", WIDTH);
	xml_put_number(x, "height", HEIGHT);
	xml_put(x, "fill", "#fff");
	xml_end(x);
	put_text(x, WIDTH / 2, 26, "middle",
	    "How a publication spreads, simulated with the programs' own "
	    "decisions");
	put_axes(x);
	for (i = 0; i < n; i++)
		if (put_curve(x, &curves[i], i, f) == -1)
			return -1;
	xml_end(x);
	return 0;
}

int
picture_write(const char *file, const struct picture_curve *curves, size_t n,
    struct fault *f)
{
	OWNED_XML_WRITER struct xml_writer *x = NULL;
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	FILE *to;

	if (xml_create(&out, &x, f) == -1 || put_all(x, curves, n, f) == -1 ||
	    xml_finish(&x, f) == -1)
		return -1;
	to = fopen(file, "w");
	if (to == NULL)
		return fault_set(f, FAULT_SYSTEM, "cannot write '%s'", file);
	if (fputs(out.data, to) == EOF || fclose(to) != 0)
		return fault_set(f, FAULT_SYSTEM, "cannot write '%s'", file);
	return 0;
}
