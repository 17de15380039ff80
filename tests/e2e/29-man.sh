#!/bin/sh
# The manual pages are well formed, and know every verb, option and key.
. tests/e2e/lib.sh

pages='wikicast.1 wikicast.conf.5 gen/wikicast-gen.1 fetch/wikicast-fetch.1
    verify/wikicast-verify.1 notify/wikicast-notify.1'
if command -v mandoc >/dev/null; then
	# shellcheck disable=SC2086 # several words
	mandoc -Tlint -W warning $pages >"$T/lint" 2>&1 ||
		fail "$(cat "$T/lint")"
	ok "mandoc finds nothing wrong"
fi

for page in $pages; do
	for section in NAME SYNOPSIS DESCRIPTION FILES EXAMPLES \
	    'SECURITY CONSIDERATIONS'; do
		grep -qx ".Sh $section" "$page" || fail "$page: no $section"
	done
done

# options VERB: those of the verb's help, without dashes.
options() {
	wikicast "$1" --help | sed -n 's/^ *\(-., \)\{0,1\}--\([a-z-]*\).*/\2/p'
}
common=$(options gen | sed -n '/^config$/,$p')
for option in $common; do
	grep -q "Fl -$option" wikicast.1 || fail "wikicast.1: no --$option"
done
for verb in init gen follow unfollow fetch mirror announce status log rollback resume \
    resolve \
    verify lint; do
	case $verb in
	init | gen) page=gen/wikicast-gen.1 ;;
	verify | lint) page=verify/wikicast-verify.1 ;;
	*) page=fetch/wikicast-fetch.1 ;;
	esac
	grep -q "^\.It Cm $verb" wikicast.1 || fail "wikicast.1: no $verb"
	grep -q "^\.Ss wikicast $verb" $page || fail "$page: no $verb"
	wikicast $verb --help >"$T/help" 2>&1 || fail "no help: $verb"
	for option in $(options $verb); do
		case " $(echo $common) " in *" $option "*) continue ;; esac
		grep -q "Fl -$option" $page || fail "$page: no --$option"
	done
done
ok "every verb and option is told of"

for program in gen fetch; do
	for key in $(sed -n 's/.*\.key = "\([a-z-]*\)".*/\1/p' \
	    $program/*.c); do
		grep -qx "\.It Cm $key" wikicast.conf.5 ||
			fail "wikicast.conf.5: no $key"
	done
done
ok "every key of the configuration is told of"
