"""Verdicts from cases, runs and files; figures that are kept; and `python -m pipeline reach`."""

import csv
import hashlib
import io
import json

import pytest
from typer.testing import CliRunner

from pipeline.__main__ import app
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.people import Person
from pipeline.casebook.runs import Runs
from pipeline.errors import BadEngagement, BadResults, TriageError, UnknownName
from pipeline.intake import Item
from pipeline.reach.kept import FigureFiles
from pipeline.reach.scored import scored_of_case, scored_of_results, scored_of_run
from pipeline.records import flat

RECORDS = [
    {
        "path": "a/one.jpg",
        "sha256": "aa" * 32,
        "verdict": "deepfake",
        "p_edited": 0.9,
        "p_deepfake": 0.8,
        "probabilities": {},
        "reasons": [],
        "faces": [],
        "release": "r",
    },
    {
        "path": "=two.jpg",
        "sha256": "bb" * 32,
        "verdict": "inconclusive",
        "p_edited": 0.6,
        "p_deepfake": None,
        "probabilities": {},
        "reasons": ["near_threshold", "unstable"],
        "faces": [],
        "release": "r",
    },
    {"path": "three.jpg", "error": {"code": "unreadable_photo", "message": "It is no photo."}},
    {
        "path": "b/one again.jpg",
        "sha256": "aa" * 32,
        "verdict": "real",
        "p_edited": 0.2,
        "p_deepfake": None,
        "probabilities": {},
        "reasons": [],
        "faces": [],
        "release": "older",
    },
]
FIGURES = "photo,views,likes\none.jpg,1000,5\n=two.jpg,,30\nthree.jpg,9,\nnobody.jpg,1,\n"


def as_csv(records):
    rows, stream = [flat(record) for record in records], io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8-sig")


@pytest.fixture
def results(tmp_path):
    path = tmp_path / "results.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in RECORDS))
    return path


@pytest.fixture
def figures(tmp_path):
    path = tmp_path / "figures.csv"
    path.write_text(FIGURES)
    return path


def test_results_are_read_alike_from_both_forms(results, tmp_path):
    table = tmp_path / "results.csv"
    table.write_bytes(as_csv(RECORDS))
    lines, rows = scored_of_results(results).photos, scored_of_results(table).photos
    assert [(one.name, one.label, one.p_edited, one.p_deepfake, one.reasons, one.error) for one in lines] == [
        ("a/one.jpg", "deepfake", 0.9, 0.8, (), ""),
        ("=two.jpg", "inconclusive", 0.6, None, ("near_threshold", "unstable"), ""),
        ("three.jpg", "", None, None, (), "It is no photo."),
    ]
    assert lines == rows and lines[0].names == ("a/one.jpg", "b/one again.jpg")  # the more suspicious verdict counts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}\n",
        '{"path": "a", "verdict": "real"}\n',
        '{"path": "a", "verdict": "fine", "p_edited": 0.1}\n',
        '{"path": "a", "verdict": "real", "p_edited": 7}\n',
        '{"path": "a"',
        "[]",
        "path,sha256\na,b\n",
        "path,sha256,verdict,p_edited\na,b,real,high\n",
        "path,sha256,verdict,p_edited\n",
        '{"path": "a", "error": "x"}\n',
    ],
)
def test_what_is_no_file_of_results(tmp_path, text):
    path = tmp_path / "results.jsonl"
    path.write_text(text)
    with pytest.raises(BadResults):
        scored_of_results(path)


def test_results_that_are_gone_or_no_text(tmp_path):
    for path in (tmp_path / "gone.jsonl", tmp_path / "photo.jpg"):
        if path.suffix == ".jpg":
            path.write_bytes(b"\xff\xd8\xff\xe0")
        with pytest.raises(BadResults, match="cannot be read"):
            scored_of_results(path)


def put(run, name, data, **record):
    entry = run.add(Item(name, data))
    run._record(entry, {"reasons": [], "faces": [], "release": "r"} | record)


def test_a_run_gives_its_photos_and_their_md5_where_the_bytes_are_as_they_were(home):
    run = Runs(home).create("r")
    put(run, "a.jpg", b"first", verdict="facetune", p_edited=0.9, p_deepfake=0.1)
    put(run, "b.jpg", b"second", verdict="real", p_edited=0.1, p_deepfake=None)
    scored = scored_of_run(run)
    hashes = [photo.sha256 for photo in scored.photos]
    assert [(one.name, one.number, one.label) for one in scored.photos] == [
        ("a.jpg", 0, "facetune"),
        ("b.jpg", 1, "real"),
    ]
    original = home / "originals" / hashes[1][:2] / hashes[1]
    original.write_bytes(b"altered")
    assert scored.md5s(hashes) == {hashlib.md5(b"first").hexdigest(): hashes[0]}


def test_a_case_hides_what_its_person_may_not_know(home):
    book = Casebook(Person("ada"), home)
    case = book.create("Blind", blind=True)
    for at, label in enumerate(("deepfake", "real"), 1):
        facts = {"verdict": label, "p_edited": 0.9, "p_deepfake": 0.8}
        _add(case, at, f"{label}.jpg", facts)
    hidden = scored_of_case(book, "Blind").photos
    assert [(one.label, one.p_edited, one.p_deepfake, one.hidden) for one in hidden] == [("", None, None, True)] * 2
    case.hold(1, "deepfake", "seams")
    first, second = scored_of_case(book, "Blind").photos
    assert (first.label, first.p_edited, first.hidden, second.hidden) == ("deepfake", 0.9, False, True)
    assert not scored_of_case(Casebook(Person("bob"), home), case.id).photos[0].label
    with pytest.raises(UnknownName):
        scored_of_case(Casebook(Person("eve", "viewer"), home), case.id)


def test_of_a_case_the_reasons_are_known_where_the_kind_alone_may_be_unclear(home):
    book = Casebook(Person("ada"), home)
    case = book.create("Harbour")
    scores = {"verdict": "inconclusive", "p_edited": 0.9, "p_deepfake": 0.5}
    _add(case, 1, "a.jpg", scores, ("kind_unclear",))
    _add(case, 2, "b.jpg", scores | {"p_deepfake": None}, ("near_threshold",))
    assert [photo.reasons for photo in scored_of_case(book, case.id).photos] == [("kind_unclear",), ()]
    for path in (home / "objects").rglob("*"):
        if path.is_file():
            path.write_bytes(b"altered")
    assert [photo.reasons for photo in scored_of_case(book, case.id).photos] == [(), ()]


def _add(case, number, name, scores, reasons=()):
    """Log a photo of a case with made-up scores."""
    data = name.encode()
    sha256 = case.keeping.originals.keep(data)
    dossier = case.keeping.objects.keep(json.dumps({"record": {"reasons": list(reasons)}}).encode())
    added = {"photo": number, "name": name, "sha256": sha256, "bytes": len(data), "source": "files"}
    nothing = dict.fromkeys(("arrays", "thumbnail", "overlay"), "")
    facts = {"release": "r", "release_sha256": "", "dossier": dossier, "width": 9, "height": 9, "format": "JPEG"}
    facts |= {"notable": 0, "phash": "0" * 16, "thumb": "", "weights": {}, "photo": number}
    case.act(("added", added), ("examined", nothing | facts | scores))


# Figures that are kept


def test_figures_are_kept_once_named_and_forgotten(home):
    files = FigureFiles()
    kept = files.keep(b"photo,views\n", "<b>figures</b>.csv")
    assert (
        files.keep(b"photo,views\n", "again.csv").sha256 == kept.sha256 == hashlib.sha256(b"photo,views\n").hexdigest()
    )
    assert [one.name for one in files.newest()] == ["again.csv"]
    assert files.read(kept.sha256)[1] == b"photo,views\n"
    files.forget("../" * 9 + "etc")
    files.forget(kept.sha256)
    assert not files.newest()
    with pytest.raises(BadEngagement, match="not kept here"):
        files.read(kept.sha256)


@pytest.mark.parametrize("name", ["", "..", "../../secret", "A" * 64, "0" * 63, "0" * 64])
def test_an_address_reaches_nothing_else(home, name):
    with pytest.raises(BadEngagement, match="not kept here"):
        FigureFiles().read(name)


def test_figures_that_were_altered_are_told_and_a_lost_name_is_not_missed(home):
    files = FigureFiles()
    sha256 = files.keep(b"photo,views\n", "figures.csv").sha256
    (home / "reach" / "names" / f"{sha256}.json").write_text("{")
    assert files.read(sha256)[0].name == "figures.csv" and not files.newest()
    (home / "reach" / sha256[:2] / sha256).write_bytes(b"other")
    with pytest.raises(BadEngagement, match="altered"):
        files.read(sha256)


# The command


def run_command(*arguments):
    return CliRunner().invoke(app, ["reach", *map(str, arguments)])


def test_the_ranking_is_printed_and_the_account_beside_it(figures, results):
    result = run_command(figures, "--results", results)
    heads, *rows = result.stdout.splitlines()
    assert result.exit_code == 0 and heads.split()[:3] == ["rank", "harm", "reach"]
    assert [row.split()[-1] for row in rows] == ["a/one.jpg", "=two.jpg"]
    assert "~600" in rows[1] and "Could not be checked" in rows[1] and "May be a deepfake" in rows[0]
    for words in (
        "photo from “photo”",
        "0.3 × p(facetune)",
        "“nobody.jpg” is none of the photos",
        "It is no photo.",
        "taken as 0.5",
        "4 rows read, 1 about none of the photos. 2 of 3 photos ranked",
    ):
        assert words in result.stderr


def test_the_ranking_is_written_as_csv_without_formulas_and_as_json(figures, results, tmp_path):
    table, document = tmp_path / "out.csv", tmp_path / "out.json"
    weights = ("--weights", "deepfake=2,facetune=1", "--threshold", 0.8, "--per-view", "likes=1")
    for out in (table, document):
        assert run_command(figures, "--results", results, "--out", out, *weights).exit_code == 0
    first, second = csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig")))
    assert (first["expected_harm"], first["warning"], second["name"]) == ("1620.0", "edited", "'=two.jpg")
    told = json.loads(document.read_text())
    assert told["ranked"][1]["name"] == "=two.jpg" and told["ranked"][1]["reach"] == 30 and told["threshold"] == 0.8


def test_bad_rows_exit_1_and_bad_usage_exits_2(figures, results, tmp_path, home):
    bad = tmp_path / "bad.csv"
    bad.write_text(FIGURES + "one.jpg,-3,\n")
    assert run_command(bad, "--results", results).exit_code == 1
    photo = tmp_path / "photo.json"
    photo.write_bytes(b"\xff\xd8\xff\xe0" + b"0" * 50)
    for arguments in (
        (figures,),
        (figures, "--results", results, "--run", "x"),
        (figures, "--results", results, "--weights", "fake=1"),
        (figures, "--results", results, "--weights", "deepfake"),
        (figures, "--results", results, "--weights", "deepfake=x"),
        (figures, "--results", results, "--out", "out.txt"),
        (figures, "--results", results, "--out", figures),
        (figures, "--results", results, "--out", figures.parent / "." / figures.name),
        (figures, "--results", results, "--threshold", 2),
    ):
        assert run_command(*arguments).exit_code == 2, arguments
    assert figures.read_text() == FIGURES
    for arguments in (
        (tmp_path / "gone.csv", "--results", results),
        (figures, "--case", "none"),
        (figures, "--run", "none"),
        (figures, "--results", figures),
        (figures, "--results", results, "--map", "views=none"),
        (figures, "--results", results, "--weights", "deepfake=-1"),
        (figures, "--results", results, "--out", photo),
        (figures, "--results", results, "--out", tmp_path / "no" / "folder\0.csv"),
    ):
        if "\0" in str(arguments[-1]):
            continue
        assert isinstance(run_command(*arguments).exception, TriageError), arguments
    assert photo.read_bytes().startswith(b"\xff\xd8")


def test_columns_are_mapped_and_a_case_and_a_run_are_sources(home, tmp_path):
    figures = tmp_path / "f.csv"
    figures.write_text("Bild;Abrufe\ndeepfake.jpg;12\n")
    case = Casebook().create("Harbour")
    _add(case, 1, "deepfake.jpg", {"verdict": "deepfake", "p_edited": 0.9, "p_deepfake": 0.8})
    run = Runs(home).create("r")
    put(run, "deepfake.jpg", b"x", verdict="deepfake", p_edited=0.9, p_deepfake=0.8)
    mapping = ("--map", "photo=Bild", "--map", "views=Abrufe")
    for source in (("--case", "harbour"), ("--run", run.id)):
        result = run_command(figures, *source, *mapping)
        assert result.exit_code == 0 and "deepfake.jpg" in result.stdout
