import json

import pytest
from streamlit.testing.v1 import AppTest
from synthetic_run import mixed_run

from models.card import read_card
from models.release import read_release
from pipeline.settings import Settings, settings

FIGURES = {
    "edited": {"all": {"auc": {"value": 0.81, "low": 0.78, "high": 0.84, "n": 900}}},
    "by source": {"a": {"n": 3, "auc": 0.7}, "b": {"n": 4, "auc": 0.8}},
    "intervals": [0.71, 0.8],
    "rows": [{"x": 1, "y": None}, {"x": 2, "y": "<b>"}],
    "deep": {"a": {"b": {"c": {"d": {"e": 1}}}}},
    "empty": {},
}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TELLTALE_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def run(script):
    test = AppTest.from_string(script, default_timeout=60).run()
    assert not test.exception
    return test


def test_the_cards_of_the_newest_release_are_shown():
    test = run("from dashboard.views.model_cards import page\npage.render()")
    release = read_release()
    said = "\n".join(part.value for part in test.html) if hasattr(test.html[0], "value") else ""
    assert test.selectbox[0].value == release.name
    assert test.code[0].value == release.sha256
    assert release.edited.weights in (said or str(test.html))
    told = "\n".join(part.value for part in test.markdown).replace("\\", "")
    for stage in (release.edited, release.deepfake):
        card = read_card(stage.weights)
        assert (card.failures or card.figures) and all(line in told for line in card.failures) and card.ethics in told
        assert set(card.data) >= {"ciplab", "dfdc"} and all(name in str(test.html) + said for name in card.data)
    assert len(test.get("plotly_chart")) == 2, "how the training went, of each"


def test_numbers_and_words_in_one_column_are_drawn_without_complaint(caplog):
    rows = [
        {"value": 1.25, "n": 3},
        {"value": b"bytes", "n": 4},
        {"value": None, "n": 5},
        {"value": [0.1, 0.2], "n": 6},
    ]
    test = run(f"from dashboard.views.model_cards import card\ncard.draw_tables({{'rows': {rows!r}}})")
    assert test.dataframe[0].value["value"].tolist()[:2] == ["1.25", "b'bytes'"]
    assert "Arrow" not in caplog.text


def test_figures_of_any_form_are_drawn():
    test = run(
        "import json\nfrom dashboard.views.model_cards import card\n"
        f"card.draw_tables(json.loads('''{json.dumps(FIGURES)}'''))"
    )
    assert [len(frame.value) for frame in test.dataframe] == [2, 2]


def test_settings_are_listed_with_their_variables():
    test = run("from dashboard.views.settings import page\npage.render()")
    frame = test.dataframe[-1].value
    assert list(frame["setting"]) == list(Settings.model_fields)
    assert "TELLTALE_MAX_MEGABYTES" in set(frame["variable"])
    assert "No run yet" in test.info[0].value


def test_past_runs_are_listed(home):
    kept = mixed_run(home)
    frame = run("from dashboard.views.settings import page\npage.render()").dataframe[0].value
    assert list(frame["run"]) == [kept.id] and list(frame["photos"]) == [6]


def test_no_password_and_nobodys_role_is_shown(setting):
    stamps = "https://u:p@ss@stamps.example/tsa"
    setting(database="postgresql+psycopg://tt:s3cret@db/tt", timestamp_url=stamps, roles='{"ada@example.org": "admin"}')
    frame = run("from dashboard.views.settings import page\npage.render()").dataframe[0].value
    shown = dict(zip(frame["setting"], frame["value"], strict=True))
    assert shown["database"] == "postgresql+psycopg://***@db/tt" and shown["roles"] == "1 person"
    assert shown["timestamp_url"] == "https://***@stamps.example/tsa"
