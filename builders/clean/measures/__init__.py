"""How well each rule does: one module per rule, whose `measure()` gives rows for `builders.clean.evaluate`."""
