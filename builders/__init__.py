"""From raw upstream corpora to instruction records: the data half of llm-japanese-dataset.

The way of a record: `catalogue` names the corpora a config needs, `download` hands over their raw files, a corpus's
`read` turns them into Arrow batches, `records` turns those into instruction, input and output, `build` writes them.
"""

from __future__ import annotations

__version__ = "1.0.0"
