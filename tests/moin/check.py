"""
Does a real MoinMoin 1.9 see what wikicast writes, at once and whole, while its
own users save the same pages?  Usage: check.py BUILD MOIN_SRC PYTHON2 [CHECK...]
First by tests/support/moinput, which tests finer; then by the programs.
"""
import http.server
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import programs
from wiki import Moinput, Wiki, changes

SECONDS = float(os.environ.get('SECONDS', '10'))


def is_shown_at_once(wiki, writer):
    """A new page, and each change of it, is there at the next request."""
    assert wiki.html('New Page/\u00fc') is None     # Moin remembers that
    assert writer.put('New Page/\u00fc', '= One =\nfirst\n',
                      author='Jo R. Doe', comment='made here')
    assert wiki.raw('New Page/\u00fc') == '= One =\nfirst\n'
    html = wiki.html('New Page/\u00fc')
    assert 'first' in html and 'Jo R' in html
    for i in range(20):                     # also what was made of the text
        assert writer.put('New Page/\u00fc', 'change %d\n' % i)
        assert 'change %d' % i in wiki.html('New Page/\u00fc')
        assert wiki.raw('New Page/\u00fc') == 'change %d\n' % i
    seen = changes(wiki.html('RecentChanges') or
                   wiki.get('RecentChanges', action='rss_rc')[1])
    assert 'New Page' in seen


def recent_changes(wiki, writer):
    """RecentChanges and a page's info tell author and comment."""
    assert writer.put('RecentChanges', '<<RecentChanges>>\n')
    assert writer.put('Told', 'x\n', author='Jo R. Doe',
                      comment='a\tb\u2028c\u00fc ' + 'y' * 300)
    seen = changes(wiki.html('RecentChanges'))
    assert 'Told' in seen and 'Jo R\u2024 Doe' in seen, seen
    assert 'a bc\u00fc yyy' in seen and 'yyy\u2026' in seen
    info = changes(wiki.get('Told', action='info')[1])
    assert 'Jo R\u2024 Doe' in info and 'yyy\u2026' in info
    assert wiki.get('RecentChanges', action='rss_rc')[0] == 200


def deletions(wiki, writer):
    """A dropped page is deleted as Moin does it, and can come back."""
    assert writer.put('Gone', 'one\n')
    assert wiki.html('Gone') is not None
    assert writer.drop('Gone')
    assert wiki.raw('Gone') is None
    assert wiki.get('Gone', action='recall', rev=1)[0] == 200
    assert wiki.get('Gone', action='info')[0] in (200, 404)
    assert writer.put('Gone', 'two\n')
    assert wiki.raw('Gone') == 'two\n'
    assert writer.drop('Gone')
    wiki.save('Gone', 'three\n')
    assert wiki.raw('Gone') == 'three\n'
    assert sorted(os.listdir(wiki.folder('Gone', 'revisions'))) == [
        '00000001', '00000003', '00000005']


def underlay(wiki, writer):
    """A page of the distribution is hidden, and shows again after a drop."""
    assert 'under' in wiki.html('UnderPage')
    assert writer.put('UnderPage', 'ours\n')
    assert wiki.raw('UnderPage') == 'ours\n'
    assert writer.drop('UnderPage')
    assert wiki.raw('UnderPage') == 'under\n'
    assert writer.put('UnderPage', 'again\n')
    wiki.save('UnderPage', 'by a user\n')
    assert wiki.raw('UnderPage') == 'by a user\n'


def attachments(wiki, writer):
    """Attachments are served, listed, and their pages made anew."""
    def served():
        return wiki.get('Files', action='AttachFile', do='get',
                        target='a b.txt')

    assert writer.put('Files', '{{attachment:a b.txt}}\n')
    assert 'Upload new attachment' in wiki.html('Files')
    assert writer.attach('Files', 'a b.txt', b'bytes\n', author='Filer')
    assert served() == (200, 'bytes\n')
    assert 'Upload new attachment' not in wiki.html('Files')
    assert writer.attach('Files', 'a b.txt', b'more\n')
    assert served() == (200, 'more\n')
    listed = changes(wiki.get('Files', action='AttachFile')[1])
    assert 'a b.txt' in listed and listed.count('KB') == 1, listed
    assert 'a b.txt' in changes(wiki.html('RecentChanges'))
    assert writer.detach('Files', 'a b.txt')
    assert served()[0] != 200 or served()[1] != 'more\n'
    assert 'Upload new attachment' in wiki.html('Files')
    assert writer.attach('No page yet', 'f', b'x')
    assert wiki.get('No page yet', action='AttachFile', do='get',
                    target='f') == (200, 'x')
    wiki.save('No page yet', 'now\n')
    assert wiki.raw('No page yet') == 'now\n'


def groups(wiki, writer):
    """Who leaves a group has lost its rights at once."""
    def may_read(user):
        return 'secret' in (wiki.html('Closed', user) or '')

    assert writer.put('CheckGroup', '#acl All:read,write\n * Ann\n * Bob\n')
    assert writer.put('Closed', '#acl CheckGroup:read All:\nsecret\n')
    assert may_read('Ann') and may_read('Bob') and not may_read('Cid')
    for members, left in (('Ann', 'Bob'), ('Bob', 'Ann')) * 5:
        assert writer.put('CheckGroup', ' * %s\n' % members)
        assert may_read(members) and not may_read(left)
        time.sleep(random.random() / 5)
    assert writer.drop('CheckGroup')
    assert not may_read('Bob') and not may_read('Ann')


class Master(http.server.BaseHTTPRequestHandler):
    """Counts who asks it for BadContent, and refuses."""
    def do_POST(self):
        self.server.count += 1
        self.send_error(404)

    def log_message(self, *args):
        pass


def antispam(wiki, writer):
    """New patterns count at once, and Moin asks nobody else for them."""
    def refused(text):
        return 'can not save' in wiki.save('Some page', text)[1]

    failure = os.path.join(wiki.data, 'cache', 'wikiconfig', 'antispam',
                           'failure')
    assert writer.hold_off()
    wiki.asked.count = 0
    wiki.save('Some page', 'text\n')
    assert wiki.asked.count == 0
    os.utime(failure, (1, 1))               # so that the check can fail
    wiki.save('Some page', 'text two\n')
    assert wiki.asked.count > 0
    os.utime(failure, (1, 1))
    assert writer.hold_off()
    wiki.asked.count = 0
    assert not refused('buy at spam.example\n')
    assert writer.put('BadContent', '#acl All:read\n## x\nspam\\.example\n')
    assert refused('buy at spam.example again\n')
    for i in range(10):
        assert writer.put('BadContent', 'other%d\\.example\n' % i)
        assert refused('buy at other%d.example now\n' % i)
        assert not refused('buy at spam.example, %d\n' % i)
    path = wiki.folder('BadContent', 'edit-log')
    with open(path) as f:                   # as after a week without a change
        old = [line.split('\t', 1)[1] for line in f]
    with open(path, 'w') as f:
        f.writelines('1000000000%06d\t%s' % (i, line)
                     for i, line in enumerate(old))
    wiki.stop()
    wiki.start(MASTER=wiki.asked.url)
    wiki.save('Some page', 'text three\n')
    assert wiki.asked.count == 0


def interwiki(wiki, writer):
    """A new map is read as soon as Moin looks (a minute after the first)."""
    assert writer.put('InterWikiMap', 'Check http://check.example/\n')
    assert writer.put('Links', '[[Check:Page]]\n')
    end = time.time() + 75
    while 'http://check.example/Page' not in wiki.html('Links'):
        assert time.time() < end
        time.sleep(1)


def conflict(wiki, writer):
    """An editor that was open when a page arrived gets both texts."""
    assert writer.put('Edited', 'one\n')
    assert writer.put('Edited', 'two\n')
    answer = wiki.save('Edited', 'mine\n', rev=1)[1]
    assert 'Edit conflict' in answer and wiki.raw('Edited') == 'two\n'


def savers(wiki, page, stop, saved, problems, sent=None):
    """One user who saves as fast as he can; sent: also what was refused."""
    name = threading.current_thread().name
    i = 0
    while not stop.is_set():
        text = '%s %d' % (name, i)
        if sent is not None:
            sent.add(text)
        status, answer = wiki.save(page, text)
        # 404: the page as it is after the save, while another saves it.
        if status not in (200, 404):
            problems.append((status, answer[-800:]))
        elif 'Thank you for your changes' in answer:
            saved.add(text)
        i += 1


def revisions(wiki, folder):
    """Every revision's text, by number."""
    place = wiki.folder(folder, 'revisions')
    texts = {}
    for name in os.listdir(place):
        with open(os.path.join(place, name), encoding='utf-8') as f:
            texts[int(name)] = f.read().strip()
    return texts


def account(wiki, folder, texts):
    """No gap, no doubled line, the page readable."""
    assert sorted(texts) == list(range(1, len(texts) + 1)), 'gaps'
    for log in ('edit-log', os.path.join('pages', folder, 'edit-log')):
        lines = [line for line in wiki.lines(log)
                 if line[3] == folder and line[2].startswith('SAVE')]
        numbers = [int(line[1]) for line in lines if line[5] != 'wikicast']
        assert sorted(numbers) == sorted(texts), log
        # Locked in vain: readers had to be told that the page is back.
        assert len(lines) - len(numbers) <= 2 + len(texts) // 50, log
    with open(wiki.folder(folder, 'current')) as f:
        assert int(f.read()) == max(texts)
    left = set(os.listdir(wiki.folder(folder))) - {
        'cache', 'current', 'edit-lock', 'edit-log', 'revisions'}
    assert not left, left


def hammered(wiki, writer):
    """Savers in Moin and writers outside lose nothing of each other's."""
    stop, saved, problems = threading.Event(), set(), []
    users = [threading.Thread(target=savers, name='user%d' % i,
                              args=(wiki, 'Hammered', stop, saved, problems))
             for i in range(2)]
    for user in users:
        user.start()
    made, end = [], time.time() + SECONDS
    while time.time() < end:
        tags = ['writer%d.%d' % (len(made), i) for i in range(2)]
        made += tags
        for process in [writer.hammer('Hammered', 20, tag) for tag in tags]:
            error = process.communicate()[1]
            assert process.returncode == 0, error
    stop.set()
    for user in users:
        user.join()
    assert not problems, problems[0]
    texts = revisions(wiki, 'Hammered')
    every = list(texts.values())
    assert len(set(every)) == len(every), 'a text twice'
    assert saved <= set(every), 'lost of users: %s' % (saved - set(every))
    assert {'%s %d' % (tag, i) for tag in made for i in range(20)} <= \
        set(every), 'lost of writers'
    account(wiki, 'Hammered', texts)
    assert wiki.raw('Hammered').strip() == texts[max(texts)]
    return '%d revisions by users, %d by writers' % (
        len(saved), 20 * len(made))


def watched(wiki, writer):
    """Who reads while users save finds each text whole, and one always."""
    stop, saved, problems = threading.Event(), set(), []
    # Moin overwrites a deprecated page in place, and so does a save that
    # began while it was one, later: its revisions are not all that was there.
    sent = {('#deprecated\n' + 'many words ' * 6000).strip()}
    wiki.save('Watched', *sent)
    users = [threading.Thread(target=savers, name='user%d' % i, args=(
        wiki, 'Watched', stop, saved, problems, sent)) for i in range(2)]
    for user in users:
        user.start()
    seen, end = set(), time.time() + SECONDS
    while time.time() < end:
        seen |= {text.strip() for text in writer.watch('Watched', 2000)}
    stop.set()
    for user in users:
        user.join()
    assert not problems, problems[0]
    assert seen <= sent, [text[:100] for text in seen - sent]
    assert len(seen & set(revisions(wiki, 'Watched').values())) > 10
    return '%d texts seen' % len(seen)


def made_at_once(wiki, writer):
    """Two make the same new page in the same moment: both texts are kept."""
    won = 0
    for i in range(30):
        page, answers = 'Race%d' % i, []
        user = threading.Thread(
            target=lambda: answers.append(wiki.save(page, 'user')))
        user.start()
        time.sleep(random.random() / 8)
        done = writer.put(page, 'writer\n')
        user.join()
        texts = revisions(wiki, page)
        assert answers[0][0] in (200, 404), answers[0][1][-800:]
        assert 'user' in texts.values()
        assert not done or 'writer' in texts.values()
        account(wiki, page, texts)
        won += done
        wiki.raw(page)
    return '%d of 30 written' % won


def killed(wiki, writer):
    """A writer that is killed at any moment leaves nothing half."""
    intent = os.path.join(wiki.place, 'intent')
    stop, saved, problems = threading.Event(), set(), []
    user = threading.Thread(target=savers, name='user', args=(
        wiki, 'Killed', stop, saved, problems))
    user.start()
    finished, end, kills = 0, time.time() + SECONDS, 0
    while time.time() < end:
        process = writer.hammer('Killed', 100000, 'writer%d' % kills, intent)
        time.sleep(0.05 + random.random() / 10)
        process.kill()
        finished += b'finished' in process.communicate()[1]
        kills += 1
    writer.run('put', 'Killed', text='last\n', intent=intent)
    stop.set()
    user.join()
    assert not problems, problems[0]
    texts = revisions(wiki, 'Killed')
    every = list(texts.values())
    assert len(set(every)) == len(every), 'a text twice'
    assert saved <= set(every), 'lost: %s' % (saved - set(every))
    account(wiki, 'Killed', texts)
    assert finished > 0
    return '%d kills, %d finished by the next' % (kills, finished)


CHECKS = (is_shown_at_once, recent_changes, deletions, underlay, attachments,
          groups, antispam, interwiki, conflict, hammered, watched,
          made_at_once, killed)


def run(kind, checks, chosen, *wikis):
    failed = 0
    for check in checks:
        name = kind + check.__name__
        if chosen and name not in chosen:
            continue
        try:
            note = check(*wikis)
            print('ok      %s%s' % (name, ': ' + note if note else ''))
        except AssertionError as e:
            failed += 1
            print('FAILED  %s: %s' % (name, check.__doc__))
            sys.stdout.flush()
            sys.excepthook(*sys.exc_info())
            del e
        sys.stdout.flush()
    return failed


def start_master():
    """Who is asked for BadContent by a Moin that is not held off."""
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Master)
    server.count = 0
    server.url = 'http://127.0.0.1:%d/?action=xmlrpc2' % server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def fresh(place, name, moin_src, python2):
    folder = os.path.join(place, name)
    os.mkdir(folder)
    return Wiki(folder, moin_src, python2)


def by_moinput(place, build, chosen, *moin):
    wiki = fresh(place, 'one', *moin)
    wiki.asked = start_master()
    wiki.underlay('UnderPage', 'under\n')
    try:
        wiki.start(MASTER=wiki.asked.url)
        program = os.path.join(build, 'tests', 'support', 'moinput')
        return run('', CHECKS, chosen, wiki, Moinput(wiki, program))
    finally:
        wiki.stop()


def by_programs(place, build, chosen, *moin):
    wiki = fresh(place, 'two', *moin)
    wiki.asked = start_master()
    net = programs.Network(place, build, wiki)
    try:
        wiki.start(MASTER=wiki.asked.url)
        net.start()
        return run('programs.', programs.CHECKS, chosen, net)
    finally:
        net.stop()
        wiki.stop()


def said(place):
    """What a Moin that broke has told its log."""
    failed = 0
    for name in ('one', 'two', 'master'):
        path = os.path.join(place, name, 'server.log')
        with open(path, errors='replace') as f:
            log = f.read()
        if 'Traceback' in log:
            failed += 1
            print('FAILED  the server: ' +
                  log[log.index('Traceback'):][:2000])
    return failed


def main():
    build, moin_src, python2 = sys.argv[1:4]
    place = tempfile.mkdtemp(prefix='wcmoin')
    failed = 1
    try:
        failed = sum(part(place, os.path.abspath(build), sys.argv[4:],
                          moin_src, python2)
                     for part in (by_moinput, by_programs))
        failed += said(place)
    finally:
        if failed:
            print('what it did is in %s' % place)
        else:
            shutil.rmtree(place)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
