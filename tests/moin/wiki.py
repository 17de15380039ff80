"""A real MoinMoin 1.9 on a free port of the loopback, and who writes to it."""
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Wiki:
    """The server, and what its visitors do."""

    def __init__(self, place, moin_src, python2):
        self.place = place
        self.data = os.path.join(place, 'data')
        self.moin_src = moin_src
        self.python2 = python2
        self.process = None
        shutil.copytree(os.path.join(moin_src, 'wiki', 'data'), self.data,
                        ignore=shutil.ignore_patterns('pages'))
        os.makedirs(os.path.join(place, 'underlay', 'pages'))
        os.mkdir(os.path.join(self.data, 'pages'))
        for name in ('wikiconfig.py', 'server.py'):
            shutil.copy(os.path.join(HERE, name), place)
        for folder, _, files in os.walk(place):
            os.chmod(folder, 0o770)
            for name in files:
                os.chmod(os.path.join(folder, name), 0o660)

    def start(self, **environment):
        self.port = free_port()
        self.url = 'http://127.0.0.1:%d/' % self.port
        self.log = open(os.path.join(self.place, 'server.log'), 'ab')
        self.process = subprocess.Popen(
            [self.python2, os.path.join(self.place, 'server.py'),
             self.moin_src, str(self.port)],
            cwd=self.place, stdout=self.log, stderr=self.log,
            env=dict(os.environ, PYTHONDONTWRITEBYTECODE='1', **environment))
        for _ in range(300):
            try:
                if self.get('FrontPage')[0] in (200, 404):
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise SystemExit('MoinMoin did not start: see %s' % self.log.name)

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.log.close()
            self.process = None

    def underlay(self, folder, text):
        place = os.path.join(self.place, 'underlay', 'pages', folder)
        os.makedirs(os.path.join(place, 'revisions'))
        with open(os.path.join(place, 'current'), 'w') as f:
            f.write('00000001\n')
        with open(os.path.join(place, 'revisions', '00000001'), 'wb') as f:
            f.write(text.encode().replace(b'\n', b'\r\n'))

    def get(self, page, user=None, form=None, **query):
        """(status, text) of a page."""
        url = self.url + urllib.parse.quote(page)
        if query:
            url += '?' + urllib.parse.urlencode(query)
        body = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(url, body)
        if user is not None:
            request.add_header('X-User', user)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode('utf-8')
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode('utf-8', 'replace')

    def raw(self, page):
        """The page's text, None if there is no such page."""
        status, text = self.get(page, action='raw')
        if status == 404:
            return None
        assert status == 200, (page, status, text[:300])
        return text.replace('\r\n', '\n')

    def html(self, page, user=None):
        status, text = self.get(page, user)
        return text if status == 200 else None

    def save(self, page, text, rev=0, user=None, comment=''):
        """What Moin answers to a save by its editor; rev 0: on top of all."""
        return self.get(page, user, action='edit', form={
            'action': 'edit', 'savetext': text, 'rev': rev,
            'comment': comment, 'button_save': 'Save Changes'})

    def ticket(self, page, action):
        answer = self.get(page, action=action)[1]
        return re.search('name="ticket" value="([^"]*)"', answer).group(1)

    def delete(self, page):
        self.get(page, action='DeletePage', form={
            'action': 'DeletePage', 'delete': 'Delete', 'comment': 'no more',
            'ticket': self.ticket(page, 'DeletePage')})
        assert self.raw(page) is None

    def upload(self, page, name, content):
        fields = {'action': 'AttachFile', 'do': 'upload', 'overwrite': '1',
                  'target': name, 'ticket': self.ticket(page, 'AttachFile')}
        part = '--part\r\nContent-Disposition: form-data; name="%s"'
        body = ''.join((part + '\r\n\r\n%s\r\n') % field
                       for field in fields.items())
        body += part % 'file' + '; filename="x"\r\n\r\n'
        request = urllib.request.Request(
            self.url + urllib.parse.quote(page),
            body.encode() + content + b'\r\n--part--\r\n',
            {'Content-Type': 'multipart/form-data; boundary=part'})
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.status == 200
        with open(self.folder(page, 'attachments', name), 'rb') as f:
            assert f.read() == content

    def folder(self, name, *more):
        return os.path.join(self.data, 'pages', name, *more)

    def lines(self, log='edit-log'):
        with open(os.path.join(self.data, log), 'rb') as f:
            text = f.read()
        assert text.endswith(b'\n'), log
        return [line.split('\t') for line in
                text.decode('utf-8').split('\n')[:-1]]


class Moinput:
    """
    Writes through wiki.h, by tests/support/moinput.  Another writer has the
    same methods; each ends true if the change was made.
    """

    def __init__(self, wiki, program):
        self.wiki = wiki
        self.program = program

    def run(self, *args, text='', author=None, comment=None, intent=None):
        environment = dict(os.environ)
        for name, value in (('AUTHOR', author), ('COMMENT', comment),
                            ('INTENT', intent)):
            if value is not None:
                environment[name] = value
        if isinstance(text, str):
            text = text.encode()
        done = subprocess.run(
            [self.program, 'moin:' + self.wiki.data] + list(args),
            input=text, env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        assert done.returncode in (0, 12, 13), (args, done)
        return done.returncode == 0

    def put(self, page, text, **more):
        return self.run('put', page, text=text, **more)

    def drop(self, page, **more):
        return self.run('drop', page, **more)

    def attach(self, page, name, content, **more):
        return self.run('put', page, name, text=content, **more)

    def detach(self, page, name, **more):
        return self.run('drop', page, name, **more)

    def hold_off(self):
        return self.run('begin')

    def watch(self, page, count):
        """All texts that so many readings of the page gave."""
        done = subprocess.run(
            [self.program, 'moin:' + self.wiki.data, 'watch', page,
             str(count)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode == 0, (done.returncode, done.stderr)
        return done.stdout.decode('utf-8').split('\f')[:-1]

    def hammer(self, page, count, tag, intent=None):
        """Start a process that makes so many revisions "TAG i"."""
        environment = dict(os.environ)
        if intent is not None:
            environment['INTENT'] = intent
        return subprocess.Popen(
            [self.program, 'moin:' + self.wiki.data, 'hammer', page,
             str(count), tag], env=environment, stderr=subprocess.PIPE)


def changes(html):
    """The text of RecentChanges, without markup."""
    return re.sub(r'<[^>]*>', ' ', html)
