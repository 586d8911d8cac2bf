"""The curated edition of a built dataset.

`run` is the whole; `pieces`, `inspect`, `decide`, `write` and `marks` are its steps; `settings` says which rules there are.
What they decide by: `rules` (one function a rule), `overlap` (benchmarks), `duplicates`, `pairs` (translations), all of
them over `texts`. How well they do: `evaluate`, with `measures` and the data in `labelled`.
"""
