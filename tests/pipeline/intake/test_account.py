"""The account: what was handed over is examined, refused or left out, and the sentence says so."""

import json

from pipeline.errors import UnsafeArchive
from pipeline.intake import Account, Item


def test_it_adds_up():
    account = Account()
    for item in (
        Item("a.jpg", b"x"),
        Item("b.json", left_out=".json"),
        Item("c.zip", error=UnsafeArchive("x"), count=7),
    ):
        account.receive(item)
    account.receive(Item("sub", left_out="in subfolders", count=3))
    account.receive(Item("d.json", left_out=".json"))
    assert account.handed_over == 13 and account.pending == 8 and not account.adds_up
    account.finish()
    account.finish("unsafe_archive", 7)
    assert account.adds_up and account.sentence() == (
        "13 handed over = 1 examined + 7 refused (not unpacked × 7) + 5 left out "
        "(in subfolders × 3: --recursive, .json × 2)"
    )


def test_what_is_not_examined_yet_is_said():
    account = Account()
    account.receive(Item("a.jpg", b"x"))
    account.receive(Item("b.jpg", b"x"))
    account.finish()
    assert account.sentence() == "2 handed over = 1 examined + 1 not examined yet"
    assert Account().sentence() == "0 handed over = 0 examined" and Account().adds_up


def test_of_many_kinds_the_most_frequent_are_named():
    account = Account()
    for number in range(30):
        account.receive(Item("x", left_out=f".{number:03}", count=2 if number == 29 else 1))
    assert account.kinds().startswith(".029 × 2, .000 × 1, .001 × 1") and account.kinds().endswith(
        "18 other kinds × 18"
    )
    assert len(account.as_dict()["left_out"]) == 30


def test_it_is_kept_and_read_again():
    account = Account()
    for kind in ("video", ".txt", ".json", ".json"):
        account.receive(Item("x", left_out=kind))
    account.receive(Item("y"))
    account.finish("a_new_code")
    kept = json.loads(json.dumps(account.as_dict()))
    assert list(kept["left_out"]) == [".json", ".txt", "video"] and "a new code × 1" in kept["sentence"]
    assert Account.from_dict(kept) == account
