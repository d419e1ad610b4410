"""A client of cupeld in one file: copy it to the instrument's PC. Needs pyzmq and nothing else.

    cupel = Cupel("tcp://127.0.0.1:5870", "furnace-2")
    claim = cupel.claim_one()                       # None when nothing is on offer
    cupel.start(claim, expected_s=7200)
    cupel.progress(claim, "crystallisation")
    cupel.result(claim, files=["run17.cif"])        # or outcome="no_reaction"

Protocol: schemas/README.md. Not thread-safe: one object per thread.
"""
import collections
import hashlib
import json
import os
import pathlib
import random
import time

import zmq

PART, SLOWEST = 1 << 20, 1e5  # bytes of files in one message; bytes a second that a link is trusted with
MAX_PARTS, MAX_FILES = 4096, 32  # of a file, of a result: more is refused
TYPES = {".cif": "chemical/x-cif", ".xyz": "chemical/x-xyz", ".extxyz": "chemical/x-xyz"}


def read_key_file(path):
    """(public, secret) of a file that `cupel keygen` made."""
    with open(path, errors="replace") as lines:
        found = dict(line.split(" = ", 1) for line in lines if " = " in line and line[0] != "#")
    keys = tuple(found.get(name, "").strip().strip('"').encode() for name in ("public", "secret"))
    if any(len(key) != 40 for key in keys):
        raise ValueError(f"{path}: expected the public and the secret key that cupel keygen writes")
    return keys


def secure(socket, server_key, key_file):
    """Makes a socket speak CURVE, where the daemon has auth = "curve"."""
    if server_key and not key_file:
        raise ValueError("key_file: a key file of your own is needed; cupel keygen makes one")
    if server_key and len(server_key) != 40:
        raise ValueError("server_key: expected the 40 characters that cupel keygen --server prints")
    if server_key:
        socket.curve_serverkey = server_key.encode()
        socket.curve_publickey, socket.curve_secretkey = read_key_file(key_file)


def ulid():
    """An id: 48 bits of time, 80 of chance, in Crockford's base 32."""
    number, text = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big"), ""
    for _ in range(26):
        number, text = number >> 5, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number & 31] + text
    return text


def as_json(kind, body):
    """The bytes of a body; a ValueError for what no JSON can say, such as NaN, before anything is sent."""
    try:
        return json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    except ValueError as error:
        raise ValueError(f"{kind}: cannot be sent as JSON: {error}") from None


class Refused(Exception):
    """The daemon's answer was no; `code` is one of the protocol page's."""

    def __init__(self, code, text, retryable):
        super().__init__(f"{code}: {text}")
        self.code = code
        self.retryable = retryable or code == "HELLO_FIRST"  # ask() says HELLO by itself


class NoAnswer(Exception):
    """The daemon did not answer for `give_up_s`; what was asked may have happened."""

    code, retryable = "NO_ANSWER", True


class Cupel:
    """Commands. Asks again, with the same cmd_id, until there is an answer: it is done once."""

    def __init__(self, control, client, patience_s=5.0, give_up_s=60.0, server_key=None, key_file=None,
                 capabilities=None):
        self.control, self.client = control, client
        # tags that offers may require; None: those that this client named before
        self.capabilities = None if capabilities is None else list(capabilities)
        self.server_key = server_key or os.environ.get("CUPEL_SERVER_KEY")
        self.key_file = key_file or os.environ.get("CUPEL_KEY")
        self.patience_s, self.give_up_s = patience_s, give_up_s
        self.hello = None  # the answer to the last HELLO: epoch, campaigns, and the leases we hold
        self._socket = None

    def close(self):
        if self._socket is not None:
            self._socket.close(linger=0)
            self._socket = None

    def ask(self, kind, body, blobs=(), give_up_s=None):
        """The body of the OK; Refused or NoAnswer, after `give_up_s` at most. `last_blobs`: those of the answer."""
        deadline = time.monotonic() + (self.give_up_s if give_up_s is None else give_up_s)
        text, wait = as_json(kind, body), 0.2  # the same bytes each time: the cmd_id stands for them
        while True:
            try:
                if self._socket is None:
                    self._connect(deadline)
                return self._exchange(kind, text, blobs, deadline)
            except (NoAnswer, Refused) as no:
                if no.code in ("NO_ANSWER", "HELLO_FIRST"):
                    self.close()  # HELLO_FIRST: ZeroMQ came back by itself to a daemon that was restarted
                pause = wait * (1 + random.random())
                if not no.retryable or time.monotonic() + pause > deadline:
                    raise
            time.sleep(pause)
            wait = min(2 * wait, 5.0)

    def _connect(self, deadline):
        hello = as_json("HELLO", {"client": self.client, "capabilities": self.capabilities})
        self._socket = zmq.Context.instance().socket(zmq.DEALER)
        try:
            secure(self._socket, self.server_key, self.key_file)
            self._socket.connect(self.control)
            self.hello = self._exchange("HELLO", hello, (), deadline)
        except BaseException:
            self.close()  # half made, it would swallow what the next call sends, or block for ever
            raise

    def _exchange(self, kind, text, blobs, deadline):
        header = {"cupel": 1, "kind": kind, "id": ulid()}
        frames = [b"", json.dumps(header).encode(), text, *blobs]
        patience = self.patience_s + sum(map(len, frames)) / SLOWEST  # on its way it is not unanswered
        deadline = min(deadline, time.monotonic() + patience)
        try:
            self._socket.send_multipart(frames, zmq.NOBLOCK)
        except zmq.Again:  # the daemon came back with another `auth`: ZeroMQ has given it up for good
            raise NoAnswer(f"{self.control}: nobody there takes {kind}") from None
        while self._socket.poll(max(0, int(1000 * (deadline - time.monotonic())))):
            _, reply, body, *self.last_blobs = self._socket.recv_multipart()
            reply, body = json.loads(reply), json.loads(body)
            if reply.get("cause") != header["id"]:
                continue  # a late answer to something that was asked before
            if reply["kind"] == "ERR":
                raise Refused(body["code"], body["text"], body["retryable"])
            return body
        raise NoAnswer(f"{self.control}: no answer to {kind} within {patience:.3g} s")

    # --- the life of an experiment
    def offers(self, campaign=None, limit=100):
        return self.ask("LIST_OFFERS", {"campaign": campaign, "limit": limit})["offers"]

    def claim(self, *proposals, lease_class="robot"):
        body = {"cmd_id": ulid(), "proposals": list(proposals), "lease_class": lease_class}
        return self.ask("CLAIM", body)["claims"]

    def claim_one(self, campaign=None, lease_class="robot"):
        """The first offer that nobody else takes first; None when there is none."""
        for offer in self.offers(campaign):
            try:
                return self.claim(offer["proposal"], lease_class=lease_class)[0]
            except Refused as no:
                if no.code != "NOT_OFFERED":
                    raise
        return None

    def start(self, claim, expected_s=None):
        return self.ask("START", {**self._mine(claim), "expected_s": expected_s})

    def progress(self, claim, stage, note=None, expected_s=None):
        more = {"stage": stage, "note": note, "expected_s": expected_s}
        return self.ask("PROGRESS", {**self._mine(claim), **more})

    def renew(self, claim, applied=None):
        body = {"lease": claim["lease"], "fence": claim["fence"], "applied": applied or {}}
        return self.ask("RENEW", body)["ttl_s"]

    def release(self, claim, reason=""):
        return self.ask("RELEASE", {**self._mine(claim), "reason": reason})

    def result(self, claim, outcome=None, files=(), consumed=None, note=None, evidence=None):
        """`outcome`: a word or an object of the protocol page; a structure file decides without.
        `files`: a path, or several."""
        files = [files] if isinstance(files, (str, os.PathLike)) else list(files)
        if len(files) > MAX_FILES:
            raise ValueError(f"files: a result takes {MAX_FILES}, got {len(files)}; pack some into one")
        blobs, named = [], []
        for path in map(pathlib.Path, files):
            blobs.append(path.read_bytes())
            digest = hashlib.sha256(blobs[-1]).hexdigest()
            kind = TYPES.get(path.suffix.lower(), "application/octet-stream")
            name = path.name.encode(errors="replace").decode()  # of a disk's bytes, not all are text
            named.append({"name": name, "type": kind, "sha256": digest, "length": len(blobs[-1])})
        body = {**self._mine(claim), "outcome": outcome, "consumed": consumed, "note": note,
                "evidence": evidence, "blobs": named}
        as_json("RESULT", body)  # refused here, if at all, and not when the files have gone ahead
        if sum(map(len, blobs)) > PART:
            for blob, about in zip(blobs, named):  # all ahead, or all with the command
                self._put_in_parts(blob, about["sha256"])
            blobs = []
        return self.ask("RESULT", body, blobs)

    def _put_in_parts(self, blob, digest):
        size = max(PART, -(-len(blob) // MAX_PARTS))
        count = max(1, -(-len(blob) // size))
        for index in range(count):
            body = {"sha256": digest, "index": index, "count": count}
            if self.ask("BLOB_PUT", body, [blob[index * size:(index + 1) * size]])["complete"]:
                return  # perhaps early: what an earlier try brought there counts

    @staticmethod
    def _mine(claim):
        return {"cmd_id": ulid(), **{key: claim[key] for key in ("proposal", "lease", "fence")}}


class Events:
    """One campaign's events in order and without a gap, from the one after `seq` (0: the first). Who goes on
    from a `seq` of an earlier run gives the `epoch` of then as well: another store counts anew.

    next() gives (header, body), or None when nothing came in time, also while the daemon is away. Only
    a question for what was missed may take longer, up to the client's `patience_s`. `epoch_changed`
    becomes True when the store was replaced; of the new one no event is given: what you know is void,
    take a SNAPSHOT and make a new object."""

    def __init__(self, cupel, events, campaign, seq=0, epoch=None):
        self.cupel, self.events, self.campaign, self.seq = cupel, events, campaign, seq
        self.epoch, self.epoch_changed = epoch, False
        self._socket, self._silent_since, self._behind = None, 0.0, 0
        self._missed = False  # whether there is something to ask for that was not heard
        self._ready = collections.deque()

    def close(self):
        if self._socket is not None:
            self._socket.close(linger=0)
        self._socket, self._missed = None, False  # the next line's welcome asks again

    def next(self, timeout_s=1.0):
        deadline = time.monotonic() + timeout_s
        while not self._ready:
            if self._socket is None:
                self._join()
            heartbeat_s = (self.cupel.hello or {"heartbeat_s": 5})["heartbeat_s"]
            left = deadline - time.monotonic()
            if self._missed:
                self._catch_up(max(left, self.cupel.patience_s))
            elif self._socket.poll(max(0, int(1000 * min(left, heartbeat_s)))):
                self._silent_since = time.monotonic()
                self._hear(self._socket.recv_multipart())
            elif time.monotonic() - self._silent_since > 4 * heartbeat_s:
                self.close()  # the line is dead: begin again
            if time.monotonic() >= deadline and not self._ready:
                return None
        return self._ready.popleft()

    def _join(self):
        self._socket, self._silent_since = zmq.Context.instance().socket(zmq.SUB), time.monotonic()
        try:
            secure(self._socket, self.cupel.server_key, self.cupel.key_file)
            for topic in ("h/", f"c/{self.campaign}/"):
                self._socket.setsockopt_string(zmq.SUBSCRIBE, topic)
            self._socket.connect(self.events)
        except BaseException:
            self.close()  # half made, it would stay silent for ever
            raise

    def _hear(self, frames):
        if len(frames) != 3:
            self._missed = True  # the welcome: what was published before it passed unheard
            return
        header, body = json.loads(frames[1]), json.loads(frames[2])
        if not self._same_store(header["epoch"]):
            return
        if frames[0] == b"h/beat":
            # The head may be ahead of what is still on its way; twice in a row is a lost tail.
            self._behind = self._behind + 1 if body["heads"].get(self.campaign, 0) > self.seq else 0
            lost = self._behind >= 2
        else:
            if header["seq"] == self.seq + 1:
                self._take(header, body)
            lost = header["seq"] > self.seq
        if lost:
            time.sleep(random.random() * 0.5)  # others lost the same events
            self._missed = True

    def _catch_up(self, give_up_s):
        """Asks for one page. The empty one is the last."""
        try:
            page = self.cupel.ask("REPLAY", {"campaign": self.campaign, "from": self.seq + 1}, (), give_up_s)
        except (NoAnswer, Refused) as no:
            if not no.retryable:
                raise
            self.close()  # until somebody welcomes us, nobody would answer
            return
        same = self._same_store(self.cupel.hello["epoch"])  # of this page: who restarts wants a new HELLO
        self._behind, self._missed = 0, same and bool(page["events"])
        for event in page["events"] if same else ():
            self._take(event["header"], event["body"])

    def _same_store(self, epoch):
        self.epoch = self.epoch or epoch
        self.epoch_changed = self.epoch_changed or epoch != self.epoch
        return not self.epoch_changed

    def _take(self, header, body):
        self.seq = header["seq"]
        self._ready.append((header, body))
