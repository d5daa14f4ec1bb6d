"""RFC 3161 timestamps, from an authority that openssl plays on this machine."""

import base64
import shutil
import subprocess
import threading
from dataclasses import replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pipeline.casebook.checks.timestamps import check_timestamps, find_fault, timestamp
from pipeline.casebook.checks.verify import verify_case
from pipeline.errors import NotTimestamped

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
default_policy = 1.2.3.4
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
clock_precision_digits = 0
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Return a function: a question, DER, to an answer, DER."""
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    make = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=made-up-authority"
    subprocess.run(
        ["openssl", *make.split(), "-addext", "extendedKeyUsage=critical,timeStamping"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip

    def answer(question: bytes) -> bytes:
        (folder / "q.tsq").write_bytes(question)
        command = "ts -reply -config tsa.cnf -queryfile q.tsq -signer cert.pem -inkey key.pem -out a.tsr"
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
        return (folder / "a.tsr").read_bytes()

    answer.folder = folder
    return answer


@pytest.fixture
def serve(setting):
    """Answer questions by a function, at the address that the settings name."""
    servers = []

    def start(answer, status: int = 200):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                question = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Content-Type"] == "application/timestamp-query"
                self.send_response(status)
                self.end_headers()
                self.wfile.write(answer(question))

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        setting(timestamp_url=f"http://127.0.0.1:{server.server_port}/")

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_head_is_timestamped_and_openssl_agrees(case, authority, serve):
    serve(authority)
    head = case.entries()[-1]
    entry = timestamp(case)
    assert (entry.facts["entry"], entry.facts["head"]) == (head.number, head.sha256) and entry.facts["time"][:2] == "20"
    token = base64.b64decode(entry.facts["token"])
    (authority.folder / "token.tsr").write_bytes(token)
    (authority.folder / "head.txt").write_text(head.sha256)
    command = "ts -verify -data head.txt -in token.tsr -CAfile cert.pem"
    done = subprocess.run(
        ["openssl", *command.split()], cwd=authority.folder, capture_output=True, text=True, check=False
    )
    assert "Verification: OK" in done.stdout + done.stderr
    checks = {check.what: check.holds for check in verify_case(case, rerun=False)}
    assert checks[f"timestamp of entry {head.number}"] is True


def test_a_timestamp_is_told_of_and_is_no_new_head(case, authority, serve):
    serve(authority)
    before = case.record()
    entry = timestamp(case)
    record = case.record()
    (stamp,) = record.timestamps
    assert (stamp.entry, stamp.head, stamp.at) == (before.entries, before.head, entry.facts["time"])
    assert stamp.token == sha256(base64.b64decode(entry.facts["token"])).hexdigest()
    assert (record.entries, record.head, record.acts) == (before.entries, before.head, {"created": 1})
    case.describe(description="More is known.")
    later = case.record()
    assert later.acts == {"created": 1, "timestamped": 1, "described": 1} and later.timestamps == record.timestamps


def test_a_timestamp_that_lacks_its_parts_hides_nothing_of_the_case(case):
    case.act(("timestamped", {"entry": 1}))
    assert case.record().timestamps == () and case.record().name == "The matter"


def test_a_time_that_the_token_does_not_say_is_a_fault(case, authority, serve):
    """A log that was written anew could name an earlier one."""
    serve(authority)
    head, entry = case.entries()[-1], timestamp(case)
    (check,) = check_timestamps([head, replace(entry, facts=entry.facts | {"time": "2020-01-01T00:00:00Z"})])
    assert check.holds is False and entry.facts["time"] in check.says and "2020" in check.says


def test_a_timestamp_of_something_else_is_refused_and_not_logged(case, authority, serve):
    first = timestamp_of(authority, "0" * 64)
    serve(lambda question: first)
    before = len(case.entries())
    with pytest.raises(NotTimestamped, match="something else"):
        timestamp(case)
    assert len(case.entries()) == before


def timestamp_of(authority, text: str) -> bytes:
    (authority.folder / "other.txt").write_text(text)
    command = "ts -query -data other.txt -sha256 -cert -out other.tsq"
    subprocess.run(["openssl", *command.split()], cwd=authority.folder, check=True, capture_output=True)
    return authority((authority.folder / "other.tsq").read_bytes())


@pytest.mark.parametrize("answer", [b"", b"<html>503</html>", b"\x30\x03\x02\x01\x02", b"\x30" * 5000])
def test_an_answer_that_is_no_timestamp_is_said(case, serve, answer):
    serve(lambda question: answer)
    with pytest.raises(NotTimestamped):
        timestamp(case)


def test_no_server_or_none_that_answers_is_said(case, serve, setting):
    with pytest.raises(NotTimestamped, match="TELLTALE_TIMESTAMP_URL"):
        timestamp(case)
    serve(lambda question: b"", status=500)
    with pytest.raises(NotTimestamped, match="did not answer"):
        timestamp(case)
    for address in ("http://127.0.0.1:1/", "nonsense", "file:///etc/passwd"):
        setting(timestamp_url=address)
        with pytest.raises(NotTimestamped):
            timestamp(case)


def test_a_token_that_was_changed_no_longer_holds(case, authority, serve):
    serve(authority)
    entry = timestamp(case)
    token = base64.b64decode(entry.facts["token"])
    assert (
        find_fault(token, entry.facts["head"]) == "" and find_fault(token, "f" * 64) == "It speaks of something else."
    )
    bent = replace(entry, facts=entry.facts | {"token": base64.b64encode(token[:-300]).decode()})
    other = replace(entry, facts=entry.facts | {"token": "%%%"})
    for wrong in (bent, other):
        (check,) = check_timestamps([wrong])
        assert not check.holds
