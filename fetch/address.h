/*
 * address.h -- which internet addresses a URL that came from others may lead
 * to (FORMAT section 8).
 *
 * A signed network document can still name http://127.0.0.1/ or a cloud's
 * 169.254.169.254, by itself, by a redirect, or by a name that resolves there.
 * So what counts is the address at the moment of connecting.  Ranges: the
 * IANA special-purpose address registries (RFC 6890).
 */
#ifndef FETCH_ADDRESS_H
#define FETCH_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/*
 * Globally reachable unicast?  IPv4 inside IPv6 (mapped, NAT64, 6to4) is
 * judged as the IPv4 address that it leads to; other families are not public.
 */
bool address_is_public(const struct sockaddr *address);

/*
 * The same for text.  *literal says whether it is an address at all (IPv6 may
 * stand in brackets, with a zone); for a name the answer is true.
 */
bool address_text_is_public(const char *text, bool *literal);

/*
 * May a proxy be asked for this host by others' wish?  It looks names up
 * itself, so no address is seen here: only what can be told by its words is
 * refused.  Addresses as above; names that are no public ones, since they have
 * no dot, end in a number or in a domain that a local network keeps for
 * itself, or are not plain ASCII (which libcurl makes of them later).
 */
bool address_host_is_public(const char *host);

#endif
