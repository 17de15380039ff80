/*
 * utf8.h -- UTF-8 as strangers write it: decode, judge, make harmless.
 *
 * Text that goes to a terminal, a log or a table passes utf8_defang() last.
 * Controls that drive terminals, marks that turn the direction of what
 * follows and bytes that are not UTF-8 become question marks, one for each
 * byte, so that nothing grows.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decode the first character of n bytes into *c.  Gives its length, or 0
 * where none begins: overlong forms, surrogates and what is above U+10FFFF
 * are none.
 */
size_t utf8_next(const char *text, size_t n, uint32_t *c);

bool utf8_valid(const char *text, size_t n);

/* How many characters a string has; each stray byte counts as one. */
size_t utf8_count(const char *text);

/* Cut a string behind its first max characters. */
void utf8_cut(char *text, size_t max);

/*
 * Does the character drive a terminal, end a line or reorder text?  C0, DEL,
 * C1, U+2028-2029, 202A-202E, 2066-2069: what no name may have either (FORMAT
 * section 3).
 */
bool utf8_is_control(uint32_t c);

/* Make a string harmless, in place. */
void utf8_defang(char *text);

/* Replace only what is not UTF-8, in place. */
void utf8_repair(char *text);

#endif
