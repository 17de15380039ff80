"""Change a published feed as only the holder of its key could.

	forge.py FEEDFOLDER history|older|network SED-SCRIPT|@FILE
	forge.py FEEDFOLDER step|snapshot CASE [TEXT]
	forge.py --serve

The changed file gets the name of its new digest, and whatever names it is
corrected: history, then feed.atom, which must be signed anew (wcsign).  The
older document is the one that the newest one's first skip leads to.  A step
is taken apart and put together with the prefix that stands in the file
FEEDFOLDER.prefix, if there is one; else it must put new items only.  CASES are
below: each changes the plan of a tarball.

With --serve the arguments come as lines, with tabs between them, and each is
answered by "done": a test forges a hundred times, and starts Python once.
"""
import base64
import hashlib
import os
import re
import subprocess
import sys
import tempfile

BLOCK = 512
CASES = {}


def run(command, data):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def unpack(data):
    return run(['zstd', '-dcq'], data)


def pack(data, *options):
    return run(['zstd', '-cq', '-6', '--stream-size=%d' % len(data),
                *options], data)


def with_prefix(command, prefix, data):
    with tempfile.NamedTemporaryFile() as f:
        f.write(prefix)
        f.flush()
        return run(command + ['--patch-from=' + f.name], data)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def unescaped(text):
    return text.encode('latin-1').decode('unicode_escape').encode('latin-1')


def state_of(items):
    """The state digest of FORMAT section 4; items: path to kind, bytes, format."""
    lines = [b'%s %s %d %s - %s\n' % (kind, digest(body).encode(), len(body),
                                      format, path)
             for path, (kind, body, format) in sorted(items.items())]
    return digest(b''.join(lines))


# ---- tar ----

class Member:
    def __init__(self, name, body, mtime=0):
        self.name, self.body, self.mtime = name, body, mtime
        self.type, self.mode, self.uid, self.gid = b'0', 0o644, 0, 0
        self.link = self.owner = self.prefix = b''
        self.magic = b'ustar\x0000'
        self.size = None        # another one in the header
        self.before = b''       # blocks in front of it
        self.checksum = None

    def header(self):
        size = len(self.body) if self.size is None else self.size
        number = size if isinstance(size, bytes) else b'%011o\0' % size
        h = bytearray(BLOCK)

        def put(at, value):
            h[at:at + len(value)] = value

        put(0, self.name[:100])
        put(100, b'%07o\0%07o\0%07o\0' % (self.mode, self.uid, self.gid))
        put(124, number)
        put(136, b'%011o\0' % self.mtime)
        put(148, b' ' * 8)
        put(156, self.type)
        put(157, self.link)
        put(257, self.magic)
        put(265, self.owner)
        put(297, self.owner)
        put(329, b'0000000\x000000000\0')
        put(345, self.prefix)
        put(148, b'%06o\0 ' % (self.checksum or sum(h)))
        return bytes(h)

    def blocks(self):
        return (self.before + self.header() + self.body +
                b'\0' * (-len(self.body) % BLOCK))


def members_of(tar):
    out, at = [], 0
    while tar[at:at + 1] != b'\0':
        name = tar[at:at + 100].rstrip(b'\0')
        size = int(tar[at + 124:at + 135], 8)
        body = tar[at + BLOCK:at + BLOCK + size]
        if tar[at + 156:at + 157] == b'x':
            sys.exit('forge: a step of plain names, please')
        out.append(Member(name, body, int(tar[at + 136:at + 147], 8)))
        at += BLOCK + size + -size % BLOCK
    return out


def pax(kind, *records):
    body = b''
    for key, value in records:
        n = len(key) + len(value) + 3
        while len(b'%d' % n) + len(key) + len(value) + 3 != n:
            n += 1
        body += b'%d %s=%s\n' % (n, key, value)
    h = Member(b'pax', body)
    h.type = kind
    return h.blocks()


# ---- plans ----

class Plan:
    """A tarball before it is put together; the manifest is member 0."""

    def __init__(self, tar, step, prefix=b''):
        self.members, self.step = members_of(tar), step
        self.prefix = prefix    # of the second frame
        self.end = b'\0' * (2 * BLOCK)
        self.cut = 1            # members in the first frame of a step
        self.front = self.back = b''
        self.options = []
        self.unpacked = None
        self.one_frame = not step
        self.make = None        # frames, from parts; else pack()
        self.last = None        # changes the last frame
        self.new_state = False  # the items make another one

    def manifest(self, was, to):
        m = self.members[0]
        now = re.sub(was, to, m.body, count=1, flags=re.S)
        if now == m.body:
            sys.exit('forge: nothing to change')
        m.body = now

    def items(self):
        """Of text, without a language, and none dropped."""
        rows = re.findall(b'<(?:put|item) kind="([a-z]+)" [^>]*format="(.*?)"',
                          self.members[0].body)
        return {m.name: (kind, m.body, format)
                for m, (kind, format) in zip(self.members[1:], rows)}

    def pack(self):
        blocks = [m.blocks() for m in self.members]
        parts = [b''.join(blocks[:self.cut]),
                 b''.join(blocks[self.cut:]) + self.end]
        if self.one_frame:
            parts = [b''.join(parts)]
        make = self.make or (lambda p: pack(p, *self.options))
        frames = [make(p) for p in parts]
        if self.prefix:
            frames[-1] = with_prefix(
                ['zstd', '-cq', '--stream-size=%d' % len(parts[-1])],
                self.prefix, parts[-1])
        if self.last:
            frames[-1] = self.last(frames[-1])
        data = self.front + b''.join(frames) + self.back
        n = sum(len(p) for p in parts)
        return data, n if self.unpacked is None else self.unpacked


def case(f):
    CASES[f.__name__.replace('_', '-')] = f
    return f


def victim(p):
    return p.members[-1]


def is_type(letter, link=b''):
    def change(p, _):
        m = victim(p)
        m.type, m.link, m.body = letter, link, b''
    return change


for _name, _letter, _link in (
        ('hard-link', b'1', b'/etc/passwd'), ('symlink', b'2', b'/etc/passwd'),
        ('character-device', b'3', b''), ('block-device', b'4', b''),
        ('folder', b'5', b''), ('fifo', b'6', b''), ('contiguous', b'7', b''),
        ('gnu-long-name', b'L', b''), ('gnu-long-link', b'K', b''),
        ('gnu-sparse', b'S', b''), ('gnu-volume', b'V', b''),
        ('gnu-multi-volume', b'M', b''), ('old-pax', b'X', b'')):
    CASES[_name] = is_type(_letter, _link)


def is_pax(kind, key, value):
    def change(p, _):
        victim(p).before = pax(kind, (key, value))
    return change


for _key, _value in (
        ('path', b'../../etc/cron.d/x'), ('linkpath', b'/etc/passwd'),
        ('size', b'99999999999'), ('mtime', b'1'), ('atime', b'1'),
        ('uid', b'0'), ('uname', b'root'), ('gname', b'root'),
        ('charset', b'BINARY'), ('comment', b'x'), ('hdrcharset', b'BINARY'),
        ('SCHILY.xattr.user.x', b'y'), ('SCHILY.acl.access', b'user::rwx'),
        ('LIBARCHIVE.xattr.user.x', b'eA=='), ('GNU.sparse.major', b'1'),
        ('GNU.sparse.name', b'/etc/passwd'), ('SUN.holesdata', b' 0 9')):
    CASES['pax-' + _key] = is_pax(b'x', _key.encode(), _value)
CASES['pax-global'] = is_pax(b'g', b'path', b'/etc/passwd')


@case
def name(p, text):
    victim(p).name = text.encode('latin-1')


@case
def mode(p, text):
    victim(p).mode = int(text, 8)


@case
def owner_id(p, _):
    victim(p).uid = 1000


@case
def owner_name(p, _):
    victim(p).owner = b'root'


@case
def other_time(p, _):
    victim(p).mtime += 1


@case
def prefix(p, _):
    victim(p).prefix = b'/etc'


@case
def gnu_magic(p, _):
    victim(p).magic = b'ustar  \0'


@case
def bad_checksum(p, _):
    victim(p).checksum = 1


@case
def size_of_exabytes(p, _):
    victim(p).size = b'\x80\0\0\0\x70' + b'\0' * 7


@case
def size_negative(p, _):
    victim(p).size = b'\xff' * 12


@case
def size_beyond(p, _):
    victim(p).size = 0o77777777777


@case
def twice(p, _):
    p.members.append(victim(p))


@case
def extra(p, text):
    p.members.append(Member((text or 'items/zzz/text').encode(), b'x\n'))


@case
def missing(p, _):
    del p.members[-1]


@case
def disorder(p, _):
    p.members[-2:] = reversed(p.members[-2:])


@case
def no_manifest(p, _):
    del p.members[0]


@case
def other_text(p, _):
    victim(p).body = victim(p).body[::-1]


@case
def no_end(p, _):
    p.end = b''


@case
def more_behind(p, _):
    p.end += b'\0' * BLOCK


@case
def manifest(p, text):
    was, to = text.split('=>', 1)
    p.manifest(was.encode(), to.encode())


@case
def manifest_bytes(p, text):
    """The same, literally, with bytes that are no text, as "\\xff"."""
    was, to = (unescaped(part) for part in text.split('=>', 1))
    m = p.members[0]
    if was not in m.body:
        sys.exit('forge: nothing to change')
    m.body = m.body.replace(was, to, 1)


@case
def content(p, text):
    """NAME=BYTES, such as "a\\x00b": and all digests agree on it."""
    name, body = text.split('=', 1)
    path = b'items/%s/text' % name.encode()
    next(m for m in p.members if m.name == path).body = unescaped(body)
    p.new_state = True


# ---- zstd ----

@case
def not_zstd(p, _):
    p.make = lambda part: part


@case
def extra_frame(p, _):
    p.back = pack(b'x')


@case
def empty_frame(p, _):
    p.back = pack(b'')


@case
def skippable_in_front(p, _):
    p.front = b'\x50\x2a\x4d\x18\x04\0\0\0abcd'


@case
def skippable_behind(p, _):
    p.back = b'\x50\x2a\x4d\x18\x04\0\0\0abcd'


@case
def single_frame(p, _):
    p.one_frame = True


@case
def two_frames(p, _):
    p.one_frame = False


@case
def bytes_behind(p, _):
    p.back = b'abcd'


@case
def no_checksum(p, _):
    p.options = ['--no-check']


@case
def no_content_size(p, _):
    p.make = lambda part: run(['zstd', '-cq'], part)


@case
def huge_window(p, _):
    def make(part):
        # RFC 8878 3.1.1: a frame header of 2 GiB window, one raw block.
        head = b'\x28\xb5\x2f\xfd\x84\xa8' + len(part).to_bytes(4, 'little')
        block = (len(part) << 3 | 1).to_bytes(3, 'little')
        return head + block + part + b'\0\0\0\0'
    p.make = make


@case
def bomb(p, _):
    """32 MiB of nothing in some kilobytes, where two would do."""
    n = sum(len(m.blocks()) for m in p.members) + len(p.end)
    p.unpacked = n
    p.end += b'\0' * (32 << 20)


@case
def admitted_bomb(p, _):
    """The same, with its true size in the signed documents."""
    p.end += b'\0' * (32 << 20)


@case
def fewer_bytes(p, _):
    p.unpacked = 1 << 20


# ---- prefixes ----

@case
def no_change(p, _):
    pass


@case
def prefix_longer(p, _):
    at = len(p.prefix) // 2
    p.prefix = p.prefix[:at] + b'x' + p.prefix[at:]


@case
def prefix_cut(p, _):
    p.prefix = p.prefix[:-1]


@case
def prefix_turned(p, text):
    """Contents in another order: the first TEXT bytes come last."""
    p.prefix = p.prefix[int(text):] + p.prefix[:int(text)]


@case
def prefix_none(p, _):
    p.prefix = b''


@case
def size_in_frame(p, text):
    """The last frame's header says so many bytes more."""
    def change(frame):
        # RFC 8878 3.1.1.1: descriptor, window unless single segment, size.
        flag = frame[4] >> 6
        at = 5 + (0 if frame[4] & 32 else 1)
        width = {0: 1, 1: 2, 2: 4, 3: 8}[flag]
        n = int.from_bytes(frame[at:at + width], 'little') + int(text)
        return frame[:at] + n.to_bytes(width, 'little') + frame[at + width:]
    p.last = change


@case
def dictionary_id(p, text):
    """The last frame asks for a dictionary, in the file TEXT."""
    p.prefix = b''
    p.make = lambda part: (pack(part) if part.startswith(b'manifest.xml')
                           else pack(part, '-D', text))


@case
def unpacked(p, text):
    n = sum(len(m.blocks()) for m in p.members) + len(p.end)
    p.unpacked = n + int(text)


@case
def same_again(p, text):
    """It puts an item as it is already: NAME=BYTES."""
    name, old = text.split('=', 1)
    old = old.encode() + b'\n'
    m = p.members[0]
    time = re.search(b'updated="([^"]*)"', m.body)[1].decode()
    m.body = re.sub(b'<put ', (
        '<put kind="page" name="%s" updated="%s" format="text"/>\n<put ' % (
            name, time)).encode(), m.body, count=1)
    p.members.insert(1, Member(b'items/%s/text' % name.encode(), old,
                               p.members[1].mtime))
    p.prefix = old + p.prefix


# ---- the tree ----

class Tree:
    def __init__(self, folder):
        self.folder = folder
        with open(self.path('feed.atom'), encoding='utf-8') as f:
            self.feed = f.read()

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), 'rb') as f:
            return f.read()

    def replace(self, name, data):
        """Under its new name, and correct the feed's links; the new name."""
        old = os.path.basename(name)
        suffix = old[64:]
        new = digest(data)
        place = ('pool/%s/' % new[:2] if name.startswith('pool/')
                 else name[:name.index('/') + 1])
        os.makedirs(self.path(place), exist_ok=True)
        with open(self.path(place + new + suffix), 'wb') as f:
            f.write(data)
        self.feed = re.sub(
            'href="%s"( type="[^"]*")? length="[0-9]+"' % re.escape(name),
            lambda m: 'href="%s"%s length="%d"' % (
                place + new + suffix, m[1] or '', len(data)), self.feed)
        return new

    def link(self, folder):
        return re.search('href="(%s/[^"]*)"' % folder, self.feed)[1]

    def document(self, folder, change):
        name = self.link(folder)
        text = change(unpack(self.read(name)))
        self.replace(name, pack(text))

    def older(self, change):
        skip = re.search(b'<skip to="[0-9]+" href="([0-9a-f]{64})"[^>]*>',
                         unpack(self.read(self.link('history'))))
        name = 'history/%s.xml.zst' % skip[1].decode()
        data = pack(change(unpack(self.read(name))))
        new = self.replace(name, data)
        now = re.sub(b'href=.*', b'href="%s" length="%d"/>' % (
            new.encode(), len(data)), skip[0])
        self.document('history', lambda t: t.replace(skip[0], now))

    def tarball(self, change, text, step):
        suffix = 'step' if step else 'tar'
        name = re.search(r'href="(pool/../[0-9a-f]{64}\.%s\.zst)"' % suffix,
                         self.feed)[1]
        prefix = b''
        if step and os.path.exists(self.folder + '.prefix'):
            with open(self.folder + '.prefix', 'rb') as f:
                prefix = f.read()
        data = self.read(name)
        plan = Plan(with_prefix(['zstd', '-dcq'], prefix, data)
                    if prefix else unpack(data), step, prefix)
        change(plan, text)
        if plan.new_state:
            self.new_state(plan)
        data, unpacked = plan.pack()
        old = os.path.basename(name)[:64]
        new = self.replace(name, data)
        here = '%s.%s.zst"' % (new, suffix)
        self.feed = re.sub(r'(%s [^>]*wc:unpacked=)"[0-9]+"' % re.escape(here),
                           r'\1"%d"' % unpacked, self.feed)
        if step:
            self.feed = re.sub(
                '(<content [^>]*>)[^<]*(</content>)',
                lambda m: m[1] + base64.b64encode(data).decode() + m[2],
                self.feed)
            if len(data) > 3072:
                self.feed = re.sub('<content.*?</content>\n', '', self.feed)
        row = '%s" length="%d" unpacked="%d"' % (new, len(data), unpacked)
        self.document('history', lambda t: re.sub(
            b'%s" length="[0-9]+" unpacked="[0-9]+"' % old.encode(),
            row.encode(), t))

    def new_state(self, plan):
        """Of a snapshot, or of a step from the newest snapshot's serial."""
        items = {}
        if plan.step:
            name = re.search(r'href="(pool/../[0-9a-f]{64}\.tar\.zst)"',
                             self.feed)[1]
            items = Plan(unpack(self.read(name)), False).items()
        items.update(plan.items())
        old = re.search(b' state="([0-9a-f]*)"', plan.members[0].body)[1]
        new = state_of(items).encode()
        plan.manifest(old, new)
        self.feed = self.feed.replace(old.decode(), new.decode())
        self.document('history', lambda t: t.replace(old, new))

    def save(self):
        with open(self.path('feed.atom'), 'w', encoding='utf-8') as f:
            f.write(self.feed)


def changed(document, how):
    if how.startswith('@'):
        with open(how[1:], 'rb') as f:
            return f.read()
    return run(['sed', '-E', how], document)


def forge(folder, part, what, text=''):
    tree = Tree(folder)
    if part in ('history', 'network'):
        tree.document(part, lambda t: changed(t, what))
    elif part == 'older':
        tree.older(lambda t: changed(t, what))
    else:
        tree.tarball(CASES[what], text, part == 'step')
    tree.save()


def serve():
    for line in sys.stdin:
        forge(*line.rstrip('\n').split('\t'))
        print('done', flush=True)


if sys.argv[1:] == ['--serve']:
    serve()
else:
    forge(*sys.argv[1:])
