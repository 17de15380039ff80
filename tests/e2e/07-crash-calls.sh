#!/bin/sh
# What the tests of crashes can kill a program before: every function of libc
# that can change the disk, if the programs or SQLite in them use it.
. tests/e2e/lib.sh

command -v nm >/dev/null || skip "there are no binutils"
L=$B/libexec
if readelf -d "$L/wikicast-gen" | grep -qE 'asan|ubsan'; then
	skip "libraries are not looked at under sanitizers"
fi
nm "$L/wikicast-gen" | grep -q gcov_ &&
	skip "what counts the lines that are reached writes as it likes"

# All that POSIX and glibc have, also what nobody here uses yet.
cat >"$T/all" <<'END'
write pwrite writev pwritev pwritev2 truncate ftruncate fallocate
posix_fallocate sendfile copy_file_range splice vmsplice tee mmap
open openat openat2 creat __open_2 __openat_2 name_to_handle_at
open_by_handle_at rename renameat renameat2 link linkat symlink symlinkat
unlink unlinkat remove rmdir mkdir mkdirat mknod mknodat mkfifo mkfifoat
__xmknod __xmknodat mkdtemp mkstemp mkostemp mkstemps mkostemps mktemp
tmpfile tmpnam tempnam chmod fchmod fchmodat lchmod chown fchown lchown
fchownat utime utimes lutimes futimes futimens futimesat utimensat
setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
fopen freopen fdopen fwrite fputs fputc putc fprintf vfprintf __fprintf_chk
__vfprintf_chk fflush dprintf __dprintf_chk aio_write aio_write64 lio_listio
io_submit shm_open shm_unlink sem_open sem_unlink mq_open mount umount
umount2 acct swapon bind
END
tr -s ' ' '\n' <"$T/all" | sed 'p; s/$/64/; s/_264$/_2/' | sort -u >"$T/can"
printf '__open64_2\n__openat64_2\npwritev64v2\n' >>"$T/can"
sort -u -o "$T/can" "$T/can"

nm -D --defined-only "$B/tests/support/crash_preload.so" |
	awk '{ sub("@.*", "", $3); print $3 }' | sort -u >"$T/wrapped"
calls() { nm -D -u "$1" | awk '{ sub("@.*", "", $2); print $2 }' | sort -u; }
library() { # PROGRAM NAME: where it is
	ldd "$1" | awk -v name="$2" 'index($1, name) == 1 { print $3 }'
}
# covered FILE [EXCEPT...]
covered() {
	file=$1
	shift
	printf '%s\n' "$@" | sort -u >"$T/except"
	calls "$file" | comm -12 - "$T/can" >"$T/used"
	[ -s "$T/used" ] || fail "${file##*/} changes nothing?"
	comm -23 "$T/used" "$T/wrapped" | comm -23 - "$T/except" >"$T/missing"
	[ ! -s "$T/missing" ] || fail "${file##*/} calls what a crash" \
	    "cannot be put before: $(tr '\n' ' ' <"$T/missing")"
}

for p in gen fetch verify; do
	covered "$L/wikicast-$p" fflush # of stdout: no file is opened so
	sqlite=$(library "$L/wikicast-$p" libsqlite3.so)
	[ -r "$sqlite" ] || fail "there is no SQLite in $p"
	covered "$sqlite"
done
ok "a crash can be put before every call that changes the disk"

# What takes a system call's number: only some are known to change nothing.
grep -hoE '\bsyscall\((SYS_[a-z_0-9]+)' base/*.c items/*.c feeds/*.c wiki/*.c \
    gen/*.c fetch/*.c verify/*.c wikicast.c | sed 's/syscall(//' | sort -u |
	grep -vE '^SYS_(landlock_|close_range$|pidfd_open$|seccomp$)' \
	    >"$T/numbers"
[ ! -s "$T/numbers" ] || fail "system calls by number: $(cat "$T/numbers")"

# The other libraries work in memory and on descriptors that ours hand them.
for p in gen fetch verify; do
	calls "$L/wikicast-$p" | grep -E '^(archive_write_disk|archive_read_extract|archive_write_open_f|archive_read_open_f|xmlSave|xmlDocDump|xmlNewTextWriterFilename|xmlFile|json_dump_file|json_dumpf|gpgme_data_new_from_stream|gpgme_data_set_file_name|gpgme_op_encrypt)' \
	    >"$T/others" && fail "$p has a library write: $(cat "$T/others")"
done
ok "no other library writes a file by its name"
