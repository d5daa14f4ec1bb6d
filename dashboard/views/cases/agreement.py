"""The part of a case that tells what people hold of its photos, and how far they agree."""

import pandas as pd
import streamlit as st

from dashboard.kit import charts, messages
from dashboard.views.cases.subject import Subject
from pipeline.casebook.agreement import Agreement, Held
from pipeline.casebook.agreement import agreement as agreement_of
from pipeline.casebook.case_parts import opinions_of
from pipeline.casebook.report.people_part import say_opinion
from pipeline.words import readable
from pipeline.words.figures import count, say_photos

FEW = 20
"""Photos under which a kappa is said to rest on too few."""


def draw_opinions(subject: Subject) -> None:
    """Draw how far people agree with each other and with the release, where this person may see it."""
    every = opinions_of(subject.case)
    mine = {held.number for held in every if held.who == subject.person}
    open_ones = [held for held in every if not subject.facts.blind or held.number in mine]
    if not open_ones:
        _draw_none(subject, len(every) > 0)
        return
    if len(open_ones) < len(every):
        st.caption("Counted are only photos on which you gave your own opinion; the others are still hidden from you.")
    agreed = agreement_of(open_ones)
    _draw_tiles(subject, agreed)
    _draw_pairs(agreed)
    _draw_people(agreed)
    charts.offer_csv(pd.DataFrame([_row(held) for held in open_ones]), "opinions", "Save the opinions as CSV")
    messages.how_to_read(
        "Of several opinions of one person about one photo the last counts. Cohen’s κ is agreement beyond chance: 1 is "
        "complete, 0 is what two people would reach who guess, each with their own habits (Cohen, 1960).",
        "That people agree with the release does not make either right, least of all where they saw its verdict first: "
        "only opinions given blind are independent of it.",
    )


def _draw_none(subject: Subject, others: bool) -> None:
    st.markdown("#### No opinions to show yet")
    st.markdown(
        "Open a photo and say what you hold of it, or that you cannot tell, and why. A second person may do the same; "
        "here stands how far you agree."
    )
    if others:
        st.caption("Other people gave opinions in this blind case. They are shown once you gave yours.")
    elif not subject.facts.total:
        st.caption("The case has no photos yet.")


def _draw_tiles(subject: Subject, agreed: Agreement) -> None:
    tiles = {
        "With an opinion": (agreed.photos, f"of {say_photos(subject.facts.total)}"),
        "With two or more": (agreed.shared, "photos on which several people gave one"),
        "All agree": (agreed.agreed, f"of these {count(agreed.shared)}"),
    }
    grid = st.grid(min_column_width=200)
    for label, (value, below) in tiles.items():
        with grid.container(border=True):
            st.metric(label, count(value))
            st.caption(below)


def _draw_pairs(agreed: Agreement) -> None:
    st.markdown("**Two people**")
    if not agreed.pairs:
        st.caption("No photo has opinions of two people yet.")
        return
    rows = [
        {
            "first": readable.cell(pair.first),
            "second": readable.cell(pair.second),
            "photos (n)": pair.n,
            "same opinion": pair.agreed,
            "Cohen’s κ": pair.kappa,
            "": "few photos: read it with care" if pair.n < FEW else "",
        }
        for pair in agreed.pairs
    ]
    two = {"Cohen’s κ": st.column_config.NumberColumn(format="%.2f")}
    table, alt = pd.DataFrame(rows), "Agreement of every two people"
    st.dataframe(table, hide_index=True, placeholder="not defined", column_config=two, alt=alt)
    if any(pair.kappa is None for pair in agreed.pairs):
        st.caption("κ is not defined where both gave all their photos one and the same label.")


def _draw_people(agreed: Agreement) -> None:
    st.markdown("**Each person, beside the release’s verdict**")
    rows = [
        {
            "person": readable.cell(each.who),
            "opinions": each.opinions,
            "of them blind": each.blind,
            "both commit themselves (n)": each.n,
            "same as the release": each.agreed,
            "share": each.agreed / each.n if each.n else None,
        }
        for each in agreed.people
    ]
    share = {"share": st.column_config.NumberColumn(format="percent")}
    table, alt = pd.DataFrame(rows), "Each person’s opinions beside the release’s verdicts"
    st.dataframe(table, hide_index=True, placeholder="–", column_config=share, alt=alt)
    st.caption("n leaves out “cannot tell”, inconclusive verdicts, and photos that could not be examined.")


def _row(held: Held) -> dict[str, object]:
    return {
        "photo": held.number,
        "person": held.who,
        "opinion": say_opinion(held.label),
        "blind": held.blind,
        "verdict": held.verdict,
    }
