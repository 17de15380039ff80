# crash-wikis.sh -- MoinMoin folders of ten items; sourced after lib.sh.

# moin_folder FOLDER: an empty wiki.
moin_folder() {
	mkdir -p "$1/data/pages" "$1/data/user" "$1/underlay/pages"
	: >"$1/data/edit-log"
}
# moin_save FOLDER PAGE TEXT [COMMENT]: as MoinMoin does.
moin_save() {
	moin_page=$1/data/pages/$2
	mkdir -p "$moin_page/revisions"
	moin_n=$(printf '%08d' \
	    $(($(ls "$moin_page/revisions" | wc -l) + 1)))
	printf "$3" | sed 's/$/\r/' >"$moin_page/revisions/$moin_n"
	echo "$moin_n" >"$moin_page/current"
	printf '%s000000\t%s\tSAVE\t%s\t127.0.0.1\tlocalhost\t\t\t%s\n' \
	    "$(date +%s)" "$moin_n" "$2" "${4:-}" |
		tee -a "$moin_page/edit-log" >>"$1/data/edit-log"
}
# moin_delete FOLDER PAGE
moin_delete() {
	printf '%08d\n' $(($(ls "$1/data/pages/$2/revisions" | wc -l) + 1)) \
	    >"$1/data/pages/$2/current"
}

# master_wiki FOLDER: nine pages, a list and a name from abroad among them,
# and an attachment.
master_wiki() {
	moin_folder "$1"
	moin_save "$1" Start 'Welcome\n' 'the first page'
	moin_save "$1" 'Start(2f)Gr(c3b6c39f)e' '#language de\nGröße\n'
	moin_save "$1" BadContent 'spam\\\\.example\n'
	for n in 1 2 3 4 5 6; do moin_save "$1" Page$n "page $n\n"; done
	mkdir -p "$1/data/pages/Start/attachments"
	head -c 3000 /dev/urandom >"$1/data/pages/Start/attachments/a.bin"
}
# change_master_wiki FOLDER: texts, the list, an attachment, a new page; one
# page and one attachment go.
change_master_wiki() {
	moin_save "$1" Start 'Welcome back\n' 'second thoughts'
	moin_save "$1" 'Start(2f)Gr(c3b6c39f)e' '#language de\nGrößer\n'
	moin_save "$1" BadContent 'spam\\\\.example\nmore\\\\.example\n'
	moin_save "$1" Page5 'edited there\n'
	moin_save "$1" Page7 'new\n'
	moin_delete "$1" Page6
	mkdir -p "$1/data/pages/Page1/attachments"
	echo text >"$1/data/pages/Page1/attachments/a.txt"
	rm "$1/data/pages/Start/attachments/a.bin"
}
