#include "base/num.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int
num_parse(const char *text, int64_t min, int64_t max, int64_t *out,
    struct fault *f)
{
	const char *p;
	int64_t n = 0;

	if (*text == '\0' || (text[0] == '0' && text[1] != '\0'))
		return fault_set(f, FAULT_FORMAT, "'%.40s' is not a number",
		    text);
	for (p = text; *p != '\0'; p++) {
		if (*p < '0' || *p > '9')
			return fault_set(f, FAULT_FORMAT,
			    "'%.40s' is not a number", text);
		n = n * 10 + (*p - '0');
		if (n > NUM_MAX)
			return fault_set(f, FAULT_FORMAT,
			    "number '%.40s' is too large", text);
	}
	if (n < min || n > max)
		return fault_set(f, FAULT_FORMAT,
		    "number %s is not between %lld and %lld", text,
		    (long long)min, (long long)max);
	*out = n;
	return 0;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static int64_t
days_from_date(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9; /* March is 0 */

	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day -
	    1 - 719468;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static int
digits(const char *p, int n)
{
	int v = 0;

	while (n-- > 0)
		v = v * 10 + (*p++ - '0');
	return v;
}

int
time_parse(const char *text, int64_t *out, struct fault *f)
{
	static const char shape[] = "0000-00-00T00:00:00Z";
	int year, month, day, hour, minute, second;
	size_t i;

	for (i = 0; i < sizeof(shape); i++) {
		int is_digit = text[i] >= '0' && text[i] <= '9';

		if (shape[i] == '0' ? !is_digit : text[i] != shape[i])
			return fault_set(f, FAULT_FORMAT,
			    "'%.40s' is not a time", text);
	}
	year = digits(text, 4);
	month = digits(text + 5, 2);
	day = digits(text + 8, 2);
	hour = digits(text + 11, 2);
	minute = digits(text + 14, 2);
	second = digits(text + 17, 2);
	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
	    day > days_in_month(year, month) || hour > 23 || minute > 59 ||
	    second > 59)
		return fault_set(f, FAULT_FORMAT, "'%s' is not a time", text);
	*out = days_from_date(year, month, day) * 86400 + hour * 3600 +
	    minute * 60 + second;
	return 0;
}

void
time_format(int64_t seconds, char out[TIME_TEXT])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)snprintf(out, TIME_TEXT, "?");
}

static int64_t
unit_seconds(char unit)
{
	switch (unit) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return 604800;
	default:
		return 0;
	}
}

int
duration_parse(const char *text, int64_t *out, struct fault *f)
{
	size_t n = strlen(text);
	int64_t unit = n > 0 ? unit_seconds(text[n - 1]) : 0;
	char number[20];
	int64_t v;

	if (unit == 0 || n < 2 || n > sizeof(number))
		return fault_set(f, FAULT_FORMAT,
		    "'%.40s' is not a duration such as 90s, 15m, 6h, 30d",
		    text);
	memcpy(number, text, n - 1);
	number[n - 1] = '\0';
	if (num_parse(number, 1, NUM_MAX / 604800, &v, f) == -1)
		return fault_within(f, "duration '%.40s'", text);
	*out = v * unit;
	return 0;
}

static int
unit_shift(char letter)
{
	switch (letter) {
	case 'K':
	case 'k':
		return 10;
	case 'M':
	case 'm':
		return 20;
	case 'G':
	case 'g':
		return 30;
	default:
		return 0;
	}
}

int
size_parse(const char *text, int64_t *out, struct fault *f)
{
	size_t n = strlen(text);
	int shift = n > 0 ? unit_shift(text[n - 1]) : 0;
	struct fault ignored = { 0 };
	char number[20];
	int64_t v;

	n -= shift > 0;
	if (n < sizeof(number)) {
		memcpy(number, text, n);
		number[n] = '\0';
		if (num_parse(number, 1, NUM_MAX >> shift, &v, &ignored) == 0) {
			*out = v << shift;
			return 0;
		}
	}
	return fault_set(f, FAULT_FORMAT,
	    "'%.40s' is not a number of bytes such as 500K, 2M", text);
}

int64_t
time_now(void)
{
	return (int64_t)time(NULL);
}

int64_t
time_ticks(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
