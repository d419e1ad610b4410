"""A worker that has never seen Cupel: written from schemas/README.md and schemas/json alone.
Usage: outsider.py CONTROL SCHEMAS CIF"""
import hashlib, json, os, pathlib, sys, time
import jsonschema, zmq

control, schemas, cif = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]).read_bytes()
socket = zmq.Context.instance().socket(zmq.DEALER)
socket.setsockopt(zmq.LINGER, 0)
socket.setsockopt(zmq.RCVTIMEO, 10000)
socket.connect(control)


def ulid():
    number, text = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big"), ""
    for _ in range(26):
        number, text = number >> 5, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number & 31] + text
    return text


def check(schema, body):
    jsonschema.Draft7Validator(json.loads((schemas / f"{schema}-1.schema.json").read_text())).validate(body)
    return body


def ask(kind, body, *blobs):
    name, header = kind.lower().replace("_", "-"), {"cupel": 1, "kind": kind, "id": ulid()}
    check("header", header), check(f"command-{name}", body)
    socket.send_multipart([b"", json.dumps(header).encode(), json.dumps(body).encode(), *blobs])
    _, reply, answer = [frame.decode() for frame in socket.recv_multipart()]
    reply, answer = check("header", json.loads(reply)), json.loads(answer)
    assert reply["cause"] == header["id"], reply
    if reply["kind"] == "ERR":
        sys.exit("{code}: {text}".format(**check("err", answer)))
    return check(f"reply-{name}", answer)


ask("HELLO", {"client": "outsider"})
offer = ask("LIST_OFFERS", {"limit": 1})["offers"][0]
claim = ask("CLAIM", {"cmd_id": ulid(), "proposals": [offer["proposal"]]})["claims"][0]
mine = {key: claim[key] for key in ("proposal", "lease", "fence")}
ask("START", {"cmd_id": ulid(), **mine, "expected_s": 60.0})
ask("PROGRESS", {"cmd_id": ulid(), **mine, "stage": "crystallisation"})
blob = {"name": mine["proposal"] + ".cif", "type": "chemical/x-cif", "sha256": hashlib.sha256(cif).hexdigest()}
done = ask("RESULT", {"cmd_id": ulid(), **mine, "blobs": [{**blob, "length": len(cif)}]}, cif)
print(json.dumps({**done, "proposal": mine["proposal"]}))
