"""README's few figures are those of docs/figures.md, and it stays short enough to be read."""

from pipeline.settings import PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def test_its_five_rows_are_those_of_the_figures_page():
    between = README.split("<!-- five rows of docs/figures.md, checked by a test -->")[1].split("<!-- /five rows -->")[
        0
    ]
    rows = between.strip().splitlines()[2:]
    known = (PROJECT / "docs" / "figures.md").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 5 and set(rows) <= set(known)


def test_it_has_at_most_sixty_lines_and_no_dead_link():
    assert len(README.splitlines()) <= 60
    links = [part.split(")")[0] for part in README.split("](")[1:]]
    assert links and all((PROJECT / link).exists() for link in links)
