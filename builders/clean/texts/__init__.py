"""Texts of records as they are compared: what the corpus gave, normalized, as arrays, and the way back to the text."""
