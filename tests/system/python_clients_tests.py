"""Clients in Python against a real cupeld: the outsider, and adapters/python/cupel_client.py.
Usage: python_clients_tests.py SOURCE_DIR BIN_DIR"""
import hashlib
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import jsonschema
    import zmq
except ImportError as missing:
    print(f"SKIPPED: {missing}")
    sys.exit(0)

SOURCE, BIN = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
SCHEMAS = SOURCE / "schemas/json"
sys.dont_write_bytecode = True
sys.path.insert(0, str(SOURCE / "adapters/python"))
from cupel_client import Cupel, Events, NoAnswer, Refused, ulid  # noqa: E402

CARBONYL = {"smiles": "[C-]#[O+]", "formula": "CO", "count": 2, "donors": ["C"], "donor_class": "carbonyl",
            "charge": 0, "denticity": 1}
# Two ClAuCO side by side, 3 angstrom apart, in a wide cell.
CIF = """data_dimer
_cell_length_a 20
_cell_length_b 20
_cell_length_c 20
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P 1'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Au1 Au 0.500 0.500 0.425
Cl1 Cl 0.387 0.500 0.425
C1 C 0.597 0.500 0.425
O1 O 0.653 0.500 0.425
Au2 Au 0.500 0.500 0.575
Cl2 Cl 0.613 0.500 0.575
C2 C 0.403 0.500 0.575
O2 O 0.347 0.500 0.575
"""


def fits(schema, body):
    jsonschema.Draft7Validator(json.loads((SCHEMAS / f"{schema}-1.schema.json").read_text())).validate(body)


class Daemon:
    """cupeld in a folder of its own; on a restart it keeps the ports it had."""

    def __init__(self, folder, keys=""):
        self.folder, self.keys = pathlib.Path(folder), keys
        self.control = self.events = "tcp://127.0.0.1:*"
        pool = [{"core": {"metals": {"Au": 2 + n}, "anions": {"Cl": 2}, "hydrides": None}, "charge": 0,
                 "ligands": [CARBONYL]} for n in range(12)]
        (self.folder / "pool.jsonl").write_text("".join(json.dumps(line) + "\n" for line in pool))
        self.start()

    def start(self):
        (self.folder / "cupeld.toml").write_text(
            f'[bus]\ncontrol = "{self.control}"\nevents = "{self.events}"\nheartbeat_s = 1\n'
            '[learner]\nkind = "popularity"\n[campaign.c]\npool = "pool.jsonl"\npolicy = "random"\n' + self.keys)
        self.process = subprocess.Popen([BIN / "cupeld", "--config", self.folder / "cupeld.toml"],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
        self.control, self.events = self._endpoint("control "), self._endpoint("events ")

    def _endpoint(self, word):
        read = b""
        while select.select([self.process.stdout], [], [], 30)[0]:
            line = self.process.stdout.readline()
            read += line
            if word.encode() + b"tcp://" in line:
                return line.decode()[line.decode().index("tcp://"):].strip()
            if not line:
                break
        raise RuntimeError(f"no line with '{word}' in:\n{read.decode()}")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class PythonClients(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="cupel-test-")
        self.daemon = Daemon(self.folder.name)
        self.cif = pathlib.Path(self.folder.name) / "dimer.cif"
        self.cif.write_text(CIF)
        self.cupel = Cupel(self.daemon.control, "tester")
        self.wait_for(self.cupel.offers)

    def tearDown(self):
        self.cupel.close()
        self.daemon.kill()
        self.folder.cleanup()

    def wait_for(self, ask, patience_s=30):
        """Asks until the answer says something."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            answer = ask()
            if answer:
                return answer
            select.select([], [], [], 0.02)
        self.fail("waited in vain")

    def history(self):
        return self.cupel.ask("REPLAY", {"campaign": "c", "from": 1, "limit": 1000})["events"]

    def verdict(self, proposal):
        for event in self.history():
            if event["header"]["kind"] == "VERDICT" and event["body"]["proposal"] == proposal:
                return event["body"]
        return None

    def test_an_outsider_claims_starts_and_returns_a_structure(self):
        run = subprocess.run([sys.executable, SOURCE / "tests/system/outsider.py", self.daemon.control, SCHEMAS,
                              self.cif], capture_output=True, text=True, timeout=60)
        self.assertEqual(run.returncode, 0, run.stderr)
        done = json.loads(run.stdout)
        self.assertFalse(done["held"])
        verdict = self.wait_for(lambda: self.verdict(done["proposal"]))
        self.assertEqual(verdict["structure"]["core"], "Au2Cl2")
        self.assertIn(verdict["outcome"]["kind"], ("confirmed", "analogue"))
        self.assertEqual(verdict["outcome"]["kind"], verdict["verdict"]["verdict"])
        for event in self.history():
            fits("header", event["header"])
            fits("event-" + event["header"]["kind"].lower().replace("_", "-"), event["body"])

    def stored(self, claim):
        """(name, sha256) of each file that came with the result of a claim."""
        return [(blob["name"], blob["sha256"]) for event in self.history()
                if event["body"].get("proposal") == claim["proposal"] and "report" in event["body"]
                for blob in event["body"]["report"]["blobs"]]

    def test_a_file_too_large_for_a_frame_goes_ahead_in_small_parts(self):
        large = pathlib.Path(self.folder.name) / "movie.bin"
        large.write_bytes(bytes(range(256)) * (8 << 12) + b"more")  # 8 MiB and 4 bytes
        parts, exchange = [], self.cupel._exchange

        def note_parts(kind, text, blobs, *more):
            parts.extend(len(blob) for blob in blobs)
            return exchange(kind, text, blobs, *more)
        self.cupel._exchange = note_parts
        claim = self.cupel.claim_one()
        self.cupel.start(claim)
        self.assertEqual(self.cupel.result(claim, outcome="no_reaction", files=[large])["state"], "LABELLED")
        self.assertEqual(self.stored(claim), [("movie.bin", hashlib.sha256(large.read_bytes()).hexdigest())])
        self.assertEqual(parts, 8 * [1 << 20] + [4])

    def test_a_file_that_the_daemon_has_is_not_sent_again(self):
        large = pathlib.Path(self.folder.name) / "movie.bin"
        large.write_bytes(bytes(3 << 20))
        asked, ask = [], self.cupel.ask

        def note_kinds(kind, *more):
            asked.append(kind)
            return ask(kind, *more)
        self.cupel.ask = note_kinds
        for puts in (3, 1):
            self.cupel.result(self.cupel.claim_one(), outcome="no_reaction", files=[large])
            self.assertEqual(asked.count("BLOB_PUT"), puts)
            asked.clear()

    def test_the_patience_for_a_message_grows_with_its_bytes(self):
        part = bytes(1 << 20)
        self.cupel.patience_s, self.cupel.give_up_s = 0.0, 30.0
        socket = self.cupel._socket
        put = {"sha256": hashlib.sha256(part).hexdigest(), "index": 0, "count": 1}
        self.assertTrue(self.cupel.ask("BLOB_PUT", put, [part])["complete"])
        self.assertIs(self.cupel._socket, socket)

    def test_one_path_is_one_file(self):
        for path in (str(self.cif), self.cif):
            claim = self.cupel.claim_one()
            self.cupel.result(claim, outcome="no_reaction", files=path)
            self.assertEqual([name for name, _ in self.stored(claim)], ["dimer.cif"])

    def test_a_result_takes_32_files_and_says_so_before_it_is_sent(self):
        claim = self.cupel.claim_one()
        with self.assertRaisesRegex(ValueError, "^files: a result takes 32, got 33; pack some into one$"):
            self.cupel.result(claim, outcome="no_reaction", files=33 * [self.cif])
        self.assertEqual(self.stored(claim), [])
        self.cupel.result(claim, outcome="no_reaction", files=32 * [self.cif])
        self.assertEqual(len(self.stored(claim)), 32)

    def test_what_json_cannot_say_is_refused_before_it_is_sent(self):
        claim = self.cupel.claim_one()
        self.daemon.kill()  # nobody asks for it
        self.cupel.give_up_s = 1.0
        with self.assertRaisesRegex(ValueError, "^START: cannot be sent as JSON: .*"):
            self.cupel.start(claim, expected_s=float("nan"))
        large = pathlib.Path(self.folder.name) / "movie.bin"
        large.write_bytes(bytes(2 << 20))
        with self.assertRaisesRegex(ValueError, "^RESULT: cannot be sent as JSON: .*"):
            self.cupel.result(claim, note=os.fsdecode(b"\xff"), files=large)

    def test_a_file_whose_name_is_no_text_is_sent_all_the_same(self):
        odd = os.path.join(self.folder.name, os.fsdecode(b"run\xff.cif"))
        pathlib.Path(odd).write_text(CIF)
        claim = self.cupel.claim_one()
        self.cupel.result(claim, outcome="no_reaction", files=[odd])
        self.assertEqual([name for name, _ in self.stored(claim)], ["run?.cif"])

    def test_keys_that_are_none_are_named(self):
        for keys in ({"server_key": "x" * 40}, {"server_key": "short", "key_file": self.cif}):
            with self.assertRaisesRegex(ValueError, "key_file: a key file|server_key: expected the 40"):
                Cupel(self.daemon.control, "tester", **keys).offers()
        with self.assertRaisesRegex(ValueError, "dimer.cif: expected the public and the secret key"):
            Cupel(self.daemon.control, "tester", server_key="x" * 40, key_file=self.cif).offers()

    def test_a_connection_that_cannot_be_made_fails_alike_at_each_call(self):
        nowhere = Cupel("tcp://nowhere", "tester")
        keyless = Cupel(self.daemon.control, "tester", server_key="x" * 40, key_file=self.cif.parent / "no.key")
        for cupel, error in ((nowhere, zmq.ZMQError), (keyless, FileNotFoundError)):
            events = Events(cupel, "tcp://nowhere", "c")
            for call in (cupel.offers, cupel.offers, events.next, events.next):
                self.assertRaises(error, call)

    def test_a_daemon_that_came_back_with_keys_blocks_nobody(self):
        self.daemon.kill()
        with zmq.Context.instance().socket(zmq.ROUTER) as keyed:
            keyed.linger, keyed.curve_server = 0, True
            keyed.curve_publickey, keyed.curve_secretkey = zmq.curve_keypair()
            keyed.bind(self.daemon.control)
            self.wait_for(lambda: not self.cupel._socket.poll(0, zmq.POLLOUT))  # it has no peer any more
            self.cupel.patience_s, self.cupel.give_up_s = 0.1, 0.2
            self.assertRaises(NoAnswer, self.cupel.offers)

    def test_the_client_follows_a_campaign_without_a_gap(self):
        heard = []
        events = Events(self.cupel, self.daemon.events, "c")
        first = self.cupel.claim_one()
        self.assertGreater(self.cupel.start(first, expected_s=60)["ttl_s"], 0)
        self.assertEqual(self.cupel.progress(first, "reduction", note="red")["state"], "STARTED")
        self.assertGreater(self.cupel.renew(first, {"c": 1}), 0)
        heard.append(events.next(10))
        second = self.cupel.claim_one()
        self.cupel.release(second, "the other one first")
        result = self.cupel.result(first, outcome="no_reaction", evidence={"spectrometer": "MALDI"})
        self.assertEqual(result["state"], "LABELLED")

        def labelled():
            event = events.next(5)
            if event:
                heard.append(event)
            return heard[-1][0]["kind"] == "VERDICT"
        self.wait_for(labelled)
        events.close()
        self.assertEqual([header["seq"] for header, _ in heard], list(range(1, len(heard) + 1)))
        kinds = [header["kind"] for header, body in heard if body.get("proposal") == first["proposal"]]
        self.assertEqual(kinds, ["PROPOSED", "OFFERED", "CLAIMED", "STARTED", "PROGRESS", "RESULT_RECEIVED", "VERDICT"])
        self.assertEqual(heard[-1][1]["label"]["target"], 0)
        self.assertFalse(events.epoch_changed)

    def test_a_killed_daemon_is_waited_for_and_leases_are_found_again(self):
        claim = self.cupel.claim_one()
        self.daemon.kill()
        impatient = Cupel(self.daemon.control, "impatient", patience_s=0.2, give_up_s=0.4)
        with self.assertRaises(NoAnswer):
            impatient.ask("PING", {})
        impatient.close()
        self.daemon.start()
        self.cupel.patience_s = 1.0
        self.assertEqual(self.cupel.start(claim)["state"], "STARTED")
        again = Cupel(self.daemon.control, "tester")
        again.offers()
        self.assertEqual([lease["proposal"] for lease in again.hello["leases"]], [claim["proposal"]])
        self.assertFalse(again.result(again.hello["leases"][0], outcome="amorphous")["held"])
        again.close()

    def test_no_call_outlasts_its_time_to_give_up(self):
        nobody = Cupel(f"ipc://{self.folder.name}/nobody", "tester", patience_s=60, give_up_s=0.5)
        begun = time.monotonic()
        self.assertRaises(NoAnswer, nobody.offers)
        self.assertLess(time.monotonic() - begun, 10)  # far from the patience, for busy machines

    def events_until_none(self, events):
        heard = [events.next(10)]
        while heard[-1]:
            heard.append(events.next(0.2))
        return heard[:-1]

    def test_a_follower_does_not_wait_for_a_daemon_that_is_away(self):
        events = Events(self.cupel, self.daemon.events, "c")
        heard = self.events_until_none(events)
        self.daemon.kill()
        events.close()  # as after four silent heartbeats
        stranger = Events(Cupel(self.daemon.control, "stranger"), self.daemon.events, "c")
        begun = time.monotonic()
        for follower in (events, stranger, events, stranger):
            self.assertIsNone(follower.next(0.1))
        self.assertLess(time.monotonic() - begun, 5)
        self.daemon.start()
        self.cupel.claim_one()
        for follower, seq in ((events, len(heard) + 1), (stranger, 1)):
            header, _ = self.wait_for(lambda: follower.next(0.1))
            self.assertEqual(header["seq"], seq)
            follower.close()
        stranger.cupel.close()

    def test_a_follower_whose_question_is_not_answered_goes_on_when_it_is(self):
        cupel = Cupel(f"ipc://{self.folder.name}/nobody", "tester", patience_s=0.2, give_up_s=60)
        events = Events(cupel, self.daemon.events, "c")
        begun = time.monotonic()
        self.assertIsNone(events.next(1.0))
        self.assertLess(time.monotonic() - begun, 10)
        cupel.close()
        cupel.control = self.daemon.control
        header, _ = self.wait_for(lambda: events.next(0.1))
        self.assertEqual(header["seq"], 1)
        events.close()
        cupel.close()

    def test_a_follower_takes_no_event_of_a_store_that_replaced_its_own(self):
        events = Events(self.cupel, self.daemon.events, "c")
        heard = self.events_until_none(events)
        self.daemon.kill()
        events.close()  # cut off: it hears no beat of the other store before it asks
        for file in pathlib.Path(self.folder.name).glob("cupel.db*"):
            file.unlink()
        self.daemon.start()

        def claimed_one_more():
            self.cupel.claim_one()
            return len(self.history()) > len(heard) + 2
        self.wait_for(claimed_one_more)
        self.wait_for(lambda: self.assertIsNone(events.next(0.1)) or events.epoch_changed)
        self.cupel.claim_one()
        self.assertIsNone(events.next(0.1))
        self.assertEqual(events.seq, len(heard))
        events.close()

    def test_who_goes_on_from_an_earlier_run_gives_the_epoch_of_then(self):
        events = Events(self.cupel, self.daemon.events, "c")
        heard = self.events_until_none(events)
        events.close()
        self.cupel.claim_one()
        other = "00000000000000000000000000"
        for epoch, changed in ((events.epoch, False), (other, True)):
            later = Events(self.cupel, self.daemon.events, "c", seq=len(heard), epoch=epoch)
            if changed:
                self.wait_for(lambda: self.assertIsNone(later.next(0.1)) or later.epoch_changed)
            else:
                header, _ = self.wait_for(lambda: later.next(0.1))
                self.assertEqual(header["seq"], len(heard) + 1)
            self.assertEqual(later.epoch_changed, changed)
            later.close()

    def test_a_refusal_names_its_code_and_an_error_fits_its_schema(self):
        claim = self.cupel.claim_one()
        with self.assertRaises(Refused) as no:
            self.cupel.claim(claim["proposal"])
        self.assertEqual(no.exception.code, "NOT_OFFERED")
        self.assertFalse(no.exception.retryable)
        with self.assertRaises(Refused) as no:
            self.cupel.ask("RELEASE", {"cmd_id": ulid(), "proposal": ulid()})
        self.assertEqual(no.exception.code, "NO_SUCH_PROPOSAL")

    def test_the_heartbeat_fits_its_schema(self):
        sub = zmq.Context.instance().socket(zmq.SUB)
        sub.setsockopt_string(zmq.SUBSCRIBE, "h/")
        sub.connect(self.daemon.events)
        frames = [b"h/welcome"]
        while len(frames) == 1:
            self.assertTrue(sub.poll(10000))
            frames = sub.recv_multipart()
        sub.close(linger=0)
        self.assertEqual(frames[0], b"h/beat")
        fits("header", json.loads(frames[1]))
        beat = json.loads(frames[2])
        fits("event-beat", beat)
        self.assertGreaterEqual(len(self.history()), beat["heads"]["c"])


unittest.main(argv=sys.argv[:1], verbosity=2)
