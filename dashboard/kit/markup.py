"""Names come from strangers: nothing here lets them act as markup."""

import html
import re

from pipeline.words.readable import plain, short

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=@\"'])")


def escaped(text: str) -> str:
    """Return text that markdown shows letter by letter."""
    return _MARKUP.sub(r"\\\1", plain(text))


def html_name(name: str) -> str:
    """Return a name for use inside HTML: nothing in it is markup any more."""
    return html.escape(short(name, 120))
