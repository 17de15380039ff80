"""
What check.py asks of the programs: one MoinMoin publishes, `wikicast gen` and
`wikicast fetch` bring its pages into the data folder of another that runs.
"""
import os
import random
import re
import subprocess
import threading
import time

from wiki import Wiki, changes

ROUNDS = int(os.environ.get('ROUNDS', '20'))

PUBLISHER = """
[state]
dir = {place}/pub
[publish]
site = {place}/site
key = {key}
gnupg-home = {place}/gnupg
[feed news]
title = The News
url = http://127.0.0.1/news/
wiki = moin:{master}
pages = *
patterns = BadContent
interwiki = InterWikiMap
"""
FOLLOWER = """
[state]
dir = {place}/mine
[follow news]
mirror = file://{place}/site/news/
signer = {key}
wiki = moin:{data}
"""


class Network:
    """A publisher's wiki, a follower's, and the programs between them."""

    def __init__(self, place, build, mine):
        self.place = place
        self.program = os.path.join(build, 'bin', 'wikicast')
        self.mine = mine
        self.gnupg = os.path.join(place, 'gnupg')
        self.serial = 0
        home = os.path.join(place, 'master')
        os.mkdir(home)
        self.master = Wiki(home, mine.moin_src, mine.python2)

    def start(self):
        os.mkdir(self.gnupg, 0o700)
        gpg = ['gpg', '--homedir', self.gnupg, '--batch', '-q']
        subprocess.run(gpg + ['--passphrase', '', '--quick-gen-key',
                              'alice <alice@example.org>', 'ed25519', 'sign',
                              'never'], check=True,
                       stderr=subprocess.DEVNULL)
        listed = subprocess.run(gpg + ['--with-colons', '--list-keys'],
                                check=True, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL).stdout.decode()
        self.key = re.search('^fpr:+([0-9A-F]+):', listed, re.M).group(1)
        self.configure()
        self.master.start()

    def stop(self):
        self.master.stop()
        subprocess.run(['gpgconf', '--homedir', self.gnupg, '--kill', 'all'],
                       stderr=subprocess.DEVNULL)

    def configure(self, *lines):
        """Write both configurations; the lines are the follower's."""
        for name, text in (('pub', PUBLISHER),
                           ('mine', FOLLOWER + '\n'.join(lines) + '\n')):
            path = os.path.join(self.place, name + '.conf')
            with open(path, 'w') as f:
                f.write(text.format(place=self.place, key=self.key,
                                    master=self.master.data,
                                    data=self.mine.data))

    def run(self, config, *args, status=0):
        done = subprocess.run(
            [self.program] + list(args) +
            ['-c', os.path.join(self.place, config + '.conf')],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        told = done.stdout.decode() + done.stderr.decode()
        assert done.returncode == status, (args, done.returncode, told)
        return told

    def gen(self):
        told = self.run('pub', 'gen')
        with open(os.path.join(self.place, 'site', 'news', 'feed.atom'),
                  encoding='utf-8') as f:
            head = re.search('<wc:head serial="([0-9]+)"', f.read())
        self.serial = int(head.group(1))
        return told

    def fetch(self, status=0):
        return self.run('mine', 'fetch', status=status)

    def bring(self, status=0):
        """What the publisher has now arrives."""
        self.gen()
        return self.fetch(status)

    def status(self):
        return self.run('mine', 'status', 'news')


def origin(net):
    return 'news %d' % net.serial


def logged(wiki, page):
    """The page's last line in the log that RecentChanges shows."""
    return [line for line in wiki.lines() if line[3] == page][-1]


def arrives(net):
    """Pages and their changes, with author, comment, feed and serial."""
    master, mine = net.master, net.mine
    assert mine.html('Shared') is None
    master.save('Shared', '= One =\nfirst\n', user='AnnSmith',
                comment='made it')
    master.save('Shared/\u00dcber uns', 'sub\n', user='AnnSmith')
    net.bring()
    assert mine.raw('Shared') == master.raw('Shared') == '= One =\nfirst\n'
    assert 'first' in mine.html('Shared')
    assert mine.raw('Shared/\u00dcber uns') == 'sub\n'
    mine.save('RecentChanges', '<<RecentChanges>>\n')
    seen = changes(mine.html('RecentChanges'))
    assert 'Shared' in seen and 'AnnSmith' in seen, seen
    assert 'made it (%s)' % origin(net) in seen, seen
    for i in range(5):
        master.save('Shared', 'change %d\n' % i, user='BobJones',
                    comment='for the %d. time' % i)
        net.bring()
        assert 'change %d' % i in mine.html('Shared')
        line = logged(mine, 'Shared')
        assert int(line[1]) == i + 2
        assert 'for the %d. time (%s)' % (i, origin(net)) in line, line
    seen = changes(mine.get('Shared', action='info')[1])
    assert seen.count('BobJones') == 5 and origin(net) in seen, seen
    before = mine.lines()
    net.bring()
    assert mine.lines() == before
    assert mine.get('RecentChanges', action='rss_rc')[0] == 200


def goes_and_returns(net):
    """What the publisher deletes is deleted, and comes back with him."""
    master, mine = net.master, net.mine
    master.save('Passing', 'one\n', user='AnnSmith')
    net.bring()
    assert mine.raw('Passing') == 'one\n'
    master.delete('Passing')
    assert master.raw('Passing') is None
    net.bring()
    assert mine.raw('Passing') is None
    assert mine.get('Passing', action='recall', rev=1)[0] == 200
    assert origin(net) in logged(mine, 'Passing')[8]
    net.fetch()
    master.save('Passing', 'two\n', user='AnnSmith')
    net.bring()
    assert mine.raw('Passing') == 'two\n'
    assert sorted(os.listdir(mine.folder('Passing', 'revisions'))) == [
        '00000001', '00000003']


def attachments(net):
    """An attachment arrives, changes and goes."""
    master, mine = net.master, net.mine

    def served():
        return mine.get('Picture', action='AttachFile', do='get',
                        target='a b.txt')

    master.save('Picture', '{{attachment:a b.txt}}\n', user='AnnSmith')
    master.upload('Picture', 'a b.txt', b'bytes\n')
    net.bring()
    assert served() == (200, 'bytes\n')
    assert 'Upload new attachment' not in mine.html('Picture')
    assert 'a b.txt' in changes(mine.html('RecentChanges'))
    master.upload('Picture', 'a b.txt', b'more\n')
    net.bring()
    assert served() == (200, 'more\n')
    os.unlink(master.folder('Picture', 'attachments', 'a b.txt'))
    net.bring()
    assert served()[1] != 'more\n'
    assert 'Upload new attachment' in mine.html('Picture')


def antispam(net):
    """Patterns count at once; Moin's own pull waits, under any timer."""
    master, mine = net.master, net.mine
    failure = os.path.join(mine.data, 'cache', 'wikiconfig', 'antispam',
                           'failure')

    def refused(text):
        return 'can not save' in mine.save('Some page', text)[1]

    assert not refused('buy at casino.example\n')
    master.save('BadContent', '#acl All:read\n## x\ncasino\\.example\n',
                user='AnnSmith')
    os.utime(failure, (1, 1))
    net.bring()                             # no grant: nothing happens
    assert os.stat(failure).st_mtime == 1
    assert not refused('buy at casino.example once more\n')
    net.configure('grant = BadContent')
    net.fetch()
    assert refused('buy at casino.example again\n')
    for i in range(5):
        master.save('BadContent', 'other%d\\.example\n' % i,
                    user='AnnSmith')
        net.bring()
        assert refused('buy at other%d.example now\n' % i)
        assert not refused('buy at casino.example, %d\n' % i)
    path = mine.folder('BadContent', 'edit-log')
    with open(path) as f:                   # as after a week without a change
        old = [line.split('\t', 1)[1] for line in f]
    with open(path, 'w') as f:
        f.writelines('1000000000%06d\t%s' % (i, line)
                     for i, line in enumerate(old))
    mine.stop()
    mine.start(MASTER=mine.asked.url)
    mine.asked.count = 0
    os.unlink(failure)
    mine.save('Some page', 'it asks\n')
    assert mine.asked.count > 0             # so that the check can fail
    os.utime(failure, (1, 1))
    net.fetch()                             # no news, and an hour goes by
    stamp = os.stat(failure).st_mtime - 3600
    os.utime(failure, (stamp, stamp))
    mine.asked.count = 0
    mine.save('Some page', 'it does not\n')
    assert mine.asked.count == 0


def groups(net):
    """A group arrives only under a grant; who has left it may nothing."""
    master, mine = net.master, net.mine

    def may_read(user):
        return 'secret' in (mine.html('Closed', user) or '')

    net.configure()
    mine.save('Closed', '#acl TeamGroup:read All:\nsecret\n',
              user='AnnSmith')
    assert not may_read('Ann') and not may_read('Bob')
    master.save('TeamGroup', ' * Ann\n * Bob\n')
    net.bring()
    assert mine.raw('TeamGroup') is None and not may_read('Ann')
    assert 'TeamGroup' in net.status() and 'no grant' in net.status()
    net.configure('grant = TeamGroup')
    net.fetch()
    assert may_read('Ann') and may_read('Bob') and not may_read('Cid')
    for members, left in (('Ann', 'Bob'), ('Bob', 'Ann')) * 3:
        master.save('TeamGroup', ' * %s\n' % members)
        net.bring()
        assert may_read(members) and not may_read(left)
    net.configure()                         # the grant is taken back
    master.save('TeamGroup', ' * Cid\n')
    net.bring()
    assert not may_read('Cid') and may_read(members)


def access(net):
    """No #acl line of the feed comes into force by itself."""
    master, mine = net.master, net.mine
    text = '#acl Ann:read,write All:read\n#format wiki\n#acl All:read\nx\n'
    net.configure()
    master.save('Listed', text, user='AnnSmith')
    net.bring()
    assert mine.raw('Listed') == '#format wiki\nx\n'
    net.configure('acl = set "#acl All:read"')
    net.fetch()
    assert mine.raw('Listed') == '#acl All:read\n#format wiki\nx\n'
    assert 'not allowed to' in mine.save('Listed', 'mine\n')[1]
    net.configure('acl = accept')
    net.fetch()
    assert mine.raw('Listed') == text
    net.configure('acl = refuse')
    before = mine.lines()
    net.fetch()
    assert mine.lines() == before


def local_edits(net):
    """An edit by Moin's users stands, is listed, and can be ended by them."""
    master, mine = net.master, net.mine
    net.configure()
    master.save('Edited here', 'one\n')
    master.save('Deleted here', 'one\n')
    net.bring()
    mine.save('Edited here', 'ours\n', user='Cid')
    mine.delete('Deleted here')
    master.save('Elsewhere', 'text\n')
    net.bring()
    assert mine.raw('Edited here') == 'ours\n'
    master.save('Edited here', 'two\n')
    master.save('Deleted here', 'two\n')
    told = net.bring(status=6)
    assert 'Edited here' in told and 'Deleted here' in told, told
    assert mine.raw('Edited here') == 'ours\n'
    assert mine.raw('Deleted here') is None
    assert 'conflict' in net.status()
    net.fetch()                             # told once
    mine.save('Edited here', 'two\n', user='Cid')
    lines = mine.lines()
    net.fetch()                             # the texts agree
    assert mine.lines() == lines
    master.save('Edited here', 'three\n')
    net.bring()
    assert mine.raw('Edited here') == 'three\n'
    master.delete('Edited here')
    mine.save('Edited here', 'ours again\n', user='Cid')
    net.bring(status=6)
    assert mine.raw('Edited here') == 'ours again\n'


def open_editor(net):
    """Who has the editor open while a page arrives is shown both texts."""
    master, mine = net.master, net.mine
    master.save('In hand', 'one\n')
    net.bring()
    master.save('In hand', 'two\n')
    net.bring()
    answer = mine.save('In hand', 'ours\n', rev=1)[1]
    assert 'Edit conflict' in answer and mine.raw('In hand') == 'two\n'


class Saver(threading.Thread):
    """
    A user who saves on any of the shared pages as fast as he can, and then
    puts back what the publisher has, so that the page goes on to arrive.
    """

    def __init__(self, net, pages, stop, name):
        super().__init__()
        self.net, self.pages, self.stop, self.who = net, pages, stop, name
        self.saved, self.problems, self.count = set(), [], 0

    def save(self, page, text):
        status, answer = self.net.mine.save(page, text, user=self.who)
        if status not in (200, 404):
            self.problems.append((page, status, answer[-800:]))
        return 'Thank you for your changes' in answer

    def run(self):
        while not self.stop.is_set():
            page = random.choice(self.pages)
            text = '%s %d' % (self.who, self.count)
            if self.save(page, text):
                self.saved.add((page, text))
            self.count += 1
            theirs = self.net.master.raw(page)
            if theirs is not None:
                self.save(page, theirs.strip())


def check_page(net, page, written, savers):
    """How many revisions of the page wikicast made, all of them right."""
    texts, count = {}, 0
    place = net.mine.folder(page, 'revisions')
    for name in os.listdir(place):
        with open(os.path.join(place, name), encoding='utf-8') as f:
            texts[int(name)] = f.read().strip()
    assert sorted(texts) == list(range(1, len(texts) + 1)), 'gaps'
    by_users = {text for saver in savers for name, text in saver.saved
                if name == page}
    assert by_users <= set(texts.values()), 'lost: %s' % (
        by_users - set(texts.values()))
    for log in ('edit-log', os.path.join('pages', page, 'edit-log')):
        lines = [line for line in net.mine.lines(log) if line[3] == page and
                 line[2].startswith('SAVE') and line[5] != 'wikicast']
        assert sorted(int(line[1]) for line in lines) == sorted(texts), log
    for line in lines:
        text = texts[int(line[1])]
        if not re.search(r'\(?news [0-9]+\)?$', line[8]):
            continue
        serial = int(re.search('news ([0-9]+)', line[8]).group(1))
        assert written[page].get(text, serial + 1) <= serial, line
        assert line[8].startswith('%s (' % text), (line, text)
        count += 1
    ours = [text for text in texts.values() if text.startswith('user')]
    assert len(ours) == len(set(ours)), 'a text twice'
    left = set(os.listdir(net.mine.folder(page))) - {
        'cache', 'current', 'edit-lock', 'edit-log', 'revisions'}
    assert not left, left
    return count


def busy(net):
    """Users save on the pages that updates arrive on: nothing is lost."""
    master, mine = net.master, net.mine
    pages = ['Busy%d' % i for i in range(6)]
    written = {page: {} for page in pages}
    stop = threading.Event()
    savers = [Saver(net, pages, stop, 'user%d' % i) for i in range(2)]
    net.configure()
    for saver in savers:
        saver.start()
    try:
        for i in range(ROUNDS):
            for page in random.sample(pages, 4):
                text = 'feed %d' % i
                master.save(page, text, user='AnnSmith', comment=text)
                written[page][text] = net.serial + 1
            net.gen()
            done = subprocess.run(
                [net.program, 'fetch', '-c',
                 os.path.join(net.place, 'mine.conf')],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            # 6: a conflict that nobody was told of before.
            assert done.returncode in (0, 6), done
    finally:
        stop.set()
        for saver in savers:
            saver.join()
    for saver in savers:
        assert not saver.problems, saver.problems[0]
    for page in pages:                      # the users give in: all agree
        mine.save(page, master.raw(page).strip(), user='user0')
    net.fetch()
    status = net.status()
    for page in pages:
        assert mine.raw(page) == master.raw(page)
        assert page not in status, status
        master.save(page, 'last', user='AnnSmith', comment='last')
        written[page]['last'] = net.serial + 1
    net.bring()
    for page in pages:
        assert mine.raw(page).strip() == 'last'
    count = sum(check_page(net, page, written, savers) for page in pages)
    assert count > len(pages), 'nothing arrived among the users'
    assert mine.get('RecentChanges', action='rss_rc')[0] == 200
    return '%d revisions by users, %d by the feed' % (
        sum(len(saver.saved) for saver in savers), count)


CHECKS = (arrives, goes_and_returns, attachments, antispam, groups, access,
          local_edits, open_editor, busy)
