"""A local page to look at a built dataset before training on it: counts, records, raw rows, what was rejected and why.

`server` is the way in. The modules, from the outside in: `server` speaks HTTP and guards it, `pages` answers each
address, `charts` and `texts` turn numbers and texts into what templates show; `records`, `marks`, `rejected` and `raw`
read what is asked for; `selection` says which records are meant, and in which files they lie.

Nothing is written, and nothing of it leaves the machine. `space` writes the same pages as a static Space for the Hub, in
which the reader's browser does what `records`, `marks` and `rejected` do here, with the JavaScript of `libraries`.
"""
