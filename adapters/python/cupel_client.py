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

MAX_BLOB, MAX_BLOBS = 8 << 20, 64  # bytes of a blob frame, blob frames of a message
TYPES = {".cif": "chemical/x-cif", ".xyz": "chemical/x-xyz", ".extxyz": "chemical/x-xyz"}


def read_key_file(path):
    """(public, secret) of a file that `cupel keygen` made."""
    found = dict(line.split(" = ", 1) for line in open(path) if " = " in line and line[0] != "#")
    return tuple(found[name].strip().strip('"').encode() for name in ("public", "secret"))


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


class Refused(Exception):
    """The daemon's answer was no; `code` is one of the protocol page's."""

    def __init__(self, code, text, retryable):
        super().__init__(f"{code}: {text}")
        self.code, self.retryable = code, retryable


class NoAnswer(Exception):
    """The daemon did not answer for `give_up_s`; what was asked may have happened."""


class Cupel:
    """Commands. Asks again, with the same cmd_id, until there is an answer: it is done once."""

    def __init__(self, control, client, patience_s=5.0, give_up_s=60.0, server_key=None, key_file=None,
                 capabilities=()):
        self.control, self.client = control, client
        self.capabilities = list(capabilities)  # tags that offers may require
        self.server_key = server_key or os.environ.get("CUPEL_SERVER_KEY")
        self.key_file = key_file or os.environ.get("CUPEL_KEY")
        self.patience_s, self.give_up_s = patience_s, give_up_s
        self.hello = None  # the answer to the last HELLO: epoch, campaigns, and the leases we hold
        self._socket = None

    def close(self):
        if self._socket is not None:
            self._socket.close(linger=0)
            self._socket = None

    def ask(self, kind, body, blobs=()):
        """The body of the OK; Refused or NoAnswer. Blobs of the answer are in `last_blobs`."""
        deadline, wait = time.monotonic() + self.give_up_s, 0.2
        text = json.dumps(body).encode()  # the same bytes each time: the cmd_id stands for them
        while True:
            try:
                if self._socket is None:
                    self._connect()
                return self._exchange(kind, text, blobs)
            except Refused as no:
                if no.code == "HELLO_FIRST":
                    self.close()  # ZeroMQ came back by itself to a daemon that was restarted
                elif not no.retryable:
                    raise
                if time.monotonic() > deadline:
                    raise
            except NoAnswer:
                self.close()
                if time.monotonic() > deadline:
                    raise
            time.sleep(wait * (1 + random.random()))
            wait = min(2 * wait, 5.0)

    def _connect(self):
        self._socket = zmq.Context.instance().socket(zmq.DEALER)
        secure(self._socket, self.server_key, self.key_file)
        self._socket.connect(self.control)
        self.hello = self._exchange("HELLO", json.dumps(
            {"client": self.client, "capabilities": self.capabilities}).encode())

    def _exchange(self, kind, text, blobs=()):
        header = {"cupel": 1, "kind": kind, "id": ulid()}
        self._socket.send_multipart([b"", json.dumps(header).encode(), text, *blobs])
        deadline = time.monotonic() + self.patience_s
        while self._socket.poll(max(0, int(1000 * (deadline - time.monotonic())))):
            _, reply, body, *self.last_blobs = self._socket.recv_multipart()
            reply, body = json.loads(reply), json.loads(body)
            if reply.get("cause") != header["id"]:
                continue  # a late answer to something that was asked before
            if reply["kind"] == "ERR":
                raise Refused(body["code"], body["text"], body["retryable"])
            return body
        raise NoAnswer(f"{self.control}: no answer to {kind} within {self.patience_s} s")

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
        """`outcome`: a word or an object of the protocol page; a structure file decides without."""
        blobs, named = [], []
        for path in map(pathlib.Path, files):
            blobs.append(path.read_bytes())
            digest = hashlib.sha256(blobs[-1]).hexdigest()
            kind = TYPES.get(path.suffix.lower(), "application/octet-stream")
            named.append({"name": path.name, "type": kind, "sha256": digest, "length": len(blobs[-1])})
        body = {**self._mine(claim), "outcome": outcome, "consumed": consumed, "note": note,
                "evidence": evidence, "blobs": named}
        if len(blobs) > MAX_BLOBS or any(len(blob) > MAX_BLOB for blob in blobs):
            for blob in blobs:  # all with the command or none: what goes ahead is named by its hash
                self._put_in_parts(blob)
            blobs = []
        return self.ask("RESULT", body, blobs)

    def _put_in_parts(self, blob):
        digest, count = hashlib.sha256(blob).hexdigest(), max(1, -(-len(blob) // MAX_BLOB))
        for index in range(count):
            part = blob[index * MAX_BLOB:(index + 1) * MAX_BLOB]
            self.ask("BLOB_PUT", {"sha256": digest, "index": index, "count": count}, [part])

    @staticmethod
    def _mine(claim):
        return {"cmd_id": ulid(), **{key: claim[key] for key in ("proposal", "lease", "fence")}}


class Events:
    """One campaign's events in order and without a gap, from the one after `seq` (0: the first).

    next() gives (header, body), or None when nothing came in time. `epoch_changed` becomes True
    when the store was replaced: what you know is void, take a SNAPSHOT and make a new object."""

    def __init__(self, cupel, events, campaign, seq=0):
        self.cupel, self.events, self.campaign, self.seq = cupel, events, campaign, seq
        self.epoch, self.epoch_changed = None, False
        self._socket, self._silent_since, self._behind = None, 0.0, 0
        self._ready = collections.deque()

    def close(self):
        if self._socket is not None:
            self._socket.close(linger=0)
            self._socket = None

    def next(self, timeout_s=1.0):
        deadline = time.monotonic() + timeout_s
        while not self._ready:
            if self._socket is None:
                self._join()
            elif self._socket.poll(max(0, int(1000 * (deadline - time.monotonic())))):
                self._silent_since = time.monotonic()
                self._hear(self._socket.recv_multipart())
            elif time.monotonic() - self._silent_since > 4 * self.cupel.hello["heartbeat_s"]:
                self.close()  # the line is dead: begin again
            if time.monotonic() >= deadline and not self._ready:
                return None
        return self._ready.popleft()

    def _join(self):
        self._socket = zmq.Context.instance().socket(zmq.SUB)
        secure(self._socket, self.cupel.server_key, self.cupel.key_file)
        for topic in ("h/", f"c/{self.campaign}/"):
            self._socket.setsockopt_string(zmq.SUBSCRIBE, topic)
        self._socket.connect(self.events)
        # Before the welcome, what is published passes unheard.
        while self._socket.poll(10000) and self._socket.recv_multipart()[0] != b"h/welcome":
            pass
        self._silent_since = time.monotonic()
        self.cupel.ask("PING", {})  # says HELLO where that is still to be done
        self._catch_up()

    def _hear(self, frames):
        if len(frames) != 3:
            return  # another welcome
        header, body = json.loads(frames[1]), json.loads(frames[2])
        if self.epoch is not None and header["epoch"] != self.epoch:
            self.epoch_changed = True
        elif frames[0] == b"h/beat":
            # The head may be ahead of what is still on its way; twice in a row is a lost tail.
            self._behind = self._behind + 1 if body["heads"].get(self.campaign, 0) > self.seq else 0
            if self._behind >= 2:
                self._catch_up(jitter_s=0.5)
        elif header["seq"] == self.seq + 1:
            self._take(header, body)
        elif header["seq"] > self.seq:
            self._catch_up(jitter_s=0.5)

    def _catch_up(self, jitter_s=0.0):
        time.sleep(random.random() * jitter_s)  # others lost the same events
        self._behind = 0
        while True:
            page = self.cupel.ask("REPLAY", {"campaign": self.campaign, "from": self.seq + 1})
            for event in page["events"]:
                self._take(event["header"], event["body"])
            if not page["events"]:
                return

    def _take(self, header, body):
        self.epoch, self.seq = header["epoch"], header["seq"]
        self._ready.append((header, body))
