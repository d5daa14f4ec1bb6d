"""Made again from the same record a report is the same, byte for byte: on another day, in another place."""

import hashlib
import os
import pickle
import subprocess
import sys
from dataclasses import replace

import pytest

from pipeline.casebook.report.html import report_html
from pipeline.casebook.report.pdf import report_pdf
from pipeline.settings import PROJECT
from tests.made_up_case import made_up_case

AGAIN = """
import hashlib, pathlib, pickle, sys, time
shift = float(sys.argv[3])
now = time.time
time.time = lambda: now() + shift
from pipeline.casebook.report.html import write_html
from pipeline.casebook.report.pdf import report_pdf
record, objects = pickle.loads(pathlib.Path(sys.argv[1]).read_bytes())
out = pathlib.Path(sys.argv[2])
write_html(record, objects, out / "report.html")
report_pdf(record, objects, out / "report.pdf")
for name in ("report.html", "report.pdf"):
    print(hashlib.sha256((out / name).read_bytes()).hexdigest())
"""


@pytest.fixture(scope="module")
def case():
    return made_up_case()


@pytest.fixture(scope="module")
def digests(case, tmp_path_factory) -> list[str]:
    out = tmp_path_factory.mktemp("first") / "report.pdf"
    report_pdf(*case, out)
    return [hashlib.sha256(data).hexdigest() for data in (report_html(*case), out.read_bytes())]


@pytest.mark.parametrize(
    "number, zone, locale, seed, epoch",
    [
        (1, "Pacific/Kiritimati", "tr_TR.UTF-8", "1", ""),
        (2, "America/St_Johns", "C", "77", "1"),
        (3, "", "", "0", "9" * 9),
    ],
)
def test_another_process_makes_the_same_bytes(case, digests, tmp_path, number, zone, locale, seed, epoch):
    (tmp_path / "case").write_bytes(pickle.dumps(case))
    places = {"TZ": zone, "LC_ALL": locale, "LANG": locale, "PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": epoch}
    environment = os.environ | {"PYTHONPATH": str(PROJECT)} | {name: value for name, value in places.items() if value}
    days = str(number * 86_400 * 400)
    command = [sys.executable, "-c", AGAIN, str(tmp_path / "case"), str(tmp_path), days]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout.split() == digests


def test_a_second_time_in_one_process_makes_the_same_bytes(case, digests, tmp_path):
    """Fonts and templates that were loaded before leave no trace."""
    report_pdf(replace(case[0], name="中文 другое", photos=()), case[1], tmp_path / "other.pdf")
    report_pdf(*case, tmp_path / "again.pdf")
    again = [report_html(*case), (tmp_path / "again.pdf").read_bytes()]
    assert [hashlib.sha256(data).hexdigest() for data in again] == digests


@pytest.mark.parametrize("change", [{"head": "0" * 64}, {"name": "Another"}, {"at": "2026-11-29T00:00:00Z"}])
def test_another_record_makes_another_report(case, digests, tmp_path, change):
    record, objects = case
    report_pdf(replace(record, **change), objects, tmp_path / "other.pdf")
    other = [report_html(replace(record, **change), objects), (tmp_path / "other.pdf").read_bytes()]
    assert not {hashlib.sha256(data).hexdigest() for data in other} & set(digests)
