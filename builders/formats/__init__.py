"""Readers that know a file format and no corpus. Their errors are `builders.errors.FormatError`."""
