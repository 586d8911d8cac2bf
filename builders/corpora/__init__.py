"""One module per corpus; `builders.catalogue` finds them by looking in this package."""
