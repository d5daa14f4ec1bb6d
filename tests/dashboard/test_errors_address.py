"""What was asked on the page Errors stands in its address: who reloads or gets a link sees the same."""

import json

import driven
import pytest
from made_up_evaluation import write_evaluation

from dashboard.views.errors import address
from dashboard.views.errors.orders import SORTS

SCRIPT = "from dashboard.views.errors import page\npage.render()"
FIRST, LAST = next(iter(SORTS)), list(SORTS)[-1]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_evaluation(tmp_path_factory.mktemp("made"), 120)


@pytest.fixture(autouse=True)
def evaluations(tmp_path, setting, written):
    setting(home=tmp_path / "home", evaluations=written.parents[1])


def opened(**query):
    return driven.app(SCRIPT, **query)


def pills(test, facet):
    return next(one for one in test.button_group if one.key.endswith(f"-{facet}"))


def said(test, part):
    value = test.query_params.get(part, "")
    return value[0] if isinstance(value, list) else value


def sliders(test):
    return {one.key.rpartition("-")[2]: one.value for one in test.slider if "errors-bands" in one.key}


def test_nothing_usual_stands_in_the_address():
    test = opened()
    assert not {address.FILTERS, address.BANDS, address.SORT} & set(test.query_params)


def test_what_was_asked_is_found_again_by_who_opens_the_address():
    test = opened()
    value = pills(test, "source").options[0].split(" · ")[0]
    pills(test, "source").set_value([value])
    test.selectbox(key="errors-sort").set_value(LAST)
    slider = next(one for one in test.slider if one.key.endswith("-edited"))
    slider.set_value((0.11, 0.93))
    driven.ran(test)
    asked = {part: said(test, part) for part in (address.FILTERS, address.BANDS, address.SORT)}
    assert json.loads(asked[address.FILTERS]) == {"source": [value]} and asked[address.SORT] == LAST
    assert json.loads(asked[address.BANDS]) == {"edited": [0.11, 0.93]}
    other = opened(**asked)
    assert pills(other, "source").value == [value] and other.selectbox(key="errors-sort").value == LAST
    assert sliders(other)["edited"] == (0.11, 0.93)
    assert {part: said(other, part) for part in asked} == asked
    told = " ".join(one.value for one in (*other.caption, *other.warning))
    assert "photos** (source:" in told and "not the release's thresholds" in told


def test_what_is_taken_back_leaves_the_address_and_does_not_return():
    test = opened(filters='{"kind": ["camera"]}', bands='{"deepfake": [0.2, 0.9]}', sort=LAST)
    test.button(key="filters-reset").click()
    driven.ran(test).button(key="bands-reset").click()
    driven.ran(test).selectbox(key="errors-sort").set_value(FIRST)
    driven.ran(test)
    assert not {address.FILTERS, address.BANDS, address.SORT} & set(test.query_params)
    assert not pills(test, "kind").value and sliders(test) == sliders(opened())


@pytest.mark.parametrize(
    "query",
    [
        {"filters": "[" * 3000, "bands": "{", "sort": "\0"},
        {"filters": "[]", "bands": "[1]", "sort": "<b>"},
        {"filters": '{"source": ["nowhere"], "no such": ["x"], "kind": 7}', "bands": '{"edited": ["a", 2]}'},
        {"bands": '{"edited": [NaN, 0.5], "deepfake": [-1, 2], "third": [0.1, 0.2]}'},
        {"filters": '{"source": [{"a": 1}, null]}', "bands": '{"edited": [true]}'},
    ],
)
def test_what_the_page_does_not_know_is_passed_over(query):
    test = opened(**query)
    assert sliders(test) == sliders(opened()) and "no filter is set" in " ".join(one.value for one in test.caption)
