"""Colours (Okabe–Ito) and the little styling that streamlit's theme does not reach."""

import streamlit as st

COLOURS = {"deepfake": "#D55E00", "facetune": "#CC79A7", "real": "#0072B2", "inconclusive": "#7F7F7F"}
"""One a label; each always goes with a word and a shape of its own."""

_STYLE = """<style>
.stMainBlockContainer {padding: 4.2rem clamp(1rem, 2.5vw, 3rem) 3rem;}
.tt-head {font-weight: 600; font-size: .97rem; line-height: 1.3; margin: 0;}
.tt-shape {display: inline-block; width: 1.2em; font-size: 1.05em;}
.tt-name {overflow-wrap: anywhere; font-size: .875rem; line-height: 1.35; margin: .15rem 0 0;}
.tt-file {font-weight: 500; margin-top: .35rem;}
.tt-small {font-size: .8125rem; line-height: 1.4; opacity: .82; margin: .15rem 0 0;}
.tt-bar {position: relative; height: 10px; margin: .45rem 0 .2rem; border-radius: 2px;
         background: rgba(127, 127, 127, .28);}
.tt-fill {position: absolute; inset: 0 auto 0 0; border-radius: 2px;}
.tt-band {position: absolute; top: 0; bottom: 0;
          background: repeating-linear-gradient(45deg, rgba(127,127,127,.55) 0 3px, transparent 3px 6px);}
.tt-mark {position: absolute; top: -3px; bottom: -3px; width: 2px; margin-left: -1px; background: currentColor;}
.tt-line {display: flex; align-items: center; gap: .5rem; font-size: .875rem; margin-top: .25rem;}
.tt-line span {width: 28px; height: 14px; border: 2px solid #fff; outline: 2px solid #000; border-radius: 6px;
  background: #7f7f7f; flex: none;}
.tt-scale {height: 12px; border-radius: 2px; border: 1px solid rgba(127, 127, 127, .6);}
.tt-ends {display: flex; justify-content: space-between; font-size: .8125rem; font-variant-numeric: tabular-nums;}
.tt-facts {display: grid; grid-template-columns: fit-content(45%) 1fr; gap: .2rem .8rem; font-size: .875rem;
           margin: 0 !important; padding: 0 !important;}
.tt-facts dt {opacity: .82;}
.tt-facts dd {margin: 0 !important; overflow-wrap: anywhere; font-variant-numeric: tabular-nums;}
[data-testid="stCaptionContainer"] {color: inherit; opacity: .82;}
.tt-reading {font-size: 1.3rem; font-weight: 600; line-height: 1.3; margin: 0;}
.st-key-gallery img, .st-key-samples img {height: 9.5rem; width: 100%; object-fit: contain;
         background: rgba(127, 127, 127, .14); border-radius: 2px;}
.st-key-samples img {height: 8rem;}
button:focus-visible, a:focus-visible {outline: 3px solid #E69F00 !important; outline-offset: 2px;}
</style>"""


LOGO = """<svg xmlns="http://www.w3.org/2000/svg" width="132" height="32" viewBox="0 0 132 32">
<rect x="2" y="6" width="20" height="20" rx="3" fill="none" stroke="#3D8FC4" stroke-width="2.5"/>
<path d="M7 21 L12 11 L17 21 Z" fill="#D55E00"/>
<text x="32" y="23" font-family="system-ui, sans-serif" font-size="20" font-weight="600" fill="#3D8FC4">Telltale</text>
</svg>"""


def ink() -> str:
    """Return the colour of text in the theme that the page is seen in."""
    return "#E6EBF0" if st.context.theme.type == "dark" else "#1B2530"


def add_style() -> None:
    """Add the name and the styling to the page; call once a run."""
    st.logo(LOGO, size="large")
    st.html(_STYLE)
