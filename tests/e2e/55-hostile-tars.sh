#!/bin/sh
# A publisher with a good key who signs bad tarballs: each is refused in words,
# and nothing of it reaches the store or the wiki.
. tests/e2e/lib.sh
. tests/e2e/attack.sh
attack_start

# step TEXT CASE [ARGUMENT]; snapshot: the same in the tarball of serial 1.
step() {
	text=$1
	shift
	attack "$* in a step" 4 "step of serial 2: .*$text" forge step "$@"
}
snapshot() {
	text=$1
	shift
	attack_first "$*" 4 "snapshot of serial 1: .*$text" \
	    forge snapshot "$@"
}

for type in hard-link symlink character-device block-device folder fifo \
    gnu-multi-volume; do
	step "'items/C/text' is not a regular file" "$type"
done
for type in contiguous gnu-sparse; do
	step "'items/C/text' has a header of type" "$type"
done
step "where 'items/C/text' should follow" gnu-volume
for type in gnu-long-name gnu-long-link old-pax; do
	step 'tar: ' "$type"
done

for key in linkpath size mtime atime uid uname gname charset comment \
    hdrcharset SCHILY.xattr.user.x SCHILY.acl.access \
    LIBARCHIVE.xattr.user.x SUN.holesdata global; do
	step "'items/C/text' has 1536 bytes of headers" "pax-$key"
done
step "member '../../etc/cron.d/x' where" pax-path
step 'tar: malformed' pax-GNU.sparse.major
step "member '/etc/passwd' where" pax-GNU.sparse.name

for name in ../x /etc/passwd items/../../x items/./C/text items//C/text \
    'C:\x' '..\x' . manifest.xml items/B/text/x; do
	step "member .* where the manifest has 'items/C/text'" name "$name"
done
for mode in 0777 04755 02755 0600; do
	step "'items/C/text' has mode" mode "$mode"
done
step 'has an owner' owner-id
step 'a link, an owner, a prefix' owner-name
step 'another time than the manifest' other-time
step "member '/etc/items/C/text' where" prefix
step 'is not POSIX ustar' gnu-magic
step 'tar: ' bad-checksum
step 'a number that is not octal' size-of-exabytes
step 'negative size' size-negative
step '8589934591 bytes, where' size-beyond

step "'items/C/text' is not in the manifest" twice
step "'items/zzz/text' is not in the manifest" extra
step "where 'items/C/text' should follow" missing
step "member 'items/C/text' where" disorder
step "where the manifest has 'manifest.xml'" no-manifest
step 'the items do not make the state' other-text
step 'does not end with two zero blocks' no-end
step "more behind the tar's end" more-behind

# What the manifest says: another base, state, serial, feed; and its XML.
other=$(printf %064d 7)
manifest() { step "$1" manifest "$2=>$3"; }
manifest 'is from another state at serial 1' 'base="[^"]*' "base=\"$other"
manifest 'leads to another state at serial 2' 'state="[^"]*' "state=\"$other"
manifest 'number 0 is not between' 'from="1"' 'from="0"'
manifest 'not a number' 'from="1"' 'from="0x1"'
manifest 'not a number' 'serial="2"' 'serial="+2"'
manifest 'too large' 'serial="2"' 'serial="9223372036854775808"'
manifest 'leads to serial 3' 'serial="2"' 'serial="3"'
manifest 'is of another feed' 'urn:uuid:........' 'urn:uuid:01234567'
manifest 'DOCTYPE' '<step' '<!DOCTYPE step><step'
manifest 'DOCTYPE' '<step' \
    '<!DOCTYPE step [<!ENTITY x SYSTEM "file:///etc/passwd">]><step'
manifest "Entity 'x' not defined" 'author="[^"]*"|format=' \
    'author="\&x;" format='
manifest "element 'take' is unknown" '<put' '<take/><put'
manifest "unknown attribute 'new'" '<put' '<put new="1"'
manifest 'unknown kind' 'kind="page"' 'kind="program"'
for name in .. . '' a//b a/../b /a '&#10;' '&#x202e;' '&#x7f;'; do
	manifest 'page name .*: ' 'name="C"' "name=\"$name\""
done

step 'not a zstd frame' not-zstd
step 'behind the last zstd frame' extra-frame
step 'behind the last zstd frame' empty-frame
step 'behind the last zstd frame' bytes-behind
step 'behind the last zstd frame' skippable-behind
step 'not a zstd frame' skippable-in-front
step 'the first frame does not end' single-frame
step 'has no checksum' no-checksum
step 'has no content size' no-content-size
step 'the window is larger' huge-window
step 'bytes unpacked, where 3072 are allowed' bomb
step "more behind the tar's end" admitted-bomb
step 'where .* are signed' fewer-bytes

snapshot 'is not a regular file' symlink
snapshot 'has 1536 bytes of headers' pax-linkpath
snapshot "member '../x' where" name ../x
snapshot "'items/zzz/text' is not in the manifest" extra
snapshot 'the snapshot is not the state' other-text
snapshot 'behind the last zstd frame' extra-frame
snapshot '1024 bytes unpacked, where' two-frames
snapshot 'behind the last zstd frame' skippable-behind
snapshot 'the window is larger' huge-window
snapshot 'bytes unpacked, where' bomb
