"""Blind first: from whom the verdict of a photo is hidden, as conditions on the tables of cases."""

from sqlalchemy import ColumnElement, and_, exists, or_

from pipeline.casebook.schema import CASES, LOG, OPINIONS, PHOTOS

FROM_RUN = "run "
"""How the source of a photo begins that was taken over from a run, where its verdict stood to be seen."""


def hidden_from(person: str) -> "ColumnElement[bool]":
    """Return whether a photo's verdict is hidden from a person: neither judged by them yet, nor seen by them.

    A photo that could not be examined has no verdict to hide.
    """
    knows = or_(has_opinion(person), saw_verdict(person), examined_by(person))
    return and_(CASES.c.blind, PHOTOS.c.verdict != "", ~knows)


def has_opinion(person: str) -> "ColumnElement[bool]":
    """Return whether a person gave an opinion of a photo."""
    same_photo = and_(OPINIONS.c.case_id == PHOTOS.c.case_id, OPINIONS.c.number == PHOTOS.c.number)
    return exists().where(same_photo, OPINIONS.c.who == person)


def saw_verdict(person: str) -> "ColumnElement[bool]":
    """Return whether the log has that a photo's verdict was shown to a person: there, or in a report they took."""
    shown = and_(LOG.c.act == "opened", LOG.c.photo == PHOTOS.c.number)
    taken = and_(LOG.c.act == "exported", LOG.c.at >= PHOTOS.c.at)
    return exists().where(LOG.c.case_id == PHOTOS.c.case_id, LOG.c.who == person, or_(shown, taken))


def examined_by(person: str) -> "ColumnElement[bool]":
    """Return whether a person took a photo over from a run, where its verdict stood to be seen."""
    return and_(PHOTOS.c.source.startswith(FROM_RUN), PHOTOS.c.who == person)
