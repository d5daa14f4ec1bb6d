"""The styling of the page Reach."""

STYLE = """<style>
.tt-reach {border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums;}
.tt-reach th {text-align: left; font-weight: 400; opacity: .82; padding: .2rem .5rem; white-space: nowrap;}
.tt-reach td {padding: .35rem .5rem; vertical-align: middle; border-top: 1px solid rgba(127, 127, 127, .3);}
.tt-reach .tt-num {text-align: right; white-space: nowrap;}
.tt-reach .tt-harm {font-weight: 600;}
.tt-reach .tt-pic {width: 64px;}
.tt-reach .tt-pic img, .tt-reach .tt-blank {width: 56px; height: 56px; object-fit: contain; border-radius: 2px;
           background: rgba(127, 127, 127, .14); display: block;}
.tt-reach .tt-blank {font-size: .7rem; display: flex; align-items: center; text-align: center; line-height: 1.15;}
.tt-reach p {margin: 0;}
.tt-reach .tt-what {width: 34%; min-width: 12rem;}
.tt-reach .tt-chance {white-space: nowrap;}
.tt-reach a {color: inherit; text-decoration: underline; text-underline-offset: 2px;}
.tt-reach .tt-part {display: flex; height: 6px; margin-top: .25rem; min-width: 5.5rem; border-radius: 2px;
           overflow: hidden; background: rgba(127, 127, 127, .28); gap: 1px;}
.tt-formula {font-size: 1rem; line-height: 1.5; margin: 0; overflow-wrap: anywhere;}
@media (max-width: 760px) {
  .tt-reach thead {display: none;}
  .tt-reach, .tt-reach tbody {display: block;}
  .tt-reach tr {display: grid; grid-template-columns: 1.8rem 64px 1fr; gap: .1rem .5rem; padding: .5rem 0;
           border-top: 1px solid rgba(127, 127, 127, .3);}
  .tt-reach td {display: block; border: 0; padding: 0; grid-column: 3;}
  .tt-reach td.tt-place {grid-column: 1; grid-row: 1;}
  .tt-reach td.tt-pic {grid-column: 2; grid-row: 1 / span 5;}
  .tt-reach td.tt-num {text-align: left; white-space: normal;}
  .tt-reach .tt-what {width: auto; min-width: 0;}
  .tt-reach td.tt-place.tt-num {text-align: right;}
  .tt-reach td[data-label]::before {content: attr(data-label) ": "; opacity: .82; font-weight: 400;}
}
</style>"""
