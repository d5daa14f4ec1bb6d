"""How far to trust a release, in sentences: they say the file's numbers, and what was not measured."""

from pipeline.figures.everything import figures
from pipeline.results.figure import Figure
from pipeline.words import answers
from pipeline.words.figures import say_value
from tests.made_up_evaluation import predictions


def test_answers_are_the_files_numbers():
    metrics = figures(predictions(400))
    sentences = answers.answers(metrics, None)
    alarms = metrics["cascade errors"]["real"]["stage 1 false alarm"]
    assert sentences[0].figure == say_value(alarms, "%") and f"n {alarms['n']}" in sentences[0].certainty
    right = metrics["cascade errors"]["deepfake"]["right"]
    assert sentences[2].figure == say_value(right, "%")
    covered = metrics["joint"]["collections"]["coverage"]
    assert sentences[4].figure == f"{100 * (1 - covered['value']):.0f} %"
    assert f"{100 * (1 - covered['high']):.0f}–{100 * (1 - covered['low']):.0f} %" in sentences[4].certainty
    counts = metrics["confusion with forgeries"]
    assert sentences[6].figure == str(counts["deepfake"]["real"] + counts["facetune"]["real"])


def test_an_answer_without_photos_says_so():
    sentences = answers.answers({}, None)
    assert {one.figure for one in sentences} == {"–"}
    reals = predictions(300).query("label == 'real'")
    assert answers.answers(figures(reals), None)[2].certainty.startswith("Not measured")


def test_no_false_alarm_at_all_is_none_of_so_many():
    table = predictions(200).assign(verdict="real", forced="real")
    answer = answers.answers(figures(table), None)[0]
    assert answer.figure == "0 %" and answer.certainty.startswith(f"None of {(table.label == 'real').sum()}; ")


def test_none_of_a_few_is_not_never():
    answer = answers.say_share(Figure(0.0, 0.0, 0.0, 58), "x")
    assert "None of 58" in answer.certainty and "up to 6 %" in answer.certainty
