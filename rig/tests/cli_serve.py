# SPDX-License-Identifier: GPL-3.0-or-later
# cli_serve.py OTARIG FIRMWARE: each attack of `otarig serve` as other people's clients see it, to the byte.
import itertools, json, os, shutil, signal, socket, ssl, subprocess, sys, tempfile, threading, time, urllib.request
from concurrent.futures import ThreadPoolExecutor

OTARIG, FIRMWARE = sys.argv[1], sys.argv[2]
IMAGE = open(FIRMWARE + "/v2-b.bin", "rb").read()
WORK = tempfile.mkdtemp()
PATH = "/image/v2-b.bin"
HOST = "update.otarig.invalid"
NUMBERS = itertools.count()
failed = []


class Serve:
    """A server that plays faults (lines of YAML) from a fresh scenario; .log holds its records once it is stopped."""
    def __init__(self, *faults, tls=False, listen="127.0.0.1:0", more=(), given=""):
        number = next(NUMBERS)
        path = os.path.join(WORK, "s%d.yaml" % number)
        lines = "".join("  - %s\n" % f for f in faults)
        with open(path, "w") as f:
            f.write("schema: 1\nclaim: A server that lies.\ngiven: {installed: v1, offered: v2%s}\n" % given + ("fault:\n" + lines if faults else ""))
        self.certs = os.path.join(WORK, "certs%d" % number)
        args = [OTARIG, "serve", path, "--images", FIRMWARE, "--listen", listen, *more]
        if tls:
            args += ["--tls", "--certs", self.certs]
        self.process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        first = self.process.stdout.readline()
        if not first:
            raise Exception("does not start: " + self.process.stderr.read().decode())
        self.first = json.loads(first)
        self.lines = []
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout))
        self.reader.start()
        self.port = int(self.first["listen"].rsplit(":", 1)[1])
        self.scheme = "https" if tls else "http"
        self.url = "%s://127.0.0.1:%d%s" % (self.scheme, self.port, PATH)
        self.ca = os.path.join(self.certs, "ca-cert.pem")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.code = self.process.wait(timeout=20)
        self.reader.join()
        self.process.stdout.close()
        self.process.stderr.close()
        self.log = [json.loads(line) for line in self.lines]

    def of(self, kind):
        return [r for r in self.log if r["ev"] == kind]


def check(name, good, *why):
    print("%s: %s" % ("ok" if good else "FAILED", name), *([] if good else why))
    if not good:
        failed.append(name)


class Secure:
    """TLS over a socket by memory BIOs, so that a reset and an end without close_notify can be told apart."""
    def __init__(self, context, s, host):
        self.socket, self.inside, self.outside = s, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.inside, self.outside, server_hostname=host)
        self.do(self.tls.do_handshake)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def do(self, what, *args):
        while True:
            try:
                return what(*args)
            except ssl.SSLWantReadError:
                self.flush()
                data = self.socket.recv(65536)
                self.inside.write(data) if data else self.inside.write_eof()
            finally:
                self.flush()

    def flush(self):
        data = self.outside.read()
        if data:
            self.socket.sendall(data)

    def sendall(self, data):
        self.do(self.tls.write, data)

    def recv(self, n):
        try:
            return self.do(self.tls.read, n)
        except ssl.SSLZeroReturnError:
            return b""


def connect(server, version=None, trust=True, host=HOST, timeout=5):
    s = socket.create_connection(("127.0.0.1", server.port), timeout=timeout)
    if server.scheme == "http":
        return s
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if version:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
    if trust:
        context.load_verify_locations(server.ca)
    else:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        return Secure(context, s, host)
    except Exception:
        s.close()
        raise


def read_all(s):
    """Bytes, and how they ended: closed, reset, no-notify, silent, endless, or the name of a TLS failure."""
    data = bytearray()
    try:
        while len(data) < 1 << 23:
            part = s.recv(65536)
            if not part:
                return bytes(data), "closed"
            data += part
        return bytes(data), "endless"
    except ConnectionResetError:
        return bytes(data), "reset"
    except (socket.timeout, TimeoutError):
        return bytes(data), "silent"
    except ssl.SSLEOFError:
        return bytes(data), "no-notify"
    except ssl.SSLError as e:
        return bytes(data), e.reason


def get(server, path=PATH, headers="", version=None, timeout=5):
    """Status line and headers, body, end."""
    with connect(server, version, timeout=timeout) as s:
        s.sendall(("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s\r\n" % (path, HOST, headers)).encode())
        data, how = read_all(s)
    head, _, body = data.partition(b"\r\n\r\n")
    return head.decode("latin-1"), body, how


def at_request(attack, n=1):
    return "{at: {request: %d, path: /image}, do: serve, attack: %s}" % (n, attack)


def both(name, attack, expect, **wish):
    """The same attack over plain TCP and over TLS. expect(head, body, how, tls) says whether it is right."""
    for tls in (False, True):
        with Serve(at_request(attack), tls=tls) as s:
            head, body, how = get(s, **wish)
        told = [r.get("attack") for r in s.of("http")]
        check("%s over %s" % (name, s.scheme), expect(head, body, how, tls) and told == [attack.split(",")[0]],
              head, len(body), how, told)


def honest():
    for tls in (False, True):
        with Serve(tls=tls) as s:
            head, body, how = get(s)
            part = get(s, headers="Range: bytes=100-299\r\n")
            lost = get(s, path="/../../etc/passwd")
            manifest = get(s, path="/manifest.json?device=1&hw=nucleo-l476rg&slot=b&version=1.0.0")
        check("the whole image over " + s.scheme, body == IMAGE and how == "closed" and " 200 " in head, len(body), how)
        check("a range over " + s.scheme, part[1] == IMAGE[100:300] and " 206 " in part[0], part)
        check("nothing but what is offered over " + s.scheme, " 404 " in lost[0] or " 400 " in lost[0], lost)
        check("a manifest over " + s.scheme, b'"version":"2.0.0"' in manifest[1], manifest)
        check("every hit is told, and the end, over " + s.scheme, len(s.of("http")) == 4 and s.log[-1]["ev"] == "end" and s.code == 143, s.log)


def bodies():
    both("truncate", "truncate, at-byte: 5001", lambda h, b, how, tls: b == IMAGE[:5001] and how == "closed")
    both("reset", "reset, at-byte: 70001", lambda h, b, how, tls: b == IMAGE[:70001] and how == "reset")
    both("reset at the first byte", "reset, at-byte: 0", lambda h, b, how, tls: b == b"" and how == "reset" and " 200 " in h)
    both("stall", "stall, at-byte: 4097", lambda h, b, how, tls: b == IMAGE[:4097] and how == "silent", timeout=1)
    both("stall for a while", "stall, at-byte: 4097, for: 300ms", lambda h, b, how, tls: b == IMAGE and how == "closed")
    both("flip-bits", "flip-bits, at-byte: 9, count: 8", lambda h, b, how, tls: [i for i in range(len(b)) if b[i] != IMAGE[i]] == [9])
    both("content-length", "content-length, kind: long, by: 3", lambda h, b, how, tls: b == IMAGE and "Content-Length: %d" % (len(IMAGE) + 3) in h)


def composed():
    for tls in (False, True):
        with Serve(at_request("flip-bits, at-byte: 3, count: 1"), at_request("truncate, at-byte: 9"), tls=tls) as s:
            _, body, how = get(s)
        want = bytes([IMAGE[i] ^ (1 if i == 3 else 0) for i in range(9)])
        check("two attacks on one answer over " + s.scheme, body == want and how == "closed", body, how)
    with Serve("{at: {request: 1, path: /image, device: one}, do: serve, attack: truncate, at-byte: 3}") as s:
        other, hit = get(s, PATH + "?device=two")[1], get(s, PATH + "?device=one")[1]
    check("only the device that is meant", other == IMAGE and hit == IMAGE[:3], len(other), len(hit))
    with Serve("{at: {event: update.downloaded}, do: serve, attack: reset, at-byte: 7}") as s:
        before = get(s)[1]
        with connect(s) as c:
            told = b'{"device":"1","stage":"downloaded","version":"2.0.0"}'
            c.sendall(b"POST /telemetry HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(told) + told)
            read_all(c)
        after = get(s)
    check("an attack that begins with what a client reports", before == IMAGE and after[1] == IMAGE[:7] and after[2] == "reset", after[1:])
    with Serve("{at: {time: 0s}, do: serve, attack: truncate, at-byte: 3}", more=["--always"]) as s:
        lengths = [len(get(s)[1]) for _ in range(3)]
    check("--always acts on every request", lengths == [3, 3, 3], lengths)


def early():
    answer = b'{"early":true}'
    ask = ("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (PATH, HOST)).encode()
    for tls in (False, True):
        with Serve("{at: {request: 1}, do: serve, attack: early-answer, then: keep}",
                   "{at: {request: 2, path: /image}, do: serve, attack: early-answer, bytes: 60}", tls=tls) as s:
            with connect(s) as c:
                first = b""
                while not first.endswith(answer):
                    first += c.recv(4096)
                c.sendall(ask)  # answered already
                c.sendall(ask)
                body = b""
                while len(body.partition(b"\r\n\r\n")[2]) < len(IMAGE):
                    body += c.recv(65536)
            with connect(s) as c:
                c.sendall(ask[:59])
                time.sleep(0.2)
                c.sendall(ask[59:60])
                second, how = read_all(c)
        told = [(r["path"], r.get("attack")) for r in s.of("http")]
        check("an answer before the request over " + s.scheme, first.startswith(b"HTTP/1.1 200 ") and first.endswith(answer) and
              body.endswith(IMAGE), first, len(body))
        check("an answer within the request over " + s.scheme, second.endswith(answer) and how == "closed" and
              told == [("*", "early-answer"), (PATH, None), (PATH, "early-answer")], second, how, told)


def slow():
    """Clients that say a byte now and then are given up, whoever else is served; --patience makes a minute short."""
    for tls in (False, True):
        with Serve(tls=tls, more=["--patience", "1"]) as s:
            begun = time.monotonic()
            with connect(s) as c:
                for byte in b"GET /":
                    c.sendall(bytes([byte]))
                    good = get(s)[1] == IMAGE
                    time.sleep(0.15)
                said, how = read_all(c)
            took = time.monotonic() - begun
            shy = socket.create_connection(("127.0.0.1", s.port), timeout=8)
            shy.sendall(b"\x16" if tls else b"G")
            last, end = read_all(shy)
            shy.close()
        why = [r["why"] for r in s.of("bad-request")]
        check("a byte now and then over %s: 408 when patience ends" % s.scheme, good and said.startswith(b"HTTP/1.1 408 ") and
              how == "closed" and 0.9 < took < 4 and end in ("closed", "reset") and len(why) == (1 if tls else 2), said, how, took, end, why)


def ask_unread(total):
    """A server whose log nobody reads, and how many of so many requests it answered; each line of its log is longer than 1500 bytes."""
    path = os.path.join(WORK, "unread.yaml")
    with open(path, "w") as f:
        f.write("schema: 1\nclaim: A server.\ngiven: {installed: v1, offered: v2}\n")
    p = subprocess.Popen([OTARIG, "serve", path, "--images", FIRMWARE, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, bufsize=0,
                         stderr=subprocess.DEVNULL)
    first = b""
    while not first.endswith(b"\n"):
        first += p.stdout.read(1)
    answers = 0
    with socket.create_connection(("127.0.0.1", int(json.loads(first)["listen"].rsplit(":", 1)[1])), timeout=5) as c:
        try:
            for _ in range(total):
                c.sendall(b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * 1500))
                answer = b""
                while not answer.endswith(b"not here\n"):
                    answer += c.recv(4096)
                answers += 1
        except OSError:
            pass
    return p, answers


def unread():
    """The pipe is full: the server serves on, says what it dropped once it is read, and ends when it is told to."""
    total, log = 1500, bytearray()
    p, answers = ask_unread(total)
    reader = threading.Thread(target=lambda: log.extend(p.stdout.read() or b""))
    reader.start()
    time.sleep(0.5)
    p.send_signal(signal.SIGTERM)
    code = p.wait(timeout=20)
    reader.join()
    p.stdout.close()
    records = [json.loads(line) for line in log.splitlines()]
    lost, told = sum(r["records"] for r in records if r["ev"] == "lost"), sum(r["ev"] == "http" for r in records)
    check("a log that nobody reads does not hold up the server (%d told, %d lost)" % (told, lost), answers == total and lost > 0 and
          told + lost == total and records[-1]["ev"] == "end" and records[-1]["requests"] == total and code == 143, answers, code, records[-2:])
    p, answers = ask_unread(200)
    p.send_signal(signal.SIGTERM)
    try:
        code = p.wait(timeout=10)
    except subprocess.TimeoutExpired:
        p.kill()
        code = p.wait()
    p.stdout.close()
    check("it ends though nobody reads", code == 143 and answers == 200, code, answers)


def handshake(attack, **wish):
    """What the client says of the handshake, None when it succeeds."""
    with Serve("{at: {time: 0s}, do: serve, attack: %s}" % attack, tls=True) as s:
        try:
            with connect(s, **wish):
                said = None
        except ssl.SSLCertVerificationError as e:
            said = e.verify_message
        except ssl.SSLError as e:
            said = e.reason
        except (socket.timeout, TimeoutError):
            said = "silent"
        except OSError as e:
            said = type(e).__name__
        time.sleep(0.1)
    return said, s.of("tls")


def certificates():
    for attack, words in (("tls-expired, by: 1s", "expired"), ("tls-not-yet-valid", "not yet valid"), ("tls-wrong-host", "Hostname mismatch"),
                          ("tls-unknown-ca", "certificate"), ("tls-self-signed", "self-signed"), ("tls-chain", "unable to get local issuer"),
                          ("tls-chain, kind: leaf-as-ca", "invalid CA"), ("tls-chain, kind: wrong-use", "purpose"),
                          ("tls-chain, kind: bad-signature", "signature failure"), ("tls-chain, kind: impostor", "SIGNATURE"),
                          ("tls-old-version", "PROTOCOL_VERSION"), ("tls-old-version, otherwise: forges", "UNSUPPORTED_PROTOCOL"),
                          ("tls-garbage", ""), ("tls-garbage, in: certificate", ""), ("tls-garbage, in: finished, kind: shapeless", "")):
        # bad luck of a random byte apart, garbage is refused for some reason of the library's
        said, told = handshake(attack, version=ssl.TLSVersion.TLSv1_3)
        check(attack, said is not None and words.lower() in said.lower() and len(told) == 1 and told[0]["end"] != "open" and
              told[0].get("attack") == attack.split(",")[0], said, told)
    for attack in ("tls-chain, kind: renewed", "tls-chain, kind: intermediate"):
        said, told = handshake(attack)
        check(attack + " is good", said is None and told[0]["end"] == "open" and told[0].get("attack") == "tls-chain", said, told)
    said, told = handshake("tls-old-version, version: 1.1", version=ssl.TLSVersion.TLSv1_1)
    check("an old version is really spoken", said is None and told[0]["version"] == "TLSv1.1", said, told)
    said, told = handshake("tls-stall, before: certificate", timeout=1)
    check("tls-stall", said == "silent" and told[0].get("attack") == "tls-stall", said, told)
    said, told = handshake("tls-stall, before: finished, for: 200ms", timeout=3)
    check("tls-stall for a while", said is None and told[0]["end"] == "open", said, told)


def records():
    for kind, want in (("bad-mac", "BAD_RECORD"), ("too-long", "TOO_LONG"), ("cleartext-close", "")):
        with Serve(at_request("tls-record, kind: %s, at-byte: 6001" % kind), tls=True) as s:
            _, body, how = get(s)
        check("tls-record " + kind, body == IMAGE[:6001] and want in how and how not in ("closed", "silent"), len(body), how)
    with Serve(at_request("tls-record, kind: new-keys, at-byte: 6001"), tls=True) as s:
        _, body, how = get(s)
    check("tls-record new-keys", body == IMAGE and how == "closed", len(body), how)
    for where in ("between", "within"):
        with Serve(at_request("tls-cut, at-byte: 6001, records: " + where), tls=True) as s:
            _, body, how = get(s)
        check("tls-cut " + where, body == IMAGE[:6001] and how == "no-notify", len(body), how)
    with Serve(at_request("tls-rotate, to: unknown-ca, at-byte: 6001"), tls=True) as s:
        _, body, how = get(s)
        try:
            again = get(s)[1]
        except ssl.SSLCertVerificationError:
            again = "refused"
    check("tls-rotate", body == IMAGE[:6001] and again == "refused", len(body), how, again)
    with Serve(at_request("tls-record, at-byte: 5")) as s:
        _, body, how = get(s)
    check("an attack on TLS is not told where there is none", body == IMAGE and "attack" not in s.of("http")[0], s.log)


def played(attack):
    """An attack as its row's example has it, on everything that a device asks for: whether the log tells of it."""
    tls = attack["name"].startswith("tls-")
    with open(FIRMWARE + "/v1-a.bin", "rb") as f:
        base = __import__("hashlib").sha256(f.read()).hexdigest()
    ask = "/manifest.json?device=1&hw=nucleo-l476rg&slot=b&keys=1&version=%s&base=" + base
    with Serve("{at: {time: 0s}, " + attack["example"][1:], tls=tls, more=["--always"], given=", delta: true") as s:
        for path, headers in ((ask % "1.0.0", ""), (ask % "2.0.0", ""), (PATH, ""), (PATH, "Range: bytes=1000-5099\r\n"), ("/keys.json", ""),
                              ("/image/v1-a.v2-b.delta", "")):
            try:
                get(s, path, headers, timeout=0.3)
            except OSError:
                pass
    told = [r["attack"] for r in s.log if attack["name"] in r.get("attack", "").split("+") and r["ev"] in ("http", "tls")]
    return attack["name"], bool(told) and s.code == 143, s.log[-3:]


def every_attack():
    rows = json.loads(subprocess.run([OTARIG, "list", "attacks", "--json"], stdout=subprocess.PIPE, check=True).stdout)
    with ThreadPoolExecutor(4) as pool:
        for name, good, log in pool.map(played, rows):
            check("as listed: " + name, good, log)


def run(*args):
    return subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=20)


def tools():
    out = os.path.join(WORK, "out")
    if shutil.which("curl"):
        with Serve(tls=True) as s:
            r = run("curl", "-sS", "--cacert", s.ca, "--resolve", "%s:%d:127.0.0.1" % (HOST, s.port), "https://%s:%d%s" % (HOST, s.port, PATH))
        check("curl: the image over TLS", r.returncode == 0 and r.stdout == IMAGE, r.returncode, r.stderr)
        with Serve(at_request("truncate, at-byte: 77")) as s:
            r = run("curl", "-sS", s.url)
        check("curl: truncated (18)", r.returncode == 18 and r.stdout == IMAGE[:77], r.returncode, r.stderr)
        with Serve(at_request("reset, at-byte: 77")) as s:
            r = run("curl", "-sS", s.url)
        check("curl: reset (56)", r.returncode == 56 and r.stdout == IMAGE[:77], r.returncode, r.stderr)
        with Serve("{at: {time: 0s}, do: serve, attack: tls-expired}", tls=True) as s:
            r = run("curl", "-sS", "--cacert", s.ca, s.url)
        check("curl: certificate refused (60)", r.returncode == 60 and b"expired" in r.stderr, r.returncode, r.stderr)
        with Serve(at_request("tls-cut, at-byte: 77"), tls=True) as s:
            r = run("curl", "-sS", "--cacert", s.ca, s.url)
        check("curl: cut without close_notify", r.returncode in (18, 56) and r.stdout == IMAGE[:77], r.returncode, r.stderr)
    if shutil.which("wget"):
        with Serve(at_request("truncate, at-byte: 50000"), tls=True) as s:
            r = run("wget", "-q", "--tries=2", "-O", out, "--ca-certificate=" + s.ca, s.url)
        check("wget: goes on by a range", r.returncode == 0 and open(out, "rb").read() == IMAGE and
              [h["from"] for h in s.of("http")] == [0, 50000], r.returncode, s.log)
    if shutil.which("openssl"):
        for attack, words in (("tls-expired", b"certificate has expired"), ("tls-self-signed", b"self-signed"), (None, b"Verification: OK")):
            faults = ["{at: {time: 0s}, do: serve, attack: %s}" % attack] if attack else []
            with Serve(*faults, tls=True) as s:
                r = run("openssl", "s_client", "-connect", "127.0.0.1:%d" % s.port, "-CAfile", s.ca, "-servername", HOST, "-verify_hostname", HOST)
            check("openssl s_client: %s" % (attack or "honest"), words in r.stdout + r.stderr and b"TLSv1.3" in r.stdout, r.stdout[-600:])
    with Serve(tls=True, listen="[::1]:0") as s:
        context = ssl.create_default_context(cafile=s.ca)
        body = urllib.request.urlopen("https://[::1]:%d%s" % (s.port, PATH), context=context, timeout=5).read()
    check("urllib: IPv6 by its address", body == IMAGE, len(body))


def memory(server):
    for line in open("/proc/%d/status" % server.process.pid):
        if line.startswith("VmRSS"):
            return int(line.split()[1])


def flood(server, stop):
    """Headers without end, until the server has enough or a gigabyte is through."""
    total, block = 0, b"X-Filler: " + b"a" * 8180 + b"\r\n"
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as s:
            s.sendall(b"GET / HTTP/1.1\r\n")
            while total < 1 << 30 and not stop.is_set():
                s.sendall(block)
                total += len(block)
    except OSError:
        pass
    return total


def hostile():
    for tls in (False, True):
        with Serve(tls=tls, more=["--connections", "300"]) as s:
            get(s)
            before = memory(s)
            crowd = []
            for i in range(1000):
                c = socket.create_connection(("127.0.0.1", s.port), timeout=5)
                try:
                    c.sendall(b"G" if i % 2 else b"\x16")
                except OSError:
                    pass
                crowd.append(c)
            deaf = []
            for i in range(100):
                try:
                    c = connect(s)
                    c.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % PATH.encode() * 50)
                    deaf.append(c)
                except OSError:
                    pass
            stop = threading.Event()
            flooder = threading.Thread(target=flood, args=(s, stop))
            flooder.start()
            good, deadline = 0, time.monotonic() + 20
            while good < 20 and time.monotonic() < deadline:
                try:
                    good += get(s)[1] == IMAGE
                except OSError:
                    time.sleep(0.2)
            stop.set()
            flooder.join()
            after = memory(s)
            for c in crowd + deaf:
                c.close()
        check("honest clients are served among 1000 idle, 100 deaf and a flood over " + s.scheme, good == 20, good)
        check("memory stays bounded over %s (%d to %d KB)" % (s.scheme, before, after), after - before < 64 * 1024, before, after)


def main():
    for part in (honest, bodies, composed, early, slow, unread, certificates, records, every_attack, tools, hostile):
        part()
    shutil.rmtree(WORK)
    print("%d failed" % len(failed))
    sys.exit(1 if failed else 0)


main()
