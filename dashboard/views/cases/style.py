"""The styling of the page Cases."""

STYLE = """<style>
.tt-shares {display: flex; height: 12px; border-radius: 2px; overflow: hidden; margin: .5rem 0 .25rem; gap: 1px;
            background: rgba(127, 127, 127, .28);}
.tt-shares span {min-width: 3px;}
.tt-counts {display: flex; flex-wrap: wrap; gap: .1rem .9rem; font-size: .8125rem; line-height: 1.5; margin: 0;
            font-variant-numeric: tabular-nums;}
.tt-title {font-weight: 600; font-size: 1.05rem; line-height: 1.3; margin: 0; overflow-wrap: anywhere;}
.tt-about {font-size: .875rem; line-height: 1.4; margin: .2rem 0 0; overflow-wrap: anywhere; display: -webkit-box;
           -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden;}
.tt-tags {display: flex; flex-wrap: wrap; gap: .25rem; margin: .35rem 0 0;}
.tt-tags span {font-size: .78rem; line-height: 1.35; padding: 0 .45rem; border-radius: 1rem; overflow-wrap: anywhere;
               border: 1px solid rgba(127, 127, 127, .6);}
.tt-tags .tt-flag {border-style: dashed; font-weight: 600;}
.tt-case-name {font-size: 1.6rem; font-weight: 600; line-height: 1.25; margin: 0; overflow-wrap: anywhere;}
.st-key-case-photos img {height: 9.5rem; width: 100%; object-fit: contain; background: rgba(127, 127, 127, .14);
           border-radius: 2px;}
.tt-nothing {height: 9.5rem; display: flex; align-items: center; justify-content: center; font-size: .8125rem;
             background: rgba(127, 127, 127, .14); border-radius: 2px; opacity: .82;}
</style>"""
