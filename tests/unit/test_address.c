#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/un.h>
#include <cmocka.h>

#include "fetch/address.h"

static bool
is_public(const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	bool literal, answer = address_text_is_public(text, &literal);

	assert_true(literal);
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		assert_int_equal(address_is_public((struct sockaddr *)&v4),
		    answer);
	else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
		assert_int_equal(address_is_public((struct sockaddr *)&v6),
		    answer);
	return answer;
}

static void
private_addresses_are_closed_to_their_edges(void **state)
{
	static const char *const closed[] = { "0.0.0.0", "0.255.255.255",
		"10.0.0.0", "10.255.255.255", "100.64.0.1", "100.127.255.255",
		"127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.0",
		"172.31.255.255", "192.168.0.1", "192.168.255.255",
		"198.18.0.1", "198.19.255.255", "224.0.0.1", "240.0.0.1",
		"255.255.255.255", "::", "::1", "fc00::1", "fdff::1", "fe80::1",
		"febf::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1",
		"::ffff:10.1.2.3", "64:ff9b::a00:1",
		"2002:7f00:1::", "2002:c0a8:101::1", "::127.0.0.1",
		"64:ff9b:1::1", "[fe80::1%eth0]", "[::1]" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		if (is_public(closed[i]))
			fail_msg("'%s' is open", closed[i]);
}

static void
public_addresses_are_open(void **state)
{
	static const char *const open[] = { "1.0.0.0", "9.255.255.255",
		"11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
		"128.0.0.0", "169.253.0.0", "172.15.255.255", "172.32.0.0",
		"192.167.255.255", "192.169.0.0", "223.255.255.255",
		"2001:db8::1", "2a00:1450::1", "::ffff:8.8.8.8",
		"64:ff9b::808:808", "2002:808:808::1", "[2a00::1]" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (!is_public(open[i]))
			fail_msg("'%s' is closed", open[i]);
}

static void
names_are_no_addresses(void **state)
{
	static const char *const names[] = { "localhost", "a.example", "",
		"10.0.0.1.example", "10.0.0",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001" };
	bool literal;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_true(address_text_is_public(names[i], &literal));
		assert_false(literal);
	}
}

static void
a_proxy_is_asked_for_public_hosts_alone(void **state)
{
	static const char *const open[] = { "a.example", "A.EXAMPLE",
		"wiki.a.example.", "xn--bcher-kva.example", "8.8.8.8",
		"[2a00::1]", "4.3.2.1.example", "my_wiki.example",
		"localhost.example", "lan.example", "mylocal.example" };
	static const char *const closed[] = { "", ".", "..", "localhost",
		"LocalHost", "localhost.", "wiki", "wiki.", "a.localhost",
		"a.LOCALHOST.", "a.local", "a.lan", "a.corp", "a.home",
		"a.home.arpa", "metadata.google.internal", "127.0.0.1",
		"127.0.0.1.", "10.0.0.1.", "2130706433", "2130706433.",
		"0x7f000001", "0x7f.1", "a.0x7f", "a.1", "[::1]", "[fe80::1%1]",
		"\xef\xbc\x91.example", "a b.example", "a.example/x",
		"a.example..", "a..", "a%2eb.example", "a.example\\b.c" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (!address_host_is_public(open[i]))
			fail_msg("'%s' is closed", open[i]);
	for (i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		if (address_host_is_public(closed[i]))
			fail_msg("'%s' is open", closed[i]);
}

static void
other_families_are_closed(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	(void)state;
	assert_false(address_is_public((struct sockaddr *)&un));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_addresses_are_closed_to_their_edges),
		cmocka_unit_test(public_addresses_are_open),
		cmocka_unit_test(names_are_no_addresses),
		cmocka_unit_test(a_proxy_is_asked_for_public_hosts_alone),
		cmocka_unit_test(other_families_are_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
