"""What lives on between two runs of a page: the address, caches, runs.

Only here, and in a page's own `cached.py` and `address.py`, are session_state, query_params and st.cache_* touched.
Everything worth keeping lies on disk (`pipeline.casebook.runs`): here are only references and caches.
"""
