/*
 * armor.h -- is a text the plain armor of OpenPGP certificates, and nothing
 * else?  Pure.
 *
 * GnuPG reads what is armored and overlooks what stands around it; a browser
 * that is shown the same file would not.
 */
#ifndef FETCH_ARMOR_H
#define FETCH_ARMOR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Blocks of RFC 9580 section 6.2 without headers, each of base64 lines, with
 * nothing before, between or behind them.
 */
bool armor_is_plain(const char *text, size_t n);

#endif
