#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/message.h"

static void
a_message_arrives_with_its_descriptors(void **state)
{
	struct fault f = { 0 };
	OWNED_MESSAGE struct message m;
	OWNED_FD int file = -1;
	int pair[2];
	bool end;

	(void)state;
	message_init(&m, 100);
	assert_int_equal(message_pair(pair, &f), 0);
	assert_int_equal(file_memory("x", &file, &f), 0);
	assert_int_equal(file_write(file, "inside", 6, &f), 0);
	assert_int_equal(message_send(pair[0], 7, "hello", 5, &file, 1, &f), 0);
	assert_int_equal(message_send(pair[0], 8, "", 0, NULL, 0, &f), 0);
	assert_int_equal(message_receive(pair[1], 1000, &m, &end, &f), 0);
	assert_false(end);
	assert_int_equal(m.verb, 7);
	assert_string_equal(m.body.data, "hello");
	assert_int_equal(m.fd_count, 1);
	{
		OWNED_BUF struct buf b = BUF_INIT(10);

		assert_int_equal(file_read_fd(m.fds[0], &b, &f), 0);
		assert_string_equal(b.data, "inside");
	}
	assert_int_equal(message_receive(pair[1], 1000, &m, &end, &f), 0);
	assert_int_equal(m.verb, 8);
	assert_int_equal(m.fd_count, 0);
	assert_int_equal(m.body.len, 0);
	(void)close(pair[0]);
	assert_int_equal(message_receive(pair[1], 1000, &m, &end, &f), 0);
	assert_true(end);
	(void)close(pair[1]);
}

static void
a_message_over_the_limit_is_refused(void **state)
{
	struct fault f = { 0 };
	OWNED_MESSAGE struct message m;
	int pair[2];
	bool end;

	(void)state;
	message_init(&m, 4);
	assert_int_equal(message_pair(pair, &f), 0);
	assert_int_equal(message_send(pair[0], 1, "hello", 5, NULL, 0, &f), 0);
	assert_int_equal(message_receive(pair[1], 1000, &m, &end, &f), -1);
	assert_int_equal(f.kind, FAULT_LIMIT);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
a_cut_message_and_silence_are_faults(void **state)
{
	struct fault f = { 0 };
	OWNED_MESSAGE struct message m;
	int pair[2];
	bool end;

	(void)state;
	message_init(&m, 100);
	assert_int_equal(message_pair(pair, &f), 0);
	assert_int_equal(message_receive(pair[1], 10, &m, &end, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_int_equal(send(pair[0], "abc", 3, 0), 3);
	assert_int_equal(message_receive(pair[1], 1000, &m, &end, &f), -1);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_arrives_with_its_descriptors),
		cmocka_unit_test(a_message_over_the_limit_is_refused),
		cmocka_unit_test(a_cut_message_and_silence_are_faults),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
