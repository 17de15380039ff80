#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "feeds/pieces.h"
#include "fetch/download.h"
#include "tests/support/libscratch.h"
#include "tests/support/libweb.h"

#define NOW ((int64_t)1790000000)
#define PIECES 6
#define LENGTH (5 * PIECE_SIZE + 12345)
#define AT(piece) (((piece)-1) * (int)PIECE_SIZE + 99) /* a byte in it */

/* Two mirrors, of rogue by mode or of a whole URL; the snapshot "wanted". */
static struct http *http;
static struct db *db;
static struct web web;
static struct mirror_list mirrors;
static struct download *download;
static struct download_file wanted;
static char *content;

static void
must(int rc, const struct fault *f)
{
	if (rc == -1)
		fail_msg("%s", f->text);
}
#define MUST(call) must((call), &f)

static void
put(enum tree_sort sort, const struct digest *d, const char *bytes)
{
	char name[TREE_NAME_MAX], path[TREE_NAME_MAX + 16];

	tree_name(sort, d, name);
	(void)snprintf(path, sizeof(path), "www/%s", name);
	scratch_write(path, bytes);
}

/* Names the table of these bytes, which need not be the snapshot. */
static void
name_table(const char *bytes)
{
	OWNED_BUF struct buf table = BUF_INIT(1000);
	OWNED_FD int fd = -1;
	struct fault f = { 0 };

	MUST(file_memory("content", &fd, &f));
	MUST(file_write(fd, bytes, strlen(bytes), &f));
	MUST(pieces_write(fd, (int64_t)strlen(bytes), &table, &f));
	digest_of(table.data, table.len, &wanted.pieces);
	wanted.pieces_length = (int64_t)table.len;
	put(TREE_PIECES, &wanted.pieces, table.data);
}

static int
enter(void **state)
{
	const char *migrations[] = { mirror_schema, mirror_quiet_schema };
	struct fault f = { 0 };
	uint64_t random = 88172645463325252u;
	size_t i;

	if (scratch_enter(state) == -1 ||
	    db_open(scratch_path("follow.db"), migrations, 2, &db, &f) == -1 ||
	    http_open(&http, &f) == -1)
		return -1;
	content = malloc(LENGTH + 1);
	if (content == NULL)
		return -1;
	for (i = 0; i < LENGTH; i++) { /* Marsaglia's xorshift */
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		content[i] = (char)('a' + random % 26);
	}
	content[LENGTH] = '\0';
	wanted = (struct download_file){ .sort = TREE_SNAPSHOT,
		.fd = -1,
		.length = LENGTH };
	digest_of(content, LENGTH, &wanted.digest);
	put(TREE_SNAPSHOT, &wanted.digest, content);
	name_table(content);
	web_rogue(&web, "rogue", scratch_path("www"));
	return 0;
}

static int
leave(void **state)
{
	own_close_fd(&wanted.fd);
	download_close(&download);
	mirror_list_clear(&mirrors);
	http_close(&http);
	db_close_p(&db);
	web_stop(&web);
	free(own_give(&content));
	return scratch_leave(state);
}

static void
follow(const char *first, const char *second)
{
	const char *words[] = { first, second };
	struct download_where where = { .http = http,
		.db = db,
		.mirrors = &mirrors,
		.folder = scratch_fd,
		.now = NOW,
		.label = "test" };
	char urls[2][256];
	char *list[] = { urls[0], urls[1] };
	struct fault f = { 0 };
	size_t i;

	for (i = 0; i < 2 && words[i] != NULL; i++)
		(void)snprintf(urls[i], sizeof(urls[i]), "%s%s",
		    strstr(words[i], "://") != NULL ? "" : web.url, words[i]);
	download_close(&download);
	mirror_list_clear(&mirrors);
	MUST(mirror_load(db, 1, list, i, &mirrors, &f));
	MUST(download_open(&where, &download, &f));
}

static void
get_it(void)
{
	OWNED_BUF struct buf b = BUF_INIT(LENGTH);
	struct fault f = { 0 };

	MUST(download_one(download, &wanted, &f));
	assert_int_equal(lseek(wanted.fd, 0, SEEK_CUR), 0);
	MUST(file_read_fd(wanted.fd, &b, &f));
	assert_int_equal(b.len, LENGTH);
	assert_memory_equal(b.data, content, LENGTH);
	own_close_fd(&wanted.fd);
	wanted.fd = -1;
}

static int64_t
requests(void)
{
	struct download_count count;

	download_count(download, &count);
	return count.requests;
}

static void
assert_refusal(size_t i, const char *words)
{
	assert_true(i < download_refusals(download));
	if (strstr(download_refusal(download, i), words) == NULL)
		fail_msg("'%s'", download_refusal(download, i));
}

/* "plain" by another name, so that there are two mirrors. */
#define OTHER "longer=0/"

/* ---- what goes well ---- */

static void
pieces_come_from_all_mirrors_each_once(void **state)
{
	OWNED_BUF struct buf log = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };
	char range[40];
	bool have;
	int i;

	(void)state;
	follow("plain/", OTHER);
	get_it();
	assert_int_equal(requests(), 1 + PIECES);
	assert_int_equal(download_refusals(download), 0);
	MUST(file_read(AT_FDCWD, web.log, &log, &have, &f));
	for (i = 0; i < PIECES; i++) {
		(void)snprintf(range, sizeof(range), "Range: bytes=%d-%d\r",
		    i * (int)PIECE_SIZE,
		    i + 1 < PIECES ? (i + 1) * (int)PIECE_SIZE - 1 :
				     (int)LENGTH - 1);
		assert_non_null(strstr(log.data, range));
	}
	assert_non_null(strstr(log.data, "GET /plain/pool"));
	assert_non_null(strstr(log.data, "GET /longer=0/pool"));
	download_close(&download);
	assert_int_equal(scratch_count("partial"), 0);
}

static void
folders_are_mirrors_as_well(void **state)
{
	char one[128], two[128];

	(void)state;
	(void)snprintf(one, sizeof(one), "file://%s/", scratch_path("www"));
	(void)snprintf(two, sizeof(two), "file://%s/./", scratch_path("www"));
	follow(one, two);
	get_it();
	assert_int_equal(requests(), 1 + PIECES);
	follow(one, "plain/");
	get_it();
	assert_int_equal(requests(), 1 + PIECES);
	assert_in_range(web_logged(&web, "GET /plain/pool"), 1, PIECES);
}

static void
from_one_mirror_alone_it_comes_as_a_whole(void **state)
{
	(void)state;
	follow("plain/", NULL);
	get_it();
	assert_int_equal(requests(), 1);
	assert_int_equal(web_logged(&web, "Range"), 0);
}

static void
equal_pieces_come_once(void **state)
{
	size_t i;

	(void)state;
	for (i = 1; i < PIECES - 1; i++)
		memcpy(content + i * PIECE_SIZE, content, PIECE_SIZE);
	digest_of(content, LENGTH, &wanted.digest);
	put(TREE_SNAPSHOT, &wanted.digest, content);
	name_table(content);
	follow("plain/", OTHER);
	get_it();
	assert_int_equal(requests(), 1 + 2);
}

/* ---- mirrors that are no good ---- */

static void
a_liar_is_known_by_its_first_bad_piece_and_asked_no_more(void **state)
{
	char lie[32];

	(void)state;
	(void)snprintf(lie, sizeof(lie), "flip=%d/", AT(2));
	follow("plain/", lie);
	get_it();
	assert_int_equal(requests(), 1 + PIECES + 1);
	assert_int_equal(download_refusals(download), 1);
	assert_refusal(0,
	    ".tar.zst': piece 2: has another digest than was "
	    "signed");
	assert_int_equal(web_logged(&web, "GET /flip"), 1);
	assert_int_equal(mirrors.list[1].failures, 1);
	assert_int_equal(mirrors.list[0].failures, 0);
}

static void
a_file_of_another_length_is_a_lie_before_its_first_byte(void **state)
{
	(void)state;
	follow("plain/", "truncate=2000000/");
	get_it();
	assert_int_equal(download_refusals(download), 1);
	assert_refusal(0,
	    "piece 2: is 2000000 bytes long, not 5255225 as "
	    "signed");
	assert_int_equal(mirrors.list[1].failures, 1);
	assert_int_equal(web_logged(&web, "GET /truncate"), 1);
}

static void
a_mirror_without_ranges_is_passed_over_and_not_blamed(void **state)
{
	(void)state;
	follow("plain/", "whole/");
	get_it();
	assert_int_equal(requests(), 1 + PIECES + 1);
	assert_refusal(0,
	    "answers with all of the file where a part of it "
	    "was asked for");
	assert_int_equal(mirrors.list[1].failures, 0);
	follow("plain/", "part=3/");
	get_it();
	assert_refusal(0, "answers with another part of the file");
}

static void
where_no_mirror_has_ranges_the_file_comes_as_a_whole(void **state)
{
	(void)state;
	follow("whole/", "drip=0/");
	get_it();
	/* The table, a piece from each, the file. */
	assert_int_equal(requests(), 1 + 2 + 1);
	assert_int_equal(web_logged(&web, "Range"), 2);
}

static void
a_mirror_that_lacks_the_file_is_asked_for_one_piece(void **state)
{
	(void)state;
	follow("plain/", "status=404/");
	get_it();
	assert_int_equal(download_refusals(download), 1);
	assert_int_equal(mirrors.list[1].failures, 0);
	assert_int_equal(web_logged(&web, "GET /status"), 1);
}

static void
a_piece_that_was_cut_goes_on_where_it_was(void **state)
{
	char range[40];

	(void)state;
	follow("plain/", "once-break=500000/");
	get_it();
	assert_int_equal(requests(), 1 + PIECES + 1);
	(void)snprintf(range, sizeof(range), "Range: bytes=%d-%d\r",
	    (int)PIECE_SIZE + 500000, 2 * (int)PIECE_SIZE - 1);
	assert_int_equal(web_logged(&web, range), 1);
}

static void
a_table_that_is_wrong_costs_no_more_than_time(void **state)
{
	(void)state;
	content[AT(1)] = content[AT(2)] = '#';
	name_table(content);
	follow("plain/", OTHER);
	digest_of(content, LENGTH, &wanted.digest);
	put(TREE_SNAPSHOT, &wanted.digest, content);
	content[AT(1)] = content[AT(2)] = '+';
	name_table(content);
	content[AT(1)] = content[AT(2)] = '#';
	get_it();
	assert_int_equal(download_refusals(download), 2);
	/* One that is no table, and one that is not there. */
	wanted.pieces_length = 9;
	digest_of("no table\n", 9, &wanted.pieces);
	put(TREE_PIECES, &wanted.pieces, "no table\n");
	follow("plain/", OTHER);
	get_it();
	assert_int_equal(requests(), 2);
	wanted.pieces.bytes[0] ^= 1;
	follow("plain/", OTHER);
	get_it();
	assert_int_equal(requests(), 3);
}

static void
a_piece_that_nobody_has_right_is_a_refusal(void **state)
{
	struct fault f = { 0 };
	char one[32], two[32];

	(void)state;
	(void)snprintf(one, sizeof(one), "flip=%d/", AT(3));
	(void)snprintf(two, sizeof(two), "flip=%d/", AT(3) + 1);
	follow(one, two);
	assert_int_equal(download_one(download, &wanted, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	assert_int_equal(wanted.fd, -1);
	follow("http://127.0.0.1:1/", "http://127.0.0.1:2/");
	assert_int_equal(download_one(download, &wanted, &f), -1);
	assert_int_equal(f.kind, FAULT_NETWORK);
}

/* ---- runs that ended early ---- */

static void
a_later_run_asks_only_for_the_pieces_that_are_missing(void **state)
{
	struct fault f = { 0 };
	char one[32], two[32];
	int64_t first;

	(void)state;
	(void)snprintf(one, sizeof(one), "flip=%d/", AT(PIECES));
	(void)snprintf(two, sizeof(two), "flip=%d/", AT(PIECES) + 1);
	follow(one, two);
	assert_int_equal(download_one(download, &wanted, &f), -1);
	/* The table, all pieces, the last one again, twice the whole file. */
	first = requests();
	assert_int_equal(first, 1 + PIECES + 1 + 2);
	(void)web_logged(&web, "GET");
	follow("plain/", OTHER);
	get_it();
	assert_int_equal(requests(), 1);
	assert_int_equal(web_logged(&web, "Range: bytes=5242880-5255224\r"), 1);
	download_close(&download);
	assert_int_equal(scratch_count("partial"), 0);
}

static void
write_part(size_t bytes)
{
	char name[DIGEST_TEXT], path[DIGEST_TEXT + 8];
	char was = content[bytes];

	download_close(&download); /* which takes its parts away */
	digest_format(&wanted.digest, name);
	(void)snprintf(path, sizeof(path), "partial/%s", name);
	content[bytes] = '\0';
	scratch_write(path, content);
	content[bytes] = was;
}

static void
what_there_is_of_the_whole_file_is_used_as_far_as_it_is_right(void **state)
{
	char was = content[AT(2)];

	(void)state;
	write_part(2 * PIECE_SIZE + 5);
	follow("plain/", OTHER);
	get_it();
	assert_int_equal(requests(), 1 + PIECES - 2);
	content[AT(2)] = '#';
	write_part(4 * PIECE_SIZE);
	content[AT(2)] = was;
	follow("plain/", OTHER);
	get_it();
	assert_int_equal(requests(), 1 + PIECES - 1);
	write_part(LENGTH);
	follow("plain/", OTHER);
	get_it();
	assert_int_equal(requests(), 0);
}

static int
start(void **state)
{
	struct fault f = { 0 };

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)unsetenv("http_proxy");
	(void)unsetenv("all_proxy");
	return http_start(&f);
}

#define T(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(pieces_come_from_all_mirrors_each_once),
		T(folders_are_mirrors_as_well),
		T(from_one_mirror_alone_it_comes_as_a_whole),
		T(equal_pieces_come_once),
		T(a_liar_is_known_by_its_first_bad_piece_and_asked_no_more),
		T(a_file_of_another_length_is_a_lie_before_its_first_byte),
		T(a_mirror_without_ranges_is_passed_over_and_not_blamed),
		T(where_no_mirror_has_ranges_the_file_comes_as_a_whole),
		T(a_mirror_that_lacks_the_file_is_asked_for_one_piece),
		T(a_piece_that_was_cut_goes_on_where_it_was),
		T(a_table_that_is_wrong_costs_no_more_than_time),
		T(a_piece_that_nobody_has_right_is_a_refusal),
		T(a_later_run_asks_only_for_the_pieces_that_are_missing),
		T(what_there_is_of_the_whole_file_is_used_as_far_as_it_is_right),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
